"""JSON over HTTP: each request on a connection of its own, with a deadline and a limit of size.

The thread that asks sends the request with `requests`, once, and reads the answer. A guard knows
whether the request began to leave, which decides whether it may have been charged, and a timer has
it cut the connection off at the deadline, as `HttpClient.close` has when the build ends.
"""

from __future__ import annotations

import json
import zlib
from contextlib import closing, suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from math import isfinite
from threading import Lock, Timer
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.services.connection import THREAD_NAME, Guard, guarded_adapter
from mkdocs_alttext.services.credentials import HOST, BearerAuth, checked_base_url
from mkdocs_alttext.services.errors import failure_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Response
    from requests.adapters import HTTPAdapter
    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS = 10.0
"""Longest wait for one connection: a host that drops packets shall not cost a whole timeout."""
MAX_ANSWER_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16
_HEADERS = {
    "User-Agent": "mkdocs-alttext",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names are compared without regard to case."""
    body: object
    """The parsed JSON; `None` when it is not JSON."""

    def __repr__(self) -> str:
        """Show neither headers nor body, for a server may echo the key."""
        return f"{type(self).__name__}(status={self.status})"

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
        self._guards: set[Guard] = set()
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
        guard = Guard()
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
            with closing(guarded_adapter()(guard)) as adapter:
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
