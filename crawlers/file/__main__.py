"""Convert tables into record files, or check record files: `python -m crawlers.file PATH… [--mapping map.yaml]`.

Records go to stdout, one JSON object a line; what was rejected, and the counts, to stderr. With `--policies FILE` the
sources' terms are written there, ready to lie beside the records as source.yaml. Exit 0, or 1 when a path, mapping or
policy cannot be used, or when not one record came out.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import yaml

from crawlers.base import Rejected
from crawlers.file import policies_for, read_files
from ibcm.domain.errors import IbcmError
from ibcm.domain.records import SourceRecord

SHOWN = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m crawlers.file", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--mapping", type=Path)
    parser.add_argument("--policies", type=Path, help="write the sources' terms to this file")
    options = parser.parse_args()
    try:
        return _convert(options.paths, options.mapping, options.policies)
    except IbcmError as error:
        _say(f"error: {error}")
        return 1


def _convert(paths: list[Path], mapping: Path | None, policies: Path | None) -> int:
    counts: Counter[str] = Counter()
    for item in read_files(paths, mapping, policies={}):
        if isinstance(item, SourceRecord):
            counts[item.kind] += 1
            sys.stdout.write(json.dumps(item.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) + "\n")
        elif isinstance(item, Rejected):
            counts["rejected"] += 1
            if counts["rejected"] <= SHOWN:
                _say(f"{item.where}: {item.shown}")
    if policies is not None:
        terms = {
            slug: terms.model_dump(mode="json", exclude_defaults=True)
            for slug, terms in policies_for(paths, mapping).items()
        }
        policies.write_text(yaml.safe_dump(terms, allow_unicode=True, sort_keys=False), encoding="utf-8")
    _say(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing")
    return 0 if set(counts) - {"rejected"} else 1


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
