"""What bounds the requests of a build: budget, breaker, throttle and retry."""

from __future__ import annotations

import time
from contextlib import contextmanager
from random import Random
from threading import Condition, Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    RateLimitedError,
    RequestTimedOutError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_alttext.exceptions import ServiceError

FAILURES_IN_A_ROW = 5
"""Images that end without an answer, after their retries, with no answer in between."""
PATIENCE = 120.0
"""Seconds since the last sign of life, once requests fail."""
LONGEST_WAIT = 60.0
"""Seconds before a retry at most, whatever the service asks for."""

_POLL = 0.1
"""Seconds between two questions whether waiting for a place has become pointless."""
_PASSING = (RateLimitedError, ServiceUnavailableError, RequestTimedOutError)


class Budget:
    """Counts the credits that a build spends, against a limit. Safe for threads.

    A credit is reserved before its request, so that requests side by side cannot pass the limit
    together, and given back when nothing was charged.

    Attributes:
        spent: Credits that were charged for an answer.
        balance: The account's balance as last heard from the service; `None` before that.
        is_short_of_balance: Whether it is the account, and not the user's limit, that allows no
            more.
    """

    def __init__(self, limit: int | None) -> None:
        """Begin with nothing spent.

        Args:
            limit: Most credits to spend; `None` for no limit.
        """
        self.spent = 0
        self.balance: int | None = None
        self.is_short_of_balance = False
        self._limit = limit
        self._reserved = 0
        self._uncertain = 0
        self._earlier = 0
        self._lock = Lock()

    @property
    def uncertain(self) -> int:
        """Credits that may have been charged: requests that were sent and not properly answered.

        Those of builds that died are among them.
        """
        return self._uncertain + self._earlier

    @property
    def charged(self) -> int:
        """Credits that count against the limit: spent, or perhaps so, by this build."""
        return self.spent + self._uncertain

    def open_with(self, balance: int | None) -> None:
        """Note the account's balance before anything is spent: nobody can spend more."""
        if balance is None:
            return
        with self._lock:
            self.balance = balance
            if self._limit is None or balance < self._limit:
                self._limit = balance
                self.is_short_of_balance = True

    def reserve(self, amount: int) -> bool:
        """Set credits aside for one request.

        Args:
            amount: Credits the request costs.

        Returns:
            Whether they are within the limit.
        """
        with self._lock:
            if self._limit is not None and self._reserved + self.charged + amount > self._limit:
                return False
            self._reserved += amount
            return True

    def give_back(self, amount: int) -> None:
        """Return reserved credits that were not charged."""
        with self._lock:
            self._reserved -= amount

    def charge(self, amount: int, *, balance: int | None) -> None:
        """Turn reserved credits into spent ones.

        Args:
            amount: What one answer cost.
            balance: What the service says is left; answers may arrive in any order.
        """
        with self._lock:
            self._reserved -= amount
            self.spent += amount
            if balance is not None:
                self.balance = balance if self.balance is None else min(self.balance, balance)

    def doubt(self, amount: int) -> None:
        """Turn reserved credits into ones that may have been charged."""
        with self._lock:
            self._reserved -= amount
            self._uncertain += amount

    def doubt_earlier(self, amount: int) -> None:
        """Count what a build that died may have been charged; it is outside this build's limit."""
        with self._lock:
            self._earlier += amount


class Breaker:
    """Tells when a service is to be left alone, as it keeps failing. Safe for threads.

    A service that is down would otherwise cost each image its own timeouts and retries. With the
    breaker, a build waits for a dead service no longer than `PATIENCE` and one request.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without failures.

        Args:
            clock: Seconds of any origin.
        """
        self.now = clock
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
            return self.now() + delay - self._failing_since >= PATIENCE

    def gave_up(self) -> bool:
        """Note an image that ended without an answer; tell whether that was one too many."""
        with self._lock:
            self._given_up += 1
            return self._given_up >= FAILURES_IN_A_ROW


class Throttle:
    """Bounds the requests that are made at a time. Safe for threads.

    The bound halves when the service refuses for rate, and grows by one after as many answers as it
    stands at. Places go to those who wait in the order in which they came: pages are written in the
    order of their questions, and each waits for its own.

    Attributes:
        limit: How many requests may be made now.
    """

    def __init__(self, most: int) -> None:
        """Begin with the most.

        Args:
            most: Most requests at a time.
        """
        self.limit = most
        self._most = most
        self._active = 0
        self._answers = 0
        self._waiting: list[object] = []
        self._changed = Condition()

    @contextmanager
    def slot(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """Hold one place while a request is made.

        Args:
            is_over: Tells whether waiting has become pointless; the place is granted then, and its
                holder finds out for itself.
        """
        turn = object()
        with self._changed:
            self._waiting.append(turn)
        while not self._enters(turn, at_once=is_over()):
            pass  # asked outside the lock, as the answer may take its time
        try:
            yield
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def _enters(self, turn: object, *, at_once: bool) -> bool:
        """Wait a moment for a place, and take it, if there is one."""
        with self._changed:
            has_place = self._changed.wait_for(
                lambda: self._waiting[0] is turn and self._active < self.limit,
                0 if at_once else _POLL,
            )
            if has_place or at_once:
                self._waiting.remove(turn)
                self._active += 1
                self._changed.notify_all()
            return has_place or at_once

    def refused(self) -> None:
        """Halve the limit: the service said that there are too many requests."""
        with self._changed:
            self.limit = max(1, self.limit // 2)
            self._answers = 0

    def answered(self) -> None:
        """Count an answer towards a higher limit."""
        with self._changed:
            self._answers += 1
            if self._answers >= self.limit < self._most:
                self.limit += 1
                self._answers = 0
                self._changed.notify_all()


class Retry:
    """Tells whether a failed request is made again, and when: the rule for each of our errors."""

    def __init__(self, max_retries: int, *, random: Random | None = None) -> None:
        """Take the rules.

        Args:
            max_retries: Most retries of one request.
            random: Spreads retries, so that builds that failed together don't come back together.
        """
        self._max_retries = max_retries
        self._random = random or Random()  # noqa: S311 - no secret

    def delay(self, errors: Sequence[ServiceError]) -> float | None:
        """Return how long to wait before a request is made again.

        Args:
            errors: What its attempts so far ended with, in order; at least one.

        Returns:
            Seconds to wait, at most `LONGEST_WAIT`: what the service asks for, or one second,
            doubled for each further retry. `None` when trying again makes no sense. A request that
            may have been charged is made again once at most.
        """
        last = errors[-1]
        timed_out = sum(isinstance(error, RequestTimedOutError) for error in errors)
        if not isinstance(last, _PASSING) or len(errors) > self._max_retries or timed_out > 1:
            return None
        if last.retry_after is not None:
            return min(max(last.retry_after, 0.0), LONGEST_WAIT)
        return min(2.0 ** (len(errors) - 1), LONGEST_WAIT) * self._random.uniform(0.5, 1.0)
