"""What is tried again and when, when a service is left alone, and what may be spent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.retry import (
    FAILURES_IN_A_ROW,
    LOADING_PATIENCE,
    PATIENCE,
    Breaker,
    Retry,
)
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    RequestTimedOutError,
    ServiceError,
    ServiceLoadingError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Usage

FINAL = (KeyRejectedError, CreditsExhaustedError, ImageRejectedError, BadAnswerError, ServiceError)


class NoJitter(Random):
    """Chance that always takes the longest wait."""

    def uniform(self, a: float, b: float) -> float:
        """Return the upper end."""
        return max(a, b)


def retry(max_retries: int = 3) -> Retry:
    """Return the rule without chance."""
    return Retry(max_retries, random=NoJitter())


# retries


@pytest.mark.parametrize(
    ("retry_after", "attempts", "expected"),
    [
        # without a word from the service: doubled each time, capped
        (None, 1, 1.0),
        (None, 2, 2.0),
        (None, 3, 4.0),
        (None, 6, 32.0),
        (None, 7, 60.0),
        (None, 20, 60.0),
        # what the service asks for, while it is sane
        (0.0, 1, 0.0),
        (0.5, 1, 0.5),
        (30.0, 3, 30.0),
        (60.0, 1, 60.0),
        (61.0, 1, 60.0),
        (99_999_999.0, 1, 60.0),
        (float("inf"), 1, 60.0),
        (-1.0, 1, 0.0),
    ],
)
@pytest.mark.parametrize("kind", [RateLimitedError, ServiceUnavailableError])
def test_the_wait_is_bounded(
    kind: type[ServiceError], retry_after: float | None, attempts: int, expected: float
) -> None:
    """By doubling, by the service's own word, and by a cap above both."""
    errors = [kind(retry_after=retry_after)] * attempts
    assert retry(max_retries=50).delay(errors) == expected


def test_chance_only_shortens_the_wait() -> None:
    """So that builds that failed together don't come back together."""
    waits = [Retry(3).delay([RateLimitedError()]) for _ in range(50)]
    assert all(wait is not None and 0.5 <= wait <= 1.0 for wait in waits)
    assert len(set(waits)) > 40


@pytest.mark.parametrize("max_retries", [0, 1, 3])
def test_retries_are_counted(max_retries: int) -> None:
    """Beside the first attempt."""
    errors: list[ServiceError] = []
    while retry(max_retries).delay([*errors, ServiceUnavailableError()]) is not None:
        errors.append(ServiceUnavailableError())
    assert len(errors) == max_retries


@pytest.mark.parametrize("kind", FINAL)
def test_what_asking_again_cannot_change_is_not_asked_again(kind: type[ServiceError]) -> None:
    """Even where the service says when to come back, and whatever happened before."""
    assert retry().delay([kind(retry_after=1.0)]) is None
    assert retry().delay([RateLimitedError(), kind()]) is None


def test_what_may_have_been_charged_is_asked_once_more_at_most() -> None:
    """A timed-out request may have cost a credit."""
    timed_out, busy = RequestTimedOutError(), ServiceUnavailableError()
    assert retry(10).delay([timed_out]) == 1.0
    assert retry(10).delay([timed_out, busy]) == 2.0
    assert retry(10).delay([timed_out, timed_out]) is None
    assert retry(10).delay([timed_out, busy, timed_out]) is None
    assert retry(10).delay([timed_out, busy, timed_out, busy]) is None


# the breaker


def test_a_service_that_loads_its_model_is_waited_for() -> None:
    """Such refusals are no retries, but there is an end to them, and to those that are."""
    loading, down = ServiceLoadingError(retry_after=5.0), ServiceUnavailableError()
    retry = Retry(1, random=NoJitter())
    assert retry.delay([loading] * 20) == 5.0
    assert retry.delay([loading] * 20 + [down]) == 1.0
    assert retry.delay([down] + [loading] * 20) == 5.0
    assert retry.delay([down] + [loading] * 20 + [down]) is None
    assert retry.delay([loading] * 61) is None
    assert Retry(0).delay([loading]) is None


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_a_service_that_fails_image_after_image_is_left_alone() -> None:
    """After a number of images in a row; an answer in between starts the count anew."""
    breaker = Breaker(Clock())
    assert not any(
        breaker.failed(since=breaker.now(), delay=None) for _ in range(FAILURES_IN_A_ROW - 1)
    )
    breaker.answered()
    assert not any(
        breaker.failed(since=breaker.now(), delay=None) for _ in range(FAILURES_IN_A_ROW - 1)
    )
    assert breaker.failed(since=breaker.now(), delay=None)
    assert breaker.failed(since=breaker.now(), delay=None)


def test_patience_ends_after_a_time_without_a_sign_of_life() -> None:
    """Counted from when the first of the failing requests began."""
    clock = Clock()
    breaker = Breaker(clock)
    began = breaker.now()
    clock.now += PATIENCE - 1
    assert not breaker.failed(since=began)
    assert breaker.failed(since=began, delay=1.0)
    clock.now += 1
    assert breaker.failed(since=breaker.now())


def test_patience_is_longer_while_a_model_is_loaded() -> None:
    """Which is a sign of life, and has an end, too."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(10):
        clock.now += 25.0
        assert not breaker.failed(since=clock.now - 1, delay=5.0, is_loading=True)
    assert not breaker.failed(since=clock.now, delay=5.0)
    clock.now += LOADING_PATIENCE - 230.0
    assert breaker.failed(since=clock.now, delay=5.0, is_loading=True)


def test_answers_in_vain_are_counted_in_a_row() -> None:
    """A good one between them shows that the model can."""
    breaker = Breaker(Clock())
    assert [breaker.wasted() for _ in range(4)] == [False] * 4
    breaker.answered()
    assert [breaker.wasted() for _ in range(5)] == [False] * 4 + [True]


def test_an_answer_gives_patience_anew() -> None:
    """Even after a long time of failures."""
    clock = Clock()
    breaker = Breaker(clock)
    began = breaker.now()
    clock.now += PATIENCE
    assert breaker.failed(since=began)
    breaker.answered()
    assert not breaker.failed(since=breaker.now())


def test_an_earlier_request_moves_the_beginning_back() -> None:
    """Requests side by side fail in any order."""
    clock = Clock()
    breaker = Breaker(clock)
    clock.now += PATIENCE
    assert not breaker.failed(since=clock.now - 1)
    assert breaker.failed(since=clock.now - PATIENCE)


# the budget


def test_nothing_is_reserved_beyond_the_limit() -> None:
    """Reserved, spent and doubtful credits count alike; what is given back is free again."""
    budget = Budget(3)
    assert budget.reserve(1)
    assert budget.reserve(2)
    assert not budget.reserve(1)
    budget.give_back(1)
    assert budget.reserve(1)
    budget.charge(1, balance=None)
    budget.doubt(2)
    assert not budget.reserve(1)
    assert (budget.spent, budget.uncertain) == (1, 2)


def test_what_dead_builds_had_sent_is_outside_the_limit() -> None:
    """It is told, and takes nothing from this build or from the site's translations."""
    budget = Budget(3)
    budget.doubt_earlier(5)
    assert budget.reserve(3)
    budget.charge(1, balance=None)
    budget.doubt(1)
    assert (budget.charged, budget.uncertain) == (2, 6)


def test_without_a_limit_nothing_is_refused() -> None:
    """And what is free is free whatever the limit."""
    assert all(Budget(None).reserve(10**9) for _ in range(3))
    assert Budget(0).reserve(0)
    assert not Budget(0).reserve(1)


@pytest.mark.parametrize(
    ("limit", "balance", "allowed", "short"),
    [
        (None, None, 10, False),
        (None, 2, 2, True),
        (3, None, 3, False),
        (3, 2, 2, True),
        (3, 3, 3, False),
        (2, 5, 2, False),
        (None, 0, 0, True),
    ],
)
def test_the_balance_is_a_limit_too(
    limit: int | None, balance: int | None, allowed: int, *, short: bool
) -> None:
    """And the lower one counts."""
    budget = Budget(limit)
    budget.open_with(balance)
    assert sum(budget.reserve(1) for _ in range(10)) == allowed
    assert budget.is_short_of_balance is short


def test_the_lowest_balance_heard_is_the_last_one() -> None:
    """Answers arrive in any order."""
    budget = Budget(None)
    for balance in (98, None, 96, 97):
        budget.reserve(1)
        budget.charge(1, balance=balance)
    assert budget.balance == 96
    assert budget.spent == 4


def test_threads_cannot_pass_the_limit_together() -> None:
    """Whoever comes first."""
    budget = Budget(100)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: budget.reserve(1), range(400), timeout=30)) == 100


def test_the_budget_adds_up_what_answers_consumed() -> None:
    """What no answer told stays unknown."""
    budget = Budget(None)
    for usage in (Usage(1, None, 0.5), Usage(2, None, None), Usage()):
        budget.begin_request()
        budget.reserve(1)
        budget.charge(1, balance=None, usage=usage)
    budget.begin_request()
    assert budget.requests == 4
    assert budget.usage == Usage(3, None, 0.5)


# the throttle


def test_the_throttle_halves_and_grows_one_by_one() -> None:
    """Never below one, never above the most."""
    throttle = Throttle(8)
    throttle.answered()
    assert throttle.limit == 8
    limits = []
    for _ in range(5):
        throttle.refused()
        limits.append(throttle.limit)
    assert limits == [4, 2, 1, 1, 1]
    grown = []
    for _ in range(1 + 2 + 3):
        throttle.answered()
        grown.append(throttle.limit)
    assert grown == [2, 2, 3, 3, 3, 4]
    for _ in range(100):
        throttle.answered()
    assert throttle.limit == 8


def test_the_first_request_goes_alone_where_its_answer_tells_how_to_ask() -> None:
    """Then all at once; a refusal before leaves it alone."""
    throttle = Throttle(8, begins_alone=True)
    assert throttle.limit == 1
    throttle.refused()
    assert throttle.limit == 1
    throttle.answered()
    assert throttle.limit == 8


def test_a_refusal_starts_the_count_of_answers_anew() -> None:
    """Answers from before it say nothing of how many requests the service takes now."""
    throttle = Throttle(8)
    throttle.refused()
    for _ in range(3):
        throttle.answered()
    throttle.refused()
    throttle.answered()
    assert throttle.limit == 2
    throttle.answered()
    assert throttle.limit == 3


def test_no_more_are_in_flight_than_the_limit() -> None:
    """The next one waits for a place."""
    throttle = Throttle(1)
    entered, leave = threading.Event(), threading.Event()
    order: list[str] = []

    def second() -> None:
        entered.set()
        with throttle.slot(lambda: False):
            order.append("second")

    with throttle.slot(lambda: False):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(30)
        order.append("first")
        leave.set()
    thread.join(30)
    assert order == ["first", "second"]


def test_who_waits_comes_before_who_comes_later() -> None:
    """Even before one that comes at the moment in which a place is free."""
    throttle = Throttle(1)
    waiting, order = threading.Event(), []

    def is_over() -> bool:
        waiting.set()  # asked for by those who wait
        return False

    def wait() -> None:
        with throttle.slot(is_over):
            order.append("first")

    with throttle.slot(lambda: False):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(30)
    with throttle.slot(lambda: False):
        order.append("second")
    thread.join(30)
    assert order == ["first", "second"]


def test_those_who_wait_come_in_as_the_limit_grows() -> None:
    """And no earlier: two answers at a limit of two make it three."""
    throttle = Throttle(4)
    throttle.refused()
    waiting, entered = threading.Event(), threading.Event()

    def is_over() -> bool:
        waiting.set()
        return False

    def wait() -> None:
        with throttle.slot(is_over):
            entered.set()

    with throttle.slot(lambda: False), throttle.slot(lambda: False):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(30)
        throttle.answered()
        assert not entered.is_set()
        throttle.answered()
        assert entered.wait(30)
    thread.join(30)


def test_a_place_is_granted_at_once_when_all_is_over() -> None:
    """Whoever waited finds out for itself."""
    throttle = Throttle(1)
    with throttle.slot(lambda: False), throttle.slot(lambda: True):
        pass
    with throttle.slot(lambda: False):
        pass


def test_a_place_is_free_again_after_an_error() -> None:
    """Requests fail, too."""
    throttle = Throttle(1)
    with pytest.raises(RateLimitedError), throttle.slot(lambda: False):
        raise RateLimitedError
    with throttle.slot(lambda: False):
        pass
