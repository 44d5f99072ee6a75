"""One funding round, told twice."""

from typing import Any

import pytest

from graph.resolution.resolver import Judgement, ScoredResolver
from graph.resolution.traits import traits_of
from tests.builders import record

RESOLVER = ScoredResolver()
TOLD = {
    "date": "2024-03-10",
    "round": "Series A",
    "amount": 5_000_000,
    "currency": "USD",
    "company": "Quillpay Pvt Ltd",
}


def judged(other: dict[str, Any], *, sources: tuple[str, str] = ("press", "wire")) -> Judgement:
    links = [{"rel": "raised_by", "key": "quill"}]
    one, two = (
        traits_of(record(f"{source}:{at}", "funding", data={**TOLD, **said}, links=links))
        for at, (source, said) in enumerate(zip(sources, ({}, other), strict=True))
    )
    found = RESOLVER.judge(one, two, set())
    assert found == RESOLVER.judge(two, one, set())
    if found.band != "different":
        assert RESOLVER.keys(one) & RESOLVER.keys(two), "never compared"
    return found


@pytest.mark.parametrize(
    ("other", "band"),
    [
        ({}, "same"),
        ({"date": "2024-04-09"}, "same"),
        ({"date": "2024-02-20", "round": "Series A round"}, "same"),
        ({"currency": None}, "same"),
        ({"company": "QUILLPAY"}, "same"),
        ({"date": "2024-04-10"}, "different"),
        ({"round": "Series B"}, "review"),
        ({"round": "Series B", "amount": 9_000_000}, "different"),
        ({"amount": None, "amount_text": "undisclosed"}, "review"),
        ({"amount": 5_200_000}, "review"),
        ({"amount": 420_000_000, "currency": "INR"}, "review"),
        ({"amount": 9_000_000}, "different"),
        ({"company": "Mangrovia"}, "different"),
    ],
)
def test_what_two_sources_tell(other: dict[str, Any], band: str) -> None:
    assert judged(other).band == band


def test_one_source_is_known_by_what_it_links_to() -> None:
    assert judged({"company": "Quill"}, sources=("press", "press")).band == "same"
    assert judged({"company": "Quill"}).band == "different"


@pytest.mark.parametrize("days", range(1, 60, 7))
def test_near_dates_always_meet(days: int) -> None:
    for start in ("2024-01-01", "2024-01-17", "2023-12-31"):
        judged({"date": start})
        judged({"date": f"2024-03-{days % 28 + 1:02d}"})
