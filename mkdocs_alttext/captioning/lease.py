"""Who asks for a picture, and who waits: one lease for a key across threads, builds and machines.

The lease is a record in the cache. The others look into the cache again until the answer is there,
the lease is free, or this build has waited for others as long as it is ready to.
"""

from __future__ import annotations

import secrets
import time
from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ReasonedError, StoreError
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.models import CaptionKey, StoredAnswer

LOOK_AGAIN = 0.2
"""Seconds between two looks at a lease that another process holds."""
MOST_PATIENCE = 120.0
"""Seconds for which a build waits for others without an answer from any of them."""


class Lease:
    """The right of this build to ask for keys. Safe for threads."""

    def __init__(
        self,
        cache: AnswerCache,
        *,
        seconds: float,
        is_free: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare without taking anything.

        Args:
            cache: Where processes meet.
            seconds: How long one lease lasts; longer than any single request, renewed before each.
            is_free: Whether asking costs nothing, so that it may go on with a broken cache.
            clock: Seconds of any origin, for the time that is spent waiting.
        """
        self._cache = cache
        self._seconds = seconds
        self._is_free = is_free
        self._clock = clock
        self.owner = secrets.token_hex(16)
        """This build's name in the cache."""
        # A dead build's leases end within that time; one that lives longer has answered by then.
        self._most_patience = self._patience = min(seconds, MOST_PATIENCE)
        """Seconds for which this build still waits for others, all its threads together."""
        self._waited_until = 0.0
        self._lock = Lock()
        """Guards the patience and the turns."""
        self._turns: dict[CaptionKey, Lock] = {}

    def turn(self, key: CaptionKey) -> Lock:
        """Return what only one thread of this build holds while it asks for a key.

        Args:
            key: Of bytes that several pictures may be sent as: the engine asks for each picture.
        """
        with self._lock:
            return self._turns.setdefault(key, Lock())

    def wait_for(self, key: CaptionKey, wait: Callable[[float], bool]) -> StoredAnswer | None:
        """Take the lease on a key, or get the answer from the process that holds it.

        An answer of another build shows that it is at work, and makes this one as patient as
        before.

        Args:
            key: What is to be asked for.
            wait: Waits that many seconds; returns `True` when the build is over meanwhile.

        Returns:
            The answer, when it is in the cache; `None` when the lease is ours and nobody has paid.

        Raises:
            InterruptedError: The build is over.
            ReasonedError: Other processes hold leases for longer than this build waits.
            StoreError: What would be paid for could not be stored.
        """
        is_ours = self.renew(key)
        answer = self._cache.get(key)
        while not (is_ours or answer):
            self._wait(wait)
            is_ours = self.renew(key)
            if answer := self._cache.get(key):
                self._patience = self._most_patience
        if is_ours and answer:  # the holder before us stored it between our look and our lease
            self.release(key)
        return answer

    def _wait(self, wait: Callable[[float], bool]) -> None:
        """Wait a moment. Time in which several threads wait counts once."""
        if self._patience <= 0:
            raise ReasonedError(
                Reason.SERVICE_UNAVAILABLE,
                "another build has been asking for this picture for too long",
            )
        began = self._clock()
        if wait(LOOK_AGAIN):
            raise InterruptedError
        with self._lock:
            now = self._clock()
            self._patience -= max(0.0, now - max(began, self._waited_until))
            self._waited_until = now

    def renew(self, key: CaptionKey) -> bool:
        """Take the lease, or make ours last anew; return whether it is ours.

        Raises:
            StoreError: What would be paid for could not be stored.
        """
        try:
            return self._cache.acquire(key, owner=self.owner, seconds=self._seconds)
        except StoreError:
            if self._is_free:
                return True
            raise

    def release(self, key: CaptionKey, answer: StoredAnswer | None = None) -> None:
        """Give the lease back, when it is ours, and store what was paid for.

        Args:
            key: What was asked for.
            answer: What is kept of the answer, when there is one.
        """
        if answer is None or not self._cache.put(key, answer, owner=self.owner):
            self._cache.release(key, owner=self.owner)
