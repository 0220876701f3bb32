"""A thread with its session, which carries out one request after another.

Owns the thread: what it waits for and when it ends. It must not know what is asked, nor which lines
there are besides.
"""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.exceptions import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.services.connections import Session
    from mkdocs_alttext.services.exchange import Exchange
    from mkdocs_alttext.services.reply import Reply


class Request(NamedTuple):
    """What is asked for, and the exchange of whoever waits for the answer."""

    exchange: Exchange
    method: str
    path: str
    body: bytes | None


class Talk(Protocol):
    """How one request is carried out."""

    def __call__(self, session: Session, request: Request) -> Reply | ServiceError:
        """Return how it ended."""


class Line:
    """A thread with its session, for one request at a time; one that its caller gave up ends it."""

    def __init__(
        self,
        session: Session,
        talk: Talk,
        *,
        name: str,
        on_free: Callable[[Line], bool],
        on_end: Callable[[Line], None],
    ) -> None:
        """Start nothing yet.

        Args:
            session: Its own from now on.
            talk: Carries out one request.
            name: The thread's.
            on_free: Takes the line back before its caller hears the answer, so that the caller's
                next request can have it; says whether there may be a next one.
            on_end: Hears that the line has ended.
        """
        self._session = session
        self._talk = talk
        self._on_free = on_free
        self._on_end = on_end
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        # A daemon, because one that hangs in name resolution must not keep the build from ending.
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def take(self, exchange: Exchange, method: str, path: str, body: bytes | None) -> None:
        """Carry out a request, soon and in the line's own thread.

        Raises:
            RuntimeError: It is the first, and no thread can be started.
        """
        self._requests.put(Request(exchange, method, path, body))
        if self._thread.ident is None:
            self._thread.start()

    def end(self) -> None:
        """Take no request after the one under way."""
        self._requests.put(None)

    def join(self, seconds: float) -> None:
        """Wait until its thread has ended, but no longer."""
        if self._thread.is_alive():  # else it may not have been started
            self._thread.join(seconds)

    def _serve(self) -> None:
        try:
            while self._carry_out(self._requests.get()):
                pass  # and hold no request while there is none
            self._session.close()
        finally:
            self._on_end(self)

    def _carry_out(self, request: Request | None) -> bool:
        """Carry out a request, and say whether there may be another one."""
        if request is None:
            return False
        exchange = request.exchange
        try:
            outcome = self._talk(self._session, request)
            exchange.release()
            if isinstance(outcome, ServiceError):
                self._session.close()
            if not exchange.settle(outcome):
                return False
        except BaseException:  # a caller that waited for nothing would wait for the whole timeout
            exchange.abandon("its thread failed")
            raise
        try:
            return self._on_free(self)
        finally:
            exchange.announce()
