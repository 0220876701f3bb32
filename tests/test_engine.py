"""The onion around a service: what is asked, how often, in what order, and at what price."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from doubles import LoadedPictures, MemoryCache
from scripted_service import DEFAULT, ScriptedService

from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.lease import Lease
from mkdocs_alttext.captioning.limits import Budget, Throttle
from mkdocs_alttext.captioning.request import (
    CaptionRequest,
    CaptionResponse,
    Halt,
    Purchaser,
)
from mkdocs_alttext.captioning.retry import FAILURES_IN_A_ROW, Breaker, Retry
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    CreditsExhaustedError,
    ImageError,
    ImageRejectedError,
    KeyRejectedError,
    RateLimitedError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import (
    Answer,
    CaptionKey,
    Failure,
    Origin,
    PreparedImage,
    Reason,
    StoredAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs_alttext.captioning.request import CaptionResult

    Build = Callable[..., "Rig"]

LONG = 30.0
"""Seconds that a test waits before it fails; none of them passes."""
PICTURE = PreparedImage(b"pixels", "image/png", 8, 6)
BOUGHT = CaptionResponse(StoredAnswer(DEFAULT), Origin.SERVICE)
FOUND = CaptionResponse(BOUGHT.answer, Origin.STORE)
STORED = CaptionResponse(StoredAnswer("A stored text"), Origin.STORE)


def question(
    name: str = "x.png", *, language: str = "en", broken: Reason | None = None
) -> CaptionRequest:
    """Ask for a picture whose bytes are told by its name."""

    def load() -> PreparedImage:
        if broken:
            raise ImageError(broken, "as the test wants it")
        return PICTURE

    return request_for(CaptionKey(name, language, "scripted/1"), load)


def request_for(key: CaptionKey, load: Callable[[], PreparedImage]) -> CaptionRequest:
    """Ask for a picture that a call returns."""
    return CaptionRequest(key, key.sha256, LoadedPictures(load))


def result_of(asked: Future[CaptionResult]) -> CaptionResult:
    """Wait for an answer, if it is not there."""
    return asked.result(LONG)


class NoWait(Random):
    """Chance that waits for no retry."""

    def uniform(self, a: float, b: float) -> float:
        """Return no time at all."""
        del a, b
        return 0.0


@dataclass
class Rig:
    """An engine with its parts at hand."""

    service: ScriptedService = field(default_factory=ScriptedService)
    cache: MemoryCache = field(default_factory=MemoryCache)
    limit: int | None = None
    max_retries: int = 0
    concurrency: int = 1
    refusal: Failure | None = None
    is_dry_run: bool = False
    on_progress: Callable[[int, int], None] = lambda *_: None

    def __post_init__(self) -> None:
        """Put the parts together."""
        self.budget = Budget(self.limit)
        self.throttle = Throttle(self.concurrency)
        purchaser = Purchaser(
            service=self.service,
            cache=self.cache,
            lease=Lease(self.cache, seconds=60, is_free=not self.service.credits_per_image),
            budget=self.budget,
            retry=Retry(self.max_retries, random=NoWait()),
            throttle=self.throttle,
            breaker=Breaker(),
            halt=Halt(),
        )
        self.engine = CaptionEngine(
            purchaser,
            concurrency=self.concurrency,
            refusal=self.refusal,
            is_dry_run=self.is_dry_run,
            on_progress=self.on_progress,
        )

    def ask(self, *questions: CaptionRequest) -> list[CaptionResult]:
        """Ask in this order, then wait for all."""
        asked = [self.engine.ask(each) for each in questions]
        return [result_of(each) for each in asked]

    @property
    def spending(self) -> tuple[int, int]:
        """Credits spent, and credits that may have been charged."""
        return self.budget.spent, self.budget.uncertain


@pytest.fixture
def build() -> Iterator[Build]:
    """Make rigs; each one's engine is closed in the end, and leaves no thread."""
    before = set(threading.enumerate())
    made: list[Rig] = []

    def make(**parts: Any) -> Rig:  # noqa: ANN401 - what a rig takes
        made.append(Rig(**parts))
        return made[-1]

    yield make
    for rig in made:
        rig.engine.close()
    assert set(threading.enumerate()) <= before


# what is asked


def test_a_stored_text_costs_nothing(build: Build) -> None:
    """Neither a request, nor a look at the picture or the balance, nor a thread."""
    asked = question(broken=Reason.UNREADABLE)
    rig = build(limit=0)
    rig.cache.hold(asked.key, "A stored text")
    threads = threading.active_count()
    assert rig.engine.ask(asked).result(0) == STORED
    assert (rig.service.requests, rig.service.balance_requests) == ([], 0)
    assert threading.active_count() == threads


def test_a_missing_text_is_bought_once_and_kept(build: Build) -> None:
    """The next build finds it."""
    rig = build()
    assert rig.ask(question(), question()) == [BOUGHT, BOUGHT]
    assert rig.service.requests == [(PICTURE, "en")]
    assert rig.spending == (1, 0)
    again = build(cache=rig.cache)
    assert again.ask(question()) == [FOUND]
    assert again.service.requests == []


def test_equal_pictures_are_asked_for_once_across_threads(build: Build) -> None:
    """Whoever comes first."""
    rig = build(concurrency=8)
    with ThreadPoolExecutor(8) as pool:
        results = pool.map(lambda _: rig.ask(question())[0], range(64), timeout=LONG)
        assert set(results) == {BOUGHT}
    assert len(rig.service.requests) == 1


def test_pictures_are_made_ready_while_others_wait_for_their_answers(build: Build) -> None:
    """Two with eight requests in flight, so that no place stays empty, and never more."""
    count, lock = Counter[str](), threading.Lock()
    is_ahead = threading.Event()

    def load() -> PreparedImage:
        with lock:
            count["loaded"] += 1
            count["most"] = max(count["most"], count["loaded"] - count["answered"])
            if count["loaded"] == 10:
                is_ahead.set()
        return PICTURE

    def answer() -> str:
        assert is_ahead.wait(LONG)
        with lock:
            count["answered"] += 1
        return DEFAULT

    service = ScriptedService(*[answer] * 40, credits_per_image=0)
    rig = build(service=service, concurrency=8)
    keys = [CaptionKey(str(number), "en", "scripted/1") for number in range(40)]
    assert rig.ask(*(request_for(key, load) for key in keys)) == [BOUGHT] * 40
    assert (count["loaded"], count["most"]) == (40, 10)


def test_languages_are_asked_for_one_by_one(build: Build) -> None:
    """A text in one is none in another."""
    rig = build()
    rig.ask(question(language="en"), question(language="fr"))
    assert [language for _, language in rig.service.requests] == ["en", "fr"]


def test_two_builds_pay_once(build: Build) -> None:
    """The second one waits for the first one's lease, and finds its text in the store."""
    second_waits = threading.Event()

    class Watched(MemoryCache):
        def acquire(self, key: CaptionKey, *, owner: str, seconds: float) -> bool:
            held = super().acquire(key, owner=owner, seconds=seconds)
            if not held:
                second_waits.set()
            return held

    def answer_when_the_second_waits() -> str:
        assert second_waits.wait(LONG)
        return DEFAULT

    cache = Watched()
    first = build(service=ScriptedService(answer_when_the_second_waits), cache=cache)
    second = build(cache=cache, limit=1)
    one = first.engine.ask(question())
    other = second.engine.ask(question())
    results = {result_of(one), result_of(other)}
    assert results == {BOUGHT, FOUND}
    assert len(first.service.requests) + len(second.service.requests) == 1
    assert first.budget.spent + second.budget.spent == 1
    assert cache.leases == {}


def test_pictures_are_asked_for_in_the_order_of_their_pages(build: Build) -> None:
    """So that a budget is spent from the top."""
    rig = build(limit=3)
    results = rig.ask(*(question(f"{number}.png") for number in range(5)))
    assert results == [BOUGHT] * 3 + [Failure(Reason.OVER_BUDGET)] * 2


def test_a_picture_that_the_end_of_the_build_keeps_from_being_decoded(build: Build) -> None:
    """Is cancelled, like all others that are not asked for any more."""

    def load() -> PreparedImage:
        raise CancelledError

    asked = request_for(CaptionKey("x.png", "en", "scripted/1"), load)
    for price in (0, 1):  # without a look at the balance and after it
        rig = build(service=ScriptedService(credits_per_image=price))
        assert rig.ask(asked) == [Failure(Reason.CANCELLED)]
        assert rig.cache.leases == {}
    dry = build(refusal=Failure(Reason.NOT_ASKED), is_dry_run=True)
    assert dry.ask(asked) == [Failure(Reason.CANCELLED)]


# what is stored


def test_what_was_paid_for_is_stored_before_anyone_sees_it(build: Build) -> None:
    """A kill in between loses nothing."""
    seen: list[bool] = []

    class Watched(MemoryCache):
        def put(self, key: CaptionKey, answer: StoredAnswer, *, owner: str | None = None) -> bool:
            seen.append(future.done())
            return super().put(key, answer, owner=owner)

    gate = threading.Event()

    def answer() -> str:
        assert gate.wait(LONG)
        return DEFAULT

    rig = build(service=ScriptedService(answer), cache=Watched())
    future = rig.engine.ask(question())
    gate.set()
    assert result_of(future) == BOUGHT
    assert seen == [False]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ImageRejectedError(), Reason.IMAGE_REJECTED),
        (BadAnswerError(), Reason.BAD_ANSWER),
        (ServiceUnavailableError(), Reason.SERVICE_UNAVAILABLE),
        (RateLimitedError(), Reason.RATE_LIMITED),
        (RequestTimedOutError(), Reason.TIMED_OUT),
    ],
)
def test_a_failure_is_reported_and_never_stored(
    build: Build, error: Exception, reason: Reason
) -> None:
    """So the next build asks again."""
    rig = build(service=ScriptedService(error))
    (result,) = rig.ask(question())
    assert isinstance(result, Failure)
    assert result.reason is reason
    assert (rig.cache.answers, rig.cache.leases) == ({}, {})
    rig.engine.note_told()
    assert build(cache=rig.cache).ask(question()) == [BOUGHT]


@pytest.mark.parametrize("answer", ["", "x.png", "I'm sorry, I can't", "x" * 3999, '{"a": 1}'])
def test_an_answer_that_is_unfit_is_kept_as_it_came(build: Build, answer: str) -> None:
    """It was paid for, so the next build does not ask again; who uses it judges it."""
    rig = build(service=ScriptedService(answer))
    kept = StoredAnswer(answer)
    assert rig.ask(question()) == [CaptionResponse(kept, Origin.SERVICE)]
    again = build(cache=rig.cache)
    assert again.ask(question()) == [CaptionResponse(kept, Origin.STORE)]
    assert again.service.requests == []
    assert (rig.budget.spent, again.budget.spent) == (1, 0)


def test_what_cannot_be_printed_is_not_kept(build: Build) -> None:
    """Nor what is longer than any text that is published."""
    rig = build(service=ScriptedService("A\u202e red\x00\n bicycle", "x " * 100_000))
    rig.ask(question("a.png"), question("b.png"))
    first, second = rig.cache.texts.values()
    assert first == DEFAULT
    assert len(second) == 4000


@pytest.mark.parametrize(
    ("error", "spending"),
    [
        (ImageRejectedError(reason=Reason.NO_TEXT_FOUND, is_final=True), (0, 0)),
        (BadAnswerError("as it says", reason=Reason.IMAGE_REJECTED, is_final=True), (0, 1)),
    ],
)
def test_a_failure_that_is_final_is_remembered(
    build: Build, error: ServiceError, spending: tuple[int, int]
) -> None:
    """Asking again could only end the same way, and may be charged each time."""
    rig = build(service=ScriptedService(error))
    assert rig.ask(question()) == [Failure(error.reason, error.detail)]
    assert rig.spending == spending
    kept = StoredAnswer(failed=error.reason, detail=error.detail)
    assert list(rig.cache.answers.values()) == [kept]
    assert rig.cache.leases == {}
    assert (rig.cache.marks, rig.cache.untold.total()) == ({}, spending[1])
    again = build(cache=rig.cache)
    assert again.ask(question()) == [CaptionResponse(kept, Origin.STORE)]
    assert again.service.requests == []


@pytest.mark.parametrize("price", [0, 1], ids=["free", "with a look at the balance"])
def test_a_picture_that_takes_too_long_is_tried_once(build: Build, price: int) -> None:
    """It would take as long in each build, in each language, for each service."""
    tried: list[str] = []

    def load(language: str) -> PreparedImage:
        tried.append(language)
        raise ImageError(Reason.UNDECODABLE, "too complex", is_final=True)

    cache = MemoryCache()
    for language in ("en", "de"):
        rig = build(service=ScriptedService(credits_per_image=price), cache=cache)
        key = CaptionKey("x.png", language, "scripted/1")
        asked = request_for(key, partial(load, language))
        assert rig.ask(asked) == [Failure(Reason.UNDECODABLE, "too complex")]
    assert tried == ["en"]
    assert cache.leases == {}


# what a build that died had sent


def test_a_request_is_noted_while_it_is_under_way(build: Build) -> None:
    """And no longer."""
    seen: list[int] = []

    def answer() -> str:
        seen.append(len(cache.marks))
        return DEFAULT

    def fail() -> str:
        seen.append(len(cache.marks))
        raise ImageRejectedError

    cache = MemoryCache()
    rig = build(service=ScriptedService(answer, fail), cache=cache)
    rig.ask(question("a.png"), question("b.png"))
    assert seen == [1, 1]
    assert cache.marks == {}


def test_what_a_build_that_died_had_sent_is_counted_once(build: Build) -> None:
    """Outside the limit of the build that finds it, which asks once more."""
    cache = MemoryCache()
    for name in ("a.png", "b.png"):
        cache.marks[question(name).key] = "dead"
    cache.marks[question("gone.png").key] = "dead"
    cache.untold["dead"] = 2
    for is_told in (False, True):
        rig = build(cache=cache, limit=2)
        rig.ask(question("a.png"), question("b.png"), question(f"{is_told}.png"))
        assert rig.budget.uncertain == 5
        if is_told:
            rig.engine.note_told()
    assert (cache.marks, cache.untold.total()) == ({}, 0)


def test_requests_that_may_have_been_charged_are_noted_until_the_user_is_told(
    build: Build,
) -> None:
    """A build that ends without a summary leaves them to the next one."""
    cache = MemoryCache()
    for is_told, earlier in ((False, 0), (True, 1), (True, 0)):
        rig = build(service=ScriptedService(RequestTimedOutError()), cache=cache)
        rig.ask(question())
        assert rig.spending == (0, 1 + earlier)
        if is_told:
            rig.engine.note_told()
        assert cache.untold.total() == (0 if is_told else 1)


def test_a_free_service_leaves_no_notes(build: Build) -> None:
    """Nothing can be lost."""
    rig = build(service=ScriptedService(RequestTimedOutError(), credits_per_image=0))
    rig.ask(question())
    assert (rig.cache.marks, rig.cache.untold.total()) == ({}, 0)


def test_nothing_is_paid_for_that_cannot_be_kept(build: Build) -> None:
    """Each build would pay for it again."""
    rig = build()
    rig.cache.usable = False
    assert rig.ask(question()) == [Failure(Reason.CACHE_UNUSABLE)]
    assert rig.service.requests == []
    assert rig.budget.spent == 0


def test_a_store_that_breaks_meanwhile_does_not_keep_a_text_from_its_page(build: Build) -> None:
    """It was paid for."""
    cache = MemoryCache()

    def break_and_answer() -> str:
        cache.usable = False
        return DEFAULT

    rig = build(service=ScriptedService(break_and_answer), cache=cache)
    assert rig.ask(question()) == [BOUGHT]


# what goes wrong


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyRejectedError(), Reason.KEY_REJECTED),
        (CreditsExhaustedError(), Reason.OUT_OF_CREDITS),
    ],
)
def test_a_refused_account_is_not_asked_again(
    build: Build, error: Exception, reason: Reason
) -> None:
    """Neither for what waits nor for what comes later; what is stored is still used."""
    rig = build(service=ScriptedService(error), max_retries=3)
    stored = question("stored.png")
    rig.cache.hold(stored.key, "A stored text")
    results = rig.ask(*(question(f"{number}.png") for number in range(5)))
    results += rig.ask(question("later.png"))
    assert results == [Failure(reason)] * 6
    assert len(rig.service.requests) == 1
    assert rig.engine.stopped == Failure(reason)
    assert rig.ask(stored) == [STORED]
    assert rig.spending == (0, 0)


def test_a_key_that_the_balance_rejects_stops_all(build: Build) -> None:
    """Before any picture is sent."""
    rig = build(service=ScriptedService(balance=KeyRejectedError()))
    assert rig.ask(question("a"), question("b")) == [Failure(Reason.KEY_REJECTED)] * 2
    assert rig.service.requests == []


def test_a_balance_that_cannot_be_had_stops_nothing(build: Build) -> None:
    """Each answer tells it, too."""
    answer = Answer(DEFAULT, credits_remaining=7)
    rig = build(service=ScriptedService(answer, balance=ServiceUnavailableError()))
    assert rig.ask(question()) == [BOUGHT]
    assert rig.budget.balance == 7


def test_a_picture_that_cannot_be_read_costs_nothing(build: Build) -> None:
    """And its credit buys the next one."""
    rig = build(limit=1)
    broken, sound = rig.ask(question("b.png", broken=Reason.UNDECODABLE), question())
    assert broken == Failure(Reason.UNDECODABLE, "as the test wants it")
    assert sound == BOUGHT
    assert rig.spending == (1, 0)


def test_a_service_can_raise_anything(build: Build) -> None:
    """Only the error's name is told: its text may hold anything, too."""
    rig = build(service=ScriptedService(RuntimeError("a key: 1234")))
    assert rig.ask(question(), question("y.png")) == [
        Failure(Reason.INTERNAL_ERROR, "RuntimeError"),
        BOUGHT,
    ]
    assert rig.spending == (1, 1)  # nobody knows whether that request was charged


def test_a_dead_service_is_left_alone(build: Build) -> None:
    """After some pictures in a row, the others are not tried."""
    rig = build(service=ScriptedService(*[ServiceUnavailableError()] * 20))
    results = rig.ask(*(question(f"{number}.png") for number in range(12)))
    assert results == [Failure(Reason.SERVICE_UNAVAILABLE)] * 12
    assert len(rig.service.requests) == FAILURES_IN_A_ROW
    assert rig.engine.stopped == Failure(Reason.SERVICE_UNAVAILABLE)
    assert rig.spending == (0, 0)


@pytest.mark.parametrize("is_final", [False, True])
def test_a_service_that_answers_with_nonsense_is_left_alone(
    build: Build, *, is_final: bool
) -> None:
    """It may charge for each."""
    rig = build(service=ScriptedService(*[BadAnswerError(is_final=is_final)] * 20))
    rig.ask(*(question(f"{number}.png") for number in range(20)))
    assert rig.spending == (0, FAILURES_IN_A_ROW)
    assert rig.engine.stopped == Failure(Reason.BAD_ANSWER)


@pytest.mark.parametrize(
    "error",
    [ImageRejectedError(), BadAnswerError(reason=Reason.IMAGE_REJECTED, is_final=True)],
    ids=repr,
)
def test_a_service_that_refuses_pictures_is_alive(build: Build, error: ServiceError) -> None:
    """Their number does not matter."""
    rig = build(service=ScriptedService(*[error] * 20))
    rig.ask(*(question(f"{number}.png") for number in range(20)))
    assert len(rig.service.requests) == 20
    assert rig.engine.stopped is None


# what is tried again


def test_a_passing_failure_is_tried_again(build: Build) -> None:
    """And costs one credit in the end."""
    script = (ServiceUnavailableError(), RateLimitedError(retry_after=0.0), DEFAULT)
    rig = build(service=ScriptedService(*script), max_retries=2, limit=1)
    assert rig.ask(question()) == [BOUGHT]
    assert len(rig.service.requests) == 3
    assert rig.spending == (1, 0)


def test_retries_end(build: Build) -> None:
    """With the last reason; the credit is given back."""
    rig = build(service=ScriptedService(*[RateLimitedError()] * 9), max_retries=2, limit=1)
    assert rig.ask(question()) == [Failure(Reason.RATE_LIMITED)]
    assert len(rig.service.requests) == 3
    assert rig.spending == (0, 0)


def test_being_told_to_slow_down_slows_down(build: Build) -> None:
    """Fewer requests side by side from then on."""
    rig = build(service=ScriptedService(RateLimitedError()), concurrency=8, max_retries=1)
    rig.ask(question())
    assert rig.throttle.limit == 4


# what it costs


def test_a_request_that_timed_out_may_have_been_charged(build: Build) -> None:
    """It is counted, made again once, and counted again."""
    rig = build(service=ScriptedService(*[RequestTimedOutError()] * 9), max_retries=5)
    assert rig.ask(question()) == [Failure(Reason.TIMED_OUT)]
    assert len(rig.service.requests) == 2
    assert rig.spending == (0, 2)


def test_a_doubtful_credit_counts_against_the_limit(build: Build) -> None:
    """No build spends more than it was allowed, even at worst."""
    rig = build(service=ScriptedService(RequestTimedOutError()), max_retries=5, limit=1)
    assert rig.ask(question()) == [Failure(Reason.OVER_BUDGET)]
    assert len(rig.service.requests) == 1
    assert rig.spending == (0, 1)


def test_an_answer_that_cannot_be_read_may_have_been_charged(build: Build) -> None:
    """It is not asked for again."""
    rig = build(service=ScriptedService(BadAnswerError()), max_retries=5)
    rig.ask(question())
    assert len(rig.service.requests) == 1
    assert rig.spending == (0, 1)


def test_an_answer_that_is_judged_out_was_paid_for(build: Build) -> None:
    """As the service sees it."""
    rig = build(service=ScriptedService("image"))
    rig.ask(question())
    assert rig.spending == (1, 0)


def test_no_picture_is_prepared_twice(build: Build) -> None:
    """Not even the one that is prepared before the balance is asked for."""
    loaded = []

    def load(name: str) -> PreparedImage:
        loaded.append(name)
        return PICTURE

    rig = build(service=ScriptedService(balance=5))
    keys = [CaptionKey(name, "en", "scripted/1") for name in ("a.png", "b.png")]
    questions = [request_for(key, partial(load, key.sha256)) for key in keys]
    assert rig.ask(*questions) == [BOUGHT] * 2
    assert loaded == ["a.png", "b.png"]


def test_the_account_s_balance_is_a_limit(build: Build) -> None:
    """Nothing is sent that nobody can pay for."""
    rig = build(service=ScriptedService(balance=1), limit=5)
    results = rig.ask(question("a.png"), question("b.png"))
    assert results == [BOUGHT, Failure(Reason.OUT_OF_CREDITS)]
    assert rig.service.balance_requests == 1


def test_a_free_service_has_no_limit(build: Build) -> None:
    """And no balance to ask for."""
    rig = build(service=ScriptedService(balance=0, credits_per_image=0), limit=0)
    assert rig.ask(question("a.png"), question("b.png")) == [BOUGHT] * 2
    assert rig.service.balance_requests == 0
    assert rig.spending == (0, 0)


@pytest.mark.parametrize("concurrency", [1, 8])
def test_side_by_side_or_not_the_limit_holds(build: Build, concurrency: int) -> None:
    """And every credit that was not charged is there for another picture."""
    script = (ImageRejectedError(), DEFAULT, RequestTimedOutError(), DEFAULT)
    rig = build(service=ScriptedService(*script * 3), limit=6, concurrency=concurrency)
    results = rig.ask(*(question(f"{number}.png") for number in range(40)))
    assert sum(rig.spending) == 6
    assert results.count(BOUGHT) == rig.budget.spent
    assert results[-1] == Failure(Reason.OVER_BUDGET)


# builds that may not ask


def test_a_build_that_may_not_ask_uses_what_is_stored(build: Build) -> None:
    """And says why it does not ask, at once."""
    refusal = Failure(Reason.NO_KEY)
    rig = build(refusal=refusal)
    rig.cache.hold(question().key, "A stored text")
    other = rig.engine.ask(question("other.png", broken=Reason.UNREADABLE))
    assert other.result(0) == refusal == rig.engine.stopped
    assert rig.ask(question()) == [STORED]
    assert (rig.service.requests, rig.service.balance_requests) == ([], 0)


def test_a_dry_run_counts_what_would_be_spent(build: Build) -> None:
    """Each picture once, and none that cannot be sent."""
    refusal = Failure(Reason.NOT_ASKED)
    rig = build(refusal=refusal, is_dry_run=True, limit=0)
    results = rig.ask(
        question("a.png"), question("a.png"), question("b.png", broken=Reason.ZERO_SIZE), question()
    )
    assert results[0] == results[1] == results[3] == refusal
    assert results[2] == Failure(Reason.ZERO_SIZE, "as the test wants it")
    assert rig.engine.would_spend == 2
    assert (rig.service.requests, rig.service.balance_requests, rig.cache.texts) == ([], 0, {})


# waiting and closing


def test_waiting_for_an_answer_tells_how_far_all_are(build: Build) -> None:
    """And what is answered is not waited for."""
    gate = threading.Event()
    told: list[tuple[int, int]] = []

    def answer() -> str:
        assert gate.wait(LONG)
        return DEFAULT

    def on_progress(answered: int, asked: int) -> None:
        told.append((answered, asked))
        gate.set()

    waiting = build(service=ScriptedService(answer, answer), on_progress=on_progress)
    futures = [waiting.engine.ask(question("a.png")), waiting.engine.ask(question("b.png"))]
    answers = [waiting.engine.wait_for(each) for each in futures]
    assert [type(each) for each in answers] == [CaptionResponse, CaptionResponse]
    assert told[0] == (0, 2)
    told.clear()
    assert [waiting.engine.wait_for(each) for each in futures] == answers
    assert told == []


def test_closing_closes_everything(build: Build) -> None:
    """And nothing is asked afterwards."""
    rig = build()
    rig.ask(question())
    rig.engine.close()
    assert rig.cache.closed
    assert rig.service.closed
    assert rig.ask(question("later.png")) == [Failure(Reason.CANCELLED)]
    assert len(rig.service.requests) == 1


def test_closing_interrupts_a_retry_s_wait(build: Build) -> None:
    """Nobody waits a minute for Ctrl-C."""
    waits = threading.Event()

    def busy() -> str:
        waits.set()
        raise RateLimitedError(retry_after=60.0)

    rig = build(service=ScriptedService(busy), max_retries=3)
    future = rig.engine.ask(question())
    assert waits.wait(LONG)
    rig.engine.close()
    assert isinstance(result_of(future), Failure)
    assert len(rig.service.requests) == 1


def test_closing_waits_for_nobody_who_hangs(build: Build) -> None:
    """Neither does the interpreter, at its end; what is answered late is not lost."""
    hangs, gate = threading.Event(), threading.Event()

    def hang() -> str:
        hangs.set()
        assert gate.wait(LONG)
        return DEFAULT

    rig = build(service=ScriptedService(hang))
    future = rig.engine.ask(question())
    assert hangs.wait(LONG)
    rig.engine.close()
    assert not future.done()
    left = [thread for thread in threading.enumerate() if thread.name == "alttext"]
    assert [thread.daemon for thread in left] == [True]
    gate.set()
    assert result_of(future) == BOUGHT
    left[0].join(LONG)
    assert rig.cache.texts == {question().key: DEFAULT}


def test_one_slow_request_may_use_the_whole_patience(build: Build) -> None:
    """What it was asked for is paid, however many others have ended at once."""
    most = 8
    all_ask, answered = threading.Barrier(most), threading.Event()

    def quick() -> str:
        all_ask.wait(LONG)
        return DEFAULT

    def slow() -> str:
        all_ask.wait(LONG)
        assert answered.wait(LONG)
        return DEFAULT

    service = ScriptedService(slow, *[quick] * (most - 1), credits_per_image=0)
    rig = build(service=service, concurrency=most)
    asked = [rig.engine.ask(question(f"{number}.png")) for number in range(most)]
    for _, each in zip(range(most - 1), as_completed(asked, LONG), strict=False):
        assert each.result() == BOUGHT
    # Later than an eighth of the patience, and before its end.
    answer = threading.Timer(0.4, answered.set)
    answer.start()
    rig.engine.close()
    assert all(each.done() for each in asked)
    answer.join()


# threads that cannot be had


NO_THREAD = Failure(Reason.OUT_OF_RESOURCES, "this machine cannot start another thread")


@pytest.mark.parametrize("price", [0, 1], ids=["free", "with a look at the balance"])
def test_a_build_without_threads_goes_on(
    build: Build, threads_left: list[None], price: int
) -> None:
    """Its pictures stay without text, however many, and no credit is lost by it."""
    rig = build(service=ScriptedService(credits_per_image=price), limit=1, concurrency=8)
    missing = [rig.engine.ask(question(f"{number}.png")) for number in range(3000)]
    assert {result_of(each) for each in missing} == {NO_THREAD}
    assert rig.service.requests == []
    threads_left.append(None)
    assert rig.ask(question()) == [BOUGHT]


def test_pictures_whose_threads_fail_once_the_balance_is_known(
    build: Build, threads_left: list[None]
) -> None:
    """The thread that asked for it does them all."""
    threads_left.append(None)
    rig = build(limit=30, concurrency=8)
    are_asked = threading.Event()

    def load() -> PreparedImage:
        assert are_asked.wait(LONG)  # else the thread may have ended, and no other can be started
        return PICTURE

    keys = [CaptionKey(f"{number}.png", "en", "scripted/1") for number in range(30)]
    asked = [rig.engine.ask(request_for(key, load)) for key in keys]
    are_asked.set()
    assert [result_of(each) for each in asked] == [BOUGHT] * 30


def test_a_dry_run_without_threads_goes_on(build: Build, threads_left: list[None]) -> None:
    """It has no credits to give back."""
    assert threads_left == []
    rig = build(refusal=Failure(Reason.NOT_ASKED), is_dry_run=True)
    assert rig.ask(question(), question("y.png")) == [NO_THREAD] * 2
    assert rig.engine.would_spend == 0
    assert rig.budget.reserve(1)


# futures that nothing would fill


@pytest.mark.parametrize("price", [0, 1], ids=["free", "with a look at the balance"])
def test_closing_answers_what_was_sent_off_and_not_begun(build: Build, price: int) -> None:
    """Whoever waits for it, from whichever thread, waits in vain otherwise."""
    loading, over = threading.Event(), threading.Event()

    def load() -> PreparedImage:
        loading.set()
        assert over.wait(LONG)
        return PICTURE

    rig = build(service=ScriptedService(credits_per_image=price))
    keys = [CaptionKey(str(number), "en", "scripted/1") for number in range(3)]
    asked = [rig.engine.ask(request_for(key, load)) for key in keys]
    assert loading.wait(LONG)
    asked[-1].add_done_callback(lambda _: over.set())
    rig.engine.close()
    assert [result_of(each) for each in asked] == [Failure(Reason.CANCELLED)] * 3
    assert rig.service.requests == []


class Exit(BaseException):
    """No `Exception`, as `SystemExit` is none."""


def test_a_look_at_the_balance_that_ends_its_thread_leaves_nobody_waiting(build: Build) -> None:
    """What ended it is told to those who wait; what is asked for later looks again."""

    class Service(ScriptedService):
        def credits_remaining(self) -> int | None:
            if self.balance_requests == 0:
                self.balance_requests += 1
                raise Exit
            return super().credits_remaining()

    rig = build(service=Service(balance=5))
    asked = rig.engine.ask(question())
    with pytest.raises(Exit):
        asked.result(LONG)
    assert rig.ask(question("y.png")) == [BOUGHT]


def test_a_service_that_cannot_be_closed(build: Build) -> None:
    """Does not keep the store open, nor end the build."""

    class Service(ScriptedService):
        def close(self) -> None:
            raise OSError

    rig = build(service=Service())
    assert rig.ask(question()) == [BOUGHT]
    rig.engine.close()
    assert rig.cache.closed
