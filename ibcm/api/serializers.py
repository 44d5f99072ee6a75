"""The public shapes, as the OpenAPI description shows them. Retrieval builds answers; these only describe them."""

from datetime import datetime
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from ibcm.domain.answers import AskRequest
from ibcm.domain.errors import IbcmError
from ibcm.entities import moment


class TextField(serializers.CharField):
    """Text, and nothing that could be made into text: a number where text belongs is a mistake of the caller's."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class QuestionField(TextField):
    """Any text: control characters and half surrogates are cleaned away later, the same for every way in."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_blank=True, trim_whitespace=False, **more)
        strict = (ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)
        self.validators = [validator for validator in self.validators if not isinstance(validator, strict)]


class OptionalField(TextField):
    """Text that may be absent, null or blank, which all mean the same."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, **more)


class MomentField(serializers.DateTimeField):
    """A time with a zone. One without is refused instead of being taken for ours."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise serializers.ValidationError("has no time zone: write it like 2026-01-31T18:30:00+05:30")
        return value


class AskSerializer(serializers.Serializer[AskRequest]):
    """A question. What the fields may hold is checked once, in ibcm.chat.questions; here only their types are."""

    question = QuestionField(help_text="At most 2,000 characters, in English or Hindi.")
    city = OptionalField(help_text="Slug, such as bangalore.")
    sector = OptionalField(help_text="Slug, such as fintech.")
    domain = OptionalField(help_text="Slug of an assistant.")
    language = OptionalField(help_text="BCP 47; absent: the language of the question.")
    conversation = OptionalField(help_text="Of an earlier answer, to ask on.")
    now = MomentField(required=False, allow_null=True, help_text="ISO 8601 with zone; absent: the city's clock.")

    def to_request(self) -> AskRequest:
        """Call after `is_valid`."""
        return AskRequest(**self.validated_data)


class EntityQuerySerializer(serializers.Serializer[Any]):
    as_of = serializers.CharField(
        required=False, help_text="A day (its end, UTC) or a time with zone: the entity as it was known then."
    )

    def validate_as_of(self, value: str) -> datetime:
        try:
            return moment(value)
        except IbcmError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field({"type": ["string", "number", "array", "null"], "items": {"type": "string"}})
class ShortField(serializers.JSONField):
    """Text, a number, a list of names, or null."""


class SentenceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    citations = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers in `citations`.")
    support = serializers.ChoiceField(choices=["fact", "quote", "computed"])


class CitationSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["fact", "quote", "query"])
    value = serializers.CharField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment] # REST framework takes fields out of the class
    record = serializers.CharField(help_text="source:key")
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    licence = serializers.CharField()
    attribution = serializers.CharField()
    retrieved_at = serializers.CharField()
    constraints = serializers.JSONField(required=False, help_text="Only for `query`.")
    total = serializers.IntegerField(required=False, help_text="Only for `query`.")
    sources = serializers.JSONField(required=False, help_text="Only for `query`: source and as_of.")
    records = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Only for `query`: the first 20."
    )


class RowsSerializer(serializers.Serializer[Any]):
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()))
    entity = serializers.IntegerField(help_text="Index of the id column.")
    ordered = serializers.BooleanField()
    total = serializers.IntegerField(allow_null=True, help_text="How many there are when the rows were cut.")


class CandidateSerializer(serializers.Serializer[Any]):
    entity = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # the public name; fields are taken out of the class
    why = serializers.CharField()


class ConflictValueSerializer(serializers.Serializer[Any]):
    value = serializers.JSONField()
    citation = serializers.IntegerField()


class ConflictSerializer(serializers.Serializer[Any]):
    about = serializers.CharField()
    values = ConflictValueSerializer(many=True)


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    question = serializers.CharField()
    language = serializers.CharField()
    domain = serializers.CharField(allow_null=True)
    city = serializers.CharField(allow_null=True)
    sector = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="The whole answer, citations as [1] [2].")
    short = ShortField(help_text="The bare value or list when the question has one.")
    sentences = SentenceSerializer(many=True)
    citations = CitationSerializer(many=True)
    conversation = serializers.CharField(allow_null=True)
    clarify = CandidateSerializer(many=True, allow_null=True)
    parts = serializers.ListField(child=serializers.DictField(), allow_null=True)
    rows = RowsSerializer(allow_null=True)
    features = serializers.DictField(allow_null=True, help_text="GeoJSON FeatureCollection.")
    conflicts = ConflictSerializer(many=True)
    abstained = serializers.BooleanField()
    missing = serializers.CharField(allow_null=True, help_text="What was looked for and not found.")
    plan = serializers.DictField()
    model = serializers.DictField()
    timings_ms = serializers.DictField(child=serializers.FloatField())
    feedback_url = serializers.CharField(allow_null=True)


class ShownAnswerSerializer(AnswerSerializer):
    redacted = serializers.BooleanField(help_text="Something that was cited is gone, and was left out.")


class ValueSerializer(serializers.Serializer[Any]):
    value = serializers.JSONField()
    records = serializers.ListField(child=serializers.CharField(), help_text="source:key of those that say so.")


class EntityConflictSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    value = serializers.JSONField()
    record = serializers.CharField(help_text="source:key of the one that says otherwise.")


class EntityRecordSerializer(serializers.Serializer[Any]):
    record = serializers.CharField(help_text="source:key")
    source = serializers.CharField()  # type: ignore[assignment] # see `source` above
    last_seen = serializers.CharField()
    retrieved_at = serializers.CharField()
    url = serializers.CharField(required=False)
    licence = serializers.CharField(required=False)
    licence_url = serializers.CharField(required=False)
    attribution = serializers.CharField(required=False)
    expires_at = serializers.CharField(required=False)
    valid_from = serializers.CharField(required=False)
    valid_to = serializers.CharField(required=False)


class LapsedSerializer(ValueSerializer):
    valid_from = serializers.CharField(required=False)
    valid_to = serializers.CharField(required=False)


class EntitySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    redirected_from = serializers.CharField(allow_null=True, help_text="The id that was asked for, when it is old.")
    label = serializers.CharField()  # type: ignore[assignment] # see `label` above
    name = serializers.CharField()
    city = serializers.CharField(allow_null=True)
    sector = serializers.CharField(allow_null=True)
    as_of = serializers.CharField(allow_null=True)
    values = serializers.DictField(child=ValueSerializer(), help_text="By field: what holds, and who says so.")
    holds = serializers.BooleanField(help_text="False: nothing that a source says of it holds at that time.")
    lapsed = serializers.DictField(
        child=LapsedSerializer(), help_text="By field: what held last or will hold first, where nothing holds."
    )
    aliases = serializers.ListField(child=serializers.CharField())
    conflicts = EntityConflictSerializer(many=True)
    records = EntityRecordSerializer(many=True)


class ProblemErrorSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment] # see `label` above
    known = serializers.ListField(child=serializers.CharField(), required=False)
    retry_after = serializers.IntegerField(required=False, help_text="Seconds.")
