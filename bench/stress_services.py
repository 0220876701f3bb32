"""Everything that a service can do wrong, as rows of the stress table.

Owns what each fault may cost. It must not know caches or processes.
"""

from __future__ import annotations

import itertools
import socket
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api_server import ApiServer, Call, Fault, faults

from bench.stress_builds import KEY
from bench.stress_faults import (
    always,
    echo_key,
    everywhere,
    first_time,
    page_with_key,
    sometimes,
    unbilled,
)
from bench.stress_trial import FAILED, STOPPED, Scenario
from mkdocs_alttext.captioning.retry import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.stress_trial import Trial

_DEFAULT_TIMEOUT = 60.0
_NONSENSE = {"stops": True, "requests": 12}
"""What may be charged each time ends after five in a row, and those under way meanwhile."""
_OVERHEAD_SECONDS = 10.0
"""What a build of a hundred images takes beside waiting, with room for a busy machine."""


@dataclass(frozen=True, slots=True)
class ServiceFault:
    """A build while the service does this, then a build when all is well."""

    decide: Callable[[], Callable[[Call], Fault | None]]
    """Makes what chooses the fault for each request."""
    fills: bool = False
    """Whether all pictures get their text in spite of it; else none does."""
    options: Mapping[str, object] = field(default_factory=dict)
    doubles: int = 0
    """Double charges of one picture that cannot be avoided."""
    stops: bool = False
    """Whether the service is left alone, which is said once."""
    requests: int | None = None
    """Requests for texts at most, when that is a rule."""
    requests_each: int | None = None
    """The same for one picture."""

    def __call__(self, trial: Trial) -> None:
        """Build, hold the build against the rules, and build again."""
        trial.server.decide = self.decide()
        build = trial.build(**self.options)
        left = set[str]() if self.fills else trial.everything
        trial.require_equal(build.pictures("missing"), left, "left")
        trial.require_equal(len(build.lines(STOPPED)), int(self.stops), "messages")
        trial.require_equal(len(build.lines(FAILED)), 0, "messages of failure")
        trial.most_doubles = self.doubles * len(trial.everything)
        trial.require(
            trial.server.double_charges <= build.credits("uncertain"),
            "the report does not count all credits that may have been charged",
        )
        self._count_requests(trial)
        trial.server.decide = None
        trial.server.release()
        trial.heal()

    def _count_requests(self, trial: Trial) -> None:
        asked = Counter(call.sha256 for call in trial.server.calls if call.image is not None)
        most = max(asked.values(), default=0)
        if self.requests is not None:
            trial.require(asked.total() <= self.requests, f"{asked.total()} requests for texts")
        if self.requests_each is not None:
            trial.require(most <= self.requests_each, f"{most} requests for one picture")


def refused(trial: Trial) -> None:
    """Build while nobody listens at the service's port."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))  # kept, so that nobody else can listen there
        address = f"http://127.0.0.1:{port.getsockname()[1]}/api/v1"
        build = trial.build(base_url=address)
    trial.require_equal(build.pictures("missing"), trial.everything, "left")
    trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
    _require_bound(trial, build.seconds, _DEFAULT_TIMEOUT)
    trial.heal()


def redirected(trial: Trial) -> None:
    """Build while the service sends its clients to another host, which must see nothing."""
    with ApiServer(api_key=KEY) as other:
        codes = itertools.cycle((301, 302, 303, 307, 308))
        target = other.base_url.replace("127.0.0.1", "localhost") + "/generate"
        trial.server.decide = lambda _call: faults.redirect(target, next(codes))
        build = trial.build()
        trial.require_equal(other.connections, 0, "connections to the other host")
    trial.require_equal(build.pictures("missing"), trial.everything, "left")
    trial.server.decide = None
    trial.heal()


def dead(fault: Fault, *, timeout: float = _DEFAULT_TIMEOUT) -> Callable[[Trial], None]:
    """Return a build within the documented bound while the service is dead."""

    def run(trial: Trial) -> None:
        trial.server.decide = everywhere(fault)
        build = trial.build(timeout=timeout)
        _require_bound(trial, build.seconds, timeout)
        trial.require_equal(build.pictures("missing"), trial.everything, "left")
        trial.require_equal(len(build.lines(STOPPED)), 1, "messages")
        trial.server.decide = None
        trial.server.release()
        trial.heal()

    return run


def _require_bound(trial: Trial, seconds: float, timeout: float) -> None:
    most = PATIENCE + timeout + _OVERHEAD_SECONDS
    trial.require(seconds <= most, f"a build took {seconds:.0f} s, more than {most:.0f} s")


def _answered(fault: Fault, **rest: object) -> ServiceFault:
    """Return the fault of an answer to every request for a text: no picture gets one."""
    return ServiceFault(lambda: always(fault), **rest)  # type: ignore[arg-type]


_SHORT = {"timeout": 1}
_NO_SUCCESS = faults.json_body({"success": False, "error": "Something failed"}, charge=False)

SCENARIOS = (
    Scenario(
        "403 rate limit sometimes",
        ServiceFault(lambda: sometimes(faults.rate_limited()), fills=True),
    ),
    Scenario(
        "429 with Retry-After: 1 sometimes",
        ServiceFault(lambda: sometimes(faults.too_many_requests("1")), fills=True),
    ),
    Scenario("500 sometimes", ServiceFault(lambda: sometimes(faults.status(500)), fills=True)),
    Scenario("500 for ever", ServiceFault(lambda: everywhere(faults.status(500)), stops=True)),
    Scenario(
        "401, quoting the key",
        ServiceFault(lambda: everywhere(echo_key), stops=True, requests=0),
    ),
    Scenario("401 for texts only", ServiceFault(lambda: always(echo_key), stops=True, requests=8)),
    Scenario("success false for all", _answered(_NO_SUCCESS, **_NONSENSE)),
    Scenario("wrong types", _answered(unbilled(faults.wrong_types()), **_NONSENSE)),
)

OF_TRANSPORT = (
    Scenario("connection refused", refused),
    Scenario(
        "hangs for ever",
        ServiceFault(
            lambda: everywhere(unbilled(faults.hang())), options=_SHORT, stops=True, requests_each=2
        ),
    ),
    Scenario(
        "closed before charging",
        ServiceFault(lambda: first_time(faults.close_connection()), fills=True),
    ),
    Scenario(
        "closed after charging",
        ServiceFault(
            lambda: first_time(faults.close_connection(charge=True)), fills=True, doubles=1
        ),
        is_short=True,
    ),
    Scenario(
        "headers dripping", _answered(unbilled(faults.drip_headers()), options=_SHORT, stops=True)
    ),
    Scenario("body dripping", _answered(unbilled(faults.drip_body()), options=_SHORT, stops=True)),
    Scenario("50 MB body", _answered(unbilled(faults.huge_body()), **_NONSENSE)),
    Scenario("gzip bomb", _answered(unbilled(faults.gzip_bomb()), **_NONSENSE)),
    Scenario("HTML, quoting the key", _answered(page_with_key, **_NONSENSE), is_short=True),
    Scenario("broken JSON", _answered(unbilled(faults.broken_json()), **_NONSENSE)),
    Scenario("not HTTP", _answered(faults.not_http(), **_NONSENSE)),
    Scenario("HTML, charged", _answered(faults.html(), doubles=1, **_NONSENSE)),
    Scenario(
        "cut off, charged", _answered(faults.cut_off(), doubles=2, stops=True, requests_each=2)
    ),
    Scenario("redirect to another host", redirected),
)
"""What goes wrong below the words of an API."""

BOUNDS = (
    Scenario("refused, 100 images", refused, pictures=100),
    Scenario("500 for ever, 100 images", dead(faults.status(500)), pictures=100),
    Scenario(
        "hangs, 100 images, timeout 1", dead(unbilled(faults.hang()), timeout=1), pictures=100
    ),
    Scenario("hangs, 100 images, timeout 60", dead(unbilled(faults.hang())), pictures=100),
    Scenario(
        "429, Retry-After: 60, 100 images", dead(faults.too_many_requests("60")), pictures=100
    ),
)
"""How long a dead service can keep a build of a hundred images."""
