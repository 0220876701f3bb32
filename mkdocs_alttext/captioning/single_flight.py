"""One request for equal pictures, across processes.

A lease in the cache decides who asks. The others look into the cache again until the answer is
there, the lease is free, or this build has waited for others as long as it is ready to.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ReasonedError, StoreError
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.captions import CaptionKey, StoredAnswer

LOOK_AGAIN = 0.2
"""Seconds between two looks at a lease that another process holds."""
MOST_PATIENCE = 120.0
"""Seconds for which a build waits for others without an answer from any of them."""


class Patience:
    """How long a build waits for other builds, altogether. Safe for threads.

    Only time in which somebody waits counts, and once for all who wait. An answer of another build
    shows that it is at work, and begins the time anew.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """Begin with all of it.

        Args:
            seconds: How long.
            clock: Seconds of any origin.
        """
        self._seconds = self._left = seconds
        self._clock = clock
        self._waiting = 0
        self._since = 0.0
        self._lock = Lock()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait meanwhile."""
        with self._lock:
            if not self._waiting:
                self._since = self._clock()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                if not self._waiting:
                    self._left -= self._clock() - self._since

    def is_over(self) -> bool:
        """Tell, while somebody waits, whether it is at its end."""
        with self._lock:
            return self._clock() - self._since >= self._left

    def begin_anew(self) -> None:
        """Have all of it again."""
        with self._lock:
            self._left = self._seconds
            self._since = self._clock()


class Lease:
    """The right of this build to ask for keys."""

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
        # A dead build's leases end within that time; one that lives longer has answered by then.
        self._patience = Patience(min(seconds, MOST_PATIENCE), clock)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"

    def wait_for(self, key: CaptionKey, wait: Callable[[float], bool]) -> StoredAnswer | None:
        """Take the lease on a key, or get the answer from the process that holds it.

        Args:
            key: What is to be asked for.
            wait: Waits that many seconds; returns `True` when the build is over meanwhile.

        Returns:
            The answer, when it is in the cache; `None` when the lease is ours and nobody has paid.

        Raises:
            InterruptedError: The build is over.
            ReasonedError: Other processes hold leases for longer than this build waits, or what
                would be paid for could not be stored.
        """
        if (is_ours := self.renew(key)) or (answer := self._cache.get(key)):
            return self._answer_before(key) if is_ours else answer
        with self._patience.waiting():
            while not self._patience.is_over():
                if wait(LOOK_AGAIN):
                    raise InterruptedError
                if answer := self._cache.get(key):
                    self._patience.begin_anew()
                    return answer
                if self.renew(key):
                    return self._answer_before(key)
        raise ReasonedError(
            Reason.SERVICE_UNAVAILABLE,
            "another build has been asking for this picture for too long",
        )

    def renew(self, key: CaptionKey) -> bool:
        """Take the lease, or make ours last anew; return whether it is ours.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        try:
            return self._cache.acquire(key, owner=self._owner, seconds=self._seconds)
        except StoreError as error:
            if self._is_free:
                return True
            raise ReasonedError(Reason.CACHE_UNUSABLE) from error

    def is_kept(self, key: CaptionKey) -> bool:
        """Make the lease last anew; return whether it is ours and still nobody has paid.

        A machine that slept, or work that took long, may have lost it to a process that has come
        and gone by now.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        return self.renew(key) and not self._cache.get(key)

    def unanswered(self) -> int:
        """Return how many requests of builds that are gone were never answered.

        The user is told of them by this build, and by no other unless it ends without a summary.
        """
        return 0 if self._is_free else self._cache.unanswered(owner=self._owner)

    def begin_request(self, key: CaptionKey) -> int:
        """Note that a request for a key leaves now; the lease on it is ours.

        Returns:
            How many requests of builds that went meanwhile were never answered.

        Raises:
            ReasonedError: It cannot be noted.
        """
        if self._is_free:
            return 0
        try:
            return self._cache.mark_sent(key, owner=self._owner)
        except StoreError as error:
            raise ReasonedError(Reason.CACHE_UNUSABLE) from error

    def end_request(self, key: CaptionKey, *, is_charged: bool) -> None:
        """Note that a request ended without an answer.

        Args:
            key: What was asked for.
            is_charged: Whether it may have been charged. Then the note stays until the user was
                told (`tell`).
        """
        if not self._is_free:
            self._cache.end_request(key, owner=self._owner, is_charged=is_charged)

    def tell(self) -> None:
        """Note that the user was told of the requests that may have been charged."""
        if not self._is_free:
            self._cache.told(owner=self._owner)

    def settle(self, key: CaptionKey, answer: StoredAnswer) -> None:
        """Store what was paid for, and give the lease back.

        Args:
            key: What was asked for.
            answer: What is kept of the answer.
        """
        if not self._cache.put(key, answer, owner=self._owner):
            self.release(key)

    def release(self, key: CaptionKey) -> None:
        """Give the lease back, without an answer."""
        self._cache.release(key, owner=self._owner)

    def _answer_before(self, key: CaptionKey) -> StoredAnswer | None:
        """Return what the holder before us stored between our look and our lease, if it did."""
        answer = self._cache.get(key)
        if answer:
            self.release(key)
        return answer
