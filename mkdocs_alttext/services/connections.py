"""Connections for one request each, which tell when it begins to leave.

Owns the seam to `requests` and `urllib3`: direct, proxied, plain or TLS. It must not know deadlines
or errors.

`requests` says where to connect: which proxy and which certificates, as its users set them. It
would say so for each request, and make each a new set of objects; so `urllib3` sends them.
"""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.util import Retry, Timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import HTTPConnectionPool

    from mkdocs_alttext.services.exchange import Exchange


_MOST_INTERIM = 100
"""Interim answers to one request: more than one a second until a usual deadline."""
_ONCE = Retry(0, read=False)
"""An answer may have been paid for, though it was lost on its way."""


class _FinalResponse(HTTPResponse):
    """The final and only answer on a connection.

    What RFC 9110 section 15.2 lets come before it is dropped: `http.client` drops 100 only, and
    takes any other for final. Its connection is never used again. A server may send a second
    answer at any time, also between the last look at the connection and the next request, which
    would get it; so no look can keep answers apart.
    """

    def begin(self) -> None:
        for _ in range(_MOST_INTERIM + 1):
            super().begin()
            # After 101 the server speaks another protocol.
            if self.status // 100 != 1 or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                self._forget_defects()
                self.will_close = True
                return
            self.headers = None  # type: ignore[assignment]  # what makes it begin again
        raise HTTPException("no final answer")

    def _forget_defects(self) -> None:
        """Drop header lines that cannot be read: urllib3 would log them, and a key echoed there.

        The rest is used, for the answer may have been paid for.
        """
        self.msg.defects.clear()
        self.msg.set_payload("")


class _GuardedConnection(HTTPConnection):
    """Mixed into every connection class, so that its exchange knows when sending begins."""

    session: Session
    response_class = _FinalResponse

    def putrequest(self, method: str, url: str, *options: bool, **named_options: bool) -> None:
        if self.sock is None:  # what http.client would do at the first byte
            self.connect()
        self.session.exchange.sending(self.sock.fileno())
        super().putrequest(method, url, *options, **named_options)


class Session:
    """Connections to one base URL, for one request at a time, which tell its exchange."""

    exchange: Exchange
    """Whose request is sent, while one is."""

    def __init__(
        self, base_url: str, *, trust_env: bool, connect_seconds: float, read_seconds: float
    ) -> None:
        """Open nothing yet.

        Args:
            base_url: What all paths stand below.
            trust_env: Whether proxies and certificates come from the environment.
            connect_seconds: Longest wait for a connection.
            read_seconds: Longest silence of the server.
        """
        self._base_url = base_url
        self._trust_env = trust_env
        self._timeout = Timeout(connect=connect_seconds, read=read_seconds)
        self._route: tuple[HTTPConnectionPool, str] | None = None

    def send(
        self,
        exchange: Exchange,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> BaseHTTPResponse:
        """Send one request, once, and return the answer with its body unread, redirect or not."""
        if self._route is None:
            self._route = self._find_route()
        pool, base = self._route
        self.exchange = exchange
        try:
            return pool.urlopen(
                method,
                base + path,
                body=body,
                headers=headers,
                timeout=self._timeout,
                retries=_ONCE,
                redirect=False,
                assert_same_host=False,  # one pool of a proxy may serve all
                preload_content=False,
                decode_content=False,
            )
        finally:  # an error that it ended with leads to all that its caller had
            del self.exchange

    def close(self) -> None:
        """Close what a request left open, and find the way anew for the next one."""
        if self._route is not None:
            pool, self._route = self._route[0], None
            pool.close()

    def _find_route(self) -> tuple[HTTPConnectionPool, str]:
        """Return where connections come from, and what a path is written behind on them.

        Part of the first request: whether to use a proxy may depend on what a name resolves to, and
        only a request has a deadline.
        """
        base = requests.Request("GET", self._base_url).prepare()
        with requests.Session() as settings:
            settings.trust_env = self._trust_env
            found = settings.merge_environment_settings(self._base_url, {}, None, None, None)
        adapter = HTTPAdapter()
        verify, cert, proxies = found["verify"], found["cert"], found["proxies"]
        pool = cast(
            "HTTPConnectionPool",
            adapter.get_connection_with_tls_context(base, verify, proxies, cert),
        )
        # Its stub has no types.
        adapter.cert_verify(pool, self._base_url, verify, cert)  # type: ignore[no-untyped-call]
        standard: type = pool.ConnectionCls
        pool.ConnectionCls = type("Guarded", (_GuardedConnection, standard), {"session": self})
        return pool, adapter.request_url(base, proxies).rstrip("/")
