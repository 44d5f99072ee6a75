"""A job that takes a while, for workers that are killed (`celery … --include tests.servers.slow_jobs`).

`python -m tests.servers.slow_jobs submit FILE STEPS` prints the id of a new one; `reclaim` does what beat does.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from ibcm.jobs import services
from ibcm.jobs.context import JobContext
from ibcm.jobs.handlers import HANDLERS

KIND = "write_slowly"
STEP_SECONDS = 0.1


def write_slowly(arguments: Mapping[str, Any], context: JobContext) -> dict[str, Any]:
    """A line for each step that is not there yet: repeating it goes on where it was left."""
    path, steps = Path(arguments["path"]), int(arguments["steps"])
    path.touch()
    while (done := len(path.read_text(encoding="utf-8").splitlines())) < steps:
        context.check()
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{done}\n")
        context.progress(done + 1, steps, "writing")
        time.sleep(STEP_SECONDS)
    return {"steps": steps}


HANDLERS[KIND] = write_slowly


def main() -> None:
    if sys.argv[1] == "submit":
        job = services.submit(KIND, {"path": sys.argv[2], "steps": int(sys.argv[3])})
        sys.stdout.write(f"{job.pk}\n")
    else:
        sys.stdout.write(f"{services.reclaim()}\n")


if __name__ == "__main__":
    main()
