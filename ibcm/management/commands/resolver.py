"""By which weights records become one entity."""

import json
from typing import Any

from django.core.management import CommandParser
from django.utils import timezone

from ibcm import wiring, working
from ibcm.commands import HomeCommand, UsageError, Writer
from ibcm.records import snapshots
from ibcm.tables import table

SHOWN = 10


class Command(HomeCommand):
    help = (
        "refit: fit weights to the records that are known here, without labels, and show what they would change; "
        "--apply puts them to use. use VERSION: judge every pair by these weights (`shipped`, or one that refit made). "
        "list: all of them. Decisions of curators stand whatever the weights say."
    )
    example = "manage.py resolver refit"
    goes_on = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["refit", "use", "list"], help="what to do")
        parser.add_argument("weights", nargs="?", metavar="VERSION", help="for `use`: which weights")
        parser.add_argument("--apply", action="store_true", help="for `refit`: put the new weights to use at once")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if (options["action"] == "use") != bool(options["weights"]):
            raise UsageError("`resolver use VERSION` takes a version, `refit` and `list` take none")
        if options["action"] == "list":
            _list(out, as_json=options["json"])
        elif options["action"] == "use":
            out.write(working.summary(working.work("resolver_use", {"version": options["weights"]}, err)))
        else:
            result = working.work("resolver_refit", {"apply": options["apply"]}, err).result or {}
            result["examples"] = _named(result.get("examples", []))
            out.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n" if options["json"] else _told(result))
            if not options["apply"]:
                err.write(f"nothing was changed: `manage.py resolver use {result['version']}` puts them to use\n")
        return None


def _list(out: Writer, *, as_json: bool) -> None:
    listed = snapshots.listed()
    if as_json:
        out.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        return
    rows = [{**one, "active": "yes" if one["active"] else "", "made": one["made"] or "shipped"} for one in listed]
    out.write(table(rows, ["version", "active", "made"]))


def _named(examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the names that the records have now: what is kept of a refit does not quote them."""
    refs = {ref for one in examples for ref in (one["left"], one["right"])}
    known = wiring.ledger().citable(refs, now=timezone.now())
    names = {ref: str(stored.record.data.get("name", "")) for ref, stored in known.items()}
    return [{**one, "names": [names.get(one["left"], ""), names.get(one["right"], "")]} for one in examples]


def _told(result: dict[str, Any]) -> str:
    """What would change, in words and examples."""
    lines = [f"weights {result['version']}: {result['pairs']:,} pairs looked at"]
    lines += [f"  {label}: fitted to {one['pairs']:,} pairs" for label, one in result["fitted"].items()]
    lines += [f"  {change}: {count:,} pairs" for change, count in result["changed"].items()] or ["  no pair changes"]
    for one in result["examples"][:SHOWN]:
        names = " / ".join(one["names"])
        lines.append(
            f"    {one['now']} -> {one['then']} ({one['probability']:.2f})  {names}  {one['left']} {one['right']}"
        )
    return "\n".join(lines) + "\n"
