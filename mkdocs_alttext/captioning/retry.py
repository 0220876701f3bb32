"""When a failed request may be made again, and how long to wait before.

Owns the rule for each of our errors. It must not know how a request is made, and it neither sleeps
nor loops.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    RateLimitedError,
    RequestTimedOutError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.exceptions import ServiceError

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
