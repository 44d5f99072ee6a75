"""An invented city, so that the benchmark runs without anybody's data.

`python -m benchmarks.questions.synthetic --seed 3 --out DIR` writes `DIR/records.jsonl` and `DIR/source.yaml`: about
2,000 records of places, areas, stops, routes, events, companies and funding. Every name is put together from
syllables; nothing in it exists. `--city` is the slug that the records carry (one of the configured cities).
"""

import argparse
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CENTRES = {"pune": (18.52, 73.86), "mumbai": (19.08, 72.88), "delhi": (28.61, 77.21), "bangalore": (12.97, 77.59)}
_ONSETS = ("b", "bh", "ch", "d", "g", "h", "j", "k", "kh", "l", "m", "n", "p", "r", "s", "sh", "t", "v", "y")
_VOWELS = ("a", "a", "e", "i", "o", "u")
_CODAS = ("", "", "", "l", "m", "n", "r", "sh")
_AREA_TAILS = ("wadi", "pur", "gaon", "nagar", "peth", "kund", "tala", "bagh")
_CUISINES = ("Maharashtrian", "North Indian", "South Indian", "Chinese", "Italian", "Thai", "Seafood", "Bakery")
_RESTAURANT_TAILS = ("Kitchen", "Bhojanalay", "Cafe House", "Dhaba", "Grill", "Tiffin Room", "Tandoor", "Eats")
_HOSPITAL_TAILS = ("Hospital", "Nursing Home", "Children Hospital", "Heart Institute", "Eye Hospital", "Polyclinic")
_SCHOOL_TAILS = ("Vidyalaya", "High School", "Public School", "Primary School", "English Medium School")
_SIGHTS = {"museum": "Museum", "park": "Udyan", "temple": "Mandir", "lake": "Talav", "library": "Granthalaya"}
_STREETS = ("Station Road", "Lake Road", "Temple Lane", "Ring Road")
_MEDIUMS = ("marathi", "english", "hindi", "urdu")
_BLOCKS = ("north", "south", "east", "west", "central")
_KNOWN_FOR = (
    "bronze lamps", "monsoon ragas", "hand-painted signboards", "century-old banyans", "copper water clocks",
    "wrestling pits", "paper kites", "clay horses", "indigo dye vats", "puppet evenings", "stone stepwells",
    "early tram tickets", "river pearls", "jasmine garlands", "carved balconies", "sugarcane presses", "ink drawings",
)  # fmt: skip
_CUSTOMS = (
    "where families gather after the first rain", "looked after by retired teachers", "lit by oil lamps every new moon",
    "visited by students before examinations", "rebuilt twice after floods", "guarded by two painted lions",
    "whose courtyard is swept before dawn", "opened by a clockmaker's guild", "reached over a narrow iron bridge",
    "shaded by tamarind trees planted in rows", "famous for its echo", "with a staircase of ninety-nine steps",
)  # fmt: skip


@dataclass
class City:
    """The writer of one invented city."""

    slug: str
    rng: random.Random
    centre: tuple[float, float]
    used: set[str] = field(default_factory=set)
    areas: list[tuple[str, float, float, str]] = field(default_factory=list)
    """(name, lat, lon, postcode)."""

    # -- names and points ----------------------------------------------------------------------------------
    def word(self, syllables: int = 2) -> str:
        """A new word, never given twice."""
        while True:
            said = "".join(
                self.rng.choice(_ONSETS) + self.rng.choice(_VOWELS) + self.rng.choice(_CODAS) for _ in range(syllables)
            )
            if said not in self.used and len(said) >= 5:
                self.used.add(said)
                return said.title()

    def near(self, lat: float, lon: float, metres: float) -> dict[str, float]:
        """A point at most that far away."""
        away, turn = metres * math.sqrt(self.rng.random()), self.rng.random() * 2 * math.pi
        dlat = away * math.cos(turn) / 111_195
        dlon = away * math.sin(turn) / (111_195 * math.cos(math.radians(lat)))
        return {"lat": round(lat + dlat, 6), "lon": round(lon + dlon, 6)}

    # -- records -------------------------------------------------------------------------------------------
    def records(self) -> Iterator[dict[str, Any]]:
        """All of them; about 2,000."""
        yield from self._areas(40)
        yield from self._restaurants(700)
        yield from self._hospitals(180)
        yield from self._schools(300)
        yield from self._post_offices(90)
        yield from self._sights(120)
        yield from self._transit(300, 45)
        yield from self._events(40)
        yield from self._companies(120)

    def _record(self, key: str, kind: str, data: dict[str, Any], *, city: bool = True, **more: Any) -> dict[str, Any]:
        said = {name: value for name, value in data.items() if value not in (None, "", [])}
        where = {"city": self.slug} if city else {}
        base = {"source": f"invented-{self.slug}", "key": key, "kind": kind, "data": said}
        return {**base, "retrieved_at": "2025-01-15T06:00:00+05:30", **where, **more}

    def _areas(self, n: int) -> Iterator[dict[str, Any]]:
        for i in range(n):
            name = self.word() + self.rng.choice(_AREA_TAILS)
            point, postcode = self.near(*self.centre, 9_000), str(911_001 + i)
            self.areas.append((name, point["lat"], point["lon"], postcode))
            data = {"name": name, "kind": "neighbourhood", "population": self.rng.randrange(8_000, 90_000), **point}
            yield self._record(f"area-{i}", "area", {**data, "postcode": postcode})

    def _place(self, name: str, category: str, **more: Any) -> dict[str, Any]:
        area, lat, lon, postcode = self.rng.choice(self.areas)
        street = f"{self.rng.randrange(1, 240)} {self.rng.choice(_STREETS)}"
        base = {"name": name, "category": category, "area": area, "postcode": postcode, "address": street}
        return {**base, **self.near(lat, lon, 900), **more}

    def _restaurants(self, n: int) -> Iterator[dict[str, Any]]:
        chains = [f"{self.word()} {self.rng.choice(_RESTAURANT_TAILS)}" for _ in range(8)]
        for i in range(n):
            name = self.rng.choice(chains) if i < 40 else f"{self.word()} {self.rng.choice(_RESTAURANT_TAILS)}"
            rated = self.rng.random() < 0.85
            data = self._place(
                name, "restaurant",
                cuisine=self.rng.sample(_CUISINES, self.rng.randint(1, 3)),
                price_for_two=50 * self.rng.randint(3, 44), price_currency="INR",
                rating=self.rng.randrange(25, 50) / 10 if rated else None,
                rating_count=self.rng.randrange(5, 9_000) if rated else None,
                phone=f"+9120{self.rng.randrange(20_000_000, 29_999_999)}" if self.rng.random() < 0.5 else None,
                seating=self.rng.choice(("garden", "indoor", "rooftop", "counter")),
            )  # fmt: skip
            yield self._record(f"restaurant-{i}", "place", data)

    def _hospitals(self, n: int) -> Iterator[dict[str, Any]]:
        for i in range(n):
            phone = f"+9120{self.rng.randrange(30_000_000, 39_999_999)}"
            data = self._place(f"{self.word()} {self.rng.choice(_HOSPITAL_TAILS)}", "hospital", phone=phone)
            if self.rng.random() < 0.7:
                data["beds"] = self.rng.randrange(10, 900)
            if self.rng.random() < 0.15:
                data |= {"coordinate_precision": "centroid", "lat": self.centre[0], "lon": self.centre[1]}
            yield self._record(f"hospital-{i}", "place", {**data, "emergency_ward": self.rng.choice(("yes", "no"))})

    def _schools(self, n: int) -> Iterator[dict[str, Any]]:
        for i in range(n):
            data = self._place(
                f"{self.word()} {self.rng.choice(_SCHOOL_TAILS)}", "school",
                medium=self.rng.choice(_MEDIUMS), block=self.rng.choice(_BLOCKS),
                pupils=self.rng.randrange(60, 2_400), landmark=f"opposite {self.word()} Talkies",
            )  # fmt: skip
            yield self._record(f"school-{i}", "place", data)

    def _post_offices(self, n: int) -> Iterator[dict[str, Any]]:
        for i in range(n):
            data = self._place(f"{self.word(3)} S.O", "post_office", office_type=self.rng.choice(("SO", "BO", "HO")))
            yield self._record(f"post-{i}", "place", data)

    def _sights(self, n: int) -> Iterator[dict[str, Any]]:
        told: set[tuple[str, str]] = set()
        for i in range(n):
            category = self.rng.choice(sorted(_SIGHTS))
            pair = self.rng.choice(_KNOWN_FOR), self.rng.choice(_CUSTOMS)
            prose = f"It is known for its {pair[0]}, {pair[1]}." if pair not in told else None
            told.add(pair)
            data = self._place(
                f"{self.word()} {_SIGHTS[category]}", category,
                description=prose, entrance_fee=self.rng.choice((0, 10, 20, 50)),
                established=self.rng.randrange(1650, 1990),
            )  # fmt: skip
            yield self._record(f"sight-{i}", "place", data)

    def _transit(self, stops: int, routes: int) -> Iterator[dict[str, Any]]:
        for i in range(stops):
            _, lat, lon, _ = self.rng.choice(self.areas)
            name = f"{self.word()} {self.rng.choice(('Chowk', 'Naka', 'Gate', 'Depot', 'Corner'))}"
            spot = self.near(lat, lon, 1_200)
            for pole in range(2 if i % 3 == 0 else 1):
                point = self.near(spot["lat"], spot["lon"], 60)
                yield self._record(f"stop-{i}-{pole}", "stop", {"name": name, "mode": "bus", **point})
        for i in range(routes):
            yield self._route(i, self.rng.sample(range(stops), self.rng.randint(8, 22)))

    def _route(self, i: int, path: list[int]) -> dict[str, Any]:
        links = []
        for direction, order in ((0, path), (1, path[::-1])):
            for sequence, stop in enumerate(order, 1):
                pole = 1 if direction and stop % 3 == 0 else 0
                where = {"sequence": sequence, "direction": direction}
                links.append({"rel": "serves", "key": f"stop-{stop}-{pole}", "data": where})
        number = f"{100 + i}{self.rng.choice('ABCKX')}"
        hours = {"first": f"0{self.rng.randint(4, 7)}:{self.rng.randrange(0, 60, 5):02}"}
        hours["last"] = f"{self.rng.randint(20, 23)}:{self.rng.randrange(0, 60, 5):02}"
        data = {"name": f"Route {number}", "short_name": number, "mode": "bus", "operator": "Invented Buses", **hours}
        return self._record(f"route-{i}", "route", data, links=links)

    def _events(self, n: int) -> Iterator[dict[str, Any]]:
        for i in range(n):
            day = f"2025-{self.rng.randint(1, 12):02}-{self.rng.randint(1, 28):02}"
            data = {"name": f"{self.word()} Mahotsav", "start": day, "price": 50 * self.rng.randint(0, 12)}
            at = [{"rel": "at", "key": f"sight-{self.rng.randrange(120)}"}]
            more = {"price_currency": "INR", "category": "festival"}
            yield self._record(f"event-{i}", "event", data | more, links=at)

    def _companies(self, n: int) -> Iterator[dict[str, Any]]:
        sectors = ("fintech", "healthtech", "edtech", "foodtech", "retail")
        investors = [f"{self.word()} Capital" for _ in range(25)]
        for i, name in enumerate(investors):
            yield self._record(f"investor-{i}", "organization", {"name": name}, city=False)
        for i in range(n):
            data: dict[str, Any] = {"name": self.word(3), "sectors": [self.rng.choice(sectors)]}
            data |= {"founded": self.rng.randrange(1998, 2023), "employees": self.rng.randrange(5, 4_000)}
            yield self._record(f"company-{i}", "organization", data, city=False)
            for number, label in enumerate(("Seed", "Series A", "Series B")[: self.rng.randint(0, 3)]):
                backers = self.rng.sample(range(25), self.rng.randint(1, 3))
                links = [{"rel": "raised_by", "key": f"company-{i}"}]
                links += [{"rel": "invested_by", "key": f"investor-{backer}"} for backer in backers]
                amount = 100_000 * self.rng.randint(2, 900)
                funding = {"date": f"20{18 + number}-06-01", "round": label, "amount": amount, "currency": "USD"}
                yield self._record(f"funding-{i}-{number}", "funding", funding, city=False, links=links)


def write(folder: Path, *, seed: int, city: str) -> int:
    """Write records and terms into the folder. Returns how many records."""
    folder.mkdir(parents=True, exist_ok=True)
    maker = City(city, random.Random(seed), CENTRES.get(city, (18.52, 73.86)))
    lines = [json.dumps(record, ensure_ascii=False) for record in maker.records()]
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    terms = {"name": "Invented records", "licence": "CC0-1.0", "attribution": "nobody, all of it is invented"}
    stated = {f"invented-{city}": {**terms, "trust": 0.5, "deduplicated": True}}
    (folder / "source.yaml").write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")
    return len(lines)


def main(arguments: list[str] | None = None) -> int:
    """Write one invented city."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.questions.synthetic", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--city", default="pune", help="slug that the records carry (default: pune)")
    given = parser.parse_args(arguments)
    print(f"{write(given.out, seed=given.seed, city=given.city)} records in {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
