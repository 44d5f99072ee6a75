"""Graph and index are projections: either can be made again from the ledger, while the old one answers.

What is neither from now nor from the ledger is swept out at the end. Each may be killed anywhere and repeated.
"""

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
from ibcm.sources.drifting import sweep
from ibcm.sources.finishing import StopAsked, check_stop, finish_pending
from ibcm.sources.reading import Progress, ShouldStop

BATCH = 500


def rebuild_graph(*, again: bool, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Project every entity again, in place, then delete nodes that the ledger does not know.

    With `again` it goes on with a rebuild that was killed: its marks tell what is left.
    """
    marked = 0 if again else wiring.ledger().mark_all_dirty()
    progress(0, marked or None, "projecting")
    done = finish_pending(progress=progress, should_stop=should_stop)
    try:
        check_stop(should_stop)
        return {"marked": marked, **done, "swept": sweep(progress=progress, should_stop=should_stop)}
    except StopAsked:
        return {"stopped": True}


def rebuild_index(*, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Build the index anew, whatever embedder made the old one, and switch to it when it is whole.

    What was projected meanwhile went into the old one, and what was deleted may have been read before: entities are
    projected again from the revision at which the reading began, and passages of no record are swept out.
    """
    from retrieval.index import rebuild

    ledger = wiring.ledger()
    begun = ledger.revision()
    records = sum(1 for _ in ledger.all_records())

    def told(done: int) -> None:
        progress(done, records, "indexing")
        check_stop(should_stop)

    try:
        built = rebuild(wiring.index_store(), wiring.embedder(), all_passages(), told)
        ledger.mark_projected_since(begun)
        finish_pending(progress=progress, should_stop=should_stop)
        check_stop(should_stop)
        swept = sweep(progress=progress, should_stop=should_stop)
    except StopAsked:
        return {"stopped": True}
    return {"records": built.records, "passages": built.points, "swept": swept}


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
