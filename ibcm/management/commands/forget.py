"""Delete what sources said, once and for all."""

from typing import Any

from django.core.management import CommandParser

from ibcm import working
from ibcm.commands import HomeCommand, Writer
from ibcm.records.forgetting import Chosen, Preview, preview


class Command(HomeCommand):
    help = (
        "Forget records (source:key), or everything that a source ever said (its slug): from records, history, graph, "
        "index, stored answers. Tells what would go; --yes does it. Taking in the same content again does not bring it "
        "back. Interrupted, it is finished by running it again."
    )
    example = "manage.py forget osm:node/1 old-directory --yes"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="+", metavar="SOURCE|SOURCE:KEY", help="what to forget")
        parser.add_argument("--yes", action="store_true", help="do it, instead of telling what would go")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        chosen = Chosen.of(options["names"])
        found = preview(chosen)
        out.write(told(found) + "\n")
        if not options["yes"]:
            err.write("nothing was changed: --yes forgets it for good\n")
            return None
        arguments = {"sources": list(chosen.sources), "refs": list(chosen.refs)}
        out.write(working.summary(working.work("forget", arguments, err)))
        return None


def told(found: Preview) -> str:
    """What would go, in a line."""
    return (
        f"{found.records:,} records ({found.living:,} of them current) with {found.versions:,} older versions, "
        f"of {found.entities:,} things"
    )
