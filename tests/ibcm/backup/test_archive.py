"""The file of a backup: whole or not there, and nothing but what we wrote is ever taken out of it."""

import json
import zipfile
from pathlib import Path

import pytest

from ibcm.backup import archive
from ibcm.backup.archive import DATABASE, DELETIONS, FORMAT, MANIFEST, Manifest
from ibcm.domain.errors import IbcmError

TEXT = b"rows " * 40_000


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "db").write_bytes(TEXT)
    (tmp_path / "gone").write_bytes(b"{}\n")
    said = Manifest("2026-03-01T00:00:00+00:00", "sqlite", ["records.0001_initial"], {"rows": 1}, {})
    target = tmp_path / "b.zip"
    archive.write(target, said, {DATABASE: tmp_path / "db", DELETIONS: tmp_path / "gone"})
    return target


def rewritten(path: Path, **members: bytes | None) -> Path:
    """A copy in which these members are others; None leaves one out."""
    with zipfile.ZipFile(path) as old:
        held: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    other = path.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as new:
        for name, content in (held | members).items():
            if content is not None:
                new.writestr(name, content)
    return other


def manifest(path: Path, **more: object) -> bytes:
    with zipfile.ZipFile(path) as file:
        return json.dumps({**json.loads(file.read(MANIFEST)), **more}).encode()


def test_it_is_for_its_owner_alone_and_gives_back_what_was_put_in(made: Path, tmp_path: Path) -> None:
    assert made.stat().st_mode & 0o777 == 0o600
    with archive.opened(made) as backup:
        assert backup.manifest.counts == {"rows": 1}
        backup.take(DATABASE, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == TEXT
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten_and_a_draft_that_was_cut_off_is(made: Path, tmp_path: Path) -> None:
    with archive.opened(made) as backup:
        said = backup.manifest
    with pytest.raises(IbcmError, match="is there already"):
        archive.write(made, said, {DATABASE: tmp_path / "db"})
    (tmp_path / ".c.zip.part").write_bytes(b"half")
    archive.write(tmp_path / "c.zip", said, {DATABASE: tmp_path / "db"})
    assert not (tmp_path / ".c.zip.part").exists()


def test_a_failure_leaves_no_file(made: Path, tmp_path: Path) -> None:
    with archive.opened(made) as backup:
        said = backup.manifest
    with pytest.raises(FileNotFoundError):
        archive.write(tmp_path / "c.zip", said, {DATABASE: tmp_path / "missing"})
    assert not [*tmp_path.glob("*c.zip*")]


@pytest.mark.parametrize("kept", [0, 10, 300, -1])
def test_one_that_was_cut_short_is_refused(made: Path, kept: int) -> None:
    made.write_bytes(made.read_bytes()[:kept])
    with pytest.raises(IbcmError, match="no whole backup"), archive.opened(made):
        pass


def test_a_changed_byte_is_seen(made: Path) -> None:
    content = bytearray(made.read_bytes())
    content[len(DATABASE) + 120] ^= 0xFF
    made.write_bytes(content)
    with pytest.raises(IbcmError, match=r"is damaged|no whole backup"), archive.opened(made):
        pass


def test_other_content_under_a_right_name_is_seen(made: Path) -> None:
    with (
        pytest.raises(IbcmError, match=f"its {DATABASE} is not as it was written"),
        archive.opened(rewritten(made, **{DATABASE: b"other"})),
    ):
        pass


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "admin_password", "database/../../x"])
def test_a_member_that_is_not_ours_is_refused(made: Path, name: str) -> None:
    with pytest.raises(IbcmError, match="not ours"), archive.opened(rewritten(made, **{name: b"x"})):
        pass


def test_a_member_that_is_missing_is_seen(made: Path) -> None:
    for name in (DATABASE, DELETIONS):
        with pytest.raises(IbcmError, match="is damaged"), archive.opened(rewritten(made, **{name: None})):
            pass


def test_one_of_a_newer_version_is_refused(made: Path) -> None:
    newer = rewritten(made, **{MANIFEST: manifest(made, format=FORMAT + 1, unheard="of")})
    with pytest.raises(IbcmError, match="newer IBCM"), archive.opened(newer):
        pass


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("hello", encoding="utf-8")
    with pytest.raises(IbcmError, match="no whole backup"), archive.opened(tmp_path / "b.zip"):
        pass
