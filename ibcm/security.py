"""Headers that hold even when something hostile slipped into a page."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
DOCS = "/api/docs/"
"""Swagger UI writes style elements of its own; nothing of a source is ever shown there."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Response = HttpResponseBase | Awaitable[HttpResponseBase]


class SecurityHeaders:
    """Middleware, sync and async: no script, style, image or request but our own."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Response]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Response:
        response = self.get_response(request)
        if isinstance(response, HttpResponseBase):
            return _secured(request, response)
        return _later(request, response)


async def _later(request: HttpRequest, response: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    return _secured(request, await response)


def _secured(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    more = {"style-src": "'self' 'unsafe-inline'"} if request.path.startswith(DOCS) else {}
    response["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in {**POLICY, **more}.items())
    for name, value in HEADERS.items():
        response[name] = value
    return response
