"""Small steps that turn what a cell says into what a record holds (docs/mapping.md lists them).

Each is a function of one value and its argument. A value that it cannot read is a ValueError, which becomes the
rejection of that row: the author of the mapping decides what is a filler (`null_if`), never the step.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crawlers.file.parties import parties
from crawlers.names import slug
from ibcm.domain.gazetteer import Gazetteer
from ibcm.domain.hours import clock, opening_hours
from ibcm.domain.money import currency_code, is_untold, plain_number, read_money
from ibcm.domain.scope import Scope
from ibcm.domain.texts import mended

Step = Callable[[Any], Any]
WORDS_FOR_NUMBERS = {
    "k": 1e3, "thousand": 1e3, "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lacs": 1e5, "m": 1e6, "mn": 1e6, "million": 1e6,
    "cr": 1e7, "crore": 1e7, "crores": 1e7, "bn": 1e9, "b": 1e9, "billion": 1e9,
}  # fmt: skip
CURRENCY = r"(?:₹|\$|€|£|rs\.?|inr|usd|eur)"
NUMBER = re.compile(
    rf"{CURRENCY}?\s*(?P<digits>[+-]?(?:\d+|\d{{1,3}}(?:,\d{{2,3}})+)(?:\.\d+)?|[+-]?\.\d+)\s*\+?\s*"
    rf"(?P<word>{'|'.join(sorted(WORDS_FOR_NUMBERS, key=len, reverse=True))})?\s*{CURRENCY}?(?:/-)?",
    re.IGNORECASE | re.ASCII,
)
YES, NO = {"yes", "y", "true", "t", "1"}, {"no", "n", "false", "f", "0"}


def number(value: Any) -> float | int:
    """`20,00,00,000`, `₹300`, `Rs. 1,200/-`, `1.5 crore`, `14,342,000+`: a dot before the decimals."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    match = NUMBER.fullmatch(str(value).strip().replace("\u00a0", " "))
    if match is None:
        raise ValueError(f"{value!r} is not a number: add it to null_if if it stands for nothing")
    read = float(match["digits"].replace(",", "")) * WORDS_FOR_NUMBERS.get((match["word"] or "").casefold(), 1)
    return int(read) if read.is_integer() else read


def money(value: Any) -> float | int | None:
    """An amount of money as a number, without its currency; nothing for `undisclosed` and the like."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    if is_untold(text):
        return None
    if (amount := read_money(text).amount) is None:
        raise ValueError(f"{value!r} is no amount that can be read in one way: add it to null_if, or keep it as text")
    return plain_number(amount)


def currency(value: Any) -> str | None:
    """The ISO 4217 code of a currency, or of an amount that writes one; nothing where none is written."""
    text = str(value)
    return currency_code(text) or read_money(text).currency


def integer(value: Any) -> int:
    read = number(value)
    if not float(read).is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    return int(read)


def boolean(value: Any) -> bool:
    text = str(value).strip().casefold()
    if text not in YES | NO:
        raise ValueError(f"{value!r} is neither yes nor no")
    return text in YES


def date(value: Any, argument: Any = None) -> str:
    """`argument`: a format, a list of them, or `{from: ..., to: ...}`; without one ISO dates are read."""
    options = argument if isinstance(argument, Mapping) else {"from": argument or "%Y-%m-%d"}
    formats = options.get("from", "%Y-%m-%d")
    for form in [formats] if isinstance(formats, str) else formats:
        try:
            return datetime.strptime(str(value).strip(), form).strftime(options.get("to", "%Y-%m-%d"))  # noqa: DTZ007  # a day
        except ValueError:
            continue
    raise ValueError(f"{value!r} is not a date of the form {formats}")


def split(value: Any, separator: str = ",") -> list[str]:
    return [part for part in (tidy(part) for part in str(value).split(separator)) if part]


def tidy(value: Any) -> str:
    """Without space around, and with single spaces inside."""
    return " ".join(str(value).split())


def regex(value: Any, pattern: str) -> str | None:
    """The first group of the pattern, or the whole match; nothing where it does not match."""
    match = re.search(pattern, str(value))
    return None if match is None else (match[1] if match.re.groups else match[0])


def replace(value: Any, pairs: Mapping[str, str]) -> str:
    """Every occurrence of a pattern by its replacement, in order."""
    text = str(value)
    for pattern, by in pairs.items():
        text = re.sub(pattern, by, text)
    return tidy(text)


def mapped(value: Any, table: Mapping[Any, Any]) -> Any:
    """By the table, case left aside; `_` is for all others, which stay as they are when it is missing."""
    folded = {str(key).casefold(): to for key, to in table.items()}
    return folded.get(str(value).casefold(), folded.get("_", value))


def no_value(value: Any, fillers: Sequence[Any]) -> Any:
    told = {str(filler).casefold() for filler in fillers}
    return None if str(value).strip().casefold() in told else value


def unique(values: Sequence[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(str(value), value)
    return list(found.values())


ON_VALUES: dict[str, Callable[..., Any]] = {
    "strip": tidy,
    "lower": lambda value: str(value).lower(),
    "upper": lambda value: str(value).upper(),
    "title": lambda value: tidy(value).title(),
    "slug": lambda value: slug(str(value)) or None,
    "text": str,
    "number": number,
    "integer": integer,
    "money": money,
    "currency": currency,
    "mend": lambda value: mended(str(value)) or None,
    "parties": lambda value: parties(str(value)),
    "boolean": boolean,
    "date": date,
    "time": clock,
    "opening_hours": opening_hours,
    "split": split,
    "regex": regex,
    "replace": replace,
    "map": mapped,
    "null_if": no_value,
    "multiply": lambda value, by: round(number(value) * by, 6),
}
"""Steps on a single value; of a list they take each."""
ON_LISTS: dict[str, Callable[..., Any]] = {
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "count": len,
    "unique": unique,
    "join": lambda values, glue=", ": glue.join(str(value) for value in values) or None,
}
ALONE = {"regex", "replace", "map", "null_if", "multiply"}
"""Steps that need their argument."""


def step(spec: Any, scope: Scope) -> Step:
    """A step as a mapping writes it: `number`, or `{split: ";"}`. Raises ValueError naming what is wrong."""
    if isinstance(spec, Mapping) and len(spec) == 1:
        ((name, argument),) = spec.items()
        given: tuple[Any, ...] = (argument,)
    elif isinstance(spec, str):
        name, given = spec, ()
    else:
        raise ValueError(f"{spec!r} is no transform: write a name, or one name with its argument")
    if name in ("city", "sector"):
        known = Gazetteer(scope)
        slug_of = known.city if name == "city" else known.sector
        return _each(lambda value: slug_of(str(value)))
    if name in ON_LISTS:
        return _whole(lambda values: ON_LISTS[name](values, *given))
    if name not in ON_VALUES:
        raise ValueError(
            f"unknown transform {name!r}; known are {', '.join(sorted([*ON_VALUES, *ON_LISTS, 'city', 'sector']))}"
        )
    if name in ALONE and not given:
        raise ValueError(f"transform {name!r} needs an argument: {{{name}: ...}}")
    return _each(lambda value: ON_VALUES[name](value, *given))


def _each(do: Step) -> Step:
    def run(value: Any) -> Any:
        if isinstance(value, list):
            done = [do(item) for item in value]
            return [item for item in done if item is not None]
        return do(value)

    return run


def _whole(do: Step) -> Step:
    return lambda value: do(value if isinstance(value, list) else [value])
