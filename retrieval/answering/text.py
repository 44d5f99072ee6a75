"""Answers from passages: the sentence that answers best, quoted, or nothing when none is close enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex

from graph.romanise import sounds
from retrieval.answering.evidence import Draft, Quote, missing
from retrieval.answering.phrases import Phrases
from retrieval.embedders.base import Embedder
from retrieval.hybrid import Found
from retrieval.language import clean, fold_word, is_devanagari, key_of, tokens
from retrieval.lexicon import lexicon

_SENTENCE = regex.compile(r"(?<=[.!?।])[\"')\]]*\s+(?=[\p{Lu}\p{N}\p{Script=Devanagari}\"'(\[])|\n+")
COVERED = 0.6
"""Share of the question's own words that a passage must hold."""
COVERED_BY_SET = 0.8
"""The same for a question that asks for a list or a number."""
COVERED_BY_SENTENCE = 0.34
CLOSE = 0.86
"""Cosine from which a passage in another language or in other words is believed (calibrated for the default model)."""
LONG_WORD = 6
FEW_WORDS = 2
"""With so few words of its own a question needs them all."""
SENTENCES = 2
WHICH = frozenset("which who whom looking place कौन कौनसा कौनसी किस kaun kaunsa kaunsi kis".split())
EMBEDDED = 6
"""Sentences that are compared by meaning; words choose them, because each costs some milliseconds."""


@dataclass(frozen=True, slots=True)
class Best:
    sentence: str
    found: Found
    score: float


def answer(
    question: str,
    found: Sequence[Found],
    embedder: Embedder,
    phrases: Phrases,
    *,
    needed: Sequence[str] | None = None,
    covered: float = 0.6,
) -> Draft:
    """Quote at most two sentences of the passage that answers best.

    `needed`: words that the passage must hold, each of them, because the rest of the question was understood and a
    passage that lacks them answers another question. None: nothing was understood, meaning may stand for words.
    `covered`: share of all words of the question that it must hold besides.
    """
    words = content_words(question)
    believable = [
        hit for hit in found if (_believable(words, hit) if needed is None else _holds(words, needed, hit, covered))
    ]
    if not believable:
        return missing(phrases.say("no_passage", words=" ".join(dict.fromkeys(w for w in words)) or question[:80]))
    best = _best_sentences(question, words, believable, embedder)
    draft = Draft()
    for choice in best:
        passage = choice.found.passage
        known = key_of(passage.title) in key_of(choice.sentence)
        text = choice.sentence if known else f"{passage.title}: {choice.sentence}"
        draft.say(text, Quote(passage.record, choice.sentence, passage.title), support="quote")
    if asks_which(question):
        draft.short = best[0].found.passage.title
    return draft


def asks_which(question: str) -> bool:
    """A name is wanted: the thing that the passage is about."""
    keys = {token.key for token in tokens(clean(question))}
    return bool(keys & WHICH)


def content_words(text: str) -> list[str]:
    """Folded words that are not small words."""
    small = lexicon().fillers
    return [token.key for token in tokens(clean(text)) if token.key not in small and len(token.key) > 1]


def coverage(words: Sequence[str], text: str) -> float:
    """Share of the words that the text holds, in this spelling, as a stem, or by sound."""
    if not words:
        return 0.0
    present = {token.key for token in tokens(clean(text))}
    stems = {_stem(word) for word in present}
    heard = {sounds(word) for word in present if len(word) > 3}
    held = [
        word in present
        or _stem(word) in stems
        or (is_devanagari(word) and len(sounds(word)) > 2 and sounds(word) in heard)
        for word in words
    ]
    weights = [2.0 if word[0].isdigit() else 1.0 + 0.5 * (len(word) > LONG_WORD) for word in words]
    return sum(w for w, h in zip(weights, held, strict=True) if h) / sum(weights)


def _stem(word: str) -> str:
    """English plural and verb endings taken off, roughly."""
    word = fold_word(word)
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word.removesuffix("e") if len(word) > 4 else word


def _believable(words: Sequence[str], hit: Found) -> bool:
    share = coverage(words, f"{hit.passage.title} {hit.passage.text}")
    if len(words) <= FEW_WORDS:
        return share == 1.0
    if any(is_devanagari(word) for word in words) and not is_devanagari(hit.passage.text):
        return hit.dense >= CLOSE or share >= COVERED
    return share >= COVERED or (share >= COVERED_BY_SENTENCE and hit.dense >= CLOSE)


def _holds(words: Sequence[str], needed: Sequence[str], hit: Found, covered: float) -> bool:
    text = f"{hit.passage.title} {hit.passage.text}"
    return coverage(words, text) >= covered and all(coverage([word], text) == 1.0 for word in needed)


def _best_sentences(question: str, words: Sequence[str], hits: Sequence[Found], embedder: Embedder) -> list[Best]:
    every = [(text, hit) for hit in hits[:4] for text in split_sentences(hit.passage.text)]
    every.sort(key=lambda pair: -coverage(words, pair[0]) - 0.3 * (pair[1] is hits[0]))  # stable: text order decides
    sentences = every[:EMBEDDED]
    vectors = embedder.passages([f"{hit.passage.title}: {text}" for text, hit in sentences])
    cosines = np.asarray(vectors @ embedder.query(question), dtype=np.float32)
    top = max(hit.score for hit in hits) or 1.0
    scored = [
        Best(text, hit, float(cosine) + 0.25 * coverage(words, text) + 0.08 * hit.score / top)
        for (text, hit), cosine in zip(sentences, cosines, strict=True)
    ]
    scored.sort(key=lambda best: -best.score)
    first = scored[0]
    same = [b for b in scored[1:] if b.found is first.found and b.score > first.score - 0.05]
    chosen = [first, *same[: SENTENCES - 1]]
    return sorted(chosen, key=lambda best: first.found.passage.text.find(best.sentence))


def split_sentences(text: str) -> list[str]:
    """Sentences as they stand; very short pieces stay with the one before."""
    pieces: list[str] = []
    for piece in _SENTENCE.split(text):
        if piece and piece.strip():
            if pieces and len(piece.split()) < 3:
                pieces[-1] = f"{pieces[-1]} {piece.strip()}"
            else:
                pieces.append(piece.strip())
    return pieces
