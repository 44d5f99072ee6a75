"""Variables are read strictly, and impossible mixtures are refused."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from ibcm.checks import profile_fits, refuse_impossible_settings
from ibcm.databases import database
from ibcm.domain.errors import ConfigurationError
from ibcm.env import Environment, named_host

CLUSTER = {
    "IBCM_NEO4J_URI": "bolt://graph:7687",
    "IBCM_QDRANT_URL": "http://vectors:6333",
    "IBCM_BROKER_URL": "redis://queue:6379/0",
    "IBCM_DATABASE_URL": "postgresql://ibcm:secret@rows/ibcm",
}


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("Yes", True), ("off", False), ("", True)])
def test_flags(value: str, meant: bool) -> None:
    assert Environment({"X": value}).flag("X", default=True) is meant


@pytest.mark.parametrize(
    "read",
    [
        lambda env: env.flag("X", default=True),
        lambda env: env.number("X", 1, low=1, high=9),
        lambda env: env.choice("X", ("laptop", "cluster")),
    ],
)
def test_what_cannot_be_understood_is_an_error_that_names_the_variable(read: Any) -> None:
    with pytest.raises(ConfigurationError, match="X='perhaps'"):
        read(Environment({"X": "perhaps"}))


def test_a_number_out_of_range() -> None:
    with pytest.raises(ConfigurationError, match="use 1 to 65535"):
        Environment({"PORT": "70000"}).number("PORT", 8000, low=1, high=65535)


def test_folders_and_words(tmp_path: Path) -> None:
    env = Environment({"HOME_OF": str(tmp_path / "a" / ".." / "b"), "WORDS": " one, two,,"})
    assert env.folder("HOME_OF", tmp_path) == tmp_path / "b"
    assert env.folder("ABSENT", tmp_path) == tmp_path
    assert env.words("WORDS") == ["one", "two"]


@pytest.mark.parametrize(
    ("address", "called"),
    [("0.0.0.0", []), ("::", []), ("10.0.0.7", ["10.0.0.7"]), ("fe80::1", ["[fe80::1]"])],  # noqa: S104 - not bound
)
def test_named_hosts(address: str, called: list[str]) -> None:
    assert named_host(address) == called


def test_sqlite_waits_for_writers() -> None:
    found = database("", Path("rows.sqlite3"))
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]


def test_postgresql_by_url() -> None:
    found = database("postgresql://us%40er:p%2Fw@rows.example:5433/ib%20cm?sslmode=require", Path("unused"))
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("us@er", "p/w", "ib cm")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("rows.example", 5433, {"sslmode": "require"})


@pytest.mark.parametrize("url", ["mysql://host/ibcm", "postgresql://host", "postgresql://host:port/ibcm", "ibcm"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="write it as postgresql://"):
        database(url, Path("unused"))


def test_a_whole_cluster_is_accepted(settings: Settings) -> None:
    settings.IBCM_PROFILE, settings.IBCM_SECRET_KEY_GIVEN = "cluster", True
    for name, value in CLUSTER.items():
        setattr(settings, name, value)
    assert profile_fits(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("IBCM_NEO4J_URI", "", "E001"),
        ("IBCM_QDRANT_URL", "", "E002"),
        ("IBCM_BROKER_URL", "memory://", "E003"),
        ("IBCM_DATABASE_URL", "", "E004"),
        ("IBCM_SECRET_KEY_GIVEN", False, "E005"),
    ],
)
def test_a_mixture_that_cannot_work_is_refused(settings: Settings, name: str, value: object, number: str) -> None:
    settings.IBCM_PROFILE, settings.IBCM_SECRET_KEY_GIVEN = "cluster", True
    for variable, good in CLUSTER.items():
        setattr(settings, variable, good)
    setattr(settings, name, value)
    assert [problem.id for problem in profile_fits(None)] == [f"ibcm.{number}"]
    with pytest.raises(ConfigurationError, match="set IBCM_"):
        refuse_impossible_settings()


def test_a_laptop_with_a_queue_elsewhere_is_refused(settings: Settings) -> None:
    settings.IBCM_BROKER_URL = "redis://queue"
    assert [problem.id for problem in profile_fits(None)] == ["ibcm.E006"]


def _manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """manage.py in a process of its own, as a person calls it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("IBCM_", "DJANGO_"))} | variables
    root = Path(__file__).parents[2]
    command = [sys.executable, str(root / "manage.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_a_cluster_passes_the_deployment_checks(tmp_path: Path) -> None:
    key = "k3y-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
    done = _manage(
        "check", "--deploy", "--fail-level", "WARNING", IBCM_HOME=str(tmp_path / "home"), IBCM_PROFILE="cluster",
        IBCM_SECRET_KEY=key, **CLUSTER,
    )  # fmt: skip
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


def test_a_bad_home_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = _manage("stats", IBCM_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "holds other files" in done.stderr
