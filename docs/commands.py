"""Writes docs/commands.md from the commands' own help: `python docs/commands.py`, or `make docs`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
INTRODUCTION = """\
# Commands

Made from `manage.py COMMAND --help` by `make docs`; change the commands, not this page. Called as
`.venv/bin/python manage.py COMMAND`.

Data goes to standard output, talk to standard error. The exit code is 0, 1 when it failed, 2 for a wrong usage. All
state lives under `IBCM_HOME` (`var/` unless set). While `up` runs on a home, the other commands reach it over loopback
and say so; without it a command takes the home for itself, and waits while another one has it.
"""


def page() -> str:
    """The whole page as it should be."""
    from ibcm.commands import FOLDER, command_named

    names = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
    sections = [INTRODUCTION]
    for name in names:
        command = command_named(name)
        if command is not None:
            help_text = command.create_parser("manage.py", name).format_help().strip()
            sections.append(f"## {name}\n\n```text\n{help_text}\n```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    import django

    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
