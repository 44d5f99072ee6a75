"""Text -> pieces that end where sentences end. Knows the danda, headings and lists; no sentence is lost or reworded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LEAST_WORDS = 120
MOST_WORDS = 180
LONGEST_SENTENCE = 6_000
"""Characters of a sentence that is still taken whole; text that goes on without an end is cut between words."""
LONGEST_CUT = 1_500
"""Characters of such a cut, also where there is no space at all."""
LOOK_BACK = 24
"""Characters before a full stop in which an abbreviation is looked for."""

_ABBREVIATIONS = (
    "dr|mr|mrs|ms|prof|st|rs|no|nos|vs|etc|approx|govt|dept|ltd|pvt|co|inc|jr|sr|hon|smt|shri|rd|ave|opp|nr|e\\.g|i\\.e|"
    "viz|cf|al|fig|vol|sec|art|ph|tel|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|डॉ|श्री|रु"
)
_END = re.compile(r"(?:[.!?।॥…]+[\"'”’)\]]*)(?=\s+\S)|[。！？]")
_NO_END = re.compile(rf"(?<!\w)(?:{_ABBREVIATIONS}|[A-Za-z]|\d{{1,2}})\.$", re.IGNORECASE)
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$|^={2,6}\s*(.+?)\s*={2,6}$")
_LISTED = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)]|\(?[a-z0-9]{1,3}\))\s+")


@dataclass(slots=True)
class _Piece:
    heading: str
    sentences: list[str] = field(default_factory=list)
    words: int = 0
    length: int = 0

    def has_room(self, sentence: str, words: int) -> bool:
        """Scripts without spaces count by characters."""
        return self.words + words <= MOST_WORDS and self.length + len(sentence) <= 2 * LONGEST_CUT


def pieces(text: str) -> list[tuple[str, str]]:
    """(heading, text) of each piece in order: whole sentences, about 120 to 180 words, never across a heading."""
    found: list[tuple[str, str]] = []
    current = _Piece("")
    for heading, paragraph in _paragraphs(text):
        if heading != current.heading:
            _close(current, found)
            current = _Piece(heading)
        for sentence in _sentences(paragraph):
            words = len(sentence.split())
            if current.sentences and not current.has_room(sentence, words):
                _close(current, found)
                current = _Piece(heading)
            current.sentences.append(sentence)
            current.words += words
            current.length += len(sentence) + 1
        if current.words >= LEAST_WORDS:
            _close(current, found)
            current = _Piece(heading)
    _close(current, found)
    return found


def _close(piece: _Piece, found: list[tuple[str, str]]) -> None:
    if piece.sentences:
        found.append((piece.heading, " ".join(piece.sentences)))


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """Blank lines, headings and list items end a paragraph."""
    heading, lines = "", list[str]()
    for line in text.splitlines():
        marked = _HEADING.match(line.strip())
        if marked or not line.strip() or _LISTED.match(line):
            if lines:
                yield heading, " ".join(lines)
            lines = []
        if marked:
            heading = marked[2] or marked[3]
        elif line.strip():
            lines.append(line.strip())
    if lines:
        yield heading, " ".join(lines)


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(paragraph):
        if not _NO_END.search(paragraph, max(start, end.end() - LOOK_BACK), end.end()):
            yield from _bounded(paragraph[start : end.end()].strip())
            start = end.end()
    if rest := paragraph[start:].strip():
        yield from _bounded(rest)


def _bounded(sentence: str) -> Iterator[str]:
    """A sentence as it is, unless it is so long that no reader or model could take it whole."""
    if len(sentence) <= LONGEST_SENTENCE and sentence.count(" ") < 2 * MOST_WORDS:
        yield sentence
        return
    piece: list[str] = []
    length = 0
    for word in (part for long in sentence.split() for part in _cut(long)):
        if piece and (len(piece) >= MOST_WORDS or length + len(word) > LONGEST_CUT):
            yield " ".join(piece)
            piece, length = [], 0
        piece.append(word)
        length += len(word) + 1
    yield " ".join(piece)


def _cut(word: str) -> Iterator[str]:
    for start in range(0, len(word), LONGEST_CUT):
        yield word[start : start + LONGEST_CUT]
