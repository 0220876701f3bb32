"""Who asks and who waits, across processes that share a store."""

from __future__ import annotations

import pytest
from doubles import MemoryStore

from mkdocs_alttext.captioning.breaker import PATIENCE
from mkdocs_alttext.captioning.single_flight import Lease
from mkdocs_alttext.captions import CaptionKey
from mkdocs_alttext.exceptions import ReasonedError

KEY = CaptionKey("0" * 64, "en", "scripted/1")


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def never(seconds: float) -> bool:
    """Stand for a wait that must not happen."""
    raise AssertionError(seconds)


def test_the_first_one_asks() -> None:
    """Nobody holds the lease and nobody has paid."""
    store = MemoryStore()
    assert Lease(store, seconds=60).wait_for(KEY, never) is None
    assert KEY in store.leases


def test_a_text_that_is_there_by_now_is_taken() -> None:
    """The holder before us stored it between our look and our lease, which goes back."""
    store = MemoryStore()
    store.texts[KEY] = "A red bicycle"
    assert Lease(store, seconds=60).wait_for(KEY, never) == "A red bicycle"
    assert store.leases == {}


def test_the_second_one_waits_for_the_text() -> None:
    """And looks again until it is there."""
    store = MemoryStore()
    first, second = Lease(store, seconds=60), Lease(store, seconds=60)
    assert first.wait_for(KEY, never) is None
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:
            store.put(KEY, "A red bicycle")
        return False

    assert second.wait_for(KEY, wait) == "A red bicycle"
    assert len(waits) == 3
    assert all(0 < seconds <= 1 for seconds in waits)


def test_the_second_one_asks_when_the_first_one_gave_up() -> None:
    """A failure is not waited for."""
    store = MemoryStore()
    first, second = Lease(store, seconds=60), Lease(store, seconds=60)
    first.wait_for(KEY, never)

    def wait(_: float) -> bool:
        first.release(KEY)
        return False

    assert second.wait_for(KEY, wait) is None


def test_the_second_one_asks_when_the_first_one_was_killed() -> None:
    """Its lease ends by itself."""
    clock = Clock()
    store = MemoryStore(clock=clock)
    first, second = Lease(store, seconds=60), Lease(store, seconds=60)
    first.wait_for(KEY, never)

    def wait(_: float) -> bool:
        clock.now += 30
        return False

    assert second.wait_for(KEY, wait) is None
    assert clock.now == 1060


def test_a_lease_lasts_as_long_as_it_is_renewed() -> None:
    """Before each request."""
    clock = Clock()
    store = MemoryStore(clock=clock)
    first, second = Lease(store, seconds=60), Lease(store, seconds=60)
    first.wait_for(KEY, never)
    for _ in range(5):
        clock.now += 59
        assert first.renew(KEY)
        assert not second.renew(KEY)


@pytest.mark.parametrize("seconds", [32.0, 90.0])
def test_the_second_one_waits_as_long_as_the_first_one_may_try(seconds: float) -> None:
    """A dead service's retries included; then there is no text, and nothing is paid."""
    clock = Clock()
    store = MemoryStore(clock=clock)
    first, second = Lease(store, seconds=seconds), Lease(store, seconds=seconds)
    first.wait_for(KEY, never)

    def wait(passing: float) -> bool:
        clock.now += passing
        return not first.renew(KEY)

    with pytest.raises(ReasonedError, match="service-unavailable"):
        second.wait_for(KEY, wait)
    assert clock.now - 1000.0 == pytest.approx(PATIENCE + seconds)


@pytest.mark.parametrize("text", ["A red bicycle", ""], ids=["storable", "not storable"])
def test_the_lease_goes_back_with_the_text(text: str) -> None:
    """Also where the text cannot be stored."""
    store = MemoryStore()
    first = Lease(store, seconds=60)
    first.wait_for(KEY, never)
    first.settle(KEY, text)
    assert store.get(KEY) == (text or None)
    assert store.leases == {}


def test_waiting_ends_with_the_build() -> None:
    """Nobody waits for another process's lease after Ctrl-C."""
    store = MemoryStore()
    Lease(store, seconds=60).wait_for(KEY, never)
    with pytest.raises(InterruptedError):
        Lease(store, seconds=60).wait_for(KEY, lambda _: True)


def test_another_s_lease_cannot_be_given_back() -> None:
    """Each object is an owner of its own."""
    store = MemoryStore()
    first, second = Lease(store, seconds=60), Lease(store, seconds=60)
    first.wait_for(KEY, never)
    second.release(KEY)
    assert KEY in store.leases


def test_with_a_broken_store_nobody_pays() -> None:
    """What cannot be kept would be paid for by each build again."""
    store = MemoryStore()
    store.usable = False
    with pytest.raises(ReasonedError, match="cache-unusable"):
        Lease(store, seconds=60).wait_for(KEY, never)


def test_a_broken_store_makes_nobody_wait_for_what_is_free() -> None:
    """It cannot tell who holds a lease."""
    store = MemoryStore()
    store.usable = False
    first = Lease(store, seconds=60, is_free=True)
    second = Lease(store, seconds=60, is_free=True)
    assert first.wait_for(KEY, never) is None
    assert second.wait_for(KEY, never) is None
