"""Who may ask the server of the review, and what browsers may do with its answers.

It listens on this machine only; but every page that a browser has open, and every other user of the
machine, can send requests there. So each request needs a cookie that only the printed address
gives, must name the server's own host (a foreign name that leads to this machine is DNS rebinding),
and must not come from another page; each change must say that it comes from a page of the server.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Environment = dict[str, Any]
    StartResponse = Callable[..., Any]
    Application = Callable[[Environment, StartResponse], Iterable[bytes]]

LOOPBACK = "127.0.0.1"
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Of an SVG as its author wrote it: it can neither run nor load anything."""
_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # With `no-referrer`, browsers would send `Origin: null` with forms (Fetch, 3.2).
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""What an answer has that does not say otherwise itself."""
_REFUSAL = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Review</title>
<h1>This page is not open to you</h1>
<p>{why}</p>
<p>If you came from the address that <code>mkdocs-alttext review</code> printed:
<a href="/">open the review</a>.</p>
"""


class Guard:
    """A WSGI application that lets requests of one person's browser through to another."""

    def __init__(self, application: Application) -> None:
        """Make the secrets.

        Args:
            application: What answers.
        """
        self._application = application
        self._cookie = secrets.token_urlsafe(32)
        self._hosts: tuple[str, ...] = ()
        self._name = ""
        self._token = secrets.token_urlsafe(32)
        self._once: list[str] = []
        """Tokens that work once."""

    @property
    def address(self) -> str:
        """The first address, with the token."""
        return f"http://{self._hosts[0]}/?token={self._token}"

    def address_for_once(self) -> str:
        """Return a first address that works once."""
        token = secrets.token_urlsafe(32)
        self._once.append(token)
        return f"http://{self._hosts[0]}/?token={token}"

    def listen_on(self, port: int) -> None:
        """Take the port that the server listens on."""
        self._hosts = (f"{LOOPBACK}:{port}", f"localhost:{port}")
        # Cookies are shared by all ports of a host, be they another user's (RFC 6265, 8.5).
        self._name = f"alttext_review_{port}"

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or refuse it."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
            own = {name.lower() for name, _ in headers}
            return start_response(
                status,
                [*headers, *(each for each in _HEADERS if each[0].lower() not in own)],
                *rest,
            )

        if why := self._refusal(environ):
            return _answer(start, "403 Forbidden", _REFUSAL.format(why=why))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "GET" and path == "/" and self._has_token(environ):
            cookie = f"{self._name}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"
            more = [("Set-Cookie", cookie), ("Location", "/")]
            return _answer(start, "303 See Other", "", more)
        if not self._has_cookie(environ):
            why = "Open the address that the terminal shows: it begins with http and has a token."
            return _answer(start, "403 Forbidden", _REFUSAL.format(why=why))
        if method not in {"GET", "HEAD", "POST"}:
            return _answer(start, "405 Method Not Allowed", "")
        return self._application(environ, start)

    def _refusal(self, environ: Environment) -> str:
        """Say why a request is none of this server's own pages, if that is so."""
        host = environ.get("HTTP_HOST", "")
        if host not in self._hosts:
            return "The request names another host than this server."
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            # A link from elsewhere may lead here; what a page there loads may not come from here.
            is_link = environ.get("HTTP_SEC_FETCH_DEST") == "document"
            is_own = site in {"none", "same-origin"} or is_link
        else:
            is_own = environ.get("HTTP_ORIGIN") == f"http://{host}" and site in {
                "none",
                "same-origin",
            }
        return "" if is_own else "The request comes from another site."

    def _has_token(self, environ: Environment) -> bool:
        query = parse_qs(environ.get("QUERY_STRING", ""), errors="replace", max_num_fields=20)
        for given in query.get("token", ())[:1]:
            if _is_same(given, self._token):
                return True
            if own := [token for token in self._once if _is_same(given, token)]:
                self._once.remove(own[0])
                return True
        return False

    def _has_cookie(self, environ: Environment) -> bool:
        # Others on this machine set cookies, too, and one that breaks the grammar, as JSON does,
        # has the library read none.
        cookies = (each.strip() for each in environ.get("HTTP_COOKIE", "").split(";"))
        return any(_is_same(each, f"{self._name}={self._cookie}") for each in cookies)


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())


def _answer(
    start: StartResponse, status: str, page: str, more: Iterable[tuple[str, str]] = ()
) -> list[bytes]:
    data = page.encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(data)))]
    start(status, [*headers, *more])
    return [data]
