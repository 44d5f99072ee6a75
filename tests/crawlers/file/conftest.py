from pathlib import Path

import pytest

from tests.crawlers.file.reading import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "files")
