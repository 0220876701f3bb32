"""A lease while its holder waits: it is kept, and one that was lost is noticed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from doubles import LoadedPictures, MemoryCache
from scripted_service import DEFAULT, ScriptedService

from mkdocs_alttext.captioning.lease import Lease
from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.request import (
    CaptionRequest,
    CaptionResponse,
    Halt,
    Purchaser,
)
from mkdocs_alttext.captioning.retry import Breaker, Retry
from mkdocs_alttext.exceptions import RateLimitedError
from mkdocs_alttext.models import CaptionKey, Failure, Origin, PreparedImage, Reason, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = CaptionKey("0" * 64, "en", "scripted/1")
LEASE_SECONDS = 32.0
BOUGHT = CaptionResponse(StoredAnswer(DEFAULT), Origin.SERVICE)
THEIRS = CaptionResponse(StoredAnswer("A text of another build"), Origin.STORE)


class Time(Halt):
    """A clock that waiting moves on, and nothing else; nobody really waits."""

    def __init__(self, *, is_asleep: bool = False) -> None:
        """Begin at some moment.

        Args:
            is_asleep: Whether this machine sleeps for an hour in the first wait.
        """
        super().__init__()
        self.now_is = 1000.0
        self.is_asleep = is_asleep
        self.meanwhile: Callable[[], object] = lambda: None
        """Called in each wait, at its end."""
        self.at_each_look: Callable[[], object] = lambda: None
        """Called by whoever looks whether it is over."""

    def clock(self) -> float:
        """Return the time."""
        return self.now_is

    def wait(self, timeout: float | None = None) -> bool:
        """Let time pass."""
        assert timeout is not None
        self.now_is += 3600.0 if self.is_asleep else timeout
        self.is_asleep = False
        self.meanwhile()
        return super().is_set()

    def is_set(self) -> bool:
        """Tell whether it is over."""
        self.at_each_look()
        return super().is_set()


class Rig:
    """One build that buys one text, and a store that it shares with another build."""

    def __init__(self, *answers: str | Exception, time: Time | None = None) -> None:
        """Put the parts together."""
        self.time = time or Time()
        self.cache = MemoryCache(clock=self.time.clock)
        self.other = Lease(self.cache, seconds=LEASE_SECONDS)
        self.service = ScriptedService(*answers)
        self.budget = Budget(1)
        self.throttle = Throttle(1)
        self.load: Callable[[], object] = lambda: None

    def buy(self) -> CaptionResponse | Failure:
        """Buy the text."""

        def load() -> PreparedImage:
            self.load()
            return PreparedImage(b"pixels", "image/png", 8, 6)

        assert self.budget.reserve(1)
        purchaser = Purchaser(
            service=self.service,
            cache=self.cache,
            lease=Lease(self.cache, seconds=LEASE_SECONDS),
            budget=self.budget,
            retry=Retry(3),
            throttle=self.throttle,
            breaker=Breaker(self.time.clock),
            halt=self.time,
        )
        return purchaser.buy(CaptionRequest(KEY, "x.png", LoadedPictures(load)))

    def other_takes_it(self) -> None:
        """Let the other build take the lease, which is free, or renew it."""
        assert self.other.renew(KEY)

    def other_pays(self) -> None:
        """Let the other build store its text, and give the lease back."""
        self.other.release(KEY, THEIRS.answer)


def test_a_lease_is_kept_until_a_retry() -> None:
    """However long the service wants to be left alone: nobody else may ask meanwhile."""
    rig = Rig(RateLimitedError(retry_after=60.0))
    tried: list[bool] = []
    rig.time.meanwhile = lambda: tried.append(rig.other.renew(KEY))
    assert rig.buy() == BOUGHT
    assert tried
    assert not any(tried)
    assert rig.time.now_is == pytest.approx(1060.0)


def test_a_text_that_another_build_paid_for_meanwhile_is_taken() -> None:
    """The lease was lost while the machine slept: nothing is asked, and the credit goes back."""
    rig = Rig(RateLimitedError(retry_after=60.0), time=Time(is_asleep=True))

    def pay() -> None:
        rig.other_takes_it()
        rig.other_pays()
        rig.time.meanwhile = lambda: None

    rig.time.meanwhile = pay
    assert rig.buy() == THEIRS
    assert len(rig.service.requests) == 1
    assert rig.budget.spent == 0
    assert rig.budget.reserve(1)
    assert rig.cache.leases == {}


@pytest.mark.parametrize("pays", [True, False])
def test_a_build_that_lost_its_lease_waits_for_the_new_holder(*, pays: bool) -> None:
    """It asks only when that one gave up; other pictures are asked for while it waits."""
    rig = Rig(RateLimitedError(retry_after=60.0), time=Time(is_asleep=True))
    requests: list[int] = []

    def end() -> None:
        requests.append(len(rig.service.requests))
        rig.other_takes_it()
        with rig.throttle.slot(lambda: False):
            pass
        if len(requests) == 30:
            rig.other_pays() if pays else rig.other.release(KEY)
            rig.time.meanwhile = lambda: None

    def begin() -> None:
        rig.other_takes_it()
        rig.time.meanwhile = end

    rig.time.meanwhile = begin
    assert rig.buy() == (THEIRS if pays else BOUGHT)
    assert set(requests) == {1}
    assert len(rig.service.requests) == (1 if pays else 2)
    assert rig.cache.leases == {}


def test_a_lease_that_was_lost_while_the_picture_was_made_ready() -> None:
    """Is noticed before anything is sent."""
    rig = Rig()

    def load() -> None:
        rig.time.now_is += 2 * LEASE_SECONDS
        rig.other_takes_it()
        rig.other_pays()

    rig.load = load
    assert rig.buy() == THEIRS
    assert rig.service.requests == []
    assert rig.budget.reserve(1)


def test_a_lease_is_kept_in_the_queue_for_a_place() -> None:
    """Others' requests may take long."""
    rig = Rig()
    tried: list[bool] = []
    others_request = ExitStack()
    others_request.enter_context(rig.throttle.slot(lambda: False))

    def look() -> None:
        if len(tried) < 4:
            rig.time.now_is += 20.0
            tried.append(rig.other.renew(KEY))
        else:
            others_request.close()

    def load() -> None:
        rig.time.at_each_look = look

    rig.load = load
    assert rig.buy() == BOUGHT
    assert tried == [False] * 4


def test_a_store_that_breaks_in_a_retry_s_wait_counts_when_it_is_over() -> None:
    """What it says just before the request decides."""
    for is_repaired, result in ((True, BOUGHT), (False, Failure(Reason.CACHE_UNUSABLE))):
        rig = Rig(RateLimitedError(retry_after=60.0))

        def pass_by(rig: Rig = rig, *, is_repaired: bool = is_repaired) -> None:
            rig.cache.usable = is_repaired and not rig.cache.usable

        rig.time.meanwhile = pass_by
        assert rig.buy() == result
