"""Buying the answer for one picture once, across threads and processes.

A lease decides who asks (`lease`). Whoever has it sends the request, again where that makes sense,
and stores the answer before anything uses it. The credit for each request is reserved before; it is
spent, in doubt or given back after.
"""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from hashlib import sha256
from threading import Event
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.cache.base import bounded
from mkdocs_alttext.captioning.judging import kept, kept_failure
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
    ServiceLoadingError,
    ServiceUnusableError,
    StoreError,
)
from mkdocs_alttext.images.subprocess import software
from mkdocs_alttext.models import (
    SUGGESTIONS,
    CaptionKey,
    Failure,
    Origin,
    Reason,
    Request,
)
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.captioning.lease import Lease
    from mkdocs_alttext.captioning.limits import Budget, Throttle
    from mkdocs_alttext.captioning.retry import Breaker, Retry
    from mkdocs_alttext.models import Context, PreparedImage, StoredAnswer
    from mkdocs_alttext.services.base import CaptionService


_ENDING = (KeyRejectedError, CreditsExhaustedError, ServiceUnusableError)
"""What every other request of the build would end with, too."""
_FRESH_LEASE = 5.0
"""Seconds for which a lease is not renewed again; far less than it outlives its request by."""
_NO_TEXTS = (
    "its answers were cut off or empty, one after the other, and each may be charged; choose "
    "another `model`"
)


class PictureFiles(Protocol):
    """Where the pictures of a site are read; safe for threads."""

    def prepare(self, path: str, sha256: str) -> PreparedImage:
        """Read a picture and make it ready to be sent.

        Args:
            path: Inside the built site.
            sha256: The digest that the file must have.

        Raises:
            ImageError: The picture cannot be sent.
        """

    def inspect(self, path: str, sha256: str) -> None:
        """Raise an `ImageError` where `prepare` surely would, in a fraction of its time."""


class ContextSource(NamedTuple):
    """What surrounds a picture, read when it is sent."""

    page: str
    """The page it stands on, by its source."""
    read: Callable[[], Context]
    """Reads it, in whichever thread."""


class CaptionRequest(NamedTuple):
    """One picture that needs a text in one language."""

    key: CaptionKey
    path: str
    """Inside the built site."""
    files: PictureFiles
    refusal: Failure | None = None
    """Why the service must not be asked for this place, when that is so: the page's author does not
    want it, or an answer that was paid for, as the catalog tells, is not published."""
    prepared: PreparedImage | None = None
    """The picture, when it was prepared already."""
    context: ContextSource | None = None
    """Of the place that asks first; `None` where nothing of its page is sent."""

    def load(self) -> PreparedImage:
        """Prepare the picture, unless that is done; raises `ImageError`."""
        return self.prepared or self.files.prepare(self.path, self.key.sha256)

    def inspect(self) -> None:
        """Look for what keeps the picture from being sent; raises `ImageError`."""
        self.files.inspect(self.path, self.key.sha256)


class CaptionResponse(NamedTuple):
    """An answer from the cache or the service; nobody has judged it yet."""

    answer: StoredAnswer
    origin: Origin


CaptionResult = CaptionResponse | Failure


def failure_of(error: Exception) -> Failure:
    """Return why there is no text, as what a call raised tells it."""
    if isinstance(error, ReasonedError):
        return Failure(error.reason, error.detail)
    if isinstance(error, StoreError):
        return Failure(Reason.CACHE_UNUSABLE)
    if isinstance(error, CancelledError):
        return Failure(Reason.CANCELLED)
    if short := shortage_in(error):
        return Failure(Reason.OUT_OF_RESOURCES, short)
    return Failure(Reason.INTERNAL_ERROR, type(error).__name__)


class Halt(Event):
    """Is set when no further request is made in this build. Safe for threads."""

    why: Failure | None = None
    """The first reason that was given."""

    def now(self, why: Failure) -> None:
        """Halt; the first reason stands."""
        self.why = self.why or why
        self.set()


class Purchaser(NamedTuple):
    """Buys answers, in any number of threads."""

    service: CaptionService
    cache: AnswerCache
    lease: Lease
    budget: Budget
    retry: Retry
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
        except (InterruptedError, CancelledError):
            return self.halt.why or Failure(Reason.CANCELLED)
        except Exception as error:  # noqa: BLE001 - a third party's service can raise anything
            return failure_of(error)
        finally:
            purchase.give_back()

    def load(self, question: CaptionRequest) -> PreparedImage:
        """Prepare a picture; one that can only fail again is not tried again.

        Args:
            question: The picture.

        Raises:
            ImageError: It cannot be sent.
        """
        key = self.check_known(question)
        try:
            return question.load()
        except ImageError as error:
            if error.is_final:
                self.cache.put(key, kept_failure(error))
            raise

    def check_known(self, question: CaptionRequest) -> CaptionKey:
        """Raise the `ImageError` that is remembered of a picture, else return the key for one."""
        key = CaptionKey(question.key.sha256, "", bounded(software()))
        known = self.cache.get(key)
        if known and known.failed:
            raise ImageError(known.failed, known.detail)
        return key

    def open_budget(self) -> None:
        """Count what builds that died had sent, and ask for the balance, which nothing passes.

        The user is told of them by this build, and by no other unless it ends without a summary.
        """
        earlier = self.cache.unanswered(owner=self.lease.owner)
        self.budget.doubt_earlier(earlier * self.service.credits_per_image)
        began = self.breaker.now()
        try:
            self.budget.open_with(self.service.credits_remaining())
        except KeyRejectedError as error:
            self.halt.now(Failure(error.reason, error.detail))
        except Exception:  # noqa: BLE001 - a third party's service can raise anything
            # Asking for texts may work all the same, and each answer tells the balance.
            self.breaker.failed(since=began)


class _Purchase:
    """The purchase of one answer."""

    def __init__(self, parts: Purchaser, question: CaptionRequest) -> None:
        self._parts = parts
        self._question = question
        self._key = question.key
        self._price = parts.service.credits_per_image
        self._has_reserve = True
        self._leased_at = 0.0
        self._context: Context | None = None
        self._sent = ""
        """The digest of what is sent, where that is a part of the picture."""

    def carry_out(self) -> CaptionResult:
        """Get the lease or another build's answer; then ask, store and give the lease back."""
        self._check()
        if answer := self._wait_for_lease():
            return CaptionResponse(answer, Origin.STORE)
        return self._stored(self._load_and_ask)

    def _load_and_ask(self) -> CaptionResponse:
        image = self._parts.load(self._question)
        if not image.part:
            return self._ask(image)
        # Other files may be sent as the same bytes, such as one frame of an animation. These are a
        # picture with a key of its own, asked for once whichever file comes first in any build.
        of_file, self._sent = self._key, sha256(image.data).hexdigest()
        self._key = of_file._replace(sha256=self._sent)
        try:
            with self._parts.lease.turn(self._key):
                if answer := self._wait_for_lease():
                    return CaptionResponse(answer, Origin.STORE)
                return self._stored(partial(self._ask, image))
        finally:
            self._key = of_file

    def _stored(self, ask: Callable[[], CaptionResponse]) -> CaptionResponse:
        """Ask with the lease held, store the answer and give the lease back."""
        paid = None
        try:
            obtained = ask()
            if obtained.origin is Origin.SERVICE or self._sent:
                paid = obtained.answer._replace(sent=self._sent)
        except ServiceError as error:
            if error.is_final:
                paid = kept_failure(error)._replace(sent=self._sent)
            raise
        finally:
            # What was paid for is on disk before anything else uses it.
            self._parts.lease.release(self._key, paid)
        return obtained

    def give_back(self) -> None:
        """Give back what is still reserved."""
        if self._has_reserve:
            self._parts.budget.give_back(self._price)

    def _ask(self, image: PreparedImage) -> CaptionResponse:
        """Ask until there is an answer, another build's or ours, or no sense in asking again."""
        parts = self._parts
        if source := self._question.context:
            # A page that cannot be read shall not keep its picture from being described.
            with suppress(Exception):
                self._context = source.read()
        errors: list[ServiceError] = []
        while True:
            began = parts.breaker.now()
            try:
                return self._attempt(image)
            except ServiceError as error:
                errors.append(error)
                delay = parts.retry.delay(errors)
                if isinstance(error, _ENDING):
                    parts.halt.now(Failure(error.reason, error.detail))
                if isinstance(error, RateLimitedError):
                    parts.throttle.refused()
                if self._is_about_picture(error):
                    parts.breaker.answered()
                    raise
                is_loading = isinstance(error, ServiceLoadingError)
                if parts.breaker.failed(since=began, delay=delay, is_loading=is_loading):
                    parts.halt.now(Failure(error.reason, error.detail))
                if delay is None or self._is_over_after(delay):
                    raise

    def _attempt(self, image: PreparedImage) -> CaptionResponse:
        """Make one request, with its credit reserved and the lease ours for its length."""
        parts = self._parts
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
            if answer := self._wait_for_lease():
                return CaptionResponse(answer, Origin.STORE)

    def _request(self, image: PreparedImage) -> StoredAnswer:
        parts, owner = self._parts, self._parts.lease.owner
        if self._price:
            earlier = parts.cache.mark_sent(self._key, owner=owner)
            parts.budget.doubt_earlier(earlier * self._price)
        request = Request(image, self._key.language, self._context)
        parts.budget.begin_request()
        try:
            answer = parts.service.describe(request)
        except BaseException as error:
            # Of a fault of the service's own code nobody knows whether it was charged.
            is_certain = isinstance(error, (ServiceError, InterruptedError))
            is_charged = not is_certain or isinstance(error, (RequestTimedOutError, BadAnswerError))
            if is_charged:
                parts.budget.doubt(self._price)
                self._has_reserve = False
            if self._price:
                parts.cache.end_request(self._key, owner=owner, is_charged=is_charged)
            raise
        parts.budget.charge(self._price, balance=answer.credits_remaining, usage=answer.usage)
        self._has_reserve = False
        is_empty = not (answer.text.strip() or answer.fault or answer.role in SUGGESTIONS)
        if answer.fault is not Reason.ANSWER_TRUNCATED and not is_empty:
            parts.breaker.answered()
        elif parts.breaker.wasted():
            parts.halt.now(Failure(Reason.NO_SERVICE, _NO_TEXTS))
        parts.throttle.answered()
        source = self._question.context if self._context and any(self._context) else None
        answered = kept(answer, context_page=source.page if source else "")
        return answered._replace(part=image.part)

    def _wait_for_lease(self) -> StoredAnswer | None:
        answer = self._parts.lease.wait_for(self._key, self._parts.halt.wait)
        self._leased_at = self._parts.breaker.now()
        return answer

    def _keeps_lease(self) -> bool:
        """Make the lease last for a whole request; return whether it is ours, and nobody has paid.

        A machine that slept, or work that took long, may have lost it to a process that has come
        and gone by now. One that was taken or renewed just now is ours without another look.
        """
        now = self._parts.breaker.now()
        if now - self._leased_at > _FRESH_LEASE:
            if not self._parts.lease.renew(self._key) or self._parts.cache.get(self._key):
                return False
            self._leased_at = now
        return True

    def _is_over(self) -> bool:
        """Tell whether the build is over, and keep the lease while it is not."""
        # What a cache has to say against a request counts when the request is to be made.
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

    def _is_about_picture(self, error: ServiceError) -> bool:
        """Tell whether the service is well, and asking for other pictures makes sense.

        One that answers with what is no answer may charge for each.
        """
        is_about = error.reason is Reason.IMAGE_REJECTED or isinstance(error, ImageRejectedError)
        return is_about or (not self._price and isinstance(error, BadAnswerError))
