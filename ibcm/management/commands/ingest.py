"""Take in a source or files."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management import CommandParser

from ibcm import working
from ibcm.commands import HomeCommand, UsageError, Writer, positive
from ibcm.jobs.models import Job
from ibcm.sources.report import IngestReport


class Command(HomeCommand):
    help = (
        "Take in a source by its name (`manage.py sources` lists them), or files: records (*.jsonl, *.jsonl.gz) as "
        "they are, other formats (CSV, TSV, JSON lines, GeoJSON, GTFS) with --mapping. Waits, tells progress, counts."
    )
    example = "manage.py ingest file hospitals.csv --mapping docs/examples/hospitals.yaml"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", help="name of a source, or `file`")
        parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders, after `file`")
        parser.add_argument("--mapping", metavar="MAP.YAML", help="how the columns of a file become records")
        parser.add_argument("--city", action="append", default=[], help="only this city; may be repeated")
        parser.add_argument("--sector", action="append", default=[], help="only this sector; may be repeated")
        parser.add_argument("--since", type=moment, help="only what was said since this day or time (ISO 8601)")
        parser.add_argument("--limit", type=positive, help="at most so many records")
        parser.add_argument("--detach", action="store_true", help="print the job's id and do not wait")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        kind, arguments = self._job(options)
        if options["detach"]:
            out.write(f"{working.submit(kind, arguments).pk}\n")
            return None
        try:
            _tell(working.work(kind, arguments, err), out)
        except working.JobNotDoneError as failed:
            _tell(failed.job, out)
            raise
        return None

    def _job(self, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        arguments: dict[str, Any] = {
            "cities": options["city"],
            "sectors": options["sector"],
            "since": options["since"].isoformat() if options["since"] else None,
            "limit": options["limit"],
        }
        if options["source"] != "file":
            if options["paths"] or options["mapping"]:
                raise UsageError(
                    f"paths and --mapping are for files: `ingest file PATH…`, or `ingest {options['source']}` alone"
                )
            return "ingest_source", {"source": options["source"], **arguments}
        if not options["paths"]:
            raise UsageError("`ingest file` needs at least one path")
        paths = [str(self.path(options, path)) for path in options["paths"]]
        mapping = str(self.path(options, options["mapping"])) if options["mapping"] else None
        return "ingest_files", {"paths": paths, "mapping": mapping, **arguments}


def _tell(job: Job, out: Writer) -> None:
    if job.result:
        out.write("".join(f"{line}\n" for line in IngestReport(**job.result).lines()))


def moment(text: str) -> datetime:
    """A day means its beginning; a time without a zone is UTC."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day or time: write 2026-01-31 or 2026-01-31T18:30:00+05:30") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)
