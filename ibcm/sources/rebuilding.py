"""Graph and index are projections: either can be made again from the ledger, while the old one answers."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.utils import timezone

from graph.ingest.project import links_of, live_passages, subject_of
from graph.ingest.projection import Targets
from graph.resolution.traits import label_of
from ibcm import wiring
from ibcm.domain.graph import NODELESS_LABELS
from ibcm.domain.ledger import StoredRecord
from ibcm.domain.passages import Passage
from ibcm.sources.finishing import StopAsked, check_stop, finish_pending
from ibcm.sources.reading import Progress, ShouldStop

BATCH = 500


def rebuild_graph(*, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Project every entity again, in place. A rebuild that is stopped goes on with the next ingest or by the clock."""
    marked = wiring.ledger().mark_all_dirty()
    return {"marked": marked, **finish_pending(progress=progress, should_stop=should_stop)}


def rebuild_index(*, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Build the index anew, whatever embedder made the old one, and switch to it when it is whole."""
    from retrieval.index import rebuild

    records = sum(1 for _ in wiring.ledger().all_records())

    def told(done: int) -> None:
        progress(done, records, "indexing")
        check_stop(should_stop)

    try:
        built = rebuild(wiring.index_store(), wiring.embedder(), all_passages, told)
    except StopAsked:
        return {"stopped": True}
    return {"records": built.records, "passages": built.points}


def all_passages() -> Iterator[tuple[str, Sequence[Passage]]]:
    """Every assigned record of the ledger with its passages, as projection writes them."""
    ledger, now = wiring.ledger(), timezone.now()
    policies = ledger.policies()
    records = (stored for stored in ledger.all_records() if stored.entity)
    while page := list(islice(records, BATCH)):
        targets = links_of(ledger, page)
        for stored in page:
            yield stored.ref, live_passages(stored, _about(stored, targets), policies, now)


def _about(stored: StoredRecord, targets: Targets) -> str:
    return subject_of(stored, targets) if label_of(stored.record) in NODELESS_LABELS else stored.entity
