"""Who may look: the token, the address in the browser's bar, and the rights of a page."""

__all__ = ["Access", "is_loopback", "protect"]

import hashlib
import hmac
import html
import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import flask
from werkzeug.wrappers import Response

from pylearn2_jobman.errors import UsageError

_SHORTEST_TOKEN = 16
_COOKIE_SECONDS = 30 * 24 * 3600
_OPEN_PATHS = ("/assets/dashboard.css",)  # what the login form needs


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server bound to an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """Who may see the page.

    Attributes
    ----------
    host
        The address that the server binds to.
    token
        What a browser has to know; None: whoever reaches the server may look.

    Raises
    ------
    UsageError
        If other machines can reach the server and there is no token, or it can be guessed.
    """

    host: str
    token: str | None = None

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"on {self.host} others can reach the page: give --token, a secret of at least "
                f"{_SHORTEST_TOKEN} characters such as "
                "\"$(python -c 'import secrets; print(secrets.token_urlsafe())')\""
            )
        if self.token is not None and len(self.token) < _SHORTEST_TOKEN:
            raise UsageError(
                f"a token of {len(self.token)} characters can be guessed; "
                f"it needs at least {_SHORTEST_TOKEN}"
            )

    def accepts(self, token: str) -> bool:
        """Compare a token in constant time."""
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def cookie(self) -> str:
        """Return the cookie of a browser that knew the token, which cannot be got from it."""
        assert self.token is not None
        return hmac.digest(self.token.encode(), b"jobman dashboard", hashlib.sha256).hex()

    def accepts_cookie(self, cookie: str) -> bool:
        """Compare a browser's cookie in constant time."""
        return hmac.compare_digest(cookie.encode(), self.cookie().encode())


def protect(server: flask.Flask, access: Access, script_hashes: Collection[str]) -> None:
    """Guard every request to a server, and restrict its pages in the browser.

    Parameters
    ----------
    server
        The server.
    access
        Who may see the page.
    script_hashes
        The sources, as a Content-Security-Policy has them, of the scripts inside the page.
    """
    policy = "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}",
            "style-src 'self' 'unsafe-inline'",  # AG Grid and Plotly position by style attributes
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )

    @server.before_request
    def guard() -> Response | None:
        request = flask.request
        if request.method not in ("GET", "HEAD", "OPTIONS") and not _same_origin(request):
            return _refusal(403, "This request comes from another site's page.")
        if access.token is None:
            # A name that somebody else's name server points at this machine (DNS rebinding) would
            # give that somebody's page the rights of this one.
            name = urlsplit(f"//{request.host}").hostname
            if not is_loopback(name or ""):
                return _refusal(
                    403,
                    f"The page is served to this machine alone, as localhost or 127.0.0.1, and was "
                    f"asked for as {name!r}. To reach it by another name, start it with --token.",
                )
            return None
        if request.path in _OPEN_PATHS:
            return None
        name = _cookie_name(request)
        given = request.values.get("token") if request.path in ("/", "/login") else None
        if given is not None:
            return _welcome(name, access) if access.accepts(given) else _login(wrong=True)
        if access.accepts_cookie(request.cookies.get(name, "")):
            return None
        return _login(wrong=False)

    @server.after_request
    def restrict(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not flask.request.path.startswith(("/assets/", "/_dash-component-suites/")):
            headers["Cache-Control"] = "no-store"
        return response


def _same_origin(request: flask.Request) -> bool:
    """Return whether a request that may change something was made by one of our own pages."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:  # it is no address
        return False


def _cookie_name(request: flask.Request) -> str:
    # Cookies are shared between the ports of a host, and pages of several tables should not be.
    return f"jobman_{urlsplit(f'//{request.host}').port or 80}"


def _welcome(name: str, access: Access) -> Response:
    # Not a redirection: one that another site's link began would not carry a SameSite cookie on.
    page = _page('<p>Welcome. <a href="/">To the page</a></p>', "0; url=/")
    response = flask.make_response(page)
    response.set_cookie(
        name,
        access.cookie(),
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=flask.request.is_secure,
    )
    return response


def _login(*, wrong: bool) -> Response:
    note = '<p class="login-wrong" role="alert">That is not the token.</p>' if wrong else ""
    form = (
        '<form method="post" action="/login"><label for="token">Token</label>'
        '<input id="token" name="token" type="password" autocomplete="current-password" autofocus '
        f'required>{note}<button type="submit">Open</button></form>'
        "<p>It is what <code>jobman dashboard --token</code> was started with.</p>"
    )
    return flask.make_response(_page(form), 401)


def _refusal(code: int, why: str) -> Response:
    return flask.make_response(_page(f'<p role="alert">{html.escape(why)}</p>'), code)


def _page(body: str, refresh: str | None = None) -> str:
    meta = f'<meta http-equiv="refresh" content="{refresh}">' if refresh else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>jobman</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{meta}'
        '<link rel="icon" href="data:,">'  # or browsers would ask for one
        '<link rel="stylesheet" href="/assets/dashboard.css"></head>'
        f'<body><main class="login"><h1>jobman</h1>{body}</main></body></html>'
    )
