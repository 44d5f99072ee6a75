import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibcm.chat.errors import QuestionError
from ibcm.chat.questions import MAX_QUESTION, clean_question


@given(st.text(max_size=300))
def test_whatever_is_sent_comes_out_printable_or_is_refused(text: str) -> None:
    try:
        clean = clean_question(text)
    except QuestionError:
        assert not any(character.isalnum() and character.isprintable() for character in text)
        return
    assert clean == clean_question(clean)
    assert clean.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert clean.encode()


@given(st.text(min_size=MAX_QUESTION + 1, max_size=MAX_QUESTION + 50))
def test_too_long_is_too_long_whatever_it_holds(text: str) -> None:
    with pytest.raises(QuestionError, match="at most 2,000"):
        clean_question(text)


def test_devanagari_keeps_its_marks_and_joiners() -> None:
    text = "क्‍या श्रीमती शर्मा का अस्पताल खुला है?"
    assert clean_question(text) == text
