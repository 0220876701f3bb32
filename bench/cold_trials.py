"""Cold builds: every picture has to be asked for; and what importing the plugin takes.

Owns what such a build takes over the ideal one. It must not know which sites there are.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.figures import Spread, Verdict
from bench.processes import CommandError, run
from bench.trials import CONCURRENCY

if TYPE_CHECKING:
    from pathlib import Path

    from bench.processes import Run
    from bench.trials import Trial

MOST_RATIO, MOST_EXTRA_SECONDS = 1.05, 1.5
MOST_EXTRA_MIB = 40.0
MOST_IMPORT_MILLISECONDS = 30.0

_MIB = 1024 * 1024

HEADINGS = (
    *("site", "latency s", "pictures", "n", "without s", "ideal s"),
    *("cold s", "over ideal", "MiB over"),
)

_IMPORT = """
import sys, time
from mkdocs.commands.build import build
from mkdocs.config import load_config
build(load_config(sys.argv[1], site_dir=sys.argv[2]))
began = time.perf_counter()
import mkdocs_alttext.plugin
from mkdocs_alttext.services.registry import service_kind
service_kind("alttextai")
print(1000 * (time.perf_counter() - began))
"""


@dataclass(frozen=True, slots=True)
class ColdFigures:
    """What one site's cold builds took at one latency."""

    name: str
    latency: float
    pictures: int
    plain: Spread
    """Seconds without the plugin."""
    cold: Spread
    """Seconds with it."""
    ideals: Spread
    """Seconds of the ideal: the greater of a build without and of all requests side by side."""
    extra: Spread
    """MiB of peak memory over a build without."""

    def row(self) -> list[str]:
        """Return the row below `HEADINGS`."""
        ratios = zip(self.cold.values, self.ideals.values, strict=True)
        return [
            *(self.name, str(self.latency), str(self.pictures), str(len(self.cold.values))),
            *(f"{self.plain.median:.2f}", f"{self.ideals.median:.2f}", self.cold.text(".2f")),
            Spread(tuple(cold / ideal for cold, ideal in ratios)).text(".2f"),
            self.extra.text(".0f"),
        ]

    def verdicts(self) -> list[Verdict]:
        """Hold the figures against the bounds."""
        subject = f"{self.name}, cold, {self.latency} s a request"
        pairs = zip(self.cold.values, self.ideals.values, strict=True)
        over = Spread(tuple(cold - MOST_RATIO * ideal for cold, ideal in pairs))
        what = f"seconds over {MOST_RATIO} of the ideal"
        return [
            Verdict(subject, what, over, MOST_EXTRA_SECONDS),
            Verdict(subject, "peak MiB over", self.extra.peak, MOST_EXTRA_MIB),
        ]


def cold_figures(trial: Trial, *, latency: float, repetitions: int) -> ColdFigures:
    """Build without the plugin, and with it and an empty cache, by turns.

    Args:
        trial: The site.
        latency: Seconds that the service takes for each picture.
        repetitions: Pairs of builds.

    Raises:
        CommandError: A build failed, or a picture was paid for twice.
    """
    pairs: list[tuple[Run, Run]] = []
    pictures = 0
    trial.server.latency = latency
    try:
        for _ in range(repetitions):
            plain = trial.build_plain()
            trial.forget()
            pairs.append((plain, trial.build_filled()))
            pictures = trial.server.ledger.total()
            if trial.server.double_charges:
                raise CommandError(f"{trial.site.name}: a picture was paid for twice")
    finally:
        trial.server.latency = 0.0
    least = pictures * latency / CONCURRENCY
    return ColdFigures(
        trial.site.name,
        latency,
        pictures,
        Spread(tuple(plain.seconds for plain, _ in pairs)),
        Spread(tuple(cold.seconds for _, cold in pairs)),
        Spread(tuple(max(plain.seconds, least) for plain, _ in pairs)),
        Spread(tuple((cold.peak_bytes - plain.peak_bytes) / _MIB for plain, cold in pairs)),
    )


def import_milliseconds(trial: Trial, site_dir: Path, *, repetitions: int) -> Spread:
    """Measure what importing the plugin adds to a process that has built a site without it.

    Args:
        trial: A site of one page.
        site_dir: Where to build it.
        repetitions: Processes.

    Returns:
        Milliseconds, where no page needs anything.
    """
    command = [sys.executable, "-P", "-c", _IMPORT, str(trial.plain), str(site_dir)]
    folder = trial.site.config.parent
    outputs = [run(command, folder=folder, variables={}).output for _ in range(repetitions + 1)]
    return Spread(tuple(float(output.splitlines()[-1]) for output in outputs[1:]))
