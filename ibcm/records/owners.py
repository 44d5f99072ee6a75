"""Names of processes that hold leases and claims, so that what a dead process held is free at once."""

import os
import socket
import uuid
from functools import cache
from pathlib import Path


def owner_id() -> str:
    """`host/pid/start/random`: one per process, the same at every call."""
    return _owner(os.getpid())


def task_owner() -> str:
    """As `owner_id`, but another at every call: for leases that two threads of one process must not share."""
    return f"{owner_id()}#{uuid.uuid4().hex[:8]}"


def is_gone(owner: str) -> bool:
    """True only when the holder is a process of this machine that is known to have ended."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != _host() or not parts[1].isdigit():
        return False
    pid = int(parts[1])
    return not _alive(pid) or _started(pid) != parts[2]


@cache
def _owner(pid: int) -> str:
    return f"{_host()}/{pid}/{_started(pid)}/{uuid.uuid4().hex[:8]}"


@cache
def _host() -> str:
    """Host and boot: a container that came back under its old name is another machine."""
    return f"{socket.gethostname().replace('/', '_')[:60]}@{_boot()}"


def _boot() -> str:
    """Where Linux tells it, the identity of this boot and of this process namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        return f"{boot}-{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OSError):
        return True
    return True


def _started(pid: int) -> str:
    """When the process started, in clock ticks after boot, so that a reused pid is not taken for its predecessor."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
