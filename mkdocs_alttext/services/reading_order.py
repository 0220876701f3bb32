"""The order in which the text of a picture is read.

Owns which lines belong together and which come first: a layout of boxes goes in, rows of blocks
come out. It must not know what the words mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.services.text_lines import is_sparse_script, letters, width_in_ems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.services.text_lines import TextLine

SENTENCE_ENDS = tuple(".!?:。！？：")  # noqa: RUF001 - the same signs in Chinese and Japanese

_LONG = 25
"""Characters of a line that is likely to go on in the next."""
_TIGHT, _CLOSE, _LOOSE = 0.35, 0.75, 0.8
"""Distances between lines, in heights of a line."""
_SIMILAR = 1.25
_FEWEST_ROWS = 3
_IN_LINE = 0.15
_TABLE = 0.6
_NAVIGATION_WIDTH = 0.3
_NAVIGATION_ITEMS = 4
_NAVIGATION_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that stand close together, from top to bottom."""

    lines: tuple[TextLine, ...]

    @property
    def top(self) -> float:
        """Pixels from the picture's top."""
        return self.lines[0].top

    @property
    def bottom(self) -> float:
        """Pixels from the picture's top."""
        return max(line.bottom for line in self.lines)

    @property
    def left(self) -> float:
        """Pixels from the picture's left."""
        return min(line.left for line in self.lines)

    @property
    def right(self) -> float:
        """Pixels from the picture's left."""
        return max(line.right for line in self.lines)

    @property
    def text(self) -> str:
        """The lines joined: wrapped sentences by a space, anything else by a comma."""
        text = self.lines[0].text
        for above, below in pairwise(self.lines):
            text += self._joint(above, below) + below.text
        return text

    def _joint(self, above: TextLine, below: TextLine) -> str:
        if above.text.endswith(SENTENCE_ENDS):
            return " "
        first_word = below.text.split(" ", 1)[0]
        had_room = above.right + 0.8 * below.size * width_in_ems(first_word) < self.right
        if len(above.text) < _LONG or (had_room and not below.text[0].islower()):
            return ", "
        is_sparse = is_sparse_script(above.text[-1]) and is_sparse_script(below.text[0])
        return "" if is_sparse else " "


def stack(lines: Sequence[TextLine]) -> list[Block]:
    """Put lines together that belong together, such as a label and what stands under it.

    Args:
        lines: From top to bottom.

    Returns:
        Blocks, from top to bottom.
    """
    under = {line: _nearest_under(line, lines) for line in lines}
    over = {
        below: above
        for above, below in under.items()
        if below and above == max((a for a, b in under.items() if b == below), key=_bottom)
    }
    blocks: list[list[TextLine]] = []
    place: dict[TextLine, list[TextLine]] = {}
    for line in lines:
        above = over.get(line)
        if above and _belong_together(above, line, over.get(above), under[line]):
            place[line] = place[above]
            place[line].append(line)
        else:
            place[line] = [line]
            blocks.append(place[line])
    return [Block(tuple(block)) for block in blocks]


def order(blocks: Sequence[Block], *, width: float) -> list[list[Block]]:
    """Bring blocks into reading order.

    Args:
        blocks: In any order.
        width: Of the picture, in pixels.

    Returns:
        Rows of blocks from left to right, of which none is empty. Columns are read one after the
        other, a table by its rows, and a list of links beside the page comes last.
    """
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


def _read(blocks: Sequence[Block], width: float) -> list[list[Block]]:
    """Take strips off the top until what is left falls into columns."""
    found: list[list[Block]] = []
    rest = list(blocks)
    while rest:
        if columns := _columns(rest):
            first, second = columns
            if _is_navigation(first, second, width):
                first, second = second, first
            return [*found, *_read(first, width), *_read(second, width)]
        strip = _strips(rest)[0]
        found.extend(rows(strip))
        rest = [block for block in rest if block not in strip]
    return found


def _bottom(line: TextLine) -> tuple[float, TextLine]:
    return line.bottom, line


def _origin(block: Block) -> tuple[float, float, str]:
    return block.top, block.left, block.text


def _nearest_under(line: TextLine, lines: Iterable[TextLine]) -> TextLine | None:
    under = [
        other
        for other in lines
        if other.top > line.middle and other.left < line.right and line.left < other.right
    ]
    return min(under, default=None)


def _belong_together(
    above: TextLine, below: TextLine, before: TextLine | None, after: TextLine | None
) -> bool:
    height = min(above.height, below.height)
    is_aligned = (
        abs(above.left - below.left) <= height or abs(above.centre - below.centre) <= 0.6 * height
    )
    gap = below.top - above.bottom
    if not is_aligned or gap > _LOOSE * height:
        return False
    if gap <= _TIGHT * height:
        return True
    is_similar = max(above.size, below.size) <= _SIMILAR * min(above.size, below.size)
    if len(above.text) >= _LONG and is_similar:
        return True
    # A list has even distances; a label is nearer to its value than to what follows.
    gap_before = above.top - before.bottom if before else None
    is_even = gap_before is not None and gap_before <= _SIMILAR * gap <= _SIMILAR**2 * gap_before
    gap_after = after.top - below.bottom if after else float("inf")
    return gap <= _CLOSE * gap_after and not is_even


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
    return columns > strips > 1 and columns * strips > len(blocks)


def _columns(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]] | None:
    """Split at the widest gutter whose sides are read one after the other."""
    clusters = _clusters(blocks)
    least = median(block.lines[0].height for block in blocks)
    gutters = []
    for number in range(1, len(clusters)):
        left = [block for cluster in clusters[:number] for block in cluster]
        right = [block for cluster in clusters[number:] for block in cluster]
        gutter = min(block.left for block in right) - max(block.right for block in left)
        if gutter >= least and not _is_table(left, right):
            gutters.append((gutter, -number, left, right))
    if not gutters:
        return None
    _, _, left, right = max(gutters, key=lambda found: found[:2])
    return left, right


def _is_table(left: Sequence[Block], right: Sequence[Block]) -> bool:
    """Tell whether two sides are read across: too few rows, or rows that are in line."""
    fewer, more = sorted((left, right), key=lambda side: len(_strips(side)))
    if len(_strips(fewer)) < _FEWEST_ROWS:
        return True
    middles = [block.lines[0].middle for block in more]
    tolerance = _IN_LINE * median(block.lines[0].height for block in fewer)
    in_line = sum(
        any(abs(block.lines[0].middle - middle) <= tolerance for middle in middles)
        for block in fewer
    )
    return in_line >= _TABLE * len(fewer)


def _is_navigation(left: Sequence[Block], right: Sequence[Block], width: float) -> bool:
    """Tell whether the left column is a list of short links beside the page."""
    texts = [block.text for block in left]
    return (
        len(left) >= _NAVIGATION_ITEMS
        and max(block.right for block in left) <= _NAVIGATION_WIDTH * width
        and max(map(len, texts)) <= _NAVIGATION_LENGTH
        and sum(map(letters, texts)) < sum(letters(block.text) for block in right)
    )


def _is_beside(block: Block, other: Block) -> bool:
    overlap = min(block.bottom, other.bottom) - max(block.top, other.top)
    return overlap >= 0.5 * min(block.bottom - block.top, other.bottom - other.top)
