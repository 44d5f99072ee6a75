"""Where knowledge comes from."""

import json
from typing import Any

from django.core.management import CommandParser

from ibcm.commands import HomeCommand, Writer
from ibcm.sources import services
from ibcm.tables import table

COLUMNS = ["source", "origin", "records", "licence", "keeps", "trust", "last_ended", "last_error", "name"]


class Command(HomeCommand):
    help = "List sources with their terms, how many records they gave, and how their last run went."
    example = "manage.py sources --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, with every term")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:  # noqa: ARG002 - nothing to talk about
        listed = services.sources()
        if options["json"]:
            out.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
        else:
            out.write(table([_row(source) for source in listed], COLUMNS))
        return None


def _row(source: dict[str, Any]) -> dict[str, Any]:
    policy = source["policy"]
    days = policy.get("retention_days")
    keeps = "nothing" if policy.get("transient") else "no limit" if days is None else f"{days} days"
    licence = policy.get("licence") or "per record"
    return {**source, **{key: policy.get(key) for key in ("name", "trust")}, "licence": licence, "keeps": keeps}
