"""Getting one text for each distinct picture: from the cache, else from the service, once.

A request is answered by the first of these that can: an equal request before it, the cache, what
forbids asking, the service. The engine keeps the order in which requests are made, so that a budget
is spent from the top of the site. A worker thread takes the next that the budget allows, and a
`Purchaser` does the rest; the thread ends when there is none.

The threads are our own: those of the standard library's pool are joined when the interpreter exits,
so that Ctrl-C would wait for a request that hangs. `images/collection.py` uses that pool for
decoding, which is short.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, wait
from contextlib import suppress
from threading import RLock, Thread
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.captioning.request import CaptionResponse, failure_of
from mkdocs_alttext.models import Failure, Origin, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult, Purchaser
    from mkdocs_alttext.models import CaptionKey

_SECONDS_BETWEEN_LOOKS = 0.25
_PATIENCE = 1.0
"""Seconds for which requests under way are waited for when the engine is closed."""


class _Task(NamedTuple):
    """A request that the cache has no answer to."""

    request: CaptionRequest
    future: Future[CaptionResult]
    """Of its answer."""
    is_reserved: bool = False
    """Whether a credit is set aside for it; not for the one that waits for the balance first."""


class CaptionEngine:
    """Answers requests for texts. Safe for threads."""

    def __init__(
        self,
        purchaser: Purchaser,
        *,
        concurrency: int,
        refusal: Failure | None = None,
        is_dry_run: bool = False,
        is_quick: bool = False,
        on_progress: Callable[[int, int], None],
    ) -> None:
        """Take the parts; nothing is opened or started.

        Args:
            purchaser: Buys what the cache does not have.
            concurrency: Most pictures asked for at a time. Meanwhile one more is made ready from a
                concurrency of 4 on, and two more from 8 on; none below 4.
            refusal: Why the service may not be asked in this build, when it may not.
            is_dry_run: Whether to find out what asking would cost, where it is refused.
            is_quick: Whether a dry run only inspects pictures, and at once: damaged pixels then
                count as sendable.
            on_progress: Called a few times a second while an answer is waited for, with how many
                there are, and to how many requests that had none at once.
        """
        self._purchaser = purchaser
        self._price = purchaser.service.credits_per_image
        self._refusal = refusal
        self._is_dry_run = is_dry_run
        self._is_quick = is_quick
        self._on_progress = on_progress
        self._most_threads = concurrency + min(2, concurrency // 4)
        self._threads: list[Thread] = []
        self._in_flight = 0
        """Requests that a thread is at work on: as many as there are threads."""
        self._futures: dict[CaptionKey, Future[CaptionResult]] = {}
        self._queue: deque[_Task] = deque()
        self._unfetched: list[_Task] = []
        """What the local cache has no answer to, before a shared one was asked."""
        self._asked: list[Future[CaptionResult]] = []
        # Free services have no balance; a refused one is not asked for it.
        self._knows_balance = not self._price or refusal is not None
        self._lock = RLock()
        self.budget = purchaser.budget
        """What was spent."""
        self.would_spend = 0
        """Credits that a build would spend on what this dry run could not fill."""
        self.would_ask = 0
        """Texts that it would ask for."""

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked, or not any more, when that is so."""
        return self._refusal or self._purchaser.halt.why

    def ask(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Ask for one picture's text.

        Args:
            request: The picture; equal keys share one answer.

        Returns:
            The future of the answer. It is done where the answer is known or nobody can be asked.
        """
        with self._lock:
            future = self._futures.get(request.key)
            if future is None:
                future = self._started(request)
                if not request.refusal:  # which is of its place, and not of its picture
                    self._futures[request.key] = future
        return future

    def wait_for(self, future: Future[CaptionResult]) -> CaptionResult:
        """Wait for an answer, and show meanwhile how many are there.

        It can be interrupted on every system, which a wait without an end cannot.

        Args:
            future: What `ask` returned.
        """
        if not future.done():
            self.look_up()
        while not future.done():
            self._on_progress(sum(each.done() for each in self._asked), len(self._asked))
            wait((future,), timeout=_SECONDS_BETWEEN_LOOKS)
        return future.result()

    def look_up(self) -> bool:
        """Look in a shared cache for what was asked for since the last time, in one go.

        Returns:
            Whether there was anything to look up.
        """
        with self._lock:
            tasks, self._unfetched = self._unfetched, []
        cache = self._purchaser.cache
        if tasks:
            cache.fetch([task.request.key for task in tasks])
        for task in tasks:
            answer = cache.get(task.request.key)
            with self._lock:
                if answer:
                    task.future.set_result(CaptionResponse(answer, Origin.STORE))
                else:
                    self._begin(task)
        return bool(tasks)

    def note_told(self) -> None:
        """Note that the user was told of the credits that may have been charged."""
        if self._asked and self._price and not self._refusal:
            self._purchaser.cache.told(owner=self._purchaser.lease.owner)

    def close(self) -> None:
        """Cancel what has not begun, let what is answered be stored, and close what is open."""
        cancelled = Failure(Reason.CANCELLED)
        self._purchaser.halt.now(cancelled)
        with self._lock:
            self._queue += self._unfetched
            self._unfetched = []
            self._fail_queue(cancelled)
            threads = self._threads
        # One deadline for all: the last request under way may need what the others did not.
        give_up = time.monotonic() + _PATIENCE
        for thread in threads:
            thread.join(max(0.0, give_up - time.monotonic()))
        with suppress(Exception):  # a third party's service can raise anything
            self._purchaser.service.close()
        self._purchaser.cache.close()

    def _started(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Answer a request at once, or queue it."""
        task = _Task(request, Future())
        if answer := self._purchaser.cache.get(request.key):
            task.future.set_result(CaptionResponse(answer, Origin.STORE))
        elif self._purchaser.cache.is_shared:
            self._unfetched.append(task)
        else:
            self._begin(task)
        return task.future

    def _begin(self, task: _Task) -> None:
        """Queue a request that no cache has an answer to. Whoever calls holds the lock."""
        if why := self._hindrance(task.request):
            task.future.set_result(why)
            return
        self._asked.append(task.future)
        self._queue.append(task)
        self._start_threads()

    def _hindrance(self, request: CaptionRequest) -> CaptionResult | None:
        """Return why the service cannot be asked, if that is so."""
        if request.refusal:
            return request.refusal
        if self._refusal and not self._is_dry_run:
            return self._refusal
        if self._refusal and self._is_quick:
            return self._result(_Task(request, Future()))
        return self._purchaser.halt.why

    def _start_threads(self) -> None:
        """Start a thread for each request that may begin. Whoever calls holds the lock."""
        while self._in_flight < self._most_threads and (task := self._next()):
            thread = Thread(target=self._work, args=(task,), name="alttext", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # where no more can be had, those that run do all the work
                self._in_flight -= 1
                if task.is_reserved:
                    self.budget.give_back(self._price)
                self._queue.appendleft(task)
                if not self._in_flight:
                    why = "this machine cannot start another thread"
                    self._fail_queue(Failure(Reason.OUT_OF_RESOURCES, why))
                return
            self._threads = [*filter(Thread.is_alive, self._threads), thread]

    def _next(self) -> _Task | None:
        """Take the first request of the queue, if the budget allows it. The caller has the lock."""
        knows_balance = self._knows_balance
        if not self._queue or (self._in_flight and not knows_balance):
            return None
        is_reserved = knows_balance and not self._refusal
        if is_reserved and not self.budget.reserve(self._price):
            if not self._in_flight:  # else credits may come back
                self._fail_queue(self._no_credit())
            return None
        self._in_flight += 1
        return self._queue.popleft()._replace(is_reserved=is_reserved)

    def _work(self, task: _Task | None) -> None:
        """Get the answer to a request, then to those that may begin by then."""
        while task:
            try:
                task.future.set_result(self._result(task))
            except BaseException as error:  # noqa: BLE001 - the future carries it to its reader
                task.future.set_exception(error)
            with self._lock:
                self._in_flight -= 1
                task = self._next()
                self._start_threads()

    def _result(self, task: _Task) -> CaptionResult:
        try:
            if self._refusal:
                return self._rehearse(task.request)
            buy = self._purchaser.buy if task.is_reserved else self._buy_first
            return buy(task.request)
        except Exception as error:  # noqa: BLE001 - reading pictures can raise anything
            return failure_of(error)

    def _buy_first(self, request: CaptionRequest) -> CaptionResult:
        """Ask for the balance, if the picture can be sent, and buy what that allows."""
        request = request._replace(prepared=self._purchaser.load(request))
        if not self._purchaser.halt.is_set():
            self._purchaser.open_budget()
        with self._lock:
            self._knows_balance = True
            is_reserved = self.budget.reserve(self._price)
            self._start_threads()
        return self._purchaser.buy(request) if is_reserved else self._no_credit()

    def _no_credit(self) -> Failure:
        is_poor = self.budget.is_short_of_balance
        return Failure(Reason.OUT_OF_CREDITS if is_poor else Reason.OVER_BUDGET)

    def _rehearse(self, request: CaptionRequest) -> Failure:
        """Find out whether a picture would be paid for, without asking."""
        self._purchaser.check_known(request)
        if self._is_quick:
            request.inspect()
        else:
            request.load()
        with self._lock:
            self.would_spend += self._price
            self.would_ask += 1
        return self._refusal or Failure(Reason.NOT_ASKED)

    def _fail_queue(self, failure: Failure) -> None:
        """Answer all that has not begun. Whoever calls holds the lock."""
        while self._queue:
            self._queue.popleft().future.set_result(failure)
