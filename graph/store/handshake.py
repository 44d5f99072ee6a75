"""Is there a Bolt server that still works? Cheap enough to ask every few seconds, with a limit that always holds."""

import socket

_HELLO = bytes.fromhex("6060b017 00000404 00000004 00000003 00000000")
"""Bolt's magic number and the versions 4.4, 4.0 and 3.0; the server answers with the one it takes."""


def answers(host: str, port: int, timeout: float) -> bool:
    """Whether the server agrees on a protocol version within `timeout` seconds.

    Accepting the connection proves nothing, since the kernel does that for a hung process too; the answer comes from
    the server's own threads. The driver has no limit on waiting for a server, so it cannot be used for this.
    """
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.sendall(_HELLO)
            return any(connection.recv(4))
    except OSError:
        return False
