"""Figures for the first page of the admin site."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from ibcm.chat.models import AskedAnswer
from ibcm.jobs.models import Job
from ibcm.records.models import Entity, Record
from ibcm.records.services import open_pairs
from ibcm.sources.models import Source

register = template.Library()


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    number: int
    address: str


@register.simple_tag
def figures() -> list[Figure]:
    """What there is, each with the list that shows it."""
    return [
        Figure("Records", Record.objects.filter(deleted=False).count(), reverse("admin:records_record_changelist")),
        Figure("Entities", Entity.objects.count(), reverse("admin:records_entity_changelist")),
        Figure("Sources", Source.objects.count(), reverse("admin:sources_source_changelist")),
        Figure("To review", open_pairs(), reverse("review:queue")),
        Figure("Open jobs", Job.objects.filter(state__in=Job.OPEN).count(), reverse("admin:jobs_job_changelist")),
        Figure("Answers", AskedAnswer.objects.count(), reverse("admin:chat_askedanswer_changelist")),
    ]
