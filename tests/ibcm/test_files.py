"""Files that commands write: what may be replaced by them and what must not."""

import os
import threading
from pathlib import Path

import pytest

from ibcm.files import written


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"before")
    with pytest.raises(TypeError), written(target) as file:
        file.writelines([b"half", None])  # type: ignore[list-item] # what goes wrong half-way
    assert target.read_bytes() == b"before"
    with written(target) as file:
        file.write(b"whole")
    assert target.read_bytes() == b"whole"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]


def test_a_link_keeps_leading_where_it_leads(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "a.txt"
    link.symlink_to(target)
    with written(link) as file:
        file.write(b"said")
    assert link.is_symlink()
    assert target.read_bytes() == b"said"


def test_a_pipe_takes_what_comes_and_stays_one(tmp_path: Path) -> None:
    """As `/dev/null` and `/dev/stdout` do."""
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with written(pipe) as file:
        file.write(b"said")
    reader.join()
    assert read == [b"said"]
    assert pipe.is_fifo()
