"""One spelling for what sources spell in many ways. Pure functions over text, numbers and phone numbers."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers

DEFAULT_REGION = "IN"
"""ISO 3166 country in whose notation a phone number is read when the record states no country: the configured cities
are Indian."""

_LATIN_ACCENTS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['’‘`´ʼ\u200b-\u200d\ufeff\u00ad]")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*|[1-9]\d{0,2}(,\d{2,3})+)(\.\d+)?")
_SIGNS = re.compile(r"[+#*%]|-(?=\s|$)")
_ASCII_GAPS = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """The form in which names are compared: NFKC, casefolded, Latin accents and apostrophes stripped, every other
    mark of punctuation a space, spaces squeezed. Letters and marks of other scripts (Devanagari) are kept whole.

    Text that has no letter or digit at all ("★★") is returned casefolded, so that only "" folds to "".
    """
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).casefold()
    if plain.isascii():
        folded = _ASCII_GAPS.sub(" ", plain).strip()
    else:
        bare = _LATIN_ACCENTS.sub("", unicodedata.normalize("NFD", plain))
        folded = " ".join("".join(_kept(char) for char in unicodedata.normalize("NFC", bare)).split())
    return folded or plain.strip()


def _kept(char: str) -> str:
    return char if unicodedata.category(char)[0] in "LMN" else " "


def as_number(value: object) -> float | None:
    """The number that a value is or plainly writes ("1,200", "4.50"); None for codes such as "007"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value.replace(",", ""))
    return None


EXACT = 2.0**53
"""Beyond it not every whole number is one of its own: such a row of digits is a code."""


def value_key(value: object) -> str:
    """Equal for values that say the same: numbers by amount, text folded (signs that grades and versions need are
    kept), lists as sets. What begins with a plus is a telephone number, and no amount."""
    if isinstance(value, list | tuple):
        return "[" + "|".join(sorted(value_key(one) for one in value)) + "]"
    text = str(value)
    number = None if text.startswith("+") else as_number(value)
    if number is not None and abs(number) < EXACT:
        return f"n{number:.0f}" if number.is_integer() else f"n{number:.9g}"
    return f"t{fold(text)}{''.join(_SIGNS.findall(text.strip()))}"


@lru_cache(maxsize=16_384)
def phones(text: str, region: str | None = DEFAULT_REGION) -> tuple[str, ...]:
    """Every valid phone number in the text as E.164, in order; the text itself when none can be read."""
    found = (match.number for match in phonenumbers.PhoneNumberMatcher(text, region))
    numbers = dict.fromkeys(phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164) for one in found)
    return tuple(numbers) or _whole_number(text, region) or (text.strip(),)


def _whole_number(text: str, region: str | None) -> tuple[str, ...]:
    """A number written without the gaps that a matcher wants around it."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ()
    if not phonenumbers.is_valid_number(number):
        return ()
    return (phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),)


def website_host(url: str) -> str:
    """Host of an address as people write it, lower case, without `www.`; empty when there is none."""
    text = url.strip().casefold()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:  # such as an unclosed bracket
        return ""
    return host.removeprefix("www.").rstrip(".")
