"""The graph as a projection."""

from typing import Any

from django.core.management import CommandParser

from ibcm import working
from ibcm.commands import HomeCommand, Writer


class Command(HomeCommand):
    help = (
        "Write every entity into the graph again from the records, and delete what the records know nothing of. "
        "Questions are answered meanwhile; one that was killed goes on where it was."
    )
    example = "manage.py graph rebuild"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild"], help="what to do")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:  # noqa: ARG002 - there is one action
        out.write(working.summary(working.work_alone("graph_rebuild", {}, err)))
        return None
