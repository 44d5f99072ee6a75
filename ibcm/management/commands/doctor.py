"""Examine this installation."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management import CommandParser

from ibcm.commands import IbcmCommand, Writer
from ibcm.doctor import examine

SIGNS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


class Command(IbcmCommand):
    help = "Look at home, versions, engines, model, disk, memory and port, and say what to do about what is wrong."
    example = "manage.py doctor"
    checks_settings = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:  # noqa: ARG002 - nothing to talk about
        found = []
        for finding in examine():
            found.append(finding)
            if not options["json"]:
                out.write(f"{SIGNS[finding.state]} {finding.part:<9} {finding.message}\n")
                out.flush()
        if options["json"]:
            out.write(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False) + "\n")
        return 1 if any(finding.state == "wrong" for finding in found) else 0
