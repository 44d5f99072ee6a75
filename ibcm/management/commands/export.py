"""Take out what may leave."""

from collections.abc import Iterator
from typing import Any

from django.core.management import CommandParser
from django.utils import timezone

from ibcm import export_formats, exporting, wiring
from ibcm.commands import HomeCommand, UsageError, Writer
from ibcm.files import written


class Command(HomeCommand):
    help = (
        "Write every entity that may be exported, with the records, licences and attributions behind it. --canonical "
        "writes lines without ids and clocks: two homes with the same records write the same. How many records of "
        "which licence left, and how many did not and why, is told at the end."
    )
    example = "manage.py export --format geojson --out places.geojson"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=list(export_formats.FORMATS), help="jsonl unless given")
        parser.add_argument("--canonical", action="store_true", help="for comparing homes")
        parser.add_argument(
            "--licence", nargs="+", default=[], metavar="ID", help="only what is under these, such as CC0-1.0 CC-BY-4.0"
        )
        parser.add_argument("--for-training", action="store_true", help="only what terms let a model be trained on")
        parser.add_argument("--out", metavar="FILE", help="standard output unless given")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["canonical"] and options["format"]:
            raise UsageError("--canonical has a form of its own: leave --format out")
        count = exporting.Count()
        lines = _lines(options, count)
        if not options["out"]:
            for line in lines:
                out.write(line + "\n")
            _tell(count, err)
            return None
        path = self.path(options, options["out"])
        with written(path) as file:
            number = sum(1 for line in lines if file.write(f"{line}\n".encode()))
        err.write(f"{number:,} lines in {path}\n")
        _tell(count, err)
        return None


def _tell(count: exporting.Count, err: Writer) -> None:
    for line in count.lines() or ["there is nothing to export"]:
        err.write(f"{line}\n")


def _lines(options: dict[str, Any], count: exporting.Count) -> Iterator[str]:
    ledger, now = wiring.ledger(), timezone.now()
    policies = ledger.policies()
    choice = exporting.Choice(licences=frozenset(options["licence"]), training=options["for_training"])
    if options["canonical"]:
        return exporting.canonical(ledger, policies=policies, now=now, choice=choice, count=count)
    found = exporting.entities(ledger, policies=policies, now=now, choice=choice, count=count)
    return export_formats.FORMATS[options["format"] or "jsonl"](found, wiring.scope(), count)
