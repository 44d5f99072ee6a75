"""Measure the product on data of one's own."""

import json
from typing import Any

from django.core.management import CommandParser

from ibcm import evaluating
from ibcm.commands import IbcmCommand, Writer

SHOWN = 10


class Command(IbcmCommand):
    help = (
        "Measure on files of your own; the home is neither read nor changed. resolution: which records are one thing. "
        "Writes pairs.csv (left,right,score,band,why), clusters.csv, the weights and metrics.json into --out."
    )
    example = "manage.py evaluate resolution --records hospitals/ --labelled pairs.csv --out report/"
    checks_settings = False

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
        resolution = kinds.add_parser("resolution", help="which records are one thing")
        resolution.add_argument("--records", nargs="+", required=True, metavar="PATH", help="record files or folders")
        resolution.add_argument("--gold", metavar="PAIRS.CSV", help="left,right: every pair that is one thing")
        resolution.add_argument(
            "--labelled", metavar="PAIRS.CSV", help="left,right,same: pairs that somebody judged; only they are counted"
        )
        resolution.add_argument("--out", required=True, metavar="DIR", help="folder for the report")
        resolution.add_argument(
            "--weights",
            default="fitted",
            metavar="WHICH",
            help="fitted (to these records), shipped, or a snapshot file",
        )

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        def path(name: str) -> Any:
            return self.path(options, options[name]) if options[name] else None

        weights = options["weights"]
        run = evaluating.resolution(
            [self.path(options, given) for given in options["records"]],
            path("out"),
            gold=path("gold"),
            labelled=path("labelled"),
            weights=weights if weights in {"fitted", "shipped"} else str(self.path(options, weights)),
            tell=lambda line: print(line, file=err),
        )
        for item in run.rejected[:SHOWN]:
            err.write(f"{item.where}: {item.shown}\n")
        if len(run.rejected) > SHOWN:
            err.write(f"… and {len(run.rejected) - SHOWN:,} more that could not be read\n")
        out.write(json.dumps(run.figures, indent=2) + "\n")
        return None
