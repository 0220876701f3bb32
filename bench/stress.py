"""One table of everything that goes wrong, and what it cost.

    python -m bench.stress [--service NAME] [--short] [--only NAME] [--kills N]

Real `mkdocs build` processes meet a loopback service that keeps a ledger of every credit. Ends with
status 1 when a rule does not hold: nothing is paid for twice but what was in flight, every build
ends well with a complete site that differs from the plain one by texts only, the next build fills
exactly what was missing, and the key is nowhere.

Owns the choice of rows and the printing. It must not know how a fault is brought about.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench import (
    stress_caches,
    stress_credits,
    stress_disks,
    stress_interruptions,
    stress_leases,
    stress_services,
    stress_unfit,
    stress_vision,
)
from bench.figures import table
from bench.stress_builds import start_build
from bench.stress_parties import ALTTEXTAI, PARTIES
from bench.stress_site import read_files, write_site
from bench.stress_trial import HEADINGS, Row, Scenario, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.stress_parties import Party
    from bench.stress_site import StressSite

SHORT_PICTURES = 8
SHORT_KILLS = 1
MOST_RULES = 8
"""Broken rules that are printed of one row."""


def scenarios(*, is_short: bool, kills: int, party: Party = ALTTEXTAI) -> list[Scenario]:
    """Return the rows to be.

    Args:
        party: The service.
        is_short: Whether to take the short form: few rows, few pictures.
        kills: How many builds to kill, in the long form.
    """
    own: tuple[Scenario, ...] = stress_vision.SCENARIOS
    if party is ALTTEXTAI:
        own = (
            *stress_credits.WITH_BALANCE,
            *stress_services.SCENARIOS,
            *stress_unfit.SCENARIOS,
            stress_leases.STOPPED_BUILD,
            *stress_services.BOUNDS,
        )
    every = (
        *stress_credits.FOR_ALL,
        *stress_services.OF_TRANSPORT,
        *own,
        *stress_caches.SCENARIOS,
        *stress_disks.SCENARIOS,
        *stress_interruptions.SCENARIOS,
        stress_interruptions.killed(SHORT_KILLS if is_short else kills, is_short=True),
        *stress_leases.SCENARIOS,
    )
    if not is_short:
        return list(every)
    return [replace(each, pictures=SHORT_PICTURES) for each in every if each.is_short]


class Stand:
    """Where scenarios run: one site for each number of pictures, built once without the plugin."""

    def __init__(self, folder: Path, party: Party = ALTTEXTAI) -> None:
        """Take an empty folder, and the service."""
        self._folder = folder
        self._party = party
        self._site = cache(self._prepared_site)
        self._count = 0

    def run(self, scenario: Scenario) -> Row:
        """Run one scenario in a folder, with a service and with a cache of its own."""
        site = self._site(scenario.pictures)
        self._count += 1
        folder = self._folder / f"trial-{self._count:02}"
        folder.mkdir()
        credits_left = scenario.credits_left(scenario.pictures)
        with self._party.serve(credits_left) as server:
            trial = Trial(site, folder, server, party=self._party)
            scenario.run(trial)
            return trial.row(scenario.name)

    def _prepared_site(self, count: int) -> StressSite:
        site = write_site(self._folder / f"site-{count}", count, language=self._party.language)
        folder = self._folder / f"plain-{count}"
        build = start_build(site, folder, None, variables={}).wait()
        if build.status:
            raise RuntimeError(build.output)
        site.plain.update(read_files(folder / "site"))
        return site


def summary(found: Sequence[Row]) -> str:
    """Return the table, and below it each rule that does not hold."""
    broken = [f"FAILS  {row.fault}: {rule}" for row in found for rule in row.broken[:MOST_RULES]]
    lines = broken or ["Every rule holds in every row."]
    return "\n".join([table(HEADINGS, [row.cells() for row in found]), "", *lines])


def main(
    arguments: list[str] | None = None, *, stand_in: Callable[[Path, Party], Stand] = Stand
) -> int:
    """Run what the command line says, and print the table.

    Args:
        arguments: The command line's.
        stand_in: Makes the stand in an empty folder.

    Returns:
        The exit status: 1 when a rule does not hold.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--service", choices=PARTIES, default=ALTTEXTAI.name, help="which service")
    parser.add_argument("--short", action="store_true", help="few rows and few pictures")
    parser.add_argument("--only", metavar="NAME", help="rows whose name holds this")
    parser.add_argument("--kills", type=int, default=50, metavar="N", help="builds to kill")
    options = parser.parse_args(arguments)
    party = PARTIES[options.service]
    chosen = scenarios(is_short=options.short, kills=options.kills, party=party)
    chosen = [each for each in chosen if (options.only or "") in each.name]
    if not chosen:
        parser.error(f"no row's name holds {options.only!r}")
    found = []
    with tempfile.TemporaryDirectory(prefix="alttext-stress-") as name:
        stand = stand_in(Path(name), party)
        for scenario in chosen:
            row = stand.run(scenario)
            print("FAILS" if row.broken else "holds", row.fault, file=sys.stderr, flush=True)
            found.append(row)
    print(summary(found))
    return int(any(row.broken for row in found))


if __name__ == "__main__":
    sys.exit(main())
