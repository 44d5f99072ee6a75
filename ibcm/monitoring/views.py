"""Parse, call one service, render."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from ibcm.monitoring import readyz


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. Says nothing about stores: a restart would not mend those."""
    return JsonResponse({"alive": True})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when questions can be answered, else 503, with the progress in both."""
    report = readyz.report()
    response = JsonResponse(report, status=200 if report["ready"] else 503)
    response["Cache-Control"] = "no-store"
    if not report["ready"]:
        response["Retry-After"] = "2"
    return response


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(REGISTRY), content_type=content_type)
