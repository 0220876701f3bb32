"""What bounds the requests of a build: the budget of credits, and how many are under way.

What builds that were killed had sent is found in `cache.lease_records`; here it is only added up.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition, Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.models import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOTHING = Usage()

_POLL = 0.1
"""Seconds between two questions whether waiting for a place has become pointless."""


class Budget:
    """Counts the credits that a build spends, against a limit. Safe for threads.

    A credit is reserved before its request, so that requests side by side cannot pass the limit
    together, and given back when nothing was charged.

    Attributes:
        spent: Credits that were charged for an answer.
        balance: The account's balance as last heard from the service; `None` before that.
        is_short_of_balance: Whether it is the account, and not the user's limit, that allows no
            more.
        requests: How many were made for texts, again and in vain among them.
        usage: What all answers consumed, as far as the service told; `None` for what it never did.
    """

    def __init__(self, limit: int | None) -> None:
        """Begin with nothing spent.

        Args:
            limit: Most credits to spend; `None` for no limit.
        """
        self.spent = 0
        self.balance: int | None = None
        self.is_short_of_balance = False
        self.requests = 0
        self.usage = Usage()
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

    def begin_request(self) -> None:
        """Count a request for a text."""
        with self._lock:
            self.requests += 1

    def charge(self, amount: int, *, balance: int | None, usage: Usage = _NOTHING) -> None:
        """Turn reserved credits into spent ones.

        Args:
            amount: What one answer cost.
            balance: What the service says is left; answers may arrive in any order.
            usage: What the answer consumed, as the service tells.
        """
        with self._lock:
            self._reserved -= amount
            self.spent += amount
            self.usage = self.usage.plus(usage)
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


class Throttle:
    """Bounds the requests that are made at a time. Safe for threads.

    The bound halves when the service refuses for rate, and grows by one after as many answers as it
    stands at. Places go to those who wait in the order in which they came: pages are written in the
    order of their questions, and each waits for its own.

    Attributes:
        limit: How many requests may be made now.
    """

    def __init__(self, most: int, *, begins_alone: bool = False) -> None:
        """Begin with the most.

        Args:
            most: Most requests at a time.
            begins_alone: Whether there is one until the first answer, which tells how to ask.
        """
        self.limit = 1 if begins_alone else most
        self._most = most
        self._is_first = begins_alone
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
            if self._is_first:
                self._is_first = False
                self.limit = self._most
                self._changed.notify_all()
                return
            self._answers += 1
            if self._answers >= self.limit < self._most:
                self.limit += 1
                self._answers = 0
                self._changed.notify_all()
