"""From what a service said to a text that is fit to publish, or a reason why not.

Owns cleaning and judging of answers. It must not know which service spoke or what the picture
shows. A text that fails is never stored and never reaches a page.
"""

from __future__ import annotations

import html
import posixpath
import re
from contextlib import suppress

from mkdocs_alttext.captioning.excuses import PICTURE, is_message, is_refusal, stands_for_none
from mkdocs_alttext.captioning.visible import shown
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.markup.texts import is_blank, is_file_name
from mkdocs_alttext.reasons import Reason

LONG_TEXT = 150
"""Characters from which a text is published but reported."""

# Expressions are texts here, and compiled when an answer is first cleaned or judged: a build that
# finds all texts in the cache does neither, and compiling them is a tenth of what it imports.
_TAG = r"(?s)</?[A-Za-z][^<>]*>|<!--.*?-->"
_FENCED = r"\s*```(?:[A-Za-z]*+[^\S\n]*+\n)?([^`]*)```\s*"
_QUOTES = frozenset(
    (
        '""',
        "''",
        "“”",
        "‘’",
        "«»",
        "»«",
        "\u2039\u203a",
        "\u203a\u2039",
        "„“",
        "„”",
        "「」",
        "『』",
        "``",
    )
)
_APOSTROPHES = frozenset("'’")
_LABEL = (
    r"(?i)(?:(?:sure|certainly|of course)[,.!]? )?"
    r"(?:here(?: is|['’]s)(?: \w+){0,5}? )?[*_#> ]*"
    rf"(?:(?:(?:suggested|proposed) )?alt(?:ernative)?[ -]?text(?: for (?:the|this) {PICTURE})?"
    rf"[*_]*\s*(?:[:=]|[\u2013\u2014-](?=\s))|(?:alt|caption|(?:{PICTURE} )?description|{PICTURE})"
    r"[*_]*\s*[:=])[*_]*\s*"
)
_REDUNDANT_OPENING = (
    rf"(?i)(?:(?:this|the) {PICTURE} (?:(?:shows|depicts|displays|contains|features)\b\s*:?"
    r"|is(?: of\b:?|(?= (?:an?|the) )))"
    rf"|(?:this is )?(?:an? |the )?{PICTURE} (?:of|showing|depicting|displaying)\b\s*:?)\s+"
)
_NAME_WITH_CAPITAL = r"[a-z]+[A-Z]"
"""How iPhone and macOS begin: they are written so at the beginning of a sentence, too."""

_MOST_ANSWER = 10_000
"""Characters of an answer that is cleaned: ten times the longest text, as each layer of markup that
is taken off takes another look at all of it."""
_BRACKETS = "()[]{}"

_EDGES = " .,:;!?-_*#>`~\"'“”‘’„«»\u200c\u200d"
"""What may stand around a text and says nothing: punctuation, and Markdown that some write."""


def clean(answer: str) -> str:
    """Turn a service's words into plain text.

    Args:
        answer: The text as it came.

    Returns:
        One line without markup, control characters, wrapping quotes or a redundant opening
        ("image of"); an opening that informs ("diagram of") stays. Cleaning twice changes nothing.
        An answer that is far too long comes back as it is, for `judge` to refuse.
    """
    if len(answer) > _MOST_ANSWER:
        return answer
    text = answer
    while (cleaned := _clean_once(text)) != text:
        text = cleaned
    return text


def _clean_once(answer: str) -> str:
    text = answer
    with suppress(ValueError):  # of a number that is too long for Python
        text = html.unescape(answer)
    text = re.sub(_TAG, " ", text)
    text = fenced[1] if (fenced := re.fullmatch(_FENCED, text)) else text
    text = shown(text, is_generated=True)
    text = text[1:-1].strip() if _is_quoted(text) else text
    text = text[label.end() :] if (label := re.match(_LABEL, text)) else text
    if opening_match := re.match(_REDUNDANT_OPENING, text):
        text = _capitalise(text[opening_match.end() :])
    return text


def _is_quoted(text: str) -> bool:
    """Tell whether one pair of quotes is around a whole text, and not around its ends."""
    opening, inner, closing = text[:1], text[1:-1], text[-1:]
    if opening + closing not in _QUOTES or not inner:
        return False
    depth = 0
    for before, character, after in zip(text, inner, text[2:], strict=False):
        if character in _APOSTROPHES and before.isalnum() and after.isalnum():
            continue
        if opening == closing == character:
            depth += 1 if before.isspace() or before in "([" else -1
        elif character in (opening, closing):
            depth += 1 if character == opening else -1
        if depth < 0:
            return False
    return depth == 0


def plain(text: str) -> str:
    """Return a text on one line, without what shows nothing; every word stays."""
    return shown(text)


def _capitalise(text: str) -> str:
    return text if re.match(_NAME_WITH_CAPITAL, text) else text[:1].upper() + text[1:]


def judge(text: str, *, file_name: str, max_length: int) -> None:
    """Refuse a text that would be worse than none.

    Args:
        text: A cleaned text.
        file_name: The picture's file name, which is no description (WCAG failure F30).
        max_length: Longest acceptable text in characters; nothing is ever cut.

    Raises:
        AnswerError: The text must not be published; the reason says why.
    """
    plain = text.strip(_EDGES).casefold()
    if not any(character.isalnum() and not is_blank(character) for character in plain):
        raise AnswerError(Reason.ANSWER_EMPTY)
    stem, _ = posixpath.splitext(file_name.casefold())
    names = {file_name.casefold(), stem, re.sub(r"[-_]+", " ", stem)}
    bare = plain.strip(_EDGES + _BRACKETS)
    if bare in names or is_file_name(bare):
        raise AnswerError(Reason.ANSWER_FILENAME)
    if not any(character.isalpha() for character in plain):
        raise AnswerError(Reason.ANSWER_DIGITS)
    if stands_for_none(bare):
        raise AnswerError(Reason.ANSWER_PLACEHOLDER)
    if is_refusal(bare):
        raise AnswerError(Reason.ANSWER_REFUSAL)
    if is_message(plain):
        raise AnswerError(Reason.ANSWER_NOT_PROSE)
    if len(text) > max_length:
        raise AnswerError(Reason.ANSWER_TOO_LONG, f"{len(text)} characters")
