"""What vendors of vision models do wrong in ways of their own, as rows of the stress table.

What goes wrong below HTTP, in the cache and with processes is in the other modules, and the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_server import faults
from vision_server import charged, completion, message, openai_error, refuse

from bench.stress_faults import always, everywhere, first_time, sometimes, unbilled
from bench.stress_services import ServiceFault
from bench.stress_trial import STOPPED, Scenario
from bench.stress_unfit import Unfit, too_long, wasted

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_server import Call, Fault

    from bench.stress_trial import Trial

_AT_ONCE = {"Retry-After": "0"}
_CUT_OFF = {
    "openai": completion("A happy Pembroke Welsh C", finish="length"),
    "anthropic": message("A happy Pembroke Welsh C", stop="max_tokens", as_tool=False),
}
_FAILED = charged(openai_error("Something failed"), status=500)


def out_of_credit(trial: Trial) -> None:
    """Build with fewer credits than pictures: the vendor refuses half-way; then with the rest."""
    affordable = trial.server.credits_left
    build = trial.build()
    trial.require_equal(len(build.pictures("filled")), affordable, "filled")
    trial.require_equal(set(build.reasons("missing")), {"out-of-credits"}, "reasons")
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    trial.server.top_up(len(trial.everything))
    trial.heal()
    trial.require_equal(trial.server.credits_left, affordable, "credits left at the end")


def cut_off(trial: Trial) -> None:
    """Build while every answer is cut off."""
    wasted(trial, charged(_CUT_OFF[trial.party.name]), "answer-truncated")


def empty(trial: Trial) -> None:
    """Build while every answer is empty."""
    wasted(trial, trial.party.says(""), "answer-empty")


def loading(trial: Trial) -> None:
    """Build while the server loads its model, longer than there are retries."""
    refusal = refuse(503, openai_error("Loading model"), headers=_AT_ONCE)
    trial.server.script(*[refusal] * 12)
    build = trial.build()
    trial.require_equal(build.pictures("missing"), set(), "left")
    trial.require_equal(build.credits("uncertain"), 0, "credits in doubt")


def says(text: str, reason: str) -> Callable[[Trial], None]:
    """Return builds while the model says this in place of every text."""

    def run(trial: Trial) -> None:
        Unfit(trial.party.says(text), reason)(trial)

    return run


def _refused(status: int, words: str, *, code: str | None = None) -> Fault:
    return refuse(status, openai_error(words, code=code), headers=_AT_ONCE)


def _sometimes(fault: Fault) -> ServiceFault:
    return ServiceFault(lambda: sometimes(fault), fills=True)


def _quoting(call: Call) -> Fault:
    """Refuse the key and quote it, as careless services do."""
    headers = {name.lower(): value for name, value in call.headers.items()}
    key = headers.get("x-api-key") or headers.get("authorization")
    return refuse(401, openai_error(f"Invalid key: {key}"))


SCENARIOS = (
    Scenario("out of credit half-way", out_of_credit, lambda count: count * 7 // 20, is_short=True),
    Scenario("429 sometimes", _sometimes(_refused(429, "Slow down"))),
    Scenario("529 sometimes", _sometimes(_refused(529, "Overloaded"))),
    Scenario("503 while it loads, 12 times", loading),
    Scenario("429 that names a field, sometimes", _sometimes(_refused(429, "max_tokens"))),
    Scenario(
        "500 for each picture, charged",
        ServiceFault(lambda: first_time(_FAILED), fills=True, doubles=1),
        is_short=True,
    ),
    Scenario(
        "500 for ever, not charged",
        ServiceFault(lambda: everywhere(unbilled(_FAILED)), stops=True, requests_each=2),
    ),
    Scenario(
        "insufficient_quota for all",
        ServiceFault(
            lambda: always(_refused(429, "Quota", code="insufficient_quota")),
            stops=True,
            requests=1,
        ),
    ),
    Scenario("401, quoting the key", ServiceFault(lambda: _quoting, stops=True, requests=1)),
    Scenario("every answer cut off", cut_off),
    Scenario("every answer empty", empty),
    Scenario("unfit: digits", says("404", "answer-digits")),
    Scenario(
        "unfit: a refusal", says("I'm sorry, I cannot help.", "answer-refusal"), is_short=True
    ),
    Scenario("unfit: options", says("Option 1: A kite. Option 2: A bird.", "answer-chatter")),
    Scenario("unfit: 2,500 characters", says("word " * 500, "answer-too-long")),
    Scenario("unfit: too long, then max_length raised", too_long),
    Scenario(
        "closed after charging, twice",
        ServiceFault(
            lambda: always(faults.close_connection(charge=True)),
            doubles=2,
            stops=True,
            requests_each=2,
        ),
    ),
)
