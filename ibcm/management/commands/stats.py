"""How much there is."""

import json
from typing import Any

from django.core.management import CommandParser

from ibcm import wiring
from ibcm.commands import HomeCommand, Writer
from ibcm.records import services
from ibcm.tables import table


class Command(HomeCommand):
    help = "Count records and entities by source, kind, label, city and sector, and what waits to be worked on."
    example = "manage.py stats --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:  # noqa: ARG002 - nothing to talk about
        figures: dict[str, Any] = {**services.stats(), "passages": wiring.vectors().count()}
        if options["json"]:
            out.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
            return None
        totals = [{"what": name, "number": value} for name, value in figures.items() if isinstance(value, int)]
        out.write(table(totals, ["what", "number"]))
        for name, value in figures.items():
            if isinstance(value, dict) and value:
                rows = [{name.replace("_", " "): key, "number": number} for key, number in value.items()]
                out.write("\n" + table(rows, [name.replace("_", " "), "number"]))
            elif isinstance(value, list) and value:
                out.write("\n" + table(value, list(value[0])))
        return None
