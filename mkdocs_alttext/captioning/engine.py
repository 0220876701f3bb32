"""Getting one text for one picture, exactly once.

Owns the onion: store → single flight → budget → retry → service → cleaning → store. It must not
know about pages or files: it is given a key, a way to load the picture, and returns futures of
captions or failures, never exceptions.
"""

from __future__ import annotations

from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.captioning.breaker import Breaker
from mkdocs_alttext.captioning.cleaning import clean, judge
from mkdocs_alttext.captioning.workers import Workers
from mkdocs_alttext.captions import Answer, Caption, Failure, Origin
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    KeyRejectedError,
    ReasonedError,
    RequestTimedOutError,
    ServiceError,
)
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captioning.budget import Budget
    from mkdocs_alttext.captioning.retry import RetryPolicy
    from mkdocs_alttext.captioning.single_flight import Lease
    from mkdocs_alttext.captions import CaptionKey, PreparedImage
    from mkdocs_alttext.services.base import CaptionService
    from mkdocs_alttext.stores.base import CaptionStore

Result = Caption | Failure

_STOPPING = (KeyRejectedError, CreditsExhaustedError)
_MAY_BE_CHARGED = (RequestTimedOutError, BadAnswerError)
_LOOK = 0.25
_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class Question:
    """One picture that needs a text."""

    key: CaptionKey
    file_name: str
    """What the picture's text must not be."""
    load: Callable[[], PreparedImage]
    """Reads and prepares the picture, in a worker; raises `ImageError`."""


class CaptionEngine:
    """Answers questions from the store, else from the service. Used from one thread."""

    def __init__(
        self,
        *,
        service: CaptionService | None,
        store: CaptionStore,
        lease: Lease,
        budget: Budget,
        retry: RetryPolicy,
        concurrency: int,
        max_length: int,
        refusal: Failure | None = None,
    ) -> None:
        """Take the parts; nothing is opened or started.

        Args:
            service: Who is asked; `None` when nobody can be.
            store: Where texts are kept.
            lease: How processes that share the store agree who asks.
            budget: How much may be spent.
            retry: What is tried again.
            concurrency: Most requests in flight.
            max_length: Longest acceptable text in characters.
            refusal: Why the service may not be asked in this build, when it may not.
        """
        self._service = service
        self._store = store
        self._lease = lease
        self._budget = budget
        self._retry = retry
        self._max_length = max_length
        self._stopped = refusal
        self._breaker = Breaker()
        self._workers: Workers[Result] = Workers(concurrency)
        self._flights: dict[str, Future[Result]] = {}
        self._halt = Event()
        self._lock = Lock()

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked any more, when it is not."""
        return self._stopped

    def ask(self, question: Question) -> Future[Result]:
        """Ask for one picture's text.

        Args:
            question: The picture; equal keys share one answer.

        Returns:
            A future, done already when the answer is known or nobody can be asked.
        """
        name = str(question.key)
        flight = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = self._take_off(question)
        return flight

    def wait(self, on_progress: Callable[[int, int], None]) -> None:
        """Wait until every question asked so far is answered.

        Args:
            on_progress: Called a few times a second with how many are done, and of how many.
        """
        flights = list(self._flights.values())
        waiting = {flight for flight in flights if not flight.done()}
        total = len(waiting)
        while waiting:
            on_progress(total - len(waiting), total)
            _, waiting = wait(waiting, timeout=_LOOK)
        if total:
            on_progress(total, total)

    def close(self) -> None:
        """Cancel what has not begun, store what is answered in time, and close what is open."""
        self._halt.set()
        self._workers.close(patience=_PATIENCE)
        if self._service:
            self._service.close()
        self._store.close()

    def _take_off(self, question: Question) -> Future[Result]:
        if text := self._store.get(question.key):
            return _done(Caption(text, Origin.STORE))
        if self._stopped:
            return _done(self._stopped)
        return self._workers.submit(lambda: self._answer(question))

    def _answer(self, question: Question) -> Result:
        """Get one text, in a worker. Whatever goes wrong is a value."""
        try:
            if text := self._lease.wait_for(question.key, self._halt.wait):
                return Caption(text, Origin.STORE)
            try:
                return self._pay(question)
            finally:
                self._lease.release(question.key)
        except ReasonedError as error:
            return Failure(error.reason, error.detail)
        except InterruptedError:
            return self._stopped or Failure(Reason.CANCELLED)
        except Exception as error:  # noqa: BLE001 - a third party's service can raise anything
            return Failure(Reason.INTERNAL_ERROR, type(error).__name__)

    def _pay(self, question: Question) -> Result:
        if self._stopped:
            return self._stopped
        image = question.load()
        try:
            answer = self._retry.call(lambda: self._attempt(question, image), self._halt.wait)
        except ServiceError as error:
            self._learn(error)
            raise
        self._breaker.succeeded()
        self._budget.heard(answer.credits_remaining)
        text = clean(answer.text)
        judge(text, file_name=question.file_name, max_length=self._max_length)
        # What was paid for is on disk before anything else uses it.
        self._store.put(question.key, text)
        return Caption(text, Origin.SERVICE)

    def _attempt(self, question: Question, image: PreparedImage) -> Answer:
        """Make one request, with its credit reserved and the lease renewed for its length."""
        if self._service is None:
            raise ReasonedError(Reason.NO_SERVICE)
        if self._stopped:
            raise ReasonedError(self._stopped.reason, self._stopped.detail)
        price = self._service.credits_per_image
        if not self._budget.reserve(price):
            raise ReasonedError(Reason.OVER_BUDGET)
        self._lease.renew(question.key)
        try:
            return self._service.describe(image, language=question.key.language)
        except BaseException as error:
            if not isinstance(error, _MAY_BE_CHARGED):
                self._budget.give_back(price)
            raise

    def _learn(self, error: ServiceError) -> None:
        """Stop for this build where asking on makes no sense."""
        with self._lock:
            if isinstance(error, _STOPPING) or self._breaker.failed(error):
                self._stopped = self._stopped or Failure(error.reason, error.detail)
                self._halt.set()


def _done(result: Result) -> Future[Result]:
    future: Future[Result] = Future()
    future.set_result(result)
    return future
