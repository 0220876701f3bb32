"""When a failed request may be made again, and how long to wait before.

Owns the rule for each of our errors. It must not know how a request is made, and it does not
sleep: it is given something to wait with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, TypeVar

from mkdocs_alttext.exceptions import (
    RateLimitedError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently to try again."""

    max_retries: int
    base: float = 1.0
    """Seconds before the first retry; doubled for each further one."""
    longest: float = 60.0
    """Seconds; also caps what the service asks for."""
    random: Random = field(default_factory=Random)
    """Spreads retries, so that builds that failed together don't come back together."""

    def delay(self, attempt: int, error: ServiceError) -> float:
        """Return how long to wait before a retry.

        Args:
            attempt: 0 before the first retry.
            error: What the last attempt ended with; its `retry_after` is obeyed up to `longest`.

        Returns:
            Seconds.
        """
        if error.retry_after is not None:
            return min(max(error.retry_after, 0.0), self.longest)
        return min(self.base * 2.0**attempt, self.longest) * self.random.uniform(0.5, 1.0)

    def call(self, attempt_once: Callable[[], Answered], wait: Callable[[float], bool]) -> Answered:
        """Try until there is an answer, or trying again makes no sense.

        Args:
            attempt_once: Makes one request.
            wait: Waits that many seconds; returns `True` when the build is over meanwhile.

        Returns:
            What `attempt_once` returned.

        Raises:
            ServiceError: The last attempt's error. A request that may have been charged is made
                again once at most.
        """
        timed_out = 0
        attempt = 0
        while True:
            try:
                return attempt_once()
            except (RateLimitedError, ServiceUnavailableError, RequestTimedOutError) as error:
                timed_out += isinstance(error, RequestTimedOutError)
                if attempt >= self.max_retries or timed_out > 1:
                    raise
                if wait(self.delay(attempt, error)):
                    raise
                attempt += 1
