"""Answers sent compressed: the page's scripts are 8 MB, and gzip leaves 2.5 of them."""

__all__ = ["compress"]

import gzip
from functools import lru_cache

import flask
from werkzeug.wrappers import Response

_SHORTEST = 1000  # bytes; below, it is not worth the while
_KINDS = ("application/javascript", "application/json", "text/css", "text/html", "text/javascript")
_SCRIPTS = ("/_dash-component-suites/", "/assets/")


def compress(server: flask.Flask) -> None:
    """Let a server compress what it answers to browsers that take it, scripts once and for all."""

    @server.after_request
    def pack(response: Response) -> Response:
        if (
            response.status_code != 200
            or response.mimetype not in _KINDS
            or "Content-Encoding" in response.headers
            or not flask.request.accept_encodings["gzip"]
        ):
            return response
        script = flask.request.path.startswith(_SCRIPTS)
        if response.direct_passthrough and not script:
            return response
        response.direct_passthrough = False
        data = response.get_data()
        if len(data) >= _SHORTEST:
            response.set_data(_packed(data) if script else gzip.compress(data, 4, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response


@lru_cache(maxsize=64)
def _packed(script: bytes) -> bytes:
    return gzip.compress(script, mtime=0)
