"""Medians with their spread, tables of text, and verdicts.

Owns how figures are printed. It must not know what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_DOUBT = 0.05
"""How likely an interval may be to miss the median of endless repetitions."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def peak(self) -> Spread:
        """The most alone: of what must never be more."""
        return Spread((max(self.values),))

    @property
    def interval(self) -> tuple[float, float]:
        """Where the median of endless repetitions lies, with 95 % certainty.

        Each value lies on either side of that median as a coin falls, whatever their distribution:
        it is between the k-th value and the k-th from the end unless fewer than k of them fell on
        one side. With five values or fewer no k is certain enough, and it is all of them.
        """
        values, count = sorted(self.values), len(self.values)
        left_out, doubt = 0, 2 * 0.5**count
        while doubt + 2 * comb(count, left_out + 1) * 0.5**count <= _DOUBT:
            left_out += 1
            doubt += 2 * comb(count, left_out) * 0.5**count
        return values[left_out], values[-1 - left_out]

    def text(self, pattern: str = ".3f") -> str:
        """Return the median, and the least and the most when there are several."""
        middle = format(self.median, pattern)
        if len(self.values) == 1:
            return middle
        return f"{middle} ({min(self.values):{pattern}}-{max(self.values):{pattern}})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is measured against its bound."""

    subject: str
    what: str
    figure: Spread
    bound: float
    """The most that is allowed."""

    @property
    def word(self) -> str:
        """Say whether the median holds; the bound within its interval leaves that unclear."""
        least, most = self.figure.interval
        if least <= self.bound < most:
            return "unclear"
        return "holds" if most <= self.bound else "FAILS"

    def line(self) -> str:
        """Say it all."""
        least, most = self.figure.interval
        return (
            f"{self.word:7}  {self.subject}: {self.what} {self.figure.median:.3f} "
            f"({least:.3f}-{most:.3f}), at most {self.bound:g}"
        )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in plain text: the first column to the left, the others to the right."""
    widths = [max(len(row[at]) for row in (headings, *rows)) for at in range(len(headings))]
    lines = []
    for row in (headings, ["-" * width for width in widths], *rows):
        first, *others = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
