"""The pages for users say what the code does: their examples work, and no field or transform is left out."""

import json
import re
from pathlib import Path

from crawlers.file.mapping import RecordSpec, TableSpec, load_mapping
from crawlers.file.transforms import ON_LISTS, ON_VALUES
from ibcm.config import load_scope
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import DATA_BY_KIND, SourceRecord, parse_record
from tests.crawlers.file.reading import Folder

DOCS = Path(__file__).parents[2] / "docs"
RECORDS = (DOCS / "records.md").read_text(encoding="utf-8")
MAPPING = (DOCS / "mapping.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_record_of_the_page_is_one() -> None:
    (example,) = blocks(RECORDS, "json")
    assert parse_record(json.loads(example)).ref == "springfield:cafe-7"


def test_every_field_is_told() -> None:
    said = set(re.findall(r"\w+", RECORDS))
    fields = {name for model in DATA_BY_KIND.values() for name in model.model_fields}
    assert fields | set(SourceRecord.model_fields) | set(SourcePolicy.model_fields) <= said


def test_the_mapping_of_the_page_works(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    mapping = folder.write("map.yaml", blocks(MAPPING, "yaml")[0])
    header = "id,town,name,cuisines,cost,stars,latitude,longitude,osm_id"
    table = folder.write("restaurants.csv", f'{header}\n5,Poona,Blue  Door,"Thai,Lao",₹400,NEW,18.5,73.9,n1\n')
    (record,) = folder.read(table, mapping=mapping).records
    assert record.city == "pune"
    assert record.data["ids"] == {"osm": "n1"}
    assert "rating" not in record.data


def test_every_block_of_the_page_loads(tmp_path: Path) -> None:
    head = "sources: {city_metro: {name: X, licence: MIT}}\nretrieved_at: 2026-01-02\n"
    for number, block in enumerate(blocks(MAPPING, "yaml")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block if block.startswith("sources:") else head + block)
        assert load_mapping(path, load_scope()).tables


def test_every_transform_and_key_is_told() -> None:
    said = set(re.findall(r"\w+", MAPPING))
    assert {*ON_VALUES, *ON_LISTS, "city", "sector"} <= said
    assert set(TableSpec.model_fields) | set(RecordSpec.model_fields) <= said
