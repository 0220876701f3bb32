"""Answers that are no alt text, as rows of the stress table: paid for once, published never.

Owns what a service says instead, and what that may cost over builds that share a cache. It must not
know how a build judges a text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api_server import alt_text, faults

from bench.stress_faults import always, charged
from bench.stress_trial import STOPPED, Scenario
from mkdocs_alttext.captioning.retry import FAILURES_IN_A_ROW

if TYPE_CHECKING:
    from api_server import Fault, Turn

    from bench.stress_builds import Build
    from bench.stress_trial import Trial

_BUILDS = 3
_CONCURRENCY = 2
_FAR_TOO_LONG = 2500
"""Characters; more than any `max_length`."""
_RAISED = 1000
"""The largest `max_length`."""
_FILLER = " beside a path along the shore of a lake"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Three builds while the service answers every request so."""

    fault: Fault
    reason: str
    """The report's, for each picture."""
    is_doubtful: bool = False
    """Whether nobody says that it was charged: then the first report counts it as uncertain."""

    def __call__(self, trial: Trial) -> None:
        """Build, and go on with a service that is well: what was paid for stays as it is."""
        trial.server.decide = always(self.fault)
        for number in range(_BUILDS):
            build = trial.build(max_length=_RAISED if number == _BUILDS - 1 else 300)
            self._check(trial, build, is_first=number == 0)
        trial.server.decide = None
        self._check(trial, trial.build(), is_first=False)

    def _check(self, trial: Trial, build: Build, *, is_first: bool) -> None:
        count = len(trial.everything)
        trial.require_equal(build.pictures("missing"), trial.everything, "left")
        trial.require_equal(set(build.reasons("missing")), {self.reason}, "reasons")
        trial.require_equal(_requests(trial), count, "requests for texts in all builds")
        trial.require_equal(trial.server.credits_spent, count, "credits of all builds")
        told = count if is_first else 0
        trial.require_equal(
            (build.credits("spent"), build.credits("uncertain")),
            (0, told) if self.is_doubtful else (told, 0),
            "the report's credits, spent and in doubt",
        )


def too_long(trial: Trial) -> None:
    """Build with the usual limit, then with a larger one, which publishes without a request."""
    texts = {picture: text + _FILLER * 12 for picture, text in trial.site.texts.items()}
    trial.site = replace(trial.site, texts=texts)
    trial.server.decide = always(lambda turn: _longer(trial, turn))
    for limit in (300, 300, _RAISED):
        build = trial.build(max_length=limit)
        left = set[str]() if limit == _RAISED else trial.everything
        trial.require_equal(build.pictures("missing"), left, f"left with max_length: {limit}")
        trial.require_equal(_requests(trial), len(trial.everything), "requests in all builds")
    trial.require_equal(trial.server.credits_spent, len(trial.everything), "credits")
    again = trial.build(max_length=20)
    trial.require_equal(again.pictures("missing"), trial.everything, "left with max_length: 20")
    trial.require_equal(set(again.reasons("missing")), {"answer-too-long"}, "reasons")
    trial.build(max_length=_RAISED)


def wasted(trial: Trial, fault: Fault, reason: str) -> None:
    """Build while no answer has a text: a few are paid for, and not the whole site.

    Args:
        trial: The trial.
        fault: The answer.
        reason: What pictures are left for.
    """
    trial.server.decide = always(fault)
    build = trial.build(concurrency=_CONCURRENCY)
    spent = trial.server.credits_spent
    most = FAILURES_IN_A_ROW + _CONCURRENCY
    trial.require(FAILURES_IN_A_ROW <= spent <= most, f"{spent} credits for nothing")
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.server.decide = None
    kept = build.reasons("missing")[reason]
    _, paid = trial.spending()
    trial.require_equal(set(paid), trial.everything - kept, "paid for by the next build")


def _longer(trial: Trial, turn: Turn) -> None:
    text = alt_text(turn.call.image or b"", turn.call.language)
    trial.party.says(text + _FILLER * 12)(turn)


def _requests(trial: Trial) -> int:
    return sum(call.image is not None for call in trial.server.calls)


def _row(name: str, fault: Fault, reason: str, *, is_short: bool = False) -> Scenario:
    return Scenario(f"unfit: {name}", Unfit(fault, reason), is_short=is_short)


SCENARIOS = (
    Scenario("every answer empty", lambda trial: wasted(trial, faults.text(""), "answer-empty")),
    _row("digits", faults.text("404"), "answer-digits"),
    _row("JSON", faults.text('{"alt_text": "A kite"}'), "answer-not-prose"),
    _row("a refusal", faults.text("I'm sorry, I cannot help."), "answer-refusal", is_short=True),
    _row("2,500 characters", faults.text("word " * (_FAR_TOO_LONG // 5)), "answer-too-long"),
    Scenario(
        "unfit: success false for the result",
        Unfit(charged(faults.success_false()), "image-rejected", is_doubtful=True),
    ),
    Scenario("unfit: too long, then max_length raised", too_long, is_short=True),
)
