"""What the pages name is there: files, modules and what they define, tests, commands, targets of make."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
OURS = ("ibcm", "graph", "retrieval", "crawlers", "benchmarks", "tests", "templates", "docs", ".ci")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_PATH = re.compile(rf"(?<![\w/.<~-])(?:{'|'.join(map(re.escape, OURS))})/[^\s`,;:)('\"|]*")
_FILE = re.compile(r"(?<![\w/.<-])(?:[A-Za-z][\w-]*\.(?:toml|md)\b|manage\.py\b|requirements[\w-]*\.txt\b|Makefile\b)")
_NAME = re.compile(r"(?<![\w/.@:-])(?:ibcm|graph|retrieval|crawlers|benchmarks)(?:\.[A-Za-z_]\w*)+\b(?![/-])")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
_COMMAND = re.compile(r"manage\.py ([a-z_]+)")
_TARGET = re.compile(r"\bmake ([a-z-]+)")
FILES_OF_A_HOME = ("ibcm.sqlite3",)

page_by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def code(page: Path) -> str:
    """Everything on the page that is set as code."""
    return "\n".join(_CODE.findall(page.read_text(encoding="utf-8")))


@page_by_page
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = _LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


@page_by_page
def test_every_path_exists(page: Path) -> None:
    """A `*` stands for at least one file; a path with a `<placeholder>` in it is one that the reader makes."""
    named = {path.rstrip(".…") for path in _PATH.findall(code(page))} | set(_FILE.findall(code(page)))
    given = {path for path in named if "<" not in path and "…" not in path}
    assert not [path for path in sorted(given) if not _there(path, page.parent)]


def _there(path: str, beside: Path) -> bool:
    path = path.partition("::")[0]
    return bool(list(ROOT.glob(path))) if "*" in path else (ROOT / path).exists() or (beside / path).exists()


@page_by_page
def test_every_module_and_what_it_defines_exists(page: Path) -> None:
    named = set(_NAME.findall(code(page))) - set(FILES_OF_A_HOME)
    unknown = [name for name in sorted(named) if not re.fullmatch(r"ibcm\.E\d+", name) and not _defined(name)]
    assert not unknown


def _defined(dotted: str) -> bool:
    """A module or package, or something that one of ours defines or imports at its top."""
    parts, at = dotted.split("."), 0
    path = ROOT
    while at < len(parts) and (path / parts[at]).is_dir():
        path, at = path / parts[at], at + 1
    if at == len(parts):
        return True
    if (path / f"{parts[at]}.py").is_file():
        path, at = path / f"{parts[at]}.py", at + 1
    module = path if path.is_file() else path / "__init__.py"
    return at == len(parts) or (module.is_file() and parts[at] in _names(module))


@cache
def _names(module: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return frozenset(found)


@page_by_page
def test_every_test_that_is_named_exists(page: Path) -> None:
    named = set(_TEST.findall(code(page)))
    assert not [f"{file}::{test}" for file, test in sorted(named) if f"def {test}(" not in (ROOT / file).read_text()]


@page_by_page
def test_every_command_exists(page: Path) -> None:
    assert set(_COMMAND.findall(code(page))) <= get_commands().keys() | {"help"}


@page_by_page
def test_every_target_of_make_exists(page: Path) -> None:
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_TARGET.findall(code(page))) <= rules


def test_invariants_name_their_tests() -> None:
    rows = re.findall(r"^\| \d \|.*$", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 7
    assert all("`tests/" in row or "no test of its own yet" in row for row in rows)
