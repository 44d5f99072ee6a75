#!/usr/bin/env python3
"""Every command of IBCM. `manage.py help` lists them."""

import os
import sys


def main():  # type: () -> int
    """Django's own entry, and sentences for what may be met before it: an old Python, missing packages, a bad home."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one line that an old Python must reach
        return complain("IBCM needs Python 3.11 or newer, and this is " + sys.version.split()[0])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    try:
        from ibcm.domain.errors import IbcmError
        from ibcm.entry import execute
    except ModuleNotFoundError as error:
        return missing(error)
    try:
        execute()
    except IbcmError as error:
        return complain(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("ibcm", "graph", "retrieval", "crawlers"):
            raise
        return missing(error)
    except KeyboardInterrupt:
        return complain("stopped")
    return 0


def missing(error):  # type: (ModuleNotFoundError) -> int
    return complain("the package " + str(error.name) + " is missing: run `make setup`, and use .venv/bin/python")


def complain(sentence):  # type: (str) -> int
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
