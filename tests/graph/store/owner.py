"""Run by tests as a process of its own: owns an engine, writes, says what was acknowledged, waits to be killed."""

import sys
from pathlib import Path

from graph.store.embedded import EmbeddedEngine
from ibcm.domain.graph import Projection


def tell(number: int | None) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main(home: str) -> None:
    engine = EmbeddedEngine(Path(home), heap="256m")
    engine.start()
    store = engine.store()
    store.prepare()
    tell(engine.pid)
    for number in range(1_000_000):
        store.write([Projection(f"p{number}", "Place", 1, {"name": "x"})])
        tell(number)


if __name__ == "__main__":
    main(sys.argv[1])
