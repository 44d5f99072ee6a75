"""Django's entry to commands, with our exit code for a command that there is none of."""

import sys

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand

WRONG_USAGE = 2


class Entry(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        try:
            return super().fetch_command(subcommand)
        except SystemExit:  # Django has said that there is none of that name
            raise SystemExit(WRONG_USAGE) from None


def execute() -> None:
    """Perform what the command line asks for."""
    Entry(sys.argv).execute()
