import pytest

from ibcm.readiness import Readiness


def test_a_process_that_expects_nothing_is_ready() -> None:
    assert (Readiness().ready, Readiness().open) == (True, True)


def test_questions_wait_for_what_they_need_alone() -> None:
    state = Readiness()
    state.expect("graph", beside=("sources",))
    state.update("sources", "working", "geonames", done=3, total=9)
    assert (state.ready, state.open) == (False, False)
    state.run("graph", lambda: None)
    assert (state.ready, state.open) == (False, True)
    assert state.report()["stages"][1] == {
        "stage": "sources", "state": "working", "message": "geonames", "done": 3, "total": 9,
    }  # fmt: skip
    state.update("sources", "done")
    assert state.ready


def test_a_stage_that_fails_keeps_its_reason() -> None:
    state = Readiness()
    state.expect("graph")
    with pytest.raises(OSError, match="no disk"):
        state.run("graph", lambda: (_ for _ in ()).throw(OSError("no disk")))
    assert state.report()["stages"][0]["message"] == "no disk"
    assert (state.ready, state.open) == (False, True)
