"""Which pairs wait for a person, in which order, and which comes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ibcm.records.models import Pair, Record


@dataclass(frozen=True, slots=True)
class Filter:
    """What a curator wants to see; empty: everything."""

    label: str = ""
    city: str = ""
    source: str = ""
    least: float = 0.0
    words: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filter":
        """From the address of the page; what cannot be read counts for nothing."""
        return cls(
            label=given.get("label", ""),
            city=given.get("city", ""),
            source=given.get("source", ""),
            least=_share(given.get("least", "")),
            words=given.get("q", "").strip(),
        )

    def as_query(self) -> dict[str, str]:
        """For an address; the defaults left out."""
        told = {"label": self.label, "city": self.city, "source": self.source, "q": self.words}
        if self.least:
            told["least"] = f"{self.least:g}"
        return {name: value for name, value in told.items() if value}


def _share(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def waiting(chosen: Filter = Filter()) -> QuerySet[Pair]:
    """Open pairs, the likeliest first."""
    found = Pair.objects.filter(together=False, probability__gte=chosen.least)
    if chosen.label:
        found = found.filter(label=chosen.label)
    if chosen.source:
        prefix = f"{chosen.source}:"
        found = found.filter(Q(left__startswith=prefix) | Q(right__startswith=prefix))
    if chosen.city:
        found = found.filter(Exists(Record.objects.filter(ref=OuterRef("left"), city=chosen.city)))
    if chosen.words:
        said = Record.objects.filter(payload__icontains=chosen.words)
        found = found.filter(Exists(said.filter(ref=OuterRef("left"))) | Exists(said.filter(ref=OuterRef("right"))))
    return found.order_by("-probability", "id")


def next_pair(chosen: Filter, *, skipped: Collection[str] = ()) -> Pair | None:
    """The likeliest that was not skipped."""
    return next((pair for pair in waiting(chosen).iterator(chunk_size=50) if key_of(pair) not in skipped), None)


def key_of(pair: Pair) -> str:
    """Names a pair, whatever row it is in: rows are written anew whenever a pair is judged again."""
    return f"{pair.left}|{pair.right}"


def by_key(key: str) -> Pair | None:
    """The pair of that name, if it is still there."""
    left, _, right = key.partition("|")
    return Pair.objects.filter(left=left, right=right).first()


def figures() -> dict[str, int]:
    """How many wait, by label."""
    counted = Pair.objects.filter(together=False).order_by("label").values("label").annotate(n=Count("id"))
    return {row["label"]: row["n"] for row in counted}
