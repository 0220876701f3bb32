"""An alternative text made of the text in a picture: a headline and what belongs to it, or nothing.

A text that misleads is worse than none. Nothing is said of pictures whose text is mostly digits,
signs or single words on a photograph; what a picture shows by place, colour or ticks is not told,
so no label is joined to a value.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.models import PICTURE_ENDINGS
from mkdocs_alttext.ocr import GOOD_LENGTH, frame, kinds
from mkdocs_alttext.ocr.kinds import Kind
from mkdocs_alttext.ocr.layout import (
    SENTENCE_ENDS,
    is_legible,
    is_sparse_script,
    letters,
    paragraph_text,
    paragraphs,
    read_lines,
    rows,
    spoken_length,
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
from mkdocs_alttext.services.sensitive import without_sensitive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_alttext.models import Context
    from mkdocs_alttext.ocr.layout import Reading, TextLine

_LONGEST = 150
"""Characters with a sentence that stands right under a headline, and says what the page is for."""
_ENOUGH, _ENOUGH_WITH_SENTENCE = 70, 60
"""Characters from which nothing more is said."""
_LONG_HEADLINE, _LONGEST_HEADLINE = 45, 90
"""Characters of a headline to which a single label adds nothing, and of one that is none."""
_MOST_LABELS, _MOST_SENTENCES = 6, 2
_MOST_UNORDERED = 8
"""Phrases that can be listed where neither headline, list nor table says which come first."""
_FEW_LINES = 4
"""Where no more lines are in a picture, each of them is said, numbers too."""

_PHOTOGRAPH, _FEWEST_ON_PHOTOGRAPH = 0.6, 4
"""Plainness of photographs and paintings is less: two or three short lines on one seldom say what
it shows."""
_FEWEST_TELLING = 0.34
"""Share of lines that have words; of drawings with formulas and of hexadecimal, fewer have."""
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
_SENTENCE_WORDS, _SENTENCE_SIGNS, _LINE_OF_WORDS, _PROSE = 5, 12, 8, 0.8
"""Words, or signs of a script without spaces, of a sentence with its end or in several lines; words
without; and the share of letters in it."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?![a-z])|(?<=[。！？])")  # noqa: RUF001 - Chinese signs
_LOOSE_ENDS = " ,;|·:-–—"  # noqa: RUF001 - dashes that a line can end with
_STAR = re.compile(r"(?<=[^\W\d_]) ?\*$")
"""Behind the name of a field that must be filled."""
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|abb(?:ildung|\.)|图|圖|図)\s*\d[\d.\u2013-]*[.:：]?\s+(?=\w)",  # noqa: RUF001
    re.IGNORECASE,
)
_MODEL = re.compile(r"[A-Z][A-Za-z]*-?\d+\w*")
"""A name such as E5150 or ESP32."""
_ODD_WORD = re.compile(r"(?=\w*\d)[a-z]\w{0,5}")
"""A few letters and digits that are no name: a piece of a key or of a picture."""
_FILE_NAME = re.compile(
    rf"[^\s/\\]+\.(?:{PICTURE_ENDINGS}|pdf)"
    r"|(?:img|image|dsc|dscn|dscf|pic|photo|screenshot)[-_ ]?\(?\d[\w().: -]*",
    re.IGNORECASE,
)


_ENCODED = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/=]{40,}")
"""A line of a certificate or a key: of some, a part looks like words."""


class Phrase(NamedTuple):
    """A label or a sentence, and its first line."""

    text: str
    line: TextLine
    is_sentence: bool = False


class Told(NamedTuple):
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
    told = _listing(lines) or _picture(lines, reading, _spoken(context))
    if told.kind in {None, Kind.DIAGRAM} and len(below) < len(found):
        told = told._replace(kind=Kind.SCREENSHOT)
    if told.kind in {None, Kind.SCREENSHOT} and _is_unordered(told):
        return None
    opening = kinds.opening(told.kind, language)
    text = opening + _joined(told, len(opening), max_length)
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


def _listing(lines: list[TextLine]) -> Told | None:
    """Read a terminal or a program row by row: what was typed, and not what came out."""
    for kind, found in ((Kind.TERMINAL, kinds.commands(lines)), (Kind.CODE, kinds.code(lines))):
        texts = [(" ".join(line.text for line in row), row[0]) for row in rows(found)]
        phrases = [Phrase(text, line) for text, line in texts if letters(text) > 1]
        if phrases:
            return Told(kind, "", phrases)
    return None


def _picture(lines: list[TextLine], reading: Reading, spoken: str) -> Told:
    """Read a chart, a dialog, a window, a page or a drawing."""
    width, height = reading.width, reading.height
    if axis := kinds.ticks(lines, height):
        labels = [line for line in lines if line not in axis]
        return Told(Kind.CHART, *_page(labels, width, height, spoken))
    if inside := frame.dialog(lines, width, height):
        left, right = min(line.left for line in inside), max(line.right for line in inside)
        end = max(line.bottom for line in inside)
        headline, phrases = _page(inside, left + right, inside[0].top + end, spoken, starts=True)
        return Told(Kind.SCREENSHOT, headline, phrases)
    title = frame.window_title(lines, width, height)
    matter = frame.without_frame([line for line in lines if line is not title], width, height)
    headline, phrases = _page(matter, width, height, spoken)
    if title and not headline:
        # What the window says first, if it says more than a name, is more than the window's.
        first = min(phrases, key=lambda each: each.line, default=None)
        small = sum(word[0].islower() for word in first.text.split()) if first else 0
        is_said = first and 2 * small > len(first.text.split()) >= _SENTENCE_WORDS
        headline = first.text if first and is_said else title.text
        phrases = [each for each in phrases if is_fault(each.text)]
    if title or kinds.is_screen(lines):
        return Told(Kind.SCREENSHOT, headline, phrases)
    is_whole = len(matter) == len(lines)
    is_diagram = not headline and is_whole and kinds.is_diagram(matter)
    return Told(Kind.DIAGRAM if is_diagram else None, headline, phrases)


def _page(
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
        text = _STAR.sub("", paragraph_text(part).strip(_LOOSE_ENDS))
        phrases.append(Phrase(text, part[0], _is_sentence(text, len(part))))
    usual = median(line.contrast for line in lines) if lines else 0.0
    is_few = len(lines) <= _FEW_LINES and sum(is_number(line.text) for line in lines) == 1
    telling = [each for each in phrases if _is_telling(each, usual, is_few=is_few)]
    telling = [each for each in telling if not has_syntax(each.text)] or telling
    headline = " ".join(line.text.rstrip(_LOOSE_ENDS) for line in head)
    phrases = telling if telling or head else phrases
    names = _table_head(lines)
    table_head = [each for each in phrases if each.line in names]
    ranked = _by_worth(phrases, head, table_head, spoken, usual_size(lines))
    return _CAPTION.sub("", headline), ranked


def _is_name(lines: Sequence[TextLine]) -> bool:
    """Tell whether two words close together are all that there is, as in a logo."""
    return (
        len(lines) == 2  # noqa: PLR2004
        and not any(" " in line.text for line in lines)
        and lines[0].is_near(lines[1], 0.25)
    )


def _is_sentence(text: str, lines: int) -> bool:
    words = len(text.split())
    is_long = words >= _SENTENCE_WORDS or sum(map(is_sparse_script, text)) >= _SENTENCE_SIGNS
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
    if len(lines) < 2:  # noqa: PLR2004
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
    is_title = len(rest) > 2 and len(rows(lines)[0]) == 1 and _can_be_headline(first.text)  # noqa: PLR2004
    is_label = first.text.endswith(":") or _is_sentence(first.text, 1)
    return [first] if is_title and (is_left or is_central) and is_apart and not is_label else []


def _by_worth(
    phrases: Sequence[Phrase],
    head: Sequence[TextLine],
    table_head: Sequence[Phrase],
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
        first += [*table_head, *aligned]
    named = [each for each in phrases if _is_spoken_of(each.text, spoken)]
    faults = [each for each in phrases if is_fault(each.text)]
    first = [*faults, *named, *(first or table_head)]
    # Beside a headline, what stands in its column is enough.
    rest = [] if head and len({*first}) > 1 else _in_columns(phrases)
    return list(dict.fromkeys([*first, *rest]))


def _are_aligned(line: TextLine, other: TextLine) -> bool:
    """Tell whether two lines begin under one another; what is typed into a field stands inside."""
    return abs(line.left - other.left) <= _INSIDE * line.height


def _table_head(lines: Sequence[TextLine]) -> list[TextLine]:
    """Find the names of a table's columns."""
    for row in rows(lines):
        below = [line for line in lines if line.top > row[0].middle and line not in row]
        is_wide = len(row) >= _TABLE_COLUMNS and len(below) >= 2 * len(row)
        is_named = not any(is_value(line.text) or line.text.endswith(":") for line in row)
        if is_wide and is_named and frame.is_table_head(row, below):
            return row
    return []


def _rows(phrases: Iterable[Phrase]) -> list[list[Phrase]]:
    order = {each.line: each for each in phrases}
    return [[order[line] for line in row] for row in rows(order)]


def _in_columns(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Order phrases by rows, after those that stand in long lists under one another."""
    listed = _lists(phrases)
    rest = [each for each in phrases if each not in listed]
    return [*listed, *(each for row in _rows(rest) for each in row)]


def _lists(phrases: Sequence[Phrase]) -> list[Phrase]:
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


def _is_unordered(told: Told) -> bool:
    """Tell whether nothing says which of many phrases a picture is about."""
    phrases = told.phrases
    is_told = any(each.is_sentence or is_fault(each.text) for each in phrases)
    names = _table_head([each.line for each in phrases])
    has_order = told.headline or is_told or _lists(phrases) or names
    return len(phrases) > _MOST_UNORDERED and not has_order


def _spoken(context: Context | None) -> str:
    """Return what the page says around a picture, for comparison."""
    if context is None:
        return ""
    said = (context.heading, context.before, context.after, context.caption, context.link)
    return " ".join(" ".join(said).split()).casefold()


def _is_spoken_of(text: str, spoken: str) -> bool:
    """Tell whether the page speaks of a phrase: says most of its words."""
    if any(map(is_sparse_script, text)):
        return plain(text) in spoken
    words = re.findall(r"[^\W\d_]{4,}", text.casefold())
    return 2 * sum(bool(re.search(rf"\b{word}", spoken)) for word in words) > len(words)


def _joined(told: Told, taken: int, max_length: int) -> str:
    """Join a headline and whole phrases as far as they fit, and until enough is said."""
    limit = min(GOOD_LENGTH, max_length)
    headline = told.headline if taken + len(told.headline) <= limit else ""
    length = taken + spoken_length(headline)
    chosen: list[Phrase] = []
    for phrase in told.phrases:
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
        texts = (_SENTENCE.split(phrase.text)[0] for phrase in told.phrases)
        return next((text for text in texts if taken + len(text) <= max_length), "").rstrip(
            _LOOSE_ENDS
        )
    return _text(headline, [each for row in _rows(chosen) for each in row], ". " if taken else ": ")


def _fitting(phrase: Phrase, room: int) -> str:
    """Return a phrase, or as many whole sentences of it as fit into some room."""
    text = phrase.text.rstrip(_LOOSE_ENDS)
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
    return text.rstrip(_LOOSE_ENDS)
