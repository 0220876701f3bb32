"""Getting one text for each distinct picture, exactly once.

Owns the outer layers of the onion (cache → single flight → budget) and the order of questions; a
`Purchaser` holds the inner ones. It must not know about pages or files: it is given a key and a way
to load the picture, and returns futures of answers or failures, never exceptions.

The first look for an answer, in the cache.

Owns the questions until the first that has no answer there. For that one, what asks the service is
made, and imported: a build that finds all its texts does without. It must not know how a text is
bought.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captioning.question import Obtained, has_failed, outcome_of, pass_on
from mkdocs_alttext.captioning.workers import Workers
from mkdocs_alttext.models import Failure, Origin, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.captioning.limits import Budget
    from mkdocs_alttext.captioning.question import Answered, Asked, Question
    from mkdocs_alttext.captioning.request import Purchaser
    from mkdocs_alttext.models import CaptionKey
    from mkdocs_alttext.services.base import CaptionService

_LOOK = 0.25
_PATIENCE = 1.0


class CaptionEngine:
    """Answers questions from the cache, else from the service, in the order they are asked."""

    def __init__(
        self,
        purchaser: Purchaser,
        *,
        concurrency: int,
        refusal: Failure | None = None,
        is_dry_run: bool = False,
        is_quick: bool = False,
        on_progress: Callable[[int, int], None],
        get_ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the parts; nothing is opened or started.

        Args:
            purchaser: Buys what the cache does not have.
            concurrency: Most pictures asked for at a time; one or two more are made ready
                meanwhile, and none where pictures go one by one.
            refusal: Why the service may not be asked in this build, when it may not.
            is_dry_run: Whether to find out what asking would cost, where it is refused.
            is_quick: Whether a dry run only inspects pictures, and at once: damaged pixels then
                count as sendable.
            on_progress: Called a few times a second while an answer is waited for, with how many
                there are, and to how many questions that had none at once.
            get_ready: Called before the service is asked for the first time, by who asks.
        """
        self._purchaser = purchaser
        self._price = purchaser.service.credits_per_image
        self._refusal = refusal
        self._is_dry_run = is_dry_run
        self._is_quick = is_quick
        self._on_progress = on_progress
        self._get_ready = get_ready
        self._workers: Workers[None] = Workers(concurrency + _ahead(concurrency))
        self._flights: dict[CaptionKey, Asked] = {}
        self._asked = self._answered = 0
        self._queue: deque[tuple[Question, Future[Answered]]] = deque()
        self._in_flight = 0
        # Free services have no balance; a refused one is not asked for it.
        self._knows_balance = not self._price or refusal is not None
        self._is_scouting = False
        self._would_spend = 0
        self._lock = RLock()

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked, or not any more, when that is so."""
        return self._refusal or self._purchaser.halt.why

    @property
    def has_asked(self) -> bool:
        """Whether there was a question that had no answer at once."""
        return self._asked > 0

    @property
    def would_spend(self) -> int:
        """Credits that a build would spend on what this dry run could not fill."""
        return self._would_spend

    def ask(self, question: Question) -> Asked:
        """Ask for one picture's text.

        Args:
            question: The picture; equal keys share one answer.

        Returns:
            The answer where it is known or nobody can be asked, else its future.
        """
        with self._lock:
            flight = self._flights.get(question.key)
            if flight is None:
                flight = self._take_off(question)
                if not question.refusal:  # which is of its place, and not of its picture
                    self._flights[question.key] = flight
        return flight

    def answer(self, flight: Future[Answered]) -> Answered:
        """Wait for the answer to a question, and show meanwhile how many are there.

        It can be interrupted on every system, which a wait without an end cannot.

        Args:
            flight: What `ask` returned.
        """
        while not flight.done():
            self._on_progress(self._answered, self._asked)
            wait((flight,), timeout=_LOOK)
        return flight.result()

    def tell(self) -> None:
        """Note that the user was told of the credits that may have been charged."""
        self._purchaser.lease.tell()

    def close(self) -> None:
        """Cancel what has not begun, let what is answered be stored, and close what is open."""
        cancelled = Failure(Reason.CANCELLED)
        self._purchaser.halt.now(cancelled)
        with self._lock:
            while self._queue:
                self._queue.popleft()[1].set_result(cancelled)
        self._workers.close(patience=_PATIENCE)
        with suppress(Exception):  # a third party's service can raise anything
            self._purchaser.service.close()
        self._purchaser.cache.close()

    def _take_off(self, question: Question) -> Asked:
        if answer := self._purchaser.cache.get(question.key):
            return Obtained(answer, Origin.STORE)
        if question.refusal:
            return question.refusal
        if self._refusal and not self._is_dry_run:
            return self._refusal
        if self._refusal and self._is_quick:
            return self._rehearse(question)
        if why := self._purchaser.halt.why:
            return why
        if not (self._asked or self._refusal):
            # Whatever is wrong with it is met again, and told, by the one who needs it.
            with suppress(Exception):
                self._get_ready()
        self._asked += 1
        flight: Future[Answered] = Future()
        flight.add_done_callback(self._count)
        self._queue.append((question, flight))
        self._dispatch()
        return flight

    def _count(self, _: Future[Answered]) -> None:
        with self._lock:
            self._answered += 1

    def _dispatch(self) -> None:
        """Send off what is funded, in the order of asking; credits that come back fund the next."""
        if not self._knows_balance:
            if self._queue and not self._is_scouting:
                self._is_scouting = True
                self._workers.submit(self._scout).add_done_callback(self._scouted)
            return
        while self._queue and (self._refusal or self._purchaser.budget.reserve(self._price)):
            question, flight = self._queue.popleft()
            self._in_flight += 1
            task = self._workers.submit(partial(self._fly, question, flight))
            task.add_done_callback(partial(self._stranded, flight))
        if not self._in_flight:
            short = self._purchaser.budget.is_short_of_balance
            while self._queue:
                _, flight = self._queue.popleft()
                flight.set_result(Failure(Reason.OUT_OF_CREDITS if short else Reason.OVER_BUDGET))

    def _fly(self, question: Question, flight: Future[Answered]) -> None:
        try:
            result = self._rehearse(question) if self._refusal else self._purchaser.buy(question)
        except BaseException as error:  # noqa: BLE001 - the flight carries it to its reader
            flight.set_exception(error)
        else:
            flight.set_result(result)
        with self._lock:
            self._in_flight -= 1
            self._dispatch()

    def _stranded(self, flight: Future[Answered], task: Future[None]) -> None:
        """Answer a flight that never took off: it was cancelled, or there was no thread for it."""
        if flight.done():
            return
        with self._lock:
            self._in_flight -= 1
            if not self._refusal:
                self._purchaser.budget.give_back(self._price)
        pass_on(task, flight)

    def _rehearse(self, question: Question) -> Answered:
        """Find out whether a picture would be paid for, without asking."""
        quick = question.inspect if self._is_quick else None
        if isinstance(fault := outcome_of(quick or question.load), Failure):
            return fault
        with self._lock:
            self._would_spend += self._price
        return self._refusal or Failure(Reason.NOT_ASKED)

    def _scout(self) -> None:
        """Ask for the balance, once there is a picture that is really to be paid for."""
        while not self._purchaser.halt.is_set():
            with self._lock:
                if not self._queue:
                    self._is_scouting = False
                    return
                question, flight = self._queue[0]
            loaded = outcome_of(partial(self._purchaser.load, question))
            with self._lock:
                if not self._queue:
                    return  # closed meanwhile
                if not isinstance(loaded, Failure):
                    # It is the first to be paid for, and need not be prepared again.
                    self._queue[0] = (question.with_picture(loaded), flight)
                    break
                self._queue.popleft()
            flight.set_result(loaded)
        if not self._purchaser.halt.is_set():
            self._purchaser.open_budget()
        with self._lock:
            self._knows_balance = True
            self._dispatch()

    def _scouted(self, task: Future[None]) -> None:
        """Answer those who wait for a look at the balance that did not come to its end."""
        if not has_failed(task):
            return
        with self._lock:
            self._is_scouting = False
            while self._queue:
                pass_on(task, self._queue.popleft()[1])


def _ahead(concurrency: int) -> int:
    """Return how many pictures are made ready, so that no place for a request stays empty."""
    return min(2, concurrency // 4)


class Asking(NamedTuple):
    """What asks the service."""

    engine: CaptionEngine
    budget: Budget


class Desk:
    """Answers questions from the cache; others, and all that follow, go on to the engine."""

    def __init__(
        self,
        cache: AnswerCache,
        service: CaptionService,
        *,
        refusal: Failure | None,
        is_dry_run: bool,
        open_asking: Callable[[], Asking],
    ) -> None:
        """Take the parts; nothing is opened.

        Args:
            cache: Where answers are looked for.
            service: Closed with the rest; the engine asks it.
            refusal: Why the service may not be asked in this build, when it may not.
            is_dry_run: Whether to find out what asking would cost, where it is refused.
            open_asking: Makes what asks the service.
        """
        self._cache = cache
        self._service = service
        self._refusal = refusal
        self._is_dry_run = is_dry_run
        self._open_asking = open_asking
        self._asking: Asking | None = None
        self._found: dict[CaptionKey, Obtained] = {}

    def ask(self, question: Question) -> Asked:
        """Ask for one picture's text.

        Args:
            question: The picture; equal keys share one answer.

        Returns:
            The answer where it is known or nobody can be asked, else its future.
        """
        if self._asking is None:
            key = question.key
            if key in self._found:
                return self._found[key]
            if answer := self._cache.get(key):
                found = self._found[key] = Obtained(answer, Origin.STORE)
                return found
            if question.refusal:
                return question.refusal
            if self._refusal and not self._is_dry_run:
                return self._refusal
        return self._opened.engine.ask(question)

    def answer(self, flight: Future[Answered]) -> Answered:
        """Wait for the answer to a question, and show meanwhile how many are there.

        Args:
            flight: What `ask` returned.
        """
        return self._opened.engine.answer(flight)

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked, or not any more, when that is so."""
        return self._refusal if self._asking is None else self._asking.engine.stopped

    @property
    def has_asked(self) -> bool:
        """Whether there was a question that had no answer at once."""
        return self._asking is not None and self._asking.engine.has_asked

    @property
    def would_spend(self) -> int:
        """Credits that a build would spend on what this dry run could not fill."""
        return 0 if self._asking is None else self._asking.engine.would_spend

    @property
    def budget(self) -> Budget | None:
        """What was spent, when anybody was asked."""
        return None if self._asking is None else self._asking.budget

    def tell(self) -> None:
        """Note that the user was told of the credits that may have been charged."""
        if self._asking is not None:
            self._asking.engine.tell()

    def close(self) -> None:
        """Cancel what has not begun, let what is answered be stored, and close what is open."""
        if self._asking is not None:
            self._asking.engine.close()
            return
        with suppress(Exception):  # a third party's service can raise anything
            self._service.close()
        self._cache.close()

    @property
    def _opened(self) -> Asking:
        if self._asking is None:
            self._asking = self._open_asking()
        return self._asking
