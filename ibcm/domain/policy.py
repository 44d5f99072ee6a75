"""What a source allows, value by value. Applied before anything is stored, so that terms hold by construction.

The terms of a source are the default. `fields` says where a value has other ones: by its name in `data` (`phone`), by
a path (`ids.google`, `names.hi`, `links.arrival`), or for all links (`links`). A name also holds for that name further
inside, and for the other spellings of the same thing (`OTHER_SPELLINGS`), unless these have terms of their own, so
that nothing leaves by a side door. Case does not matter.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ibcm.domain.errors import PolicyError
from ibcm.domain.records import Link, SourceRecord

HOW_TO_STATE_TERMS = (
    "write a source.yaml beside the file with one line each for `name: `, `licence: ` (such as CC-BY-4.0), "
    "`attribution: ` and `trust: ` (0 to 1), as docs/records.md shows"
)
"""One line: a failed job tells the first line of its error only."""

LINKS = "links"
OPAQUE = frozenset({"polygon"})
"""Values that are one thing, however deep: GeoJSON without its `type` is nothing."""
OTHER_SPELLINGS: Mapping[str, str] = {
    "names": "name",
    "aliases": "name",
    "alt_name": "name",
    "legal_name": "name",
    "lat": "lon",
    "lon": "lat",
    "coordinate_precision": "lat",
    "cuisines": "cuisine",
    "categories": "category",
    "phones": "phone",
    "telephone": "phone",
    "email_address": "email",
}
"""Field -> the one whose terms hold for it too, where it has none of its own."""
FLATTENED: Mapping[str, str] = {"name_": "names.", "ids_": "ids."}
"""How nested fields are called where they stand beside the others: `name_hi` is `names.hi`."""


class FieldPolicy(BaseModel):
    """Terms of one field of `data`, over the source's own: what is left out is as for the source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    licence: str | None = None
    licence_url: str | None = None
    attribution: str | None = None
    retention_days: Annotated[int, Field(ge=0)] | None = None
    transient: bool | None = None
    allow_export: bool | None = None
    allow_training: bool | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one value. `retention_days` is its own limit, beside that of the whole record."""

    licence: str | None
    licence_url: str | None
    attribution: str | None
    retention_days: int | None
    transient: bool
    allow_export: bool
    allow_training: bool

    def over(self, read: datetime, now: datetime) -> bool:
        """Its time has passed, for a value that was read then."""
        limit = limit_of(read, self.retention_days)
        return limit is not None and limit <= now

    def narrowed(self, own: FieldPolicy | None) -> "Terms":
        """These terms with what a field says of its own."""
        if own is None:
            return self
        said = own.model_dump(exclude_none=True)
        if "licence" in said:  # another licence brings its own page, or none
            said.setdefault("licence_url", None)
        return replace(self, **said)


class SourcePolicy(BaseModel):
    """The terms of one source. `trust` (0-1) decides between sources that disagree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    homepage: str | None = None
    licence: str | None = None
    licence_url: str | None = None
    attribution: str | None = None
    retention_days: Annotated[int, Field(ge=0)] | None = None
    transient: bool = False
    trust: Annotated[float, Field(ge=0, le=1)] = 0.5
    allow_export: bool = True
    allow_training: bool = False
    deduplicated: bool = False
    fields: dict[str, FieldPolicy] = {}

    def terms(self, path: str) -> Terms:
        """Of the value at this path, such as `phone`, `ids.google` or, flattened, `ids_google`."""
        return _Named(self).terms(path)

    @property
    def default(self) -> Terms:
        """Of a value that no field is named for. The record's own limit in days is no limit of the value."""
        return Terms(
            licence=None,
            licence_url=None,
            attribution=None,
            retention_days=None,
            transient=self.transient,
            allow_export=self.allow_export,
            allow_training=self.allow_training,
        )

    @property
    def keeps_nothing(self) -> bool:
        """Nothing that it says may be stored."""
        return self.transient and all(own.transient is not False for own in self.fields.values())

    @property
    def timed(self) -> bool:
        """Some field has a limit in days of its own."""
        return any(own.retention_days is not None for own in self.fields.values())

    def over(self, path: str, read: datetime, now: datetime) -> bool:
        """The value at this path, that was read then, may not be shown any more: its own time has passed, or its terms
        are stricter by now."""
        if not self.fields and not self.transient:
            return False
        terms = self.terms(path)
        return terms.transient or terms.over(read, now)

    def quotes(self, path: str) -> bool:
        """Whether a value may stand where nothing is ever purged, such as a list of rejected items.

        `*` and nothing stand for all fields at once.
        """
        if path == "*" or not path:
            return not self.transient and self.retention_days is None and not self.fields
        terms = self.terms(path.removeprefix("data."))
        return not terms.transient and self.retention_days is None and terms.retention_days is None

    def spellings(self) -> Iterator[str]:
        """Every name under which a value with terms of its own may stand, so that storage can be searched for it."""
        for path in (_unflattened(name.strip().casefold()) for name in self.fields):
            name = path.rpartition(".")[2]
            yield name
            yield from (other for other, known in OTHER_SPELLINGS.items() if known == name)
            head = path.partition(".")[0]
            yield from (flat for flat, nested in FLATTENED.items() if nested.startswith(f"{head}.") or head == "name")


class _Named:
    """The fields of a policy, ready to be looked up."""

    def __init__(self, policy: SourcePolicy) -> None:
        self.default = policy.default
        self._by_name = {_unflattened(name.strip().casefold()): own for name, own in policy.fields.items()}

    def terms(self, path: str) -> Terms:
        path = _unflattened(path.casefold())
        found, so_far = self.default, ""
        for name in path.split("."):
            so_far = f"{so_far}.{name}" if so_far else name
            found = found.narrowed(self.own(so_far))
        return found

    def own(self, path: str) -> FieldPolicy | None:
        """What is said of the value at this path itself: by path, by name, or by another spelling of it."""
        path = path.casefold()
        name = path.rpartition(".")[2]
        for spelling in (path, name, OTHER_SPELLINGS.get(name, "")):
            if spelling in self._by_name:
                return self._by_name[spelling]
        return None


Gone = Callable[[Terms], bool]


def apply_policy(record: SourceRecord, policy: SourcePolicy, *, now: datetime) -> SourceRecord | None:
    """The record as it may be stored: transient values gone, licence filled in, expiry set. None: nothing may be.

    Raises PolicyError when neither the record nor the policy names a licence: without one we do not know what is
    allowed. A tombstone keeps nothing but what it is about. Time limits count from when it was read, or from `now`
    for what claims to be read later than that.
    """
    if policy.keeps_nothing:
        return None
    if record.deleted:
        return bare(record)
    licence = record.licence or policy.licence
    if not licence:
        raise PolicyError(f"source {record.source!r} states no licence: {HOW_TO_STATE_TERMS}")
    attribution = record.attribution or policy.attribution
    if not attribution:
        raise PolicyError(f"source {record.source!r} states no attribution: {HOW_TO_STATE_TERMS}")
    kept = storable(record, policy)
    if record.data and not kept.data:
        return None
    expires = _earlier(record.expires_at, limit_of(min(record.retrieved_at, now), policy.retention_days))
    said = {
        "licence": licence,
        "licence_url": record.licence_url or (policy.licence_url if licence == policy.licence else None),
        "attribution": attribution,
        "expires_at": expires,
    }
    return kept.model_copy(update=said)


def bare(record: SourceRecord) -> SourceRecord:
    """A tombstone without anything that was said."""
    nothing = dict.fromkeys(("url", "licence", "licence_url", "attribution", "expires_at", "language"))
    return record.model_copy(update={**nothing, "valid_from": None, "valid_to": None, "data": {}, "links": []})


def storable(record: SourceRecord, policy: SourcePolicy) -> SourceRecord:
    """The record without what is transient."""
    if not policy.transient and not policy.fields:
        return record
    return without(record, policy, lambda terms: terms.transient)


def live(record: SourceRecord, policy: SourcePolicy | None, now: datetime) -> SourceRecord:
    """The record without values whose own time limit has passed at `now`."""
    if policy is None or not policy.timed:
        return record
    return without(record, policy, lambda terms: terms.over(record.retrieved_at, now))


def live_data(record: SourceRecord, policy: SourcePolicy, now: datetime) -> Mapping[str, Any]:
    """`data` of the `live` record."""
    return live(record, policy, now).data


def without(record: SourceRecord, policy: SourcePolicy, gone: Gone) -> SourceRecord:
    """The record without every value, at any depth and in its links, of whose terms `gone` is true."""
    fields = _Named(policy)
    data = _kept(record.data, fields, gone, fields.default, "")
    links = [kept for link in record.links if (kept := _kept_link(link, fields, gone)) is not None]
    if data == record.data and links == record.links:
        return record
    return record.model_copy(update={"data": data, "links": links})


def _kept_link(link: Link, fields: _Named, gone: Gone) -> Link | None:
    terms = fields.terms(LINKS)
    if gone(terms):
        return None
    return link.model_copy(update={"data": _kept(link.data, fields, gone, terms, f"{LINKS}.")}) if link.data else link


def _kept(data: Mapping[str, Any], fields: _Named, gone: Gone, around: Terms, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        terms = around.narrowed(fields.own(path + name)) if path else fields.terms(name)
        kept = _kept_value(value, fields, gone, terms, path + name)
        if kept is not _NOTHING:
            found[name] = kept
    return found


_NOTHING = object()


def _kept_value(value: Any, fields: _Named, gone: Gone, terms: Terms, path: str) -> Any:
    """A value without what is gone of it; a mapping or list goes when nothing is left of it."""
    if path.rpartition(".")[2] in OPAQUE or not isinstance(value, dict | list):
        return _NOTHING if gone(terms) else value
    left: Any
    if isinstance(value, dict):
        left = _kept(value, fields, gone, terms, f"{path}.")
    else:
        left = [kept for item in value if (kept := _kept_value(item, fields, gone, terms, path)) is not _NOTHING]
    return left if left or (not value and not gone(terms)) else _NOTHING


def _unflattened(path: str) -> str:
    for flat, nested in FLATTENED.items():
        if path.startswith(flat):
            return nested + path.removeprefix(flat)
    return path


def limit_of(start: datetime, days: int | None) -> datetime | None:
    """When a limit in days ends; None where there is none, or none that a clock will ever show."""
    if days is None:
        return None
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known) if known else None
