"""Names that both ends share."""

from typing import Protocol

RUN_PATH, PING_PATH = "/_home/run", "/_home/ping"
TOKEN_HEADER = "X-IBCM-Token"  # noqa: S105 - the header's name


class Writer(Protocol):
    """What `print(..., file=writer)` needs, and all that a command may use."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...
