from pathlib import Path

import pytest

from ibcm.config import load_scope
from ibcm.domain.errors import ConfigurationError

CITY = """
springfield:
  names: {en: Springfield}
  aliases: [Spring Field]
  lat: 39.8
  lon: -89.6
  radius_m: 20000
  country: US
  region: US-IL
  timezone: America/Chicago
  currency: USD
"""


def test_the_shipped_configuration_is_valid() -> None:
    scope = load_scope()
    assert list(scope.cities) == ["bangalore", "mumbai", "delhi", "hyderabad", "chennai", "pune"]
    assert list(scope.sectors) == ["fintech", "healthtech", "edtech", "foodtech", "retail"]
    assert all(city.names["hi"] and city.districts for city in scope.cities.values())


def test_an_operators_folder_replaces_one_file_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "cities.yaml").write_text(CITY)
    scope = load_scope(tmp_path)
    assert list(scope.cities) == ["springfield"]
    assert "retail" in scope.sectors
    assert scope.cities["springfield"].radius_m == 20000.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("lat: 39.8", "lat: 139.8"), "no point on earth"),
        (("lat: 39.8", "lat: north"), "springfield: lat"),
        (("currency: USD", "curency: USD"), "unknown key 'curency'"),
        (("  currency: USD\n", ""), "key 'currency' is missing"),
        (("America/Chicago", "America/Springfield"), "timezone"),
        (("{en: Springfield}", "{hi: x}"), "names.en"),
        (("region: US-IL", "region: IL"), "ISO 3166-2"),
        (("radius_m: 20000", "radius_m: 20"), "metres"),
        (("  lat: 39.8", "  lat: 39.8\n  lat: 40"), "'lat' is there twice"),
        (("springfield:", "- springfield"), "line"),
        (("springfield:", "'spring field':"), "not a slug"),
    ],
)
def test_a_mistake_names_file_and_key(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    (tmp_path / "cities.yaml").write_text(CITY.replace(*change))
    with pytest.raises(ConfigurationError, match=says) as error:
        load_scope(tmp_path)
    assert "cities.yaml" in str(error.value)


def test_two_cities_cannot_share_a_name(tmp_path: Path) -> None:
    (tmp_path / "cities.yaml").write_text(CITY + CITY.replace("springfield:", "shelby:"))
    with pytest.raises(ConfigurationError, match="also names springfield"):
        load_scope(tmp_path)


def test_the_taxonomy_is_a_tree(tmp_path: Path) -> None:
    entry = "- {slug: a, kind: place, parent: b, names: {en: A}, words: {en: [a]}}\n"
    (tmp_path / "taxonomy.yaml").write_text(entry)
    with pytest.raises(ConfigurationError, match="parent 'b' is not in the taxonomy"):
        load_scope(tmp_path)
    (tmp_path / "taxonomy.yaml").write_text(
        entry + entry.replace("slug: a, ", "slug: b, ").replace("parent: b", "parent: a")
    )
    with pytest.raises(ConfigurationError, match="its own ancestor"):
        load_scope(tmp_path)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_scope(tmp_path / "nowhere")
