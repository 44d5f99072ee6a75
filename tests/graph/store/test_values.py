"""What properties may hold, and how large a message gets."""

from hypothesis import given
from hypothesis import strategies as st

from graph.store.values import INDEXED_CHARACTERS, storable
from graph.store.writing import BATCH_CHARACTERS, BATCH_ROWS, batches

SCALARS = st.text(st.characters(codec=None), max_size=20) | st.integers() | st.floats() | st.booleans()


@given(st.dictionaries(st.text(max_size=8), SCALARS | st.lists(SCALARS | st.none(), max_size=4) | st.none()))
def test_every_value_becomes_one_that_engines_take(properties: dict[str, object]) -> None:
    for name, value in storable(properties).items():
        name.encode()
        values = value if isinstance(value, list) else [value]
        assert len({type(one) for one in values}) <= 1
        for one in values:
            assert not isinstance(one, int) or -(2**63) <= one < 2**63
            assert one == one  # noqa: PLR0124 - not a number is unequal to itself
            str(one).encode()


@given(st.dictionaries(st.sampled_from("abc"), st.text(st.characters(codec="utf-8")) | st.booleans()))
def test_ordinary_values_are_untouched(properties: dict[str, object]) -> None:
    assert storable(properties) == properties


def test_indexed_text_is_cut_and_other_text_is_not() -> None:
    kept = storable({"name_key": "x" * 5_000, "name": "x" * 5_000})
    assert len(str(kept["name_key"])) == INDEXED_CHARACTERS
    assert len(str(kept["name"])) == 5_000


@given(st.lists(st.integers(0, 3), max_size=30))
def test_batches_keep_order_and_both_bounds(sizes: list[int]) -> None:
    rows = [{"id": str(number), "text": "x" * (size * 400_000)} for number, size in enumerate(sizes)]
    parts = list(batches(rows))
    assert [row for part in parts for row in part] == rows
    for part in parts:
        assert len(part) <= BATCH_ROWS
        assert len(part) == 1 or sum(len(str(row["text"])) for row in part) <= BATCH_CHARACTERS


def test_many_small_rows_are_cut_by_number() -> None:
    assert [len(part) for part in batches([{"id": "x"}] * 1_203)] == [500, 500, 203]
