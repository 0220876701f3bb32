"""Threads that run calls: those that wait for the service, and the one that decodes pictures.

The standard library's pool is not used: its threads are joined when the interpreter exits, so that
Ctrl-C would wait for a request that hangs.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from mkdocs_alttext.exceptions import ServiceUnavailableError
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

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
