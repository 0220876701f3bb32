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
        self._spent = 0
        self._remaining: int | None = None
        self._lock = Lock()

    @property
    def spent(self) -> int:
        """Credits spent or reserved so far."""
        return self._spent

    @property
    def remaining(self) -> int | None:
        """The account's balance as last heard from the service."""
        return self._remaining

    def reserve(self, amount: int) -> bool:
        """Set credits aside for one request.

        Args:
            amount: Credits the request costs.

        Returns:
            Whether they are within the limit.
        """
        with self._lock:
            if self._limit is not None and self._spent + amount > self._limit:
                return False
            self._spent += amount
            return True

    def give_back(self, amount: int) -> None:
        """Return credits that were reserved and not charged."""
        with self._lock:
            self._spent -= amount

    def heard(self, remaining: int | None) -> None:
        """Note the balance that the service told; answers may arrive in any order."""
        if remaining is None:
            return
        with self._lock:
            known = self._remaining
            self._remaining = remaining if known is None else min(known, remaining)
