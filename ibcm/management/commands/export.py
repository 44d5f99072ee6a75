"""Take out what may leave."""

from collections.abc import Iterator
from typing import Any

from django.core.management import CommandParser
from django.utils import timezone

from ibcm import exporting, wiring
from ibcm.commands import HomeCommand, UsageError, Writer


class Command(HomeCommand):
    help = (
        "Write every entity that may be exported, with the records, licences and attributions behind it. --canonical "
        "writes lines without ids and clocks: two homes with the same records write the same."
    )
    example = "manage.py export --format geojson --out places.geojson"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=list(exporting.FORMATS), help="jsonl unless given")
        parser.add_argument("--canonical", action="store_true", help="for comparing homes")
        parser.add_argument("--out", metavar="FILE", help="standard output unless given")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["canonical"] and options["format"]:
            raise UsageError("--canonical has a form of its own: leave --format out")
        lines = _lines(options)
        if not options["out"]:
            for line in lines:
                out.write(line + "\n")
            return None
        path = self.path(options, options["out"])
        draft = path.with_name(f".{path.name}.part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                written = sum(1 for line in lines if file.write(line + "\n"))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        err.write(f"{written:,} lines in {path}\n")
        return None


def _lines(options: dict[str, Any]) -> Iterator[str]:
    ledger, now = wiring.ledger(), timezone.now()
    policies = ledger.policies()
    if options["canonical"]:
        return exporting.canonical(ledger, policies=policies, now=now)
    found = exporting.entities(ledger, policies=policies, now=now)
    return exporting.FORMATS[options["format"] or "jsonl"](found, wiring.scope())
