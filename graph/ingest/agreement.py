"""When two sources say the same of a field, in two spellings or one of them more exactly. Pure functions of values.

Values with one key agree: they support each other in the merge and are no conflict. What is shown stays as its source
wrote it. A field without a normal form of its own is compared by amount, by money, or by folded text.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from urllib.parse import urlsplit

from graph.normalise import value_key, website_host
from graph.resolution.doors import door, is_within
from graph.resolution.tokens import spelled_words
from ibcm.config import gazetteer, load_scope
from ibcm.domain.money import NOTHING, SCALES, Money, read_money
from ibcm.domain.week import week

LETTERS_THAT_SCALE = 3
"""`1.5 cr` is an amount of money wherever it stands; `5 m` without a currency may be a length."""
LOCAL_DIGITS = 7
"""Of a number without its area code: fewer may be the end of anything."""
YES, NO = frozenset({"yes", "true"}), frozenset({"no", "false"})
NAMED = (
    "legal_name",
    "company",
    "operator",
    "network",
    "publisher",
    "issuer",
    "brand",
    "area",
    "locality",
    "investors",
)
"""Fields that hold the name of a firm or a neighbourhood: compared word by word, abbreviations written out."""
MOMENTS = ("founded", "date", "start", "end", "published", "effective_from")


def key_of(field: str, value: object) -> str:
    """Equal for values of a field that say the same: `Bangalore` and `Bengaluru` are one city."""
    if isinstance(value, list):
        keys = sorted(_numbers(value) if field == "phone" else (key_of(field, one) for one in value))
        return keys[0] if field == "phone" and len(keys) == 1 else "[" + "|".join(keys) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _text_key(field, value) if isinstance(value, str) else value_key(value)


@lru_cache(maxsize=65_536)
def _text_key(field: str, text: str) -> str:
    rule = _KEYS.get(field)
    return (rule(text) if rule else None) or _plain(text)


def refines(field: str, one: object, other: object) -> bool:
    """Whether `one` says the same as `other`, more exactly."""
    if field == "phone":
        return _more_numbers(one, other)
    if not isinstance(one, str | int | float) or not isinstance(other, str | int | float):
        return False
    rule = _REFINEMENTS.get(field)
    return (rule is not None and rule(str(one), str(other))) or _money(one, other)


# -- one spelling ------------------------------------------------------------------------------------------------
def _plain(text: str) -> str:
    if text.strip().casefold() in YES | NO:
        return "yes" if text.strip().casefold() in YES else "no"
    money = _read(text)
    if money.amount is None:
        return value_key(text)
    amount = value_key(str(money.amount) if "E" not in str(money.amount) else f"{money.amount:f}")
    return " ".join(filter(None, (amount, money.currency, "about" if money.approximate else "")))


@lru_cache(maxsize=16_384)
def _read(value: str) -> Money:
    """Money that a text clearly writes, by its currency or by a scale that is a word."""
    if not any(map(str.isdigit, value)):
        return NOTHING
    money = read_money(value)
    words = value.casefold().replace(".", " ").split()
    scaled = any(word in SCALES and len(word) >= LETTERS_THAT_SCALE for word in words) or "cr" in words
    return money if money.currency or scaled else NOTHING


def _city(text: str) -> str | None:
    towns = gazetteer().towns(text)
    return "c" + "|".join(sorted(towns)) if towns else None


def _phone(text: str) -> str | None:
    """Flat data holds E.164 already, but for what no country dials: there digits count."""
    digits = "".join(filter(str.isdigit, text))
    return f"+{digits}" if text.startswith("+") else digits.lstrip("0") or None


def _numbers(value: object) -> frozenset[str]:
    """Each once: a number that is told with its area code and without it is one. So no two values are each other's
    more exact form, which would leave the merge without any."""
    every = frozenset(key_of("phone", one) for one in (value if isinstance(value, list) else [value]))
    return frozenset(one for one in every if not _is_end(one, every - {one}))


def _more_numbers(one: object, other: object) -> bool:
    """All numbers of the other and more, or one of them with the area code that the other leaves out."""
    mine, theirs = _numbers(one), _numbers(other)
    return mine != theirs and all(said in mine or _is_end(said, mine) for said in theirs)


def _is_end(digits: str, numbers: Iterable[str]) -> bool:
    return len(digits) >= LOCAL_DIGITS and any(number.endswith(digits) for number in numbers)


def _website(text: str) -> str | None:
    """Host and path; how it is called up, `www.` and a slash at the end say nothing."""
    host = website_host(text)
    return f"{host}{_path(text)}" if host else None


def _path(text: str) -> str:
    parts = urlsplit(text.strip().casefold() if "//" in text else f"//{text.strip().casefold()}")
    return parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def _email(text: str) -> str | None:
    return text.strip().casefold().removeprefix("mailto:")


def _hours(text: str) -> str | None:
    found = week(text)
    return str(found) if found else None


def _address(text: str) -> str | None:
    found = door(text)
    return f"{sorted(found.words)} {found.numbers}" if found else None


def _name(text: str) -> str | None:
    """Without spaces: `Indira Nagar` is `Indiranagar`."""
    return "".join(spelled_words(text))


def _when(text: str) -> str | None:
    """A moment with a zone, in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else None


_KEYS: Mapping[str, Callable[[str], str | None]] = {
    "city": _city,
    "phone": _phone,
    "website": _website,
    "email": _email,
    "opening_hours": _hours,
    "address": _address,
    **dict.fromkeys(NAMED, _name),
    **dict.fromkeys(MOMENTS, _when),
}
"""Field -> its normal form; None for what it cannot read."""


# -- more exactly ------------------------------------------------------------------------------------------------
def _finer_category(one: str, other: str) -> bool:
    return other in _above(one)


@cache
def _above(slug: str) -> frozenset[str]:
    categories = load_scope().categories
    found: list[str] = []
    while (known := categories.get(slug)) and known.parent and known.parent not in found:
        slug = known.parent
        found.append(slug)
    return frozenset(found)


def _finer_address(one: str, other: str) -> bool:
    return is_within(door(other), door(one))


def _finer_city(one: str, other: str) -> bool:
    """`Gurgaon` for `Delhi NCR`, `Pune / Seattle` for `Pune`."""
    known = gazetteer()
    mine, theirs = set(known.towns(one)), set(known.towns(other))
    wider = known.surroundings(other)
    return theirs < mine or (bool(mine) and mine <= wider and not known.surroundings(one))


def _finer_moment(one: str, other: str) -> bool:
    return len(one) > len(other) and one.startswith(other) and one[len(other)] in "-T "


def _finer_site(one: str, other: str) -> bool:
    """A page of a site, for its front page."""
    return (
        bool(website_host(one)) and website_host(one) == website_host(other) and not _path(other) and bool(_path(one))
    )


def _finer_hours(one: str, other: str) -> bool:
    """The same week, and holidays besides."""
    mine, theirs = week(one), week(other)
    return bool(mine and theirs) and mine[:-1] == theirs[:-1] and theirs[-1] is None and mine[-1] is not None  # type: ignore[index] # both are there


def _money(one: object, other: object) -> bool:
    """The same amount, with the currency that the other leaves out, or exactly where the other says about so much."""
    if not (isinstance(one, str) or isinstance(other, str)):
        return False
    mine, theirs = _amount(one), _amount(other)
    if mine.amount is None or mine.amount != theirs.amount or mine == theirs:
        return False
    return theirs.currency in (None, mine.currency) and (theirs.approximate or not mine.approximate)


def _amount(value: object) -> Money:
    if isinstance(value, str):
        return _read(value)
    return NOTHING if isinstance(value, bool) else read_money(f"{value}")


_REFINEMENTS: Mapping[str, Callable[[str, str], bool]] = {
    "category": _finer_category,
    "address": _finer_address,
    "city": _finer_city,
    "website": _finer_site,
    "opening_hours": _finer_hours,
    **dict.fromkeys(MOMENTS, _finer_moment),
}
