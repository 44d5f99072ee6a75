"""Who raised a round and who invested in it, where a record only writes their names.

A name means an organization when it is the name, legal name or alias of one alone (`firms.written_keys`). A link by id
goes before a name. What means nobody, or several, is kept as written: nothing is guessed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from graph.ingest.lookups import company_written, firm_key, investors_written
from graph.ingest.merge import Merged
from graph.resolution.firms import spelled_names, written_keys
from ibcm.domain.graph import Edge, Value
from ibcm.domain.ledger import Ledger, StoredRecord

RAISED_BY, INVESTED_BY = "RAISED_BY", "INVESTED_BY"
BY_NAME = -1
"""Ordinal of an edge that a written name asserts: it has no place among the links."""
Firms = Mapping[str, Set[str]]
"""A name as `firms.written_keys` gives it -> ids of the organizations that are called so."""


@dataclass(frozen=True, slots=True)
class Parties:
    """What names of one round add to its links."""

    edges: tuple[Edge, ...]
    as_written: Mapping[str, Value]
    """Properties `company_as_written` and `investors_as_written`: names of whom no organization is known."""


def find_firms(ledger: Ledger, records: Sequence[StoredRecord]) -> Firms:
    """The organizations that these rounds may mean by the names that they write."""
    fundings = [stored.record.data for stored in records if stored.record.kind == "funding"]
    return _called(ledger, (text for data in fundings for text in (*company_written(data), *investors_written(data))))


def find_raisers(ledger: Ledger, records: Sequence[StoredRecord]) -> dict[str, frozenset[str]]:
    """Ref of a round -> the organizations that raised it: those to which it links, else the one that it names."""
    firms = _called(ledger, (text for stored in records for text in company_written(stored.record.data)))
    linked = {stored.ref: _raised_by(stored) for stored in records}
    known = ledger.resolve({ref for refs in linked.values() for ref in refs})
    found: dict[str, frozenset[str]] = {}
    for stored in records:
        targets = frozenset(known[ref][1] for ref in linked[stored.ref] if known.get(ref, ("",))[0] == "Organization")
        named = {one for text in company_written(stored.record.data) for one in _meant(text, firms)}
        found[stored.ref] = targets or frozenset(named if len(named) == 1 else ())
    return found


def _raised_by(stored: StoredRecord) -> list[str]:
    pairs = zip(stored.record.links, stored.record.targets(), strict=True)
    return [ref for link, ref in pairs if link.rel.upper() == RAISED_BY]


def _called(ledger: Ledger, texts: Iterable[str]) -> Firms:
    wanted = {key for text in texts for key in written_keys(text)}
    found: dict[str, set[str]] = defaultdict(set)
    for stored in ledger.sharing("Organization", sorted(map(firm_key, wanted))) if wanted else ():
        for text in spelled_names(stored.record.data):
            for key in wanted & written_keys(text):
                found[key].add(stored.entity)
    return found


def named_parties(merged: Merged, linked: Sequence[Edge], firms: Firms) -> Parties:
    """The edges that written names of a round add to those of its links, and the names that lead nowhere."""
    found: dict[tuple[str, str, str], Edge] = {}
    unknown: dict[str, dict[str, None]] = {RAISED_BY: {}, INVESTED_BY: {}}
    for kind, record, name in _to_place(merged, linked, firms):
        meant = _meant(name, firms)
        if len(meant) == 1:
            (one,) = meant
            found.setdefault((kind, one, record), Edge(kind, "Organization", one, record, BY_NAME, {"written": name}))
        else:
            unknown[kind][name] = None
    told: dict[str, Value] = {
        "company_as_written": next(iter(unknown[RAISED_BY]), ""),
        "investors_as_written": list(unknown[INVESTED_BY]),
    }
    return Parties(tuple(found.values()), {name: value for name, value in told.items() if value})


def _to_place(merged: Merged, linked: Sequence[Edge], firms: Firms) -> Iterator[tuple[str, str, str]]:
    """(relation, record, name) of all that no link stands for."""
    company = merged.facts.get("company")
    if company and not any(edge.type == RAISED_BY for edge in linked):
        yield RAISED_BY, company.record, str(company.value)
    shown = set(merged.value("investors") or ())
    for stored in merged.holding:
        backers = {edge.target_id for edge in linked if (edge.type, edge.record) == (INVESTED_BY, stored.ref)}
        yield from ((INVESTED_BY, stored.ref, name) for name in _untold(stored, shown, backers, firms))


def _untold(stored: StoredRecord, shown: Set[str], backers: Set[str], firms: Firms) -> Iterator[str]:
    """Names of investors that none of the record's own links stands for. One that links as many as it names means the
    same by both, however it spells them."""
    names = [name for name in investors_written(stored.record.data) if name in shown]
    if len(backers) < len(names):
        yield from (name for name in names if not backers & _meant(name, firms))


def _meant(text: str, firms: Firms) -> set[str]:
    return {one for key in written_keys(text) for one in firms.get(key, ())}
