"""One root for every error that a user may see as a sentence instead of a stack trace."""


class IbcmError(Exception):
    """Something went wrong that a person can act on: the message says what to do next."""


class RecordError(IbcmError):
    """A record that cannot be taken. `line` is 1-based; `field` is a dotted path or empty.

    As text it never says a value, for errors end up where nothing is purged. `quoting` is the same with the value, for
    whoever may see it (`crawlers.base.Rejected`).
    """

    def __init__(self, message: str, *, field: str = "", line: int | None = None, quoting: str = "") -> None:
        self.message, self.field, self.line, self._quoting = message, field, line, quoting
        super().__init__(self._placed(message))

    @property
    def quoting(self) -> str:
        """What is wrong, with the value."""
        return self._placed(self._quoting or self.message)

    def at(self, line: int) -> "RecordError":
        """The same error, named with its line."""
        return RecordError(self.message, field=self.field, line=line, quoting=self._quoting)

    def _placed(self, told: str) -> str:
        parts = (f"line {self.line}" if self.line else "", self.field and f"field {self.field}")
        where = ", ".join(part for part in parts if part)
        return f"{where}: {told}" if where else told


class PolicyError(IbcmError):
    """A source without terms: nothing may be stored before somebody says what is allowed."""


class ConfigurationError(IbcmError):
    """Settings that cannot work together, or a file of configuration that is wrong."""


class EngineError(IbcmError):
    """A graph or vector engine did not do what was asked. `transient` says whether trying again may help."""

    def __init__(self, message: str, *, transient: bool = False) -> None:
        self.transient = transient
        super().__init__(message)


class ModelMissing(IbcmError):  # noqa: N818 - it reads as the fact that it states
    """A model folder is absent or damaged; the message names the command that brings it."""


class IndexMismatch(IbcmError):  # noqa: N818 - it reads as the fact that it states
    """The index was built by another embedder or schema; the message names the command that rebuilds it."""


WITHHELD = "(withheld: it may quote what a source says)"
QUOTING = ("ValueError", "DataError")
"""What libraries raise about a value that they cannot take, with the value in their message."""


def as_kept(error: BaseException) -> str:
    """An error as it may stand in logs and rows, which outlive the terms of what it may quote."""
    if isinstance(error, IbcmError):
        return str(error)
    quoting = any(kind.__name__ in QUOTING for kind in type(error).__mro__)
    return f"{type(error).__name__}: {WITHHELD if quoting else error}".strip(": ")
