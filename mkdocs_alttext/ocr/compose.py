"""From the text in a picture to an alternative text.

Owns what is said first, what is left out and how it is joined. It must not know which software
found the text. Nothing is invented: every word stands in the picture, but for one opening word that
names the kind of picture where the signs are clear.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, takewhile
from statistics import median
from typing import TYPE_CHECKING

from mkdocs_alttext.ocr.kinds import Kind, find_kind, is_command, is_number, without_prompt
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
    r"[^\s/\\]+\.(?:avif|bmp|gif|heic|ico|jpe?g|pdf|png|svg|tiff?|webp)"
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
    kind, lines = find_kind(read_lines(regions), width=width, height=height)
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
    commands = [text for text in texts if is_command(text)]
    is_long = taken + sum(len(text) + 2 for text in texts) > GOOD_LENGTH
    chosen = commands if is_long and len(commands) > 1 else texts
    return [[without_prompt(text)] for text in chosen]


def _page(
    lines: Sequence[TextLine], *, width: float, height: float, is_chart: bool
) -> tuple[str, Iterable[list[str]]]:
    """Read a page: its headline, what stands under it, then what stands around it."""
    blocks = stack(lines)
    title = _headline(blocks, lines, height)
    if not title:
        return "", _phrases(order(blocks, width=width, is_chart=is_chart))
    ends = max(line.middle for line in title)
    around: list[Block] = []
    body: list[Block] = []
    for block in blocks:
        rest = tuple(line for line in block.lines if line not in title)
        if len(rest) < len(block.lines):
            body.extend([Block(rest)] if rest else [])
        else:
            (around if block.lines[0].middle <= ends + 0.5 * title[0].height else body).append(
                block
            )
    # Bars and tabs beside a headline are the frame, not the matter; a chart has its legend there.
    frame, matter = rows(around), order(body, width=width, is_chart=is_chart)
    phrases = _phrases(chain(frame, matter) if is_chart else chain(matter, frame))
    starts = [
        Block(tuple(line for line in title if line in block.lines))
        for block in blocks
        if block.lines[0] in title
    ]
    return ", ".join(block.text for row in rows(starts) for block in row), phrases


def _headline(blocks: Sequence[Block], lines: Sequence[TextLine], height: float) -> list[TextLine]:
    """Find the lines of the largest text, when it stands out at the top of its block."""
    if not lines:
        return []
    least = _HEADLINE_SIZE * median(line.size for line in lines)
    firsts = [
        block.lines[0]
        for block in blocks
        if block.lines[0].size >= least
        and block.lines[0].top <= _UPPER * height
        and _is_wording(block.lines[0].text)
    ]
    if not firsts:
        return []
    largest = max(firsts, key=lambda line: (line.size, line))
    title: list[TextLine] = []
    for block in blocks:
        first = block.lines[0]
        is_peer = first in firsts and abs(first.middle - largest.middle) < 0.5 * largest.height
        if is_peer and first.size >= _SAME_SIZE * largest.size:
            wrapped = takewhile(lambda line: line.size >= _SAME_SIZE * largest.size, block.lines)
            title.extend(wrapped)
    return title if sum(len(line.text) + 2 for line in title) <= _LONGEST_HEADLINE else []


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
    if all(is_number(cell) or not _says(cell) for cell in cells):
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
