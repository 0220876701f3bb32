"""The short form of the stress table: real builds against a service that keeps a ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent))  # `bench` is no part of the package
from bench.stress import SHORT_PICTURES, Stand, main, scenarios, summary
from bench.stress_parties import PARTIES
from bench.stress_trial import HEADINGS, Row, Scenario

VISION = {
    name: {each.name: each for each in scenarios(is_short=True, kills=0, party=party)}
    for name, party in PARTIES.items()
    if name != "alttextai"
}
SCENARIOS = {scenario.name: scenario for scenario in scenarios(is_short=True, kills=0)}
N = SHORT_PICTURES
EXPECTED: dict[str, tuple[int, int, int, int, int]] = {
    # builds, credits spent, double charges, left by the worst build, left at the end
    "healthy again (warm)": (2, N, 0, 0, 0),
    "out of credits": (2, N, 0, N - N * 7 // 20, 0),
    "closed after charging": (2, 2 * N, N, 0, 0),
    "HTML, quoting the key": (2, N, 0, N, 0),
    "unfit: a refusal": (4, N, 0, N, N),
    "unfit: too long, then max_length raised": (5, N, 0, N, 0),
    "cache: pickled rows": (3, N, 0, 0, 0),
    "four builds at once": (4, N, 0, 0, 0),
    "Ctrl-C, answers within 0.3 s": (3, N, 0, 0, 0),
    "SIGTERM, answers within 0.3 s": (3, N, 0, 0, 0),
}


OF_VISION: dict[str, tuple[int, int, int, int, int]] = {
    "healthy again (warm)": (2, N, 0, 0, 0),
    "out of credit half-way": (2, N, 0, N - N * 7 // 20, 0),
    "closed after charging": (2, 2 * N, N, 0, 0),
    "500 for each picture, charged": (2, 2 * N, N, 0, 0),
    "unfit: a refusal": (4, N, 0, N, N),
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """Return one stand for all rows: the site without the plugin is built once."""
    return Stand(tmp_path_factory.mktemp("stress"))


@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_fault_costs(stand: Stand, name: str) -> None:
    """Every rule of the row holds, and its figures are as foretold."""
    row = stand.run(SCENARIOS[name])
    assert row.broken == ()
    figures = (row.builds, row.spent, row.doubles, row.left, row.left_at_end)
    assert figures == EXPECTED[name]
    assert row.distinct == row.images == N


@pytest.fixture(scope="module", params=VISION)
def vision_stand(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Stand, dict[str, Scenario]]:
    """Return the same for a vendor of vision models, with its rows."""
    party = PARTIES[request.param]
    return Stand(tmp_path_factory.mktemp("stress"), party), VISION[request.param]


@pytest.mark.parametrize("name", OF_VISION)
def test_what_a_fault_of_a_vision_model_costs(
    vision_stand: tuple[Stand, dict[str, Scenario]], name: str
) -> None:
    """The same rules; what the fault itself charges in vain is all that is charged twice."""
    stand, rows = vision_stand
    row = stand.run(rows[name])
    assert row.broken == ()
    assert (row.builds, row.spent, row.doubles, row.left, row.left_at_end) == OF_VISION[name]


def test_a_killed_build_costs_at_most_what_was_in_flight(stand: Stand) -> None:
    """The row's rule; when the kill comes is chance, so its figures are, too."""
    (kill,) = (each for each in SCENARIOS.values() if each.name.startswith("killed"))
    row = stand.run(kill)
    assert row.broken == ()
    assert row.left_at_end == 0


def test_the_table_of_the_short_form_is_covered() -> None:
    """A row that joins the short form joins this test."""
    assert {name for name in SCENARIOS if not name.startswith("killed")} == set(EXPECTED)


def test_a_broken_rule_is_named_below_the_table() -> None:
    """With the row's name, so that it can be run alone."""
    row = Row("a fault", 2, 8, 16, 8, 8, 0, 1, 1, 2.5, 1.5, ("8 double charges",))
    heading, _, cells, _, verdict = summary([row]).splitlines()
    assert [name for name in HEADINGS if name not in heading] == []
    assert cells.split()[2:] == ["2", "8", "16", "8", "8", "0", "1", "1", "2.5", "1.5"]
    assert verdict == "FAILS  a fault: 8 double charges"


@pytest.mark.parametrize("broken", [(), ("a rule",)])
def test_the_exit_status_tells_whether_every_rule_holds(
    capsys: pytest.CaptureFixture[str], broken: tuple[str, ...]
) -> None:
    """So that the command can stop a release."""

    class Foretold(Stand):
        def run(self, scenario: Scenario) -> Row:
            return Row(scenario.name, 1, 8, 8, 8, 0, 0, 0, 0, 1.0, 1.0, broken)

    assert main(["--short", "--only", "out of"], stand_in=Foretold) == len(broken)
    assert ("FAILS" in capsys.readouterr().out) is bool(broken)
