"""Money and companies: rounds of one and of all, both sides of an investment, cities and sectors by any name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ibcm.domain.decisions import Decision
from ibcm.domain.records import SourceRecord
from tests.builders import NOW, record
from tests.retrieval.checking import assert_sound, in_any_order
from tests.retrieval.town import Town

pytestmark = pytest.mark.engine


def _firm(key: str, name: str, **more: Any) -> SourceRecord:
    return record(f"firms:{key}", "organization", data={"name": name, "category": "company", **more})


def _round(key: str, who: str, day: str, amount: Any, backers: tuple[str, ...] = (), **more: Any) -> SourceRecord:
    links = [{"rel": "raised_by", "key": who}, *({"rel": "invested_by", "key": one} for one in backers)]
    return record(f"firms:{key}", "funding", data={"date": day, "amount": amount, **more}, links=links)


def _written(key: str, day: str, amount: Any, company: str, *investors: str, **more: Any) -> SourceRecord:
    """A round of another source, which links to nobody."""
    said = {"date": day, "amount": amount, "company": company, "investors": list(investors), **more}
    return record(f"press:{key}", "funding", data=said)


SECTOR_RECORDS = [
    _firm("tam", "Tamarisk Ledger", city="Gurgaon", sectors=["Fin-Tech"], legal_name="Tamarisk Books Private Limited",
          listed_on=["NSE"], ids={"nse": "TAMLED"}),
    _firm("cob", "Cobalt Classes", city="Gurugram", sectors=["E-Tech"]),
    _firm("ver", "Verbena Wallet", city="Trivandrum / Seattle", sectors=["Financial Technology"]),
    _firm("orc", "Orchard Row Partners"),
    _firm("pel", "Pelican Street Fund"),
    _round("s1", "tam", "2017-03-01", "₹4.5 crore", ("orc",), round="Seed"),
    _round("s2", "tam", "2018-06-01", "$2 million", ("orc", "pel"), round="Series A"),
    _round("s3", "tam", "2018-09-01", "$3 million", ("pel",), round="Series B"),
    _round("s4", "cob", "2017-05-01", "$9 million", ("orc",), round="Series A"),
    _round("s5", "ver", "2017-08-01", "undisclosed", ("orc",), round="Seed"),
]  # fmt: skip


WRITTEN_RECORDS = [
    _firm("hal", "Halyard Kilns Private Limited", aliases=["Halyard"]),
    _firm("vm1", "Vetchling", city="Delhi", website="https://vetchling-one.example"),
    _firm("vm2", "Vetchling", city="Chennai", website="https://vetchling-two.example"),
    _firm("som", "Somerset Lane Fund"),
    record(
        "firms:orm",
        "organization",
        data={"name": "Ormsby Group", "category": "company"},
        links=[{"rel": "owns", "key": "hal"}, {"rel": "owns", "key": "cob"}],
    ),
    _round("h1", "hal", "2014-03-01", "$1 million", ("som",), round="Seed"),
    _round("h2", "hal", "2014-09-01", "undisclosed", round="Series A"),
    _round("h3", "hal", "2015-05-01", "$5 million", round="Series B"),
    _written("h3", "2015-05-06", "$5.2 million", "HALYARD KILNS PVT LTD", "Quagmire Angels", round="Series B"),
    _written("h1", "2014-03-04", "$1 million", "Halyard", "Quagmire Angels", round="Seed"),
    _written("h4", "2099-01-01", "$2 million", "Halyard Kilns", round="Series C"),
    _written("v1", "2013-02-02", "$3 million", "Vetchling", "Somerset Lane Fund"),
    _written("o1", "2012-02-02", "$30 million", "Osprey Looms Pvt Ltd", "Somerset Lane Fund", "Quagmire Angels"),
    _written("o2", "2012-11-02", "$4 million", "Osprey Looms"),
    _written("o3", "2011-11-02", "$1 million", "Osprey Looms Pvt Ltd"),
    _round("h5", "hal", "2011-03-01", "$2 million"),
    _firm("dru", "Drumlin Papers"),
    _round("c5", "dru", "2011-03-01", "INR 2 million"),
    record("press:n1", "funding", data={"date": "2011-05-05", "amount": "$500,000"}),
]
BACKED = ["Cobalt Classes", "Tamarisk Ledger", "Verbena Wallet"]


@pytest.fixture(scope="module")
def market(town: Town) -> Town:
    return town.take(*SECTOR_RECORDS, *WRITTEN_RECORDS)


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("How much has Tamarisk Ledger raised?", ["45000000 INR", "5000000 USD"]),
        ("How much did Tamarisk Ledger raise in 2018?", 5_000_000),
        ("What was the biggest funding round of Cobalt Classes?", 9_000_000),
        ("How many funding rounds has Tamarisk Ledger had?", 3),
        ("What was the biggest funding round in edtech in 2017?", "Cobalt Classes"),
        ("What was the biggest funding round in Gurgaon in 2017?", ["Cobalt Classes", "Tamarisk Ledger"]),
        ("What was the biggest funding round in Gurugram in 2017?", ["Cobalt Classes", "Tamarisk Ledger"]),
        ("What was the biggest funding round in fintech in Gurugram in 2018?", "Tamarisk Ledger"),
        ("How much funding was raised in fintech in Gurgaon in 2018?", 5_000_000),
        ("How many funding rounds were there in Thiruvananthapuram in 2017?", 1),
        ("Which company raised the most money in 2018?", "Tamarisk Ledger"),
        ("Who is the most active investor in Gurgaon?", "Orchard Row Partners"),
        ("Which companies did Pelican Street Fund invest in?", ["Tamarisk Ledger"]),
        ("Which companies were backed by Orchard Row Partners?", BACKED),
        ("How many companies has Orchard Row Partners invested in?", 3),
        ("Orchard Row Partners ने किन कंपनियों में निवेश किया?", BACKED),
        ("Who invested in Cobalt Classes?", ["Orchard Row Partners"]),
        ("Cobalt Classes was backed by whom?", ["Orchard Row Partners"]),
        ("Which companies are in Gurgaon?", ["Cobalt Classes", "Tamarisk Ledger"]),
        ("Which companies are in Gurugram?", ["Cobalt Classes", "Tamarisk Ledger"]),
        ("companies in गुरुग्राम", ["Cobalt Classes", "Tamarisk Ledger"]),
        ("Which fintech companies are in Trivandrum?", ["Verbena Wallet"]),
        ("Which companies are in Seattle?", ["Verbena Wallet"]),
        ("What is the legal name of Tamarisk Ledger?", "Tamarisk Books Private Limited"),
        ("How much did Tamarisk Books Private Limited raise in 2018?", 5_000_000),
        ("Is Tamarisk Ledger listed on the National Stock Exchange?", "yes"),
        ("What is the NSE symbol of Tamarisk Ledger?", "TAMLED"),
        ("In which city is Tamarisk Ledger based?", "Gurgaon"),
        ("What was the biggest funding round in 1987?", []),
        ("How many funding rounds has Halyard Kilns had?", 6),
        ("How much did Halyard raise in 2014?", 1_000_000),
        ("How much did Halyard Kilns Pvt Ltd raise in 2014?", 1_000_000),
        ("How much did Tamarisk Books Ltd. raise in 2018?", 5_000_000),
        ("How much did Osprey Looms Private Limited raise?", 35_000_000),
        ("How much did Halyard raise in 2015?", 10_200_000),
        ("Who invested in Halyard Kilns?", ["Quagmire Angels", "Somerset Lane Fund"]),
        ("What was the biggest funding round in 2012?", "Osprey Looms Pvt Ltd"),
        ("Which company raised the most money in 2012?", "Osprey Looms Pvt Ltd"),
        ("How much did Osprey Looms raise?", 35_000_000),
        ("Which company raised the least money in 2011?", ["Drumlin Papers", "Osprey Looms Pvt Ltd"]),
        ("Who invested in Osprey Looms?", ["Quagmire Angels", "Somerset Lane Fund"]),
        ("How many funding rounds were there in 2012?", 2),
        ("Which companies did Quagmire Angels invest in?",
         ["Halyard Kilns Private Limited", "Osprey Looms Pvt Ltd"]),
        ("How many companies has Quagmire Angels invested in?", 2),
        ("Which companies did Somerset Lane Fund invest in?",
         ["Halyard Kilns Private Limited", "Osprey Looms Pvt Ltd", "Vetchling"]),
    ],
)  # fmt: skip
def test_money_and_companies(market: Town, question: str, short: Any) -> None:
    answer = market.ask(question, city=None)
    assert_sound(answer, market)
    assert in_any_order(answer.short) == short, answer.text


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Who owns Halyard Kilns?", ["Ormsby Group"]),
        ("Halyard Kilns is owned by whom?", ["Ormsby Group"]),
        ("What is the parent company of Cobalt Classes?", ["Ormsby Group"]),
        ("What does Ormsby Group own?", ["Cobalt Classes", "Halyard Kilns Private Limited"]),
        ("Which companies are owned by Ormsby Group?", ["Cobalt Classes", "Halyard Kilns Private Limited"]),
        ("How many companies does Ormsby Group own?", 2),
        ("List the subsidiaries of Ormsby Group", ["Cobalt Classes", "Halyard Kilns Private Limited"]),
        ("Halyard Kilns का मालिक कौन है?", ["Ormsby Group"]),
    ],
)
def test_who_owns_whom(market: Town, question: str, short: Any) -> None:
    answer = market.ask(question, city=None)
    assert_sound(answer, market)
    assert in_any_order(answer.short) == short, answer.text


@pytest.mark.parametrize("question", ["Who owns Sitara Dhaba?", "Who owns Halyard Kilns and Cobalt Classes?"])
def test_owning_is_not_passed_over_where_it_is_not_understood(market: Town, question: str) -> None:
    answer = market.ask(question)
    assert answer.abstained, answer.text
    assert "own" in answer.text


def test_nobody_owns_what_no_source_says(market: Town) -> None:
    for question in ("Who owns Ormsby Group?", "What does Cobalt Classes own?"):
        assert market.ask(question, city=None).abstained


def test_nothing_is_converted_and_every_currency_is_named(market: Town) -> None:
    answer = market.ask("How much has Tamarisk Ledger raised?", city=None)
    assert "45,000,000 INR" in answer.text
    assert "5,000,000 USD" in answer.text


def test_a_round_that_two_sources_may_tell_is_said_to_be_counted_twice(market: Town) -> None:
    for question in ("How much did Halyard raise in 2015?", "How much funding was raised in 2015?"):
        text = market.ask(question, city=None).text
        assert "10,200,000 USD" in text
        assert "Counted once where two may be one, it is 5,200,000 USD" in text
        assert "5,000,000 USD, Series B, 2015-05-01; and 5,200,000 USD, Series B, 2015-05-06" in text
    for question in ("How many funding rounds has Halyard had?", "How many funding rounds were there in 2015?"):
        assert "Two of these rounds may be one" in market.ask(question, city=None).text
    assert "may be one" not in market.ask("How much did Halyard raise in 2014?", city=None).text


def test_who_raised_most_or_least_is_said_so_with_what_counts_for_nobody(market: Town) -> None:
    least = market.ask("Which company raised the least money in 2011?", city=None)
    assert_sound(least, market)
    assert "raised the least of the 2 companies in 2011" in least.text
    assert "1 further round names no company and counts for none" in least.text
    nameless = next(sentence for sentence in least.sentences if "names no company" in sentence.text)
    (cited,) = ((citation.query or {})["records"] for citation in least.citations if citation.n in nameless.citations)
    assert cited == ["press:n1"], "another result of as many records is not its evidence"
    most = market.ask("Which company raised the most money in 2015?", city=None).text
    assert "10,200,000 USD in 2 rounds" in most
    assert "Counted once where two may be one, it is 5,200,000 USD" in most


def test_rounds_without_an_amount_and_of_days_to_come_are_told(market: Town) -> None:
    text = market.ask("How much has Halyard Kilns raised?", city=None).text
    assert '1 further round has no known amount: amount written as "undisclosed", Series A, 2014-09-01' in text
    assert "1 of these rounds bears a date that has not come yet: 2,000,000 USD, Series C, 2099-01-01" in text
    assert "1 further round tells no amount" in market.ask("What was the biggest round in 2014?", city=None).text


def test_a_round_of_today_is_not_ahead_where_the_day_has_begun(market: Town) -> None:
    question = "How much has Halyard Kilns raised?"
    for hour, ahead in ((18, True), (19, False)):
        now = datetime(2098, 12, 31, hour, 15, tzinfo=UTC)
        assert ("has not come yet" in market.ask(question, city=None, now=now).text) is ahead


def test_the_latest_round_is_told_though_it_tells_no_amount(market: Town) -> None:
    answer = market.ask("What was the latest funding round of Halyard Kilns in 2014?", city=None)
    assert_sound(answer, market)
    assert 'amount written as "undisclosed", Series A, 2014-09-01' in answer.text
    assert answer.short == "2014-09-01"


def test_counts_of_one_company_say_what_they_are_cut_down_to(market: Town) -> None:
    answer = market.ask("How many funding rounds has Halyard Kilns had in 2014?", city=None)
    assert (answer.short, "2 rounds of Halyard Kilns Private Limited in 2014" in answer.text) == (2, True)


def test_a_name_of_several_counts_for_none_and_is_told(market: Town) -> None:
    for question in ("How much did Vetchling raise?", "How much did Vetchling in Delhi raise?"):
        answer = market.ask(question, city=None)
        assert answer.abstained
        assert "3,000,000 USD, 2013-02-02" in answer.text


def test_who_is_only_written_is_told_as_written(market: Town) -> None:
    assert '"Osprey Looms Pvt Ltd" (as the source writes it)' in market.ask("biggest round in 2012", city=None).text
    answer = market.ask("Who invested in Halyard Kilns?", city=None)
    assert "of whom no one organization is known here: Quagmire Angels" in answer.text
    assert {c.record for c in answer.citations if c.value == "investors: Quagmire Angels"} == {"press:h1"}


def test_what_is_not_told_is_no_amount(market: Town) -> None:
    answer = market.ask("How much did Verbena Wallet raise?", city=None)
    assert answer.abstained, answer.text
    total = market.ask("How much funding was raised in fintech in 2017?", city=None)
    assert "not told by 1 more" in total.text


@pytest.mark.parametrize(
    "question",
    ["Who invested in Zibberwock Quarry?", "Which companies did Snorkwind Partners invest in?",
     "Which companies did Cobalt Classes invest in?", "How much did Pelican Street Fund raise?"],
)  # fmt: skip
def test_what_nobody_says_is_not_answered(market: Town, question: str) -> None:
    assert market.ask(question, city=None).abstained


def test_round_the_clock_is_no_funding_round(market: Town) -> None:
    answer = market.ask("Which restaurant is open round the clock?")
    assert answer.plan["kind"] not in ("funding", "rounds")


def test_what_a_curator_decided_is_not_said_to_be_open(market: Town) -> None:
    question, pair = "How much did Halyard raise in 2015?", ("firms:h3", "press:h3")
    decisions = (Decision("different", NOW, "asha", pairs=[pair]), Decision("same", NOW, "asha", pairs=[pair]))
    for decision, short in zip(decisions, (10_200_000, 5_000_000), strict=True):
        number = market.ledger.decide(decision)
        answer = market.take().ask(question, city=None)
        assert_sound(answer, market)
        assert ("may be one" in answer.text, answer.short) == (False, short)
        assert ("Sources disagree about the amount" in answer.text) == (decision.kind == "same"), answer.text
        market.ledger.undo(number, by="asha", at=NOW)
        assert "may be one" in market.take().ask(question, city=None).text
