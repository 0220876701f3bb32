"""Lines of text found in a picture: which are worth reading out, and which are one text.

Regions come in, as a reader of pictures found them; cleaned lines and paragraphs go out. What the
words mean does not matter here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING
from unicodedata import name

from mkdocs_alttext.system.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LEAST_CONFIDENCE = 0.8
"""Real text of screenshots is read at 0.9 and more, shapes and cut letters mostly at less."""
_LETTERS_OF_WORDS = 5
"""Letters of a text that is hardly a shape."""
_CONFIDENCE_OF_TWO, _CONFIDENCE_OF_ONE = 0.9, 0.98
"""For texts of so few characters, which are often shapes."""
_BOX_PER_SIZE, _MARGIN = 1.3, 0.4
"""Height of a detected box over the size of its font, and the margins at its ends in heights."""
_UPRIGHT = 1.5
"""Height over width of text that runs from bottom to top: it is read badly, and is on boards and
axes, where it says little."""
_SLANT = 0.12
"""Rise over run from which a line is none of a screenshot or drawing: seven degrees."""
_COMMON_SCRIPT = 0.2
"""Share of a picture's letters from which it is written in a script; less are icons."""
_CUT_HEIGHT, _FEW_AT_EDGE = 0.7, 0.2
"""Of the usual height, what is lower at the upper or lower edge is cut in halves; where fewer than
this share of lines touch the left edge, their first letters are missing."""
_OVERLAP = 0.2
"""Of their height, by which boxes of words of one line overlap at least."""
_SIZED = 8
"""Characters of a line whose width tells the size of its type."""
_MARKS = "•·●○◦■□▪▶►▼▾✓✔✗✘×☑☐★☆→←↑↓ "  # noqa: RUF001 - a close button's cross
_FRONT = re.compile(
    r"^(?!>>> )(?:[-*—]\s*(?=\w)|\+ (?=[A-Z])|[B-HJ-Zb-hj-z©®] (?=[A-Z])"
    r"|[\u3007\u4e00-\u9fff] (?=[\u4e00-\u9fff]{2})"  # an icon before a Chinese name
    r"|0(?=[A-Z][a-z]{2})|0 (?=[A-Z][a-z]+(?: \S+){4})|Q (?=\w)|_ "  # a button, and other icons
    r"|[^\w\s\"'“‘(\[<#$€£¥@/.~+\u2212-]+\s*)"
)
_BACK = re.compile(
    r"\s*(?:\.{2,}|…|[—–-])$|\s+(?:[^\w\s%*]+|[Xx]|[^\x00-\x7f\d]{1,2})$"  # noqa: RUF001
    r"|(?<![*\d\s])\s+\*$"  # and not the end of `0 2 * * *`
)
_CUT_OFF = re.compile(r"\w(?:\.{3}|…)\w")
_SIGNS = str.maketrans({"\u2103": "°C", "\u2109": "°F", "\u00a0": " ", "\u3000": " "})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDTHS = dict.fromkeys("iIjlftr.,:;'|!()[] 1-", 0.34) | dict.fromkeys("mwMW@%", 0.85)
_PROMPTS = frozenset({"$", ">"})
_ONE_SCRIPT = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HANGUL": "CJK"}
_SCRIPT_OF = {"ja": "CJK", "ko": "CJK", "zh": "CJK", "ru": "CYRILLIC"}


@dataclass(frozen=True, slots=True)
class TextRegion:
    """One line of text as it was found."""

    text: str
    corners: tuple[tuple[float, float], ...]
    """Corners of the box around it, as (x, y) in pixels, clockwise from the top left."""
    confidence: float
    """From 0 to 1."""
    contrast: float = 1.0
    """Of the letters to what is behind them, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a picture."""

    regions: tuple[TextRegion, ...]
    width: float
    height: float
    """Of the picture, in pixels."""
    plainness: float = 1.0
    """How much of the picture has one of its few most frequent greys, from 0 to 1: a third of a
    photograph, nearly all of a screenshot or drawing."""


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
    contrast: float

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

    def is_near(self, other: TextLine, reach: float) -> bool:
        """Tell whether another line is nearer than so many heights of this one."""
        reach *= self.height
        return (
            other is not self
            and self.left - reach < other.right
            and other.left < self.right + reach
            and self.top - reach < other.bottom
            and other.top < self.bottom + reach
        )


def read_lines(reading: Reading, *, language: str = "") -> list[TextLine]:
    """Keep what is text, from top to bottom.

    Args:
        reading: What was found; boxes without extent or end are left out.
        language: The page's, as the first part of a language tag.

    Returns:
        Lines with plain text, without icons, stray symbols, foreign scripts and what was hardly
        legible. Parts that overlap are one line.
    """
    sure = [each for each in reading.regions if _has_box(each)]
    sure = [each for each in sure if each.confidence >= _LEAST_CONFIDENCE]
    scripts = _scripts("".join(each.text for each in sure)) | {
        "LATIN",
        _SCRIPT_OF.get(language, ""),
    }
    found = {(_line(each, scripts), each.confidence) for each in sure}
    joined = _joined(line for line, confidence in found if not _is_junk(line, confidence))
    lines = [line for line in joined if line.text not in _PROMPTS]
    return sorted(line for line in lines if not _is_cut(line, lines, reading.height))


def is_legible(reading: Reading) -> bool:
    """Tell whether most words of a picture were read for sure: not upside down, nor too small."""
    words = [each for each in reading.regions if letters(each.text) >= _LETTERS_OF_WORDS]
    sure = sum(each.confidence >= _LEAST_CONFIDENCE for each in words)
    return 2 * sure >= len(words)


def is_sparse_script(character: str) -> bool:
    """Tell whether a character belongs to a script that writes without spaces."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"


def letters(text: str) -> int:
    """Count the letters of a text."""
    return sum(map(str.isalpha, text))


def spoken_length(text: str) -> int:
    """Count the characters of a text, those of scripts without spaces twice: they say as much."""
    return len(text) + sum(map(is_sparse_script, text))


def usual_size(lines: Sequence[TextLine]) -> float:
    """Return the size of the type in which most is written; that of a short word is vague."""
    sizes = [line.size for line in lines]
    long = [line.size for line in lines if spoken_length(line.text) >= _SIZED]
    return min(median(sizes), median(long or sizes)) if sizes else 0.0


def are_beside(one: TextLine, other: TextLine) -> bool:
    """Tell whether two lines stand in one row."""
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap >= 0.5 * min(one.height, other.height)


def rows(lines: Iterable[TextLine]) -> list[list[TextLine]]:
    """Group lines into rows, from top to bottom, each from left to right."""
    found: list[list[TextLine]] = []
    rest = sorted(lines)
    while rest:
        row = [line for line in rest if line is rest[0] or are_beside(line, rest[0])]
        found.append(sorted(row, key=lambda line: (line.left, line)))
        rest = [line for line in rest if line not in row]
    return found


def _has_box(region: TextRegion) -> bool:
    values = [value for corner in region.corners for value in corner]
    if not values or not all(map(math.isfinite, (*values, region.confidence, region.contrast))):
        return False
    (left, start), (right, end) = region.corners[0], region.corners[1 % len(region.corners)]
    is_level = abs(end - start) <= max(_SLANT * abs(right - left), 1)
    return is_level and all(max(side) > min(side) for side in zip(*region.corners, strict=True))


def _scripts(text: str) -> frozenset[str]:
    """Return the scripts that a picture is written in."""
    counts = Counter(_script(character) for character in text if character.isalpha())
    return frozenset(each for each in counts if counts[each] >= _COMMON_SCRIPT * counts.total())


def _script(character: str) -> str:
    """Return a letter's script: the first word of its name."""
    script = re.split("[ -]", name(character, ""))[0]
    return _ONE_SCRIPT.get(script, script)


def _line(region: TextRegion, scripts: frozenset[str]) -> TextLine:
    xs, ys = [x for x, _ in region.corners], [y for _, y in region.corners]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    raw = _visible(region.text)
    by_height = (bottom - top) / _BOX_PER_SIZE
    by_width = (right - left - _MARGIN * (bottom - top)) / max(sum(map(_width, raw)), 0.5)
    # Heights of boxes vary with the letters in them; widths do, too, in monospaced fonts.
    size = max(min(by_height, by_width), 1.0)
    return TextLine(top, left, bottom, right, _plain(raw, scripts), size, region.contrast)


def _width(character: str) -> float:
    """Estimate how wide a character is, in sizes of its font."""
    if is_sparse_script(character):
        return 1.0
    return _WIDTHS.get(character, 0.66 if character.isupper() else 0.56)


def _visible(text: str) -> str:
    """Bring a text to plain characters and single spaces."""
    text = text.translate(_SIGNS).replace("°°", "°")
    if not any(map(is_sparse_script, text)):
        text = text.translate(_FULL_WIDTH)
    return " ".join(printable(text).split())


def _plain(text: str, scripts: frozenset[str]) -> str:
    """Drop icons in front and behind, dots behind, and words of other scripts."""
    words = text.split(" ")
    text = " ".join(word for word in words if {*map(_script, filter(str.isalpha, word))} <= scripts)
    text = _FRONT.sub("", text.strip(_MARKS), count=1)
    if not any(map(is_sparse_script, text)):
        text = _BACK.sub("", text)
    if text.startswith("(") and ")" not in text:
        text = text[1:]
    # A single word is no sentence: a dot behind it is a part of an icon.
    return text.strip() if " " in text.strip() else text.strip().rstrip(".…")


def _is_junk(line: TextLine, confidence: float) -> bool:
    text = line.text
    if text in _PROMPTS:
        return False
    solid = sum(map(str.isalnum, text))
    if not solid or 2 * solid < len(text.replace(" ", "")) or _CUT_OFF.search(text):
        return True
    if len(text) == 1:
        return not text.isdecimal() or confidence < _CONFIDENCE_OF_ONE
    is_upright = line.height > _UPRIGHT * (line.right - line.left)
    is_doubtful = spoken_length(text) == 2 and confidence < _CONFIDENCE_OF_TWO  # noqa: PLR2004
    return is_upright or is_doubtful or all(len(word) == 1 for word in text.split())


def _is_cut(line: TextLine, lines: Sequence[TextLine], height: float) -> bool:
    """Tell whether the picture's upper, lower or left edge goes through a line."""
    is_low = line.height < _CUT_HEIGHT * median(each.height for each in lines)
    at_left = sum(each.left <= 1 for each in lines)
    return (is_low and (line.top <= 1 or line.bottom >= height - 1)) or (
        line.left <= 1 and at_left < _FEW_AT_EDGE * len(lines)
    )


def _joined(lines: Iterable[TextLine]) -> list[TextLine]:
    """Join parts of a line that were found apart: their boxes overlap, as single words' do."""
    found: list[TextLine] = []
    for line in sorted(lines, key=lambda line: (line.left, line)):
        before = next((each for each in found if _is_next(each, line)), None)
        if before is None:
            found.append(line)
            continue
        found[found.index(before)] = replace(
            before,
            top=min(before.top, line.top),
            bottom=max(before.bottom, line.bottom),
            right=max(before.right, line.right),
            text=f"{before.text} {line.text}",
            size=min(before.size, line.size),
        )
    return found


def _is_next(before: TextLine, line: TextLine) -> bool:
    small, large = sorted((before.height, line.height))
    overlap = (before.right - line.left) / large
    in_line = abs(before.middle - line.middle) < large / 4
    least = -1.0 if before.text in _PROMPTS else _OVERLAP  # a prompt stands apart
    return in_line and small >= 0.6 * large and least <= overlap <= 1


SENTENCE_ENDS = tuple(".!?。！？")  # noqa: RUF001 - the same signs in Chinese and Japanese

_PITCH, _PITCH_OF_LABEL = 1.8, 1.6
"""Sizes of the font from one line of a paragraph to the next, and within a label of two lines."""
_SIMILAR = 1.25
"""Ratio of sizes, and of contrasts, within one paragraph."""
_FULL = 0.75
"""Of the widest line of a paragraph: a line that ends sooner had room for the next word."""
_GOES_ON, _WRAPS = 15, 25
"""Characters of a line that goes on in the next, with a small letter and with any."""


def paragraphs(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Put lines together that are one text, wrapped.

    Two short lines stand for one label where nothing else is near; of more, each is an item of a
    list. What stands under a label, smaller or apart, is not joined to it.

    Args:
        lines: From top to bottom.

    Returns:
        Paragraphs, each from top to bottom, by their first lines.
    """
    stacks: list[list[TextLine]] = []
    for line in lines:
        above = next((stack for stack in reversed(stacks) if _is_under(stack[-1], line)), None)
        if above:
            above.append(line)
        else:
            stacks.append([line])
    return sorted(part for stack in stacks for part in _parts(stack))


def paragraph_text(paragraph: Sequence[TextLine]) -> str:
    """Join the lines of a paragraph."""
    text = paragraph[0].text
    for line in paragraph[1:]:
        is_sparse = is_sparse_script(text[-1]) and is_sparse_script(line.text[0])
        text += ("" if is_sparse else " ") + line.text
    return text


def _pitch(above: TextLine, below: TextLine) -> float:
    return (below.middle - above.middle) / max(above.size, below.size)


def _is_under(above: TextLine, below: TextLine) -> bool:
    small, large = sorted((above.size, below.size))
    faint, strong = sorted((above.contrast, below.contrast))
    is_like = large <= _SIMILAR * small and strong <= _SIMILAR * faint
    is_aligned = (
        abs(above.left - below.left) <= 0.5 * above.height
        or abs(above.centre - below.centre) <= 0.3 * above.height
    )
    return is_like and is_aligned and 0 < _pitch(above, below) <= _PITCH


def _parts(stack: list[TextLine]) -> list[list[TextLine]]:
    """Split lines that stand under one another where one text ends and the next begins."""
    if len(stack) == 2 and spoken_length(paragraph_text(stack)) <= _WRAPS:  # noqa: PLR2004
        return [stack] if _pitch(*stack) <= _PITCH_OF_LABEL else [[line] for line in stack]
    widest = max(line.right - line.left for line in stack)
    is_prose = any(line.text.endswith(SENTENCE_ENDS) for line in stack) or any(
        line.text[0].islower() for line in stack[1:]
    )
    parts = [[stack[0]]]
    for above, below in pairwise(stack):
        length = spoken_length(above.text)
        is_full = above.right - above.left >= _FULL * widest and length >= _WRAPS
        is_open = not above.text.endswith(SENTENCE_ENDS)
        if (is_prose and is_full and is_open) or (below.text[0].islower() and length >= _GOES_ON):
            parts[-1].append(below)
        else:
            parts.append([below])
    return parts
