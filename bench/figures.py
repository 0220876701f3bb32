"""Medians with their spread, tables of text, and verdicts.

Owns how figures are printed. It must not know what was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one figure."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

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
        """Say whether it holds; single values on both sides of the bound leave it unclear."""
        if min(self.figure.values) <= self.bound < max(self.figure.values):
            return "unclear"
        return "holds" if self.figure.median <= self.bound else "FAILS"

    def line(self) -> str:
        """Say it all."""
        return (
            f"{self.word:7}  {self.subject}: {self.what} {self.figure.text()}, "
            f"at most {self.bound:g}"
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
