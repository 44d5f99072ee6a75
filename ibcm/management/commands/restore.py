"""A home from a backup."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management import CommandParser

from ibcm import wiring
from ibcm.backup.restoring import restore
from ibcm.commands import IbcmCommand, Writer
from ibcm.domain.errors import IbcmError
from ibcm.records.journal import NAME
from ibcm.relay import client
from ibcm.terminal import FAILED, Steps


class Command(IbcmCommand):
    help = (
        "Put a backup into an empty home: the database, then what was deleted since is taken out and what has expired "
        "is purged, and graph and index are built from it. Nothing is served before all of it is done; one that was "
        "cut off is repeated."
    )
    example = "IBCM_HOME=/srv/ibcm manage.py restore ibcm-2026-03-01.zip --since /srv/ibcm-old"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="made by `manage.py backup`")
        parser.add_argument(
            "--deletions", metavar="FILE", action="append", default=[],
            help=f"a journal of what was deleted since, {NAME} of a home; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--since", metavar="HOME", action="append", default=[], help="as --deletions, from that home"
        )

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        journals = [self.path(options, file) for file in options["deletions"]]
        journals += [_journal(self.path(options, home)) for home in options["since"]]
        home = wiring.home()
        server = client.find(home)
        if server:
            raise IbcmError(f"IBCM is running on {home.path} at {server.address}: stop it, or name an empty home")
        with ExitStack() as stack:
            stack.enter_context(home.locked("manage.py restore"))
            stack.callback(wiring.close_all)
            home.need_room()
            done = restore(self.path(options, options["file"]), deletions=journals, progress=Steps(err))
        out.write(
            f"{done.records:,} records as of {done.made}; {done.deleted:,} that were deleted or had expired since are "
            f"gone\n"
        )
        if done.left:
            err.write(f"{done.left:,} differences are left in graph and index: run `manage.py drift --repair`\n")
            return FAILED
        return None


def _journal(home: Path) -> Path:
    """A home without deletions has none."""
    found = home / NAME
    if not found.exists():
        raise IbcmError(f"there is no {NAME} in {home}: nothing was deleted there, or it is no home of IBCM")
    return found
