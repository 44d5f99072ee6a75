"""Everything in one process: web, worker, beat, embedded graph and index."""

import os
import time
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandParser, call_command

from ibcm import boot, serving, wiring
from ibcm.commands import IbcmCommand, Writer, port
from ibcm.domain.errors import ConfigurationError, IbcmError
from ibcm.home import HomeBusyError
from ibcm.relay import client

NAME = "manage.py up"
FIRST_ANSWER_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.3


class Command(IbcmCommand):
    help = (
        "Serve questions on this machine: web pages, REST, background work, the embedded graph and index, all in "
        "this one process. The first start takes in the bundled open data. Ctrl-C stops everything."
    )
    example = "PORT=8010 manage.py up"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default=settings.IBCM_HOST, help="address to listen on (IBCM_HOST; loopback unless told)"
        )
        parser.add_argument("--port", type=port, default=settings.IBCM_PORT, help="port to listen on (PORT)")
        parser.add_argument("--without-bundled", action="store_true", help="do not take in the bundled sources")

    def perform(self, out: Writer, err: Writer, /, **options: Any) -> int | None:
        if settings.IBCM_PROFILE != "laptop":
            raise ConfigurationError(
                "`up` is for the laptop profile: in a cluster start `uvicorn ibcm.asgi:application` and "
                "`celery -A ibcm.celery worker` (and one `celery -A ibcm.celery beat`)"
            )
        home = wiring.home()
        code = 0
        with ExitStack() as stack:
            _take_home(stack, err)
            home.refuse_half_restored()
            place = serving.bind(options["host"], options["port"])
            home.need_room()
            err.write(f"home {home.path}\n")
            call_command("migrate", verbosity=0, interactive=False)
            if make_admin():
                err.write(f"made the user admin for {client.address(options['host'], options['port'])}admin/: ")
                err.write(f"the password is in {home.password_file()}\n")
            home.write_up_info({"pid": os.getpid(), "host": options["host"], "port": options["port"]})
            stack.callback(home.forget_up)
            start = boot.Boot(
                out,
                err,
                address=client.address(options["host"], options["port"]),
                with_bundled=not options["without_bundled"],
            )
            serving.serve(place, start.run)
            code = start.code
            err.write("stopped\n")
        serving.leave(code)
        return code


def _take_home(stack: ExitStack, err: Writer) -> None:
    """The home's lock. Raises IbcmError when another `up` has it; waits for any other command."""
    home, told, deadline = wiring.home(), False, time.monotonic() + FIRST_ANSWER_SECONDS
    while True:
        try:
            stack.enter_context(home.locked(NAME))
        except HomeBusyError:
            other = client.find(home)
            if other:
                raise IbcmError(f"IBCM is already running on {home.path}: ask at {other.address}") from None
            if NAME in home.holder() and time.monotonic() > deadline:
                raise
            if not told:
                err.write(f"waiting for {home.holder()} …\n")
                told = True
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return


def make_admin() -> bool:
    """Create the first administrator, with the home's password. False when there is one."""
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True).exists():
        return False
    users.create_superuser(username="admin", password=wiring.home().admin_password())
    return True
