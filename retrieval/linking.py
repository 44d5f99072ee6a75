"""Which words of a question mean what: entities, filter values, categories, cities, fields, operators, numbers.

Every span that means anything becomes a candidate; the set of candidates that explains the question best, without
overlap, is kept. A span keeps all of its meanings: planning chooses by the role that it plays. Words that nothing
explains are the residue, and a question with residue is not fully understood.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, product

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from graph.resolution.tokens import vocabulary
from graph.romanise import romanise, sounds
from retrieval.catalogue import Catalogue, Facet
from retrieval.language import Token, is_devanagari, key_of
from retrieval.lexicon import Lexicon, lexicon

LONGEST_NAME = 12
SPELLINGS = 3
UNITS = {
    **dict.fromkeys("km kms kilometre kilometres kilometer kilometers किमी किलोमीटर kilometr".split(), ("m", 1000.0)),
    **dict.fromkeys("m metre metres meter meters mtr mtrs mts मीटर".split(), ("m", 1.0)),
    **dict.fromkeys("rs inr rupee rupees ₹ रुपये रुपए रुपया रु rupaye rupay rupaiye bucks".split(), ("currency", 1.0)),
    **dict.fromkeys("star stars स्टार सितारे".split(), ("stars", 1.0)),
    **dict.fromkeys("lakh lakhs लाख".split(), ("", 100_000.0)),
    **dict.fromkeys("crore crores करोड़ करोड".split(), ("", 10_000_000.0)),
    **dict.fromkeys("thousand k हज़ार हजार".split(), ("", 1000.0)),
    **dict.fromkeys("minute minutes min mins मिनट".split(), ("minutes", 1.0)),
}
NUMBER_WORDS = {
    **{word: n for n, word in enumerate("zero one two three four five six seven eight nine ten".split())},
    **{word: n for n, word in enumerate("शून्य एक दो तीन चार पांच छह सात आठ नौ दस".split())},
    "teen": 3,
    "paanch": 5,
    "panch": 5,
    "saat": 7,  # Latin `do`, `das` and `ek` are other words too often
}


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    unit: str
    """`m`, `currency`, `stars`, `minutes` or empty."""


@dataclass(slots=True)
class Mention:
    """A span of tokens [start, end) with everything that it may mean."""

    start: int
    end: int
    text: str
    entities: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    categories: tuple[str, ...] = ()
    city: str | None = None
    operators: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    number: Number | None = None
    exact: bool = True
    """False when spelling was corrected or a name was given in part."""
    partial: bool = False
    cased: bool = False
    """Written like a proper name."""
    everyday: bool = False
    """A kind of thing with small words around it, even where something is called just that."""
    score: float = 0.0

    def is_about(self, *concepts: str) -> bool:
        return any(concept in self.operators for concept in concepts)


@dataclass(slots=True)
class Linked:
    """A question with its meanings in order, and what is left over."""

    tokens: list[Token]
    mentions: list[Mention] = field(default_factory=list)
    residue: list[Token] = field(default_factory=list)


def link(tokens: list[Token], catalogue: Catalogue) -> Linked:
    """Explain the tokens of a clean question."""
    words = lexicon()
    spellings = [_spellings(token, catalogue, words) for token in tokens]
    candidates = [
        mention
        for start in range(len(tokens))
        for end in range(start + 1, min(len(tokens), start + LONGEST_NAME) + 1)
        if (mention := _meaning(tokens, spellings, start, end, catalogue, words))
    ]
    chosen = _best_cover(len(tokens), candidates)
    small = [any(word in words.fillers for word, _ in spelled) for spelled in spellings]
    _pass_over_legal_forms(tokens, chosen, small, catalogue)
    chosen += _names_in_part(tokens, chosen, catalogue, small)
    chosen.sort(key=lambda mention: mention.start)
    return Linked(tokens, chosen, _residue(tokens, chosen, small))


def _residue(tokens: Sequence[Token], mentions: Iterable[Mention], small: Sequence[bool]) -> list[Token]:
    """Tokens that nothing explains; `small` says which are everyday words, rightly spelled or nearly so."""
    covered = {at for mention in mentions for at in range(mention.start, mention.end)}
    return [token for at, token in enumerate(tokens) if at not in covered and not small[at]]


def _spellings(token: Token, catalogue: Catalogue, words: Lexicon) -> tuple[tuple[str, int], ...]:
    """The word and what it may be a misspelling of, each with its distance."""
    key = token.key
    if key in catalogue.vocabulary or key in words.fillers or len(key) < 4 or token.is_number or is_devanagari(key):
        return ((key, 0),)
    limit = 1 if len(key) < 7 else 2
    found = process.extract(key, catalogue.word_list, scorer=OSA.distance, score_cutoff=limit, limit=12)
    found.sort(key=lambda hit: (hit[1], hit[0][0] != key[0], -catalogue.vocabulary[hit[0]], hit[0]))
    likely = [(word, int(distance)) for word, distance, _ in found if len(word) > 4 or len(key) > 4]
    return ((key, 0), *likely[:SPELLINGS])


def _meaning(
    tokens: Sequence[Token],
    spellings: Sequence[tuple[tuple[str, int], ...]],
    start: int,
    end: int,
    catalogue: Catalogue,
    words: Lexicon,
) -> Mention | None:
    mention = Mention(start, end, " ".join(token.text for token in tokens[start:end]))
    variants = sorted(islice(product(*spellings[start:end]), 64), key=lambda v: sum(d for _, d in v))
    for variant in variants:
        key, edits = " ".join(word for word, _ in variant), sum(distance for _, distance in variant)
        if _look_up(mention, key, catalogue, words):
            mention.exact = edits == 0
            mention.score = _score(mention, end - start, words, key) - 0.35 * edits
            return mention
    if _look_up_squeezed(mention, tokens[start:end], catalogue, words) or _look_up_sound(
        mention, tokens[start:end], catalogue, words
    ):
        return mention
    if end - start <= 2 and _look_up_number(mention, tokens[start:end]):
        return mention
    return None


def _look_up(mention: Mention, key: str, catalogue: Catalogue, words: Lexicon) -> bool:
    named = (*catalogue.names.get(key, ()), *_without_descriptor(key, catalogue), *_without_article(key, catalogue))
    mention.entities = tuple(dict.fromkeys(named))
    mention.facets = tuple(catalogue.facets.get(key, {}).values())
    mention.categories = catalogue.categories.get(key, ())
    mention.city = catalogue.cities.get(key)
    mention.operators = words.operators.get(key, ())
    plain = " ".join(word for word in key.split() if word not in words.fillers)
    mention.everyday = plain != key and plain in catalogue.categories
    mention.cased = mention.end - mention.start > 1 and _is_cased(mention.text)
    mention.fields = tuple(dict.fromkeys((*catalogue.field_words.get(key, ()), *words.attributes.get(key, ()))))
    if key in NUMBER_WORDS and mention.end - mention.start == 1:
        mention.number = Number(float(NUMBER_WORDS[key]), "")
    elif mention.end - mention.start == 1:
        _plain_number(mention, key)
    return bool(
        mention.entities
        or mention.facets
        or mention.categories
        or mention.city
        or mention.operators
        or mention.fields
        or mention.number
    )


ARTICLE = "the "


def _without_article(key: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Where something is called `The Lantern Festival`, who writes so may as well mean what is called `Lantern
    Festival`. An article before any other name is a small word, and no part of it."""
    if not key.startswith(ARTICLE) or key not in catalogue.names:
        return ()
    return tuple(catalogue.names.get(key.removeprefix(ARTICLE), ()))


DESCRIPTORS = (
    *(
        f" {word}"
        for word in ("metro station", "railway station", "bus stop", "bus station", "train station", "station", "stop")
    ),
    *(f" {word}" for word in ("मेट्रो स्टेशन", "रेलवे स्टेशन", "बस स्टॉप", "स्टेशन", "स्टॉप")),
)


def _without_descriptor(key: str, catalogue: Catalogue) -> tuple[str, ...]:
    """`Naigaon station` names the stop that records call `Naigaon`."""
    for ending in DESCRIPTORS:
        if key.endswith(ending):
            ids = catalogue.names.get(key.removesuffix(ending), ())
            return tuple(id_ for id_ in ids if catalogue.things[id_].label == "Stop")
    return ()


JOINING = frozenset("of the and de in at on for".split())


def _is_cased(text: str) -> bool:
    """`Gateway of India`: capitals, but for words that join."""
    words = text.split()
    return words[0][0].isupper() and all(word[0].isupper() or word in JOINING for word in words)


def _plain_number(mention: Mention, key: str) -> None:
    if key[0].isdigit():
        mention.number = Number(float(key.replace(",", "")), "")


def _score(mention: Mention, length: int, words: Lexicon, key: str) -> float:
    """Longer explanations win, names over plain words; a name that is an everyday word hardly counts."""
    everyday = (not mention.cased and all(word in words.fillers for word in key.split())) or mention.everyday
    known = bool(mention.operators or mention.fields or mention.categories)
    weights = []
    if mention.entities:
        weights.append(0.4 if everyday else 1.5 if length > 1 or not known else 1.1)
    if mention.facets:
        weights.append(0.4 if everyday else 1.3)
    if mention.city:
        weights.append(1.4)
    if known:
        weights.append(1.15)
    if mention.number:
        weights.append(1.0)
    content = sum(1.0 if mention.cased or word not in words.fillers else 0.35 for word in key.split())
    return (content if mention.entities and not known else length) * max(weights) + 0.2 * (length - 1)


def _look_up_squeezed(mention: Mention, tokens: Sequence[Token], catalogue: Catalogue, words: Lexicon) -> bool:
    """`M G Road` for `MG Road`, `335 E` for `335E`, and the other way round."""
    key = key_of(mention.text).replace(" ", "")
    names = catalogue.squeezed.get(key, ()) if len(key) > 1 else ()
    small = all(token.key in words.fillers or token.key in words.operators for token in tokens)
    if not names or key.isdigit() or small:
        return False
    _take_names(mention, names, catalogue)
    length = mention.end - mention.start
    mention.score = length * 1.35 + 0.2 * (length - 1)
    return True


def _take_names(mention: Mention, names: Iterable[str], catalogue: Catalogue) -> None:
    mention.entities = tuple(dict.fromkeys(id_ for name in names for id_ in catalogue.names.get(name, ())))
    mention.facets = tuple(facet for name in names for facet in catalogue.facets.get(name, {}).values())
    mention.city = next((catalogue.cities[name] for name in names if name in catalogue.cities), None)


def _look_up_sound(mention: Mention, tokens: Sequence[Token], catalogue: Catalogue, words: Lexicon) -> bool:
    """Names in Devanagari, and Latin spellings that differ in vowels or aspiration."""
    keys = [token.key for token in tokens]
    hindi = any(is_devanagari(key) for key in keys)
    if any(token.is_number for token in tokens) or any(key in words.fillers for key in (keys[0], keys[-1])):
        return False
    if not hindi and any(len(key) == 1 or key in words.fillers for key in keys):
        return False
    spelled = "".join(romanise(_letter_name(key)) for key in keys)
    if len(spelled) < (3 if hindi else 6):
        return False
    needed = 72 if hindi else 84
    near = [
        (fuzz.ratio(_vowels(spelled), _vowels("".join(map(romanise, name.split())))), name)
        for name in catalogue.sounding.get(sounds(" ".join(map(_letter_name, keys))), ())
    ]
    best = max(near, default=(0.0, ""))[0]
    if best < needed:
        return False
    _take_names(mention, [name for ratio, name in near if ratio >= best - 1], catalogue)
    length = mention.end - mention.start
    mention.exact = False
    mention.score = length * (1.25 if hindi else 1.0) + 0.2 * (length - 1)
    return True


_LETTERS = dict(
    zip(
        "ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू एक्स वाई जेड".split(),
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)


def _letter_name(word: str) -> str:
    """`एम` in a name is the letter M."""
    return _LETTERS.get(word, word)


def _vowels(spelled: str) -> str:
    for long, short in (
        ("aa", "a"),
        ("ee", "i"),
        ("oo", "u"),
        ("w", "v"),
        ("ph", "f"),
        ("sh", "s"),
        ("th", "t"),
        ("z", "j"),
    ):
        spelled = spelled.replace(long, short)
    return spelled


def _look_up_number(mention: Mention, tokens: Sequence[Token]) -> bool:
    """`2 km`, `₹ 500`, `500 rupees`."""
    if len(tokens) != 2:
        return False
    first, second = tokens
    number, unit = (first, second) if first.is_number else (second, first)
    if not number.is_number or unit.key not in UNITS or (not first.is_number and unit.key not in ("₹", "rs", "inr")):
        return False
    name, factor = UNITS[unit.key]
    mention.number = Number(number.number * factor, name)
    mention.score = 3.2
    return True


def _best_cover(length: int, candidates: Iterable[Mention]) -> list[Mention]:
    """Weighted interval scheduling; among equals the earlier start, then the longer."""
    ending: dict[int, list[Mention]] = {}
    for mention in candidates:
        ending.setdefault(mention.end, []).append(mention)
    best: list[tuple[float, list[Mention]]] = [(0.0, [])]
    for end in range(1, length + 1):
        score, cover = best[end - 1]
        for mention in ending.get(end, ()):
            before, chosen = best[mention.start]
            if before + mention.score > score + 1e-9:
                score, cover = before + mention.score, [*chosen, mention]
        best.append((score, cover))
    return list(best[length][1])


def _pass_over_legal_forms(tokens: list[Token], chosen: list[Mention], small: list[bool], catalogue: Catalogue) -> None:
    """`Acme Pvt Ltd` is Acme, whichever legal form its sources give it, if any: such words behind a firm are small."""
    named = [m for m in chosen if any(catalogue.things[one].label == "Organization" for one in m.entities)]
    named += [m for m in chosen if any("company" in facet.field for facet in m.facets)]
    for mention in named:
        at = mention.end
        while at < len(tokens) and tokens[at].key in vocabulary().legal_forms:
            small[at] = True
            at += 1


def _names_in_part(
    tokens: Sequence[Token], chosen: list[Mention], catalogue: Catalogue, small: Sequence[bool]
) -> list[Mention]:
    """Explain what is left over by names that contain it, together with its neighbours where they belong to it."""
    found: list[Mention] = []
    left_over = {token.start for token in _residue(tokens, chosen, small)}
    at = 0
    while at < len(tokens):
        if tokens[at].start not in left_over:
            at += 1
            continue
        mention = _widest_name(tokens, at, catalogue, left_over)
        if mention is None:
            at += 1
            continue
        chosen[:] = [other for other in chosen if other.end <= mention.start or other.start >= mention.end]
        found.append(mention)
        at = mention.end
    return found


def _widest_name(tokens: Sequence[Token], at: int, catalogue: Catalogue, left_over: set[int]) -> Mention | None:
    run_end = at
    while run_end < len(tokens) and tokens[run_end].start in left_over:
        run_end += 1
    for start, end in _windows(at, run_end, len(tokens)):
        ids = _holding([token.key for token in tokens[start:end]], catalogue)
        if ids:
            return _in_part(tokens, start, end, ids)
    for start, end in ((at, run_end), (at - 1, run_end), (at, run_end + 1), (at - 1, run_end + 1)):
        if start >= 0 and end <= len(tokens):
            ids = _alike(" ".join(token.text for token in tokens[start:end]), catalogue)
            if ids:
                return _in_part(tokens, start, end, ids)
    return None


def _in_part(tokens: Sequence[Token], start: int, end: int, ids: list[str]) -> Mention:
    text = " ".join(token.text for token in tokens[start:end])
    return Mention(start, end, text, entities=tuple(ids), exact=False, partial=True, score=1.0)


def _windows(start: int, end: int, length: int) -> list[tuple[int, int]]:
    """The run itself and up to three neighbours on either side, widest first."""
    spans = [(a, b) for a in range(max(0, start - 3), start + 1) for b in range(end, min(length, end + 3) + 1)]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


def _holding(keys: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Ids of the things whose name holds all of these words in this order; none when there are very many."""
    groups = [catalogue.words.get(key) for key in keys]
    if not all(groups) or (len(keys) == 1 and len(keys[0]) < 4):
        return []
    rarest = min((group for group in groups if group), key=len)
    names = [name for name in rarest if _in_order(keys, name.split())] if len(rarest) <= 2_000 else []
    ids = list(dict.fromkeys(id_ for name in names for id_ in catalogue.names[name]))
    return ids if len(ids) <= 40 else []


def _in_order(keys: Sequence[str], words: Sequence[str]) -> bool:
    remaining = iter(words)
    return all(key in remaining for key in keys)


def _alike(text: str, catalogue: Catalogue) -> list[str]:
    """Ids of the things whose whole name is spelled almost like this; numbers have to be the same."""
    key = key_of(text)
    if len(key) < 6 or is_devanagari(key):
        return []
    found = process.extract(key, catalogue.name_list, scorer=fuzz.ratio, score_cutoff=88, limit=5)
    digits = _digits(key)
    good = [(score, name) for name, score, _ in found if _digits(name) == digits]
    if not good:
        return []
    best = max(good)[0]
    return list(dict.fromkeys(id_ for score, name in good if score == best for id_ in catalogue.names[name]))


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
