"""From the text in a picture to an alternative text: what is said first, and what is left out.

Every word stands in the picture, but for one opening word that names the kind of picture where the
signs are clear. Without clear signs it has no kind, and its text speaks for itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from itertools import chain, pairwise, takewhile
from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.models import PICTURE_ENDINGS
from mkdocs_alttext.ocr.layout import (
    SENTENCE_ENDS,
    Block,
    is_sparse_script,
    letters,
    order,
    read_lines,
    rows,
    stack,
)
from mkdocs_alttext.services.sensitive import without_sensitive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_alttext.ocr.layout import TextLine, TextRegion

GOOD_LENGTH = 150
"""Characters; text beyond is left out at the end of a phrase."""

_HEADLINE_SIZE = 1.2
"""How much larger than the median a headline is."""
_SAME_SIZE = 0.88
_UPPER = 0.5
_LONGEST_HEADLINE = 100
_FEWEST_LETTERS = 2
_TABLE_CELLS = 3
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")  # noqa: RUF001 - the same signs in Chinese
_LOOSE_ENDS = " ,;|·-–—"  # noqa: RUF001 - dashes that a line can end with
_DANGLING = _LOOSE_ENDS + ":"
_FILE_NAME = re.compile(
    rf"[^\s/\\]+\.(?:{PICTURE_ENDINGS}|pdf)"
    r"|(?:img|image|dsc|dscn|dscf|pic|photo|screenshot)[-_ ]?\(?\d[\w().: -]*",
    re.IGNORECASE,
)


def compose(
    regions: Iterable[TextRegion],
    *,
    width: float,
    height: float,
    max_length: int = 300,
    names_kind: bool = True,
) -> str | None:
    """Compose an alternative text from the text in a picture.

    Args:
        regions: What was found, in any order.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        max_length: Longest text in characters. The aim is `GOOD_LENGTH`; only a single sentence
            may be longer.
        names_kind: Whether an English word may open the text ("Screenshot: ...").

    Returns:
        One line, or `None` when there is no text worth reading out.
    """
    kind, lines = _find_kind(read_lines(regions), width=width, height=height)
    lines = _harmless(lines)
    opening = f"{kind}: " if kind and names_kind else ""
    phrases: Iterable[Sequence[str]]
    if kind in {Kind.CODE, Kind.TERMINAL}:
        headline, phrases = "", _listing(lines, len(opening))
    else:
        is_chart = kind is Kind.CHART
        headline, phrases = _page(lines, width=width, height=height, is_chart=is_chart)
    text = _join(headline, phrases, opening, max_length)
    body = text.removeprefix(opening)
    return text if _says(body) and not _FILE_NAME.fullmatch(body) else None


def _harmless(lines: Sequence[TextLine]) -> list[TextLine]:
    """Leave out what may be secret or personal: nobody chose to have it read out."""
    kept = (replace(line, text=without_sensitive(line.text)) for line in lines)
    return [line for line in kept if any(map(str.isalnum, line.text))]


def _listing(lines: Sequence[TextLine], taken: int) -> list[list[str]]:
    """Read code and terminals line by line; of what is too long, only the commands."""
    blocks = [Block((line,)) for line in lines]
    texts = [" ".join(block.text for block in row) for row in rows(blocks)]
    commands = [text for text in texts if _PROMPT.match(text)]
    is_long = taken + sum(len(text) + 2 for text in texts) > GOOD_LENGTH
    chosen = commands if is_long and len(commands) > 1 else texts
    return [[_PROMPT.sub("", text, count=1) if _PROMPT.match(text) else text] for text in chosen]


def _page(
    lines: Sequence[TextLine], *, width: float, height: float, is_chart: bool
) -> tuple[str, Iterable[list[str]]]:
    """Read a page: its headline, what stands under it, then what stands around it."""
    blocks = stack(lines)
    headline = _headline(blocks, lines, height)
    if not headline:
        return "", _phrases(order(blocks, width=width, is_chart=is_chart))
    heads = [Block(block.lines[:count]) for block, count in headline.items()]
    ends = max(line.middle for head in heads for line in head.lines)
    ends += 0.5 * heads[0].lines[0].height
    around: list[Block] = []
    body: list[Block] = []
    for block in blocks:
        if rest := block.lines[headline.get(block, 0) :]:
            is_around = block not in headline and block.lines[0].middle <= ends
            (around if is_around else body).append(Block(rest))
    # Bars and tabs beside a headline are the frame, not the matter; a chart has its legend there.
    frame, matter = rows(around), order(body, width=width, is_chart=is_chart)
    phrases = _phrases(chain(frame, matter) if is_chart else chain(matter, frame))
    return ", ".join(head.text for row in rows(heads) for head in row), phrases


def _headline(
    blocks: Sequence[Block], lines: Sequence[TextLine], height: float
) -> dict[Block, int]:
    """Find the largest text, when it stands out at the top of its block.

    Returns:
        The blocks that begin with it, each with the number of lines that belong to it.
    """
    least = _HEADLINE_SIZE * median(line.size for line in lines) if lines else 0.0
    firsts = [
        block.lines[0]
        for block in blocks
        if block.lines[0].size >= least
        and block.lines[0].top <= _UPPER * height
        and _is_wording(block.lines[0].text)
    ]
    if not firsts:
        return {}
    largest = max(firsts, key=lambda line: (line.size, line))
    least = _SAME_SIZE * largest.size
    found: dict[Block, int] = {}
    for block in blocks:
        first = block.lines[0]
        is_beside = abs(first.middle - largest.middle) < 0.5 * largest.height
        if first in firsts and is_beside and first.size >= least:
            found[block] = len(list(takewhile(lambda line: line.size >= least, block.lines)))
    length = sum(len(line.text) + 2 for block, n in found.items() for line in block.lines[:n])
    return found if length <= _LONGEST_HEADLINE else {}


def _is_wording(text: str) -> bool:
    return 2 * letters(text) > len(text.replace(" ", "")) and letters(text) >= _FEWEST_LETTERS


def _phrases(found: Iterable[Sequence[Block]]) -> Iterator[list[str]]:
    """Take single lines in a row as the cells of one phrase, anything else as its own phrase."""
    for row in found:
        if all(len(block.lines) == 1 for block in row):
            yield [block.text for block in row]
        else:
            yield from ([block.text] for block in row)


def _join(headline: str, phrases: Iterable[Sequence[str]], opening: str, max_length: int) -> str:
    """Join whole phrases until the next would make the text too long."""
    limit = min(GOOD_LENGTH, max_length)
    if len(opening + headline) > limit:
        headline, phrases = "", chain([[headline]], phrases)
    start = text = opening + headline
    said = {headline.casefold()}
    for phrase in phrases:
        cells = _news(phrase, said)
        if not cells:
            continue
        joint = _joint(text, opening, headline)
        if len(text + joint + _row(cells)) <= limit:
            text += joint + _row(cells)
            continue
        part = _part(cells if text == start else [_row(cells)], limit - len(text + joint))
        if not part and text == opening:
            part = _part([_row(cells)], max_length - len(text), pieces=1)
        text += joint + part if part else ""
        break
    return text.rstrip(_DANGLING) if text != opening else ""


def _news(phrase: Sequence[str], said: set[str]) -> list[str]:
    """Return the cells of a phrase that says something new; numbers alone say nothing."""
    cells = [cell.rstrip(_LOOSE_ENDS) for cell in phrase if cell.strip(_LOOSE_ENDS)]
    if all(_is_number(cell) or not _says(cell) for cell in cells):
        return []
    # A row of a table keeps cells that other rows have, too.
    news = [cell for cell in cells if cell.casefold() not in said]
    if len(cells) >= _TABLE_CELLS and len(news) > 1:
        news = cells
    said.update(cell.casefold() for cell in news)
    return news


def _says(text: str) -> bool:
    # One character can be a word in scripts without spaces.
    words = [character for character in text if character.isalpha() and is_sparse_script(character)]
    return letters(text) >= _FEWEST_LETTERS or bool(words)


def _joint(text: str, opening: str, headline: str) -> str:
    if text == opening:
        return ""
    if text.endswith(SENTENCE_ENDS):
        return " "
    if text == opening + headline:
        return ". " if opening else ": "
    return "; "


def _row(cells: Sequence[str]) -> str:
    text = cells[0]
    for cell in cells[1:]:
        text += (" " if text.endswith(SENTENCE_ENDS) else ", ") + cell
    return text


def _part(cells: Sequence[str], room: int, *, pieces: int | None = None) -> str:
    """Take as many whole cells, else whole sentences, as fit into some room."""
    found = [*cells] if len(cells) > 1 else _SENTENCE.split(cells[0])
    joint = ", " if len(cells) > 1 else " "
    part = ""
    for piece in found[:pieces]:
        longer = f"{part}{joint}{piece}" if part else piece
        if len(longer) > room:
            break
        part = longer
    return part


_NUMBER = re.compile(
    r"[-+\u2212]?[$€£]? ?(\d{1,3}(?:[, \u2009]\d{3})+|\d+)(?:\.(\d+))? ?"
    r"(?:[kKMGT]?B?|%|°[CF]?|[munµ]?s|[munck]?m|[kM]?Hz|[€$£lLVAW])?"
)
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[aApP][mM])?|\d{4}-\d\d(?:-\d\d)?")
_PROMPT = re.compile(
    r"\$ (?=[a-zA-Z./~])|>>> |(?:\([\w.-]+\) )?PS [A-Za-z]:\\\S*> ?|[\w.-]+@[\w.-]+:\S*[$#] "
)
_WINDOW_TITLE = re.compile(r"[a-z][\w.-]*@[\w.-]+: ?[~/]")
_ADDRESS = re.compile(r"https?://\S+$")
_FAULT = re.compile(r"(?:error|exception|traceback|sorry|unable to|failed to)\b", re.IGNORECASE)
_SHORTCUT = re.compile(r"(?:Ctrl|Alt|Shift|Cmd)\+")
_CONTROLS = frozenset(
    "account|add|all files|apply|back|browse|cancel|close|continue|copy|create account|dashboard|"
    "delete|description|discard|dismiss|done|download|e-mail|e-mail address|edit|email|"
    "email address|exit|export|file|filter|finish|forgot password|forgot your password?|help|home|"
    "import|install|learn more|log in|log out|login|logout|menu|name|new file|next|no|ok|open|"
    "options|password|preferences|previous|print|profile|publish|refresh|register|remember me|"
    "remove|rename|reset|restart|retry|run|save|save as|save changes|search|send|settings|share|"
    "sign in|sign out|sign up|skip|start|stop|submit|tools|try again|undo|update|upgrade|upload|"
    "user name|username|users|view|window|yes".split("|")
)

_FEWEST_CONTROLS = 2
_FEWEST_TICKS = 3
_FEWEST_LINE_NUMBERS = 4
_MANY = 8
_TALL_AXIS = 0.4
_ADDRESS_BAR = 0.15
_MARGIN = 0.2
_STEP_TOLERANCE = 0.2


class Kind(StrEnum):
    """A kind of picture: the word that opens its text."""

    CHART = "Chart"
    CODE = "Code"
    SCREENSHOT = "Screenshot"
    TERMINAL = "Terminal"


def _find_kind(
    lines: Sequence[TextLine], *, width: float, height: float
) -> tuple[Kind | None, list[TextLine]]:
    """Tell what kind of picture this is.

    Returns:
        The kind, or `None` without clear signs; and the lines without the numbers of axes and of
        lines of code, which say nothing when they are read out.
    """
    axis = _scale(lines, downwards=False)
    if numbers := _line_numbers(lines, width):
        return Kind.CODE, [line for line in lines if line not in numbers]
    if any(_PROMPT.match(line.text) or _WINDOW_TITLE.match(line.text) for line in lines):
        return Kind.TERMINAL, list(lines)
    rest = [line for line in lines if line not in axis and not _is_tick(line, axis)]
    if axis and axis[-1].bottom - axis[0].top >= _TALL_AXIS * height:
        return Kind.CHART, [line for line in rest if not _is_number(line.text)]
    # A small chart among other text is part of a page.
    is_page = bool(axis) and len(rest) >= _MANY
    return Kind.SCREENSHOT if is_page or _is_screen(lines, height) else None, rest


def _is_number(text: str) -> bool:
    """Tell whether a text is a number, maybe with a unit."""
    return bool(_NUMBER.fullmatch(text))


def _is_tick(line: TextLine, axis: Sequence[TextLine]) -> bool:
    """Tell whether a line is a number or a time along the foot of a chart."""
    if not axis or not (_is_number(line.text) or _TIME.fullmatch(line.text)):
        return False
    foot = axis[-1]
    return foot.middle <= line.middle <= foot.bottom + 3 * foot.height


def _is_screen(lines: Sequence[TextLine], height: float) -> bool:
    """Tell whether there are names of controls, an address bar or a message of a program."""
    names = {line.text.casefold().rstrip(":*") for line in lines}
    controls = len(names & _CONTROLS) + sum(bool(_SHORTCUT.match(line.text)) for line in lines)
    has_address = any(
        _ADDRESS.match(line.text) and line.bottom <= _ADDRESS_BAR * height for line in lines
    )
    return (
        controls >= _FEWEST_CONTROLS
        or (has_address and len(lines) >= _MANY)
        or any(_FAULT.match(line.text) for line in lines)
    )


def _line_numbers(lines: Sequence[TextLine], width: float) -> list[TextLine]:
    numbers = _scale(lines, downwards=True)
    is_margin = all(line.right <= _MARGIN * width for line in numbers)
    is_counted = all(line.text.isdecimal() for line in numbers) and all(
        1 <= int(below.text) - int(above.text) <= _FEWEST_TICKS
        for above, below in pairwise(numbers)
    )
    return numbers if len(numbers) >= _FEWEST_LINE_NUMBERS and is_margin and is_counted else []


def _scale(lines: Sequence[TextLine], *, downwards: bool) -> list[TextLine]:
    """Find the longest column of numbers that grow evenly with their place."""
    numbers = [line for line in lines if _is_number(line.text)]
    columns = [[line for line in numbers if _is_below(line, anchor)] for anchor in numbers]
    scales = [column for column in columns if _is_even(column, downwards=downwards)]
    return max(scales, key=len, default=[])


def _is_below(line: TextLine, other: TextLine) -> bool:
    tolerance = 0.5 * other.height
    return (
        abs(line.right - other.right) <= tolerance
        or abs(line.left - other.left) <= tolerance
        or abs(line.centre - other.centre) <= tolerance
    )


def _is_even(column: Sequence[TextLine], *, downwards: bool) -> bool:
    if len(column) < _FEWEST_TICKS:
        return False
    steps = []
    for above, below in pairwise(column):
        distance = below.middle - above.middle
        if distance <= 0:
            return False
        growth = _value(below.text) - _value(above.text)
        steps.append((growth if downwards else -growth) / distance)
    # Ticks may be missing, so it is growth over distance that has to be even.
    mean = sum(steps) / len(steps)
    return mean > 0 and all(abs(step - mean) <= _STEP_TOLERANCE * mean for step in steps)


def _value(text: str) -> float:
    found = _NUMBER.fullmatch(text)
    if not found:
        return 0.0
    whole = re.sub(r"\D", "", found[1])
    sign = -1.0 if text[0] in "-\u2212" else 1.0
    return sign * float(f"{whole}.{found[2] or 0}")
