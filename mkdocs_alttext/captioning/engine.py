"""Getting one text for each distinct picture: from the cache, else from the service, once.

A request is answered by the first of these that can: an equal request before it, the cache, what
forbids asking, the service. The engine keeps the order in which requests are made, so that a budget
is spent from the top of the site, and hands each that the budget allows to a worker thread, where a
`Purchaser` does the rest.

The threads are our own: those of the standard library's pool are joined when the interpreter exits,
so that Ctrl-C would wait for a request that hangs. `images/collection.py` and `cache/disk.py` use
that pool for decoding and for writing, which is short.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Lock, RLock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from mkdocs_alttext.captioning.request import CaptionResponse, failure_of
from mkdocs_alttext.exceptions import ServiceUnavailableError
from mkdocs_alttext.models import Failure, Origin, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult, Purchaser
    from mkdocs_alttext.models import CaptionKey

Value = TypeVar("Value")


class Workers:
    """Runs calls side by side and returns futures; threads start as they are needed."""

    def __init__(self, count: int, *, name: str = "alttext") -> None:
        """Prepare without starting anything.

        Args:
            count: Most threads at a time.
            name: The threads' name, for whoever lists them.
        """
        self._count = count
        self._name = name
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._unfinished: set[Future[Any]] = set()
        self._lock = Lock()
        self._closed = False

    def submit(self, call: Callable[[], Value]) -> Future[Value]:
        """Queue a call.

        Args:
            call: What to run in a thread; what it raises ends up in the future.

        Returns:
            The future of its value. It is cancelled at once when the workers are closed, and fails
            with a `ServiceUnavailableError` when this machine has no thread for it.
        """
        future: Future[Value] = Future()
        with self._lock:
            if self._closed:
                future.cancel()
                return future
            self._unfinished.add(future)
            if len(self._threads) < min(self._count, len(self._unfinished)):
                # Where no more can be had, those that run do all the work.
                with suppress(RuntimeError):
                    self._start_thread()
            if self._threads:
                self._queue.put((future, call))
            else:
                why = "this machine cannot start another thread"
                error = ServiceUnavailableError(why, reason=Reason.OUT_OF_RESOURCES)
                future.set_exception(error)
        future.add_done_callback(self._forget)
        return future

    def call(self, call: Callable[[], Value]) -> Value:
        """Queue a call and wait for its value.

        Args:
            call: What to run in a thread.

        Raises:
            CancelledError: The workers are closed.
            ServiceUnavailableError: This machine has no thread for it.
            BaseException: What the call raises.
        """
        return self.submit(call).result()

    def close(self, *, patience: float) -> None:
        """Cancel what has not begun and let the threads end.

        Args:
            patience: Seconds to wait for all calls under way; threads that take longer are left.
        """
        with self._lock:
            self._closed = True
            threads = list(self._threads)
            waiting = list(self._unfinished)
        for future in waiting:
            future.cancel()
        for _ in threads:
            self._queue.put(None)
        # One deadline for all: the last call under way may need what the others did not.
        give_up = time.monotonic() + patience
        for thread in threads:
            thread.join(max(0.0, give_up - time.monotonic()))

    def _start_thread(self) -> None:
        thread = Thread(target=self._run, name=self._name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._unfinished.discard(future)

    def _run(self) -> None:
        while task := self._queue.get():
            future, call = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                value = call()
            except BaseException as error:  # noqa: BLE001 - the future carries it to its reader
                future.set_exception(error)
            else:
                future.set_result(value)
            # A future keeps its value alive; this thread must not, while it waits for the next.
            del task, future, call


_SECONDS_BETWEEN_LOOKS = 0.25
_PATIENCE = 1.0
"""Seconds for which requests under way are waited for when the engine is closed."""


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
        self._workers = Workers(concurrency + min(2, concurrency // 4))
        self._futures: dict[CaptionKey, Future[CaptionResult]] = {}
        self._queue: deque[tuple[CaptionRequest, Future[CaptionResult]]] = deque()
        self._asked = self._answered = 0
        self._in_flight = 0
        # Free services have no balance; a refused one is not asked for it.
        self._knows_balance = not self._price or refusal is not None
        self._lock = RLock()
        self.budget = purchaser.budget
        """What was spent."""
        self.would_spend = 0
        """Credits that a build would spend on what this dry run could not fill."""

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
        while not future.done():
            self._on_progress(self._answered, self._asked)
            wait((future,), timeout=_SECONDS_BETWEEN_LOOKS)
        return future.result()

    def note_told(self) -> None:
        """Note that the user was told of the credits that may have been charged."""
        if self._asked and not self._refusal:
            self._purchaser.lease.tell()

    def close(self) -> None:
        """Cancel what has not begun, let what is answered be stored, and close what is open."""
        cancelled = Failure(Reason.CANCELLED)
        self._purchaser.halt.now(cancelled)
        self._fail_queue(cancelled)
        self._workers.close(patience=_PATIENCE)
        with suppress(Exception):  # a third party's service can raise anything
            self._purchaser.service.close()
        self._purchaser.cache.close()

    def _started(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Answer a request at once, or queue it."""
        future: Future[CaptionResult] = Future()
        if known := self._known(request):
            future.set_result(known)
            return future
        self._asked += 1
        future.add_done_callback(self._count)
        self._queue.append((request, future))
        self._start_queued()
        return future

    def _known(self, request: CaptionRequest) -> CaptionResult | None:
        """Return the answer of the cache, or why the service cannot be asked."""
        if answer := self._purchaser.cache.get(request.key):
            return CaptionResponse(answer, Origin.STORE)
        if request.refusal:
            return request.refusal
        if self._refusal:
            if not self._is_dry_run:
                return self._refusal
            return self._rehearse(request) if self._is_quick else None
        return self._purchaser.halt.why

    def _count(self, _: Future[CaptionResult]) -> None:
        with self._lock:
            self._answered += 1

    def _start_queued(self) -> None:
        """Start what the budget allows, in the order of asking. Whoever calls holds the lock."""
        while self._queue:
            is_first = not self._knows_balance
            is_reserved = not (self._refusal or is_first)
            if is_first and self._in_flight:
                break  # the balance is on its way
            if is_reserved and not self.budget.reserve(self._price):
                break
            request, future = self._queue.popleft()
            buy = self._buy_first if is_first else self._purchaser.buy
            self._in_flight += 1
            task = self._workers.submit(partial(self._rehearse if self._refusal else buy, request))
            task.add_done_callback(partial(self._ended, future, is_reserved=is_reserved))
        if not self._in_flight:  # else credits may come back
            self._fail_queue(self._no_credit())

    def _ended(
        self, future: Future[CaptionResult], task: Future[CaptionResult], *, is_reserved: bool
    ) -> None:
        """Hand the result of a worker's call on, and start what its credit can pay for."""
        error = CancelledError() if task.cancelled() else task.exception()
        has_begun = not isinstance(error, (CancelledError, ServiceUnavailableError))
        if error is None:
            future.set_result(task.result())
        elif isinstance(error, Exception):
            future.set_result(failure_of(error))
        else:
            future.set_exception(error)
        with self._lock:
            self._in_flight -= 1
            if is_reserved and not has_begun:  # a purchaser that begins gives it back itself
                self.budget.give_back(self._price)
            self._start_queued()

    def _buy_first(self, request: CaptionRequest) -> CaptionResult:
        """Ask for the balance, if the picture can be sent, and buy what that allows."""
        try:
            request = request._replace(prepared=self._purchaser.load(request))
        except Exception as error:  # noqa: BLE001 - reading pictures can raise anything
            return failure_of(error)
        if not self._purchaser.halt.is_set():
            self._purchaser.open_budget()
        with self._lock:
            self._knows_balance = True
            is_reserved = self.budget.reserve(self._price)
            self._start_queued()
        return self._purchaser.buy(request) if is_reserved else self._no_credit()

    def _no_credit(self) -> Failure:
        is_poor = self.budget.is_short_of_balance
        return Failure(Reason.OUT_OF_CREDITS if is_poor else Reason.OVER_BUDGET)

    def _rehearse(self, request: CaptionRequest) -> CaptionResult:
        """Find out whether a picture would be paid for, without asking."""
        try:
            if self._is_quick:
                request.inspect()
            else:
                request.load()
        except Exception as error:  # noqa: BLE001 - reading pictures can raise anything
            return failure_of(error)
        with self._lock:
            self.would_spend += self._price
        return self._refusal or Failure(Reason.NOT_ASKED)

    def _fail_queue(self, failure: Failure) -> None:
        with self._lock:
            while self._queue:
                self._queue.popleft()[1].set_result(failure)
