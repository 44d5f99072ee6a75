"""The bundled sources are taken in when `up` first starts, and again only when what they are made of has changed."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from crawlers.packages import AS_OF
from crawlers.registry import BUNDLED
from ibcm import wiring, working
from ibcm.jobs import services as jobs
from ibcm.jobs.models import Job
from ibcm.readiness import readiness

KIND = "ingest_source"
NAME = "bundled.json"
STAGE = "sources"


class _Left(Exception):  # noqa: N818 - no error: the process ends
    """Somebody stops the process while a job is watched."""


def filled_before() -> bool:
    """Whether every bundled source has been taken in once, in whatever version."""
    return set(_slugs()) <= _stamps().keys()


def bring_up_to_date(say: Callable[[str], None], *, stopping: threading.Event) -> list[str]:
    """Take in what is new or has changed, one job after the other. Returns sentences about those that failed."""
    stamp, known = _stamp(), _stamps()
    stale = [slug for slug in _slugs() if known.get(slug) != stamp]
    problems = []
    for number, slug in enumerate(stale, start=1):
        say(f"taking in {slug} ({number} of {len(stale)})")
        try:
            job = _taken_in(slug, say, stopping=stopping)
        except _Left:
            break
        if job.state == Job.State.DONE:
            known[slug] = stamp
            _write(known)
            say(f"{slug}: {_counts(job)}")
        else:
            problems.append(
                f"{slug} could not be taken in ({job.error or job.state}): `manage.py ingest {slug}` tries it again"
            )
    return problems


def _taken_in(slug: str, say: Callable[[str], None], *, stopping: threading.Event) -> Job:
    """The ended job: one that an earlier start left open, else a new one."""
    arguments = {"source": slug}
    left = (job for job in jobs.open_jobs((KIND,)) if job.arguments == arguments)
    job = next(left, None) or jobs.submit(KIND, arguments)
    tell = working.Progress(_Sayer(f"  {slug}: ", say))

    def watch(now: Job) -> None:
        if stopping.is_set():
            raise _Left
        readiness.update(STAGE, "working", f"{slug}: {working.said(now)}", source=slug, **now.progress)
        tell(now)

    return jobs.wait(job.pk, watch=watch)


class _Sayer:
    """A writer of whole lines over `say`."""

    def __init__(self, prefix: str, say: Callable[[str], None]) -> None:
        self._prefix, self._say = prefix, say

    def write(self, text: str, /) -> None:
        self._say(self._prefix + text.rstrip("\n"))

    def flush(self) -> None:
        """Lines are said at once."""


def _counts(job: Job) -> str:
    result = job.result or {}
    told = ("read", "new", "changed", "unchanged", "rejected")
    return ", ".join(f"{name} {result[name]:,}" for name in told if isinstance(result.get(name), int))


def _slugs() -> list[str]:
    return [made.slug for made in (make() for make in BUNDLED)]


def _file() -> Path:
    return wiring.home().path / NAME


def _stamps() -> dict[str, str]:
    """Source -> what it was made of when it was taken in last. A lost or damaged file only means doing it again."""
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(stamps: dict[str, str]) -> None:
    draft = _file().with_suffix(".new")
    draft.write_text(json.dumps(stamps, indent=2), encoding="utf-8")
    draft.replace(_file())


def _stamp() -> str:
    """Of all that the bundled records follow from: package data, our code, the scope, and the year (for holidays)."""
    digest = hashlib.sha256()
    for part in (*(f"{name}=={version(name)}" for name in sorted(AS_OF)), str(timezone.now().year)):
        digest.update(part.encode())
    for file in _inputs():
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    for folder in ("crawlers", "ibcm/config"):
        yield from sorted(
            path for path in (settings.BASE_DIR / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"
        )
