"""Makers: each looks for something that can be asked of a city's records and computes the answer."""

from benchmarks.questions.makers.companies import COMPANY_MAKERS
from benchmarks.questions.makers.context import Context, Maker
from benchmarks.questions.makers.facts import FACT_MAKERS
from benchmarks.questions.makers.ranking import RANKING_MAKERS
from benchmarks.questions.makers.sets import SET_MAKERS
from benchmarks.questions.makers.space import SPACE_MAKERS
from benchmarks.questions.makers.transit import TRANSIT_MAKERS
from benchmarks.questions.makers.unknown import UNKNOWN_MAKERS

ANSWERABLE: dict[str, tuple[float, Maker]] = {
    **FACT_MAKERS,
    **SET_MAKERS,
    **SPACE_MAKERS,
    **RANKING_MAKERS,
    **TRANSIT_MAKERS,
    **COMPANY_MAKERS,
}
"""Name -> (share, maker). A maker returns None when it found nothing this time."""

UNANSWERABLE: dict[str, tuple[float, Maker]] = UNKNOWN_MAKERS

__all__ = ["ANSWERABLE", "UNANSWERABLE", "Context", "Maker"]
