"""An alternative text made of the text in a picture: a headline and what belongs to it, or nothing.

A text that misleads is worse than none. Nothing is said of pictures whose text is mostly digits,
signs or single words on a photograph; what a picture shows by place, colour or ticks is not told,
so no label is joined to a value.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.models import PICTURE_ENDINGS
from mkdocs_alttext.ocr import GOOD_LENGTH, frame, kinds
from mkdocs_alttext.ocr.kinds import Kind
from mkdocs_alttext.ocr.layout import (
    SENTENCE_ENDS,
    is_legible,
    letters,
    read_lines,
    rows,
    spoken_length,
)
from mkdocs_alttext.ocr.page import (
    LOOSE_ENDS,
    SENTENCE_WORDS,
    Phrase,
    in_rows,
    long_lists,
    read_page,
    table_head,
)
from mkdocs_alttext.ocr.wording import is_fault, is_value, plain, says_something
from mkdocs_alttext.services.sensitive import without_sensitive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.models import Context
    from mkdocs_alttext.ocr.layout import Reading, TextLine

_LONGEST = 150
"""Characters with a sentence that stands right under a headline, and says what the page is for."""
_ENOUGH, _ENOUGH_WITH_SENTENCE = 70, 60
"""Characters from which nothing more is said."""
_LONG_HEADLINE = 45
"""Characters of a headline to which a single label adds nothing."""
_MOST_LABELS, _MOST_SENTENCES = 6, 2
_MOST_UNORDERED = 8
"""Phrases that can be listed where neither headline, list nor table says which come first."""

_PHOTOGRAPH, _FEWEST_ON_PHOTOGRAPH = 0.6, 4
"""Plainness of photographs and paintings is less: two or three short lines on one seldom say what
it shows."""
_FEWEST_TELLING = 0.34
"""Share of lines that have words; of drawings with formulas and of hexadecimal, fewer have."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?![a-z])|(?<=[。！？])")  # noqa: RUF001 - Chinese signs
_ODD_WORD = re.compile(r"(?=\w*\d)[a-z]\w{0,5}")
"""A few letters and digits that are no name: a piece of a key or of a picture."""
_FILE_NAME = re.compile(
    rf"[^\s/\\]+\.(?:{PICTURE_ENDINGS}|pdf)"
    r"|(?:img|image|dsc|dscn|dscf|pic|photo|screenshot)[-_ ]?\(?\d[\w().: -]*",
    re.IGNORECASE,
)


_ENCODED = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/=]{40,}")
"""A line of a certificate or a key: of some, a part looks like words."""


class Content(NamedTuple):
    """What a picture tells."""

    kind: Kind | None
    headline: str
    phrases: list[Phrase]
    """The best first."""


def compose(
    reading: Reading, *, language: str = "", context: Context | None = None, max_length: int = 300
) -> str | None:
    """Compose an alternative text from the text in a picture.

    Args:
        reading: What was found in the picture.
        language: The page's, as the first part of a language tag; the word that opens a text
            ("Screenshot: ...") is of this language, and left out where it is not known.
        context: What the page says around the picture: words that it repeats come first.
        max_length: Longest text in characters.

    Returns:
        One line, or `None` when there is no text worth reading out.
    """
    found = read_lines(reading, language=language)
    below = frame.below_address_bar(found, reading.height)
    lines = _harmless(below)
    if not is_legible(reading) or _is_doubtful(lines, reading):
        return None
    content = _listing(lines) or _picture(lines, reading, _spoken(context))
    if content.kind in {None, Kind.DIAGRAM} and len(below) < len(found):
        content = content._replace(kind=Kind.SCREENSHOT)
    if content.kind in {None, Kind.SCREENSHOT} and _is_unordered(content):
        return None
    opening = kinds.opening(content.kind, language)
    text = opening + _joined(content, len(opening), max_length)
    body = text.removeprefix(opening)
    is_fit = says_something(body) and not _FILE_NAME.fullmatch(body) and len(text) <= max_length
    return text if is_fit and not _ODD_WORD.fullmatch(body) else None


def _harmless(lines: Sequence[TextLine]) -> list[TextLine]:
    """Leave out what may be secret or personal: nobody chose to have it read out."""
    words = [[each for each in line.text.split() if not _ENCODED.fullmatch(each)] for line in lines]
    kept = (
        replace(line, text=without_sensitive(" ".join(each)))
        for line, each in zip(lines, words, strict=True)
    )
    return [line for line in kept if any(map(str.isalnum, line.text))]


def _is_doubtful(lines: Sequence[TextLine], reading: Reading) -> bool:
    """Tell whether the words in a picture are too few or too odd to say what it shows."""
    telling = sum(says_something(line.text) for line in lines)
    if reading.plainness < _PHOTOGRAPH and telling < _FEWEST_ON_PHOTOGRAPH:
        return True
    return telling < max(_FEWEST_TELLING * sum(not is_value(line.text) for line in lines), 1)


def _listing(lines: list[TextLine]) -> Content | None:
    """Read a terminal or a program row by row: what was typed, and not what came out."""
    for kind, found in ((Kind.TERMINAL, kinds.commands(lines)), (Kind.CODE, kinds.code(lines))):
        texts = [(" ".join(line.text for line in row), row[0]) for row in rows(found)]
        phrases = [Phrase(text, line) for text, line in texts if letters(text) > 1]
        if phrases:
            return Content(kind, "", phrases)
    return None


def _picture(lines: list[TextLine], reading: Reading, spoken: str) -> Content:
    """Read a chart, a dialog, a window, a page or a drawing."""
    width, height = reading.width, reading.height
    if axis := kinds.ticks(lines, height):
        labels = [line for line in lines if line not in axis]
        return Content(Kind.CHART, *read_page(labels, width, height, spoken))
    if inside := frame.dialog(lines, width, height):
        left, right = min(line.left for line in inside), max(line.right for line in inside)
        end = max(line.bottom for line in inside)
        page = read_page(inside, left + right, inside[0].top + end, spoken, starts=True)
        return Content(Kind.SCREENSHOT, *page)
    title = frame.window_title(lines, width, height)
    matter = frame.without_frame([line for line in lines if line is not title], width, height)
    headline, phrases = read_page(matter, width, height, spoken)
    if title and not headline:
        # What the window says first, if it says more than a name, is more than the window's.
        first = min(phrases, key=lambda each: each.line, default=None)
        small = sum(word[0].islower() for word in first.text.split()) if first else 0
        is_said = first and 2 * small > len(first.text.split()) >= SENTENCE_WORDS
        headline = first.text if first and is_said else title.text
        phrases = [each for each in phrases if is_fault(each.text)]
    if title or kinds.is_screen(lines):
        return Content(Kind.SCREENSHOT, headline, phrases)
    is_whole = len(matter) == len(lines)
    is_diagram = not headline and is_whole and kinds.is_diagram(matter)
    return Content(Kind.DIAGRAM if is_diagram else None, headline, phrases)


def _is_unordered(content: Content) -> bool:
    """Tell whether nothing says which of many phrases a picture is about."""
    phrases = content.phrases
    is_told = any(each.is_sentence or is_fault(each.text) for each in phrases)
    names = table_head([each.line for each in phrases])
    has_order = content.headline or is_told or long_lists(phrases) or names
    return len(phrases) > _MOST_UNORDERED and not has_order


def _spoken(context: Context | None) -> str:
    """Return what the page says around a picture, for comparison."""
    if context is None:
        return ""
    said = (context.heading, context.before, context.after, context.caption, context.link)
    return " ".join(" ".join(said).split()).casefold()


def _joined(content: Content, taken: int, max_length: int) -> str:
    """Join a headline and whole phrases as far as they fit, and until enough is said."""
    limit = min(GOOD_LENGTH, max_length)
    headline = content.headline if taken + len(content.headline) <= limit else ""
    length = taken + spoken_length(headline)
    chosen: list[Phrase] = []
    for phrase in content.phrases:
        sentences = sum(each.is_sentence for each in chosen)
        is_enough = length >= (_ENOUGH_WITH_SENTENCE if sentences else _ENOUGH)
        if (is_enough and chosen) or len(chosen) == _MOST_LABELS or sentences == _MOST_SENTENCES:
            break
        is_first = phrase.is_sentence and not chosen and bool(headline)
        room = (min(max_length, _LONGEST) if is_first else limit) - length - 2
        text = _fitting(phrase, room)
        if text and plain(text) not in map(plain, [headline, *(each.text for each in chosen)]):
            chosen.append(phrase._replace(text=text))
            length += spoken_length(text) + 2
    labels = [each for each in chosen if not each.is_sentence]
    if len(labels) == 1 and length > _LONG_HEADLINE + taken + len(labels[0].text):
        # A single label adds nothing to a long headline or a sentence.
        chosen = [each for each in chosen if each.is_sentence]
    if not (chosen or headline):
        # Longer than the aim, but whole, and there is nothing else to say.
        texts = (_SENTENCE.split(phrase.text)[0] for phrase in content.phrases)
        whole = next((text for text in texts if taken + len(text) <= max_length), "")
        return whole.rstrip(LOOSE_ENDS)
    return _text(headline, in_rows(chosen), ". " if taken else ": ")


def _fitting(phrase: Phrase, room: int) -> str:
    """Return a phrase, or as many whole sentences of it as fit into some room."""
    text = phrase.text.rstrip(LOOSE_ENDS)
    if not phrase.is_sentence:
        return text if spoken_length(text) <= room else ""
    part = ""
    for sentence in _SENTENCE.split(text):
        longer = f"{part} {sentence}".strip()
        if spoken_length(longer) > room:
            break
        part = longer
    return part


def _text(headline: str, phrases: Sequence[Phrase], joint: str) -> str:
    """Write labels with commas, and sentences as such."""
    text = headline
    was_sentence = False
    for number, each in enumerate(phrases):
        if text.endswith(SENTENCE_ENDS):
            text += " "
        elif number and (was_sentence or each.is_sentence):
            text += ". "
        elif number:
            text += ", "
        elif text:
            text += joint
        text += each.text
        was_sentence = each.is_sentence
    return text.rstrip(LOOSE_ENDS)
