"""The workers' end: the last call under way gets all the time there is."""

from __future__ import annotations

from threading import Barrier, Event, Timer

from mkdocs_alttext.captioning.engine import Workers


def test_one_slow_call_may_use_the_whole_patience() -> None:
    """What it was asked for is paid, however many other threads have ended at once."""
    threads = 8
    workers = Workers(threads)
    all_started, answered = Barrier(threads), Event()

    def end_at_once() -> bool:
        all_started.wait()
        return True

    def wait_for_an_answer() -> bool:
        all_started.wait()
        return answered.wait()

    slow = workers.submit(wait_for_an_answer)
    quick = [workers.submit(end_at_once) for _ in range(threads - 1)]
    assert all(future.result(timeout=10) for future in quick)
    # Later than an eighth of the patience, and long before its end.
    answer = Timer(0.5, answered.set)
    answer.start()
    workers.close(patience=3.0)
    assert slow.done()
    answer.join()
