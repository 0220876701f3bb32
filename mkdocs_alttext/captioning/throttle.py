"""How many requests are in flight at a time.

Owns one number that halves when the service refuses for rate and grows by one after as many
answers as it stands at. It must not know what the requests are. Places go to those who wait in the
order in which they came: pages are written in the order of their questions, and each waits for its
own.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOOK = 0.1


class Throttle:
    """A semaphore whose count adapts. Safe for threads."""

    def __init__(self, most: int) -> None:
        """Begin with the most.

        Args:
            most: Most requests in flight.
        """
        self._most = most
        self._limit = most
        self._in_flight = 0
        self._answers = 0
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return self._limit

    @contextmanager
    def slot(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Hold one place while a request is in flight.

        Args:
            is_over: Tells whether waiting has become pointless; the place is granted then, and its
                holder finds out for itself.
        """
        turn = Event()
        with self._lock:
            self._waiting.append(turn)
            self._admit()
        while not turn.is_set():
            if is_over():
                self._admit_at_once(turn)
            else:
                turn.wait(_LOOK)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1
                self._admit()

    def refused(self) -> None:
        """Halve the limit: the service said that there are too many requests."""
        with self._lock:
            self._limit = max(1, self._limit // 2)
            self._answers = 0

    def answered(self) -> None:
        """Count an answer towards a higher limit."""
        with self._lock:
            self._answers += 1
            if self._answers >= self._limit < self._most:
                self._limit += 1
                self._answers = 0
                self._admit()

    def _admit(self) -> None:
        while self._waiting and self._in_flight < self._limit:
            self._in_flight += 1
            self._waiting.popleft().set()

    def _admit_at_once(self, turn: Event) -> None:
        with self._lock:
            if not turn.is_set():
                self._waiting.remove(turn)
                self._in_flight += 1
                turn.set()
