"""When a service is left alone.

Owns one judgement: whether asking on makes sense. It must not know what is asked. A service that is
down would otherwise cost each image its own timeouts and retries; with this, a build waits for a
dead service no longer than `PATIENCE` and one request.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES_IN_A_ROW = 5
"""Images that end without an answer, after their retries, with no answer in between."""
PATIENCE = 120.0
"""Seconds since the last sign of life, once requests fail."""


class Breaker:
    """Watches a service's failures. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none.

        Args:
            clock: Seconds of any origin.
        """
        self._clock = clock
        self._given_up = 0
        self._failing_since: float | None = None
        self._lock = Lock()

    def answered(self) -> None:
        """Begin anew: the service is there, whatever it said."""
        with self._lock:
            self._given_up = 0
            self._failing_since = None

    def failed(self, *, since: float, delay: float = 0.0) -> bool:
        """Note a request that failed.

        Args:
            since: When the request began, by the same clock.
            delay: Seconds that a retry would wait.

        Returns:
            Whether patience would be at its end by then.
        """
        with self._lock:
            if self._failing_since is None or since < self._failing_since:
                self._failing_since = since
            return self._clock() + delay - self._failing_since >= PATIENCE

    def gave_up(self) -> bool:
        """Note an image that ended without an answer; tell whether that was one too many."""
        with self._lock:
            self._given_up += 1
            return self._given_up >= FAILURES_IN_A_ROW

    def now(self) -> float:
        """Return the time by this breaker's clock."""
        return self._clock()
