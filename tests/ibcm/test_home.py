"""The home: made once, ours alone, one owner at a time."""

import json
import multiprocessing
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from ibcm.domain.errors import ConfigurationError
from ibcm.home import MARKER, Home, HomeBusyError

SECRETS = ("secret_key", "token", "admin_password")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").prepare()


def test_a_new_home_is_for_its_owner_alone(home: Home) -> None:
    made = [home.secret_key(), home.token(), home.admin_password()]
    assert len(set(made)) == 3
    assert min(map(len, made)) >= 20
    assert home.path.stat().st_mode & 0o077 == 0
    for name in (*SECRETS, MARKER):
        assert (home.path / name).stat().st_mode & 0o077 == 0, name


def test_secrets_are_made_once(home: Home) -> None:
    again = Home(home.path).prepare()
    assert (again.secret_key(), again.token()) == (home.secret_key(), home.token())


def test_nothing_is_left_beside_a_secret(home: Home) -> None:
    home.token()
    assert not [entry.name for entry in home.path.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("content", ["", "   \n"])
def test_an_empty_secret_is_refused(home: Home, content: str) -> None:
    (home.path / "token").write_text(content)
    with pytest.raises(ConfigurationError, match="is empty: remove it"):
        home.token()


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="holds other files"):
        Home(tmp_path).prepare()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("marker", ["", "{", "[]", '{"version": "one"}', '{"version": null}', "\x00\xff"])
def test_a_damaged_marker_is_said(home: Home, marker: str) -> None:
    (home.path / MARKER).write_text(marker)
    with pytest.raises(ConfigurationError, match="is damaged"):
        Home(home.path).prepare()


def test_a_newer_home_is_refused(home: Home) -> None:
    (home.path / MARKER).write_text(json.dumps({"version": 99}))
    with pytest.raises(ConfigurationError, match="newer IBCM"):
        Home(home.path).prepare()


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="set IBCM_HOME to a folder"):
        Home(tmp_path / "file").prepare()


def test_a_full_disk_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(ConfigurationError, match="only 5 MB are free"):
        home.need_room()


def test_the_lock_has_one_owner_and_names_it(home: Home) -> None:
    named = rf"`manage.py up` \(process {os.getpid()}\)"
    with home.locked("manage.py up"), pytest.raises(HomeBusyError, match=named), home.locked("other"):
        pytest.fail("two owners")
    with home.locked("other"):
        assert "other" in home.holder()


def _hold_and_die(path: Path, ready: "multiprocessing.synchronize.Event") -> None:
    with Home(path).locked("doomed"):
        ready.set()
        os._exit(1)


def test_the_lock_of_a_dead_process_is_free(home: Home) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    child = context.Process(target=_hold_and_die, args=(home.path, ready))
    child.start()
    child.join(20)
    with home.locked("after"):
        assert "after" in home.holder()


def test_waiting_for_the_lock_is_said_once(home: Home) -> None:
    told: list[str] = []
    with home.locked("first"), pytest.raises(HomeBusyError), home.locked("second", wait=0.5, tell=told.append):
        pytest.fail("two owners")
    assert len(told) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_what_up_left_unreadable_counts_as_nothing(home: Home, text: str) -> None:
    home.up_file.write_text(text)
    assert home.up_info() is None


def test_up_leaves_its_address(home: Home) -> None:
    told = {"pid": 1, "host": "127.0.0.1", "port": 8000}
    home.write_up_info(told)
    home.write_up_info(told)
    assert home.up_info() == told
    home.forget_up()
    assert home.up_info() is None


def test_a_home_whose_first_start_was_killed_is_a_home(tmp_path: Path) -> None:
    (tmp_path / f".{MARKER}.17.0a1b").write_text("", encoding="utf-8")
    Home(tmp_path).prepare()
    assert (tmp_path / MARKER).exists()
