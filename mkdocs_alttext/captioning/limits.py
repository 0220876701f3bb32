"""How many credits a build may spend, and how many it did.

Owns counting. It must not know what a credit buys. A credit is reserved before its request, so
that requests side by side cannot pass the limit together, and given back when nothing was charged.

When a service is left alone.

Owns one judgement: whether asking on makes sense. It must not know what is asked. A service that is
down would otherwise cost each image its own timeouts and retries; with this, a build waits for a
dead service no longer than `PATIENCE` and one request.

How many requests are in flight at a time.

Owns one number that halves when the service refuses for rate and grows by one after as many
answers as it stands at. It must not know what the requests are. Places go to those who wait in the
order in which they came: pages are written in the order of their questions, and each waits for its
own.

When a failed request may be made again, and how long to wait before.

Owns the rule for each of our errors. It must not know how a request is made, and it neither sleeps
nor loops.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from random import Random
from threading import Event, Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    RateLimitedError,
    RequestTimedOutError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_alttext.exceptions import ServiceError


class Budget:
    """Credits of one build. Safe for threads."""

    def __init__(self, limit: int | None) -> None:
        """Begin with nothing spent.

        Args:
            limit: Most credits to spend; `None` for no limit.
        """
        self._limit = limit
        self._is_short_of_balance = False
        self._reserved = 0
        self._spent = 0
        self._uncertain = 0
        self._earlier = 0
        self._balance: int | None = None
        self._lock = Lock()

    @property
    def spent(self) -> int:
        """Credits that were charged for an answer."""
        return self._spent

    @property
    def uncertain(self) -> int:
        """Credits that may have been charged: requests that were sent and not properly answered.

        Those of builds that died are among them.
        """
        return self._uncertain + self._earlier

    @property
    def charged(self) -> int:
        """Credits that count against the limit: spent, or perhaps so, by this build."""
        return self._spent + self._uncertain

    @property
    def balance(self) -> int | None:
        """The account's balance as last heard from the service."""
        return self._balance

    @property
    def is_short_of_balance(self) -> bool:
        """Whether it is the account, and not the user's limit, that allows no more."""
        return self._is_short_of_balance

    def open_with(self, balance: int | None) -> None:
        """Note the account's balance before anything is spent: nobody can spend more."""
        if balance is None:
            return
        with self._lock:
            self._balance = balance
            if self._limit is None or balance < self._limit:
                self._limit = balance
                self._is_short_of_balance = True

    def reserve(self, amount: int) -> bool:
        """Set credits aside for one request.

        Args:
            amount: Credits the request costs.

        Returns:
            Whether they are within the limit.
        """
        with self._lock:
            taken = self._reserved + self._spent + self._uncertain + amount
            if self._limit is not None and taken > self._limit:
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
            self._spent += amount
            if balance is not None:
                self._balance = balance if self._balance is None else min(self._balance, balance)

    def doubt_earlier(self, amount: int) -> None:
        """Count what a build that died may have been charged; it is outside this build's limit."""
        with self._lock:
            self._earlier += amount

    def doubt(self, amount: int) -> None:
        """Turn reserved credits into ones that may have been charged."""
        with self._lock:
            self._reserved -= amount
            self._uncertain += amount


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


_PASSING = (RateLimitedError, ServiceUnavailableError, RequestTimedOutError)


class RetryPolicy:
    """How often and how patiently to try again."""

    def __init__(
        self,
        max_retries: int,
        *,
        base: float = 1.0,
        longest: float = 60.0,
        random: Random | None = None,
    ) -> None:
        """Take the rules.

        Args:
            max_retries: Most retries of one request.
            base: Seconds before the first retry; doubled for each further one.
            longest: Seconds; also caps what the service asks for.
            random: Spreads retries, so that builds that failed together don't come back together.
        """
        self._max_retries = max_retries
        self._base = base
        self._longest = longest
        self._random = random or Random()  # noqa: S311 - no secret

    def delay(self, errors: Sequence[ServiceError]) -> float | None:
        """Say whether a request may be made again, and when.

        Args:
            errors: What its attempts so far ended with, in order; at least one.

        Returns:
            Seconds to wait, at most the longest; `None` when trying again makes no sense. A request
            that may have been charged is made again once at most.
        """
        last = errors[-1]
        timed_out = sum(isinstance(error, RequestTimedOutError) for error in errors)
        if not isinstance(last, _PASSING) or len(errors) > self._max_retries or timed_out > 1:
            return None
        if last.retry_after is not None:
            return min(max(last.retry_after, 0.0), self._longest)
        growth = self._base * 2.0 ** (len(errors) - 1)
        return min(growth, self._longest) * self._random.uniform(0.5, 1.0)
