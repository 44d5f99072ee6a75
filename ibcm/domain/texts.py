"""Text of sources: damaged by an export, as it was meant; unruly, as it may be shown."""

import re
import unicodedata

_BYTES = re.compile(r"(?:\\+x[0-9a-fA-F]{2})+")
_CONTROLS = re.compile(r"\\+[nrt](?![a-z])|\\+(?=['\"’])")
_HEX = re.compile(r"x([0-9a-fA-F]{2})")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LONGEST = 160
"""Characters of a name that are shown among other text."""


def mended(text: str) -> str:
    r"""Bytes and line breaks that were written out (`\xe2\x80\x99`, `\n`) as what they stand for, in NFKC, with single
    spaces. Bytes that are no UTF-8 become a space: nobody knows what they were."""
    meant = _CONTROLS.sub(lambda found: " " if found[0][-1] in "nrt" else "", _BYTES.sub(_decoded, text))
    return " ".join(unicodedata.normalize("NFKC", meant).split())


def _decoded(found: re.Match[str]) -> str:
    return bytes(int(pair, 16) for pair in _HEX.findall(found[0])).decode("utf-8", errors="replace").replace("�", " ")


def spelling_key(text: str) -> str:
    """Equal for names that differ in case, accents, spaces or signs alone: `Ed-Tech`, `EdTech`; empty without a letter
    or digit. Marks of scripts other than Latin are kept."""
    parted = unicodedata.normalize("NFKD", mended(text).replace("&", " and ")).casefold()
    return "".join(
        char for char in parted if unicodedata.category(char)[0] in "LMN" and not "\u0300" <= char <= "\u036f"
    )


def unturned(text: str) -> str:
    """Without the characters that turn the direction of text: in a name, they turn the sentence in which it stands."""
    return _TURNING.sub("", text)


def shortened(text: str, longest: int = LONGEST) -> str:
    """At most so many characters, cut between words where that costs little, with an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    words, _, _ = cut.rpartition(" ")
    return (words if len(words) > longest // 2 else cut).rstrip() + "…"


def displayed(text: str) -> str:
    """A name as it is shown among other text."""
    return shortened(unturned(text))
