"""Celery's way into the jobs. A message holds an id; BEAT_SCHEDULE is what ibcm.celery puts on the clock."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from ibcm import wiring
from ibcm.jobs import services
from ibcm.records.services import waiting

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reclaim": {"task": "ibcm.jobs.reclaim", "schedule": 30.0},
    "finish_pending": {"task": "ibcm.jobs.finish_pending", "schedule": 60.0},
    "purge": {"task": "ibcm.jobs.purge", "schedule": 3600.0},
    "drift": {"task": "ibcm.jobs.drift", "schedule": 3600.0},
}
FINISH = "finish_pending"
DRIFT = "drift"
DRIFT_SAMPLE = 2000
"""Entities whose content is compared at a time; the next time goes on behind them, so that all have their turn."""
DRIFT_MOST = 1000
"""Findings that are put right unasked. More of them point to another database, or a store that was lost: a person must
look before everything is deleted."""
REST_MINUTES = 10
"""After a failure that trying again does not cure, such as a missing model: not one failed row a minute."""
INGESTING = (
    "ingest_source",
    "ingest_files",
    "finish_pending",
    "purge",
    "forget",
    "graph_rebuild",
    "index_rebuild",
    "resolver_use",
)
"""Kinds that end with nothing left to assign or project."""


@shared_task(name="ibcm.jobs.run", acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Work on a job, unless somebody else does."""
    services.run(job_id)


@shared_task(name="ibcm.jobs.reclaim", ignore_result=True)
def reclaim() -> None:
    """Bring back what a lost worker or a lost message left."""
    services.reclaim()


@shared_task(name="ibcm.jobs.finish_pending", ignore_result=True)
def finish_pending() -> None:
    """Finish what a crash left half done, and what time alone has changed, unless a job that is open will."""
    wiring.ledger().turn(now=timezone.now())
    lately = timezone.now() - timedelta(minutes=REST_MINUTES)
    if any(waiting().values()) and not services.open_jobs(INGESTING) and not services.failed_since(FINISH, lately):
        services.submit(FINISH)


@shared_task(name="ibcm.jobs.purge", ignore_result=True)
def purge() -> None:
    """Purge what may not be kept, and forget old jobs."""
    services.forget_old(timezone.now())
    services.submit_once("purge")


@shared_task(name="ibcm.jobs.drift", ignore_result=True)
def drift() -> None:
    """Compare graph and index with the ledger, and put right what differs, unless it is very much or a rebuild does."""
    if not services.open_jobs([DRIFT, "graph_rebuild", "index_rebuild"]):
        earlier = services.last_done(DRIFT)
        after = (earlier.result or {}).get("last", "") if earlier else ""
        services.submit(DRIFT, {"sample": DRIFT_SAMPLE, "after": after, "repair": True, "most": DRIFT_MOST})
