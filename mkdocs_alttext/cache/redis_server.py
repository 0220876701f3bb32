"""The server of a shared cache: its address, the connection to it, and what is wrong with it.

Whatever fails is one `ServerError` with a kind, and one sentence for a person: where the server is,
what happened, and what to do. A server that failed is left alone for a while, so that what is
waited for in vain is waited for once, and not for each of five hundred images. Neither user nor
password is in any message.
"""

from __future__ import annotations

import re
import time
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.system.environment import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    Value = TypeVar("Value")

_PORT = 6379
_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 5.0
_MOST_SAID = 100
"""Characters of a server's own words."""
_LEAST_PART = 6
"""Characters of a secret that tell something of it."""
_PAUSE = 20.0
"""Seconds for which a server that failed is left alone."""


class ServerAddress(NamedTuple):
    """Where the server is, and who asks. Neither its text nor its `repr` holds the password."""

    host: str
    """Empty where there is a path."""
    port: int
    path: str
    """Of a unix socket; empty where there is a host."""
    database: int
    username: str | None
    password: str | None
    is_encrypted: bool

    @classmethod
    def of(cls, url: str) -> ServerAddress:
        """Read an address.

        Args:
            url: `redis://[user[:password]@]host[:port][/database]`, the same with `rediss`, or
                `unix://[user[:password]@]/path[?db=database]`. The client's other parameters, such
                as those that switch the check of certificates off, are not taken.

        Raises:
            ValueError: It is none; the message does not repeat it.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORT
            query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            raise ValueError("this is no address") from None
        is_socket = parts.scheme == "unix"
        if parts.scheme not in {"redis", "rediss", "unix"} or parts.fragment:
            raise ValueError("an address begins with redis://, rediss:// or unix://")
        if is_socket:
            is_place = not host and parts.path.startswith("/") and "\0" not in unquote(parts.path)
            database = query.pop("db", ["0"])[-1]
        else:
            is_place = bool(re.fullmatch(r"[A-Za-z0-9._:%-]+", host))
            database = parts.path.strip("/") or "0"
        if not is_place or query or not re.fullmatch("[0-9]{1,4}", database):
            raise ValueError(
                "an address is redis://host:port/database or unix:///path?db=database, without "
                "other parameters"
            )
        return cls(
            host,
            port,
            unquote(parts.path) if is_socket else "",
            int(database),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parts.scheme == "rediss",
        )

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return bool(self.path) or is_loopback(self.host)

    def __str__(self) -> str:
        """Return the place, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = self.path or f"{host}:{self.port}"
        return f"{place} (database {self.database})" if self.database else place

    def __repr__(self) -> str:
        """Return the place."""
        return f"<{type(self).__name__} {self}>"


class ServerFault(Enum):
    """What is wrong with a server, as far as it decides what may be done; in words for a person."""

    MISSING = (
        "is not used, as the client is missing. Install mkdocs-alttext[redis]. Until then, {paid}."
    )
    AWAY = "cannot be reached ({detail}). Start it, or correct its address. Until then, {paid}."
    SLOW = "took too long to answer ({detail}). Look for what keeps it busy. Meanwhile, {paid}."
    SLOW_LOOK_UPS = (
        "took more than {detail} for the look-ups of this run, and was asked for no more of them."
        " Look for what keeps it busy."
    )
    DENIED = "does not take the user or the password. Correct its address. Until then, {paid}."
    UNVERIFIED = (
        "has a certificate that is not to be trusted ({detail}), so nothing was sent there. Correct"
        " the certificate or the host's name, or name your own authority's file in the environment "
        "variable SSL_CERT_FILE. Until then, {paid}."
    )
    UNUSABLE = "does not work as Redis or Valkey do ({detail}). Until that is corrected, {paid}."
    READ_ONLY = "may only be read: its texts are used, and nothing is paid for."
    FULL = (
        "stores nothing, as its memory is full or its disk cannot be written. Its texts are used. "
        "Make room. Until then, {paid}."
    )
    EVICTS = (
        "removes keys when its memory is full, so that texts would be paid for again. Set its "
        "maxmemory-policy to noeviction. Until then, {paid}."
    )
    LOST = (
        "was restarted or emptied during this run. What this run knows was stored again. For "
        "the rest of this run, {paid}. Then run it again."
    )


_ABOUT_WRITING = {ServerFault.READ_ONLY, ServerFault.FULL, ServerFault.EVICTS}
_VOLATILE = (
    "keeps its texts in memory only, so that a restart would have all paid for again. Set "
    "appendonly to yes there."
)


class ServerError(StoreError):
    """The server failed. Look-ups become misses; nothing is paid for without a lease."""

    def __init__(self, fault: ServerFault, detail: str = "") -> None:
        """Keep the facts.

        Args:
            fault: What is wrong.
            detail: The system's own words; never a record's content.
        """
        super().__init__("the shared cache cannot be used")
        self.fault = fault
        self.detail = detail


class Server:
    """One server. Nothing is imported or opened before the first call. Safe for threads."""

    def __init__(self, address: ServerAddress, *, is_required: bool = True) -> None:
        """Take where it is.

        Args:
            address: Where, and who asks.
            is_required: Whether nothing is paid for while it cannot be used.
        """
        self.address = address
        self.is_required = is_required
        self.restarts = 0
        """How often it was another process than before."""
        self.info: dict[str, str] = {}
        """What it says of itself, where it does."""
        self._lock = Lock()
        """Guards what follows, but not the time of a call."""
        self._client: Any = None
        self._refuses_until = 0.0
        self._refuses_writing_until = 0.0
        self._refuses_writing_for = ServerFault.READ_ONLY
        self._faults: dict[ServerFault, str] = {}
        self._is_volatile = False

    def call(self, work: Callable[[Any], Value], *, writes: bool = False) -> Value:
        """Do something with the client.

        Args:
            work: What to do.
            writes: Whether it may change something.

        Raises:
            ServerError: It failed, or failed a moment ago.
        """
        now = time.monotonic()
        if now < self._refuses_until:
            raise ServerError(ServerFault.AWAY)
        if writes and now < self._refuses_writing_until:
            raise ServerError(self._refuses_writing_for)
        try:
            return work(self._connected())
        except ServerError as error:
            raise self.note(error) from None
        except Exception as error:  # noqa: BLE001 - a client of its own, fed by a stranger
            raise self.note(_server_error(error, self.address)) from None

    def note(self, error: ServerError, *, pauses: bool = True) -> ServerError:
        """Remember what is wrong, and leave the server alone for a while if that helps."""
        until = time.monotonic() + _PAUSE
        with self._lock:
            self._faults.setdefault(error.fault, error.detail)
            if error.fault in _ABOUT_WRITING:
                self._refuses_writing_until = until
                self._refuses_writing_for = error.fault
            elif pauses:
                self._refuses_until = until
        return error

    def try_again(self) -> None:
        """Do not leave the server alone any longer."""
        self._refuses_until = self._refuses_writing_until = 0.0

    @property
    def evicts(self) -> bool:
        """Whether it may remove what is stored there; leases are what `volatile-…` removes."""
        is_bounded = self.info.get("maxmemory", "0") != "0"
        return is_bounded and self.info.get("maxmemory_policy", "noeviction") != "noeviction"

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, each kind once, as ends of sentences about the server."""
        paid = (
            "nothing is paid for, as another machine may be paying for the same"
            if self.is_required
            else "only the local cache is used, and pictures may be paid for twice"
        )
        for fault, detail in dict(self._faults).items():
            yield fault.value.format(detail=detail, paid=paid)
        if self._is_volatile:
            yield _VOLATILE
        if self.evicts and ServerFault.EVICTS not in self._faults:
            yield ServerFault.EVICTS.value.format(paid=paid)

    def close(self) -> None:
        """Close all connections; the next call opens one."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> Any:  # noqa: ANN401 - the client is imported late
        with self._lock:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> Any:  # noqa: ANN401 - the client is imported late
        from redis import Redis, exceptions  # noqa: PLC0415 - only shared caches need it
        from redis.backoff import NoBackoff  # noqa: PLC0415 - only shared caches need it
        from redis.retry import Retry  # noqa: PLC0415 - only shared caches need it

        address = self.address
        named: dict[str, Any] = {"host": address.host, "port": address.port}
        if address.path:
            named = {"unix_socket_path": address.path}
        if address.is_encrypted:
            named |= {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True}
        return Redis(
            **named,
            db=address.database,
            username=address.username,
            password=address.password,
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            # Once more at once, with a new connection: the server may have closed the old one.
            # Every script can run twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,)),
            redis_connect_func=self._greet,
            protocol=2,
        )

    def _greet(self, connection: Any) -> None:  # noqa: ANN401 - the client is imported late
        """Log in on a new connection, and ask the server who it is."""
        connection.on_connect()
        told = _asked(connection, "INFO") or b""
        lines = told.decode(errors="replace").splitlines() if isinstance(told, bytes) else []
        info = dict(line.split(":", 1) for line in lines if ":" in line)
        if info and not self.info and info.get("aof_enabled") == "0":
            # Where it may not be asked for its settings, whoever runs it knows better.
            saves = _asked(connection, "CONFIG", "GET", "save")
            self._is_volatile = isinstance(saves, list) and saves[1:] == [b""]
        with self._lock:
            if self.info and info.get("run_id") != self.info.get("run_id"):
                self.restarts += 1
            self.info = info or self.info


def _asked(connection: Any, *command: str) -> object:  # noqa: ANN401 - the client is imported late
    """Return what the server says to a command, or `None` where it must not be asked."""
    from redis.exceptions import ResponseError  # noqa: PLC0415 - only shared caches need it

    connection.send_command(*command)
    try:
        return connection.read_response()
    except ResponseError:
        return None


def _server_error(error: Exception, address: ServerAddress) -> ServerError:
    """Return what an exception of the client means."""
    if isinstance(error, ImportError):
        return ServerError(ServerFault.MISSING)
    from redis import exceptions as of_redis  # noqa: PLC0415 - it is there

    known: tuple[tuple[type[Exception], ServerFault, str], ...] = (
        (of_redis.AuthenticationError, ServerFault.DENIED, ""),
        (of_redis.NoPermissionError, ServerFault.READ_ONLY, ""),
        (of_redis.ReadOnlyError, ServerFault.READ_ONLY, ""),
        (of_redis.OutOfMemoryError, ServerFault.FULL, ""),
        (of_redis.BusyLoadingError, ServerFault.AWAY, "it is loading its data"),
        (of_redis.TimeoutError, ServerFault.SLOW, f"{_ANSWER_SECONDS:.0f} seconds"),
        (of_redis.ConnectionError, ServerFault.AWAY, _cause(error)),
        (OSError, ServerFault.AWAY, _cause(error)),
    )
    for each in _chain(error):
        if type(each).__name__.startswith("SSL"):
            detail = str(getattr(each, "verify_message", "")) or "the connection is not encrypted"
            return ServerError(ServerFault.UNVERIFIED, detail)
    said = str(error)
    if any(word in said for word in ("OOM", "MISCONF")):  # raised within a script
        return ServerError(ServerFault.FULL)
    if "executing the script can't" in said:
        return ServerError(ServerFault.READ_ONLY)
    for kind, fault, detail in known:
        if isinstance(error, kind):
            return ServerError(fault, detail)
    if any(_holds(said, each) for each in (address.username, address.password) if each):
        said = "its words repeat the login"
    return ServerError(ServerFault.UNUSABLE, f"{type(error).__name__}: {said[:_MOST_SAID]}")


def _holds(said: str, secret: str) -> bool:
    """Tell whether a text has a secret or a part of it: Redis repeats arguments, and cuts them."""
    last = max(1, len(secret) - _LEAST_PART + 1)
    return any(secret[start : start + _LEAST_PART] in said for start in range(last))


def _cause(error: Exception) -> str:
    known = (each.strerror for each in _chain(error) if isinstance(each, OSError) and each.strerror)
    return next(known, "the connection was closed")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
