"""Amounts of money as sources write them: `₹4.5 crore`, `Rs. 12,50,000/-`, `$1.2M`, `USD 3 mn`, `INR 2.3 lakh crore`.

Read exactly or not at all. A range, a price without a number, `undisclosed`, digits grouped in no known way: no amount,
and the caller keeps the source's own text. Nothing is converted, and a currency that is not written is not guessed;
`$` alone is the US dollar, `Rs` and `₹` the Indian rupee.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

from ibcm.domain.texts import mended

ISO_4217 = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD "
    "UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)
"""Currencies in use, by their codes."""
_WRITTEN = {
    "INR": "₹ rs rs. re re. inr. rupee rupees रुपये रुपए रुपया रु रु.",
    "USD": "$ us$ $us usd$ us-$ dollar dollars",
    "EUR": "€ euro euros",
    "GBP": "£ pound pounds",
    "SGD": "s$ sg$",
    "AUD": "a$ au$",
    "CAD": "c$ ca$",
    "HKD": "hk$",
    "NZD": "nz$",
    "BRL": "r$",
    "JPY": "yen",
    "CNY": "yuan rmb cn¥",
    "ILS": "₪",
    "KRW": "₩",
    "VND": "₫",
    "NGN": "₦",
    "THB": "฿",
    "TRY": "₺",
    "RUB": "₽",
    "UAH": "₴",
}
"""Code -> how people write it. `¥` alone is two currencies, and so it is none."""
CURRENCIES = {word: code for code, words in _WRITTEN.items() for word in words.split()} | {
    code.casefold(): code for code in ISO_4217
}
SCALES = {
    word: Decimal(scale)
    for scale, words in (
        (10**3, "k thousand thousands हज़ार हजार"),
        (10**5, "lakh lakhs lac lacs लाख"),
        (10**6, "m mn mil mio mln million millions मिलियन"),
        (10**7, "cr cr. crs crore crores करोड़ करोड"),
        (10**9, "b bn billion billions अरब बिलियन"),
        (10**12, "t tn trillion trillions खरब"),
    )
    for word in words.split()
}
_OF_CRORES = frozenset({"crore", "crores", "cr", "cr.", "करोड़", "करोड"})
"""What may follow another scale: `lakh crore`, `thousand crore`."""
NOT_TOLD = frozenset(
    "- -- --- ? n/a na nan nil none null unknown undisclosed undiclosed tbd tba confidential private – —".split()
)
_ABOUT = re.compile(
    r"(?:~|≈|c\.|ca\.|circa|about|around|approx\.?|approximately|nearly|almost|roughly|over|more than|at least|"
    r"upwards of|up to|upto|under|less than|estimated|est\.?|>|<)\s*",
    re.IGNORECASE,
)
_AND_SO_ON = re.compile(r"\s*(?:\+|approx\.?|approximately|or so|or more)$", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_DECORATION = re.compile(r"(?:\s*(?:/-|/=|[,;.]|\bonly\b))+$", re.IGNORECASE)
_DIGITS = r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"


def _either(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_CURRENCY, _SCALE = _either(CURRENCIES), _either(SCALES)
_SHAPE = re.compile(
    rf"(?P<before>(?:(?:{_CURRENCY})\s*){{0,2}})(?P<digits>{_DIGITS})"
    rf"\s*(?P<scales>(?:(?:{_SCALE})(?![^\W\d_])\s*){{0,2}})(?P<after>(?:us\s+)?(?:{_CURRENCY})?)",
    re.IGNORECASE,
)
_INDIAN, _WESTERN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}"), re.compile(r"\d{1,3}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Money:
    """What a text says: `amount` in units of `currency` (ISO 4217); None for what it does not say."""

    amount: Decimal | None = None
    currency: str | None = None
    approximate: bool = False
    """About so much, at least or at most so much."""


NOTHING = Money()


def read_money(text: str) -> Money:
    """The amount that the whole text writes; NOTHING where it writes none, several, or one that can be read in two
    ways. A restatement in brackets (`₹4.5 crore ($0.6M)`) is left to its source's text."""
    plain = _DECORATION.sub("", _ASIDE.sub("", mended(text)))
    plain, before = _ABOUT.subn("", plain, count=1) if _ABOUT.match(plain) else (plain, 0)
    plain, after = _AND_SO_ON.subn("", plain)
    found = _SHAPE.fullmatch(plain.strip())
    if found is None or not _grouped(found["digits"].partition(".")[0]):
        return NOTHING
    scale, currencies = _scale(found["scales"].casefold().split()), _currencies(found["before"], found["after"])
    if scale is None or len(currencies) > 1:
        return NOTHING
    with localcontext(prec=60):
        amount = (Decimal(found["digits"].replace(",", "")) * scale).normalize()
    return Money(amount, next(iter(currencies), None), bool(before or after))


def currency_code(text: str) -> str | None:
    """The ISO 4217 code of a currency as people write it: `Rs.`, `₹`, `usd`, `US dollars`; None for others."""
    words = mended(text).casefold().removeprefix("us ").removeprefix("indian ")
    return CURRENCIES.get(words)


def is_untold(text: str) -> bool:
    """`undisclosed`, `N/A`, `-`: words by which a source says that it does not say."""
    words = mended(text).casefold().removesuffix(" amount")
    return not words or words in NOT_TOLD


def plain_number(amount: Decimal) -> int | float:
    """For JSON: whole where it is whole."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _grouped(digits: str) -> bool:
    return "," not in digits or bool(_INDIAN.fullmatch(digits) or _WESTERN.fullmatch(digits))


def _scale(words: list[str]) -> Decimal | None:
    """One scale, or one of crores; None for `million lakh`, which nobody means."""
    if len(words) > 1 and (words[1] not in _OF_CRORES or SCALES[words[0]] >= SCALES["crore"]):
        return None
    scale = Decimal(1)
    for word in words:
        scale *= SCALES[word]
    return scale


def _currencies(before: str, after: str) -> set[str]:
    written = before.casefold().split() or []
    if before and not all(word in CURRENCIES for word in written):  # `us$`, `inr₹`: written together
        written = [word for word in re.findall(_CURRENCY, before, re.IGNORECASE) if word]
    trailing = after.casefold().removeprefix("us").strip() if after.casefold().startswith("us ") else after.casefold()
    return {CURRENCIES[word.casefold()] for word in [*written, trailing] if word}
