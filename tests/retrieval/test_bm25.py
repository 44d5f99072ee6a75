"""Words as BM25 sees them."""

import pytest

from retrieval.vectors import bm25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("St. John's Hospital, M.G. Road", ["st", "john", "hospit", "mg", "road"]),
        ("hospitals HOSPITAL Hospitals’", ["hospit"] * 3),
        ("Café CAFE cafe\u0301", ["cafe"] * 3),
        ("411001 24x7 3.5", ["411001", "24x7", "3", "5"]),
        ("अस्पताल अस्पतालों", ["अस्पताल", "अस्पताल"]),
        ("ज़िला जिला ज़िला", ["जिल"] * 3),
        ("मुँबई मुंबई", ["मुंब"] * 2),
        ("४११००१", ["411001"]),
        ("पुणे में हॉटल कहाँ है", ["पुण", "हॉटल"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert list(bm25.terms(text)) == expected


def test_a_document_is_weighed_by_itself_alone() -> None:
    alone = bm25.document("fort fort lake")
    assert alone.indices == sorted(alone.indices)
    assert len(alone.indices) == len(alone.values) == 2
    assert max(alone.values) > min(alone.values) > 0
    assert bm25.document("fort fort lake") == alone


def test_longer_documents_weigh_each_word_less() -> None:
    (short,), long = bm25.document("fort").values, bm25.document("fort " + " ".join(f"w{n}" for n in range(200)))
    fort = bm25.query("fort").indices[0]
    assert short > long.values[long.indices.index(fort)]
