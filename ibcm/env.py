"""Environment variables, read strictly: a value that cannot be understood is an error, never a silent default."""

import os
from collections.abc import Mapping
from pathlib import Path

from ibcm.domain.errors import ConfigurationError

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class Environment:
    """One look at the variables. Empty counts as absent."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`; the first is the default."""
        value = self.text(name, allowed[0])
        if value not in allowed:
            raise ConfigurationError(f"{name}={value!r} is not known: use {' or '.join(allowed)}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value and value not in TRUE | FALSE:
            raise ConfigurationError(f"{name}={value!r} is neither yes nor no: use 1 or 0")
        return value in TRUE if value else default

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            raise ConfigurationError(f"{name}={value!r} is not a whole number") from None
        if not low <= number <= high:
            raise ConfigurationError(f"{name}={number} is out of range: use {low} to {high}")
        return number

    def folder(self, name: str, default: Path) -> Path:
        value = self.text(name)
        return Path(value).expanduser().resolve() if value else default

    def words(self, name: str) -> list[str]:
        """Comma-separated."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]


def named_host(address: str) -> list[str]:
    """The host name under which a server on this address is called; none for "every address"."""
    return [] if address in ("0.0.0.0", "::", "") else [f"[{address}]" if ":" in address else address]  # noqa: S104
