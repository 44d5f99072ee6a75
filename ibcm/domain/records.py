"""SourceRecord: one source said this about one thing, at one time. Shapes are public: see docs/records.md."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ibcm.domain.errors import RecordError
from ibcm.domain.money import currency_code, plain_number, read_money

Kind = Literal[
    "place",
    "area",
    "stop",
    "route",
    "event",
    "organization",
    "funding",
    "indicator",
    "regulation",
    "article",
    "review",
    "note",
    "observation",
]
KINDS: tuple[str, ...] = get_args(Kind)

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
LongText = Annotated[str, Field(min_length=1, max_length=2_000_000)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
When = Annotated[date | datetime, Field(union_mode="left_to_right")]
"""A day stays a day: left to right, or pydantic makes midnight of it."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2\d):[0-5]\d$", description="local HH:MM, past 24:00 for the next day")]


class Data(BaseModel):
    """What a source says about a thing. Unknown keys are kept: they are answerable under their own name."""

    # What a source says may be forbidden to keep, and errors end up in logs.
    model_config = ConfigDict(extra="allow", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True)


class Located(Data):
    lat: Latitude | None = None
    lon: Longitude | None = None

    @model_validator(mode="after")
    def _a_point_on_earth(self) -> "Located":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together or not at all")
        if self.lat == 0 and self.lon == 0:
            raise ValueError("0,0 is a filler, not a position: leave lat and lon out")
        return self


class PlaceData(Located):
    name: Text
    names: dict[str, str] = {}
    aliases: list[str] = []
    category: str | None = None
    categories: list[str] = []
    coordinate_precision: float | Literal["centroid"] | None = None
    address: str | None = None
    area: str | None = None
    locality: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | list[str] | None = None
    email: str | None = None
    website: str | None = None
    opening_hours: str | None = None
    cuisine: list[str] = []
    price_for_two: Annotated[float, Field(ge=0)] | None = None
    price_currency: str | None = None
    rating: Annotated[float, Field(ge=0, le=5)] | None = None
    rating_count: Annotated[int, Field(ge=0)] | None = None
    beds: Annotated[int, Field(ge=0)] | None = None
    operator: str | None = None
    accessibility: str | None = None
    description: LongText | None = None
    ids: dict[str, str] = {}

    @field_validator("postcode", mode="before")
    @classmethod
    def _postcode_as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value


class AreaData(Located):
    name: Text
    names: dict[str, str] = {}
    aliases: list[str] = []
    kind: str | None = None
    polygon: dict[str, Any] | None = None
    population: Annotated[int, Field(ge=0)] | None = None
    postcode: str | None = None
    ids: dict[str, str] = {}


class StopData(Located):
    name: Text
    names: dict[str, str] = {}
    aliases: list[str] = []
    code: str | None = None
    mode: Literal["bus", "metro", "rail", "tram", "ferry", "air"] | None = None
    network: str | None = None
    ids: dict[str, str] = {}


class RouteData(Data):
    name: Text
    short_name: str | None = None
    mode: Literal["bus", "metro", "rail", "tram", "ferry", "air"] | None = None
    operator: str | None = None
    first: Clock | None = None
    last: Clock | None = None
    headway_minutes: Annotated[float, Field(gt=0)] | None = None


class EventData(Data):
    name: Text
    names: dict[str, str] = {}
    start: When | None = None
    end: When | None = None
    category: str | None = None
    price: Annotated[float, Field(ge=0)] | None = None
    price_currency: str | None = None
    description: LongText | None = None


class OrganizationData(Data):
    name: Text
    names: dict[str, str] = {}
    legal_name: str | None = None
    aliases: list[str] = []
    sectors: list[str] = []
    founded: str | int | None = None
    city: str | None = None
    website: str | None = None
    description: LongText | None = None
    employees: Annotated[int, Field(ge=0)] | None = None
    status: str | None = None
    listed_on: list[str] = []
    ids: dict[str, str] = {}


class FundingData(Data):
    date: date
    round: str | None = None
    company: str | None = None
    investors: list[str] = []
    amount: Annotated[float, Field(ge=0)] | None = None
    currency: str | None = None
    amount_text: str | None = None
    amount_approximate: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _amount_as_written(cls, value: Any) -> Any:
        return _read_amount(value) if isinstance(value, dict) else value


def _read_amount(data: dict[str, Any]) -> dict[str, Any]:
    """An amount that is text as number and currency, beside the source's own words. Raises ValueError where text and
    `currency` name two."""
    code = data.get("currency")
    code = (currency_code(code) or code) if isinstance(code, str) else code
    found = {**data, "currency": code} if code else dict(data)
    text = data.get("amount")
    if not isinstance(text, str):
        return found
    money = read_money(text)
    if money.currency and code and money.currency != code:
        raise ValueError(f"amount {text!r} is in {money.currency}, currency says {code}: correct one of them")
    del found["amount"]
    if text.strip():
        found.setdefault("amount_text", text)
    if money.amount is not None:
        found |= {"amount": plain_number(money.amount)} | ({"currency": money.currency} if money.currency else {})
        found |= {"amount_approximate": True} if money.approximate else {}
    return found


class IndicatorData(Data):
    name: Text
    value: float | str | None = None
    unit: str | None = None
    period: str | int | None = None
    area: str | None = None
    sector: str | None = None
    method: str | None = None


class RegulationData(Data):
    title: Text
    issuer: str | None = None
    number: str | None = None
    date: When | None = None
    effective_from: When | None = None
    summary: LongText | None = None
    text: LongText | None = None


class ArticleData(Data):
    title: Text
    body: LongText | None = None
    published: When | None = None
    author: str | None = None
    publisher: str | None = None


class NoteData(Data):
    title: Text
    body: LongText | None = None
    about: str | None = None


class ReviewData(Data):
    text: LongText
    rating: Annotated[float, Field(ge=0, le=5)] | None = None
    date: When | None = None


class ObservationData(Data):
    what: Text
    value: float | str | None = None
    unit: str | None = None
    at: datetime | None = None


DATA_BY_KIND: dict[str, type[Data]] = {
    "place": PlaceData,
    "area": AreaData,
    "stop": StopData,
    "route": RouteData,
    "event": EventData,
    "organization": OrganizationData,
    "funding": FundingData,
    "indicator": IndicatorData,
    "regulation": RegulationData,
    "article": ArticleData,
    "note": NoteData,
    "review": ReviewData,
    "observation": ObservationData,
}


class Link(BaseModel):
    """This record's thing stands in a relation to another record's thing, which may arrive later."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    rel: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]
    source: str | None = None
    key: Annotated[str, Field(min_length=1, max_length=500)]
    data: dict[str, Any] = {}


class SourceRecord(BaseModel):
    """One source said this about one thing, then. `data` has been checked against the model of its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    source: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", description="slug")]
    key: Annotated[str, Field(min_length=1, max_length=500, description="the source's own stable id")]
    kind: Kind
    data: dict[str, Any]
    url: Annotated[str, Field(max_length=4_000)] | None = None
    retrieved_at: AwareDatetime
    licence: str | None = None
    licence_url: str | None = None
    attribution: str | None = None
    expires_at: AwareDatetime | None = None
    city: str | None = None
    sector: str | None = None
    language: str | None = None
    valid_from: When | None = None
    valid_to: When | None = None
    links: list[Link] = []
    deleted: bool = False

    @property
    def ref(self) -> str:
        """`source:key`, the name of this record everywhere."""
        return f"{self.source}:{self.key}"

    def targets(self) -> list[str]:
        """The refs that this record links to, in order."""
        return [link_ref(self.source, link) for link in self.links]

    @field_validator("key")
    @classmethod
    def _printable(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("holds control characters")
        return value

    @field_validator("retrieved_at", "expires_at")
    @classmethod
    def _shown_by_a_clock(cls, value: datetime | None) -> datetime | None:
        """In every zone: limits are counted and compared in UTC."""
        if value is not None:
            try:
                value.astimezone(UTC)
            except OverflowError:
                raise ValueError("no clock shows this moment: write a year from 1 to 9999 in UTC") from None
        return value

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^https?://[^\s]+$", value):
            raise ValueError("must start with http:// or https://")
        return value

    @model_validator(mode="before")
    @classmethod
    def _data_fits_its_kind(cls, value: Any) -> Any:
        if not isinstance(value, dict) or (value.get("deleted") is True and not value.get("data")):
            return {**value, "data": {}} if isinstance(value, dict) else value
        model, data = DATA_BY_KIND.get(str(value.get("kind"))), value.get("data")
        if model is None or not isinstance(data, dict):
            return value
        try:
            checked = model.model_validate(data)
        except ValidationError as error:
            raise _first_problem(error, "data") from error
        return {**value, "data": checked.model_dump(mode="json", exclude_unset=True, exclude_none=True)}


def link_ref(source: str, link: Link) -> str:
    """The `source:key` that a link of a record of `source` points to."""
    return f"{link.source or source}:{link.key}"


def parse_record(value: object, *, line: int | None = None) -> SourceRecord:
    """Check one decoded JSON value. Raises RecordError with line and field."""
    if not isinstance(value, dict):
        raise RecordError("a record is a JSON object", line=line)
    try:
        return SourceRecord.model_validate(value)
    except RecordError as error:
        raise (error.at(line) if line else error) from error
    except ValidationError as error:
        problem = _first_problem(error, "")
        raise (problem.at(line) if line else problem) from error


def content_hash(record: SourceRecord) -> str:
    """sha256 of what was said; when it was read and until when it may be kept are left out."""
    said = record.model_dump(mode="json", exclude={"retrieved_at", "expires_at"}, exclude_none=True)
    return hashlib.sha256(canonical_json(said).encode()).hexdigest()


def canonical_json(value: Mapping[str, Any] | list[Any]) -> str:
    """JSON with one spelling: sorted keys, no spaces, no escapes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _first_problem(error: ValidationError, prefix: str) -> RecordError:
    problem = error.errors()[0]
    field = ".".join(str(part) for part in ((prefix,) if prefix else ()) + tuple(problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return RecordError(f"unknown key {field!r} (free keys belong into data)", field=field)
    message = problem["msg"].removeprefix("Value error, ")
    given = problem.get("input")
    quoting = f"{message}, not {str(given)[:60]!r}" if isinstance(given, str | int | float) else ""
    return RecordError(message, field=field, quoting=quoting)
