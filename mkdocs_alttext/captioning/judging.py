"""What is kept of an answer, how it is cleaned, and whether its text may be published.

An answer was paid for, so it is kept, fit to publish or not: as it came, but without what cannot be
printed, and cut at `MOST_CHARACTERS`. It is cleaned and judged at each use: by the rules of today,
and by the options of the site that uses it.

Services write refusals, words that stand for a missing text, and messages of machines in place of
an answer. Each has the shape of such a message, as good texts begin with the same words: "Error
dialog", "I can't believe it".
"""

from __future__ import annotations

import html
import posixpath
import re
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING
from unicodedata import normalize

from mkdocs_alttext.cache.base import LONGEST_PATH, MOST_CHARACTERS, bounded
from mkdocs_alttext.captioning.chatter import is_chatter, is_filtered, without_chatter
from mkdocs_alttext.captioning.language_check import is_in_other_script
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.html.attributes import is_file_name, is_placeholder
from mkdocs_alttext.models import SUGGESTIONS, Reason, StoredAnswer
from mkdocs_alttext.services.sensitive import find_sensitive, missing_from
from mkdocs_alttext.system.printable import is_blank, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.exceptions import ReasonedError
    from mkdocs_alttext.models import Answer

LONG_TEXT = 150
"""Characters from which a text is published but reported."""
PICTURE = r"(?:image|picture|photo|photograph|graphic)"
"""What services call what they were sent."""

_MOST_ANSWER = 10_000
"""Characters of an answer that is cleaned: ten times the longest text, as each layer of markup that
is taken off takes another look at all of it."""

_QUOTES = frozenset("\"\" '' “” ‘’ «» »« \u2039\u203a \u203a\u2039 „“ „” 「」 『』 ``".split())
_APOSTROPHES = frozenset("'’")
_LABEL = (
    r"(?:(?:sure|certainly|of course)[,.!]? )?"
    r"(?:here(?: is|['’]s)(?: \w+){0,5}? )?[*_#> ]*"
    rf"(?:(?:(?:suggested|proposed) )?alt(?:ernative)?[ -]?text(?: for (?:the|this) {PICTURE})?"
    rf"[*_]*\s*(?:[:=]|[\u2013\u2014-](?=\s))|(?:alt|caption|(?:{PICTURE} )?description|{PICTURE})"
    r"[*_]*\s*[:=])[*_]*\s*"
)
_REDUNDANT_OPENING = (
    rf"(?:(?:this|the) {PICTURE} (?:(?:shows|depicts|displays|contains|features)\b\s*:?"
    r"|is(?: of\b:?|(?= (?:an?|the) )))"
    rf"|(?:this is )?(?:an? |the )?{PICTURE} (?:of|showing|depicting|displaying)\b\s*:?)\s+"
)


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
    text = re.sub(r"</?[A-Za-z][^<>]*>|<!--.*?-->", " ", without_chatter(text), flags=re.DOTALL)
    if fenced := re.fullmatch(r"\s*```(?:[A-Za-z]*+[^\S\n]*+\n)?([^`]*)```\s*", text):
        text = fenced[1]
    text = plain(text, is_generated=True)
    text = text[1:-1].strip() if _is_quoted(text) else text
    if label := re.match(_LABEL, text, re.IGNORECASE):
        text = text[label.end() :]
    if opening := re.match(_REDUNDANT_OPENING, text, re.IGNORECASE):
        text = text[opening.end() :]
        if not re.match(r"[a-z]+[A-Z]", text):  # iPhone, macOS
            text = text[:1].upper() + text[1:]
    return text


def has_redundant_opening(text: str) -> bool:
    """Tell whether a text begins by saying that it is about an image, as cleaning takes out."""
    return re.match(_REDUNDANT_OPENING, text.strip(), re.IGNORECASE) is not None


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


_NOT = r"(?: ?not|n'?t)"
_OBJECT = rf"(?:(?:the|this|that|your|an?) )?(?:\w+ )?(?:{PICTURE}s?|file|url)\b"
_REGRET = (
    r"(?:i'?m|i am) (?:(?:so|very|really|truly) )?sorry\b"
    r"|(?:i'?m|i am) afraid (?:i|that|this|the|there|it|we|not)\b"
    r"|sorry(?:\W*$|\s*(?:[,.!:;-]|\u2013|\u2014)|\s+(?:i|but|we|the|this|there|that|for|about|no|it|you)\b)"
    r"|(?:i (?:\w+ )?|we )apologi[sz]e\b|(?:(?:my|our) )?apologies\b"
    r"|(?:unfortunately|regrettably),? (?:i|we|the|this|that|there|it|no|your|my)\b"
)
_INABILITY = (
    rf"i (?:can ?not|could{_NOT}|do not|don'?t (?:see|have|know|recogni[sz]e)"
    rf"|(?:will not|won'?t|would{_NOT}) be able|(?:am|was) (?:not able|unable))\b"
    r"|i can'?t\b(?! (?:believe|breathe|sleep|stop|wait)\b)"
    r"|i'(?:m (?:unable|not able)|ll not be able)\b"
    r"|as an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|unable to (?:process|describe|generate|view|see|analy[sz]e|identify)\b"
    rf"|(?:(?:unable|failed) to|(?:can|could){_NOT}) (?:access|decode|display|download|fetch|find"
    rf"|load|open|process|read|retrieve) {_OBJECT}"
)
NOTHING_TO_SEE = (
    r"(?:it (?:looks|looks like|seems|appears)(?: that| like| as if)? )?(?:"
    rf"(?:there (?:is|was|seems to be|appears to be) )?no {PICTURE}s?(?: file)?"
    r"(?: (?:is|was|were|has been|have been|to))? (?:attached|available|describe|detected|found"
    r"|given|included|present|provided|received|sent|shared|supplied|uploaded)\b"
    rf"|(?:the|this|that|your) {PICTURE}(?: file| itself)? (?:"
    rf"(?:is|was|has|does|did|could|can){_NOT} (?:be |been )?(?:\w+ly )?(?:accessible|attached"
    r"|available|clear|contain|display|found|load|open|provided|show|support|uploaded|visible)"
    r"|(?:is|was) (?:too \w+\W*$|too .{1,40}\bto (?:analy[sz]e|describe|determine|discern|identify"
    r"|make|read|recogni[sz]e|see|tell|view)\b)"
    r"|(?:is|was|seems|appears)(?: to be)? (?:blank|broken|corrupt|corrupted|empty|missing"
    r"|unavailable|unclear|unreadable)(?=\W*$|[,.;]| (?:and|or|so|to)\b)"
    r"|(?:failed|fails) to \w+))"
)
_REQUEST = (
    r"(?:please|kindly|could you(?: please)?|can you(?: please)?) "
    rf"(?:attach|provide|re-?upload|send|share|try|upload)\b.{{0,40}}\b(?:{PICTURE}s?|screenshot"
    r"|file|url|link|details|context|information|again)\b"
)

_NOUN = r"(?:figure|graphic|icon|image|img|logo|photo|photograph|picture|placeholder|screen ?shot)"
_PLACEHOLDER = (
    rf"(?:(?:an?|the|this|that|my|your) )?{_NOUN}(?: of| ?[(#]{{0,2}}\d+\)?)?"
    r"|(?:dsc[fn]?|gopr|imgp?|mvi|pxl|vid)[-_ ]?\d{3,}(?:[-_ ]\d+)*"
    r"|alt|caption|description|empty|n/a|na|nil|none|null|undefined|unknown|untitled"
    r"|(?:no )?alt(?:ernative)?[ -]?text"
    r"|no (?:(?:alt(?:ernative)?[ -]?)?text|alt|caption|description|title)"
    r"(?: (?:is |was )?(?:available|found|given|provided|supplied))?"
    rf"|no {PICTURE}"
)
_FOREIGN_PLACEHOLDER = (
    r"(?:(?:a|das|de|een|ein|el|il|la|le|o|um|uma|un|una|une) |un'|l')?"
    r"(?:abbildung|afbeelding|bild|foto|fotografia|fotografía|fotografie|grafik|illustration|image"
    r"|imagem|imagen|immagine|obraz|obrazek|photo|plaatje|zdjęcie|изображение|картинка|рисунок"
    r"|фото|фотография|画像|写真|图片|图像|照片|圖片|圖像|이미지|사진|그림)"
)
"""Words for a picture in the languages of services: no text says less."""

ERROR = (
    r"(?:[\w.]*|internal (?:server )?|server )(?:error|exception)\b\W*(?:\d+\W*)?$"
    r"|(?:[\w.]*|internal (?:server )?|server )(?:error|exception):\s"
    rf"|error (?:analy[sz]ing|decoding|fetching|loading|opening|processing|reading) {_OBJECT}"
    r"|(?:an? )?(?:\w+ )?error (?:has |was )?(?:encountered|occurred)\b"
    r"|exception in thread \W|traceback \(most"
    r"|(?:(?:http )?(?:error )?\d{3}\W+)?(?:bad gateway|service (?:temporarily )?unavailable"
    r"|gateway time-?out|too many requests|internal server error)\W*$"
    r"|rate limit (?:exceeded|reached)"
    r"|(?:invalid|incorrect) (?:api key|request)(?:\W*$|[.,:]| provided\b)"
    r"|https?://\S+$"
)
_DATA = (
    r"(?:json\s*)?(?:\{\s*[\"'].*|\[\s*\{.*|\{[^:]*+:.*\}|\[[^,\"']*+[,\"'].*\]"
    r"|\[object \w+\]|[\[{]\s*[\]}])"
)
"""JSON, whole or cut off, as far as it cannot be a word in brackets."""

# What most texts lack is looked for first, so that few builds compile the expressions.
REFUSAL = f"{_REGRET}|{_INABILITY}|{_REQUEST}"
OPENINGS = (
    *("apolog", "as a", "can", "could", "failed to ", "i ", "i'", "im ", "kindly ", "my ", "our "),
    *("please ", "regrettably", "sorry", "unable to ", "unfortunately", "we "),
)
"""One of these begins each `REFUSAL`; each `NOTHING_TO_SEE` names a `PICTURE`."""
STAND_IN = f"{_PLACEHOLDER}|{_FOREIGN_PLACEHOLDER}"
MOST_LETTERS = 40
"""More than are in any `STAND_IN`."""
_OF_MACHINE = rf"{ERROR}|(?:{_DATA})\Z"
SIGNS_OF_MACHINES = (
    *("error", "exception", "traceback", "gateway", "unavailable", "request", "rate limit"),
    *("api key", "http", "{", "["),
)
"""One of these is in each `_OF_MACHINE`."""

_EDGES = " .,:;!?-_*#>`~\"'“”‘’„«»\u200c\u200d"
"""What may stand around a text and says nothing: punctuation, and Markdown that some write."""
_BRACKETS = "()[]{}"


def kept(answer: Answer, *, context_page: str = "") -> StoredAnswer:
    """Return what is stored of a service's answer.

    Args:
        answer: As it came.
        context_page: The page whose words were sent with the picture.
    """
    return StoredAnswer(
        plain(answer.text)[:MOST_CHARACTERS],
        failed=answer.fault,
        model=bounded(plain(answer.model)) or None if answer.model else None,
        role=bounded(plain(answer.role or "")),
        long_description=plain(answer.long_description)[:MOST_CHARACTERS],
        prompt=bounded(plain(answer.prompt)),
        context_page=context_page if len(context_page) <= LONGEST_PATH else "",
    )


def kept_failure(error: ReasonedError) -> StoredAnswer:
    """Return what is stored where asking again could only end the same way."""
    return StoredAnswer(failed=error.reason, detail=bounded(plain(error.detail)))


def published(
    answer: StoredAnswer,
    *,
    language: str,
    file_name: str,
    max_length: int,
    page_text: Callable[[], str],
) -> str:
    """Return the text that an answer publishes.

    Args:
        answer: From the cache or from the service.
        language: The code that it was asked for with.
        file_name: The picture's, which is no description (WCAG failure F30).
        max_length: Longest acceptable text in characters; nothing is ever cut.
        page_text: Returns the source of the page that uses it, without escapes: what may be secret
            is published only where the page shows it anyway. No verdict is stored, as whoever can
            write the cache could store another.

    Raises:
        AnswerError: None may be published; the reason says why.
    """
    if answer.failed is not None:
        raise AnswerError(answer.failed, answer.detail)
    if suggestion := SUGGESTIONS.get(answer.role):
        raise AnswerError(suggestion)
    if len(answer.text) >= MOST_CHARACTERS:  # the rest of it was not kept
        raise AnswerError(Reason.ANSWER_TOO_LONG, f"{MOST_CHARACTERS} characters or more")
    text = clean(answer.text)
    judge(text, file_name=file_name, max_length=max_length)
    if answer.prompt and is_in_other_script(text, language):
        raise AnswerError(Reason.ANSWER_LANGUAGE)
    if _is_sensitive(text, page_text):
        raise AnswerError(Reason.ANSWER_SENSITIVE)
    return text


def long_description(answer: StoredAnswer, page_text: Callable[[], str]) -> str:
    """Return what a model said beside the text, where the catalog, which is committed, may hold it.

    Args:
        answer: From the cache or from the service.
        page_text: As for `published`.
    """
    text = answer.long_description
    is_whole = len(text) < MOST_CHARACTERS
    return text if text and is_whole and not _is_sensitive(text, page_text) else ""


def _is_sensitive(text: str, page_text: Callable[[], str]) -> bool:
    # As people may read it: letters in full width, and what an editor makes of `&#64;`.
    found = find_sensitive(normalize("NFKC", unescape(text)))
    return bool(found and missing_from(found, page_text()))


def judge(text: str, *, file_name: str, max_length: int) -> None:
    """Refuse a text that would be worse than none.

    Args:
        text: A cleaned text.
        file_name: The picture's file name, which is no description (WCAG failure F30).
        max_length: Longest acceptable text in characters; nothing is ever cut.

    Raises:
        AnswerError: The text must not be published; the reason says why.
    """
    words = text.strip(_EDGES).casefold()
    if not any(character.isalnum() and not is_blank(character) for character in words):
        raise AnswerError(Reason.ANSWER_EMPTY)
    stem, _ = posixpath.splitext(file_name.casefold())
    names = {file_name.casefold(), stem, re.sub(r"[-_]+", " ", stem)}
    bare = words.strip(_EDGES + _BRACKETS)
    if bare in names or is_file_name(bare):
        raise AnswerError(Reason.ANSWER_FILENAME)
    if not any(character.isalpha() for character in words):
        raise AnswerError(Reason.ANSWER_DIGITS)
    bare, words = bare.replace("’", "'"), words.replace("’", "'")
    if is_placeholder(bare) or _is_stand_in(bare):
        raise AnswerError(Reason.ANSWER_PLACEHOLDER)
    if _is_refusal(bare):
        raise AnswerError(Reason.ANSWER_REFUSAL)
    if is_filtered(words):
        raise AnswerError(Reason.ANSWER_REFUSAL)
    if _is_of_machine(words):
        raise AnswerError(Reason.ANSWER_NOT_PROSE)
    if is_chatter(words):
        raise AnswerError(Reason.ANSWER_CHATTER)
    if len(text) > max_length:
        raise AnswerError(Reason.ANSWER_TOO_LONG, f"{len(text)} characters")


# These take small letters, and the straight apostrophe only.


def _is_stand_in(text: str) -> bool:
    is_short = sum(map(str.isalpha, text)) <= MOST_LETTERS
    return is_short and re.fullmatch(STAND_IN, text) is not None


def _is_refusal(text: str) -> bool:
    if text.startswith(OPENINGS) and re.match(REFUSAL, text):
        return True
    return re.search(PICTURE, text) is not None and re.match(NOTHING_TO_SEE, text) is not None


def _is_of_machine(text: str) -> bool:
    is_possible = any(sign in text for sign in SIGNS_OF_MACHINES)
    return is_possible and re.match(_OF_MACHINE, text, re.DOTALL) is not None
