"""Names that people type -> what is configured. Errors list what there is."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from crawlers.base import Source
from ibcm.domain.errors import IbcmError
from ibcm.domain.scope import City, Scope, Sector


class _Named(Protocol):
    @property
    def slug(self) -> str: ...

    @property
    def names(self) -> Mapping[str, str]: ...

    @property
    def aliases(self) -> Iterable[str]: ...


N = TypeVar("N", bound=_Named)


def cities(scope: Scope, asked: Iterable[str]) -> tuple[City, ...]:
    """The cities of these slugs or names; all of them when none is asked for. Raises IbcmError for an unknown one."""
    return _chosen(scope.cities, asked, "city", "cities")


def sectors(scope: Scope, asked: Iterable[str]) -> tuple[Sector, ...]:
    """As `cities`, for sectors."""
    return _chosen(scope.sectors, asked, "sector", "sectors")


def source(known: Mapping[str, Source], slug: str) -> Source:
    """Raises IbcmError for a source that is not registered."""
    if slug not in known:
        raise IbcmError(f"there is no source {slug!r}: choose one of {', '.join(sorted(known))}, or file with a path")
    return known[slug]


def _chosen(known: Mapping[str, N], asked: Iterable[str], one: str, many: str) -> tuple[N, ...]:
    by_name = {name.casefold(): item for item in known.values() for name in (*item.names.values(), *item.aliases)}
    by_name |= {slug.casefold(): item for slug, item in known.items()}
    chosen: dict[str, N] = {}
    for name in asked:
        item = by_name.get(name.strip().casefold())
        if item is None:
            raise IbcmError(
                f"there is no {one} {name!r}: the configured {many} are {', '.join(sorted(known)) or 'none'}"
            )
        chosen[item.slug] = item
    return tuple(chosen.values()) or tuple(known.values())
