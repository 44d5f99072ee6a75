"""Text that an export damaged, as it was meant."""

import re
import unicodedata

_BYTES = re.compile(r"(?:\\+x[0-9a-fA-F]{2})+")
_CONTROLS = re.compile(r"\\+[nrt](?![a-z])|\\+(?=['\"’])")
_HEX = re.compile(r"x([0-9a-fA-F]{2})")


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
