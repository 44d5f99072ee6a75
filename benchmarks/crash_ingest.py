"""Commands killed with -9 at random points, and repeated, must leave what undisturbed ones leave.

`python -m benchmarks.crash_ingest --records DIR [--kills 24] [--seed 1] [--out FILE]` ingests the records into one home
without disturbance and keeps `export --canonical`. Then, in other homes and in turn, it starts `ingest`, `graph
rebuild`, `index rebuild`, `purge` (of things whose time is over), `backup` and `restore`, and kills the process with
SIGKILL after a random part of the undisturbed time: every fifth while it starts up, the others at its work. The command
is repeated to its end; then the export is compared byte by byte, and `drift` must find nothing. Every kill also leaves
an embedded engine behind that has to go by itself: what is alive after thirty seconds is told. A command that was
through before its time counts for nothing.

A line a kill says what was under way; `--out` takes each as a line of JSON at once, and adds to what is there: a
hundred kills may be made in pieces, with another seed each. A summary over the whole file comes last. Exit 0: all the
same, no drift, nothing left. IBCM_EMBEDDER=hashing is quicker.
"""

import argparse
import difflib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from subprocess import DEVNULL, PIPE

from benchmarks.running import ROOT, command, environment, manage, tree

GONE_SECONDS = 30.0
SHOWN_LINES = 20
PASSING, PASSING_SECONDS = 200, 25
STARTING = 0.2
"""Share of the kills that come while a command starts up."""
OVER = "over"
NUMBERS = re.compile(r"[\d,]+( of [\d,]+)?|…")
TERMS = "passing: {name: Passing, licence: CC0-1.0, attribution: Nobody}\n"


def main(arguments: list[str] | None = None) -> int:
    """Kill, repeat, compare, print; exit 1 on a difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash_ingest", description=__doc__)
    parser.add_argument("--records", nargs="+", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder for the homes; a temporary one otherwise")
    parser.add_argument("--out", type=Path, help="file to which each kill is added as a line of JSON")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(given.work or Path(folder), [str(path.resolve()) for path in given.records], given.seed, given.out)
        run.prepare()
        steps = cycle([run.ingest, run.graph, run.index, run.purge, run.backup, run.restore])
        while sum(kill.killed for kill in run.kills) < given.kills:
            next(steps)()
    print(json.dumps(summary(read_kills(given.out) if given.out else run.kills), indent=2))
    return 1 if any(kill.wrong for kill in run.kills) else 0


@dataclass
class Kill:
    """One command that was started, killed, and repeated."""

    command: str
    after: float
    phase: str
    """What it had said last; OVER when it was through before."""
    alive: list[int] = field(default_factory=list)
    same: bool = False
    drift: int | None = None
    seconds: float = 0.0
    """From the repeated start to its end."""

    @property
    def killed(self) -> bool:
        return self.phase != OVER

    @property
    def wrong(self) -> bool:
        """Something was not as it should be afterwards."""
        return not self.same or self.drift != 0 or bool(self.alive)


class Run:
    """Homes in one folder: `calm` is left alone, `steady` is disturbed when it is whole, others are made and left."""

    def __init__(self, work: Path, records: list[str], seed: int, out: Path | None) -> None:
        self._work, self._records, self._out = work, ["ingest", "file", *records], out
        self._rng = random.Random(seed)
        self._whole: dict[str, float] = {}
        """Seconds of each command when nobody disturbs it."""
        self._latest: dict[str, float] = {}
        self._started = 0.0
        """Seconds until a command does anything at all."""
        self._expected = ""
        self.kills: list[Kill] = []

    def prepare(self) -> None:
        """The undisturbed home, how long each command takes in it, and a copy of it for what is to come."""
        calm = self._work / "calm"
        self._timed("ingest", calm, *self._records)
        self._timed("sources", calm, "sources")
        self._started = self._whole.pop("sources")
        self._expected = manage(calm, "export", "--canonical")
        self._timed("backup", calm, "backup", str(self._kept))
        self._timed("restore", self._work / "restored", "restore", str(self._kept))
        shutil.copytree(calm, self._steady)
        self._timed("graph rebuild", calm, "graph", "rebuild")
        self._timed("index rebuild", calm, "index", "rebuild")
        self._pass(calm)
        self._timed("purge", calm, "purge")
        print(f"{len(self._expected.splitlines())} lines; undisturbed: {_told(self._whole)}", flush=True)

    @property
    def _steady(self) -> Path:
        return self._work / "steady"

    @property
    def _kept(self) -> Path:
        return self._work / "kept.zip"

    def _timed(self, name: str, home: Path, *arguments: str) -> None:
        begun = time.monotonic()
        manage(home, *arguments)
        self._whole[name] = time.monotonic() - begun

    # -- what is killed ------------------------------------------------------------------------------------------
    def ingest(self) -> None:
        """Into a new home."""
        home = self._work / f"ingest-{len(self.kills)}"
        self._disturb("ingest", home, self._records)

    def graph(self) -> None:
        """A rebuild in place."""
        self._disturb("graph rebuild", self._steady, ["graph", "rebuild"])

    def index(self) -> None:
        """A rebuild aside."""
        self._disturb("index rebuild", self._steady, ["index", "rebuild"])

    def purge(self) -> None:
        """Of records that were ingested for a moment."""
        self._pass(self._steady)
        self._disturb("purge", self._steady, ["purge"])

    def _pass(self, home: Path) -> None:
        """Take records in, and wait until they may not be kept any longer."""
        folder = self._work / f"passing-{home.name}-{len(self.kills)}"
        over = datetime.now(UTC) + timedelta(seconds=PASSING_SECONDS)
        write_passing(folder, over)
        manage(home, "ingest", "file", str(folder))
        time.sleep(max(0.0, (over - datetime.now(UTC)).total_seconds()))

    def backup(self) -> None:
        """Either there is no file of that name, or a whole one."""
        target = self._work / f"backup-{len(self.kills)}.zip"

        def again() -> None:
            if not target.exists():
                manage(self._steady, "backup", str(target))
            with zipfile.ZipFile(target) as file:
                if file.testzip():
                    raise RuntimeError(f"{target} is damaged")

        self._disturb("backup", self._steady, ["backup", str(target)], again)

    def restore(self) -> None:
        """Into a new home, which serves nothing until it is whole."""
        home = self._work / f"restore-{len(self.kills)}"

        def again() -> None:
            if manages(home, "export", "--canonical") != self._expected:  # else it was through before
                manage(home, "restore", str(self._kept))

        self._disturb("restore", home, ["restore", str(self._kept)], again)

    # -- how -----------------------------------------------------------------------------------------------------
    def _disturb(self, name: str, home: Path, arguments: list[str], again: Callable[[], object] | None = None) -> None:
        moment = self._moment(name)
        kill = start_and_kill(name, home, arguments, moment)
        if not kill.killed:  # the machine has become faster than it was when it was left alone
            self._latest[name] = moment
        begun = time.monotonic()
        if again:
            again()
        else:
            manage(home, *arguments)
        kill.seconds = round(time.monotonic() - begun, 1)
        got = manage(home, "export", "--canonical")
        kill.same = got == self._expected
        kill.drift = drift(home)
        self._keep(kill)
        if not kill.same:
            changes = difflib.unified_diff(self._expected.splitlines(), got.splitlines(), lineterm="", n=0)
            print("".join(f"  {line[:300]}\n" for line in list(changes)[:SHOWN_LINES]), end="")

    def _moment(self, name: str) -> float:
        latest = self._latest.get(name, self._whole[name])
        if self._rng.random() < STARTING:
            return self._rng.uniform(0.2, min(latest, self._started))
        return self._rng.uniform(min(self._started, 0.8 * latest), latest)

    def _keep(self, kill: Kill) -> None:
        self.kills.append(kill)
        print(self._line(kill), flush=True)
        if self._out:
            with self._out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(kill)) + "\n")

    def _line(self, kill: Kill) -> str:
        end = "the same" if kill.same else "NOT THE SAME"
        alive = f", ALIVE: {kill.alive}" if kill.alive else ""
        return (
            f"{len(self.kills):>3} {kill.command:<13} after {kill.after:4.1f} s in: {kill.phase}; "
            f"{end}, drift {kill.drift}{alive}"
        )


def summary(kills: Sequence[Kill]) -> dict[str, object]:
    """Counts over all kills."""
    real = [kill for kill in kills if kill.killed]
    return {
        "kills": len(real),
        "by_command": Counter(kill.command for kill in real),
        "by_phase": Counter(NUMBERS.sub("", kill.phase).strip() for kill in real),
        "not_the_same": sum(not kill.same for kill in kills),
        "with_drift": sum(kill.drift != 0 for kill in kills),
        "left_alive": sum(len(kill.alive) for kill in kills),
    }


def read_kills(file: Path) -> list[Kill]:
    """Every kill that was added to that file."""
    return [Kill(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def manages(home: Path, *arguments: str) -> str | None:
    """What a command prints; None when it fails."""
    try:
        return manage(home, *arguments)
    except RuntimeError:
        return None


def drift(home: Path) -> int:
    """How much graph and index of that home hold otherwise than they should."""
    done = subprocess.run(command("drift", "--json"), env=environment(home), cwd=ROOT, capture_output=True, check=False)
    left: int = json.loads(done.stdout)["left"]
    return left


def start_and_kill(name: str, home: Path, arguments: list[str], moment: float) -> Kill:
    """Start the command and end it so many seconds later, wherever it is then."""
    process = subprocess.Popen(command(*arguments), cwd=ROOT, env=environment(home), stdout=DEVNULL, stderr=PIPE)
    said = ["start-up"]
    listening = threading.Thread(target=_listen, args=(process, said), daemon=True)
    listening.start()
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        family = tree(process.pid)[1:]
        process.send_signal(signal.SIGKILL)
        process.wait()
        return Kill(name, round(moment, 1), said[-1], outlived(family))
    return Kill(name, round(moment, 1), OVER)


def _listen(process: "subprocess.Popen[bytes]", said: list[str]) -> None:
    """The last thing that it says of itself is where it is."""
    if process.stderr:
        said.extend(line.decode(errors="replace").strip() for line in process.stderr if line.strip())


def write_passing(folder: Path, over: datetime) -> None:
    """Records that may be kept until then."""
    folder.mkdir()
    (folder / "source.yaml").write_text(TERMS, encoding="utf-8")
    with (folder / "passing.jsonl").open("w", encoding="utf-8") as file:
        for number in range(PASSING):
            record = {
                "source": "passing", "key": f"p{number}", "kind": "note", "retrieved_at": datetime.now(UTC).isoformat(),
                "expires_at": over.isoformat(), "data": {"title": f"Passing {number}", "body": "Here for a moment."},
            }  # fmt: skip
            file.write(json.dumps(record) + "\n")


def outlived(family: list[int]) -> list[int]:
    """Those of the processes that are still there after `GONE_SECONDS`."""
    end = time.monotonic() + GONE_SECONDS
    alive = family
    while alive and time.monotonic() < end:
        alive = [pid for pid in alive if _there(pid)]
        time.sleep(0.1)
    return alive


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _told(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())


if __name__ == "__main__":
    raise SystemExit(main())
