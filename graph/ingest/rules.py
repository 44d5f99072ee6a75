"""By what one value of a field wins over another: the table that curators and developers read.

Criteria, in the words of the table:

- pinned: a curator said so
- valid: among values that do not hold now, what held last, else what begins first; beside a value that holds they are
  not looked at
- trusted: the terms of its source give it more trust
- agreed: more sources say it
- recent: it was read later

What is left equal is decided by the smaller ref. Values that say the same in two spellings count as one, and a value
that says the same *more exactly* takes the place of the vaguer one, with all of its support, and is no conflict: `cafe`
for `food`, `12 Main Road, Camp` for `Main Road`, `2015-03-01` for `2015`, `Gurgaon` for `Delhi NCR` (agreement.py).
"""

from collections.abc import Mapping

Order = tuple[str, ...]

SETTLED: Order = ("pinned", "valid", "trusted", "agreed", "recent")
"""For what seldom changes."""
CHANGING: Order = ("pinned", "valid", "trusted", "recent", "agreed")
"""For what changes: of equally trusted sources the latest is right, however many older ones agree."""

RULES: Mapping[str, Order] = dict.fromkeys(
    (
        *("opening_hours", "phone", "email", "website", "status", "employees", "population"),
        *("rating", "price_for_two", "price", "first", "last", "headway_minutes", "value"),
    ),
    CHANGING,
)
"""Field -> order; SETTLED for all others."""


def order_of(field: str) -> Order:
    return RULES.get(field, SETTLED)
