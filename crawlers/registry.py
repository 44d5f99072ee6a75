"""Every source that needs no argument, by slug. A new source is a module and a line here."""

from collections.abc import Callable, Mapping

from crawlers.airports import Airports
from crawlers.base import Source
from crawlers.geonames import GeoNames
from crawlers.holidays import Holidays
from crawlers.india_post import IndiaPost
from crawlers.starter import Starter
from ibcm.domain.errors import IbcmError

BUNDLED: tuple[Callable[[], Source], ...] = (GeoNames, IndiaPost, Airports, Holidays, Starter)
"""Sources whose data comes with the installation: they need no network and no key."""


def sources() -> Mapping[str, Source]:
    """Slug -> source, bundled ones first."""
    return {made.slug: made for made in (make() for make in BUNDLED)}


def source(slug: str) -> Source:
    """The source of that slug. Raises IbcmError naming those there are."""
    known = sources()
    if slug not in known:
        raise IbcmError(f"there is no source {slug!r}: choose one of {', '.join(known)}, or file with a path")
    return known[slug]
