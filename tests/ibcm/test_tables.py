from ibcm.tables import table


def test_columns_are_aligned_and_numbers_stand_right() -> None:
    rows = [{"name": "a", "number": 1_200, "list": ["x", "y"]}, {"name": "long", "number": 3, "list": None}]
    assert table(rows, ["name", "number", "list"]) == "name  number  list\na      1,200  x, y\nlong       3\n"


def test_nothing_still_has_a_heading() -> None:
    assert table([], ["name", "number"]) == "name  number\n"


def test_cells_are_one_line_and_not_endless() -> None:
    shown = table([{"name": "one\ntwo " + "x" * 200}], ["name"]).splitlines()
    assert len(shown) == 2
    assert shown[1].endswith("…")
