"""Warm builds counted in instructions.

Owns how they are counted: by valgrind, on a processor of its own making. Two counts of the same
build differ by a thousandth, however busy the machine is, where two times on the clock differ by
some per cent. What the kernel does for a build, such as reading files, is not in it. It must not
know which sites there are.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.figures import Spread, Verdict
from bench.processes import CommandError
from bench.warm_trials import MOST_RATIO

if TYPE_CHECKING:
    from bench.processes import Run
    from bench.trials import Trial

HEADINGS = ("site", "pages", "without, 10^9", "ratio")

# Caches of that processor would make it slower still, and nothing is asked of them.
_COUNTER = (
    *("valgrind", "--tool=cachegrind", "--cache-sim=no", "--branch-sim=no"),
    "--cachegrind-out-file=/dev/null",
)
_TOTAL = re.compile(r"^==\d+== I +refs: +([\d,]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class InstructionFigures:
    """What one site's warm builds executed."""

    name: str
    pages: int
    plain: int
    """Instructions without the plugin."""
    filled: int
    """With it."""

    @property
    def ratio(self) -> Spread:
        """With the plugin over without."""
        return Spread((self.filled / self.plain,))

    def row(self) -> list[str]:
        """Return the row below `HEADINGS`."""
        return [self.name, str(self.pages), f"{self.plain / 1e9:.2f}", self.ratio.text(".4f")]

    def verdict(self) -> Verdict:
        """Hold the ratio against its bound, which is that of the clock."""
        return Verdict(self.name, "ratio of instructions", self.ratio, MOST_RATIO)


def can_count() -> bool:
    """Tell whether valgrind is installed."""
    return shutil.which(_COUNTER[0]) is not None


def instruction_figures(trial: Trial) -> InstructionFigures:
    """Fill the cache, then build with and without at the same time; it takes minutes.

    Args:
        trial: The site.

    Raises:
        CommandError: A build failed, or a warm one sent something.
    """
    trial.forget()
    trial.build_filled()
    trial.build_plain()  # also writes compiled modules, which would be counted otherwise
    plain, filled = trial.build_under(_COUNTER)
    return InstructionFigures(trial.site.name, trial.page_count(), _count(plain), _count(filled))


def _count(run: Run) -> int:
    found = _TOTAL.search(run.output)
    if found is None:
        raise CommandError(f"valgrind told no count:\n{run.output}")
    return int(found[1].replace(",", ""))
