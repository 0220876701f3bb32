"""Eight machines build one site over a real `redis-server`, and something goes wrong meanwhile.

Each build is a process with a cache folder of its own. The service keeps a ledger: no picture is
paid for twice, but what builds report as uncertain.
"""

from __future__ import annotations

import json
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis_server
import trustme
from api_server import ApiServer
from redis_server import RedisServer

sys.path.insert(0, str(Path(__file__).parent.parent.parent))  # `bench` is no part of the package
from bench.stress_builds import KEY, Build, RunningBuild, start_build
from bench.stress_site import StressSite, read_files, write_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PICTURES = 60
MACHINES = 8
LATENCY = 0.1
CONCURRENCY = 4
PASSWORD = "password-never-to-be-seen"  # noqa: S105 - of a test
KILLS = 20
ROUNDS = 4
MOST_SECONDS = 120.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> StressSite:
    """Write the site, and build it once without the plugin."""
    folder = tmp_path_factory.mktemp("fleet")
    site = write_site(folder / "site", PICTURES)
    assert start_build(site, folder / "plain", None, variables={}).wait().status == 0
    site.plain.update(read_files(folder / "plain" / "site"))
    return site


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """Run a server of the test's own."""
    redis_server.require()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), on_port=True) as server:
        yield server


class Fleet:
    """Machines that build one site over one server."""

    def __init__(self, site: StressSite, folder: Path, api: ApiServer, redis: RedisServer) -> None:
        """Begin without a build."""
        self.site = site
        self.api = api
        self.redis = redis
        self.variables = {
            "ALTTEXTAI_API_KEY": KEY,
            "ALTTEXT_CACHE_URL": redis.url,
            "ALTTEXT_CACHE_SECRET": "a secret that is long enough",
        }
        self.told = 0
        """Credits that builds reported as uncertain."""
        self._folder = folder
        self._count = 0

    def start(self, **options: object) -> RunningBuild:
        """Start a build on a machine of its own."""
        self._count += 1
        folder = self._folder / f"machine-{self._count:03}"
        ours = {
            "base_url": self.api.base_url,
            "cache_dir": str(folder / "cache"),
            "report": str(folder / "report.json"),
            "concurrency": CONCURRENCY,
            **options,
        }
        return start_build(self.site, folder, ours, variables=self.variables)

    def finish(self, running: RunningBuild, *, killed: bool = False) -> Build:
        """Wait for the end of a build, which is complete unless it was killed."""
        build = running.wait()
        self.told += build.credits("uncertain")
        assert PASSWORD not in build.output
        assert KEY not in build.output
        assert "Traceback" not in build.output, build.output
        if not killed or build.status == 0:
            assert build.status == 0, build.output
            assert self.site.faults(build.site, build.pictures("filled") & self.everything) == []
        return build

    @property
    def everything(self) -> set[str]:
        """All pictures that lack text."""
        return set(self.site.pictures)

    def together(self, meanwhile: Callable[[], object] = lambda: None) -> list[Build]:
        """Build on all machines at once, and do something when a quarter is paid for."""
        running = [self.start() for _ in range(MACHINES)]
        self.wait_for_credits(PICTURES // 4, running)
        meanwhile()
        return [self.finish(each) for each in running]

    def wait_for_credits(self, count: int, running: list[RunningBuild]) -> None:
        """Wait until so much is paid for, or all builds are over."""
        give_up = time.monotonic() + MOST_SECONDS
        while self.api.credits_spent < count and any(each.is_running() for each in running):
            assert time.monotonic() < give_up
            time.sleep(0.01)

    def heal(self) -> None:
        """Build on two new machines: the first fills all, and the other one asks for nothing.

        What was paid for twice is told, or will be by the next build that asks for anything: a
        killed build may have had to tell it.
        """
        build = self.finish(self.start())
        assert build.pictures("missing") == set(), build.output
        spent, told = self.api.credits_spent, self.told
        with self.redis.client() as client:
            marks = [json.loads(each) for each in client.hvals("alttext:sent")]
        assert self.api.double_charges <= told + sum(mark[1] + mark[2] for mark in marks)
        assert self.finish(self.start()).pictures("missing") == set()
        assert (self.api.credits_spent, self.told) == (spent, told)


@pytest.fixture
def fleet(site: StressSite, tmp_path: Path, redis: RedisServer) -> Iterator[Fleet]:
    """Return machines with a service that takes a moment."""
    with ApiServer(api_key=KEY, credits_left=10**6, latency=LATENCY) as api:
        yield Fleet(site, tmp_path, api, redis)


def said(builds: list[Build], words: str) -> int:
    """Count the builds that say something of the shared cache, each once."""
    counts = [len(build.lines(words)) for build in builds]
    assert set(counts) <= {0, 1}
    return sum(counts)


def test_eight_machines_pay_once(fleet: Fleet) -> None:
    """And each has all texts."""
    builds = fleet.together()
    assert all(build.pictures("filled") >= fleet.everything for build in builds)
    assert (fleet.api.credits_spent, fleet.api.double_charges, fleet.told) == (PICTURES, 0, 0)
    assert said(builds, "The shared cache at") == 0


def test_kills_cost_what_was_in_flight_and_is_reported(fleet: Fleet, redis: RedisServer) -> None:
    """Four times over, five of the eight are killed while they pay, and replaced."""
    chance = random.Random(1)  # noqa: S311 - moments, not secrets
    doubles = killed = 0
    for _ in range(ROUNDS):
        with redis.client() as client:
            client.flushall()
        fleet.api.ledger.clear()
        fleet.told = 0
        running, dead = [fleet.start() for _ in range(MACHINES)], []
        for number in range(KILLS // ROUNDS):
            fleet.wait_for_credits(5 + 10 * number, running)
            victim = chance.choice([each for each in running if each.is_running()])
            running.remove(victim)
            victim.kill()
            dead.append(victim)
            running.append(fleet.start())
        killed += sum(fleet.finish(each, killed=True).status < 0 for each in dead)
        for each in running:
            assert fleet.finish(each).pictures("missing") == set()
        fleet.heal()
        doubles += fleet.api.double_charges
    assert killed > KILLS * 3 // 4
    assert doubles <= killed * CONCURRENCY


def test_a_server_that_is_killed_and_comes_back(fleet: Fleet, redis: RedisServer) -> None:
    """What is under way is stored, or told when it is paid for again; the next build goes on."""

    def restart() -> None:
        redis.kill()
        time.sleep(1)
        redis.start()

    builds = fleet.together(restart)
    assert said(builds, "cannot be reached") > 0
    assert fleet.api.double_charges == 0
    fleet.heal()


def test_a_server_that_loses_everything(fleet: Fleet, redis: RedisServer) -> None:
    """Builds put back what they know, so that nothing is paid for twice."""

    def flush() -> None:
        with redis.client() as client:
            client.flushall()

    builds = fleet.together(flush)
    assert said(builds, "was restarted or emptied during this run") > 0
    fleet.heal()
    assert fleet.api.double_charges == 0


def test_a_server_that_hangs(fleet: Fleet, redis: RedisServer) -> None:
    """What it is told meanwhile, it does when it goes on."""
    builds = fleet.together(lambda: redis.send(signal.SIGSTOP))
    redis.send(signal.SIGCONT)
    assert said(builds, "took too long to answer (5 seconds)") > 0
    assert fleet.api.double_charges == 0
    fleet.heal()


def test_full_memory(fleet: Fleet, redis: RedisServer) -> None:
    """Nothing more is paid for; what was under way and is bought again is told."""
    with redis.client() as client:
        builds = fleet.together(lambda: client.config_set("maxmemory", 1))
        client.config_set("maxmemory", 0)
    assert said(builds, "its memory is full") > 0
    assert fleet.api.double_charges == 0
    fleet.heal()


def test_a_server_that_becomes_read_only(fleet: Fleet, redis: RedisServer) -> None:
    """As a replica does after a failover."""
    with redis.client() as client:
        builds = fleet.together(lambda: client.replicaof("127.0.0.1", 1))
        client.replicaof("NO", "ONE")
    assert said(builds, "may only be read") > 0
    assert fleet.api.double_charges == 0
    fleet.heal()


class SlowProxy:
    """Passes on what is sent, each time a while later."""

    def __init__(self, port: int, seconds: float) -> None:
        """Listen."""
        self._to = port
        self._seconds = seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                for one, other, seconds in ((client, server, self._seconds), (server, client, 0)):
                    threading.Thread(
                        target=self._pass, args=(one, other, seconds), daemon=True
                    ).start()

    @staticmethod
    def _pass(one: socket.socket, other: socket.socket, seconds: float) -> None:
        with suppress(OSError), one, other:
            while data := one.recv(65536):
                time.sleep(seconds)
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


def test_a_slow_server(fleet: Fleet, redis: RedisServer) -> None:
    """A second for each command: builds complete, and pay once."""
    proxy = SlowProxy(redis.port, 1.0)
    fleet.variables["ALTTEXT_CACHE_URL"] = f"redis://127.0.0.1:{proxy.port}"
    builds = fleet.together()
    proxy.close()
    assert (fleet.api.double_charges, fleet.told) == (0, 0)
    assert max(build.seconds for build in builds) < MOST_SECONDS
    fleet.variables["ALTTEXT_CACHE_URL"] = redis.url
    fleet.heal()
    assert fleet.api.double_charges == 0


def test_a_wrong_password(fleet: Fleet, redis: RedisServer) -> None:
    """Nothing is paid for, and nothing of it is said."""
    with redis.client() as client:
        client.execute_command("ACL", "SETUSER", "default", ">another")
    fleet.variables["ALTTEXT_CACHE_URL"] = f"redis://:{PASSWORD}@127.0.0.1:{redis.port}"
    build = fleet.finish(fleet.start())
    assert said([build], "does not take the user or the password") == 1
    assert fleet.api.credits_spent == 0


@pytest.mark.parametrize(
    ("name", "is_known", "words"),
    [
        ("localhost", True, ""),
        ("another.example", True, "certificate that is not to be trusted"),
        ("localhost", False, "certificate that is not to be trusted"),
    ],
    ids=["right", "a wrong name", "an unknown authority"],
)
def test_tls(fleet: Fleet, tmp_path: Path, name: str, is_known: bool, words: str) -> None:  # noqa: FBT001 - a table
    """The certificate must be for the host, from an authority that is known."""
    authority, other = trustme.CA(), trustme.CA()
    authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "c.pem"))
    known = authority if is_known else other
    known.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    port = redis_server.free_port()
    tls = (
        *("--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(tmp_path / "c.pem"), "--tls-key-file", str(tmp_path / "c.pem")),
    )
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), *tls) as server:
        with server.client() as client:
            client.execute_command("ACL", "SETUSER", "default", f">{PASSWORD}")
        fleet.variables |= {
            "ALTTEXT_CACHE_URL": f"rediss://:{PASSWORD}@localhost:{port}",
            "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        }
        build = fleet.finish(fleet.start())
        assert bool(build.lines("The shared cache at")) is bool(words)
        assert words in build.output
        assert fleet.api.credits_spent == (0 if words else PICTURES)
