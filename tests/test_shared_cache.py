"""One cache for many machines, over a real `redis-server`: who pays, who reads, what is believed.

A machine is a cache folder of its own. `tests/shared_cache` has what takes long.
"""

from __future__ import annotations

import hashlib
import json
import re
import signal
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis_server
from built_site import TinySite, picture
from click.testing import CliRunner
from redis_server import Client, RedisServer

from mkdocs_alttext.cache.base import ANSWER, encode_answer, entry_name
from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.cache.lease_records import Holder
from mkdocs_alttext.cache.redis import RedisCache
from mkdocs_alttext.cache.redis_server import Server, ServerAddress
from mkdocs_alttext.cache.shared import SharedCache
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import StoreError
from mkdocs_alttext.models import CaptionKey, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api_server import ApiServer
    from built_site import Built

SECRET = "a secret that is long enough"  # noqa: S105 - of a test
PASSWORD = "password-never-to-be-seen"  # noqa: S105 - of a test
KEY = CaptionKey(hashlib.sha256(b"a picture").hexdigest(), "en", "alttextai")
OTHER = KEY._replace(language="de")
ANSWER_ = StoredAnswer("A red bicycle")
PAGES = 3
DOCS: dict[str, str | bytes] = {
    f"{name}.md": f"![](img/{name}-1.png) ![](img/{name}-2.png)\n" for name in ("index", "b", "c")
} | {
    f"img/{name}-{number}.png": picture(10 * number + place)
    for place, name in enumerate(("index", "b", "c"))
    for number in (1, 2)
}
PICTURES = 6


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    """Run one server for all tests of this module that do not end it."""
    redis_server.require()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture
def redis(running: RedisServer) -> Iterator[Client]:
    """Return a client of the server, which is empty and as it was started."""
    with running.client(decode_responses=True) as client:
        client.flushall()
        client.config_resetstat()
        yield client
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")


@pytest.fixture
def own() -> Iterator[RedisServer]:
    """Run a server that a test may end."""
    redis_server.require()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        yield server


@pytest.fixture
def machine(
    tmp_path: Path, server: ApiServer, running: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TinySite]:
    """Return what makes a site on a machine of its own, which uses the server."""
    monkeypatch.setenv("ALTTEXT_CACHE_URL", running.url)

    def machine(name: str, **options: object) -> TinySite:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return TinySite(folder, DOCS, {"base_url": server.base_url, **options})

    return machine


def cache_at(url: str, *, secret: str = "") -> RedisCache:
    """Return a cache as another build has it."""
    return RedisCache(Server(ServerAddress.of(url)), secret=secret)


def spent(server: ApiServer) -> int:
    """Return the credits that were spent so far, each picture's once."""
    assert server.double_charges == 0
    return server.credits_spent


def filled(built: Built) -> int:
    """Count the images that got a text."""
    assert built.report is not None
    count: int = built.report["counts"]["filled"]
    return count


def about_cache(built: Built) -> list[str]:
    """Return what a build says of the shared cache."""
    return [text for _, text in built.log if "The shared cache at" in text]


# who pays


def test_a_picture_is_paid_for_once_by_two_machines(
    machine: Callable[..., TinySite], redis: Client, server: ApiServer
) -> None:
    """The second one reads what the first one bought, and keeps it."""
    first, second = machine("one").build(), machine("two")
    built = second.build()
    assert filled(first) == filled(built) == PICTURES
    assert spent(server) == PICTURES
    assert first.page() == built.page()
    assert about_cache(first) == about_cache(built) == []
    redis.flushall()
    assert filled(second.build()) == PICTURES
    assert spent(server) == PICTURES


def test_no_key_expires_but_leases(redis: Client, running: RedisServer) -> None:
    """And all of them are under the prefix, in the database of the address."""
    address = ServerAddress.of(f"{running.url}?db=2")
    cache = RedisCache(Server(address), prefix="docs")
    for key in (KEY, OTHER):
        assert cache.acquire(key, owner="first", seconds=60)
        cache.mark_sent(key, owner="first")
    assert cache.put(OTHER, ANSWER_, owner="first")
    cache.close()
    assert redis.dbsize() == 0
    with running.client(db=2, decode_responses=True) as other:
        expiring = {name for name in other.scan_iter() if other.ttl(name) != -1}
        assert expiring == {f"docs:lease/{KEY}"}
        assert {name.partition(":")[0] for name in other.scan_iter()} == {"docs"}


def test_without_its_client_the_package_to_install_is_named(
    machine: Callable[..., TinySite], server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is paid for, and the build is complete."""
    monkeypatch.setitem(sys.modules, "redis", None)
    (said,) = about_cache(machine("one").build(strict=True))
    assert "Install mkdocs-alttext[redis]" in said
    assert spent(server) == 0


def commands(redis: Client) -> dict[str, int]:
    """Return how often each command was called since the server's statistics were reset."""
    stats = redis.info("commandstats")
    return {name.removeprefix("cmdstat_"): each["calls"] for name, each in stats.items()}


def test_a_warm_build_asks_once_a_page(machine: Callable[..., TinySite], redis: Client) -> None:
    """And once more, what the server is. What the local cache holds is asked of nobody."""
    machine("one").build()
    redis.config_resetstat()
    assert filled(machine("two").build()) == PICTURES
    called = commands(redis)
    assert called["getrange"] == PICTURES
    assert called.keys() <= {
        *("getrange", "info", "client|setinfo", "config|resetstat", "config|get", "select")
    }
    redis.config_resetstat()
    assert filled(machine("two").build()) == PICTURES
    assert commands(redis).keys() == {"config|resetstat"}


def test_a_server_that_is_away_ends_the_spending(
    machine: Callable[..., TinySite],
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In one sentence that names it; without being required, the local cache does."""
    monkeypatch.setenv("ALTTEXT_CACHE_URL", f"redis://user:{PASSWORD}@127.0.0.1:1/3")
    built = machine("one").build(strict=True)
    assert spent(server) == 0
    assert {text.split()[3] for text in built.outcomes} <= {"None"}
    (said,) = about_cache(built)
    assert "127.0.0.1:1 (database 3) cannot be reached (Connection refused)" in said
    assert "nothing is paid for" in said
    assert PASSWORD not in str(built.log)
    assert filled(machine("one", cache_required=False).build()) == PICTURES
    assert spent(server) == PICTURES


def test_who_may_only_read_reads(
    machine: Callable[..., TinySite],
    redis: Client,
    running: RedisServer,
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is there is used; nothing is written, and nothing is paid for, required or not."""
    docs = dict(DOCS)
    machine("one", exclude="img/c-*").build()
    bought = spent(server)
    redis.acl_setuser(
        "reader",
        enabled=True,
        passwords=[f"+{PASSWORD}"],
        keys=[],
        categories=[],
        commands=["+@read", "+@connection", "+info"],
        reset=True,
    )
    redis.execute_command("ACL", "SETUSER", "reader", "%R~alttext:*")
    before = sorted(redis.scan_iter())
    url = running.url.replace("unix://", f"unix://reader:{PASSWORD}@")
    monkeypatch.setenv("ALTTEXT_CACHE_URL", url)
    built = machine("two", cache_required=False).build()
    assert (filled(built), spent(server)) == (bought, bought)
    assert sorted(redis.scan_iter()) == before
    assert len(docs) > bought
    (said,) = about_cache(built)
    assert "may only be read: its texts are used, and nothing is paid for" in said
    assert PASSWORD not in str(built.log)


def test_a_server_that_evicts_is_named_and_not_paid_for(
    machine: Callable[..., TinySite],
    redis: Client,
    server: ApiServer,
) -> None:
    """It would forget what was paid for."""
    redis.config_set("maxmemory", "100mb")
    redis.config_set("maxmemory-policy", "volatile-lru")
    built = machine("one").build()
    assert spent(server) == 0
    (said,) = about_cache(built)
    assert "Set its maxmemory-policy to noeviction" in said


def test_a_server_that_keeps_nothing_is_named(
    machine: Callable[..., TinySite],
    server: ApiServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It works all the same: texts are paid for once until it ends."""
    del tmp_path
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer(Path(folder), "--appendonly", "no") as volatile,
    ):
        monkeypatch.setenv("ALTTEXT_CACHE_URL", volatile.url)
        built = machine("one").build()
    assert spent(server) == PICTURES
    (said,) = about_cache(built)
    assert "keeps its texts in memory only" in said


def test_full_memory_ends_the_spending(
    machine: Callable[..., TinySite],
    redis: Client,
    server: ApiServer,
) -> None:
    """What is there is used."""
    machine("one", exclude="img/c-*").build()
    bought = spent(server)
    redis.config_set("maxmemory", 1)
    built = machine("two").build()
    assert (filled(built), spent(server)) == (bought, bought)
    (said,) = about_cache(built)
    assert "its memory is full" in said


def test_what_cannot_be_stored_there_is_stored_later(
    redis: Client,
    running: RedisServer,
    tmp_path: Path,
) -> None:
    """With the next change, or when the build ends; until then it is in the local cache."""
    cache = SharedCache(DiskCache(tmp_path), cache_at(running.url))
    assert cache.acquire(KEY, owner="first", seconds=60)
    assert cache.mark_sent(KEY, owner="first") == 0
    redis.config_set("maxmemory", 1)
    assert cache.put(KEY, ANSWER_, owner="first")
    assert not redis.exists(f"alttext:answer/{KEY}")
    assert any("lacks 1 text of this run" in each for each in cache.problems())
    redis.config_set("maxmemory", 0)
    cache.close()
    assert cache_at(running.url).get(KEY) == ANSWER_
    assert not redis.exists("alttext:sent")


# the lease


def test_a_holder_that_comes_back_late_does_no_harm(redis: Client, running: RedisServer) -> None:
    """Its request does not leave, and its answer replaces no later one."""
    late, next_ = cache_at(running.url), cache_at(running.url)
    assert late.acquire(KEY, owner="late", seconds=60)
    redis.delete(f"alttext:lease/{KEY}")
    assert next_.acquire(KEY, owner="next", seconds=60)
    with pytest.raises(StoreError, match="ended"):
        late.mark_sent(KEY, owner="late")
    assert next_.mark_sent(KEY, owner="next") == 0
    assert next_.put(KEY, ANSWER_, owner="next")
    assert late.put(KEY, StoredAnswer("A late bicycle"), owner="late")
    assert next_.get(KEY) == ANSWER_


def test_a_lease_that_was_taken_anew_by_the_same_build_has_another_fence(
    redis: Client,
    running: RedisServer,
) -> None:
    """The fence tells the two, and not the name."""
    cache, again = cache_at(running.url), cache_at(running.url)
    assert cache.acquire(KEY, owner="first", seconds=60)
    redis.delete(f"alttext:lease/{KEY}")
    assert again.acquire(KEY, owner="first", seconds=60)
    with pytest.raises(StoreError, match="ended"):
        cache.mark_sent(KEY, owner="first")


def test_taking_a_lease_brings_what_is_there(running: RedisServer, redis: Client) -> None:
    """No request leaves between a look and a lease."""
    del redis
    cache_at(running.url).put(KEY, ANSWER_)
    other = cache_at(running.url)
    assert other.take(KEY, owner="first", seconds=60) == (True, ANSWER_)
    assert cache_at(running.url).take(KEY, owner="second", seconds=60) == (False, ANSWER_)


def test_the_lease_of_a_process_that_is_gone_is_free_at_once(
    redis: Client,
    running: RedisServer,
) -> None:
    """On this machine; elsewhere it ends by itself."""
    gone = Holder.of_this_process("gone")._replace(pid=2**22 + 1)
    elsewhere = gone._replace(machine="another machine")
    for holder, is_free in ((gone, True), (elsewhere, False)):
        redis.set(f"alttext:lease/{KEY}", f"7 {holder.encode()}", px=60_000)
        assert cache_at(running.url).acquire(KEY, owner="first", seconds=60) is is_free


@pytest.mark.parametrize(
    ("lease", "milliseconds"),
    [
        (f"7 {Holder('x', 'another machine', 1, 1).encode()}", None),
        (f"7 {Holder('x', 'another machine', 1, 1).encode()}", 10**9),
        ("7 []", 60_000),
        ("7 [[[[", 60_000),
        ("no lease", 60_000),
        ("7 " + "[" * 1900, 60_000),
        ("7 " + "x" * 10_000_000, 60_000),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_planted_lease_keeps_nobody_waiting(
    redis: Client,
    running: RedisServer,
    lease: str,
    milliseconds: int | None,
) -> None:
    """One without an end, one that ends too late, and what is none."""
    redis.set(f"alttext:lease/{KEY}", lease, px=milliseconds)
    assert cache_at(running.url).acquire(KEY, owner="first", seconds=60)


STRANGER = json.dumps(Holder("a stranger", "another machine", 1, 1).encode())


@pytest.mark.parametrize(
    "kind",
    [
        *("list", "text", "[", '{"a":1}', '["no holder",1,0,0]', f"[{STRANGER},1,0]"),
        *(f"[{STRANGER},{rest}]" for rest in ("1,-5,0", "1,0.5,0", "1,1e9,0", "7,0,0", '1,"2",0')),
    ],
)
def test_planted_marks_are_not_counted(redis: Client, running: RedisServer, kind: str) -> None:
    """Nor do they keep a request back."""
    if kind == "list":
        redis.rpush("alttext:sent", "x")
    elif kind == "text":
        redis.set("alttext:sent", "x")
    else:
        redis.hset("alttext:sent", str(KEY), kind)
    cache = cache_at(running.url)
    assert cache.unanswered(owner="first") == 0
    assert cache.acquire(KEY, owner="first", seconds=60)
    assert cache.mark_sent(KEY, owner="first") == 0
    assert cache.put(KEY, ANSWER_, owner="first")
    assert cache_at(running.url).get(KEY) == ANSWER_


# a server that loses its data


def test_a_server_that_was_emptied_ends_the_spending_and_gets_back_what_is_known(
    redis: Client,
    running: RedisServer,
) -> None:
    """Another machine may have paid for what is missing there; the next build goes on."""
    cache = cache_at(running.url)
    assert cache.acquire(KEY, owner="first", seconds=60)
    cache.mark_sent(KEY, owner="first")
    cache.put(KEY, ANSWER_, owner="first")
    redis.flushall()
    with pytest.raises(StoreError):
        cache.acquire(OTHER, owner="first", seconds=60)
    assert any("was restarted or emptied" in each for each in cache.problems())
    other = cache_at(running.url)
    assert other.get(KEY) == ANSWER_
    assert other.acquire(OTHER, owner="second", seconds=60)


def test_a_request_that_was_under_way_then_is_stored(redis: Client, running: RedisServer) -> None:
    """What it cost is paid."""
    cache = cache_at(running.url)
    cache.put(OTHER, ANSWER_)
    assert cache.acquire(KEY, owner="first", seconds=60)
    cache.mark_sent(KEY, owner="first")
    redis.flushall()
    cache.put(KEY, ANSWER_, owner="first")
    other = cache_at(running.url)
    assert other.get(KEY) == other.get(OTHER) == ANSWER_


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_ends_the_spending(own: RedisServer, signal_: signal.Signals) -> None:
    """Of builds that were under way: nobody knows what the last seconds were."""
    cache = cache_at(own.url)
    assert cache.acquire(KEY, owner="first", seconds=60)
    own.send(signal_)
    own.kill()
    with pytest.raises(StoreError):
        cache.acquire(OTHER, owner="first", seconds=60)
    own.start()
    cache.server.try_again()
    assert cache.put(KEY, ANSWER_, owner="first")
    with pytest.raises(StoreError):
        cache.acquire(OTHER, owner="first", seconds=60)
    other = cache_at(own.url)
    assert other.get(KEY) == ANSWER_
    assert other.acquire(OTHER, owner="second", seconds=60)


@pytest.mark.parametrize(
    "greeting",
    [
        *(b"", b"HTTP/1.1 400 Bad Request\r\n", b"\xff" * 100_000 + b"\r\n"),
        *(b"+OK\r\n" * 500, b":1\r\n" * 500, b"*0\r\n" * 500),
        f"-ERR what is '{PASSWORD}'?\r\n".encode() * 500,
    ],
    ids=["nothing", "HTTP", "bytes", "OK", "numbers", "lists", "an echo"],
)
def test_what_is_no_redis_is_named(
    machine: Callable[..., TinySite],
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    greeting: bytes,
) -> None:
    """The build is complete, and nothing is paid for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.sendall(greeting)
                        while greeting and client.recv(100_000):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        monkeypatch.setenv("ALTTEXT_CACHE_URL", f"redis://:{PASSWORD}@127.0.0.1:{port}")
        built = machine("one").build(strict=True)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert spent(server) == 0
    (said,) = about_cache(built)
    assert re.search("cannot be reached|does not work as Redis|does not take", said)
    assert PASSWORD not in str(built.log)


@pytest.mark.parametrize("password", [PASSWORD, "p" * 300 + PASSWORD, "s3cret"])
def test_a_server_that_repeats_a_login_is_not_quoted(password: str) -> None:
    """Redis does so, in part, where it has the command under another name."""
    redis_server.require()
    with (
        tempfile.TemporaryDirectory() as folder,
        RedisServer(Path(folder), "--rename-command", "AUTH", "LOGIN") as own,
    ):
        cache = cache_at(own.url.replace("unix://", f"unix://somebody:{password}@"))
        assert cache.get(KEY) is None
        cache.state()
        (said,) = cache.problems()
        cache.close()
    assert "does not work as Redis or Valkey do" in said
    assert not [part for part in (password[:6], password[-6:], "somebody") if part in said]


def test_what_is_planted_there_is_not_fetched_at_any_size(
    redis: Client, running: RedisServer
) -> None:
    """Of a value or a mark, no more comes than ours have."""
    plant(redis, KEY, "{" + "x" * 3_000_000)
    redis.hset("alttext:sent", "x", json.dumps([json.dumps(["x" * 3_000_000, "m", 1, 1]), 1, 0, 0]))
    before = redis.info("stats")["total_net_output_bytes"]
    cache = cache_at(running.url)
    assert cache.get(KEY) is None
    assert list(cache.entries()) == []
    assert cache.unanswered(owner="first") == 0
    cache.close()
    assert redis.info("stats")["total_net_output_bytes"] - before < 500_000


def test_look_ups_of_a_slow_server_end(redis: Client, running: RedisServer, tmp_path: Path) -> None:
    """A lease still shows what is there."""
    del redis
    cache_at(running.url).put(KEY, ANSWER_)
    cache_at(running.url).put(OTHER, ANSWER_)
    ticks = iter([0.0, 31.0])
    cache = SharedCache(DiskCache(tmp_path), cache_at(running.url), clock=lambda: next(ticks))
    cache.fetch([KEY])
    assert cache.get(KEY) == ANSWER_
    cache.fetch([OTHER])
    assert cache.get(OTHER) is None
    assert any("took more than 30 seconds for the look-ups" in each for each in cache.problems())
    assert cache.acquire(OTHER, owner="first", seconds=60)
    assert cache.get(OTHER) == ANSWER_
    cache.close()


def test_marks_of_a_build_that_died_are_told_at_once_on_its_machine(
    redis: Client, running: RedisServer
) -> None:
    """Elsewhere when its lease has ended; what it had taken over goes with them."""
    gone = Holder.of_this_process("gone")._replace(pid=2**22 + 1)
    for key, holder in ((KEY, gone), (OTHER, gone._replace(machine="another machine"))):
        redis.set(f"alttext:lease/{key}", f"7 {holder.encode()}", px=60_000)
        redis.hset("alttext:sent", str(key), json.dumps([holder.encode(), 1, 2, 0]))
    cache = cache_at(running.url)
    assert cache.unanswered(owner="first") == 3
    redis.delete(f"alttext:lease/{OTHER}")
    assert cache.unanswered(owner="first") == 3
    assert cache.unanswered(owner="first") == 0
    assert cache_at(running.url).unanswered(owner="second") == 0
    cache.told(owner="first")
    assert not redis.exists("alttext:sent")


def test_what_a_build_has_to_tell_stays_its_own_while_others_ask_again(
    redis: Client, running: RedisServer
) -> None:
    """Another one asks for the same and has its answer; then the first is killed."""
    gone = Holder.of_this_process("gone")._replace(pid=2**22 + 1)
    redis.hset("alttext:sent", str(KEY), json.dumps([gone.encode(), 1, 0, 0]))
    cache = cache_at(running.url)
    assert cache.unanswered(owner="first") == 1
    assert cache.acquire(KEY, owner="second", seconds=60)
    assert cache.mark_sent(KEY, owner="second") == 0
    assert cache.put(KEY, ANSWER_, owner="second")
    cache.told(owner="second")
    assert cache.unanswered(owner="third") == 0
    for name, text in redis.hgetall("alttext:sent").items():  # it is killed
        rest = json.loads(text)[1:]
        dead = gone._replace(owner="first").encode()
        redis.hset("alttext:sent", name, json.dumps([dead, *rest]))
    assert cache.unanswered(owner="third") == 1
    cache.told(owner="third")
    assert not redis.exists("alttext:sent")


def test_what_others_cannot_find_stays_marked(redis: Client, running: RedisServer) -> None:
    """Whoever asks for it again counts it."""
    cache = cache_at(running.url)
    for key in (KEY, OTHER):
        assert cache.acquire(key, owner="first", seconds=60)
        cache.mark_sent(key, owner="first")
    assert cache.put(OTHER, ANSWER_, owner="first")
    redis.config_set("maxmemory", 1)
    assert not cache.put(KEY, ANSWER_, owner="first")
    cache.server.try_again()
    cache.told(owner="first")
    assert redis.hkeys("alttext:sent") == [str(KEY)]
    redis.config_set("maxmemory", 0)
    cache.server.try_again()
    cache.told(owner="first")
    assert not redis.exists("alttext:sent")
    assert cache_at(running.url).get(KEY) == ANSWER_


# what is believed


def plant(redis: Client, key: CaptionKey, value: str | bytes) -> None:
    """Put a value under a key, as who got at the server can."""
    redis.set(f"alttext:{entry_name(ANSWER, key)}", value)


@pytest.mark.parametrize(
    "value",
    [
        encode_answer(KEY, ANSWER_),
        f"{'0' * 64} {encode_answer(KEY, ANSWER_)}",
        f" {encode_answer(KEY, ANSWER_)}",
    ],
    ids=["unsigned", "wrongly signed", "an empty signature"],
)
def test_without_the_secret_nobody_puts_a_text_on_a_page(
    redis: Client,
    running: RedisServer,
    value: str,
) -> None:
    """Such a value is a miss, which is said, and a sound one replaces it."""
    plant(redis, KEY, value)
    cache = cache_at(running.url, secret=SECRET)
    assert cache.get(KEY) is None
    assert any("not signed with ALTTEXT_CACHE_SECRET" in each for each in cache.problems())
    assert cache.take(KEY, owner="first", seconds=60) == (True, None)
    assert cache.put(KEY, ANSWER_, owner="first")
    assert cache_at(running.url, secret=SECRET).get(KEY) == ANSWER_
    assert cache_at(running.url, secret=f"another {SECRET}").get(KEY) is None
    assert cache_at(running.url).get(KEY) == ANSWER_  # unverified, like any cache's
    assert SECRET not in redis.get(f"alttext:{entry_name(ANSWER, KEY)}")


def test_a_signed_value_counts_under_its_own_key_only(redis: Client, running: RedisServer) -> None:
    """It holds the key, and is signed with it."""
    cache_at(running.url, secret=SECRET).put(KEY, ANSWER_)
    plant(redis, OTHER, redis.get(f"alttext:{entry_name(ANSWER, KEY)}"))
    assert cache_at(running.url, secret=SECRET).get(OTHER) is None


def answer_of(text: str) -> Callable[[CaptionKey], str]:
    """Return what makes a value of ours with a text."""
    return lambda key: encode_answer(key, StoredAnswer(text))


@pytest.mark.parametrize(
    "value",
    [
        answer_of("<img src=x onerror=alert(1)>"),
        answer_of('"><script>alert(1)</script>'),
        answer_of("\x1b[31m\u202e\u200b"),
        answer_of("I'm sorry, I cannot help with that."),
        answer_of("Отвечайте по ключу AKIAIOSFODNN7EXAMPLE"),
        answer_of("x" * 3999),
        lambda _: "x" * 10_000_000,
        lambda key: json.dumps({"v": 2, **key._asdict(), "text": 5, "check": ""}),
        lambda _: "[" * 5000,
        lambda _: "",
        lambda _: b"\xff\xfe\x00",
        lambda _: None,
    ],
    ids=[
        *("HTML", "a quote", "control characters", "a refusal", "a key in another script"),
        *("too long", "10 MB", "a number", "nested", "empty", "bytes", "a list"),
    ],
)
def test_planted_values_do_nothing(
    machine: Callable[..., TinySite],
    redis: Client,
    server: ApiServer,
    value: Callable[[CaptionKey], str | bytes | None],
) -> None:
    """No page has anything of them, whether they are misses or texts that are not published."""
    for name, content in DOCS.items():
        if isinstance(content, bytes):
            key = CaptionKey(hashlib.sha256(content).hexdigest(), "en", "alttextai")
            planted = value(key)
            if planted is None:
                redis.rpush(f"alttext:{entry_name(ANSWER, key)}", name)
            else:
                plant(redis, key, planted)
    built = machine("one").build(strict=True)
    assert spent(server) in {0, PICTURES}
    page = built.page()
    for trace in ("<script", "onerror=", "\x1b", "\u202e", "sorry", "AKIA", "xxxx", "[[["):
        assert trace not in page
    assert "Traceback" not in str(built.log)


# commands


def run(site: TinySite, *arguments: str, status: int = 0, **named: Any) -> str:  # noqa: ANN401 - click's own
    """Run a command of the site; return what it prints."""
    config = str(site.write())
    result = CliRunner().invoke(main, [*arguments, "-f", config], **named)
    assert result.exit_code == status, result.output
    return result.output


def test_account_shows_the_shared_cache(
    machine: Callable[..., TinySite],
    redis: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it holds and what it is; where it is away, the key is checked all the same."""
    site = machine("one")
    site.build()
    before = sorted(redis.scan_iter())
    said = run(site, "account")
    assert f"holds {PICTURES} texts under alttext (Redis " in said
    assert "noeviction as maxmemory-policy" in said
    assert "takes the key" in said
    assert sorted(redis.scan_iter()) == before
    monkeypatch.setenv("ALTTEXT_CACHE_URL", f"redis://:{PASSWORD}@127.0.0.1:1")
    said = run(site, "account")
    assert "127.0.0.1:1 cannot be reached" in said
    assert "takes the key" in said
    assert PASSWORD not in said


def test_forget_reaches_the_shared_cache(
    machine: Callable[..., TinySite],
    redis: Client,
    server: ApiServer,
) -> None:
    """Also what only that holds."""
    machine("one").build()
    other = machine("two")
    said = run(other, "forget", "img/index-1.png")
    assert "1 text of the cache" in said
    assert len(list(redis.scan_iter("alttext:answer/*"))) == PICTURES - 1
    assert filled(other.build()) == PICTURES
    assert server.credits_spent == PICTURES + 1


def test_forget_says_when_it_cannot_reach_it(
    machine: Callable[..., TinySite],
    redis: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And forgets nothing."""
    del redis
    site = machine("one")
    site.build()
    monkeypatch.setenv("ALTTEXT_CACHE_URL", "redis://127.0.0.1:1")
    said = run(site, "forget", "--all", status=2)
    assert "Nothing was forgotten" in said
    assert "cannot be reached" in said


def test_texts_move_between_caches(
    machine: Callable[..., TinySite],
    redis: Client,
    server: ApiServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From a folder into the server, signed, and back; what is no text is left out."""
    url = f"unix://{redis.connection_pool.connection_kwargs['path']}"
    monkeypatch.delenv("ALTTEXT_CACHE_URL")
    machine("one").build()
    file = tmp_path / "texts.jsonl"
    run(machine("one"), "cache", "export", str(file))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == PICTURES
    monkeypatch.setenv("ALTTEXT_CACHE_URL", url)
    monkeypatch.setenv("ALTTEXT_CACHE_SECRET", SECRET)
    spoiled = "\n".join([*lines, '{"v":2}', "x" * 200_000, ""])
    said = run(machine("two"), "cache", "import", "-", "--only", "shared", input=spoiled)
    assert f"{PICTURES} texts imported; 0 texts there before. 4 lines left out" in said
    assert filled(machine("three").build()) == PICTURES
    assert spent(server) == PICTURES
    said = run(machine("three"), "cache", "import", str(file))
    assert f"0 texts imported; {PICTURES} texts there before." in said
    out = run(machine("four"), "cache", "export", "--only", "shared")
    assert [line for line in out.splitlines() if line.startswith("{")] == sorted(
        lines, key=lines.index
    )


def test_there_must_be_a_shared_cache_to_name_it(
    machine: Callable[..., TinySite], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named."""
    monkeypatch.delenv("ALTTEXT_CACHE_URL")
    assert "ALTTEXT_CACHE_URL" in run(
        machine("one"), "cache", "export", "--only", "shared", status=2
    )
