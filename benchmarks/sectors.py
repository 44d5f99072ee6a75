"""Questions about companies and money with computed answers: `python -m benchmarks.sectors --data DIR [--seed 2]`.

Takes start-up, unicorn and exchange tables of development data in through docs/examples/companies.yaml, into a home of
its own (`--home` keeps it), asks some sixty questions, and judges the answers (benchmarks/judge.py). What is right is
computed from the tables in plain Python, apart from the product's code: its own reading of amounts, dates, cities and
sectors. Things that the tables leave open are not asked about: names that two rows spell differently, rounds that may
be one. Develop on seed 1, report another. `--failures` prints what was not right.
"""

import argparse
import csv
import gzip
import json
import os
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from benchmarks.judge import judge
from benchmarks.running import ROOT, manage

TABLES = (
    "india_startup_funding_2015_2020.csv.gz",
    "india_unicorns_2023.csv",
    "global_unicorns_2021.csv",
    "nse_listed_2019.csv",
)
CITIES = {
    "bangalore": ("Bangalore", "Bengaluru"),
    "gurugram": ("Gurgaon", "Gurugram"),
    "mumbai": ("Mumbai", "Bombay"),
    "delhi": ("New Delhi", "Delhi"),
    "chennai": ("Chennai", "Madras"),
    "pune": ("Pune", "Poona"),
    "noida": ("Noida",),
    "hyderabad": ("Hyderabad",),
    "ahmedabad": ("Ahmedabad", "Ahemadabad", "Ahemdabad"),
    "thiruvananthapuram": ("Trivandrum", "Thiruvananthapuram"),
}
LOOSE = {
    "fintech": "fin|pay|lend|bank|insur|loan|money|credit|wealth",
    "edtech": "edu|e-?tech|learn|school|tutor|teach",
    "healthtech": "health|medic|care|hospital|pharma|fitness|doctor",
    "retail": "comm|retail|market|tail|d2c|fashion|shop|consumer goods",
}
"""Words by which a row may be of a sector in some reading: questions on which that matters are not asked."""
SECTORS = {
    "fintech": ("fintech", "fin-tech", "finance", "financial tech"),
    "edtech": ("ed-tech", "edtech", "e-tech", "education", "online education platform"),
    "healthtech": ("healthcare", "health care", "health and wellness", "health-tech platform"),
    "retail": ("e-commerce", "ecommerce", "retail"),
}
NOBODY = re.compile(r"other|undisclosed|angel invest|investors|n/a|nan|unknown|\bhni|individual", re.IGNORECASE)
SEVERAL = re.compile(r"\s*(?:[/,&]|\band\b)\s*")
NEAR_DAYS = 31


@dataclass(frozen=True, slots=True)
class Deal:
    """One row of the funding table."""

    company: str
    cities: frozenset[str]
    said_city: bool
    sector: str
    industry: str
    day: date
    round: str
    amount: float | None
    investors: tuple[str, ...]
    plain: bool
    """Its list of investors is names and commas alone."""


def main(arguments: list[str] | None = None) -> int:
    """Ingest, ask, judge, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sectors", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of development data")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--home", type=Path, help="a home that holds the tables already, or will")
    parser.add_argument("--failures", action="store_true")
    given = parser.parse_args(arguments)
    os.environ.setdefault("IBCM_EMBEDDER", "hashing")
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or Path(scratch) / "home"
        if not home.exists():
            files = [str(given.data / "companies" / name) for name in TABLES]
            said = manage(home, "ingest", "file", *files, "--mapping", str(ROOT / "docs/examples/companies.yaml"))
            print(said.strip().splitlines()[0] if said.strip() else "taken in")
        questions = [{"id": str(n), **one} for n, one in enumerate(asked(given.data, random.Random(given.seed)))]
        path, out = Path(scratch) / "q.jsonl", Path(scratch) / "a.jsonl"
        path.write_text("".join(json.dumps({k: q[k] for k in ("id", "question")}) + "\n" for q in questions))
        manage(home, "ask", "--file", str(path), "--out", str(out))
        answers = {one["id"]: one for one in map(json.loads, out.read_text(encoding="utf-8").splitlines())}
    verdicts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        verdict = judge(question, answers.get(question["id"]))
        verdicts[verdict] += 1
        by_kind[question["kind"]][verdict] += 1
        if given.failures and verdict not in ("right", "silent"):
            answer = answers.get(question["id"]) or {}
            print(f"{verdict}: {question['question']}\n  wanted {str(question['answer'])[:200]}")
            print(f"  short {str(answer.get('short'))[:200]}; {str(answer.get('text') or answer.get('missing'))[:300]}")
    for kind, found in sorted(by_kind.items()):
        print(f"{kind}: {', '.join(f'{verdict} {n}' for verdict, n in found.most_common())}")
    print(f"seed {given.seed}, {len(questions)} questions: " + ", ".join(f"{v} {n}" for v, n in verdicts.most_common()))
    return 0


# -- the tables --------------------------------------------------------------------------------------------------------
def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _clean(text: str) -> str:
    return " ".join(re.sub(r"\\+x[0-9a-f]{2}|\\+n", " ", text).split())


def deals(folder: Path) -> list[Deal]:
    """Rows whose date can be read."""
    found = []
    for row in _rows(folder / "companies" / TABLES[0]):
        day = re.fullmatch(r"(\d\d)[/.](\d\d)/?[/.]?(\d{4})", _clean(row["date"]))
        if day is None:
            continue
        digits = _clean(row["amount_usd"]).rstrip(",+")
        amount = float(digits.replace(",", "")) if re.fullmatch(r"[\d,]*,\d{3}(\.\d+)?|\d+", digits) else None
        investors = tuple(part.strip() for part in _clean(row["investors"]).split(",") if part.strip())
        simple = all(re.fullmatch(r"[A-Z][A-Za-z0-9 ]+", one) and not NOBODY.search(one) for one in investors)
        joined = any(re.search(r"\band\b", one) for one in investors)
        found.append(
            Deal(
                company=_clean(row["startup"]),
                cities=frozenset(
                    _named(part, CITIES) for part in re.split(r"\s*(?:[/,&]|\band\b)\s*", _clean(row["city"]))
                )
                - {""},
                said_city=_clean(row["city"]).casefold() not in ("", "nan", "n/a"),
                sector=_named(_clean(row["industry"]), SECTORS),
                industry=f"{_clean(row['industry'])}, {_clean(row['sub_vertical'])}".casefold(),
                day=date(int(day[3]), int(day[2]), int(day[1])),
                round=_clean(row["investment_type"]),
                amount=amount,
                investors=investors,
                plain=bool(investors) and simple and not joined,
            )
        )
    return found


def _named(text: str, table: dict[str, tuple[str, ...]]) -> str:
    return next((slug for slug, names in table.items() if text.casefold() in map(str.casefold, names)), "")


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


# -- the questions -----------------------------------------------------------------------------------------------------
Question = dict[str, Any]


def _question(kind: str, text: str, answer: Any, answer_type: str, **more: Any) -> Question:
    return {"kind": kind, "question": text, "answer": answer, "answer_type": answer_type, "answerable": True, **more}


def asked(folder: Path, dice: random.Random) -> Iterator[Question]:
    """Some sixty questions with their answers."""
    every = deals(folder)
    listed = list(_rows(folder / "companies" / "nse_listed_2019.csv"))
    by_company: dict[str, list[Deal]] = defaultdict(list)
    for deal in every:
        by_company[_key(deal.company)].append(deal)
    sure = {key: own for key, own in by_company.items() if _sure(key, own, by_company)}
    yield from _amounts(sure, dice)
    yield from _investors(sure, every, dice)
    yield from _portfolios(every, dice)
    yield from _biggest(every, dice)
    yield from _sums(every, dice)
    yield from _places(sure, every, dice)
    yield from _listed(listed, dice)
    yield from _unknown(listed, dice)


def _sure(key: str, own: Sequence[Deal], every: dict[str, list[Deal]]) -> bool:
    """One spelling, no two rounds that may be one, no other name that begins alike."""
    if len(key) < 6 or len({deal.company for deal in own}) > 1 or not re.fullmatch(r"[A-Za-z0-9 ]+", own[0].company):
        return False
    days = sorted(deal.day for deal in own)
    if any((later - earlier).days <= NEAR_DAYS for earlier, later in pairwise(days)):
        return False
    return not any(
        other != key and (other.startswith(key) or key.startswith(other)) for other in every if len(other) > 3
    )


def _amounts(sure: dict[str, list[Deal]], dice: random.Random) -> Iterator[Question]:
    told = [own for own in sure.values() if len(own) > 1 and all(deal.amount for deal in own)]
    texts = ("How much money has {} raised?", "How much did {} raise in total?", "What is the total funding of {}?")
    for own in dice.sample(told, 6):
        total = sum(deal.amount or 0 for deal in own)
        yield _question("raised", dice.choice(texts).format(own[0].company), total, "number", tolerance=1)
    for own in dice.sample(told, 3):
        best = max(deal.amount or 0 for deal in own)
        yield _question("own biggest", f"What was the biggest funding round of {own[0].company}?", best, "number")
    for own in dice.sample(told, 2):
        yield _question("own rounds", f"How many funding rounds has {own[0].company} had?", len(own), "number")


def _stem(name: str) -> str:
    """Plural or not: `Angel Network`, `Angels Networks`."""
    return _key(re.sub(r"s\b|^[Tt]he ", "", name))


def _investors(sure: dict[str, list[Deal]], every: Sequence[Deal], dice: random.Random) -> Iterator[Question]:
    spellings: dict[str, set[str]] = defaultdict(set)
    for name in (name for deal in every for name in _single(deal.investors)):
        for part in re.split(r"\s*\((?:formerly(?: known as)?)\s*|\)", name):
            spellings[_stem(part)].add(name.strip())
    told = [own for own in sure.values() if all(deal.plain for deal in own)]
    texts = ("Who invested in {}?", "Who funded {}?", "Who are the investors of {}?", "{} was backed by whom?")
    for own in dice.sample(told, 7):
        names = sorted({name for deal in own for name in deal.investors})
        others = {name: sorted(spellings[_stem(name)]) for name in names}
        yield _question("investors", dice.choice(texts).format(own[0].company), names, "list", names=others)


def _single(investors: Iterable[str]) -> Iterator[str]:
    for listed in investors:
        yield from (name.strip() for name in re.split(r"\band\b|&|;", listed) if len(name.strip()) > 2)


def _spellings(names: Iterable[str]) -> dict[str, set[str]]:
    """Every way in which the tables write a name, by its letters and digits."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        found[_key(name)].add(name)
    return found


def _portfolios(every: Sequence[Deal], dice: random.Random) -> Iterator[Question]:
    backed: dict[str, set[str]] = defaultdict(set)
    spelled: dict[str, set[str]] = defaultdict(set)
    for deal in every:
        for name in _single(deal.investors):
            backed[_key(name)].add(_key(deal.company))
            spelled[_key(name)].add(name)
    whole, companies = set(backed), _spellings(deal.company for deal in every)
    clear = [
        key
        for key, own in sorted(backed.items())
        if 2 <= len(own) <= 5 and len(spelled[key]) == 1
        and re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]{4,} ?[A-Za-z ]*", min(spelled[key]))
        and all(len(one) >= 5 for one in own)
        and not any(other != key and (other.startswith(key[:8]) or key in other) for other in whole)
    ]  # fmt: skip
    texts = ("Which companies did {} invest in?", "What has {} invested in?", "Which startups were backed by {}?")
    for key in dice.sample(clear, 6):
        name = min(spelled[key])
        others = {min(companies[one]): sorted(companies[one]) for one in backed[key]}
        yield _question("portfolio", dice.choice(texts).format(name), sorted(others), "list", names=others)
    for key in dice.sample(clear, 2):
        name = min(spelled[key])
        yield _question("portfolio", f"How many companies has {name} invested in?", len(backed[key]), "number")


def _biggest(every: Sequence[Deal], dice: random.Random) -> Iterator[Question]:
    scopes = [(city, sector, year) for city in ("bangalore", "gurugram", "mumbai", "delhi") for sector in ("", *SECTORS)
              for year in ("", *map(str, range(2015, 2020)))]  # fmt: skip
    asked_about = 0
    for city, sector, year in dice.sample(scopes, len(scopes)):
        own = [deal for deal in _within(every, city, sector, year) if deal.amount]
        top = sorted((deal.amount or 0 for deal in own), reverse=True)[:2]
        if len(own) < 3 or top[0] == top[1] or not _is_clear(every, city, sector, year):
            continue
        best = max(own, key=lambda deal: deal.amount or 0)
        text = f"What was the biggest funding round{f' in {sector}' if sector else ''}"
        text += f" in {dice.choice(CITIES[city])}{f' in {year}' if year else ''}?"
        yield _question("biggest", text, best.company, "string", aliases=[_key(best.company)])
        asked_about += 1
        if asked_about == 10:
            return


def _is_clear(every: Sequence[Deal], city: str, sector: str, year: str) -> bool:
    """No row would count in a looser reading: by words of its sector, or by what its company's other rows say."""
    at_home = {_key(deal.company) for deal in every if city in deal.cities}
    unsaid = [deal for deal in _within(every, "", "", year) if not deal.said_city and _key(deal.company) in at_home]
    if city and unsaid:
        return False
    if not sector:
        return True
    companies = {_key(deal.company) for deal in every if deal.sector == sector}
    maybe = [d for d in _within(every, city, "", year) if re.search(LOOSE[sector], d.industry.split(",")[0])
             or _key(d.company) in companies]  # fmt: skip
    return len(maybe) == len(_within(every, city, sector, year))


def _within(every: Iterable[Deal], city: str = "", sector: str = "", year: str = "") -> list[Deal]:
    return [
        d
        for d in every
        if (not city or city in d.cities) and sector in ("", d.sector) and year in ("", str(d.day.year))
    ]


def _sums(every: Sequence[Deal], dice: random.Random) -> Iterator[Question]:
    scopes = [(city, sector, year) for city in CITIES for sector in ("", *SECTORS) for year in ("2015", "2016", "2017")]
    clear = [
        s for s in scopes if _is_clear(every, *s) and len(_within(every, *s)) > 2 and _no_twins(_within(every, *s))
    ]
    for city, sector, year in dice.sample(clear, 4):
        own = _within(every, city, sector, year)
        place = dice.choice(CITIES[city])
        about = f"{f' in {sector}' if sector else ''} in {place} in {year}"
        yield _question("total", f"How much funding was raised{about}?", sum(d.amount or 0 for d in own), "number",
                        tolerance=1)  # fmt: skip
        yield _question("rounds", f"How many funding rounds were there{about}?", len(own), "number")
    for year in dice.sample(["2015", "2016", "2018", "2019"], 2):
        sums: Counter[str] = Counter()
        for deal in _within(every, year=year):
            sums[_key(deal.company)] += int(deal.amount or 0)
        best = next(d.company for d in every if _key(d.company) == sums.most_common(1)[0][0])
        yield _question(
            "most",
            f"Which company raised the most money in {year}?",
            best,
            "string",
            aliases=[_key(best), best.removesuffix(".com")],
        )


def _no_twins(own: Sequence[Deal]) -> bool:
    """No two of these rounds may be one."""
    return not any(
        _key(a.company) == _key(b.company) and abs((a.day - b.day).days) <= NEAR_DAYS for a, b in combinations(own, 2)
    )


def _places(sure: dict[str, list[Deal]], every: Sequence[Deal], dice: random.Random) -> Iterator[Question]:
    one_city = [own for own in sure.values() if len({deal.cities for deal in own}) == 1 and len(own[0].cities) == 1]
    for own in dice.sample(one_city, 4):
        names = CITIES[min(own[0].cities)]
        yield _question("city", f"In which city is {own[0].company} based?", names[0], "string", aliases=list(names))
    town = sorted({d.company for d in every if "thiruvananthapuram" in d.cities})
    for name in CITIES["thiruvananthapuram"]:
        yield _question("town", f"Which companies are in {name}?", town, "list")


def _listed(listed: Sequence[dict[str, str]], dice: random.Random) -> Iterator[Question]:
    plain = [row for row in listed if re.fullmatch(r"(?:[A-Z][a-z]{3,} ){2,3}Limited", row["name"])]
    for row in dice.sample(plain, 3):
        short = row["name"].removesuffix(" Limited")
        yield _question("legal name", f"What is the legal name of {short}?", row["name"], "string")
        yield _question("symbol", f"What is the NSE symbol of {short}?", row["symbol"], "string")
    for row in dice.sample(plain, 2):
        short = row["name"].removesuffix(" Limited")
        yield _question("listed", f"Is {short} listed on NSE?", True, "bool")
        yield _question("listed", f"On which stock exchange is {short} listed?", ["NSE"], "list")


def _unknown(listed: Sequence[dict[str, str]], dice: random.Random) -> Iterator[Question]:
    plain = [row for row in listed if re.fullmatch(r"(?:[A-Z][a-z]{4,} ){2,3}Limited", row["name"])]
    short = dice.choice(plain)["name"].removesuffix(" Limited")
    texts = (
        "Who invested in Zibberwock Quarry?",
        "How much did Plimsoll Ferrydance raise?",
        f"How much money has {short} raised?",
        f"Who invested in {short}?",
        "Which companies did Snorkwind Partners invest in?",
        "What is the NSE symbol of Glarmont Weaving?",
    )
    for text in texts:
        yield {"kind": "unknown", "question": text, "answer": None, "answer_type": "string", "answerable": False}


if __name__ == "__main__":
    raise SystemExit(main())
