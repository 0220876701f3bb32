"""Leases of builds that do not go on, as rows of the stress table: stopped, or planted."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

from bench.stress_interruptions import require_told
from bench.stress_site import LANGUAGE
from bench.stress_trial import Scenario
from mkdocs_alttext.cache.base import LEASE, entry_name
from mkdocs_alttext.cache.lease_records import MOST_SECONDS, Holder
from mkdocs_alttext.models import CaptionKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_server import Call, Fault, Turn

    from bench.stress_builds import Build
    from bench.stress_trial import Trial

_TIMEOUT = 5
"""Seconds, the option's value; a lease lasts for 30 more, and so does a build's patience."""
_LEASE = _TIMEOUT + 30
_MARGIN = 20.0
"""Seconds that a build of few pictures takes beside waiting, on a busy machine."""
_CONCURRENCY = 4
_STARTING = 30.0
"""Seconds that a build may take to its first requests, on a busy machine."""
_AT_REST = 0.5
"""Seconds until a build that waits for answers has written all that it has to write."""
_FEW = 8
"""Pictures: the rows are about waiting."""


def stopped(trial: Trial) -> None:
    """Stop a build that waits for answers, as Ctrl-Z does, build beside it, and let it go on."""
    going = Event()

    def decide(call: Call) -> Fault | None:
        def hold(turn: Turn) -> None:
            answer = turn.server.answer(call)  # which charges
            going.wait(_STARTING)
            turn.reply(*answer)

        return hold if call.image is not None and not going.is_set() else None

    trial.server.decide = decide
    holder = trial.start({"concurrency": _CONCURRENCY, "timeout": _TIMEOUT})
    try:
        for _ in range(1 + _CONCURRENCY):
            trial.server.arrived.acquire(timeout=_STARTING)
        time.sleep(_AT_REST)
        sent = trial.server.credits_spent
        holder.stop()
        going.set()
        build = _second(trial)
        trial.require_equal(build.pictures("missing"), set(), "left")
        trial.require_equal(trial.server.double_charges, sent, "double charges")
        require_told(trial, build, least=sent, most=sent)
        require_told(trial, trial.build(), least=0, most=0)
        spent = trial.server.credits_spent
        holder.go_on()
        late = trial.finish(holder)
        trial.require_equal(late.pictures("missing"), set(), "left by the stopped build")
        trial.require_equal(trial.server.credits_spent, spent, "credits when it had gone on")
    finally:
        holder.kill()
    trial.most_doubles = sent
    require_told(trial, trial.build(), least=0, most=0)


def planted(holder: Holder) -> Callable[[Trial], None]:
    """Return a build that meets leases of a holder that nobody can tell to be dead."""

    def run(trial: Trial) -> None:
        trial.build(max_credits=1)
        (bought,) = trial.builds[-1].pictures("filled")
        plant_leases(trial, holder)
        build = _second(trial)
        rest = trial.everything - {bought}
        trial.require_equal(build.pictures("missing"), rest, "left")
        trial.require_equal(set(build.reasons("missing")), {"service-unavailable"}, "reasons")
        trial.require_equal(trial.server.credits_spent, 1, "credits spent")
        _change(trial, "DELETE FROM Cache WHERE key LIKE 'lease/%'")
        trial.heal()

    return run


def some_planted(trial: Trial) -> None:
    """Meet a few such leases among pictures that nobody else asks for: those are filled."""
    trial.build(max_credits=1)
    held = set(trial.site.pictures[-2:])
    plant_leases(trial, ELSEWHERE, held)
    build = _second(trial)
    trial.require_equal(build.pictures("missing"), held, "left")
    trial.require_equal(set(build.reasons("missing")), {"service-unavailable"}, "reasons")
    _change(trial, "DELETE FROM Cache WHERE key LIKE 'lease/%'")
    trial.heal()


def plant_leases(trial: Trial, holder: Holder, pictures: set[str] | None = None) -> None:
    """Put leases into the cache, as long as they are believed, or hardly shorter."""
    end = time.time() + MOST_SECONDS - 60
    text = holder.encode()
    insert = (
        "INSERT INTO Cache (key, raw, store_time, expire_time, access_time, tag, size, mode, value)"
        " VALUES (:name, 1, 0, :end, 0, NULL, 0, 1, :text)"
    )
    for picture in trial.everything if pictures is None else pictures:
        _change(trial, insert, name=entry_name(LEASE, _key(trial, picture)), end=end, text=text)


def _key(trial: Trial, picture: str) -> CaptionKey:
    content = (trial.site.docs / picture).read_bytes()
    return CaptionKey(hashlib.sha256(content).hexdigest(), LANGUAGE, trial.party.name)


def _second(trial: Trial) -> Build:
    """Build while others hold leases: the patience is one for the whole build."""
    build = trial.build(timeout=_TIMEOUT, concurrency=_CONCURRENCY)
    most = _LEASE + _MARGIN
    trial.require(build.seconds <= most, f"{build.seconds:.0f} s, more than {most:.0f} s")
    return build


def _change(trial: Trial, statement: str, **values: object) -> None:
    path = trial.cache / "cache.db"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
        connection.execute(statement, values)


ALIVE = Holder.of_this_process("a program that holds leases")
ELSEWHERE = Holder("a build", "another machine", 1, 1)

STOPPED_BUILD = Scenario("leases of a stopped build", stopped, pictures=_FEW)
"""Needs requests side by side from the first on."""
SCENARIOS = (
    Scenario("leases of a living process", planted(ALIVE), pictures=_FEW),
    Scenario("leases of another machine", planted(ELSEWHERE), pictures=_FEW),
    Scenario("leases on a few pictures", some_planted, pictures=_FEW),
)
