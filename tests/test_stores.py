"""What every caption store promises, whatever it is made of."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from doubles import MemoryStore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mkdocs_alttext.captions import CaptionKey
from mkdocs_alttext.stores.disk import DiskStore
from mkdocs_alttext.stores.record import MAX_TEXT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.stores.base import CaptionStore

KEY = CaptionKey(hashlib.sha256(b"a picture").hexdigest(), "en", "alttextai")


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
    """Return the clock that the store under test looks at."""
    return Clock()


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[CaptionStore]:
    """Return one store of each kind, empty."""
    made: CaptionStore = (
        DiskStore(tmp_path / "cache", clock=clock)
        if request.param == "disk"
        else MemoryStore(clock=clock)
    )
    yield made
    made.close()


def test_a_stored_text_is_found_again(store: CaptionStore) -> None:
    """What is put under a key is what the key gets."""
    assert store.get(KEY) is None
    assert store.put(KEY, "A red bicycle")
    assert store.get(KEY) == "A red bicycle"
    assert store.problems() == ()


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
def test_every_part_of_a_key_matters(store: CaptionStore, other: CaptionKey) -> None:
    """A text is for one picture, one language and one service."""
    store.put(KEY, "A red bicycle")
    assert store.get(other) is None


def test_a_later_text_replaces_an_earlier_one(store: CaptionStore) -> None:
    """A key has one text."""
    store.put(KEY, "A bicycle")
    assert store.put(KEY, "A red bicycle")
    assert store.get(KEY) == "A red bicycle"


@pytest.mark.parametrize(
    "text",
    ["", "x" * (MAX_TEXT_BYTES + 1), "\u00e9" * (MAX_TEXT_BYTES // 2 + 1), "half \ud83d"],
    ids=["empty", "too long", "too long in UTF-8", "lone surrogate"],
)
def test_a_text_that_cannot_be_published_is_not_stored(store: CaptionStore, text: str) -> None:
    """The store says so and goes on missing."""
    assert not store.put(KEY, text)
    assert store.get(KEY) is None


@given(text=st.text(min_size=1, max_size=200))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_within_the_limits_survives(store: CaptionStore, text: str) -> None:
    """Quotes, line breaks and every script come back as they were."""
    assert store.put(KEY, text)
    assert store.get(KEY) == text


@pytest.mark.parametrize("character", ["x", "\x00", "\U0001f6b2", "\u2028", '"'])
def test_the_longest_text_survives(store: CaptionStore, character: str) -> None:
    """The limit is in bytes of UTF-8, however the text is kept."""
    text = character * (MAX_TEXT_BYTES // len(character.encode()))
    assert store.put(KEY, text)
    assert store.get(KEY) == text


def test_a_lease_is_for_one_owner_at_a_time(store: CaptionStore) -> None:
    """Others may have the lease on another key."""
    assert store.acquire(KEY, owner="first", seconds=60)
    assert not store.acquire(KEY, owner="second", seconds=60)
    assert store.acquire(KEY._replace(language="de"), owner="second", seconds=60)


def test_a_lease_ends_when_its_owner_gives_it_back(store: CaptionStore) -> None:
    """Nobody else can give it back."""
    store.acquire(KEY, owner="first", seconds=60)
    store.release(KEY, owner="second")
    assert not store.acquire(KEY, owner="second", seconds=60)
    store.release(KEY, owner="first")
    assert store.acquire(KEY, owner="second", seconds=60)


def test_a_lease_ends_when_its_owner_stores_what_it_was_for(store: CaptionStore) -> None:
    """In one step; storing gives nobody else's lease back, nor one on another key."""
    other = KEY._replace(language="de")
    for key in (KEY, other):
        store.acquire(key, owner="first", seconds=60)
    assert store.put(KEY, "A bicycle", owner="second")
    assert not store.acquire(KEY, owner="second", seconds=60)
    assert store.put(KEY, "A red bicycle", owner="first")
    assert store.get(KEY) == "A red bicycle"
    assert store.acquire(KEY, owner="second", seconds=60)
    assert not store.acquire(other, owner="second", seconds=60)


def test_a_text_that_is_not_stored_gives_no_lease_back(store: CaptionStore) -> None:
    """Who asked may ask again."""
    store.acquire(KEY, owner="first", seconds=60)
    assert not store.put(KEY, "", owner="first")
    assert not store.acquire(KEY, owner="second", seconds=60)


def test_a_lease_ends_by_itself(store: CaptionStore, clock: Clock) -> None:
    """A holder that is gone keeps nobody waiting for ever."""
    store.acquire(KEY, owner="first", seconds=60)
    clock.now += 59
    assert not store.acquire(KEY, owner="second", seconds=60)
    clock.now += 1
    assert store.acquire(KEY, owner="second", seconds=60)
    assert not store.acquire(KEY, owner="first", seconds=60)


def test_an_owner_can_make_its_lease_last(store: CaptionStore, clock: Clock) -> None:
    """Asking again is renewing."""
    store.acquire(KEY, owner="first", seconds=60)
    clock.now += 50
    assert store.acquire(KEY, owner="first", seconds=60)
    clock.now += 50
    assert not store.acquire(KEY, owner="second", seconds=60)


def test_giving_back_what_nobody_holds_does_nothing(store: CaptionStore) -> None:
    """It is no problem either."""
    store.release(KEY, owner="first")
    assert store.problems() == ()


def test_a_lease_is_no_text(store: CaptionStore) -> None:
    """Texts and leases of one key do not touch each other."""
    store.acquire(KEY, owner="first", seconds=60)
    assert store.get(KEY) is None
    store.put(KEY, "A red bicycle")
    assert not store.acquire(KEY, owner="second", seconds=60)


def test_one_of_many_threads_gets_a_lease(store: CaptionStore) -> None:
    """Taking a lease is one step."""
    with ThreadPoolExecutor(8) as pool:
        got = list(
            pool.map(lambda n: store.acquire(KEY, owner=str(n), seconds=60), range(32), timeout=30)
        )
    assert got.count(True) == 1


def test_threads_share_a_store(store: CaptionStore) -> None:
    """Every thread finds what every other stored."""
    keys = [KEY._replace(service=str(number)) for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda key: store.put(key, key.service), keys, timeout=30))
        assert list(pool.map(store.get, keys, timeout=30)) == [key.service for key in keys]
    assert store.problems() == ()


def test_closing_twice_is_fine(store: CaptionStore) -> None:
    """A build may end more than once."""
    store.put(KEY, "A red bicycle")
    store.close()
    store.close()
