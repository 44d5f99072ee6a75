"""Whether graph and index hold what the records say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management import CommandParser

from ibcm import working
from ibcm.commands import HomeCommand, Writer, positive
from ibcm.terminal import FAILED


class Command(HomeCommand):
    help = (
        "Compare graph and index with the records: every node by its revision, and every node, edge, record and "
        "passage by its content. Exit code 1: something is otherwise. A running server does it every hour for a part, "
        "and puts right what it finds."
    )
    example = "manage.py drift --repair"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what is found, then compare once more")
        parser.add_argument("--sample", type=positive, metavar="N", help="by content only so many entities (all)")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        job = working.work("drift", {"sample": options["sample"], "repair": options["repair"]}, err)
        result = {name: value for name, value in (job.result or {}).items() if name != "last"}
        out.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n" if options["json"] else _told(result))
        if not result["left"]:
            return None
        if not options["repair"]:
            err.write("`manage.py drift --repair` puts it right\n")
        return FAILED


def _told(result: Mapping[str, Any]) -> str:
    return "".join(f"{line}\n" for line in _lines(result))


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    yield "compared: " + ", ".join(f"{number:,} {part}" for part, number in result["checked"].items())
    for kind, number in result["found"].items():
        yield f"{kind}: {number:,}"
    for one in result["shown"]:
        yield f"  {one['part']} {one['fault']}: {one['what']}"
    if "marked" in result:
        yield f"put right: {sum(result['found'].values()) - result['left']:,}, left: {result['left']:,}"
    elif not result["found"]:
        yield "no drift"
