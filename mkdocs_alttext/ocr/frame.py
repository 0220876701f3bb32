"""What stands around the matter of a screen: navigation, tabs, bars, a page behind a dialog.

Each rule takes lines out, and none takes so much that nothing is left.
"""

from __future__ import annotations

import re
from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.ocr.layout import are_beside, letters, rows
from mkdocs_alttext.ocr.wording import is_address, is_control, is_search, is_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.ocr.layout import TextLine

_DIM = 0.65
"""Contrast of a page behind a dialog over that of the dialog: pages are dimmed by half or so."""
_FEWEST_DIM, _FEWEST_BRIGHT, _ALMOST_ALL, _MOST = 4, 3, 0.85, 0.5
_DIALOG_AREA = 0.6
"""Of the picture."""
_ADDRESS_BAR = 0.15
"""Of the picture's height, within which a browser shows the address."""
_MANY = 8
"""Lines of a picture that shows a whole window."""
_BAR_ITEMS, _BAR_LENGTH = 3, 24
"""Items of a bar, and the usual characters of each."""
_TOP, _FOOT = 0.25, 0.93
"""Of the picture's height: bars stand above or below."""
_SIDE_ITEMS, _SIDE_LENGTH, _SIDE_WIDTH, _SIDE_SHARE = 4, 24, 0.3, 1.5
"""Items of a navigation at the side, the characters of most, its share of the picture's width, and
how much more the page beside it says."""
_IN_LINE = 0.6
"""Share of a column's items in line with the rest from which it is one of a table."""
_BREADCRUMBS = re.compile(r"[^>»›]{1,40}[>»›]\s*\S.{0,60}$|\S.{0,30}(?: / \S+){2,}$")  # noqa: RUF001
_WINDOW_TITLE = re.compile(r"\S.* [-–—|] \S")  # noqa: RUF001 - dashes of titles
_TITLE_BAR = 0.07
"""Of the picture's height."""


def dialog(lines: Sequence[TextLine], width: float, height: float) -> list[TextLine]:
    """Find the lines of a dialog over a page that is dimmed.

    Returns:
        Nothing unless the faint lines stand around the strong ones.
    """
    least = _DIM * sorted(line.contrast for line in lines)[-1 - len(lines) // 20] if lines else 0
    strong = [line for line in lines if line.contrast >= least]
    # A single strong line elsewhere, such as a hint of the mouse, is not part of it.
    strong = [line for line in strong if any(line.is_near(other, 5) for other in strong)]
    if len(strong) < _FEWEST_BRIGHT:
        return []
    left, right = min(line.left for line in strong), max(line.right for line in strong)
    top, bottom = strong[0].top, max(line.bottom for line in strong)
    inside = [
        line for line in lines if left <= line.centre <= right and top <= line.middle <= bottom
    ]
    outside = [line for line in lines if line not in inside]
    dim = sum(line.contrast < least for line in outside)
    sides = (
        any(line.right <= left for line in outside),
        any(line.left >= right for line in outside),
        any(line.bottom <= top for line in outside),
        any(line.top >= bottom for line in outside),
    )
    is_dialog = (
        dim >= max(_FEWEST_DIM, _ALMOST_ALL * len(outside))
        and len(strong) >= _MOST * len(inside)
        and (right - left) * (bottom - top) <= _DIALOG_AREA * width * height
        and sum(sides) > 1
    )
    return inside if is_dialog else []


def window_title(lines: Sequence[TextLine], width: float, height: float) -> TextLine | None:
    """Find the title of a window: central at the top, of two parts, above much else."""
    for line in lines if len(lines) >= _FEWEST_DIM else ():
        is_first = line.middle - lines[0].top < max(_TITLE_BAR * height, line.height)
        is_central = abs(line.centre - width / 2) < 0.1 * width
        if is_first and is_central and _WINDOW_TITLE.search(line.text):
            return line
    return None


def below_address_bar(lines: Sequence[TextLine], height: float) -> list[TextLine]:
    """Leave out a browser's tabs and address."""
    bars = [
        line.middle
        for line in lines
        if is_address(line.text) and line.bottom <= _ADDRESS_BAR * height and len(lines) >= _MANY
    ]
    return [line for line in lines if line.top > max(bars, default=-height)]


def without_frame(lines: Sequence[TextLine], width: float, height: float) -> list[TextLine]:
    """Leave out what surrounds the matter of a screen; all is kept where nothing else would be."""
    left = [line for line in lines if not (is_search(line.text) or _BREADCRUMBS.match(line.text))]
    left = _without_navigation(_without_bars(left, height), width)
    return left if any(letters(line.text) for line in left) else list(lines)


def _without_bars(lines: list[TextLine], height: float) -> list[TextLine]:
    """Leave out rows of short names at the top and the foot: menus, tabs, tools, states."""
    for row in rows(lines):
        below = [line for line in lines if line.top > row[0].middle and line not in row]
        is_edge = row[0].bottom <= _TOP * height or row[0].top >= _FOOT * height
        if is_edge and _is_bar(row) and not is_table_head(row, below) and len(row) < len(lines):
            lines = [line for line in lines if line not in row]
    return lines


def _is_bar(row: Sequence[TextLine]) -> bool:
    lengths = [len(line.text) for line in row]
    usual = median(line.height for line in row)
    return (
        median(lengths) <= _BAR_LENGTH
        and max(lengths) <= 4 * max(median(lengths), 4)
        and all(0.7 * usual <= line.height <= 1.5 * usual for line in row)
        and (len(row) >= _BAR_ITEMS or (len(row) > 1 and all(is_control(it.text) for it in row)))
    )


def is_table_head(row: Sequence[TextLine], below: Sequence[TextLine]) -> bool:
    """Tell whether columns stand under a row: most of its items have something in line below."""
    under = 0
    for line in row:
        near = [other for other in below if other.top - line.bottom < 4 * line.height]
        under += any(
            abs(line.left - other.left) <= 0.6 * line.height
            or (is_value(other.text) and abs(line.right - other.right) <= 0.4 * line.height)
            for other in near
        )
    return under >= len(row) - 1


def _without_navigation(lines: list[TextLine], width: float) -> list[TextLine]:
    """Leave out a column of short links at the left of a page."""
    column = [line for line in lines if line.right <= _SIDE_WIDTH * width]
    rest = [line for line in lines if line not in column]
    edge = max((line.right for line in column), default=0.0)
    in_line = sum(
        any(
            are_beside(line, other) and abs(line.middle - other.middle) <= 0.15 * line.height
            for other in rest
        )
        for line in column
    )
    said = sum(letters(line.text) for line in column)
    is_navigation = (
        len(column) >= _SIDE_ITEMS <= len(rows(rest))
        and sum(len(line.text) <= _SIDE_LENGTH for line in column) >= 0.75 * len(column)
        and not any(is_value(line.text) or line.text.endswith(":") for line in column)
        and all(line.left > edge for line in rest)
        and in_line <= _IN_LINE * len(column)
        and sum(letters(line.text) for line in rest) >= _SIDE_SHARE * said
    )
    return rest if is_navigation else lines
