"""What the measuring scripts share: run a command on a home of its own, talk to a server, look at its process tree."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 900.0
STOP_SECONDS = 30.0


def command(*arguments: str, root: Path = ROOT, python: str = sys.executable) -> list[str]:
    """The argument list of one `manage.py` command."""
    return [python, str(root / "manage.py"), *arguments]


def environment(home: Path | None, **more: str) -> dict[str, str]:
    """This process's variables, with another home; models are shared unless IBCM_MODELS says otherwise."""
    found = {**os.environ, **more}
    if home is not None:
        found["IBCM_HOME"] = str(home)
    return found


def manage(home: Path | None, *arguments: str, root: Path = ROOT, python: str = sys.executable) -> str:
    """Run one command to its end and return its stdout. Raises RuntimeError with its last words when it fails."""
    done = subprocess.run(
        command(*arguments, root=root, python=python), env=environment(home), cwd=root, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr.decode(errors='replace')[-2_000:]}")
    return done.stdout.decode()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get_json(url: str, timeout: float = 10.0) -> tuple[int, Any]:
    """Status and decoded body; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 - an address given on the command line
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError):
            return error.code, json.load(error)
        return error.code, None
    except (OSError, ValueError):
        return 0, None


def ask(url: str, request: Mapping[str, Any], timeout: float = 120.0) -> dict[str, Any]:
    """One answer by REST; waits a moment when the server says that it is asked too fast."""
    asked = {key: request[key] for key in ("question", "city", "sector", "domain", "language") if request.get(key)}
    body = json.dumps(asked).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    while True:
        sent = urllib.request.Request(f"{url.rstrip('/')}/api/v1/ask", body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(sent, timeout=timeout) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(float(error.headers.get("Retry-After") or 1))


@contextlib.contextmanager
def server(start: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A running `up`, stopped as Ctrl-C would; what it prints goes to stderr."""
    process = subprocess.Popen(list(start), cwd=cwd, env=dict(env), stdout=sys.stderr, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(url: str, path: str, process: subprocess.Popen[bytes], seconds: float = READY_SECONDS) -> float:
    """Seconds until `path` answers 200. Raises RuntimeError when the server ends first or it takes too long."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        if get_json(f"{url}{path}")[0] == 200:
            return time.monotonic() - start
        time.sleep(0.2)
    raise RuntimeError(f"{path} did not answer 200 in {seconds:.0f} s")


def tree(pid: int) -> list[int]:
    """The process and all its descendants (Linux)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def memory(pid: int) -> tuple[int, int]:
    """(PSS, RSS) of one process in KiB: PSS shares out pages that several processes use."""
    said: dict[str, int] = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            said[name] = int(rest.split()[0])
    return said.get("Pss", 0), said.get("Rss", 0)


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]
