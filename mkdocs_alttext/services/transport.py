"""The only sockets of this package.

Owns how a request leaves and how an answer comes in, and its deadline. It must not know which
service it talks to, nor what an answer means.

Each request runs in another thread, a line's, while its caller waits at most `timeout` seconds.
Only so does a deadline cover what no socket timeout covers: name resolution, and a server that
sends one byte at a time. Lines that are free wait for the next request. Each request has a
connection of its own: what a server sends behind an answer must not become that to another picture.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ConfigurationError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Reason
from mkdocs_alttext.services.address import HOST, checked_base_url
from mkdocs_alttext.services.connections import Session
from mkdocs_alttext.services.credentials import BearerAuth
from mkdocs_alttext.services.exchange import Exchange
from mkdocs_alttext.services.line import Line
from mkdocs_alttext.services.reply import Reply, parse_body, read_body

if TYPE_CHECKING:
    from mkdocs_alttext.services.line import Request


THREAD_NAME = "mkdocs-alttext request"
CONNECT_SECONDS = 10.0
"""Longest wait for one connection: a host that drops packets shall not cost a whole timeout."""
BACKSTOP_SECONDS = 5.0
"""How much later than the deadline a silent socket ends its thread, were it not cut off by then."""
MAX_TIMEOUT_SECONDS = 86_400.0
MAX_ANSWER_BYTES = 1 << 20
_HEADERS = {
    "User-Agent": "mkdocs-alttext",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_JSON_HEADERS = {**_HEADERS, "Content-Type": "application/json"}
_GRACE_SECONDS = 0.1
"""How long to wait for a thread that was told to end, so that none is left behind."""


class Transport:
    """JSON over HTTPS to one service; safe for threads."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str,
        timeout: float,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        """Check the settings; nothing is sent.

        Args:
            base_url: Where the service is; plain `http` only on this machine.
            api_key: Sent as a bearer token, to this host only.
            timeout: Seconds for one request, from connecting to the answer's last byte.
            max_answer_bytes: Longest answer that is read, packed or unpacked.

        Raises:
            ConfigurationError: One of them cannot work.
        """
        self._base_url, self._host, self._is_loopback = checked_base_url(base_url)
        self._auth = BearerAuth(api_key)
        if not 0 < timeout <= MAX_TIMEOUT_SECONDS:
            raise ConfigurationError(
                f"`timeout` must be more than 0 and at most {MAX_TIMEOUT_SECONDS:g} seconds."
            )
        self._timeout = timeout
        self._max_answer_bytes = max_answer_bytes
        self._lock = threading.Lock()
        self._closed = False
        self._lines: dict[Line, Exchange | None] = {}
        """All, each with whose request is under way."""
        self._idle: list[Line] = []

    def __repr__(self) -> str:
        """Name the host and nothing that is secret."""
        return f"{type(self).__name__}({self._host!r})"

    def redact(self, text: str) -> str:
        """Return a text of the server's with the key replaced wherever it appears."""
        return self._auth.redact(text)

    def request_json(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Send one request, once, and wait for the whole answer.

        Args:
            method: HTTP method.
            path: Path below the base URL, with its leading slash.
            body: The JSON to send; `None` for an empty body.

        Returns:
            The answer, whatever its status, except redirects.

        Raises:
            ServiceUnavailableError: The request was not sent.
            RequestTimedOutError: It was sent, and no whole answer came.
            BadAnswerError: A redirect, too long an answer, or not HTTP.
        """
        line, exchange = self._begin()
        try:
            try:
                line.take(exchange, method, path, body)
            except RuntimeError:
                self._forget(line)
                why = "this machine cannot start another thread"
                exchange.abandon(why, reason=Reason.OUT_OF_RESOURCES)
            if not exchange.wait(self._timeout):
                exchange.abandon(f"no answer from {self._host} within {self._timeout:g} s")
        except BaseException:
            exchange.abandon("interrupted")
            raise
        if exchange.is_abandoned:  # so has been its line, and no thread shall be left behind
            line.join(_GRACE_SECONDS)
        return exchange.result()

    def close(self) -> None:
        """End what is under way; may be called again."""
        with self._lock:
            self._closed = True
            self._idle.clear()
            lines = dict(self._lines)
        for line, exchange in lines.items():
            if exchange is not None:
                exchange.abandon("the connection was closed before an answer came")
            line.end()
        deadline = time.monotonic() + _GRACE_SECONDS
        for line in lines:
            line.join(max(0.0, deadline - time.monotonic()))

    def _begin(self) -> tuple[Line, Exchange]:
        """Take a line that is free, or a new one."""
        # A build that has nothing to ask does not pay for importing what it asks with.

        exchange = Exchange()
        with self._lock:
            if self._closed:
                raise ServiceUnavailableError("the connection was closed for this build")
            if self._idle:
                line = self._idle.pop()
            else:
                session = Session(
                    self._base_url,
                    trust_env=not self._is_loopback,
                    connect_seconds=min(self._timeout, CONNECT_SECONDS),
                    read_seconds=self._timeout + BACKSTOP_SECONDS,
                )
                line = Line(
                    session,
                    self._carry_out,
                    name=THREAD_NAME,
                    on_free=self._take_back,
                    on_end=self._forget,
                )
            self._lines[line] = exchange
        return line, exchange

    def _take_back(self, line: Line) -> bool:
        with self._lock:
            if self._closed:
                return False
            self._lines[line] = None
            self._idle.append(line)
        return True

    def _forget(self, line: Line) -> None:
        with self._lock:
            self._lines.pop(line, None)

    def _carry_out(self, session: Session, request: Request) -> Reply | ServiceError:
        """Return how a request ended."""
        try:
            return self._talk(session, request)
        except ServiceError as error:
            return error
        except Exception as error:  # noqa: BLE001 - every failure must reach the caller
            return request.exchange.failure(error, host=self._host)

    def _talk(self, session: Session, request: Request) -> Reply:

        exchange, method, path, data = request
        headers = self._auth.added_to(_HEADERS if data is None else _JSON_HEADERS)
        with session.send(exchange, method, path, headers=headers, body=data) as response:
            status = response.status
            if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
                target = self._redirect_host(response.headers.get("Location", ""))
                raise BadAnswerError(f"status {status} points to {target}", status=status)
            if status < 200:  # noqa: PLR2004 - where final answers begin
                raise BadAnswerError(f"status {status} is no final answer", status=status)
            try:
                content = read_body(response, limit=self._max_answer_bytes)
            except BadAnswerError:
                # An error's status says all that is needed, however odd the page around it.
                if status < 400:  # noqa: PLR2004 - where errors begin
                    raise
                content = b""
        body, is_json = parse_body(content)
        return Reply(status, response.headers, body, is_json)

    def _redirect_host(self, location: str) -> str:
        with suppress(ValueError):
            host = urlsplit(location).hostname or self._host
            if HOST.fullmatch(host):
                return self.redact(host)[:120]
        return "an unreadable address"
