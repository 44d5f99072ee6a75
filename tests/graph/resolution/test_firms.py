"""Organizations: legal forms, former names, registers, groups, namesakes."""

from typing import Any

import pytest

from graph.resolution.firms import firm_names, same_number
from graph.resolution.resolver import Judgement, ScoredResolver
from graph.resolution.traits import traits_of
from ibcm.config import load_scope
from tests.builders import record

RESOLVER = ScoredResolver(load_scope())
CIN, OTHER_CIN = "U74999MH2011PTC123456", "U74999MH2011PTC654321"


def judged(one: dict[str, Any], other: dict[str, Any], *, sources: tuple[str, str] = ("list", "press")) -> Judgement:
    """In both directions, with the keys that must bring them together when they are the same."""
    left = traits_of(record(f"{sources[0]}:1", "organization", data={"category": "company", **one}))
    right = traits_of(record(f"{sources[1]}:2", "organization", data={"category": "company", **other}))
    found = RESOLVER.judge(left, right, set())
    assert found == RESOLVER.judge(right, left, set())
    if found.band == "same":
        assert RESOLVER.keys(left) & RESOLVER.keys(right), "the same, but never compared"
    return found


def band(one: Any, other: Any, **more: Any) -> str:
    as_data = [{"name": said} if isinstance(said, str) else said for said in (one, other)]
    return judged(*as_data, **more).band


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ola / ANI Technologies (formerly Olacabs)", ["Ola", "ANI Technologies", "Olacabs"]),
        ("Nearbuy (previously Groupon India)", ["Nearbuy", "Groupon India"]),
        ("Quillpay f/k/a Ledgerleaf", ["Quillpay", "Ledgerleaf"]),
        ("Zenify.in", ["Zenify"]),
        ("https://www.zenify.com/", ["Zenify"]),
        ("Earlier Media", ["Earlier Media"]),
        ("Snow White Formers", ["Snow White Formers"]),
        ("1mg (Healthkartplus)", ["1mg (Healthkartplus)"]),
        ("/", ["/"]),
    ],
)
def test_the_names_that_are_written_into_one(text: str, names: list[str]) -> None:
    assert [name.casefold() for name in firm_names(text)] == [name.casefold() for name in names]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quillpay Ledgers Pvt Ltd", "Quillpay Ledgers Private Limited"),
        ("Quillpay Ledgers Inc.", "QUILLPAY LEDGERS LLP"),
        ({"name": "Quillpay", "city": "Bangalore"}, {"name": "Quill Pay", "city": "Bengaluru"}),
        ({"name": "Quillpay", "city": "Gurgaon"}, {"name": "Quillpay.in", "city": "Gurugram"}),
        ({"name": "Quillpay", "city": "Delhi NCR"}, {"name": "Quillpay", "city": "Noida"}),
        ({"name": "Ola", "aliases": ["ANI Technologies"]}, {"name": "Cabs", "legal_name": "ANI Technologies Pvt Ltd"}),
        ({"name": "Mangrovia (formerly Ledgerleaf)", "city": "Pune"}, {"name": "Ledgerleaf", "city": "Pune"}),
        ({"name": "Quillpay", "website": "quill.example"}, {"name": "Quillpay Tech", "website": "www.quill.example"}),
        ({"name": "Quillpay", "ids": {"cin": CIN}}, {"name": "Ledgerleaf", "ids": {"cin": CIN.lower()}}),
        ({"name": "Quillpay", "ids": {"isin": "INE009A01021"}}, {"name": "QPL", "ids": {"isin": "INE009A01021"}}),
    ],
)  # fmt: skip
def test_one_firm(one: Any, other: Any) -> None:
    assert band(one, other) == "same", judged(*({"name": s} if isinstance(s, str) else s for s in (one, other))).why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tata Motors Limited", "Tata Steel Limited"),
        ("Tata", "Tata Motors"),
        ("Reliance Capital", "Reliance Industries"),
        ("Zenlark Technologies", "Zenlark Solutions"),
        ("Ola", "ANI Technologies"),
        ("Clip App", "Cyclops"),
        ("Capital Trust", "Trust Capital"),
        ("RSI Fund", "Rise Fund"),
        # one name, elsewhere and about something else
        ({"name": "Quillpay", "city": "Pune", "sectors": ["Fintech"]},
         {"name": "Quillpay", "city": "Delhi", "sectors": ["Edtech"]}),
        ({"name": "Quillpay", "city": "Pune"}, {"name": "Quillpay", "city": "Chennai"}),
        ({"name": "Quillpay", "ids": {"cin": CIN}}, {"name": "Quillpay", "ids": {"cin": OTHER_CIN}}),
        # a filler is no number
        ({"name": "Quillpay", "ids": {"cin": "NA"}}, {"name": "Ledgerleaf", "ids": {"cin": "NA"}}),
    ],
)  # fmt: skip
def test_two_firms_are_never_joined(one: Any, other: Any) -> None:
    assert band(one, other) != "same"


def test_namesakes_in_two_cities_are_asked_about() -> None:
    assert band({"name": "Quillpay", "city": "Pune"}, {"name": "Quillpay", "city": "Chennai"}) == "review"


def test_two_isins_of_one_firm_do_not_contradict_its_other_numbers() -> None:
    one, other = {"isin": "ine155a01022", "cin": CIN.lower()}, {"isin": "in9155a01020", "cin": CIN.lower()}
    assert same_number(one, other) == "cin"
    assert band({"name": "Quillpay", "ids": one}, {"name": "Ledgerleaf", "ids": other}) == "same"
    assert same_number({**one, "lei": "a" * 18 + "11"}, {**other, "lei": "a" * 18 + "12"}) == ""
