"""Lines of text that belong together.

Owns which lines make one block, such as a label and its value or a wrapped sentence, and how they
are joined. It must not know in what order blocks are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from mkdocs_alttext.services.text_lines import is_sparse_script, width_in_ems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.services.text_lines import TextLine

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
    over = {
        below: above
        for above, below in under.items()
        if below and above == max((a for a, b in under.items() if b == below), key=_bottom)
    }
    blocks: list[list[TextLine]] = []
    place: dict[TextLine, list[TextLine]] = {}
    for line in lines:
        above = over.get(line)
        # What stands over a block's first line tells whether distances are even.
        before = over.get(above) if above and place[above][0] == above else None
        if above and _belong_together(above, line, before, under[line]):
            place[line] = place[above]
            place[line].append(line)
        else:
            place[line] = [line]
            blocks.append(place[line])
    return [Block(tuple(block)) for block in blocks]


def _bottom(line: TextLine) -> tuple[float, TextLine]:
    return line.bottom, line


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
