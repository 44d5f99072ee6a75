"""Figures that are read from the stores when Prometheus asks, so that every process tells the same."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator

from django.db import DatabaseError
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ibcm import wiring
from ibcm.chat.models import AskedAnswer
from ibcm.domain.drift import FAULTS, PARTS
from ibcm.domain.errors import IbcmError
from ibcm.domain.graph import ENTITY_LABELS
from ibcm.jobs.models import Job
from ibcm.monitoring.queries import size
from ibcm.readiness import readiness
from ibcm.records.models import Record
from ibcm.records.services import waiting
from ibcm.sources.models import Source

log = logging.getLogger(__name__)

KEPT = 15.0
"""Seconds that figures are kept: counting costs more than a scrape should."""
INGEST_COUNTS = ("read", "new", "changed", "unchanged", "rejected", "merged", "deleted", "projected")

Family = GaugeMetricFamily


class StoreCollector(Collector):
    """One that fails leaves its figures out; the others are told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._families: list[Family] = []
        self._read = float("-inf")

    def describe(self) -> Iterable[Family]:
        """Nothing, so that registering asks no store."""
        return ()

    def collect(self) -> Iterable[Family]:
        with self._lock:
            if time.monotonic() - self._read > KEPT:
                self._families = list(_collected())
                self._read = time.monotonic()
            return list(self._families)


def _collected() -> Iterator[Family]:
    yield _gauge("ibcm_ready", "1 when everything at the start went well.", [], [((), readiness.ready)])
    for read in (
        _records,
        _waiting,
        _jobs,
        _sources,
        _answers,
        _drift,
        *((_nodes, _passages) if readiness.open else ()),
    ):
        try:
            yield from read()
        except (IbcmError, DatabaseError, OSError) as error:
            log.warning("metrics: %s cannot be read: %s", read.__name__.strip("_"), error)


def _records() -> Iterator[Family]:
    counted = Record.objects.filter(deleted=False).values_list("source", "kind").annotate(n=Count("id"))
    rows = [((source, kind), number) for source, kind, number in counted.order_by("source", "kind")]
    yield _gauge("ibcm_records", "Current records.", ["source", "kind"], rows)


def _waiting() -> Iterator[Family]:
    rows = [((step,), number) for step, number in waiting().items()]
    yield _gauge("ibcm_waiting", "What ingest has left to do.", ["step"], rows)


def _jobs() -> Iterator[Family]:
    counted = {(kind, state): n for kind, state, n in Job.objects.values_list("kind", "state").annotate(n=Count("id"))}
    rows = [((kind, state), counted.get((kind, state), 0)) for kind in {k for k, _ in counted} for state in Job.State]
    yield _gauge("ibcm_jobs", "Jobs by kind and state.", ["kind", "state"], sorted(rows))


def _sources() -> Iterator[Family]:
    sources = list(Source.objects.all())
    counts = [((s.slug, name), s.last_counts.get(name, 0)) for s in sources for name in INGEST_COUNTS if s.last_counts]
    yield _gauge("ibcm_ingest_last_records", "What the last ingest did.", ["source", "outcome"], counts)
    seconds = [((s.slug,), s.last_counts["seconds"]) for s in sources if "seconds" in s.last_counts]
    yield _gauge("ibcm_ingest_last_seconds", "How long the last ingest took.", ["source"], seconds)
    ended = [((s.slug,), s.last_ended.timestamp()) for s in sources if s.last_ended]
    yield _gauge("ibcm_ingest_last_ended_timestamp_seconds", "When the last ingest ended.", ["source"], ended)
    failed = [((s.slug,), bool(s.last_error)) for s in sources]
    yield _gauge("ibcm_ingest_last_failed", "1 when the last ingest failed.", ["source"], failed)


def _answers() -> Iterator[Family]:
    counted = AskedAnswer.objects.values_list("abstained").annotate(n=Count("id")).order_by("abstained")
    rows = [(("abstained" if abstained else "answered",), number) for abstained, number in counted]
    yield _gauge("ibcm_stored_answers", "Answers that are kept.", ["outcome"], rows)


def _drift() -> Iterator[Family]:
    """What the last search found, also where it put it right."""
    job = Job.objects.filter(kind="drift", state=Job.State.DONE).order_by("-ended").first()
    found = (job.result or {}).get("found", {}) if job else {}
    rows = [((part, fault), found.get(f"{part} {fault}", 0)) for part in PARTS for fault in FAULTS] if job else []
    yield _gauge("ibcm_drift", "What the last search found otherwise than the records say.", ["part", "fault"], rows)
    ended = [((), job.ended.timestamp())] if job and job.ended else []
    yield _gauge("ibcm_drift_checked_timestamp_seconds", "When drift was last searched for.", [], ended)


def _nodes() -> Iterator[Family]:
    graph = wiring.graph()
    rows = [((label,), int(str(graph.read(size(label))[0]["number"]))) for label in ENTITY_LABELS]
    yield _gauge("ibcm_graph_nodes", "Entities in the graph.", ["label"], rows)


def _passages() -> Iterator[Family]:
    yield _gauge("ibcm_index_passages", "Passages in the index.", [], [((), wiring.vectors().count())])


def _gauge(name: str, told: str, labels: list[str], rows: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    family = GaugeMetricFamily(name, told, labels=labels)
    for values, number in rows:
        family.add_metric(list(values), float(number))
    return family
