"""The example mappings: each loads, and where the development data is at hand, each table comes out almost whole."""

import os
from pathlib import Path

import pytest

from crawlers.base import Rejected
from crawlers.file import read_files
from crawlers.file.mapping import load_mapping
from ibcm.config import load_scope

HERE = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((HERE / "docs" / "examples").glob("*.yaml"))
DATA = Path(os.environ.get("IBCM_TEST_DATA", HERE.parent / "shared" / "data"))
FOLDERS = {"mumbai_stations": "city_transit/mumbai_local_stations_about.jsonl.gz"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_loads_and_states_terms(path: Path) -> None:
    mapping = load_mapping(path, load_scope())
    for slug, policy in mapping.policies.items():
        assert policy.licence, slug
        assert policy.attribution, slug
        if policy.licence == "LicenseRef-unlicensed":
            assert not policy.allow_export
            assert not policy.allow_training


@pytest.mark.parametrize("name", ["hospitals", "bangalore_civic", "pincodes", "places", "companies", "mumbai_stations"])
def test_development_data_comes_out_almost_whole(name: str) -> None:
    path = DATA / FOLDERS.get(name, name)
    if not path.exists():
        pytest.skip(f"no development data: {path} is not there (name its folder by IBCM_TEST_DATA)")
    found = list(read_files([path], HERE / "docs" / "examples" / f"{name}.yaml", policies={}))
    rejected = [item for item in found if isinstance(item, Rejected)]
    assert len(found) > 100
    assert len(rejected) <= len(found) / 500
