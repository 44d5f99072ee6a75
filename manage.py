#!/usr/bin/env python3
"""Every command of IBCM. `manage.py help` lists them."""

import os
import sys

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        sys.stderr.write("IBCM needs Python 3.11 or newer, and this is %s.\n" % sys.version.split()[0])  # noqa: UP031 - old syntax for old Pythons
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
