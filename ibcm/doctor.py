"""Examines an installation: each examination is one function that returns findings, and none of them raises."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from ibcm import wiring
from ibcm.checks import refuse_impossible_settings
from ibcm.domain.errors import IbcmError
from ibcm.home import ROOM_NEEDED, HomeBusyError
from ibcm.relay import client
from ibcm.serving import bind

State = Literal["ok", "note", "wrong"]
MEMORY_NEEDED = 2_560 * 2**20
"""Bytes that the laptop's processes take together when they are busy."""
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[a-z,]+\])?==([^\s;#]+)")


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    state: State
    message: str
    """What was found, and for anything but `ok` what to do."""


def examine() -> Iterator[Finding]:
    """Everything, as it is found out."""
    for part, look in EXAMINATIONS.items():
        try:
            yield from look()
        except (IbcmError, DatabaseError, OSError) as error:
            yield Finding(part, "wrong", str(error))


def profile() -> Iterator[Finding]:
    refuse_impossible_settings()
    yield Finding("settings", "ok", f"profile {settings.IBCM_PROFILE}, instance {settings.IBCM_INSTANCE}")


def versions() -> Iterator[Finding]:
    """Whether what is installed is what was pinned."""
    yield Finding("python", "ok", sys.version.split()[0])
    wrong = list(_unlike_pins(settings.BASE_DIR / "requirements.txt"))
    if wrong:
        yield Finding("packages", "wrong", f"{'; '.join(wrong)}: run `make setup`, which installs what is pinned")
    else:
        yield Finding("packages", "ok", "as pinned in requirements.txt")


def _unlike_pins(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        pin = PIN.match(line)
        if not pin:
            continue
        name, wanted = pin.groups()
        try:
            found = version(name)
        except PackageNotFoundError:
            yield f"{name} is missing"
            continue
        if found.partition("+")[0] != wanted.partition("+")[0]:
            yield f"{name} is {found} and not {wanted}"


def home() -> Iterator[Finding]:
    folder = wiring.home()
    loose = [name for name in ("secret_key", "token", "admin_password") if _readable_by_others(folder.path / name)]
    if loose:
        yield Finding("home", "wrong", f"others can read {', '.join(loose)} in {folder.path}: run `chmod 600` on it")
    else:
        yield Finding("home", "ok", str(folder.path))
    free = folder.free_bytes()
    state: State = "ok" if free >= 2 * ROOM_NEEDED else "note" if free >= ROOM_NEEDED else "wrong"
    advice = "" if state == "ok" else f": free some, at least {2 * ROOM_NEEDED // 2**20} MB are comfortable"
    yield Finding("disk", state, f"{free // 2**20:,} MB free{advice}")


def _readable_by_others(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o077)


def memory() -> Iterator[Finding]:
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), free)
    except (OSError, ValueError):
        yield Finding("memory", "note", "this system does not say how much is free: about 2.5 GB are needed")
        return
    enough = free >= MEMORY_NEEDED
    advice = "" if enough else f": about {MEMORY_NEEDED // 2**20:,} MB are needed, close other programs"
    yield Finding("memory", "ok" if enough else "note", f"{free // 2**20:,} MB available{advice}")


def database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            said = cursor.fetchone()[0]
            if said != "ok":
                yield Finding("database", "wrong", f"{wiring.home().database} is damaged ({said}): restore a backup")
                return
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    shown = f"{connection.vendor}, {f'{waiting} migrations wait for the next start' if waiting else 'up to date'}"
    yield Finding("database", "ok", shown)


def model() -> Iterator[Finding]:
    if settings.IBCM_EMBEDDER == "hashing":
        yield Finding("model", "note", "IBCM_EMBEDDER=hashing is for tests: unset it to find passages by meaning")
        return
    from retrieval.models.manifest import check_files, read_manifest
    from retrieval.models.registry import spec_of

    folder = settings.IBCM_MODELS / spec_of(settings.IBCM_EMBEDDER).folder
    check_files(folder, read_manifest(folder), thorough=True)
    yield Finding("model", "ok", f"{settings.IBCM_EMBEDDER} in {folder}")


def running() -> Iterator[Finding]:
    """The server of this home, or whether one could start; with nobody on the home, the engines are tried."""
    server = client.find(wiring.home())
    if server:
        yield Finding("server", "ok", f"runs at {server.address} (process {server.pid})")
        report = server.readiness()
        slow = [f"{stage['stage']} {stage['state']} {stage['message']}".strip() for stage in report.get("stages", ())]
        state: State = "ok" if report.get("ready") else "note"
        yield Finding(
            "ready", state, "yes" if state == "ok" else f"not yet: {', '.join(slow)}; see {server.address}readyz"
        )
        return
    try:
        with wiring.home().locked("manage.py doctor"):
            yield from _port()
            yield from _engines()
    except HomeBusyError as error:
        yield Finding("server", "note", str(error))


def _port() -> Iterator[Finding]:
    host, port = settings.IBCM_HOST, settings.IBCM_PORT
    bind(host, port).close()
    yield Finding("port", "ok", f"{port} on {host} is free")


def _engines() -> Iterator[Finding]:
    try:
        for part, open_it in (("graph", wiring.graph), ("index", wiring.vectors)):
            try:
                open_it()
            except IbcmError as error:
                yield Finding(part, "wrong", str(error))
            else:
                yield Finding(part, "ok", "opens")
    finally:
        wiring.close_all()


EXAMINATIONS: dict[str, Callable[[], Iterator[Finding]]] = {
    "settings": profile,
    "packages": versions,
    "home": home,
    "memory": memory,
    "database": database,
    "model": model,
    "server": running,
}
