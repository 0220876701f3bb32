"""Telling the images of one pass over a page from those of an earlier one.

Owns which outcome of a pass is about the same image as one of a pass before. It must not know what
a report makes of that.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.captions import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.captions import Outcome

HAS_TEXT = "keep-text"
_IS_EMPTY = "keep-empty"
_AFTERWARDS = frozenset({HAS_TEXT, _IS_EMPTY})
"""What is decided over an image that an earlier pass filled, or left and took the mark off."""

_PAIR = 10
"""More than the liking for one pair to another, so that as many as possible are paired."""


def pairs_of(
    earlier: Sequence[Outcome], later: Sequence[Outcome], places: Iterable[int]
) -> dict[int, int]:
    """Pair the outcomes of two passes.

    Args:
        earlier: What passes before decided, in the order of the page.
        later: What a pass decided, in the order of the page.
        places: Which of the later ones may be about an image of the earlier ones.

    Returns:
        By the place of a later one, that of the earlier one. Images of one address are paired in
        their order.
    """
    found: dict[int, int] = {}
    if not earlier:
        return found
    shelves: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, outcome in enumerate(earlier):
        shelves[outcome.src][0].append(place)
    for place in places:
        if later[place].src in shelves:
            shelves[later[place].src][1].append(place)
    for olds, news in shelves.values():
        # Mostly nothing came between them, which is told without comparing each with each.
        if len(olds) == len(news) and all(
            _likeness(earlier[old], later[new]) for old, new in zip(olds, news, strict=True)
        ):
            found |= zip(news, olds, strict=True)
        else:
            scores = [[_likeness(earlier[old], later[new]) for new in news] for old in olds]
            found |= {news[new]: olds[old] for old, new in _aligned(scores)}
    return found


def _likeness(earlier: Outcome, later: Outcome) -> int:
    """Rate whether an image of an address may be one that was decided before; 0 if it is not."""
    is_same = earlier.decision == later.decision
    if not (is_same or later.decision in _AFTERWARDS):
        return 0
    if earlier.result is Result.KEPT:
        return _PAIR + is_same
    # It has its text by now, or no mark any more; another image of the address may need one yet.
    return _PAIR + (later.decision == (HAS_TEXT if earlier.alt else _IS_EMPTY))


def _aligned(scores: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return the best pairs of rows and columns, both rising; of equal ones, the last columns.

    Themes show more before an article than behind it.
    """
    width = len(scores[0])
    best = [[0] * (width + 1) for _ in range(len(scores) + 1)]
    for row in reversed(range(len(scores))):
        for column in reversed(range(width)):
            score = scores[row][column]
            paired = score and score + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    pairs = []
    row = column = 0
    while row < len(scores) and column < width:
        here = best[row][column]
        if here == best[row][column + 1]:
            column += 1
        elif here == best[row + 1][column]:
            row += 1
        else:
            pairs.append((row, column))
            row, column = row + 1, column + 1
    return pairs
