"""Static files under ASGI."""

from contextlib import closing
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # whitenoise ships no types
    """WhiteNoise hands files out as blocking iterators, which Django warns about under ASGI and reads whole anyway.

    Ours are small (the largest is Swagger UI's script), so they are read here, and closed.
    """

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        streamed: Any = WhiteNoiseMiddleware.serve(static_file, request)
        with closing(streamed):
            whole = HttpResponse(b"".join(streamed.streaming_content), status=streamed.status_code)
        for name, value in streamed.headers.items():
            whole[name] = value
        return whole
