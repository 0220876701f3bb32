"""What a page, a window or a drawing says first: its headline, and the phrases that go with it."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.ocr import frame
from mkdocs_alttext.ocr.layout import (
    SENTENCE_ENDS,
    is_sparse_script,
    letters,
    paragraph_text,
    paragraphs,
    rows,
    usual_size,
)
from mkdocs_alttext.ocr.wording import (
    has_many_numbers,
    has_syntax,
    is_button,
    is_cut,
    is_fault,
    is_number,
    is_placeholder,
    is_value,
    plain,
    says_something,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.ocr.layout import TextLine

_LONGEST_HEADLINE = 90
"""Characters; what is longer is none."""
_FEW_LINES = 4
"""Where no more lines are in a picture, each of them is said, numbers too."""
_HEADLINE_SIZE, _SECTION_SIZE = 1.2, 1.12
"""How much larger than usual a headline and the headings of sections are."""
_LARGEST, _SAME_SIZE, _PEER = 0.8, 0.88, 0.75
"""Of the largest type, that of a headline is; of a headline, that of its next line is; of it, that
of the next card or column in its row is: then it is the title of one of several."""
_FAINT = 0.7
"""Of the usual contrast: a headline has more, and what a field asks for in its place has less."""
_CORNER = 0.8
"""Of the picture's width, behind which no card or column begins, unless one does before."""
_THIN = 1.7
"""Of the usual size, from which type may be thin, and so have less contrast."""
_INSIDE = 0.4
"""Of a line's height, by which what begins under it may be moved."""
_INDENT = 2.5
"""Heights by which a title may begin before or behind what is under it."""
_EVEN = 0.35
"""Of a line's height, by which the distances in a list differ at most."""
_UPPER = 0.5
"""Of the picture's height, in which headlines stand."""
_LISTED, _TABLE_COLUMNS = 0.33, 3
"""Share of phrases in long lists from which these come first, and columns of a table."""
SENTENCE_WORDS, _SENTENCE_SIGNS, _LINE_OF_WORDS, _PROSE = 5, 12, 8, 0.8
"""Words, or signs of a script without spaces, of a sentence with its end or in several lines; words
without; and the share of letters in it."""
LOOSE_ENDS = " ,;|·:-–—"  # noqa: RUF001 - dashes that a line can end with
_STAR = re.compile(r"(?<=[^\W\d_]) ?\*$")
"""Behind the name of a field that must be filled."""
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|abb(?:ildung|\.)|图|圖|図)\s*\d[\d.\u2013-]*[.:：]?\s+(?=\w)",  # noqa: RUF001 - Chinese
    re.IGNORECASE,
)
_MODEL = re.compile(r"[A-Z][A-Za-z]*-?\d+\w*")
"""A name such as E5150 or ESP32."""


class Phrase(NamedTuple):
    """A label or a sentence, and its first line."""

    text: str
    line: TextLine
    is_sentence: bool = False


def read_page(
    lines: Sequence[TextLine], width: float, height: float, spoken: str, *, starts: bool = False
) -> tuple[str, list[Phrase]]:
    """Read a page.

    Args:
        lines: The text without what surrounds it.
        width: Of the picture, or twice the distance of the page's middle from its left.
        height: Of the picture, as far.
        spoken: What is said of the picture.
        starts: Whether the first line is a headline where no other is.

    Returns:
        The headline, and the phrases that say most of it, best first.
    """
    if _is_name(lines):
        return " ".join(line.text for line in lines), []
    head = _headline(lines, width, height) or [*lines[: starts and says_something(lines[0].text)]]
    phrases = []
    for part in paragraphs([line for line in lines if line not in head]):
        text = _STAR.sub("", paragraph_text(part).strip(LOOSE_ENDS))
        phrases.append(Phrase(text, part[0], _is_sentence(text, len(part))))
    usual = median(line.contrast for line in lines) if lines else 0.0
    is_few = len(lines) <= _FEW_LINES and sum(is_number(line.text) for line in lines) == 1
    telling = [each for each in phrases if _is_telling(each, usual, is_few=is_few)]
    telling = [each for each in telling if not has_syntax(each.text)] or telling
    headline = " ".join(line.text.rstrip(LOOSE_ENDS) for line in head)
    phrases = telling if telling or head else phrases
    names = table_head(lines)
    columns = [each for each in phrases if each.line in names]
    ranked = _by_worth(phrases, head, columns, spoken, usual_size(lines))
    return _CAPTION.sub("", headline), ranked


def _is_name(lines: Sequence[TextLine]) -> bool:
    """Tell whether two words close together are all that there is, as in a logo."""
    return (
        len(lines) == 2  # noqa: PLR2004 - two words
        and not any(" " in line.text for line in lines)
        and lines[0].is_near(lines[1], 0.25)
    )


def _is_sentence(text: str, lines: int) -> bool:
    words = len(text.split())
    is_long = words >= SENTENCE_WORDS or sum(map(is_sparse_script, text)) >= _SENTENCE_SIGNS
    is_whole = text.endswith(SENTENCE_ENDS) or lines > 1 or words > _LINE_OF_WORDS
    return is_long and is_whole and letters(text) >= _PROSE * len(text.replace(" ", ""))


def _is_telling(phrase: Phrase, usual_contrast: float, *, is_few: bool) -> bool:
    """Tell whether a phrase is more than a value, a button or a hint to fill a field."""
    text = phrase.text
    is_faint = phrase.line.contrast < _FAINT * usual_contrast
    if is_button(text) or (is_placeholder(text) and is_faint):
        return False
    if is_few and is_number(text):  # one value, with the name of what it is
        return True
    if phrase.is_sentence and text[0].islower():  # the rest of one
        return False
    is_value_of_other = is_value(text) or has_many_numbers(text) or is_cut(text)
    return phrase.is_sentence or (says_something(text) and not is_value_of_other)


def _headline(lines: Sequence[TextLine], width: float, height: float) -> list[TextLine]:
    """Find the largest text, when it stands out at the top of what is under it.

    Returns:
        Its lines. Where the largest type is no headline, the first line, if it stands apart, else
        nothing.
    """
    if len(lines) < 2:  # noqa: PLR2004 - none stands out of one
        return []
    if caption := next((line for line in lines if _CAPTION.match(line.text)), None):
        return [caption]
    # Where the largest words are no headline, smaller ones are none either.
    largest = max((line.size for line in lines if letters(line.text)), default=0.0)
    least = max(_HEADLINE_SIZE * usual_size(lines), _LARGEST * largest)
    faint = _FAINT * median(line.contrast for line in lines)
    thin = _THIN * usual_size(lines)
    large = [
        line
        for line in lines
        if line.size >= least and line.top <= _UPPER * height
        if line.contrast >= (faint if line.size < thin else _FAINT * faint)
        # What touches the edge may lack its beginning.
        if line.left > 1 and _can_be_headline(line.text)
    ]
    if not large:
        return _leading(lines, width)
    largest = max(line.size for line in large)
    large = [line for line in large if line.size >= _SAME_SIZE * largest]
    # Of equals, one at the left: boxes at the side have headings, too.
    first = min(large, key=lambda line: (line.left > width / 2, line))
    over = [
        line
        for line in lines
        if line.bottom <= first.middle and line.left < first.right and first.left < line.right
    ]
    # At the right edge, who has signed in is named.
    peers = [line for line in lines if _is_peer(line, first) and line.left <= _CORNER * width]
    # On a card, the largest is a value, and its name stands over it.
    if len(rows(over)) > (len(lines) > _FEW_LINES) or peers:
        return _leading(lines, width)
    found = [first]
    for line in large:
        is_next = 0 < line.middle - found[-1].middle <= 1.6 * found[-1].height
        is_central = abs(line.centre - first.centre) <= 0.5 * first.height
        if is_next and (is_central or abs(line.left - first.left) <= first.height):
            found.append(line)
    return found if sum(len(line.text) + 1 for line in found) <= _LONGEST_HEADLINE else []


def _can_be_headline(text: str) -> bool:
    is_wording = says_something(text) and not is_value(text) and not is_button(text)
    return is_wording or bool(_MODEL.fullmatch(text))


def _is_peer(line: TextLine, first: TextLine) -> bool:
    in_row = abs(line.middle - first.middle) < first.height / 2 and line.text != first.text
    return in_row and line.size >= _PEER * first.size


def _leading(lines: Sequence[TextLine], width: float) -> list[TextLine]:
    """Take the first line as a headline where it stands apart over all others, left or central."""
    first, rest = lines[0], lines[1:]
    lefts = [line.left for line in rest]
    near = sum(abs(left - first.left) <= _INDENT * first.height for left in lefts)
    is_left = near > 0 and 1 < first.left <= min(lefts) + _INDENT * first.height
    is_central = abs(first.centre - width / 2) < 0.1 * width
    steps = [below[0].top - above[0].bottom for above, below in pairwise(rows(lines))]
    # In a list, all items are equally far from each other.
    is_even = max(steps, default=0) - min(steps, default=0) < _EVEN * first.height
    is_apart = steps[:1] > [0.5 * first.height] and not is_even
    is_followed = len(rest) > 2  # noqa: PLR2004 - by more than one thing
    is_title = is_followed and len(rows(lines)[0]) == 1 and _can_be_headline(first.text)
    is_label = first.text.endswith(":") or _is_sentence(first.text, 1)
    return [first] if is_title and (is_left or is_central) and is_apart and not is_label else []


def _by_worth(
    phrases: Sequence[Phrase],
    head: Sequence[TextLine],
    columns: Sequence[Phrase],
    spoken: str,
    usual: float,
) -> list[Phrase]:
    """Bring phrases into the order in which they are said while there is room."""
    first: list[Phrase] = []
    if head:
        # What stands over a headline is the frame; a caption stands under its figure.
        below = [each for each in phrases if each.line.top > head[0].middle]
        phrases = below or phrases
        aligned = [each for each in below if _are_aligned(each.line, head[0])]
        sections = [each for each in aligned if each.line.size >= _SECTION_SIZE * usual]
        first = [each for each in aligned[:1] if each.is_sentence]
        first += sections if len(sections) > 1 else []
        first += [*columns, *aligned]
    named = [each for each in phrases if _is_spoken_of(each.text, spoken)]
    faults = [each for each in phrases if is_fault(each.text)]
    first = [*faults, *named, *(first or columns)]
    # Beside a headline, what stands in its column is enough.
    rest = [] if head and len({*first}) > 1 else _in_columns(phrases)
    return list(dict.fromkeys([*first, *rest]))


def _are_aligned(line: TextLine, other: TextLine) -> bool:
    """Tell whether two lines begin under one another; what is typed into a field stands inside."""
    return abs(line.left - other.left) <= _INSIDE * line.height


def table_head(lines: Sequence[TextLine]) -> list[TextLine]:
    """Find the names of a table's columns."""
    for row in rows(lines):
        below = [line for line in lines if line.top > row[0].middle and line not in row]
        is_wide = len(row) >= _TABLE_COLUMNS and len(below) >= 2 * len(row)
        is_named = not any(is_value(line.text) or line.text.endswith(":") for line in row)
        if is_wide and is_named and frame.is_table_head(row, below):
            return row
    return []


def in_rows(phrases: Iterable[Phrase]) -> list[Phrase]:
    """Return phrases from top to bottom, and those of one row from left to right."""
    by_line = {each.line: each for each in phrases}
    return [by_line[line] for row in rows(by_line) for line in row]


def _in_columns(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Order phrases by rows, after those that stand in long lists under one another."""
    listed = long_lists(phrases)
    rest = [each for each in phrases if each not in listed]
    return [*listed, *in_rows(rest)]


def long_lists(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Find the items of long lists, from left to right, where they are much of what is said."""
    columns: list[list[Phrase]] = []
    for each in phrases:
        for column in columns:
            if any(_are_aligned(each.line, other.line) for other in column):
                column.append(each)
                break
        else:
            columns.append([each])
    long = [column for column in columns if len(column) >= _FEW_LINES]
    found = [each for column in sorted(long, key=lambda it: it[0].line.left) for each in column]
    return found if len(found) >= _LISTED * len(phrases) else []


def _is_spoken_of(text: str, spoken: str) -> bool:
    """Tell whether the page speaks of a phrase: says most of its words."""
    if any(map(is_sparse_script, text)):
        return plain(text) in spoken
    words = re.findall(r"[^\W\d_]{4,}", text.casefold())
    return 2 * sum(bool(re.search(rf"\b{word}", spoken)) for word in words) > len(words)
