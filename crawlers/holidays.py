"""Public holidays of each configured city's region, this year and the next, from the holidays package."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import holidays
from holidays.constants import PUBLIC

from crawlers.base import Complete, Fetched, FetchScope, Rejected
from crawlers.names import slug
from crawlers.packages import as_of
from ibcm.domain.policy import SourcePolicy
from ibcm.domain.records import parse_record
from ibcm.domain.scope import City

Named = dict[date, list[str]]
ESTIMATED = re.compile(r"\s*\(estimated\)$")
BRACKETS = re.compile(r"\s*\([^()]*\)$")


class Holidays:
    slug = "holidays"
    policy = SourcePolicy(
        name="holidays",
        homepage="https://holidays.readthedocs.io/",
        licence="MIT",
        licence_url="https://github.com/vacanza/holidays/blob/main/LICENSE",
        attribution="Vacanza team and individual contributors, holidays",
        trust=0.6,
        allow_training=True,
        deduplicated=True,
    )

    def fetch(self, scope: FetchScope) -> Iterator[Fetched]:
        years = (scope.now.year, scope.now.year + 1)
        found = 0
        for city in scope.cities:
            if not _covers(city):
                yield Rejected(city.slug, f"the holidays package does not know region {city.region}")
                continue
            for day, name, in_hindi in _days(city, years):
                if found == scope.limit:
                    return
                found += 1
                yield parse_record(_record(city, day, name, in_hindi))
        yield Complete()


def _region(city: City) -> str:
    return city.region.partition("-")[2]


def _covers(city: City) -> bool:
    return _region(city) in holidays.list_supported_countries().get(city.country, [])


def _days(city: City, years: tuple[int, int]) -> Iterator[tuple[date, str, str | None]]:
    """Date, English name, Hindi name. Two holidays may fall on one day."""
    english, hindi = _named(city, years, "en"), _named(city, years, "hi")
    for day, names in sorted(english.items()):
        in_hindi = hindi.get(day, [])
        for position, name in enumerate(names):
            # Both lists come in the same order; if they ever differ in length, no name is better than a wrong one.
            yield day, name, in_hindi[position] if len(in_hindi) == len(names) else None


def _named(city: City, years: tuple[int, int], language: str) -> Named:
    offered = dict(holidays.list_localized_countries()).get(city.country, [])
    chosen = next((code for code in offered if code == language or code.startswith(f"{language}_")), None)
    if chosen is None and language != "en":
        return {}
    found = holidays.country_holidays(
        city.country, subdiv=_region(city), years=years, language=chosen, categories=(PUBLIC,)
    )
    return {day: found.get_list(day) for day in found}


def _record(city: City, day: date, name: str, in_hindi: str | None) -> dict[str, Any]:
    shown, estimated = ESTIMATED.subn("", name)
    return {
        "source": Holidays.slug,
        "key": f"{city.slug}-{day.isoformat()}-{slug(shown)}",
        "kind": "event",
        "url": _page(city.country),
        "retrieved_at": as_of("holidays"),
        "city": city.slug,
        "data": {
            "name": shown,
            "names": {"hi": BRACKETS.sub("", in_hindi) if estimated else in_hindi} if in_hindi else {},
            "start": day.isoformat(),
            "end": day.isoformat(),
            "category": "public_holiday",
            **({"date_is": "estimated"} if estimated else {}),
        },
    }


def _page(country: str) -> str:
    """The package's own page of rules for the country, where each date can be checked."""
    module = holidays.country_holidays(country).__class__.__module__.replace(".", "/")
    return f"https://github.com/vacanza/holidays/blob/main/{module}.py"
