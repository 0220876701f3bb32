"""Warm builds: everything is in the cache and the service is not asked.

Owns the order of the builds and what is measured of each. It must not know which sites there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from bench.figures import Spread, Verdict
from bench.processes import own_peak_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.processes import Run
    from bench.trials import MeasuredBuild, Trial

_MIB = 1024 * 1024
_LEAST_ROUNDS = 3
_MOST_MEASURED = 2
"""Builds with a clock inside: their share hardly scatters."""

MOST_RATIO = 1.02
MOST_SHARE, MOST_SHARE_IDLE = 1.0, 0.5
"""Per cent of a build, where some page lacks text, and where none does."""
MOST_EXTRA_MIB = 40.0

HEADINGS = (
    *("site", "pages", "asked", "n", "build s", "wall ratio", "CPU ratio"),
    *("own share %", "own CPU %", "own us/page", "MiB over", "of MiB"),
)


@dataclass(frozen=True, slots=True)
class WarmFigures:
    """What one site's warm builds took."""

    name: str
    pages: int
    asked: int
    """Requests of the first build: the pictures that needed a text."""
    plain_seconds: Spread
    wall: Spread
    """With the plugin over without, pair by pair, one build after the other."""
    processor: Spread
    """The same of processor time, of builds that shared one core at the same time."""
    share: Spread
    """Per cent of a build inside the plugin."""
    processor_share: Spread
    """The same of the main thread's processor time, which other programs hardly touch."""
    micros: Spread
    """Microseconds inside the plugin for each page."""
    extra: Spread
    """MiB of peak memory over a build without."""
    peak: Spread
    """MiB of a build without."""
    by_method: Mapping[str, float]
    """Seconds of the plugin's methods in the last measured build."""

    def row(self) -> list[str]:
        """Return the site's row below `HEADINGS`."""
        return [
            *(self.name, str(self.pages), str(self.asked), str(len(self.wall.values))),
            *(f"{self.plain_seconds.median:.2f}", self.wall.text(), self.processor.text()),
            *(self.share.text(".2f"), self.processor_share.text(".2f")),
            *(f"{self.micros.median:.0f}", self.extra.text(".1f"), f"{self.peak.median:.0f}"),
        ]

    def verdicts(self) -> list[Verdict]:
        """Hold the figures against their bounds."""
        share = MOST_SHARE if self.asked else MOST_SHARE_IDLE
        return [
            Verdict(self.name, "wall ratio", self.wall, MOST_RATIO),
            Verdict(self.name, "CPU ratio", self.processor, MOST_RATIO),
            Verdict(self.name, "own share in per cent", self.share, share),
            Verdict(self.name, "peak MiB over", self.extra.peak, MOST_EXTRA_MIB),
        ]


def warm_figures(trial: Trial, *, repetitions: int, seconds: float) -> WarmFigures:
    """Fill the cache, then build with and without: by turns, and at the same time on one core.

    By turns, ratios scatter by 4 to 8 per cent on a machine that is shared; on one core, by 1.

    Args:
        trial: The site.
        repetitions: Pairs of builds of either kind.
        seconds: Roughly how long to go on for; three pairs of either kind are built in any case, if
            `repetitions` allows.

    Returns:
        The figures.

    Raises:
        CommandError: A build failed, or a warm one sent something.
    """
    trial.forget()
    trial.build_filled()  # also writes compiled modules, and fills the machine's own caches
    asked = trial.server.ledger.total()
    pairs: list[tuple[Run, Run]] = []
    together: list[tuple[Run, Run]] = []
    measured: list[MeasuredBuild] = []
    until = perf_counter() + seconds
    while len(pairs) < repetitions:
        if len(pairs) >= _LEAST_ROUNDS and perf_counter() > until:
            break
        # By turns first and second, so that what a machine does over time cancels out; and into the
        # same folder, as what a file system takes differs by some per cent from one to another.
        if len(pairs) % 2:
            filled = trial.build_warm()
            pairs.append((trial.build_plain(trial.filled_site), filled))
        else:
            plain = trial.build_plain(trial.filled_site)
            pairs.append((plain, trial.build_warm()))
        together.append(trial.build_together(swapped=len(pairs) % 2 == 0))
        if len(measured) < _MOST_MEASURED:
            measured.append(trial.measure_warm())
    return _figures(trial, asked, pairs, together, measured)


def _figures(
    trial: Trial,
    asked: int,
    pairs: list[tuple[Run, Run]],
    together: list[tuple[Run, Run]],
    measured: list[MeasuredBuild],
) -> WarmFigures:
    pages = trial.page_count()
    floor = own_peak_bytes()
    if any(run.peak_bytes <= floor for pair in pairs for run in pair):
        print(f"{trial.site.name}: peak memory lies below this program's own and is not known")
    return WarmFigures(
        trial.site.name,
        pages,
        asked,
        Spread(tuple(plain.seconds for plain, _ in pairs)),
        Spread(tuple(filled.seconds / plain.seconds for plain, filled in pairs)),
        Spread(tuple(f.processor_seconds / p.processor_seconds for p, f in together)),
        Spread(tuple(100 * run.plugin / run.build for run in measured)),
        Spread(tuple(100 * run.processor_plugin / run.processor_build for run in measured)),
        Spread(tuple(1e6 * run.plugin / pages for run in measured)),
        Spread(tuple((filled.peak_bytes - plain.peak_bytes) / _MIB for plain, filled in pairs)),
        Spread(tuple(plain.peak_bytes / _MIB for plain, _ in pairs)),
        measured[-1].seconds,
    )
