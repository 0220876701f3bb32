"""The only sockets of this package.

Owns how a request leaves and how an answer comes in: the key, TLS, the deadline, the size limit,
and the one translation of what `requests` and `urllib3` raise into this package's errors. It must
not know which service it talks to, nor what an answer means.

Each request runs in a thread of its own while its caller waits at most `timeout` seconds. Only so
does a deadline cover what no socket timeout covers: name resolution, and a server that sends one
byte at a time.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import socket
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ConfigurationError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.connectionpool import ConnectionPool

THREAD_NAME = "mkdocs-alttext request"
CONNECT_SECONDS = 10.0
"""Longest wait for one connection: a host that drops packets shall not cost a whole timeout."""
BACKSTOP_SECONDS = 5.0
"""How much later than the deadline a silent socket ends its thread, were it not cut off by then."""
MAX_TIMEOUT_SECONDS = 86_400.0
MAX_ANSWER_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_GRACE_SECONDS = 0.1
"""How long a caller waits for the thread of a request it gave up, so that none is left behind."""
_SECRET_LENGTH = 8
"""A shorter key is a stand-in such as `x`, and to hide it would riddle every text."""
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?|[0-9A-Fa-f:.]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; headers and body stay out of the repr, for a server may echo the key."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names are compared without regard to case."""
    body: object = field(repr=False)
    """The parsed JSON; `None` when it is not JSON."""
    is_json: bool

    def retry_after(self, *, now: float) -> float | None:
        """Read the `Retry-After` header, as RFC 9110 section 10.2.3 defines it.

        Args:
            now: Seconds since the epoch.

        Returns:
            Seconds to wait, 0 or more and without an upper limit; `None` when the header is
            missing or makes no sense.
        """
        value = self.headers.get("Retry-After", "").strip()
        try:
            seconds = float(value)
        except ValueError:
            try:
                date = parsedate_to_datetime(value)
                date = date if date.tzinfo else date.replace(tzinfo=UTC)
                return max(0.0, date.timestamp() - now)
            except (ValueError, TypeError, IndexError, OverflowError):
                return None
        return seconds if isfinite(seconds) and seconds >= 0 else None


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
        self._base_url, self._host, self._is_loopback = _checked_base_url(base_url)
        self._auth = _BearerAuth(api_key)
        if not 0 < timeout <= MAX_TIMEOUT_SECONDS:
            raise ConfigurationError(
                f"`timeout` must be more than 0 and at most {MAX_TIMEOUT_SECONDS:g} seconds."
            )
        self._timeout = timeout
        self._max_answer_bytes = max_answer_bytes
        self._lock = threading.Lock()
        self._closed = False
        self._idle: list[_Session] = []
        self._under_way: set[_Exchange] = set()

    def __repr__(self) -> str:
        """Name the host and nothing that is secret."""
        return f"{type(self).__name__}({self._host!r})"

    def redact(self, text: str) -> str:
        """Return a text of the server's with the key replaced wherever it appears."""
        return self._auth.redact(text)

    def request_json(
        self, method: str, path: str, payload: Mapping[str, object] | None = None
    ) -> Reply:
        """Send one request, once, and wait for the whole answer.

        Args:
            method: HTTP method.
            path: Path below the base URL, with its leading slash.
            payload: What to send as JSON; `None` for an empty body.

        Returns:
            The answer, whatever its status, except redirects.

        Raises:
            ServiceUnavailableError: The request was not sent.
            RequestTimedOutError: It was sent, and no whole answer came.
            BadAnswerError: A redirect, too long an answer, or not HTTP.
        """
        data = None if payload is None else json.dumps(payload).encode()
        exchange = _Exchange()
        with self._lock:
            if self._closed:
                raise ServiceUnavailableError("the connection was closed for this build")
            self._under_way.add(exchange)
        # A daemon, because one that hangs in name resolution must not keep the build from ending.
        worker = threading.Thread(
            target=self._carry_out,
            args=(exchange, self._borrow(), method, path, data),
            name=THREAD_NAME,
            daemon=True,
        )
        try:
            worker.start()
            exchange.wait(self._timeout)
            exchange.abandon(f"no answer from {self._host} within {self._timeout:g} s")
            worker.join(_GRACE_SECONDS)
        except RuntimeError:
            exchange.abandon("this machine cannot start another thread")
        finally:
            exchange.abandon("interrupted")
            with self._lock:
                self._under_way.discard(exchange)
        return exchange.result()

    def close(self) -> None:
        """End what is under way and close all connections; may be called again."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            under_way = tuple(self._under_way)
        for exchange in under_way:
            exchange.abandon("the connection was closed before an answer came")
        for session in idle:
            session.close()

    def _carry_out(
        self, exchange: _Exchange, session: _Session, method: str, path: str, data: bytes | None
    ) -> None:
        outcome: Reply | ServiceError
        try:
            outcome = self._talk(session.attend(exchange), method, path, data)
        except ServiceError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - a thread's every failure must reach its caller
            outcome = failure_from(error, host=self._host, sent=exchange.sent)
        exchange.release()
        self._give_back(session, reusable=isinstance(outcome, Reply))
        exchange.end(outcome)

    def _talk(self, session: _Session, method: str, path: str, data: bytes | None) -> Reply:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        with session.request(
            method,
            self._base_url + path,
            data=data,
            headers=headers,
            auth=self._auth,
            timeout=(min(self._timeout, CONNECT_SECONDS), self._timeout + BACKSTOP_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
            if 300 <= status < 400:  # noqa: PLR2004 - the class of redirects
                target = self._redirect_host(response.headers.get("Location", ""))
                raise BadAnswerError(f"status {status} points to {target}", status=status)
            try:
                content = _read(response, limit=self._max_answer_bytes)
            except BadAnswerError:
                # An error's status says all that is needed, however odd the page around it.
                if status < 400:  # noqa: PLR2004 - where errors begin
                    raise
                content = b""
        body, is_json = _parsed(content)
        return Reply(status, response.headers, body, is_json)

    def _redirect_host(self, location: str) -> str:
        with suppress(ValueError):
            host = urlsplit(location).hostname or self._host
            if _HOST.fullmatch(host):
                return self.redact(host)[:120]
        return "an unreadable address"

    def _borrow(self) -> _Session:
        """Sessions are not safe for threads, so each is used by one request at a time."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Session(trust_env=not self._is_loopback)

    def _give_back(self, session: _Session, *, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed:
                self._idle.append(session)
                return
        session.close()


class _BearerAuth(AuthBase):
    """An auth object, because requests lets `~/.netrc` replace a plain header."""

    __slots__ = ("_key",)  # keeps the key out of vars()

    def __init__(self, key: str) -> None:
        key = key.strip()
        if not key:
            raise ConfigurationError("The API key is empty; set it to the key of your account.")
        if not key.isprintable() or not _is_latin_1(key):
            raise ConfigurationError(
                "The API key holds characters that no key has (line breaks, control characters "
                "or letters outside Latin-1); copy it again, alone and on one line."
            )
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    def redact(self, text: str) -> str:
        if len(self._key) < _SECRET_LENGTH:
            return text
        # Without regard to case: host names come back in lower case.
        return re.sub(re.escape(self._key), "***", text, flags=re.IGNORECASE)


class _AbandonedError(Exception):
    """The caller no longer waits, so nothing may be sent."""


class _Exchange:
    """One request under way: whether it was sent, how it ended, and the way to cut it off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._outcome: Reply | ServiceError | None = None
        self._socket: socket.socket | None = None
        self.sent = False

    def sending(self, file_descriptor: int) -> None:
        """Note that the request leaves now, unless its caller has left before.

        A duplicate of the socket is kept to cut it off with. It can be shut down from another
        thread while the original is being closed; and to shut down a TLS socket itself would, for
        a moment, let the other thread write in the clear.
        """
        with self._lock:
            if self._outcome is not None:
                raise _AbandonedError
            self.sent = True
            self._socket = socket.fromfd(file_descriptor, socket.AF_INET, socket.SOCK_STREAM)

    def release(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def end(self, outcome: Reply | ServiceError) -> None:
        """Keep the first outcome, without what led to it: those frames and errors hold the key."""
        if isinstance(outcome, ServiceError):
            outcome.__traceback__ = outcome.__context__ = outcome.__cause__ = None
        with self._lock:
            if self._outcome is None:
                self._outcome = outcome
        self._ended.set()

    def abandon(self, detail: str) -> None:
        """End it from outside, if it has not ended."""
        with self._lock:
            if self._outcome is None:
                kind = RequestTimedOutError if self.sent else ServiceUnavailableError
                self._outcome = kind(detail)
            if self._socket is not None:
                with suppress(OSError):  # the server may have closed it first
                    self._socket.shutdown(socket.SHUT_RDWR)
        self._ended.set()

    def wait(self, seconds: float) -> None:
        self._ended.wait(seconds)

    def result(self) -> Reply:
        if not isinstance(self._outcome, Reply):
            raise self._outcome or ServiceUnavailableError
        return self._outcome


class _GuardedConnection(HTTPConnection):
    """Mixed into every connection class, so that its exchange knows when sending begins."""

    adapter: _Adapter

    def putrequest(self, method: str, url: str, *options: bool, **named_options: bool) -> None:
        if self.sock is None:  # what http.client would do at the first byte
            self.connect()
        self.adapter.exchange.sending(self.sock.fileno())
        super().putrequest(method, url, *options, **named_options)


class _Adapter(HTTPAdapter):
    """The standard adapter, with guarded connections: direct, proxied, plain or TLS."""

    exchange: _Exchange

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


class _Session(requests.Session):
    def __init__(self, *, trust_env: bool) -> None:
        super().__init__()
        self.trust_env = trust_env
        self.headers["User-Agent"] = "mkdocs-alttext"
        self._adapter = _Adapter()
        self.mount("https://", self._adapter)
        self.mount("http://", self._adapter)

    def attend(self, exchange: _Exchange) -> _Session:
        self._adapter.exchange = exchange
        return self

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Hide redirects: requests reads their bodies whole even when told not to follow."""


_UNUSABLE_PROXY = (
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.InvalidSchema,  # what a SOCKS proxy without PySocks raises
    urllib3_errors.ProxyError,
    urllib3_errors.ProxySchemeUnknown,
)
_NOT_CONNECTED: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    # The first that fits: urllib3's classes inherit from one another.
    (_UNUSABLE_PROXY, "the proxy that the environment names cannot be used"),
    ((urllib3_errors.NameResolutionError, socket.gaierror), "its name cannot be resolved"),
    (
        (urllib3_errors.SSLError, requests.exceptions.SSLError),
        "no TLS connection, or its certificate is not trusted",
    ),
    ((ConnectionRefusedError,), "the connection was refused"),
    ((urllib3_errors.NewConnectionError,), "no connection"),
    (
        (urllib3_errors.TimeoutError, requests.exceptions.Timeout, TimeoutError),
        "no connection in time",
    ),
)
_CUT_OFF = (http.client.RemoteDisconnected, http.client.IncompleteRead)
_UNREADABLE = (
    http.client.HTTPException,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.InvalidHeader,
    urllib3_errors.DecodeError,
    urllib3_errors.HeaderParsingError,
    urllib3_errors.InvalidHeader,
)
_TOO_LATE = (TimeoutError, requests.exceptions.Timeout, urllib3_errors.TimeoutError)


def failure_from(error: BaseException, *, host: str, sent: bool) -> ServiceError:
    """Say in this package's words what `requests`, `urllib3` or the system raised.

    The words come from classes only: the messages hold addresses, and may hold headers.

    Args:
        error: What was raised.
        host: The service's host.
        sent: Whether any byte of the request may have left; then it may have been charged.
    """
    chain = tuple(_chain(error))

    def has(kinds: tuple[type[BaseException], ...]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if not sent:
        words = next((words for kinds, words in _NOT_CONNECTED if has(kinds)), "no connection")
        return ServiceUnavailableError(f"{host} cannot be reached: {words}")
    if has(_TOO_LATE):
        return RequestTimedOutError(f"no answer from {host} in time")
    if has(_UNREADABLE) and not has(_CUT_OFF):
        return BadAnswerError(f"what {host} sent is not HTTP")
    return RequestTimedOutError(f"{host} closed the connection before its answer was complete")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it wraps, in whichever of the ways both libraries use."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        inner = (*link.args, getattr(link, "reason", None), link.__cause__, link.__context__)
        waiting.extend(each for each in inner if isinstance(each, BaseException))


def _checked_base_url(base_url: str) -> tuple[str, str, bool]:
    """Return the address without its last slash, the host to name, and whether it is this machine.

    No message repeats the address: it may hold a password or the key.
    """
    example = "write it like https://service.example/api/v1"
    if not re.fullmatch(r"[!-~]+", base_url) or "\\" in base_url:
        raise ConfigurationError(f"`base_url` must be plain ASCII without spaces; {example}.")
    if "@" in base_url:
        raise ConfigurationError(f"`base_url` must not hold a user name or password; {example}.")
    if "?" in base_url or "#" in base_url:
        raise ConfigurationError(
            f"`base_url` must end with its path, before any ? or #; {example}."
        )
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError(f"`base_url` is not an address; {example}.") from None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ConfigurationError(f"`base_url` must be an https address with a host; {example}.")
    is_loopback = _is_loopback(host)
    named = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    if parts.scheme == "http" and not is_loopback:
        raise ConfigurationError(
            f"`base_url` would send the key to {named} unencrypted; write https://{named} instead "
            "(plain http is for 127.0.0.1, [::1] and localhost)."
        )
    return base_url.rstrip("/"), named, is_loopback


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _LOOPBACK)


def _read(response: requests.Response, *, limit: int) -> bytes:
    """Read the body, never holding more than the limit, packed or unpacked.

    `requests` would unpack whole chunks before anyone can look at their size.
    """
    too_long = BadAnswerError(f"the answer is longer than {limit} bytes")
    content = bytearray()
    for chunk in response.raw.stream(min(_CHUNK_BYTES, limit + 1), decode_content=False):
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


def _is_latin_1(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        return bool(text.encode("latin-1"))
    return False


def _parsed(content: bytes) -> tuple[object, bool]:
    def refuse(_: str) -> None:
        raise ValueError  # NaN and Infinity are Python's own, not JSON

    try:
        return json.loads(content, parse_constant=refuse), True
    except (ValueError, RecursionError):
        return None, False
