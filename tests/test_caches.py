"""What every cache of answers promises, whatever it is made of."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis_server
from doubles import MemoryCache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis_server import RedisServer

from mkdocs_alttext.cache.base import MOST_CHARACTERS
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.lease_records import Holder
from mkdocs_alttext.cache.redis import RedisCache
from mkdocs_alttext.cache.redis_server import Server, ServerAddress
from mkdocs_alttext.cache.shared import SharedCache
from mkdocs_alttext.models import CaptionKey, Reason, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    AnswerCache = DiskCache | MemoryCache | RedisCache | SharedCache

KEY = CaptionKey(hashlib.sha256(b"a picture").hexdigest(), "en", "alttextai")
ANSWER = StoredAnswer("A red bicycle")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Begin at some moment."""
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        """Return seconds since the epoch."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return the clock that the cache in memory looks at."""
    return Clock()


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    """Run one server for all tests of this module."""
    redis_server.require()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture(params=["disk", "memory", "redis", "redis, signed", "shared"])
def cache(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[AnswerCache]:
    """Return one cache of each kind, empty."""
    made: AnswerCache
    if request.param == "disk":
        made = DiskCache(tmp_path / "cache")
    elif request.param == "memory":
        made = MemoryCache(clock=clock)
    else:
        running: RedisServer = request.getfixturevalue("running")
        with running.client() as client:
            client.flushall()
        secret = "a secret of many letters" if "signed" in request.param else ""
        made = RedisCache(Server(ServerAddress.of(running.url)), secret=secret)
        if request.param == "shared":
            made = SharedCache(DiskCache(tmp_path / "cache"), made)
    yield made
    made.close()


@pytest.fixture
def let_pass(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, cache: AnswerCache
) -> Callable[[float], None]:
    """Return what lets so many seconds pass for every lease."""

    def let_pass(seconds: float) -> None:
        clock.now += seconds
        database = tmp_path / "cache" / "cache.db"
        if database.exists():  # diskcache looks at the system's clock
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("UPDATE Cache SET expire_time = expire_time - ?", (seconds,))
        if isinstance(cache, (RedisCache, SharedCache)):  # and a server at its own
            with request.getfixturevalue("running").client() as client:
                for name in client.scan_iter("alttext:lease/*"):
                    client.pexpire(name, client.pttl(name) - int(seconds * 1000))

    return let_pass


def test_a_stored_answer_is_found_again(cache: AnswerCache) -> None:
    """What is put under a key is what the key gets."""
    assert cache.get(KEY) is None
    assert cache.put(KEY, ANSWER)
    assert cache.get(KEY) == ANSWER
    assert cache.problems() == ()


@pytest.mark.parametrize(
    "answer",
    [
        StoredAnswer(""),
        StoredAnswer("A key", model="small"),
        StoredAnswer(failed=Reason.NO_TEXT_FOUND),
        StoredAnswer(failed=Reason.IMAGE_REJECTED, detail="cannot read the image"),
    ],
)
def test_every_field_of_an_answer_is_kept(cache: AnswerCache, answer: StoredAnswer) -> None:
    """What was paid for is kept, fit to publish or not."""
    assert cache.put(KEY, answer)
    assert cache.get(KEY) == answer
    assert list(cache.entries()) == [(KEY, answer)]


@pytest.mark.parametrize(
    "other",
    [
        KEY._replace(sha256=hashlib.sha256(b"another picture").hexdigest()),
        KEY._replace(language="de"),
        KEY._replace(service="alttextai/2"),
        # the same letters, cut elsewhere
        KEY._replace(language="ena", service="lttextai"),
    ],
)
def test_every_part_of_a_key_matters(cache: AnswerCache, other: CaptionKey) -> None:
    """An answer is for one picture, one language and one service."""
    cache.put(KEY, ANSWER)
    assert cache.get(other) is None


def test_a_later_answer_replaces_an_earlier_one(cache: AnswerCache) -> None:
    """A key has one answer."""
    cache.put(KEY, StoredAnswer("A bicycle"))
    assert cache.put(KEY, ANSWER)
    assert cache.get(KEY) == ANSWER


@pytest.mark.parametrize(
    "text", ["x" * (MOST_CHARACTERS + 1), "half \ud83d"], ids=["too long", "lone surrogate"]
)
def test_a_text_that_cannot_be_kept_is_not_stored(cache: AnswerCache, text: str) -> None:
    """The cache says so and goes on missing."""
    assert not cache.put(KEY, StoredAnswer(text))
    assert cache.get(KEY) is None


@given(text=st.text(max_size=200))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_within_the_limits_survives(cache: AnswerCache, text: str) -> None:
    """Quotes, line breaks and every script come back as they were."""
    assert cache.put(KEY, StoredAnswer(text))
    assert cache.get(KEY) == StoredAnswer(text)


@pytest.mark.parametrize("character", ["x", "\x00", "\U0001f6b2", "\u2028", '"'])
def test_the_longest_text_survives(cache: AnswerCache, character: str) -> None:
    """The limit is in characters, however they are kept."""
    answer = StoredAnswer(character * MOST_CHARACTERS)
    assert cache.put(KEY, answer)
    assert cache.get(KEY) == answer


def test_a_lease_is_for_one_owner_at_a_time(cache: AnswerCache) -> None:
    """Others may have the lease on another key."""
    assert cache.acquire(KEY, owner="first", seconds=60)
    assert not cache.acquire(KEY, owner="second", seconds=60)
    assert cache.acquire(KEY._replace(language="de"), owner="second", seconds=60)


def test_a_lease_ends_when_its_owner_gives_it_back(cache: AnswerCache) -> None:
    """Nobody else can give it back."""
    cache.acquire(KEY, owner="first", seconds=60)
    cache.release(KEY, owner="second")
    assert not cache.acquire(KEY, owner="second", seconds=60)
    cache.release(KEY, owner="first")
    assert cache.acquire(KEY, owner="second", seconds=60)


def test_a_lease_ends_when_its_owner_stores_what_it_was_for(cache: AnswerCache) -> None:
    """In one step; storing gives nobody else's lease back, nor one on another key."""
    other = KEY._replace(language="de")
    for key in (KEY, other):
        cache.acquire(key, owner="first", seconds=60)
    assert cache.put(KEY, StoredAnswer("A bicycle"), owner="second")
    assert not cache.acquire(KEY, owner="second", seconds=60)
    assert cache.put(KEY, ANSWER, owner="first")
    assert cache.get(KEY) == ANSWER
    assert cache.acquire(KEY, owner="second", seconds=60)
    assert not cache.acquire(other, owner="second", seconds=60)


def test_an_answer_that_is_not_stored_gives_no_lease_back(cache: AnswerCache) -> None:
    """Who asked may ask again."""
    cache.acquire(KEY, owner="first", seconds=60)
    assert not cache.put(KEY, StoredAnswer("\ud83d"), owner="first")
    assert not cache.acquire(KEY, owner="second", seconds=60)


def test_a_lease_ends_by_itself(cache: AnswerCache, let_pass: Callable[[float], None]) -> None:
    """A holder that is gone keeps nobody waiting for ever."""
    cache.acquire(KEY, owner="first", seconds=60)
    let_pass(50)
    assert not cache.acquire(KEY, owner="second", seconds=60)
    let_pass(10)
    assert cache.acquire(KEY, owner="second", seconds=60)
    assert not cache.acquire(KEY, owner="first", seconds=60)


def test_an_owner_can_make_its_lease_last(
    cache: AnswerCache, let_pass: Callable[[float], None]
) -> None:
    """Asking again is renewing."""
    cache.acquire(KEY, owner="first", seconds=60)
    let_pass(50)
    assert cache.acquire(KEY, owner="first", seconds=60)
    let_pass(50)
    assert not cache.acquire(KEY, owner="second", seconds=60)


def test_giving_back_what_nobody_holds_does_nothing(cache: AnswerCache) -> None:
    """It is no problem either."""
    cache.release(KEY, owner="first")
    cache.end_request(KEY, owner="first", is_charged=False)
    assert cache.problems() == ()


def test_a_lease_is_no_answer(cache: AnswerCache) -> None:
    """Answers and leases of one key do not touch each other."""
    cache.acquire(KEY, owner="first", seconds=60)
    assert cache.get(KEY) is None
    cache.put(KEY, ANSWER)
    assert not cache.acquire(KEY, owner="second", seconds=60)


def test_a_request_that_was_never_answered_is_told_once(
    cache: AnswerCache, let_pass: Callable[[float], None]
) -> None:
    """By the next one that asks; the mark outlives the lease."""
    cache.acquire(KEY, owner="dead", seconds=60)
    assert not cache.mark_sent(KEY, owner="dead")
    assert not cache.mark_sent(KEY, owner="dead")
    let_pass(3600)
    assert cache.acquire(KEY, owner="first", seconds=60)
    assert cache.mark_sent(KEY, owner="first") == 1
    assert cache.mark_sent(KEY, owner="first") == 0
    cache.told(owner="first")
    assert cache.unanswered(owner="second") == 0


def test_what_several_dead_builds_had_sent_adds_up_until_somebody_is_told(
    cache: AnswerCache, let_pass: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether each asked for the same picture again, or not at all."""
    started = Holder.of_this_process

    def holder(owner: str) -> Holder:
        one = started(owner)
        return one._replace(pid=2**22 + 1) if "dead" in owner else one

    monkeypatch.setattr(Holder, "of_this_process", holder)
    other = KEY._replace(language="de")
    for owner in ("dead", "dead too", "dead as well"):
        assert cache.acquire(KEY, owner=owner, seconds=60)
        cache.mark_sent(KEY, owner=owner)
        let_pass(60)
    cache.acquire(other, owner="dead", seconds=60)
    cache.mark_sent(other, owner="dead")
    let_pass(60)
    assert cache.unanswered(owner="killed") == 4
    assert cache.unanswered(owner="killed") == 0
    # It gets an answer, and is killed before its summary all the same.
    assert cache.acquire(KEY, owner="killed", seconds=60)
    assert cache.mark_sent(KEY, owner="killed") == 0
    assert cache.put(KEY, ANSWER, owner="killed")


def test_an_answer_ends_the_mark(cache: AnswerCache) -> None:
    """That of the one who sent the request."""
    cache.mark_sent(KEY, owner="first")
    cache.put(KEY, ANSWER, owner="first")
    assert cache.unanswered(owner="second") == 0
    assert not cache.mark_sent(KEY, owner="second")


def test_what_is_under_way_is_not_taken_over(cache: AnswerCache) -> None:
    """Its build lives, and has the lease."""
    cache.acquire(KEY, owner="first", seconds=60)
    cache.mark_sent(KEY, owner="first")
    assert cache.unanswered(owner="second") == 0


def test_only_its_owner_can_end_a_mark(cache: AnswerCache) -> None:
    """Nobody else knows how its request ended."""
    cache.mark_sent(KEY, owner="first")
    cache.end_request(KEY, owner="second", is_charged=False)
    cache.told(owner="second")
    assert cache.mark_sent(KEY, owner="third") == 1
    cache.end_request(KEY, owner="third", is_charged=False)
    assert cache.mark_sent(KEY, owner="fourth") == 0  # the third lives, and tells of it
    cache.told(owner="fourth")
    assert cache.mark_sent(KEY, owner="fifth") == 0


def test_what_is_forgotten_is_gone(cache: AnswerCache, let_pass: Callable[[float], None]) -> None:
    """And nothing else is: leases and marks are those of builds that are under way."""
    other = KEY._replace(language="de")
    for key in (KEY, other):
        cache.put(key, ANSWER)
        cache.acquire(key, owner="first", seconds=60)
        cache.mark_sent(key, owner="first")
    assert cache.forget([KEY, KEY._replace(language="fr")]) == 1
    assert [cache.get(key) for key in (KEY, other)] == [None, ANSWER]
    assert not any(cache.acquire(key, owner="second", seconds=60) for key in (KEY, other))
    let_pass(60)
    assert [cache.mark_sent(key, owner="second") for key in (KEY, other)] == [1, 1]
    assert list(cache.entries()) == [(other, ANSWER)]


def test_one_of_many_threads_gets_a_lease(cache: AnswerCache) -> None:
    """Taking a lease is one step."""
    with ThreadPoolExecutor(8) as pool:
        got = list(
            pool.map(lambda n: cache.acquire(KEY, owner=str(n), seconds=60), range(32), timeout=30)
        )
    assert got.count(True) == 1


def test_threads_share_a_cache(cache: AnswerCache) -> None:
    """Every thread finds what every other stored."""
    keys = [KEY._replace(service=str(number)) for number in range(64)]

    def put(key: CaptionKey) -> bool:
        return cache.put(key, StoredAnswer(key.service))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(put, keys, timeout=30))
        found = list(pool.map(cache.get, keys, timeout=30))
    assert [answer and answer.text for answer in found] == [key.service for key in keys]
    assert len(list(cache.entries())) == 64
    assert cache.problems() == ()


def test_closing_twice_is_fine(cache: AnswerCache) -> None:
    """A build may end more than once."""
    cache.put(KEY, ANSWER)
    cache.close()
    cache.close()
