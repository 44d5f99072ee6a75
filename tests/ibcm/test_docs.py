"""Pages that tell of the code are current."""

import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse words its help differently in other versions")
def test_the_page_of_commands_is_what_the_commands_say() -> None:
    wanted = runpy.run_path(str(DOCS / "commands.py"))["page"]()
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == wanted, "run `make docs`"


def test_every_variable_and_check_is_told() -> None:
    read = re.findall(r'_env\.\w+\(\s*"(\w+)"', (ROOT / "ibcm" / "settings.py").read_text(encoding="utf-8"))
    checks = re.findall(r'"(E\d{3})"', (ROOT / "ibcm" / "checks.py").read_text(encoding="utf-8"))
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`((?:IBCM_\w+|PORT))`", page)) | set(re.findall(r"`ibcm\.(E\d+)`", page))
    assert len(read) > 15
    assert told == set(read) | set(checks)
