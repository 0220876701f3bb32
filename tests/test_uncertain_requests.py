"""What killed builds had sent is told once, whoever is killed and asks again in whatever order."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis_server
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis_server import RedisServer

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.lease_records import Holder
from mkdocs_alttext.cache.redis import RedisCache
from mkdocs_alttext.cache.redis_server import Server, ServerAddress
from mkdocs_alttext.models import CaptionKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_alttext.cache.base import AnswerCache

KEYS = [CaptionKey(f"{number}" * 64, "en", "alttextai") for number in range(3)]
BUILDS = range(4)
ENDS = ["answered", "perhaps charged", "under way"]

STEPS = st.one_of(
    st.tuples(st.sampled_from(ENDS), st.sampled_from(BUILDS), st.sampled_from(KEYS)),
    st.tuples(st.sampled_from(["finished", "killed"]), st.sampled_from(BUILDS), st.none()),
)
ANOTHER_ASKS_AGAIN = [
    ("under way", 0, KEYS[0]),
    ("killed", 0, None),
    ("perhaps charged", 1, KEYS[1]),
    ("answered", 2, KEYS[0]),
    ("answered", 2, KEYS[1]),
    ("finished", 2, None),
]


class Builds:
    """Builds of one site, each in one of a few places, one after the other."""

    def __init__(self, cache: AnswerCache) -> None:
        """Begin without one."""
        self.cache = cache
        self.alive: set[str] = set()
        self.told = self.lost = 0
        """Requests without an answer: of how many users were told, and how many there were."""
        self._known: Counter[str] = Counter()
        self._under_way: dict[str, set[CaptionKey]] = defaultdict(set)
        self._count = 0
        self._in_place: dict[int, str] = {}

    def carry_out(self, step: str, place: int, key: CaptionKey | None) -> None:
        """Do what the build in a place does next."""
        if place not in self._in_place:
            self._in_place[place] = self._start()
        owner = self._in_place[place]
        if key is not None:
            self._ask(owner, key, step)
        elif step == "killed":
            self.kill(place)
        elif not self._under_way[owner]:
            self.told += self._known[owner]
            self.cache.told(owner=owner)
            self.alive.remove(self._in_place.pop(place))

    def kill(self, place: int) -> None:
        """Kill the build in a place, if there is one."""
        if owner := self._in_place.pop(place, ""):
            self.alive.remove(owner)
            self.lost += len(self._under_way[owner])

    def _start(self) -> str:
        self._count += 1
        owner = f"build {self._count}"
        self.alive.add(owner)
        self._known[owner] = self.cache.unanswered(owner=owner)
        return owner

    def _ask(self, owner: str, key: CaptionKey, end: str) -> None:
        if key in self._under_way[owner]:
            return
        if not self.cache.acquire(key, owner=owner, seconds=60):
            return
        self._known[owner] += self.cache.mark_sent(key, owner=owner)
        if end == "under way":
            self._under_way[owner].add(key)
            return
        is_charged = end == "perhaps charged"
        self.cache.end_request(key, owner=owner, is_charged=is_charged)
        self.cache.release(key, owner=owner)
        self._known[owner] += is_charged
        self.lost += is_charged


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    """Run one server for all tests of this module."""
    redis_server.require()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        yield server


def tell_all(cache: AnswerCache, steps: list[tuple[str, int, CaptionKey | None]]) -> Builds:
    """Carry out the steps, kill what still runs, and let one more build finish."""
    builds = Builds(cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Holder, "lives", lambda holder: holder.owner in builds.alive)
        for step in steps:
            builds.carry_out(*step)
        for place in BUILDS:
            builds.kill(place)
        builds.carry_out("finished", 0, None)
    cache.close()
    return builds


@settings(max_examples=30)
@example(ANOTHER_ASKS_AGAIN)
@given(st.lists(STEPS, max_size=14))
def test_in_a_folder(steps: list[tuple[str, int, CaptionKey | None]]) -> None:
    """In one that processes of a machine share."""
    with tempfile.TemporaryDirectory() as folder:
        builds = tell_all(DiskCache(Path(folder)), steps)
    assert builds.told == builds.lost


@settings(max_examples=50)
@example(steps=ANOTHER_ASKS_AGAIN)
@given(steps=st.lists(STEPS, max_size=14))
def test_on_a_server(running: RedisServer, steps: list[tuple[str, int, CaptionKey | None]]) -> None:
    """That of a shared cache."""
    with running.client() as client:
        client.flushall()
    builds = tell_all(RedisCache(Server(ServerAddress.of(running.url))), steps)
    assert builds.told == builds.lost
