"""Find the server of a home and let it perform a command."""

import contextlib
import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ibcm.domain.errors import IbcmError
from ibcm.home import Home
from ibcm.relay.protocol import PING_PATH, RUN_PATH, TOKEN_HEADER, Writer

PING_SECONDS, READY_SECONDS = 3.0, 20.0
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


@dataclass(frozen=True, slots=True)
class Server:
    """A running `up`."""

    host: str
    port: int
    pid: int
    token: str

    @property
    def address(self) -> str:
        return address(self.host, self.port)

    def run(self, command: str, arguments: Sequence[str], *, cwd: str, out: Writer, err: Writer) -> int:
        """Its exit code; what it writes is passed on as it comes. Raises IbcmError when the server goes away."""
        asked = json.dumps({"command": command, "arguments": list(arguments), "cwd": cwd})
        for message in self._messages(asked):
            if "exit" in message:
                return int(message["exit"])
            for name, writer in (("out", out), ("err", err)):
                if name in message:
                    writer.write(message[name])
                    writer.flush()
        raise self._gone()

    def _messages(self, asked: str) -> Iterator[dict[str, Any]]:
        """What the server sends. Errors of the network are the server's end; those of our own output are not."""
        with self._connection(None) as connection:
            try:
                connection.request("POST", RUN_PATH, asked, {**self._headers(), "Content-Type": "application/json"})
                response = connection.getresponse()
                lines = iter(response)
            except (OSError, http.client.HTTPException) as error:
                raise self._gone() from error
            if response.status != http.client.OK:
                raise IbcmError(f"the running server at {self.address} refused the command ({response.status})")
            while True:
                try:
                    message = json.loads(next(lines))
                except StopIteration:
                    return
                except (OSError, http.client.HTTPException, ValueError) as error:
                    raise self._gone() from error
                yield message

    def alive(self) -> bool:
        """Does it answer, and to our token?"""
        with (
            self._connection(PING_SECONDS) as connection,
            contextlib.suppress(OSError, http.client.HTTPException, ValueError),
        ):
            connection.request("GET", PING_PATH, headers=self._headers())
            response = connection.getresponse()
            return response.status == http.client.OK and json.loads(response.read())["pid"] == self.pid
        return False

    def readiness(self) -> dict[str, Any]:
        """What /readyz says; empty when it does not answer."""
        with (
            self._connection(READY_SECONDS) as connection,
            contextlib.suppress(OSError, http.client.HTTPException, ValueError),
        ):
            connection.request("GET", "/readyz")
            said = json.loads(connection.getresponse().read())
            return said if isinstance(said, dict) else {}
        return {}

    @contextlib.contextmanager
    def _connection(self, timeout: float | None) -> Iterator[http.client.HTTPConnection]:
        with contextlib.closing(http.client.HTTPConnection(self.host, self.port, timeout=timeout)) as connection:
            yield connection

    def _headers(self) -> dict[str, str]:
        return {TOKEN_HEADER: self.token}

    def _gone(self) -> IbcmError:
        return IbcmError(
            f"the server at {self.address} stopped before the command ended: start it, and repeat the command"
        )


def find(home: Home) -> Server | None:
    """The server that runs on this home, if one answers."""
    info = home.up_info()
    if info is None:
        return None
    host = str(info["host"])
    server = Server(EVERY_ADDRESS.get(host, host), int(info["port"]), int(info["pid"]), home.token())
    return server if server.alive() else None


def address(host: str, port: int) -> str:
    """As a person types it into a browser."""
    shown = EVERY_ADDRESS.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
