"""The curators' pages: parse, call one service, render. Each change is a POST that ends in a redirect."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from ibcm import entities, wiring
from ibcm.curation import queue as waiting
from ibcm.curation import services
from ibcm.curation.cases import case_of
from ibcm.curation.queue import Filter
from ibcm.curation.things import page_of
from ibcm.curation.titles import titles
from ibcm.domain.errors import IbcmError
from ibcm.domain.texts import displayed
from ibcm.records.models import Pair

PAGE = 50
MAY = "records.add_decision"
MOST_SKIPPED = 500
SKIPPED = "review_skipped"
LAST = "review_last"

View = Callable[..., HttpResponse]


def curators(view: View) -> View:
    """Staff who may decide; others are sent to log in, or told that they may not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not request.user.has_perm(MAY):
            page = {**admin.site.each_context(request), "title": "Not allowed"}
            return render(request, "curation/forbidden.html", page, status=403)
        return view(request, *args, **named)

    return staff_member_required(guarded)


# -- the queue -------------------------------------------------------------------------------------------------
@require_safe
@curators
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to be decided, with filters and a choice for many at once."""
    chosen = Filter.of(request.GET.dict())
    page = Paginator(waiting.waiting(chosen), PAGE).get_page(request.GET.get("page"))
    figures = waiting.figures()
    more = {
        "page": page,
        "rows": _listed(list(page)),
        "chosen": chosen,
        "figures": figures,
        "total": sum(figures.values()),
        "cities": sorted(wiring.scope().cities),
        "sources": sorted(wiring.ledger().policies()),
        "query": urlencode(chosen.as_query()),
        "last": request.session.get(LAST),
    }
    return _render(request, "curation/queue.html", "Review", more)


@require_safe
@curators
def case(request: HttpRequest) -> HttpResponse:
    """One pair: the one that is named, else the next that waits."""
    chosen = Filter.of(request.GET.dict())
    skipped = set(request.session.get(SKIPPED, ()))
    named = request.GET.get("key", "")
    pair = waiting.by_key(named) if named else waiting.next_pair(chosen, skipped=skipped)
    found = case_of(pair) if pair and not pair.together else None
    if found is None and pair is not None and not named:
        pair = waiting.next_pair(chosen, skipped={*skipped, waiting.key_of(pair)})
        found = case_of(pair) if pair else None
    if named and found is None:
        messages.info(request, "That pair is decided already, or one of its records is gone.")
        return _to("review:queue", chosen)
    more = {
        "case": found,
        "key": waiting.key_of(found.pair) if found else "",
        "query": urlencode(chosen.as_query()),
        "left_over": waiting.waiting(chosen).count(),
        "skipped": len(skipped),
        "last": request.session.get(LAST),
    }
    return _render(request, "curation/case.html", "Are these the same?", more)


@require_POST
@curators
def decide(request: HttpRequest) -> HttpResponse:
    """Same, not the same, or later; then the next one."""
    chosen, key = Filter.of(request.GET.dict()), request.POST.get("key", "")
    verdict = request.POST.get("verdict", "")
    if verdict == "again":
        request.session.pop(SKIPPED, None)
    elif verdict == "skip":
        request.session[SKIPPED] = [*request.session.get(SKIPPED, ()), key][-MOST_SKIPPED:]
    elif verdict in {"same", "different"}:
        left, _, right = key.partition("|")
        reason = request.POST.get("reason", "")
        said = "the same" if verdict == "same" else "not the same"
        _do(
            request,
            lambda: services.decide_pair(left, right, same=verdict == "same", by=_who(request), reason=reason),
            f"Decided: {said}.",
        )
    return _to("review:case", chosen)


@require_POST
@curators
def bulk(request: HttpRequest) -> HttpResponse:
    """Many pairs at once: first what it would do, then, confirmed, do it."""
    chosen, keys = Filter.of(request.GET.dict()), request.POST.getlist("key")
    verdict = request.POST.get("verdict", "")
    if request.POST.get("all"):
        keys = [waiting.key_of(pair) for pair in waiting.waiting(chosen)[: services.MOST_AT_ONCE]]
    if verdict not in {"same", "different"} or not keys:
        messages.warning(request, "Choose pairs and what they are.")
        return _to("review:queue", chosen)
    if request.POST.get("confirmed"):
        reason = request.POST.get("reason", "")
        _do(
            request,
            lambda: services.decide_many(keys, same=verdict == "same", by=_who(request), reason=reason),
            "Decided in one go.",
        )
        return _to("review:queue", chosen)
    found = services.preview_bulk(keys)
    more = {"found": found, "rows": _listed(found.pairs), "verdict": verdict, "query": urlencode(chosen.as_query())}
    return _render(request, "curation/bulk.html", "Decide many at once", more)


# -- one thing -------------------------------------------------------------------------------------------------
@require_safe
@curators
def thing(request: HttpRequest, asked: str) -> HttpResponse:
    """One entity with everything that can be corrected about it, now or as it was known on a day."""
    day = request.GET.get("as_of", "")
    try:
        found = page_of(asked, as_of=entities.moment(day) if day else None)
    except IbcmError as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(reverse("review:thing", args=[asked]))
    if found is None:
        raise Http404(f"There is no entity {asked} (any more): its sources took it back, or its time is over.")
    if found.known.redirected and not day:
        return HttpResponseRedirect(reverse("review:thing", args=[found.known.id]))
    return _render(request, "curation/thing.html", displayed(found.known.name), {"thing": found, "day": day})


@require_POST
@curators
def split(request: HttpRequest) -> HttpResponse:
    """Some records are about another thing."""
    entity, out = request.POST.get("entity", ""), request.POST.getlist("record")
    reason = request.POST.get("reason", "")
    _do(request, lambda: services.split(entity, out, by=_who(request), reason=reason), "Taken apart.")
    return _back(request)


@require_POST
@curators
def pin(request: HttpRequest) -> HttpResponse:
    """A field of a thing has this value."""
    given = request.POST
    _do(
        request,
        lambda: services.pin(
            given.get("record", ""),
            given.get("field", ""),
            given.get("value", ""),
            by=_who(request),
            reason=given.get("reason", ""),
            sure=bool(given.get("sure")),
        ),
        "Pinned.",
    )
    return _back(request)


@require_POST
@curators
def hide(request: HttpRequest) -> HttpResponse:
    """What a record says under a field is not shown."""
    given = request.POST
    _do(
        request,
        lambda: services.hide(
            given.get("record", ""), given.get("field", ""), by=_who(request), reason=given.get("reason", "")
        ),
        "Hidden.",
    )
    return _back(request)


@require_POST
@curators
def undo(request: HttpRequest) -> HttpResponse:
    """Take one decision back, or all that were made in one go."""
    number, group = request.POST.get("number", ""), request.POST.get("group", "")
    _do(
        request,
        lambda: (
            services.undo_group(group, by=_who(request))
            if group
            else services.undo(int(number) if number.isdigit() else 0, by=_who(request))
        ),
        "Taken back.",
        remember=False,
    )
    return _back(request)


# -- helpers ---------------------------------------------------------------------------------------------------
def _do(request: HttpRequest, work: Callable[[], services.Done], said: str, *, remember: bool = True) -> None:
    """Do it and tell, also where it could not be done. The last decision can be taken back by one key."""
    try:
        done = work()
    except IbcmError as error:
        messages.warning(request, str(error))
        return
    told = said if done.settled else f"{said} It takes effect in a moment: much else waits just now."
    messages.success(request, told)
    request.session[LAST] = _to_take_back(done) if remember else None


def _to_take_back(done: services.Done) -> dict[str, Any] | None:
    """What the form that takes the last step back sends."""
    if done.group:
        return {"group": done.group, "many": len(done.numbers)}
    return {"number": done.numbers[-1]} if done.numbers else None


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _listed(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """Pairs as a table shows them."""
    known = titles([ref for pair in pairs for ref in (pair.left, pair.right)])
    return [
        {"pair": pair, "key": waiting.key_of(pair), "left": known.get(pair.left), "right": known.get(pair.right)}
        for pair in pairs
    ]


def _render(request: HttpRequest, template: str, title: str, more: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **more})


def _to(name: str, chosen: Filter) -> HttpResponseRedirect:
    query = urlencode(chosen.as_query())
    return HttpResponseRedirect(reverse(name) + (f"?{query}" if query else ""))


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page that the form was on, when it is one of ours."""
    where = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(where if ours else reverse("review:queue"))
