"""The engine as a child: it ends with its parent, comes back when it dies or hangs, and belongs to one owner."""

import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from graph.store.bolt import BoltGraphStore
from graph.store.embedded import EmbeddedEngine, Watch
from graph.store.handshake import answers
from ibcm.domain.errors import EngineError
from ibcm.domain.graph import Projection, Query
from tests.engines import NO_PINGS, wipe

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[3]


QUICK = Watch(interval=0.3, timeout=1.0, failures=3)
AWKWARD = "my home % हि"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    """One engine that the tests below kill, hang and share; its folder has a name that is hard on tools."""
    with EmbeddedEngine(tmp_path_factory.mktemp("engine") / AWKWARD, heap="256m", watch=QUICK) as started:
        store = started.store()
        store.prepare()
        store.close()
        yield started


@pytest.fixture
def store(engine: EmbeddedEngine) -> Iterator[BoltGraphStore]:
    opened = engine.store()
    yield opened
    wipe(opened)
    opened.close()


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose engine was stopped with a place in it."""
    home = tmp_path_factory.mktemp("used") / AWKWARD
    with EmbeddedEngine(home, heap="256m", watch=NO_PINGS) as engine:
        store = engine.store()
        store.prepare()
        store.write([place("p1")])
        store.close()
    return home


def place(key: str) -> Projection:
    return Projection(key, "Place", 1, {"name": key})


def ids(store: BoltGraphStore) -> list[str]:
    return [str(row["id"]) for row in store.read(Query("ids", "MATCH (n:Place) RETURN n.id AS id ORDER BY id"))]


def home_of(engine: EmbeddedEngine) -> Path:
    return engine._home.folder.parent


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has reaped does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def listening(pid: int) -> set[str]:
    """Local addresses, in the kernel's hexadecimal, on which the process accepts connections."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        name = descriptor.readlink().name if descriptor.is_symlink() else ""
        if name.startswith("socket:["):
            inodes.add(name[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:
                found.add(columns[1])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_engine_listens_on_one_loopback_port_only(engine: EmbeddedEngine) -> None:
    assert engine.pid is not None
    addresses = listening(engine.pid)
    port = int(engine.uri().rsplit(":", 1)[1])
    assert len(addresses) == 1
    (address,) = addresses
    host, _, shown = address.partition(":")
    assert host in {"0100007F", "0000000000000000FFFF00000100007F"}
    assert int(shown, 16) == port


def test_the_password_is_the_owners_and_in_no_command_line(engine: EmbeddedEngine) -> None:
    password = home_of(engine) / "graph" / "password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(engine.pid)], capture_output=True, text=True, check=True)
    assert password.read_text() not in shown.stdout


def test_a_second_owner_is_refused_with_a_sentence(engine: EmbeddedEngine, store: BoltGraphStore) -> None:
    with pytest.raises(EngineError, match=f"is in use by process {os.getpid()}: stop that one"):
        EmbeddedEngine(home_of(engine)).start()
    assert store.read(Query("one", "RETURN 1 AS one")) == [{"one": 1}]


def test_a_killed_engine_is_restarted_and_the_store_goes_on(engine: EmbeddedEngine, store: BoltGraphStore) -> None:
    store.write([place("before")])
    first, restarts = engine.pid, engine.restarts
    assert first is not None
    os.kill(first, signal.SIGKILL)
    store.write([place("after")])
    assert ids(store) == ["after", "before"]
    assert engine.pid != first
    assert engine.restarts == restarts + 1


def test_an_engine_that_hangs_is_replaced_while_a_write_waits(engine: EmbeddedEngine, store: BoltGraphStore) -> None:
    first = engine.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    store.write([place("p1")])
    assert not alive(first)
    assert ids(store) == ["p1"]


def test_acknowledged_writes_survive_kill_9_of_the_engine(engine: EmbeddedEngine, store: BoltGraphStore) -> None:
    acknowledged: list[str] = []
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            store.write([place(f"p{number}"), place(f"q{number}")])
            acknowledged.append(f"p{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(2):
        count, restarts, pid = len(acknowledged), engine.restarts, engine.pid
        assert pid is not None
        assert within(60, partial(_more, acknowledged, count + 20))
        os.kill(pid, signal.SIGKILL)
        assert within(60, partial(_restarted, engine, restarts))
    done.set()
    writer.join()
    rows = ids(store)
    assert len(rows) == len(set(rows))
    assert {*acknowledged, *(key.replace("p", "q") for key in acknowledged)} <= set(rows)


def _more(acknowledged: list[str], count: int) -> bool:
    return len(acknowledged) > count


def _restarted(engine: EmbeddedEngine, before: int) -> bool:
    return engine.restarts > before


def test_the_engine_goes_when_its_parent_is_killed_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("owner.py")), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        last = [int(owner.stdout.readline()) for _ in range(30)][-1]
        owner.kill()
        last = max([last, *(int(line) for line in owner.stdout if line.strip())])
    with EmbeddedEngine(tmp_path, heap="256m", watch=NO_PINGS) as successor:  # waits for the orphan
        assert not alive(pid)
        store = successor.store()
        rows = ids(store)
        store.close()
    assert len(rows) == len(set(rows))
    assert set(rows) >= {f"p{number}" for number in range(last + 1)}


def test_data_is_there_after_a_stop_and_endless_queries_are_stopped(used_home: Path) -> None:
    with EmbeddedEngine(used_home, heap="256m", watch=NO_PINGS, query_seconds=1.5) as engine:
        store = engine.store()
        assert ids(store) == ["p1"]
        store.write([place(f"q{number}") for number in range(300)])
        endless = "MATCH (a:Place), (b:Place), (c:Place), (d:Place) WHERE a.id + b.id + c.id + d.id = 'x' RETURN a"
        start = time.monotonic()
        with pytest.raises(EngineError, match=r"took too long over forever\(\) and was stopped"):
            store.read(Query("forever", endless))
        assert time.monotonic() - start < 15
        assert len(ids(store)) == 301
        pid = engine.pid
        assert pid is not None
        engine.stop()
        assert not alive(pid)
        with pytest.raises(EngineError, match="has been stopped"):
            ids(store)
        store.close()


def test_the_child_stops_cleanly_on_a_signal(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, heap="256m", watch=NO_PINGS)
    engine.start()
    child = engine._child
    assert child is not None
    engine._stopping.set()  # so that the watchdog does not start another
    os.kill(child.process.pid, signal.SIGTERM)
    assert child.process.wait(30) == 0
    engine.stop()


def test_a_damaged_folder_is_one_sentence(used_home: Path, tmp_path: Path) -> None:
    shutil.copytree(used_home, tmp_path / "copy")
    for dictionary in (tmp_path / "copy" / "graph" / "databases" / "ibcm").glob("dictionary.*"):
        dictionary.write_bytes(random.Random(1).randbytes(65_536))
    with pytest.raises(EngineError, match=r"the graph engine did not start: .*graph rebuild") as caught:
        EmbeddedEngine(tmp_path / "copy", heap="256m", watch=NO_PINGS).start()
    assert str(caught.value).isprintable()


def test_a_heap_that_java_refuses_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="the graph engine did not start: "):
        EmbeddedEngine(tmp_path, heap="lots", watch=NO_PINGS).start()


def test_nobody_answers_where_nothing_listens() -> None:
    assert not answers("127.0.0.1", 9, 0.5)
