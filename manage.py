#!/usr/bin/env python3
"""Every command of IBCM. `manage.py help` lists them."""

import os
import sys

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        print("IBCM needs Python %d.%d or newer, and this is %s." % (*OLDEST, sys.version.split()[0]), file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcm.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
