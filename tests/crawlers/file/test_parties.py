"""Lists of investors as prose writes them."""

import pytest

from crawlers.file.parties import parties


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Sequoia Capital, Accel & others", ["Sequoia Capital", "Accel"]),
        ("Alder Capital, Birch Partners and Cedar", ["Alder Capital", "Birch Partners", "Cedar"]),
        ("Alder Capital & Birch Ventures", ["Alder Capital", "Birch Ventures"]),
        ("Alder Ventures and Cedar", ["Alder Ventures", "Cedar"]),
        ("Mitsui & Co.", ["Mitsui & Co."]),
        ("Mahindra & Mahindra", ["Mahindra & Mahindra"]),
        ("Michael & Susan Dell Foundation, Alder Fund", ["Michael & Susan Dell Foundation", "Alder Fund"]),
        ("Undisclosed Investors", []),
        ("Group of Angel Investors", []),
        ("N/A", []),
        ("Asha Rao and other undisclosed investors", ["Asha Rao"]),
        ("Asha Rao, ASHA RAO,\\xc2\\xa0 Vir Sen & Others", ["Asha Rao", "Vir Sen"]),
        ("Alder Capital.", ["Alder Capital"]),
        ("500 Startups", ["500 Startups"]),
        ("", []),
    ],
)
def test_names_are_parted_and_nobody_is_left_out(text: str, names: list[str]) -> None:
    assert parties(text) == names
