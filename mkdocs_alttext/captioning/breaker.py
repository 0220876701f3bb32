"""When a service is left alone.

Owns one count: failures in a row. It must not know what is done about them. A service that is
down would otherwise cost each image its own timeouts and retries.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageRejectedError

if TYPE_CHECKING:
    from mkdocs_alttext.exceptions import ServiceError

FAILURES_IN_A_ROW = 5


class Breaker:
    """Counts failures in a row. Safe for threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._failures = 0
        self._lock = Lock()

    def succeeded(self) -> None:
        """Begin anew: the service is there."""
        with self._lock:
            self._failures = 0

    def failed(self, error: ServiceError) -> bool:
        """Count a failure.

        Args:
            error: What a question ended with, after its retries.

        Returns:
            Whether the service should be left alone from now on. A picture that the service
            refuses says nothing about the service.
        """
        if isinstance(error, ImageRejectedError):
            return False
        with self._lock:
            self._failures += 1
            return self._failures >= FAILURES_IN_A_ROW
