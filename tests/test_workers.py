"""Threads that return values, and leave nothing behind."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.captioning.engine import Workers
from mkdocs_alttext.exceptions import ServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = 30.0
"""Seconds that a test waits before it fails; none of them passes."""


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """Make workers, and see that no thread of theirs outlives them."""
    before = set(threading.enumerate())
    made = Workers(count)
    yield made
    made.close(patience=LONG)
    assert set(threading.enumerate()) <= before


def raising(error: BaseException) -> Callable[[], object]:
    """Return a call that raises."""

    def call() -> object:
        raise error

    return call


def test_values_and_exceptions_land_in_futures() -> None:
    """Even those that are no `Exception`; the thread goes on."""
    with workers(1) as made:
        error = ValueError("x")
        good, bad = made.submit(lambda: 7), made.submit(raising(error))
        interrupted, last = made.submit(raising(KeyboardInterrupt())), made.submit(lambda: 8)
        assert good.result(LONG) == 7
        assert bad.exception(LONG) is error
        assert isinstance(interrupted.exception(LONG), KeyboardInterrupt)
        assert last.result(LONG) == 8


def test_no_thread_starts_before_it_is_needed() -> None:
    """And never more than allowed."""
    with workers(3) as made:
        before = threading.active_count()
        gate = threading.Event()
        barrier = threading.Barrier(4)

        def meet() -> object:
            barrier.wait(LONG)
            return gate.wait(LONG)

        futures = [made.submit(meet) for _ in range(3)]
        futures += [made.submit(lambda: gate.wait(LONG)) for _ in range(5)]
        barrier.wait(LONG)  # three run side by side
        assert threading.active_count() == before + 3
        gate.set()
        assert all(future.result(LONG) for future in futures)


def test_calls_run_in_the_order_they_came() -> None:
    """For one thread; pages are filled from the top."""
    order: list[int] = []
    with workers(1) as made:
        futures = [made.submit(partial(order.append, number)) for number in range(9)]
        for future in futures:
            future.result(LONG)
    assert order == list(range(9))


def test_closing_cancels_what_has_not_begun() -> None:
    """And waits for what has."""
    began, gate = threading.Event(), threading.Event()

    def hold() -> object:
        began.set()
        return gate.wait(LONG)

    made = Workers(1)
    running, waiting = made.submit(hold), made.submit(lambda: 7)
    assert began.wait(LONG)
    waiting.add_done_callback(lambda _: gate.set())
    made.close(patience=LONG)
    assert running.result(0) is True
    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        waiting.result(0)


def test_nothing_is_taken_after_closing() -> None:
    """A future is cancelled at once, and closing twice is fine."""
    made = Workers(2)
    made.close(patience=LONG)
    assert made.submit(lambda: 7).cancelled()
    made.close(patience=LONG)


def test_closing_does_not_wait_for_what_hangs() -> None:
    """Its threads don't keep the interpreter, either."""
    began, gate = threading.Event(), threading.Event()

    def hang() -> object:
        began.set()
        return gate.wait(LONG)

    made = Workers(1)
    hanging = made.submit(hang)
    assert began.wait(LONG)
    made.close(patience=0.0)
    assert not hanging.done()
    assert [thread.daemon for thread in threading.enumerate() if thread.name == "alttext"] == [True]
    gate.set()
    assert hanging.result(LONG) is True
    for thread in threading.enumerate():
        if thread.name == "alttext":
            thread.join(LONG)


def test_a_call_is_waited_for() -> None:
    """Its value comes back, or what it raises; nothing is run by closed workers."""
    with workers(1) as made:
        assert made.call(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            made.call(raising(ZeroDivisionError()))
    with pytest.raises(CancelledError):
        made.call(threading.get_ident)


def test_a_cancelled_call_is_left_out() -> None:
    """Whoever cancelled it."""
    gate = threading.Event()
    with workers(1) as made:
        first: Future[object] = made.submit(lambda: gate.wait(LONG))
        second, third = made.submit(lambda: 7), made.submit(lambda: 8)
        assert second.cancel()
        gate.set()
        assert third.result(LONG) == 8
        assert first.result(LONG) is True


def test_a_thread_that_cannot_start_is_done_without(threads_left: list[None]) -> None:
    """The others do its work, and a later call tries again."""
    threads_left.append(None)
    gate = threading.Event()
    with workers(3) as made:
        threads = threading.active_count()
        futures = [made.submit(lambda: gate.wait(LONG)) for _ in range(3)]
        assert threading.active_count() == threads + 1
        threads_left.append(None)
        futures.append(made.submit(lambda: gate.wait(LONG)))
        assert threading.active_count() == threads + 2
        gate.set()
        assert all(future.result(LONG) for future in futures)


def test_without_any_thread_a_call_fails(threads_left: list[None]) -> None:
    """Its reader is told, and a later call may run; closing has nothing to wait for."""
    with workers(3) as made:
        with pytest.raises(ServiceUnavailableError, match="another thread"):
            made.call(lambda: 7)
        threads_left.append(None)
        assert made.call(lambda: 7) == 7
        assert made.call(lambda: 8) == 8
    with workers(3) as made, pytest.raises(ServiceUnavailableError):
        made.call(lambda: 7)
