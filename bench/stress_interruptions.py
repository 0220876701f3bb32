"""Builds that are killed, interrupted, or meet others, as rows of the stress table.

Owns when a build ends early. It must not know what the service or the cache does wrong.
"""

from __future__ import annotations

import time
from random import Random
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from bench.stress_trial import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api_server import Call, Fault, Turn

    from bench.stress_builds import Build, RunningBuild
    from bench.stress_trial import Trial

_CONCURRENCY = 4
_LATENCY = 0.2
_ON_ITS_WAY = 0.25
"""Seconds that an answer may take from the service's last byte to the disk, on a busy machine."""
MAY_BE_CHARGED = "more may have been charged without an answer"
"""In the summary, with how many."""
_MOST_KILLS_A_CACHE = 3
_STARTING = 30.0
"""Seconds that a build may take to its first requests, on a busy machine."""
_CLOSING = 0.5
"""Seconds that a build which ends surely waits for answers, on a busy machine."""
_PATIENCE = 2.0
"""Seconds from Ctrl-C or SIGTERM to the end."""


class _Way(NamedTuple):
    """A way to ask a build for its end."""

    name: str
    ask: Callable[[RunningBuild], None]
    status: int
    """The exit status that says so."""
    early: int
    """That of a process which has not begun to build."""


_CTRL_C = _Way("Ctrl-C", lambda running: running.interrupt(), 1, -2)  # 1 is click's
_SIGTERM = _Way("SIGTERM", lambda running: running.terminate(), 143, -15)


class _Log:
    """When each request for a text was answered. `decide` goes into the server."""

    def __init__(self, hold: Callable[[Call], None] = lambda _call: None) -> None:
        """Begin empty.

        Args:
            hold: Called when a request is charged, returns when its answer may go.
        """
        self._hold = hold
        self._answered: dict[int, float | None] = {}

    def decide(self, call: Call) -> Fault | None:
        if call.image is None:
            return None
        self._answered[call.number] = None

        def answer(turn: Turn) -> None:
            status, content = turn.server.answer(call)
            self._hold(call)
            turn.reply(status, content)
            self._answered[call.number] = time.monotonic()

        return answer

    def in_flight(self, moment: float) -> int:
        """Count the requests that were not answered at a moment, or hardly."""
        times = self._answered.values()
        open_then = sum(at is None or at > moment - _ON_ITS_WAY for at in times)
        return min(open_then, _CONCURRENCY)

    def forget(self) -> None:
        """Forget all requests."""
        self._answered.clear()


def kills(count: int) -> Callable[[Trial], None]:
    """Return so many kills at random moments, some of them one after the other on one cache."""

    def run(trial: Trial) -> None:
        random = Random(count)  # noqa: S311 - moments, not secrets
        log = _Log()
        trial.server.decide, trial.server.latency = log.decide, _LATENCY
        usual = trial.build(concurrency=_CONCURRENCY).seconds
        done = 0
        while done < count:
            trial.begin_anew(f"cache-{done}")
            begun = len(trial.builds)
            in_flight = died = 0
            for _ in range(min(random.randint(1, _MOST_KILLS_A_CACHE), count - done)):
                in_flight += _kill(trial, log, random.uniform(0, usual))
                died += 1
            _complete(trial, in_flight, dead=trial.builds[begun:])
            done += died
            trial.most_doubles += in_flight

    return run


def _kill(trial: Trial, log: _Log, seconds: float) -> int:
    """Kill a build after so many seconds; return how many requests were in flight."""
    log.forget()
    running = trial.start({"concurrency": _CONCURRENCY})
    time.sleep(seconds)
    running.kill()
    moment = time.monotonic()
    trial.collect(running)
    trial.server.wait_for_disconnects()
    return log.in_flight(moment)


def _complete(trial: Trial, in_flight: int, *, dead: Sequence[Build]) -> None:
    """Build to the end; only what was in flight may be paid for again, and all of it is told.

    Args:
        trial: With a cache that nobody has built with to the end.
        in_flight: How many requests had no answer when the builds before ended.
        dead: These builds; one that ended before its kill has told of those before it.
    """
    build = trial.build(concurrency=_CONCURRENCY)
    trial.require(not build.pictures("missing"), "pictures left after a kill")
    doubles = trial.server.double_charges
    trial.require(
        doubles <= in_flight, f"{doubles} double charges with {in_flight} requests in flight"
    )
    told = sum(each.credits("uncertain") for each in dead)
    most = len(dead) * (_CONCURRENCY + 1)
    require_told(trial, build, least=max(0, doubles - told), most=most)
    require_told(trial, trial.build(concurrency=_CONCURRENCY), least=0, most=0)


def require_told(trial: Trial, build: Build, *, least: int, most: int) -> None:
    """Hold what a build says of requests without an answer against what there was of them."""
    told = build.credits("uncertain")
    trial.require(least <= told <= most, f"{told} credits in doubt, not {least} to {most}")
    words = [f"{told} {MAY_BE_CHARGED}" in line for line in build.lines(MAY_BE_CHARGED)]
    trial.require_equal(words, [True] * bool(told), "summaries that say so")


def together(trial: Trial) -> None:
    """Start four builds at once on one empty cache."""
    trial.server.latency = _LATENCY
    running = [trial.start({"concurrency": _CONCURRENCY}) for _ in range(4)]
    for each in running:
        build = trial.finish(each)
        trial.require(not build.pictures("missing"), "pictures left")
    trial.require_equal(trial.server.credits_spent, len(trial.everything), "credits spent")


def ended(way: _Way, latency: float) -> Callable[[Trial], None]:
    """Return a build that is ended when some answers are there, then one to the end."""

    def run(trial: Trial) -> None:
        interrupted = Event()
        answered_at_once = len(trial.everything) // 4  # so that there is something to be stored

        def hold(call: Call) -> None:
            if call.number > answered_at_once:  # the first call asks for the balance
                interrupted.wait(_STARTING)
                trial.server.released.wait(latency)

        log = _Log(hold)
        trial.server.decide = log.decide
        running = trial.start({"concurrency": _CONCURRENCY})
        for _ in range(1 + answered_at_once + _CONCURRENCY):
            trial.server.arrived.acquire(timeout=_STARTING)
        moment = time.monotonic()
        way.ask(running)
        interrupted.set()
        build = trial.collect(running)
        seconds = time.monotonic() - moment
        trial.require(seconds <= _PATIENCE, f"{seconds:.1f} s from {way.name} to the end")
        trial.require_equal(build.status, way.status, "exit status")
        trial.require("Traceback" not in build.output, "a traceback in the output")
        # An answer that comes while the build ends is still stored.
        in_flight = log.in_flight(moment) if latency > _CLOSING else 0
        trial.most_doubles = in_flight
        trial.server.release()
        trial.server.wait_for_disconnects()
        _complete(trial, in_flight, dead=[build])

    return run


def ended_at_any_time(way: _Way, count: int) -> Callable[[Trial], None]:
    """Return so many builds that are ended at random moments."""

    def run(trial: Trial) -> None:
        random = Random(1)  # noqa: S311 - moments, not secrets
        log = _Log()
        trial.server.decide, trial.server.latency = log.decide, _LATENCY
        usual = trial.build(concurrency=_CONCURRENCY).seconds
        for number in range(count):
            trial.begin_anew(f"cache-{number}")
            log.forget()
            running = trial.start({"concurrency": _CONCURRENCY})
            time.sleep(random.uniform(0.2, 0.9) * usual)
            moment = time.monotonic()
            way.ask(running)
            build = trial.collect(running)
            seconds = time.monotonic() - moment
            trial.require(seconds <= _PATIENCE, f"{seconds:.1f} s from {way.name} to the end")
            trial.server.wait_for_disconnects()
            in_flight = log.in_flight(moment)
            # Before the plugin is there, the system's own handler ends the process.
            is_early = build.status == way.early and not trial.server.credits_spent
            trial.require(
                build.status == way.status or is_early or bool(build.report),
                f"exit status {build.status}, not {way.status}",
            )
            trial.most_doubles += in_flight
            _complete(trial, in_flight, dead=[build])

    return run


SCENARIOS = (
    Scenario("four builds at once", together, is_short=True),
    Scenario("Ctrl-C, answers within 0.3 s", ended(_CTRL_C, 0.3), is_short=True),
    Scenario("Ctrl-C, answers within 20 s", ended(_CTRL_C, 20.0)),
    Scenario("Ctrl-C at 8 random moments", ended_at_any_time(_CTRL_C, 8)),
    Scenario("SIGTERM, answers within 0.3 s", ended(_SIGTERM, 0.3), is_short=True),
    Scenario("SIGTERM, answers within 20 s", ended(_SIGTERM, 20.0)),
    Scenario("SIGTERM at 10 random moments", ended_at_any_time(_SIGTERM, 10)),
)


def killed(count: int, *, is_short: bool = False) -> Scenario:
    """Return the row of so many kills."""
    return Scenario(f"killed at {count} random moments", kills(count), is_short=is_short)
