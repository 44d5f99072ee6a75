"""The index as a projection."""

from typing import Any

from django.core.management import CommandParser

from ibcm import wiring, working
from ibcm.commands import HomeCommand, Writer


class Command(HomeCommand):
    help = (
        "rebuild: build the index again from the records, after another embedder was chosen or it was lost; the old "
        "one answers until the new one is whole. optimize: build its search structures now; answers may wait for some "
        "seconds meanwhile."
    )
    example = "manage.py index rebuild"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild", "optimize"], help="what to do")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["action"] == "rebuild":
            out.write(working.summary(working.work_alone("index_rebuild", {}, err)))
            return None
        store = wiring.vectors()
        err.write("building search structures …\n")
        store.optimize()
        out.write(f"{store.count():,} passages are ready to be searched\n")
        return None
