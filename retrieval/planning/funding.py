"""Questions about money that organizations raised: how much, from whom, in which round."""

from dataclasses import replace

from retrieval.plan import Constraint, Plan
from retrieval.planning.reading import Reading


def funding(reading: Reading, base: Plan) -> Plan | None:
    """A plan when an organization is named beside a word for raising or investing."""
    named = reading.naming("Organization")
    rounds_named = any(f.field == "round" and "Funding" in f.labels for m in reading.free() for f in m.facets)
    if not named or not (reading.asks("funding", "investors") or rounds_named):
        return None
    subject = max(named, key=lambda m: (not reading.is_small(m), m.end - m.start, -m.start))
    organization = reading.named(subject, "Organization")
    rounds = []
    for mention in reading.free():
        facet = next((f for f in mention.facets if "Funding" in f.labels and f.field == "round"), None)
        if facet is not None:
            reading.use(mention)
            rounds.append(Constraint("round", "=", sorted(facet.values), facet.display, None))
    reading.use(*(m for m in reading.free() if m.fields and set(m.fields) & {"amount", "round", "date", "currency"}))
    fields = ("investors",) if reading.asks("investors") else ("amount",)
    return replace(
        base,
        kind="funding",
        label="Funding",
        subjects=(organization,),
        constraints=tuple(rounds),
        fields=fields,
        city=None,
    )
