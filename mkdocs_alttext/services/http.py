"""JSON over HTTP: each request on a connection of its own, with a deadline and a limit of size.

The thread that asks sends the request with `requests`, once, and reads the answer. A guard knows
whether the request began to leave, which decides whether it may have been charged. A timer cuts the
guard's socket off at the deadline, and `HttpClient.close` does so when the build ends: no time-out
of a socket ends a server that sends one byte at a time.
"""

from __future__ import annotations

import json
import socket
import zlib
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from math import isfinite
from threading import Lock, Thread, Timer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.services.credentials import HOST, BearerAuth, checked_base_url
from mkdocs_alttext.services.errors import failure_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from http.client import HTTPResponse

    from requests import Response
    from requests.adapters import HTTPAdapter
    from urllib3 import BaseHTTPResponse
    from urllib3.connection import HTTPConnection

THREAD_NAME = "mkdocs-alttext request"
CONNECT_SECONDS = 10.0
"""Longest wait for one connection: a host that drops packets shall not cost a whole timeout."""
MAX_ANSWER_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_MOST_INTERIM = 100
"""Interim answers to one request: more than one a second until a usual deadline."""
_HEADERS = {
    "User-Agent": "mkdocs-alttext",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; headers and body stay out of the repr, for a server may echo the key."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names are compared without regard to case."""
    body: object = field(repr=False)
    """The parsed JSON; `None` when it is not JSON."""

    @property
    def is_success(self) -> bool:
        """Whether the status says that the request was done, as 201 does, too."""
        return self.status // 100 == 2  # noqa: PLR2004 - HTTP's class

    def retry_after(self, *, now: float) -> float | None:
        """Read how long to wait: `retry-after-ms`, else `Retry-After`.

        The latter is as RFC 9110 section 10.2.3 defines it; the former is OpenAI's, and the more
        precise of the two.

        Args:
            now: Seconds since the epoch.

        Returns:
            Seconds to wait, 0 or more and without an upper limit; `None` when the header is
            missing or makes no sense.
        """
        milliseconds = _number(self.headers.get("retry-after-ms", ""))
        if milliseconds is not None:
            return milliseconds / 1000
        value = self.headers.get("Retry-After", "").strip()
        with suppress(ValueError):
            float(value)
            return _number(value)
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            date = parsedate_to_datetime(value)
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            return max(0.0, date.timestamp() - now)
        return None


def _number(value: str) -> float | None:
    """Return a number from 0 on; `None` for anything else."""
    with suppress(ValueError):
        number = float(value)
        return number if isfinite(number) and number >= 0 else None
    return None


class HttpClient:
    """JSON over HTTPS to one service; safe for threads."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None,
        timeout: float,
        key_header: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        """Check the settings; nothing is sent.

        Args:
            base_url: Where the service is; plain `http` only on this machine.
            api_key: Sent as a bearer token, to this host only; `None` where no key is needed.
            timeout: Seconds for one request, from connecting to the answer's last byte.
            key_header: The header that holds the key alone, where it is no bearer token.
            headers: More headers of each request.
            max_answer_bytes: Longest answer that is read, packed or unpacked.

        Raises:
            ConfigurationError: The address or the key cannot work.
        """
        self._base_url, self._host, self._is_loopback = checked_base_url(
            base_url, has_key=api_key is not None
        )
        self._auth = None if api_key is None else BearerAuth(api_key, header=key_header)
        self._headers = {**_HEADERS, **headers}
        self._timeout = timeout
        self._max_answer_bytes = max_answer_bytes
        self._lock = Lock()
        self._closed = False
        self._guards: set[_Guard] = set()
        """One for each request under way."""

    def __repr__(self) -> str:
        """Name the host and nothing that is secret."""
        return f"{type(self).__name__}({self._host!r})"

    def redact(self, text: str) -> str:
        """Return a text of the server's with the key replaced wherever it appears."""
        return text if self._auth is None else self._auth.redact(text)

    def request_json(
        self, method: str, path: str, body: bytes | None = None, *, timeout: float | None = None
    ) -> Reply:
        """Send one request, once, and wait for the whole answer.

        Args:
            method: HTTP method.
            path: Path below the base URL, with its leading slash.
            body: The JSON to send; `None` for an empty body.
            timeout: Seconds for this request, where it has fewer than others.

        Returns:
            The answer, whatever its status, except redirects.

        Raises:
            ServiceUnavailableError: The request was not sent.
            RequestTimedOutError: It was sent, and no whole answer came.
            BadAnswerError: A redirect, too long an answer, or not HTTP.
        """
        seconds = self._timeout if timeout is None else min(timeout, self._timeout)
        outcome = self._outcome(method, path, body, seconds)
        if isinstance(outcome, ServiceError):
            # The frames and errors that led to it hold the key.
            outcome.__traceback__ = outcome.__context__ = outcome.__cause__ = None
            raise outcome
        return outcome

    def close(self) -> None:
        """Cut off what is under way, and send nothing more; may be called again."""
        with self._lock:
            self._closed = True
            guards = list(self._guards)
        for guard in guards:
            guard.cut_off("the connection was closed before an answer came")

    def _outcome(
        self, method: str, path: str, body: bytes | None, seconds: float
    ) -> Reply | ServiceError:
        guard = _Guard()
        with self._lock:
            if self._closed:
                return ServiceUnavailableError("the connection was closed, as the run ended")
            self._guards.add(guard)
        late = f"no answer from {self._host} within {seconds:g} s"
        timer = Timer(seconds, guard.cut_off, [late])
        timer.name, timer.daemon = THREAD_NAME, True
        outcome: Reply | ServiceError
        try:
            # Made before the time counts: the first one imports what it sends with.
            with closing(_guarded_adapter()(guard)) as adapter:
                timer.start()
                outcome = self._exchange(adapter, method, path, body)
        except ServiceError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - every failure becomes one of ours
            outcome = failure_from(error, host=self._host, sent=guard.has_begun)
        finally:
            timer.cancel()
            why_cut = guard.end()
            with self._lock:
                self._guards.discard(guard)
        if why_cut:  # an answer whose head was cut off looks like an empty one
            kind = RequestTimedOutError if guard.has_begun else ServiceUnavailableError
            outcome = kind(why_cut)
        return outcome

    def _exchange(self, adapter: HTTPAdapter, method: str, path: str, data: bytes | None) -> Reply:
        import requests  # noqa: PLC0415 - a build with nothing to ask does without

        headers = dict(self._headers)
        if self._auth is not None:
            headers = self._auth.added_to(headers)
        if data is not None:
            headers["Content-Type"] = "application/json"
        # Prepared without a session, which would take the user's password for the host from netrc.
        request = requests.Request(method, self._base_url + path, headers=headers, data=data)
        with requests.Session() as session:
            session.trust_env = not self._is_loopback  # proxies and certificates
            settings: Any = session.merge_environment_settings(
                self._base_url, {}, stream=True, verify=None, cert=None
            )
        timeouts = (min(self._timeout, CONNECT_SECONDS), None)
        # Not the session's `send`, which reads and unpacks the whole body of a redirect.
        with adapter.send(request.prepare(), timeout=timeouts, **settings) as response:
            return self._reply(response)

    def _reply(self, response: Response) -> Reply:
        status = response.status_code
        if status < HTTPStatus.OK:
            raise BadAnswerError(f"status {status} is no final answer", status=status)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            target = self._redirect_host(response.headers.get("Location", ""))
            raise BadAnswerError(f"status {status} points to {target}", status=status)
        try:
            content = _read_body(response.raw, limit=self._max_answer_bytes)
        except BadAnswerError:
            # An error's status says all that is needed, however odd the page around it.
            if status < HTTPStatus.BAD_REQUEST:
                raise
            content = b""
        return Reply(status, response.headers, _parsed(content))

    def _redirect_host(self, location: str) -> str:
        with suppress(ValueError):
            host = urlsplit(location).hostname or self._host
            if HOST.fullmatch(host):
                return self.redact(host)[:120]
        return "an unreadable address"


class _Guard:
    """One request under way: whether it began to leave, and the way to cut it off."""

    def __init__(self) -> None:
        self.has_begun = False
        """Whether any byte of the request may have left."""
        self._why_cut = ""
        self._lock = Lock()
        self._opening: Future[socket.socket] = Future()
        self._socket: socket.socket | None = None

    def open_socket(self, connect: Callable[[], socket.socket]) -> socket.socket:
        """Connect in a short-lived thread: nothing can interrupt the look-up of a name."""
        arguments = (connect, self._opening)
        Thread(target=_connect, args=arguments, name=THREAD_NAME, daemon=True).start()
        opened = self._opening.result()
        try:
            with self._lock:
                self._check()
                # A duplicate can be shut down while the original is being closed. And to shut down
                # a TLS socket would, for a moment, let its user write in the clear.
                self._socket = socket.fromfd(opened.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        except OSError:
            opened.close()
            raise
        return opened

    def begin_sending(self) -> None:
        """Note that the request leaves now; raise where it was cut off before."""
        with self._lock:
            self._check()
            self.has_begun = True

    def _check(self) -> None:
        if self._why_cut:
            raise InterruptedError

    def cut_off(self, why: str) -> None:
        """End the request from another thread; the first reason counts."""
        with self._lock:
            self._why_cut = self._why_cut or why
            self._opening.cancel()
            if self._socket is not None:
                with suppress(OSError):  # the server, or `end`, may have closed it first
                    self._socket.shutdown(socket.SHUT_RDWR)

    def end(self) -> str:
        """Let go of the socket; return why the request was cut off, when it was."""
        with self._lock:
            self._opening.cancel()
            if self._socket is not None:
                self._socket.close()
            return self._why_cut


def _connect(connect: Callable[[], socket.socket], opening: Future[socket.socket]) -> None:
    """Hand a new connection to whoever waits for it, or close it when nobody does any more."""
    try:
        opened = connect()
    except Exception as error:  # noqa: BLE001 - the waiting thread raises it
        if opening.set_running_or_notify_cancel():
            opening.set_exception(error)
    else:
        if opening.set_running_or_notify_cancel():
            opening.set_result(opened)
        else:
            opened.close()


@cache
def _final_response() -> type[HTTPResponse]:
    """Return the class of the final and only answer on a connection."""
    from http.client import HTTPException, HTTPResponse  # noqa: PLC0415 - imports ssl

    class FinalResponse(HTTPResponse):
        """What takes the one answer of its connection.

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
                    # Header lines that cannot be read are dropped: urllib3 would log them, and a
                    # key echoed there. The rest is used, for the answer may have been paid for.
                    self.msg.defects.clear()
                    self.msg.set_payload("")
                    self.will_close = True
                    return
                self.headers = None  # type: ignore[assignment]  # what makes it begin again
            raise HTTPException("no final answer")

    return FinalResponse


@cache
def _guarded_adapter() -> Callable[[_Guard], HTTPAdapter]:
    """Return the class of adapters for one request, whose connection reports to its guard."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - as above

    class GuardedAdapter(HTTPAdapter):
        def __init__(self, guard: _Guard) -> None:
            super().__init__()
            self.guard = guard

        def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on
            pool: Any = super().get_connection_with_tls_context(*arguments, **options)
            pool.ConnectionCls = _guarded(pool.ConnectionCls)
            pool.conn_kw["guard"] = self.guard
            return pool

    return GuardedAdapter


@cache
def _guarded(standard: type[HTTPConnection]) -> type[HTTPConnection]:
    """Return a class of connections (direct, proxied, plain or TLS) that report to a guard."""

    class GuardedConnection(standard):  # type: ignore[valid-type,misc]
        response_class = _final_response()

        def __init__(self, *arguments: object, guard: _Guard, **options: object) -> None:
            super().__init__(*arguments, **options)
            self.guard = guard

        def _new_conn(self) -> socket.socket:
            return self.guard.open_socket(super()._new_conn)

        def putrequest(self, *arguments: object, **options: object) -> None:
            if self.sock is None:  # what http.client would do at the first byte
                self.connect()
            self.guard.begin_sending()
            super().putrequest(*arguments, **options)

    return GuardedConnection


def _read_body(response: BaseHTTPResponse, *, limit: int) -> bytes:
    """Read the body, never holding more than the limit, packed or unpacked.

    `urllib3` would unpack whole chunks before anyone can look at their size.
    """
    too_long = BadAnswerError(f"the answer is longer than {limit} bytes")
    content = bytearray()
    while chunk := response.read(min(_CHUNK_BYTES, limit + 1), decode_content=False):
        content += chunk
        if len(content) > limit:
            raise too_long
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"} or not content:
        return bytes(content)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BadAnswerError("the answer is packed in a way that was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: both gzip and zlib headers
    try:
        unpacked = unpacker.decompress(content, limit + 1)
    except zlib.error:
        raise BadAnswerError("the answer cannot be unpacked") from None
    if len(unpacked) > limit:
        raise too_long
    if not unpacker.eof:
        raise BadAnswerError("the answer is cut off")
    return unpacked


def _parsed(content: bytes) -> object:
    """Return the value of a JSON text; `None` when it is none.

    NaN and Infinity, which servers in Python write though they are not JSON, become `None`: the
    answer around them was paid for.
    """
    try:
        return json.loads(content, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
