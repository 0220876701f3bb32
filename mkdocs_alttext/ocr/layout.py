"""Lines of text found in a picture: which are worth reading out, belong together, come first.

Regions come in, as a reader of pictures found them; cleaned lines, blocks of lines and rows of
blocks go out. What the words mean does not matter here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEAST_CONFIDENCE = 0.7
"""Real text of screenshots is read at 0.85 and more, shapes taken for text mostly at less."""
_CONFIDENCE_OF_FEW = 0.9
"""For two characters and for text that stands upright: both are often shapes."""
_CONFIDENCE_OF_DIGIT = 0.98

_BOX_PER_SIZE = 1.3
"""Height of a detected box over the size of its font: boxes have a margin."""
_UPRIGHT = 1.5
_MARKS = "•·●○◦■□▪▶►✓✔✗✘☑☐★☆→← "
_LEADING_SHAPE = re.compile(r"^[-*]\s+|^[^\w\s\"'“‘(\[<#$€£¥@/.~+\u2212-]+\s+")
_TRAILING_DOTS = re.compile(r"\s*(?:\.{2,}|…)$")
_QUOTES = re.compile(r"([\"'])\1{2}")
_SIGNS = str.maketrans({"\u2103": "°C", "\u2109": "°F", "\u00a0": " ", "\u3000": " "})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTHS = dict.fromkeys("iIjlftr.,:;'|!()[] 1-", 0.34) | dict.fromkeys("mwMW@%", 0.85)
_PROMPTS = frozenset({"$", ">"})


@dataclass(frozen=True, slots=True)
class TextRegion:
    """One line of text as it was found."""

    text: str
    corners: tuple[tuple[float, float], ...]
    """Corners of the box around it, as (x, y) in pixels."""
    confidence: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, order=True)
class TextLine:
    """One line of text that is worth reading out; lines sort from top to bottom."""

    top: float
    left: float
    bottom: float
    right: float
    """All in pixels."""
    text: str
    size: float
    """About the font's size in pixels."""

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Distance of the box's middle from the picture's top."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """Distance of the box's middle from the picture's left."""
        return (self.left + self.right) / 2


def read_lines(regions: Iterable[TextRegion]) -> list[TextLine]:
    """Keep what is text, from top to bottom.

    Args:
        regions: What was found, in any order; boxes without extent or end are left out.

    Returns:
        Lines with plain text, without icons, stray symbols and what was hardly legible.
    """
    found = {(_line(region), region.confidence) for region in regions if _has_box(region)}
    prompts = [line for line, _ in found if line.text in _PROMPTS]
    lines = {line for line, confidence in found if not _is_junk(line, confidence)}
    return sorted(_with_prompt(line, prompts) for line in lines)


def is_sparse_script(character: str) -> bool:
    """Tell whether a character belongs to a script that writes without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"


def width_in_ems(text: str) -> float:
    """Estimate how wide a text is, in sizes of its font."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if is_sparse_script(character):
        return 1.0
    return _WIDTHS.get(character, 0.66 if character.isupper() else 0.56)


def letters(text: str) -> int:
    """Count the letters of a text."""
    return sum(character.isalpha() for character in text)


def _has_box(region: TextRegion) -> bool:
    values = [value for corner in region.corners for value in corner]
    return bool(values) and all(map(math.isfinite, (*values, region.confidence)))


def _line(region: TextRegion) -> TextLine:
    xs, ys = [x for x, _ in region.corners], [y for _, y in region.corners]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    raw = _visible(region.text)
    long, short = right - left, bottom - top
    if _is_upright(long, short, raw):
        long, short = short, long
    by_height = short / _BOX_PER_SIZE
    by_width = (long - 0.4 * short) / max(width_in_ems(raw), 0.5)
    # Heights of boxes vary with the letters in them; widths do, too, in monospaced fonts.
    size = max(min(by_height, by_width), 1.0)
    return TextLine(top, left, bottom, right, _plain(raw), size)


def _is_upright(width: float, height: float, text: str) -> bool:
    return len(text) > 1 and height > _UPRIGHT * width


def _visible(text: str) -> str:
    """Bring a text to plain characters and single spaces."""
    text = text.translate(_SIGNS).replace("°°", "°")
    if not any(map(is_sparse_script, text)):
        text = text.translate(_FULL_WIDTH)
    return " ".join(printable(text).split())


def _plain(text: str) -> str:
    """Drop an icon in front, dots behind and the triple quotes of code."""
    text = _QUOTES.sub("", text).strip()
    text = text.lstrip(_MARKS)
    text = _without_icon(_LEADING_SHAPE.sub("", text, count=1))
    return _TRAILING_DOTS.sub("", text)


def _without_icon(text: str) -> str:
    """Drop a single foreign letter in front of ASCII text: what an icon was taken for."""
    first, space, rest = text.partition(" ")
    is_icon = len(first) == 1 and first.isalpha() and not first.isascii()
    return rest if space and is_icon and rest.isascii() else text


def _is_junk(line: TextLine, confidence: float) -> bool:
    text = line.text
    solid = sum(character.isalnum() for character in text)
    if confidence < LEAST_CONFIDENCE or 2 * solid < len(text.replace(" ", "")) or not solid:
        return True
    if len(text) == 1:
        return not (text.isdecimal() and confidence >= _CONFIDENCE_OF_DIGIT)
    is_doubtful = len(text) == 2 or _is_upright(line.right - line.left, line.height, text)  # noqa: PLR2004
    if is_doubtful and confidence < _CONFIDENCE_OF_FEW:
        return True
    words = text.split()
    return len(words) > 1 and all(len(word) == 1 for word in words)


def _with_prompt(line: TextLine, prompts: list[TextLine]) -> TextLine:
    """Join a shell's prompt, which stands apart, to its command."""
    for prompt in sorted(prompts):
        gap = line.left - prompt.right
        is_beside = abs(prompt.middle - line.middle) < line.height / 3
        if is_beside and -line.height / 3 <= gap <= line.height:
            return replace(
                line, left=min(line.left, prompt.left), text=f"{prompt.text} {line.text}"
            )
    return line


SENTENCE_ENDS = tuple(".!?:。！？：")  # noqa: RUF001 - the same signs in Chinese and Japanese

_LONG = 25
"""Characters of a line that is likely to go on in the next."""
_TIGHT, _LOOSE = 0.35, 0.9
"""Distances between lines, in heights of the larger."""
_NEARER = 0.9
"""How much nearer a label is to its value than to what stands around."""
_SIMILAR = 1.25
"""Ratio of sizes within one sentence."""


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
    over: dict[TextLine, TextLine] = {}
    """The line that stands next over another; of several, the lowest."""
    for line in sorted(lines, key=lambda line: (line.bottom, line)):
        if below := under[line]:
            over[below] = line
    blocks: list[list[TextLine]] = []
    block_of: dict[TextLine, list[TextLine]] = {}
    for line in lines:
        above = over.get(line)
        # What stands over a block's first line tells whether distances are even.
        before = over.get(above) if above and block_of[above][0] == above else None
        if above and _belong_together(above, line, before, under[line]):
            block_of[line] = block_of[above]
            block_of[line].append(line)
        else:
            block_of[line] = [line]
            blocks.append(block_of[line])
    return [Block(tuple(block)) for block in blocks]


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
    height, large = sorted((above.height, below.height))
    is_aligned = (
        abs(above.left - below.left) <= height or abs(above.centre - below.centre) <= 0.6 * height
    )
    gap = below.top - above.bottom
    if not is_aligned or gap > _LOOSE * large:
        return False
    if gap <= _TIGHT * large:
        return True
    is_similar = max(above.size, below.size) <= _SIMILAR * min(above.size, below.size)
    if len(above.text) >= _LONG and is_similar:
        return True
    # A list has even distances; a label is nearer to its value than to what stands around.
    pitch = below.middle - above.middle
    around = [above.middle - before.middle] if before else []
    around += [after.middle - below.middle] if after else []
    return all(pitch <= _NEARER * distance for distance in around)


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


def _clusters(blocks: Iterable[Block]) -> list[list[Block]]:
    """Group blocks into columns: no block of one reaches into another."""
    from_left = sorted(blocks, key=lambda block: (block.left, _origin(block)))
    return _overlapping([(block, block.left, block.right, 0.0) for block in from_left])


def _strips(blocks: Iterable[Block]) -> list[list[Block]]:
    """Group blocks into strips across the picture."""
    # Boxes have margins, so neighbours overlap a little.
    extents = [
        (block, block.top, block.bottom, 0.2 * block.lines[0].height)
        for block in sorted(blocks, key=_origin)
    ]
    return _overlapping(extents)


def _overlapping(extents: Iterable[tuple[Block, float, float, float]]) -> list[list[Block]]:
    """Group blocks, each with its start, its end and how far it may reach into the one before."""
    groups: list[list[Block]] = []
    edge = -math.inf
    for block, start, end, margin in extents:
        if start < edge - margin:
            groups[-1].append(block)
            edge = max(edge, end)
        else:
            groups.append([block])
            edge = end
    return groups


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
