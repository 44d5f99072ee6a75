"""`manage.py up` as a person meets it: start, ask by every way in, a second start, Ctrl-C, and kill -9."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ibcm import serving

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
QUESTION = "Which airport is in Pune?"
START_SECONDS = 180.0
"""Generous: on a busy machine the first filling takes a while."""
STOP_SECONDS = 25.0


class Up:
    """A running server in a process of its own."""

    def __init__(self, home: Path) -> None:
        with serving.bind("127.0.0.1", 0) as place:
            self.port = place.getsockname()[1]
        self.home = home
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("IBCM_", "DJANGO_"))}
        self.env |= {"IBCM_HOME": str(home), "IBCM_EMBEDDER": "hashing", "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answered = response.status, response.read()
        connection.close()
        return answered

    def until_ready(self) -> dict[str, Any]:
        """What /readyz said last before it said yes."""
        before: dict[str, Any] = {}
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()
            try:
                status, body = self.request("GET", "/readyz")
            except OSError:
                time.sleep(0.1)
                continue
            if status == 200:
                return before
            before = json.loads(body)
            time.sleep(0.2)
        pytest.fail(f"not ready after {START_SECONDS:.0f} s: {before}")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def engine(self) -> int:
        """Process id of its graph engine."""
        found = [
            pid for pid, parent, words in _processes() if parent == self.process.pid and "graph.store.child" in words
        ]
        assert len(found) == 1, found
        return found[0]

    def stop(self, number: int) -> tuple[str, str, int]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=STOP_SECONDS)
        return out, err, self.process.returncode


def _processes() -> Iterator[tuple[int, int, str]]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent, words = line.split(None, 2)
        yield int(pid), int(parent), words


def _gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if pid not in {found for found, _, _ in _processes()}:
            return True
        time.sleep(0.1)
    return False


@contextmanager
def running(home: Path) -> Iterator[Up]:
    up = Up(home)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.process.kill()
            up.process.communicate(timeout=STOP_SECONDS)


def test_a_stranger_starts_it_asks_and_stops_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as up:
        before = up.until_ready()
        assert {stage["stage"] for stage in before["stages"]} == {"graph", "model", "index", "sources"}
        engine = up.engine()
        _asked_by_every_way(up)
        again = up.command("up")
        assert (again.returncode, f"ask at http://127.0.0.1:{up.port}/" in again.stderr) == (1, True), again
        out, err, code = up.stop(signal.SIGINT)
        assert (code, out) == (0, f"Ask at http://127.0.0.1:{up.port}/\n")
        assert "geonames: read" in err
        assert str(home / "admin_password") in err
        assert "Traceback" not in err
        assert _gone(engine, 1.0)
        assert not (home / "run" / "up.json").exists()

    with running(home) as up:
        up.until_ready()
        assert json.loads(up.request("POST", "/api/v1/ask", {"question": QUESTION})[1])["citations"]
        engine = up.engine()
        up.process.kill()
        up.process.communicate(timeout=STOP_SECONDS)
        assert _gone(engine, STOP_SECONDS), "the engine outlived its parent"

    with running(home) as up:
        up.until_ready()
        out, err, code = up.stop(signal.SIGTERM)
        assert (code, "taking in" in err, "Traceback" in err) == (0, False, False), err


def _asked_by_every_way(up: Up) -> None:
    status, body = up.request("POST", "/api/v1/ask", {"question": QUESTION, "city": "pune"})
    answer = json.loads(body)
    assert status == 200, answer
    assert not answer["abstained"], answer["missing"]
    assert answer["citations"][0]["record"].startswith("airports:")
    assert up.request("GET", "/")[0] == 200
    by_command = up.command("ask", QUESTION, "--json")
    assert (by_command.returncode, json.loads(by_command.stdout)["text"]) == (0, answer["text"])
    assert by_command.stderr == f"using the running server at http://127.0.0.1:{up.port}/\n"
    wrong = up.command("ask", QUESTION, "--city", "atlantis")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "There is no city 'atlantis'" in wrong.stderr
    seen = up.command("stats", "--json")
    assert json.loads(seen.stdout)["waiting"] == {"to_assign": 0, "to_project": 0}
