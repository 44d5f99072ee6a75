"""Bring or list models."""

import json
from typing import Any

from django.conf import settings
from django.core.management import CommandParser

from ibcm.commands import IbcmCommand, Writer
from ibcm.tables import table


class Command(IbcmCommand):
    help = (
        "Bring a model (checked by its sha256; an interrupted download goes on), or list those that have a name here."
    )
    example = "manage.py models pull"
    checks_settings = False

    def add_arguments(self, parser: CommandParser) -> None:
        parsers = parser.add_subparsers(dest="action", required=True, metavar="pull|list")
        pull = parsers.add_parser("pull", help="bring a model; nothing happens when it is there")
        pull.add_argument(
            "name", nargs="?", default=settings.IBCM_EMBEDDER, help="the configured embedder unless given"
        )
        listing = parsers.add_parser("list", help="models by name, and whether they are there")
        listing.add_argument("--json", action="store_true", help="as JSON")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["action"] == "pull":
            from retrieval.models.pull import pull

            pull(options["name"], settings.IBCM_MODELS, progress=lambda line: _tell(err, line))
            return None
        rows = _models()
        columns = ["name", "state", "licence", "origin"]
        out.write(json.dumps(rows, indent=2) + "\n" if options["json"] else table(rows, columns))
        return None


def _tell(err: Writer, line: str) -> None:
    err.write(f"{line}\n")
    err.flush()


def _models() -> list[dict[str, object]]:
    from ibcm.domain.errors import ModelMissing
    from retrieval.models.manifest import check_files, read_manifest
    from retrieval.models.registry import MODELS

    rows: list[dict[str, object]] = []
    for name, spec in MODELS.items():
        folder = settings.IBCM_MODELS / spec.folder
        try:
            check_files(folder, read_manifest(folder), thorough=False)
            state = "ready"
        except ModelMissing:
            state = "damaged" if folder.exists() else "absent"
        in_use = " (in use)" if name == settings.IBCM_EMBEDDER else ""
        rows.append({"name": name, "state": state + in_use, "licence": spec.licence, "origin": spec.homepage})
    return rows
