"""When a failed request is made again, and when a service that keeps failing is left alone."""

from __future__ import annotations

import time
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import (
    RateLimitedError,
    RequestTimedOutError,
    ServiceLoadingError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_alttext.exceptions import ServiceError

FAILURES_IN_A_ROW = 5
"""Images that end without an answer, after their retries, with no answer in between."""
PATIENCE = 120.0
"""Seconds since the last sign of life, once requests fail."""
LOADING_PATIENCE = 300.0
"""The same while it says that it is loading its model: it is there, and charges nothing."""
_MOST_LOADING = 60
"""Requests in vain for one picture meanwhile, however soon the service asks to come back."""
LONGEST_WAIT = 60.0
"""Seconds before a retry at most, whatever the service asks for."""
_PASSING = (RateLimitedError, ServiceUnavailableError, RequestTimedOutError)


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
            may have been charged is made again once at most. One that meets a service that is
            loading its model does not count, unless there are to be no retries.
        """
        last = errors[-1]
        timed_out = sum(isinstance(error, RequestTimedOutError) for error in errors)
        loading = sum(isinstance(error, ServiceLoadingError) for error in errors)
        is_loading = isinstance(last, ServiceLoadingError)
        failed = len(errors) - loading + is_loading
        if not isinstance(last, _PASSING) or timed_out > 1 or loading > _MOST_LOADING:
            return None
        if failed > self._max_retries and not (is_loading and self._max_retries):
            return None
        if last.retry_after is not None:
            return min(max(last.retry_after, 0.0), LONGEST_WAIT)
        return min(2.0 ** (failed - 1), LONGEST_WAIT) * self._random.uniform(0.5, 1.0)


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
        self._wasted = 0
        self._failing_since: float | None = None
        self._loading_since: float | None = None
        self._lock = Lock()

    def answered(self) -> None:
        """Begin anew: the service is there, whatever it said."""
        with self._lock:
            self._given_up = self._wasted = 0
            self._failing_since = self._loading_since = None

    def wasted(self) -> bool:
        """Note an answer that is cut off or empty, and was charged; return whether it is too many.

        It is the model that answers so, and may do so for every picture of the site.
        """
        with self._lock:
            self._failing_since = None
            self._wasted += 1
            return self._wasted >= FAILURES_IN_A_ROW

    def failed(self, *, since: float, delay: float | None = 0.0, is_loading: bool = False) -> bool:
        """Note a request that failed.

        Args:
            since: When the request began, by the same clock.
            delay: Seconds that a retry would wait; `None` where the image ends without an answer.
            is_loading: Whether the service says that it is loading its model.

        Returns:
            Whether patience would be at its end by then, or that was one image too many.
        """
        with self._lock:
            if is_loading:  # a sign of life, for as long as a model may take
                self._failing_since = None
                self._loading_since = began = _earlier(since, self._loading_since)
            else:
                self._failing_since = began = _earlier(since, self._failing_since)
            if delay is None:
                self._given_up += 1
            lasted = self.now() + (delay or 0.0) - began
            patience = LOADING_PATIENCE if is_loading else PATIENCE
            return lasted >= patience or self._given_up >= FAILURES_IN_A_ROW


def _earlier(one: float, other: float | None) -> float:
    return one if other is None else min(one, other)
