"""Leaving something alone for a while after it failed.

Owns how long. It must not know what is left alone, nor why it failed.
"""

from __future__ import annotations

FIRST_SECONDS = 15.0
"""The first pause; each that follows without a success between them is twice as long."""


class Pause:
    """A pause that begins with a failure; not safe for threads on its own."""

    def __init__(self) -> None:
        """Be over."""
        self._begun = 0.0
        self._seconds = 0.0
        self._next_seconds = FIRST_SECONDS

    def begin(self, now: float) -> None:
        """Pause from now on.

        Args:
            now: Seconds on any clock.
        """
        self._begun = now
        self._seconds = self._next_seconds
        self._next_seconds *= 2

    def lasts(self, now: float) -> bool:
        """Whether it is still to be left alone; a clock that was set back ends a pause."""
        return 0 <= now - self._begun < self._seconds

    def end(self) -> None:
        """Allow one more try."""
        self._seconds = 0.0

    def forget(self) -> None:
        """Begin anew after a success."""
        self._seconds = 0.0
        self._next_seconds = FIRST_SECONDS
