"""The slips of people who type: one or two edits, no capitals, no full stop."""

import random
import re

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_LONG_WORD = re.compile(r"[A-Za-z]{5,}")


def misspell(text: str, rng: random.Random, edits: int = 1) -> str:
    """`text` with that many edits inside its long words; digits, short words and first letters are left alone."""
    for _ in range(edits):
        spots = list(_LONG_WORD.finditer(text))
        if not spots:
            return text
        word = rng.choice(spots)
        text = text[: word.start()] + _slip(word.group(), rng) + text[word.end() :]
    return text


def _slip(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("drop", "double", "swap", "neighbour"))
    if kind == "drop":
        return word[:i] + word[i + 1 :]
    if kind == "double":
        return word[:i] + word[i] + word[i:]
    if kind == "swap" and word[i] != word[i + 1]:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + rng.choice(_NEIGHBOURS.get(word[i].lower(), "e")) + word[i + 1 :]


def untidy(question: str, rng: random.Random) -> str:
    """Lower case and missing punctuation for a share of the questions."""
    draw = rng.random()
    if draw < 0.25:
        question = question.lower()
    if rng.random() < 0.3:
        question = question.rstrip("?.!। ")
    return question
