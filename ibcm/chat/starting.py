"""The stages of a start in words that a reader of the page understands."""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "database": "Database",
    "graph": "Graph",
    "index": "Text index",
    "model": "Language model",
    "embedder": "Language model",
    "sources": "Open data",
    "bundled": "Open data",
}
STATES = {"waiting": "waiting", "working": "working …", "done": "ready", "failed": "failed"}


def stages(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each stage with `name` and `shown`; `done` and `total` stay where the stage reports them."""
    return [
        {
            **stage,
            "name": NAMES.get(stage["stage"], stage["stage"].replace("_", " ").capitalize()),
            "shown": stage["message"] or STATES[stage["state"]],
        }
        for stage in report["stages"]
    ]
