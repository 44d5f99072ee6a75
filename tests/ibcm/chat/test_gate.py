import pytest

from ibcm.chat.errors import Busy
from ibcm.chat.gate import Gate


def test_beyond_its_places_people_are_told_to_come_back() -> None:
    gate = Gate(1, patience=0.01)
    with gate.passing(), pytest.raises(Busy) as told, gate.passing():
        raise AssertionError("nobody else may pass")
    assert told.value.retry_after > 0
    with gate.passing():
        pass


def test_a_place_is_given_back_after_an_error() -> None:
    gate = Gate(1, patience=0.01)
    with pytest.raises(ValueError, match="inside"), gate.passing():
        raise ValueError("inside")
    with gate.passing():
        pass
