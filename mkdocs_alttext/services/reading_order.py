"""The order in which the text of a picture is read.

Owns rows and columns: blocks with their places go in, rows of blocks come out. It must not know
what the words mean.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.services.text_lines import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_alttext.services.text_blocks import Block

_FLOW = 1.3
"""Columns for each row of a drawing that goes from left to right."""
_FEWEST_ROWS = 3
"""Fewer rows beside others are no column."""
_IN_LINE = 0.15
"""Heights of a line by which rows that are in line may differ."""
_TABLE = 0.6
"""Share of rows in line from which two columns are a table."""
_NAVIGATION_WIDTH = 0.3
"""Of the picture."""
_NAVIGATION_ITEMS = 4
_NAVIGATION_LENGTH = 24
"""Characters."""
_NAVIGATION_SHARE = 2.5
"""How much more the page beside it says."""


def order(
    blocks: Sequence[Block], *, width: float, is_chart: bool = False
) -> Iterable[list[Block]]:
    """Bring blocks into reading order.

    Args:
        blocks: In any order.
        width: Of the picture, in pixels.
        is_chart: Whether it is a chart, whose labels stand in rows.

    Returns:
        Rows of blocks from left to right, found one by one, for rarely are all of them read. None
        is empty. Columns are read one after the other, a table by its rows, and a list of links
        beside the page comes last.
    """
    if is_chart:
        return rows(blocks)
    if _is_flow(blocks):
        return [[block] for column in _clusters(blocks) for block in sorted(column, key=_origin)]
    return _read(blocks, width)


def rows(blocks: Iterable[Block]) -> list[list[Block]]:
    """Group blocks into rows.

    Args:
        blocks: In any order.

    Returns:
        Rows from top to bottom, each from left to right.
    """
    found: list[list[Block]] = []
    rest = sorted(blocks, key=_origin)
    while rest:
        first = rest[0]
        row = [block for block in rest if block is first or _is_beside(block, first)]
        found.append(sorted(row, key=lambda block: (block.left, _origin(block))))
        rest = [block for block in rest if block not in row]
    return found


def _read(blocks: Sequence[Block], width: float) -> Iterator[list[Block]]:
    """Take strips off the top until what is left falls into columns."""
    rest = list(blocks)
    while rest:
        if columns := _columns(rest):
            first, second = columns
            if _is_navigation(first, second, width):
                first, second = second, first
            yield from _read(first, width)
            yield from _read(second, width)
            return
        strip = _strips(rest)[0]
        yield from rows(strip)
        rest = [block for block in rest if block not in strip]


def _origin(block: Block) -> tuple[float, float, str]:
    return block.top, block.left, block.text


def _clusters(blocks: Sequence[Block]) -> list[list[Block]]:
    """Group blocks into columns: no block of one reaches into another."""
    columns: list[list[Block]] = []
    edge = 0.0
    for block in sorted(blocks, key=lambda block: (block.left, _origin(block))):
        if columns and block.left < edge:
            columns[-1].append(block)
            edge = max(edge, block.right)
        else:
            columns.append([block])
            edge = block.right
    return columns


def _strips(blocks: Sequence[Block]) -> list[list[Block]]:
    """Group blocks into strips across the picture."""
    strips: list[list[Block]] = []
    edge = 0.0
    for block in sorted(blocks, key=_origin):
        # Boxes have margins, so neighbours overlap a little.
        if strips and block.top < edge - 0.2 * block.lines[0].height:
            strips[-1].append(block)
            edge = max(edge, block.bottom)
        else:
            strips.append([block])
            edge = block.bottom
    return strips


def _is_flow(blocks: Sequence[Block]) -> bool:
    """Tell whether this is a drawing that goes from left to right, and neither list nor table."""
    columns, strips = len(_clusters(blocks)), len(_strips(blocks))
    return columns >= _FLOW * strips > _FLOW and columns * strips > len(blocks)


def _columns(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]] | None:
    """Split at the gutter whose sides are most clearly read one after the other."""
    clusters = _clusters(blocks)
    least = median(block.lines[0].height for block in blocks)
    gutters = []
    for number in range(1, len(clusters)):
        left = [block for cluster in clusters[:number] for block in cluster]
        right = [block for cluster in clusters[number:] for block in cluster]
        gutter = min(block.left for block in right) - max(block.right for block in left)
        shared = _shared_rows(left, right)
        if gutter >= least and shared < _TABLE:
            gutters.append((shared, -gutter, number, left, right))
    if not gutters:
        return None
    _, _, _, left, right = min(gutters, key=lambda found: found[:3])
    return left, right


def _shared_rows(left: Sequence[Block], right: Sequence[Block]) -> float:
    """Return how much of two sides is in line, as in a table: 0 to 1, and 1 for too few rows."""
    fewer, more = sorted((left, right), key=lambda side: len(_strips(side)))
    if len(_strips(fewer)) < _FEWEST_ROWS:
        return 1.0
    middles = [block.lines[0].middle for block in more]
    tolerance = _IN_LINE * median(block.lines[0].height for block in fewer)
    in_line = sum(
        any(abs(block.lines[0].middle - middle) <= tolerance for middle in middles)
        for block in fewer
    )
    return in_line / len(fewer)


def _is_navigation(left: Sequence[Block], right: Sequence[Block], width: float) -> bool:
    """Tell whether the left column is a list of short links beside the page."""
    texts = [block.text for block in left]
    return (
        len(left) >= _NAVIGATION_ITEMS
        and all(len(block.lines) == 1 for block in left)
        and max(block.right for block in left) <= _NAVIGATION_WIDTH * width
        and max(map(len, texts)) <= _NAVIGATION_LENGTH
        and _NAVIGATION_SHARE * sum(map(letters, texts))
        < sum(letters(block.text) for block in right)
    )


def _is_beside(block: Block, other: Block) -> bool:
    overlap = min(block.bottom, other.bottom) - max(block.top, other.top)
    return overlap >= 0.5 * min(block.bottom - block.top, other.bottom - other.top)
