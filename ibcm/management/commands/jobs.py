"""What is being worked on, and what was."""

import json
import uuid
from typing import Any

from django.core.management import CommandParser
from django.utils import timezone

from ibcm import working
from ibcm.commands import HomeCommand, UsageError, Writer, positive
from ibcm.jobs import services
from ibcm.jobs.models import Job
from ibcm.tables import table

COLUMNS = ["id", "kind", "about", "state", "progress", "attempts", "seconds", "created", "error"]


class Command(HomeCommand):
    help = "List jobs, the newest first, with state, progress and error; --cancel stops one at its next step."
    example = "manage.py jobs --limit 5"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=positive, default=20, help="how many (20)")
        parser.add_argument("--cancel", metavar="ID", help="stop this job")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["cancel"]:
            services.cancel(_id(options["cancel"]))
            err.write("the job ends at its next step\n")
            return None
        rows = [_row(job) for job in services.recent(options["limit"])]
        out.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n" if options["json"] else table(rows, COLUMNS))
        return None


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise UsageError(f"{text!r} is no job's id: `manage.py jobs` lists them") from None


def _row(job: Job) -> dict[str, object]:
    now = timezone.now()
    seconds, (state, error) = job.seconds(now), services.standing(job, now)
    about = job.arguments.get("source") or ", ".join(job.arguments.get("paths", ()))
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "about": about,
        "state": state,
        "progress": working.said(job) if job.is_open else "",
        "attempts": job.attempts,
        "seconds": None if seconds is None else round(seconds, 1),
        "created": job.created.isoformat(timespec="seconds"),
        "error": error,
    }
