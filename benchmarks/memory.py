"""Memory of the whole process tree of a running `up` (Linux).

`python -m benchmarks.memory --home var [--seconds 60] [--questions q.jsonl --url http://127.0.0.1:8000]` finds the
process by the home (or take `--pid`), adds up PSS and RSS of it and all its children once a second, and prints the
highest and the last sum and each process's share. With questions it asks them meanwhile, so that it is the memory of
a server at work.
"""

import argparse
import json
import threading
import time
from pathlib import Path

from benchmarks.running import ask, memory, tree
from benchmarks.score_answers import read_lines


def main(arguments: list[str] | None = None) -> int:
    """Sample, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var"), help="home of the running `up` (default: var)")
    parser.add_argument("--pid", type=int, help="the process itself, instead of its home")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--questions", type=Path, help="asked while measuring")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    given = parser.parse_args(arguments)
    pid = given.pid or int(json.loads((given.home / "run" / "up.json").read_text(encoding="utf-8"))["pid"])
    asker = threading.Thread(target=_ask_all, args=(given.url, given.questions), daemon=True)
    if given.questions:
        asker.start()
    highest = (0, 0)
    end = time.monotonic() + given.seconds
    while time.monotonic() < end or asker.is_alive():
        now = summed(pid)
        highest = (max(highest[0], now[0]), max(highest[1], now[1]))
        time.sleep(1.0)
    print(f"highest: {highest[0] / 1024:.0f} MiB PSS, {highest[1] / 1024:.0f} MiB RSS")
    print("\n".join(shares(pid)))
    return 0


def summed(pid: int) -> tuple[int, int]:
    """(PSS, RSS) of the tree in KiB."""
    each = [memory(one) for one in tree(pid)]
    return sum(pss for pss, _ in each), sum(rss for _, rss in each)


def shares(pid: int) -> list[str]:
    """The last sum, and one line a process."""
    pss, rss = summed(pid)
    lines = [f"last:    {pss / 1024:.0f} MiB PSS, {rss / 1024:.0f} MiB RSS"]
    for one in tree(pid):
        shown = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:70]
        lines.append(f"  {memory(one)[0] / 1024:7.0f} MiB PSS  {one}  {shown}")
    return lines


def _ask_all(url: str, questions: Path) -> None:
    for question in read_lines(questions):
        ask(url, question)


if __name__ == "__main__":
    raise SystemExit(main())
