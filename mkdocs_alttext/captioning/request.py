"""One request for equal pictures, across processes.

A lease in the cache decides who asks. The others look into the cache again until the answer is
there, the lease is free, or this build has waited for others as long as it is ready to.

One answer for one picture, with the credit for it already set aside.

Owns the inner layers of the onion: lease, retry, service, storing. It must not know which
questions there are or in what order. Each credit that comes in reserved goes out spent, in doubt or
given back.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cache.entries import bounded
from mkdocs_alttext.captioning.judging import kept, kept_failure
from mkdocs_alttext.captioning.records import CaptionResponse
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    ReasonedError,
    RequestTimedOutError,
    ServiceError,
    StoreError,
)
from mkdocs_alttext.images.subprocess import software
from mkdocs_alttext.models import CaptionKey, Failure, Origin, Reason, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.captioning.limits import Breaker, Budget, RetryPolicy, Throttle
    from mkdocs_alttext.captioning.records import CaptionRequest, CaptionResult
    from mkdocs_alttext.models import PreparedImage, StoredAnswer
    from mkdocs_alttext.services.base import CaptionService

LOOK_AGAIN = 0.2
"""Seconds between two looks at a lease that another process holds."""
MOST_PATIENCE = 120.0
"""Seconds for which a build waits for others without an answer from any of them."""


class Patience:
    """How long a build waits for other builds, altogether. Safe for threads.

    Only time in which somebody waits counts, and once for all who wait. An answer of another build
    shows that it is at work, and begins the time anew.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """Begin with all of it.

        Args:
            seconds: How long.
            clock: Seconds of any origin.
        """
        self._seconds = self._left = seconds
        self._clock = clock
        self._waiting = 0
        self._since = 0.0
        self._lock = Lock()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait meanwhile."""
        with self._lock:
            if not self._waiting:
                self._since = self._clock()
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1
                if not self._waiting:
                    self._left -= self._clock() - self._since

    def is_over(self) -> bool:
        """Tell, while somebody waits, whether it is at its end."""
        with self._lock:
            return self._clock() - self._since >= self._left

    def begin_anew(self) -> None:
        """Have all of it again."""
        with self._lock:
            self._left = self._seconds
            self._since = self._clock()


class Lease:
    """The right of this build to ask for keys."""

    def __init__(
        self,
        cache: AnswerCache,
        *,
        seconds: float,
        is_free: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare without taking anything.

        Args:
            cache: Where processes meet.
            seconds: How long one lease lasts; longer than any single request, renewed before each.
            is_free: Whether asking costs nothing, so that it may go on with a broken cache.
            clock: Seconds of any origin, for the time that is spent waiting.
        """
        self._cache = cache
        self._seconds = seconds
        self._is_free = is_free
        # A dead build's leases end within that time; one that lives longer has answered by then.
        self._patience = Patience(min(seconds, MOST_PATIENCE), clock)
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"

    def wait_for(self, key: CaptionKey, wait: Callable[[float], bool]) -> StoredAnswer | None:
        """Take the lease on a key, or get the answer from the process that holds it.

        Args:
            key: What is to be asked for.
            wait: Waits that many seconds; returns `True` when the build is over meanwhile.

        Returns:
            The answer, when it is in the cache; `None` when the lease is ours and nobody has paid.

        Raises:
            InterruptedError: The build is over.
            ReasonedError: Other processes hold leases for longer than this build waits, or what
                would be paid for could not be stored.
        """
        if (is_ours := self.renew(key)) or (answer := self._cache.get(key)):
            return self._answer_before(key) if is_ours else answer
        with self._patience.waiting():
            while not self._patience.is_over():
                if wait(LOOK_AGAIN):
                    raise InterruptedError
                if answer := self._cache.get(key):
                    self._patience.begin_anew()
                    return answer
                if self.renew(key):
                    return self._answer_before(key)
        raise ReasonedError(
            Reason.SERVICE_UNAVAILABLE,
            "another build has been asking for this picture for too long",
        )

    def renew(self, key: CaptionKey) -> bool:
        """Take the lease, or make ours last anew; return whether it is ours.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        try:
            return self._cache.acquire(key, owner=self._owner, seconds=self._seconds)
        except StoreError as error:
            if self._is_free:
                return True
            raise ReasonedError(Reason.CACHE_UNUSABLE) from error

    def is_kept(self, key: CaptionKey) -> bool:
        """Make the lease last anew; return whether it is ours and still nobody has paid.

        A machine that slept, or work that took long, may have lost it to a process that has come
        and gone by now.

        Raises:
            ReasonedError: What would be paid for could not be stored.
        """
        return self.renew(key) and not self._cache.get(key)

    def unanswered(self) -> int:
        """Return how many requests of builds that are gone were never answered.

        The user is told of them by this build, and by no other unless it ends without a summary.
        """
        return 0 if self._is_free else self._cache.unanswered(owner=self._owner)

    def begin_request(self, key: CaptionKey) -> int:
        """Note that a request for a key leaves now; the lease on it is ours.

        Returns:
            How many requests of builds that went meanwhile were never answered.

        Raises:
            ReasonedError: It cannot be noted.
        """
        if self._is_free:
            return 0
        try:
            return self._cache.mark_sent(key, owner=self._owner)
        except StoreError as error:
            raise ReasonedError(Reason.CACHE_UNUSABLE) from error

    def end_request(self, key: CaptionKey, *, is_charged: bool) -> None:
        """Note that a request ended without an answer.

        Args:
            key: What was asked for.
            is_charged: Whether it may have been charged. Then the note stays until the user was
                told (`tell`).
        """
        if not self._is_free:
            self._cache.end_request(key, owner=self._owner, is_charged=is_charged)

    def tell(self) -> None:
        """Note that the user was told of the requests that may have been charged."""
        if not self._is_free:
            self._cache.told(owner=self._owner)

    def settle(self, key: CaptionKey, answer: StoredAnswer) -> None:
        """Store what was paid for, and give the lease back.

        Args:
            key: What was asked for.
            answer: What is kept of the answer.
        """
        if not self._cache.put(key, answer, owner=self._owner):
            self.release(key)

    def release(self, key: CaptionKey) -> None:
        """Give the lease back, without an answer."""
        self._cache.release(key, owner=self._owner)

    def _answer_before(self, key: CaptionKey) -> StoredAnswer | None:
        """Return what the holder before us stored between our look and our lease, if it did."""
        answer = self._cache.get(key)
        if answer:
            self.release(key)
        return answer


_FRESH_LEASE = 5.0
"""Seconds for which a lease is not renewed again; far less than it outlives its request by."""

_STOPPING = (KeyRejectedError, CreditsExhaustedError)
_MAY_BE_CHARGED = (RequestTimedOutError, BadAnswerError)
_NOT_CHARGED = (ServiceError, InterruptedError)
"""All others of the former, and what ends a request with the build."""


class Halt:
    """Why no further request is made in this build, once that is so. Safe for threads."""

    def __init__(self) -> None:
        """Begin without a reason."""
        self._event = Event()
        self._lock = Lock()
        self._why: Failure | None = None

    @property
    def why(self) -> Failure | None:
        """The first reason that was given."""
        return self._why

    def now(self, why: Failure) -> None:
        """Halt; the first reason stands."""
        with self._lock:
            self._why = self._why or why
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait, unless it is over before; return whether it is over."""
        return self._event.wait(seconds)

    def is_set(self) -> bool:
        """Tell whether it is over."""
        return self._event.is_set()


class Purchaser(NamedTuple):
    """Buys answers, in any number of threads."""

    service: CaptionService
    cache: AnswerCache
    lease: Lease
    budget: Budget
    retry: RetryPolicy
    throttle: Throttle
    breaker: Breaker
    halt: Halt

    def buy(self, question: CaptionRequest) -> CaptionResult:
        """Get one answer. Whatever goes wrong is a value.

        Args:
            question: The picture; the credit for one request is reserved.

        Returns:
            The answer, stored already, or why there is none.
        """
        purchase = _Purchase(self, question)
        try:
            return purchase.carry_out()
        except ReasonedError as error:
            return Failure(error.reason, error.detail)
        except (InterruptedError, CancelledError):
            return self.halt.why or Failure(Reason.CANCELLED)
        except Exception as error:  # noqa: BLE001 - a third party's service can raise anything
            return Failure(Reason.INTERNAL_ERROR, type(error).__name__)
        finally:
            purchase.give_back()

    def load(self, question: CaptionRequest) -> PreparedImage:
        """Prepare a picture; what took its limit of time or memory in vain is not tried again.

        Args:
            question: The picture.

        Raises:
            ImageError: It cannot be sent.
        """
        key = CaptionKey(question.key.sha256, "", bounded(software()))
        known = self.cache.get(key)
        if known and known.failed:
            raise ImageError(known.failed, known.detail)
        try:
            return question.load()
        except ImageError as error:
            if error.is_final:
                self.cache.put(key, kept_failure(error))
            raise

    def open_budget(self) -> None:
        """Count what builds that died had sent, and ask for the balance, which nothing passes."""
        self.budget.doubt_earlier(self.lease.unanswered() * self.service.credits_per_image)
        began = self.breaker.now()
        try:
            self.budget.open_with(self.service.credits_remaining())
        except KeyRejectedError as error:
            self.halt.now(Failure(error.reason, error.detail))
        except Exception:  # noqa: BLE001 - a third party's service can raise anything
            # Asking for texts may work all the same, and each answer tells the balance.
            self.breaker.failed(since=began)


class _Purchase:
    """The way of one question."""

    def __init__(self, parts: Purchaser, question: CaptionRequest) -> None:
        self._parts = parts
        self._question = question
        self._price = parts.service.credits_per_image
        self._has_reserve = True
        self._leased_at = 0.0

    def carry_out(self) -> CaptionResult:
        parts, key = self._parts, self._question.key
        self._check()
        if answer := parts.lease.wait_for(key, parts.halt.wait):
            return CaptionResponse(answer, Origin.STORE)
        self._leased_at = parts.breaker.now()
        try:
            self._check()
            obtained = self._ask(parts.load(self._question))
            if obtained.origin is Origin.SERVICE:
                # What was paid for is on disk before anything else uses it.
                parts.lease.settle(key, obtained.answer)
        except ServiceError as error:
            if error.is_final:
                parts.lease.settle(key, kept_failure(error))
            else:
                parts.lease.release(key)
            raise
        except BaseException:
            parts.lease.release(key)
            raise
        return obtained

    def give_back(self) -> None:
        """Give back what is still reserved."""
        if self._has_reserve:
            self._parts.budget.give_back(self._price)
            self._has_reserve = False

    def _ask(self, image: PreparedImage) -> CaptionResponse:
        """Ask until there is an answer, another build's or ours, or no sense in asking again."""
        parts = self._parts
        errors: list[ServiceError] = []
        while True:
            began = parts.breaker.now()
            try:
                return self._attempt(image)
            except ServiceError as error:
                errors.append(error)
                self._learn(error)
                delay = parts.retry.delay(errors)
                if self._is_about_picture(error):
                    raise
                lost_patience = parts.breaker.failed(since=began, delay=delay or 0.0)
                if lost_patience or (delay is None and parts.breaker.gave_up()):
                    parts.halt.now(Failure(error.reason, error.detail))
                if delay is None or self._is_over_after(delay):
                    raise

    def _attempt(self, image: PreparedImage) -> CaptionResponse:
        """Make one request, with its credit reserved and the lease ours for its length."""
        parts, key = self._parts, self._question.key
        if not self._has_reserve:
            self._has_reserve = parts.budget.reserve(self._price)
            if not self._has_reserve:
                raise ReasonedError(Reason.OVER_BUDGET)
        while True:
            with parts.throttle.slot(self._is_over):
                self._check()
                if self._keeps_lease():
                    return CaptionResponse(self._request(image), Origin.SERVICE)
            # The place is another picture's while we wait for who has the lease by now.
            if answer := parts.lease.wait_for(key, parts.halt.wait):
                return CaptionResponse(answer, Origin.STORE)
            self._leased_at = parts.breaker.now()

    def _request(self, image: PreparedImage) -> StoredAnswer:
        parts, key = self._parts, self._question.key
        if earlier := parts.lease.begin_request(key):
            parts.budget.doubt_earlier(earlier * self._price)
        try:
            answer = parts.service.describe(image, language=key.language)
        except _NOT_CHARGED as error:
            self._end_request(is_charged=isinstance(error, _MAY_BE_CHARGED))
            raise
        except BaseException:  # a fault of the service's own code: nobody knows
            self._end_request(is_charged=True)
            raise
        parts.budget.charge(self._price, balance=answer.credits_remaining)
        self._has_reserve = False
        parts.breaker.answered()
        parts.throttle.answered()
        return kept(answer)

    def _end_request(self, *, is_charged: bool) -> None:
        if is_charged:
            self._parts.budget.doubt(self._price)
            self._has_reserve = False
        self._parts.lease.end_request(self._question.key, is_charged=is_charged)

    def _keeps_lease(self) -> bool:
        """Make the lease last for a whole request; return whether it is ours.

        One that was taken or renewed just now is, without a look into the store.
        """
        now = self._parts.breaker.now()
        if now - self._leased_at > _FRESH_LEASE:
            if not self._parts.lease.is_kept(self._question.key):
                return False
            self._leased_at = now
        return True

    def _is_over(self) -> bool:
        """Tell whether the build is over, and keep the lease while it is not."""
        # What a store has to say against a request counts when the request is to be made.
        with suppress(Exception):
            self._keeps_lease()
        return self._parts.halt.is_set()

    def _is_over_after(self, seconds: float) -> bool:
        """Wait in steps that keep the lease, unless the build is over before."""
        while seconds > _FRESH_LEASE:
            if self._parts.halt.wait(_FRESH_LEASE) or self._is_over():
                return True
            seconds -= _FRESH_LEASE
        return self._parts.halt.wait(seconds)

    def _check(self) -> None:
        if self._parts.halt.is_set():
            raise InterruptedError

    def _learn(self, error: ServiceError) -> None:
        if isinstance(error, _STOPPING):
            self._parts.halt.now(Failure(error.reason, error.detail))
        if isinstance(error, RateLimitedError):
            self._parts.throttle.refused()
        if self._is_about_picture(error):
            self._parts.breaker.answered()

    def _is_about_picture(self, error: ServiceError) -> bool:
        """Tell whether the service is well, and asking for other pictures makes sense.

        One that answers with what is no answer may charge for each.
        """
        is_about = error.reason is Reason.IMAGE_REJECTED or isinstance(error, ImageRejectedError)
        return is_about or (not self._price and isinstance(error, BadAnswerError))
