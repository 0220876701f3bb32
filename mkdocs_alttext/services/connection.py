"""The connection of one request: whether the request began to leave, and how it is cut off.

A guard stands beside the connection. No time-out of a socket ends a server that sends one byte at a
time, so another thread shuts the socket down.
"""

from __future__ import annotations

import socket
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse

    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection

THREAD_NAME = "mkdocs-alttext request"
_MOST_INTERIM = 100
"""Interim answers to one request: more than one a second until a usual deadline."""


class Guard:
    """One request under way: whether it began to leave, and the way to cut it off."""

    def __init__(self) -> None:
        """Begin before anything is opened."""
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
def guarded_adapter() -> Callable[[Guard], HTTPAdapter]:
    """Return the class of adapters for one request, whose connection reports to its guard."""
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - as above

    class GuardedAdapter(HTTPAdapter):
        def __init__(self, guard: Guard) -> None:
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

        def __init__(self, *arguments: object, guard: Guard, **options: object) -> None:
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
