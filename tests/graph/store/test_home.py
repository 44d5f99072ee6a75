"""The engine's folder: whose it is, who uses it, what is said about it."""

import os
import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from graph.store.home import GraphHome, HomeLock
from ibcm.domain.errors import EngineError


def test_a_new_home_gets_private_folders_and_one_password(tmp_path: Path) -> None:
    home = GraphHome(tmp_path / "home")
    home.create()
    first = home.password()
    assert len(first) > 20
    assert home.password() == first
    assert home.password_file.stat().st_mode & 0o777 == 0o600
    assert home.folder.stat().st_mode & 0o077 == 0
    home.create()


def test_a_lost_password_is_replaced_together_with_the_engines_users(tmp_path: Path) -> None:
    home = GraphHome(tmp_path)
    home.create()
    first = home.password()
    users = home.folder / "config" / "server-users.jsonl"
    users.parent.mkdir()
    users.write_text("{}")
    home.password_file.unlink()
    assert home.password() != first
    assert not users.exists()


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "thesis.doc").write_text("mine")
    with pytest.raises(EngineError, match="holds something that is no graph of IBCM"):
        GraphHome(tmp_path).create()
    assert [path.name for path in (tmp_path / "graph").iterdir()] == ["thesis.doc"]


def test_another_format_is_refused(tmp_path: Path) -> None:
    home = GraphHome(tmp_path)
    home.create()
    (home.folder / "format").write_text("ibcm-graph 7\n")
    with pytest.raises(EngineError, match="knows 'ibcm-graph 1'"):
        home.create()


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("")
    with pytest.raises(EngineError, match="cannot be used for the graph"):
        GraphHome(tmp_path).create()


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = GraphHome(tmp_path)
    home.create()
    monkeypatch.setattr("graph.store.home.MINIMUM_FREE", 2**62)
    with pytest.raises(EngineError, match=r"the disk of .* is full"):
        home.check_disk()


def test_a_second_owner_is_refused_at_once_and_told_who_is_first(tmp_path: Path) -> None:
    lock = HomeLock.take(tmp_path / "lock", seconds=0)
    with pytest.raises(EngineError, match=f"is in use by process {os.getpid()}"):
        HomeLock.take(tmp_path / "lock", seconds=60)
    lock.release()
    HomeLock.take(tmp_path / "lock", seconds=0).release()


def test_the_child_of_a_dead_owner_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = HomeLock.take(path, seconds=0)
    wait = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(wait, stdin=subprocess.PIPE, pass_fds=(lock.fd,)) as child:
        path.write_text(str(2**31 - 1))  # nobody has this process id
        lock.release()
        with pytest.raises(EngineError, match="in use"):
            HomeLock.take(path, seconds=0.3)
        child.communicate()
    HomeLock.take(path, seconds=5).release()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells that a process has ended unasked")
def test_an_owner_that_was_killed_and_is_not_collected_yet_is_dead(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = HomeLock.take(path, seconds=0)
    with subprocess.Popen([sys.executable, "-c", ""]) as owner:
        os.waitid(os.P_PID, owner.pid, os.WEXITED | os.WNOWAIT)
        path.write_text(str(owner.pid))
        threading.Timer(0.3, lock.release).start()
        HomeLock.take(path, seconds=10).release()


def test_the_last_complaint_of_the_log_is_its_innermost_cause(tmp_path: Path) -> None:
    home = GraphHome(tmp_path)
    home.create()
    assert home.last_log_line() == ""
    now = datetime.now().isoformat(" ", "milliseconds")  # noqa: DTZ005 - as the engine writes it
    log = home.logs / "graph-engine.log.0"
    log.write_text(
        f"2001-01-01 00:00:00.000 SEVER [Old] long ago\n{now} INFO  [Start] up\n"
        f"{now} WARNI [Bolt] query error\ncom.x.CommandException: Error executing\n\tat com.x.Y(Z.java:1)\n"
        "Caused by: java.lang.IllegalArgumentException: no such thing\n\tat com.x.Y(Z.java:2)\n\t... 6 more\n"
    )
    assert home.last_log_line() == "java.lang.IllegalArgumentException: no such thing"
    log.write_text("2001-01-01 00:00:00.000 SEVER [Old] long ago\n")
    assert home.last_log_line() == ""
