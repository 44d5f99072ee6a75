"""What all commands share: settings checked, errors as sentences, exit codes, and who performs them.

A `HomeCommand` works on the home's database, graph and index. While `manage.py up` runs, that process performs it
(ibcm.relay); else this process takes the home's lock, performs, and stops what it started.
"""

import time
from abc import ABC, abstractmethod
from argparse import SUPPRESS, ArgumentTypeError
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, load_command_class
from django.core.management.base import BaseCommand, CommandParser

from ibcm import wiring
from ibcm.checks import refuse_impossible_settings
from ibcm.home import HomeBusyError
from ibcm.relay import client
from ibcm.relay.protocol import Writer
from ibcm.terminal import FAILED, Formatter, Plain, UsageError, on_terminal

DJANGO_OPTIONS = frozenset(
    {"settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks", "version", "verbosity"}
)
WAIT_SECONDS = 0.3
LAST_PORT = 65535
FOLDER = Path(__file__).parent / "management" / "commands"


class IbcmCommand(BaseCommand, ABC):
    """A command of ours. Subclasses implement `perform`."""

    example = ""
    """Shown under `--help`."""
    requires_system_checks = ()
    """Django's checks print lists; ours are made in `handle`, where the outcome is a sentence."""
    checks_settings = True
    name: str = ""
    arguments: tuple[str, ...] = ()
    code: int = 0

    @abstractmethod
    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        """Do it. Data goes to `out`, talk to `err`; None and 0 mean that all went well.

        `options["cwd"]` is where the caller stands: paths are to be read from there (`path`).
        """

    @staticmethod
    def path(options: dict[str, Any], value: str) -> Path:
        """A file as the caller meant it."""
        return Path(options["cwd"], Path(value).expanduser()).resolve()

    def create_parser(self, prog_name: str, subcommand: str, **more: Any) -> CommandParser:
        epilog = f"example:\n  {self.example}" if self.example else None
        parser = super().create_parser(prog_name, subcommand, formatter_class=Formatter, epilog=epilog, **more)
        # argparse offers no other way to leave Django's own options out of the help.
        for action in parser._actions:
            if action.dest in DJANGO_OPTIONS:
                action.help = SUPPRESS
        return parser

    def parsed(self, name: str, arguments: list[str]) -> dict[str, Any]:
        """Options for `perform`. Raises CommandError for a wrong usage."""
        return _own(vars(self.create_parser("manage.py", name).parse_args(arguments)))

    def run_from_argv(self, argv: list[str]) -> None:
        self.name, self.arguments = argv[1], tuple(argv[2:])
        super().run_from_argv(argv)
        raise SystemExit(self.code)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        options = {**_own(options), "cwd": str(Path.cwd())}
        self.code = on_terminal(lambda: self._checked(options), Plain(self.stderr))
        if self.code and not self.name:
            raise CommandError("the command failed", returncode=self.code)

    def _checked(self, options: dict[str, Any]) -> int | None:
        if self.checks_settings:
            refuse_impossible_settings()
        return self.start(Plain(self.stdout), Plain(self.stderr), options)

    def start(self, out: Writer, err: Writer, options: dict[str, Any]) -> int | None:
        return self.perform(out, err, **options)


class HomeCommand(IbcmCommand):
    """A command that needs the home's engines or its database."""

    goes_on = False
    """Whether the running server finishes the work after its caller has gone."""

    def start(self, out: Writer, err: Writer, options: dict[str, Any]) -> int | None:
        if settings.IBCM_PROFILE == "cluster":
            return self._here(out, err, options)
        home, told = wiring.home(), False
        while True:
            server = client.find(home) if self.name else None
            if server:
                return self._there(server, out, err, options)
            with ExitStack() as stack:
                try:
                    stack.enter_context(home.locked(f"manage.py {self.name}".strip()))
                except HomeBusyError:
                    if not told:
                        err.write(f"waiting for {home.holder()} …\n")
                        told = True
                else:
                    return self._here(out, err, options)
            time.sleep(WAIT_SECONDS)

    def _there(self, server: client.Server, out: Writer, err: Writer, options: dict[str, Any]) -> int:
        err.write(f"using the running server at {server.address}\n")
        try:
            return server.run(self.name, self.arguments, cwd=options["cwd"], out=out, err=err)
        except KeyboardInterrupt:
            if not self.goes_on:
                raise
            err.write("left: the work goes on in the running server, `manage.py jobs` shows it\n")
            return FAILED

    def _here(self, out: Writer, err: Writer, options: dict[str, Any]) -> int | None:
        wiring.home().refuse_half_restored()
        wiring.home().need_room()
        call_command("migrate", verbosity=0, interactive=False)
        try:
            return self.perform(out, err, **options)
        finally:
            wiring.close_all()


def command_named(name: str) -> BaseCommand | None:
    """Our command of that name."""
    return load_command_class("ibcm", name) if name.isidentifier() and (FOLDER / f"{name}.py").is_file() else None


def _own(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in DJANGO_OPTIONS | {"stdout", "stderr"}}


__all__ = ["HomeCommand", "IbcmCommand", "UsageError", "Writer", "command_named"]


def positive(text: str) -> int:
    """For `type=` of an option: a whole number from 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def port(text: str) -> int:
    """For `type=` of an option: a port that a server can listen on."""
    if not text.strip().isdecimal() or not 1 <= int(text) <= LAST_PORT:
        raise ArgumentTypeError(f"{text!r} is no port: choose one from 1 to {LAST_PORT}, such as 8000")
    return int(text)
