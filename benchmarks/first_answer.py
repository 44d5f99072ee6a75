"""From a fresh clone to the first cited answer, with the downloads told apart; then a second start.

`python -m benchmarks.first_answer --question "Which airport serves Pune?" --city pune [--repository .] [--keep DIR]`
clones the repository, runs `make setup` (installs packages), `manage.py models pull` (models), then `manage.py up` as
`make run` does, until the question has a cited answer; stops it, starts it again, and measures to the first answer
once more. Packages and models are downloads; everything else is ours. PIP_ARGS and other variables are passed on;
IBCM_HOME and IBCM_MODELS are not, because a stranger has neither.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.running import ROOT, ask, free_port, server, wait_until


def main(arguments: list[str] | None = None) -> int:
    """Clone, set up, ask, start again, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_answer", description=__doc__)
    parser.add_argument("--question", default="Which airport serves Pune?")
    parser.add_argument("--city")
    parser.add_argument("--repository", default=str(ROOT), help="what to clone (default: this checkout's last commit)")
    parser.add_argument("--keep", type=Path, help="clone here and leave it; a temporary folder otherwise")
    given = parser.parse_args(arguments)
    env = {name: value for name, value in os.environ.items() if name not in ("IBCM_HOME", "IBCM_MODELS")}
    with tempfile.TemporaryDirectory() as folder:
        clone = given.keep or Path(folder) / "clone"
        steps = {"clone": _run(["git", "clone", "-q", given.repository, str(clone)], Path.cwd(), env)}
        steps["packages (make setup)"] = _run(["make", "setup"], clone, env)
        python = str(clone / ".venv" / "bin" / "python")
        steps["models (manage.py models pull)"] = _run([python, "manage.py", "models", "pull"], clone, env)
        request = {"question": given.question, "city": given.city}
        steps |= {f"first start: {name}": taken for name, taken in _start(python, clone, env, request).items()}
        steps |= {f"second start: {name}": taken for name, taken in _start(python, clone, env, request).items()}
    for name, taken in steps.items():
        print(f"{taken:8.1f} s  {name}")
    first, second = steps["first start: to a cited answer"], steps["second start: to a cited answer"]
    print(f"\nfresh clone to first cited answer, downloads apart: {steps['clone'] + first:.1f} s")
    print(f"second start to first answer: {second:.1f} s")
    return 0


def _run(step: list[str], cwd: Path, env: Mapping[str, str]) -> float:
    start = time.monotonic()
    subprocess.run(step, cwd=cwd, env=dict(env), check=True, stdout=sys.stderr)
    return time.monotonic() - start


def _start(python: str, clone: Path, env: Mapping[str, str], request: Mapping[str, str | None]) -> dict[str, float]:
    """Seconds from the start of `up` until it listens, answers with a citation, and is wholly ready."""
    port, begun = free_port(), time.monotonic()
    url, more = f"http://127.0.0.1:{port}", {**env, "PORT": str(port)}
    with server([python, "manage.py", "up"], cwd=clone, env=more) as process:
        wait_until(url, "/healthz", process)
        taken = {"until it listens": time.monotonic() - begun}
        cited = False
        while not cited:
            if process.poll() is not None:
                raise RuntimeError(f"`up` ended with {process.returncode}")
            try:
                cited = bool(ask(url, request).get("citations"))
            except OSError:
                cited = False
            time.sleep(0 if cited else 0.2)
        taken["to a cited answer"] = time.monotonic() - begun
        wait_until(url, "/readyz", process)
        return {**taken, "until all is ready": time.monotonic() - begun}


if __name__ == "__main__":
    raise SystemExit(main())
