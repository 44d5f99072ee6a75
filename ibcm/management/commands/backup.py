"""Keep what is nowhere else."""

from typing import Any

from django.core.management import CommandParser

from ibcm.backup.making import make
from ibcm.commands import HomeCommand, Writer


class Command(HomeCommand):
    help = (
        "Write everything that cannot be made again into one file, readable by you alone, while a server goes on: "
        "records with their history, decisions, users, answers, and the journal of deletions. Graph, index and models "
        "are not in it, and no secrets of the home: `restore` makes them anew."
    )
    example = "manage.py backup ibcm-2026-03-01.zip"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where to; nothing of that name may be there")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        target = self.path(options, options["file"])
        err.write("copying the database …\n")
        manifest = make(target)
        told = ", ".join(f"{number:,} in {table}" for table, number in manifest.counts.items())
        out.write(f"{target}: {target.stat().st_size / 2**20:.1f} MB, {told}\n")
        return None
