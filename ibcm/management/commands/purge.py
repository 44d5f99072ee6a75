"""Keep the terms of the sources."""

from typing import Any

from ibcm import working
from ibcm.commands import HomeCommand, Writer


class Command(HomeCommand):
    help = (
        "Drop what may not be kept any longer: fields and records whose time is over, from records, history, graph, "
        "index and stored answers. A running server does it every hour."
    )
    example = "manage.py purge"
    goes_on = True

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:  # noqa: ARG002 - takes none
        out.write(working.summary(working.work("purge", {}, err)))
        return None
