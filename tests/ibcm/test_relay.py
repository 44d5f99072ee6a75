"""Commands reach a running server over loopback: who is let in, what comes back, and what a caller who leaves stops."""

import http.client
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ibcm import serving, wiring
from ibcm.commands import HomeCommand
from ibcm.domain.errors import IbcmError
from ibcm.relay import client
from ibcm.relay import server as relay
from ibcm.relay.protocol import PING_PATH, RUN_PATH, TOKEN_HEADER, Writer

pytestmark = [pytest.mark.loopback, pytest.mark.django_db(transaction=True)]


class Told(HomeCommand):
    """A command for these tests: says what it was given."""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("words", nargs="*")
        parser.add_argument("--fail")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if options["fail"]:
            raise IbcmError(options["fail"])
        print(*options["words"], "at", options["cwd"], file=out)
        print("talk", file=err)
        out.write("no line end")
        return 7


class Endless(HomeCommand):
    """Writes until it is stopped."""

    ended = threading.Event()

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        try:
            while True:
                out.write("on and on\n")
        finally:
            self.ended.set()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[client.Server]:
    commands = {"told": Told, "endless": Endless}
    monkeypatch.setattr(relay, "command_named", lambda name: commands[name]() if name in commands else None)
    place, web = serving.bind("127.0.0.1", 0), serving.web()
    thread = threading.Thread(target=web.run, kwargs={"sockets": [place]}, daemon=True)
    thread.start()
    relay.serve(on=True)
    found = client.Server("127.0.0.1", place.getsockname()[1], os.getpid(), wiring.home().token())
    while not found.alive():
        time.sleep(0.05)
    yield found
    relay.serve(on=False)
    web.should_exit = True
    thread.join(10)
    place.close()
    assert not thread.is_alive()


def _run(server: client.Server, name: str, *arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = server.run(name, arguments, cwd="/somewhere", out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def _status(server: client.Server, method: str, path: str, token: str, body: str | None = None) -> int:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    connection.request(method, path, body, {TOKEN_HEADER: token})
    status = connection.getresponse().status
    connection.close()
    return status


def test_output_talk_and_exit_code_come_back(server: client.Server) -> None:
    assert _run(server, "told", "नमस्ते", "you") == (7, "नमस्ते you at /somewhere\nno line end", "talk\n")


def test_an_error_is_a_sentence_there_too(server: client.Server) -> None:
    assert _run(server, "told", "--fail", "The disk is full: free some.") == (1, "", "The disk is full: free some.\n")


@pytest.mark.parametrize("token", ["", "wrong", "नमस्ते".encode().decode("latin-1")])
def test_a_stranger_finds_nothing(server: client.Server, token: str) -> None:
    body = json.dumps({"command": "told", "arguments": [], "cwd": "/"})
    assert _status(server, "GET", PING_PATH, token) == 404
    assert _status(server, "POST", RUN_PATH, token, body) == 404


def test_the_door_is_shut_unless_up_serves(server: client.Server) -> None:
    relay.serve(on=False)
    assert _status(server, "GET", PING_PATH, server.token) == 404


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"command": "told"}', '{"command": "shell", "arguments": [], "cwd": "/"}']
)
def test_what_is_no_command_is_refused(server: client.Server, body: str) -> None:
    assert _status(server, "POST", RUN_PATH, server.token, body) == 400


def test_a_caller_who_leaves_stops_the_work(server: client.Server) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    body = json.dumps({"command": "endless", "arguments": [], "cwd": "/"})
    connection.request("POST", RUN_PATH, body, {TOKEN_HEADER: server.token})
    response = connection.getresponse()
    assert json.loads(response.readline())["out"].startswith("on and on\n")
    response.close()
    connection.close()
    assert Endless.ended.wait(10)


def test_what_goes_on_alone_is_not_stopped() -> None:
    stream = relay.Stream(goes_on=True)
    stream.leave()
    stream.put({"out": "nobody reads"})
    left = relay.Stream(goes_on=False)
    left.leave()
    with pytest.raises(relay.CallerGoneError):
        left.put({"out": "nobody reads"})


def test_a_server_that_is_gone_is_not_found(tmp_path: Path) -> None:
    place = serving.bind("127.0.0.1", 0)
    port = place.getsockname()[1]
    place.close()
    gone = client.Server("127.0.0.1", port, 1, "token")
    assert not gone.alive()
    with pytest.raises(IbcmError, match="stopped before the command ended"):
        gone.run("told", [], cwd=str(tmp_path), out=io.StringIO(), err=io.StringIO())


def test_a_port_in_use_is_a_sentence_with_another_one() -> None:
    with serving.bind("127.0.0.1", 0) as place:
        port = place.getsockname()[1]
        with pytest.raises(IbcmError, match=rf"port {port} on 127.0.0.1 cannot be used .*PORT={port + 1}"):
            serving.bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "http://127.0.0.1:8000/"), ("0.0.0.0", "http://127.0.0.1:8000/"), ("::1", "http://[::1]:8000/")],  # noqa: S104
)
def test_addresses_as_people_type_them(host: str, shown: str) -> None:
    assert client.address(host, 8000) == shown
