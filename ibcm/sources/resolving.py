"""By which weights records become entities: fitted on request, looked at, and put to use."""

from typing import Any

from graph.ingest.refit import preview, refit
from graph.resolution.resolver import ScoredResolver
from ibcm import wiring
from ibcm.records import snapshots
from ibcm.sources.finishing import check_stop, current_resolver
from ibcm.sources.reading import Progress, ShouldStop


def refit_weights(*, progress: Progress, should_stop: ShouldStop) -> dict[str, Any]:
    """Fit weights to what is known here, keep them, and tell what they would change. Nothing is changed yet."""
    ledger, scope = wiring.ledger(), wiring.scope()
    policies = ledger.policies()

    def told(done: int, step: str) -> None:
        progress(done, None, step)
        check_stop(should_stop)

    found = refit(ledger, scope=scope, policies=policies, progress=told)
    told(0, "comparing with the present weights")
    seen = preview(ledger, now=current_resolver(), then=ScoredResolver(scope, found.snapshot), policies=policies)
    summary = {"fitted": found.snapshot.fitted, **seen.to_json()}
    snapshots.save(found.snapshot, summary)
    return {"version": found.snapshot.version, **summary}
