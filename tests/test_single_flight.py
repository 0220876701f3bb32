"""Who asks and who waits, across processes that share a store."""

from __future__ import annotations

from hashlib import sha256

import pytest
from doubles import LoadedPictures, MemoryCache
from scripted_service import ScriptedService

from mkdocs_alttext.captioning.lease import MOST_PATIENCE, Lease
from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.request import (
    CaptionRequest,
    CaptionResponse,
    Halt,
    Purchaser,
)
from mkdocs_alttext.captioning.retry import FAILURES_IN_A_ROW, Breaker, Retry
from mkdocs_alttext.exceptions import ReasonedError, ServiceUnavailableError, StoreError
from mkdocs_alttext.models import CaptionKey, Origin, PreparedImage, StoredAnswer

KEY = CaptionKey("0" * 64, "en", "scripted/1")
ANSWER = StoredAnswer("A red bicycle")


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
    cache = MemoryCache()
    assert Lease(cache, seconds=60).wait_for(KEY, never) is None
    assert KEY in cache.leases


def test_a_text_that_is_there_by_now_is_taken() -> None:
    """The holder before us stored it between our look and our lease, which goes back."""
    cache = MemoryCache()
    cache.hold(KEY, "A red bicycle")
    assert Lease(cache, seconds=60).wait_for(KEY, never) == ANSWER
    assert cache.leases == {}


def test_the_second_one_waits_for_the_text() -> None:
    """And looks again until it is there."""
    cache = MemoryCache()
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    assert first.wait_for(KEY, never) is None
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:
            cache.put(KEY, ANSWER)
        return False

    assert second.wait_for(KEY, wait) == ANSWER
    assert len(waits) == 3
    assert all(0 < seconds <= 1 for seconds in waits)


def test_the_second_one_asks_when_the_first_one_gave_up() -> None:
    """A failure is not waited for."""
    cache = MemoryCache()
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    first.wait_for(KEY, never)

    def wait(_: float) -> bool:
        first.release(KEY)
        return False

    assert second.wait_for(KEY, wait) is None


def test_the_second_one_asks_when_the_first_one_was_killed() -> None:
    """Its lease ends by itself."""
    clock = Clock()
    cache = MemoryCache(clock=clock)
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    first.wait_for(KEY, never)

    def wait(_: float) -> bool:
        clock.now += 30
        return False

    assert second.wait_for(KEY, wait) is None
    assert clock.now == 1060


def test_a_lease_lasts_as_long_as_it_is_renewed() -> None:
    """Before each request."""
    clock = Clock()
    cache = MemoryCache(clock=clock)
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    first.wait_for(KEY, never)
    for _ in range(5):
        clock.now += 59
        assert first.renew(KEY)
        assert not second.renew(KEY)


@pytest.mark.parametrize("seconds", [32.0, 90.0, 600.0])
def test_patience_is_one_for_the_whole_build(seconds: float) -> None:
    """However many leases others hold; then there are no texts, and nothing is paid."""
    clock = Clock()
    cache = MemoryCache(clock=clock)
    first = Lease(cache, seconds=seconds)
    second = Lease(cache, seconds=seconds, clock=clock)
    keys = [KEY._replace(language=str(number)) for number in range(20)]

    waited: list[float] = []

    def wait(passing: float) -> bool:
        waited.append(passing)
        clock.now += passing
        return not all(list(map(first.renew, keys)))

    for key in keys:
        first.wait_for(key, never)
    for key in keys:
        with pytest.raises(ReasonedError, match="service-unavailable"):
            second.wait_for(key, wait)
        clock.now += 10  # time in which nobody waits does not count
        assert all(list(map(first.renew, keys)))
    assert sum(waited) == pytest.approx(min(seconds, MOST_PATIENCE), abs=1)


def test_an_answer_of_another_build_begins_its_patience_anew() -> None:
    """It is at work."""
    clock = Clock()
    cache = MemoryCache(clock=clock)
    first = Lease(cache, seconds=60)
    second = Lease(cache, seconds=60, clock=clock)
    keys = [KEY._replace(language=str(number)) for number in range(20)]
    for key in keys:
        first.wait_for(key, never)
    for number, key in enumerate(keys):

        def wait(passing: float, now: int = number + 1) -> bool:
            clock.now += passing
            for other in keys[now:]:
                first.renew(other)
            if clock.now >= 1000 + 30 * now:
                first.release(keys[now - 1], ANSWER)
            return False

        assert second.wait_for(key, wait) == ANSWER
    assert clock.now == pytest.approx(1600, abs=5)


def test_a_lease_that_ends_is_no_sign_of_life() -> None:
    """Planted ones may end one after the other."""
    clock = Clock()
    cache = MemoryCache(clock=clock)
    second = Lease(cache, seconds=60, clock=clock)
    keys = [KEY._replace(language=str(number)) for number in range(20)]
    cache.leases = {key: ("planted", 1040.0 * (number + 1)) for number, key in enumerate(keys)}

    def wait(passing: float) -> bool:
        clock.now += passing
        return False

    assert second.wait_for(keys[0], wait) is None
    with pytest.raises(ReasonedError, match="service-unavailable"):
        second.wait_for(keys[1], wait)
    assert clock.now == pytest.approx(1060, abs=1)


@pytest.mark.parametrize("text", ["A red bicycle", "\ud800"], ids=["storable", "not storable"])
def test_the_lease_goes_back_with_the_answer(text: str) -> None:
    """Also where the answer cannot be stored."""
    cache = MemoryCache()
    first = Lease(cache, seconds=60)
    first.wait_for(KEY, never)
    first.release(KEY, StoredAnswer(text))
    assert cache.get(KEY) == (ANSWER if text == ANSWER.text else None)
    assert cache.leases == {}


def test_waiting_ends_with_the_build() -> None:
    """Nobody waits for another process's lease after Ctrl-C."""
    cache = MemoryCache()
    Lease(cache, seconds=60).wait_for(KEY, never)
    with pytest.raises(InterruptedError):
        Lease(cache, seconds=60).wait_for(KEY, lambda _: True)


def test_another_s_lease_cannot_be_given_back() -> None:
    """Each object is an owner of its own."""
    cache = MemoryCache()
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    first.wait_for(KEY, never)
    second.release(KEY)
    assert KEY in cache.leases


def test_with_a_broken_store_nobody_pays() -> None:
    """What cannot be kept would be paid for by each build again."""
    cache = MemoryCache()
    cache.usable = False
    with pytest.raises(StoreError):
        Lease(cache, seconds=60).wait_for(KEY, never)


def test_a_broken_store_makes_nobody_wait_for_what_is_free() -> None:
    """It cannot tell who holds a lease."""
    cache = MemoryCache()
    cache.usable = False
    first = Lease(cache, seconds=60, is_free=True)
    second = Lease(cache, seconds=60, is_free=True)
    assert first.wait_for(KEY, never) is None
    assert second.wait_for(KEY, never) is None


def test_another_file_that_is_sent_as_the_same_bytes_waits_for_their_answer() -> None:
    """Two builds meet two animations that begin with the same frame."""
    cache = MemoryCache()
    first, second = Lease(cache, seconds=60), Lease(cache, seconds=60)
    frame = PreparedImage(b"pixels", "image/png", 8, 6, "frame")
    of_frame = KEY._replace(sha256=sha256(frame.data).hexdigest())
    first.wait_for(of_frame, never)

    class FirstEnds(Halt):
        def wait(self, timeout: float | None = None) -> bool:
            del timeout
            first.release(of_frame, ANSWER)
            return False

    service, budget = ScriptedService(), Budget(1)
    purchaser = Purchaser(
        service=service,
        cache=cache,
        lease=second,
        budget=budget,
        retry=Retry(0),
        throttle=Throttle(1),
        breaker=Breaker(),
        halt=FirstEnds(),
    )
    assert budget.reserve(1)
    bought = purchaser.buy(CaptionRequest(KEY, "x.gif", LoadedPictures(lambda: frame)))
    assert bought == CaptionResponse(ANSWER, Origin.STORE)
    assert service.requests == []
    assert cache.leases == {}
    assert cache.texts == {of_frame: ANSWER.text, KEY: ANSWER.text}
    assert budget.reserve(1)  # it came back


@pytest.mark.parametrize("is_answered", [True, False])
def test_failures_count_from_the_last_answer_on(*, is_answered: bool) -> None:
    """A service that fails now and then is asked for every picture."""
    failures = [ServiceUnavailableError()] * (FAILURES_IN_A_ROW - 1)
    between = ["A red bicycle"] if is_answered else [ServiceUnavailableError()]
    service = ScriptedService(*failures, *between, *failures)
    cache = MemoryCache()
    purchaser = Purchaser(
        service=service,
        cache=cache,
        lease=Lease(cache, seconds=60),
        budget=Budget(None),
        retry=Retry(0),
        throttle=Throttle(1),
        breaker=Breaker(),
        halt=Halt(),
    )
    for number in range(2 * FAILURES_IN_A_ROW - 1):
        assert purchaser.budget.reserve(1)
        key = KEY._replace(language=str(number))
        pictures = LoadedPictures(lambda: PreparedImage(b"pixels", "image/png", 8, 6))
        purchaser.buy(CaptionRequest(key, "x.png", pictures))
    assert (purchaser.halt.why is None) is is_answered
    asked = 2 * FAILURES_IN_A_ROW - 1 if is_answered else FAILURES_IN_A_ROW
    assert len(service.requests) == asked
