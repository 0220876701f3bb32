"""Connections that tell when a request begins to leave, and wait for its final answer.

Owns the seam to `requests` and `urllib3`: direct, proxied, plain or TLS. It must not know deadlines
or errors.
"""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3.connectionpool import ConnectionPool

    from mkdocs_alttext.services.exchange import Exchange


_MOST_INTERIM = 100
"""Interim answers to one request: more than one a second until a usual deadline."""


class _FinalResponse(HTTPResponse):
    """The final answer to a request: what RFC 9110 section 15.2 lets come before it is dropped.

    `http.client` drops 100 only, and takes any other for final; the next request on the connection
    would then get the answer to this one.
    """

    def begin(self) -> None:
        for _ in range(_MOST_INTERIM + 1):
            super().begin()
            # After 101 the server speaks another protocol.
            if self.status // 100 != 1 or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                self._forget_defects()
                return
            self.headers = None  # type: ignore[assignment]  # what makes it begin again
        raise HTTPException("no final answer")

    def _forget_defects(self) -> None:
        """Drop header lines that cannot be read: urllib3 would log them, and a key echoed there.

        The rest is used, for the answer may have been paid for; but where it ends is not certain.
        """
        if self.msg.defects or self.msg.get_payload():
            self.msg.defects.clear()
            self.msg.set_payload("")
            self.will_close = True


class _GuardedConnection(HTTPConnection):
    """Mixed into every connection class, so that its exchange knows when sending begins."""

    adapter: _Adapter
    response_class = _FinalResponse

    def putrequest(self, method: str, url: str, *options: bool, **named_options: bool) -> None:
        if self.sock is None:  # what http.client would do at the first byte
            self.connect()
        self.adapter.exchange.sending(self.sock.fileno())
        super().putrequest(method, url, *options, **named_options)


class _Adapter(HTTPAdapter):
    """The standard adapter, with guarded connections: direct, proxied, plain or TLS."""

    exchange: Exchange

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,  # noqa: FBT001 - requests' signature
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPConnectionPool):
            standard: type = pool.ConnectionCls
            if not issubclass(standard, _GuardedConnection):
                guarded = type("Guarded", (_GuardedConnection, standard), {"adapter": self})
                pool.ConnectionCls = guarded
        return pool


class Session(requests.Session):
    """A session for one request at a time, whose connections tell their exchange."""

    def __init__(self, *, trust_env: bool) -> None:
        """Open nothing yet.

        Args:
            trust_env: Whether proxies and certificates come from the environment.
        """
        super().__init__()
        self.trust_env = trust_env
        self.headers["User-Agent"] = "mkdocs-alttext"
        self._adapter = _Adapter()
        self.mount("https://", self._adapter)
        self.mount("http://", self._adapter)

    def attend(self, exchange: Exchange) -> Session:
        """Serve an exchange from now on; return itself."""
        self._adapter.exchange = exchange
        return self

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Hide redirects: requests reads their bodies whole even when told not to follow."""
