"""How many credits a build may spend, and how many it did.

Owns counting. It must not know what a credit buys. A credit is reserved before its request, so
that requests side by side cannot pass the limit together, and given back when nothing was charged.
"""

from __future__ import annotations

from threading import Lock


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
