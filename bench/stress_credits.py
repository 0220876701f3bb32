"""Credits: none left, few left, few allowed, none to be spent.

Owns the rows about money. It must not know how a service or a cache fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_server import faults

from bench.stress_builds import KEY
from bench.stress_trial import STOPPED, Scenario

if TYPE_CHECKING:
    from bench.stress_trial import Trial


def healthy(trial: Trial) -> None:
    """Build with all well, the key in a file."""
    before = set(trial.folder.iterdir())
    secret = trial.site.folder / "secret"
    secret.write_text(f"{KEY}\n", encoding="utf-8")
    build = trial.finish(trial.start(variables={f"{trial.party.key_variable}_FILE": str(secret)}))
    trial.require(before == set(), "the trial's folder was used before")
    trial.require(not build.pictures("missing"), "pictures left")
    trial.require_equal(trial.server.ledger.total(), len(trial.everything), "credits spent")
    trial.require_equal(build.lines(STOPPED), [], "messages")


def healthy_again(trial: Trial) -> None:
    """Build twice; the second time sends nothing and writes the same."""
    cold = trial.build()
    calls = len(trial.server.calls)
    warm = trial.build()
    trial.require_equal(len(trial.server.calls) - calls, 0, "requests of a warm build")
    trial.require(cold.site == warm.site, "a warm build writes other bytes")


def no_key(trial: Trial) -> None:
    """Build without a key, then with one."""
    build = trial.finish(trial.start(variables={trial.party.key_variable: ""}))
    trial.require_equal(len(trial.server.calls), 0, "requests without a key")
    trial.require_equal(build.pictures("missing"), trial.everything, "left")
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.heal()


def out_of_credits(trial: Trial) -> None:
    """Build with fewer credits than pictures, then with the rest."""
    affordable = trial.server.credits_left
    build = trial.build()
    _require_first(trial, affordable)
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.server.top_up(len(trial.everything))
    trial.heal()
    trial.require_equal(trial.server.credits_left, affordable, "credits left at the end")


def out_of_credits_unannounced(trial: Trial) -> None:
    """Build while the balance cannot be asked for: the service refuses half-way."""
    affordable = trial.server.credits_left
    trial.server.decide = lambda call: faults.status(500) if call.path == "/credits" else None
    build = trial.build()
    filled = len(build.pictures("filled"))
    trial.require_equal(filled, affordable, "filled")
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.server.top_up(len(trial.everything))
    trial.server.decide = None
    trial.heal()


def max_credits(trial: Trial) -> None:
    """Build with a limit, then without."""
    limit = len(trial.everything) // 4
    build = trial.build(max_credits=limit)
    _require_first(trial, limit)
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.heal()


def dry_run(trial: Trial) -> None:
    """Ask what a build would spend, with a part of the texts in the cache, then build."""
    known = len(trial.everything) // 4
    trial.build(max_credits=known)
    calls = len(trial.server.calls)
    build = trial.build(generate="never")
    trial.require_equal(len(trial.server.calls) - calls, 0, "requests of a dry run")
    announced = f"would spend {len(trial.everything) - known} credits"
    trial.require_equal(len(build.lines(announced)), 1, f"lines with '{announced}'")
    trial.heal()


def _require_first(trial: Trial, count: int) -> None:
    """Hold the last build against a limit: in page order, up to it, and all others listed."""
    first = set(trial.site.pictures[:count])
    build = trial.builds[-1]
    trial.require_equal(build.pictures("filled"), first, "filled")
    trial.require_equal(build.pictures("missing"), trial.everything - first, "listed as left")
    trial.require_equal(build.credits("spent"), count, "the report's credits")
    trial.require_equal(trial.server.credits_spent, count, "credits spent")


def _few(count: int) -> int:
    return count * 7 // 20


FOR_ALL = (
    Scenario("healthy", healthy),
    Scenario("healthy again (warm)", healthy_again, is_short=True),
    Scenario("no key", no_key),
    Scenario("max_credits", max_credits),
    Scenario("dry run", dry_run),
)
WITH_BALANCE = (
    Scenario("out of credits", out_of_credits, credits_left=_few, is_short=True),
    Scenario("out of credits, unannounced", out_of_credits_unannounced, credits_left=_few),
)
"""Where the service tells what is left."""
