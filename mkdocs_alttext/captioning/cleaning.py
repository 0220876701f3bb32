"""A text without what shows nothing.

Owns which characters are taken out of a text, and which stay only in their place: joiners and
variation selectors shape what stands before them, and a hundred of them in a row say nothing. It
must not know whose text it is, but for whether a machine wrote it.

The characters are those of Unicode's `Default_Ignorable_Code_Point` and those whose sign is empty.

What services write in place of an answer.

Owns recognising refusals, words that stand for a missing text, and messages of machines. Each has
the shape of such a message, as good texts begin with the same words: "Error dialog", "I can't
believe it". It must not know what a text went through before, nor what follows from it.

From what a service said to a text that is fit to publish, or a reason why not.

Owns cleaning and judging of answers. It must not know which service spoke or what the picture
shows. A text that fails is never stored and never reaches a page.
"""

from __future__ import annotations

import html
import posixpath
import re
import unicodedata
from contextlib import suppress

from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.html.alt_values import is_blank, is_file_name, is_placeholder
from mkdocs_alttext.models import Reason

_EMPTY_SIGNS = "\u2800\u3164\uffa0\U0001d159\U00013441\U00013442"
"""They take room and show nothing: the pattern of Braille without dots, Hangul fillers, and such.
Between words they stand for a space."""
_DROPPED = "\u034f\u17b4\u17b5\U00016fe4"
"""They show nothing and count as marks: the grapheme joiner, and vowels that nobody writes."""
_SHOWN_FORMATS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Signs of numbers and verses, which Unicode counts as format characters."""
_UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})

_FILLER_BEFORE, _FILLER_BEHIND = "\u115f", "\u1160"
"""In a syllable of Hangul that lacks its first or its middle part."""
_ZERO_WIDTH_JOINER = "\u200d"
_MONGOLIAN_SEPARATOR = "\u180e"
_CONDITIONAL = f"\u200c{_ZERO_WIDTH_JOINER}{_MONGOLIAN_SEPARATOR}{_FILLER_BEFORE}{_FILLER_BEHIND}"

_MONGOLIAN_SELECTORS = "\u180b-\u180d\u180f"
_OTHER_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_EMOJI_BASES = "0123456789#*\u203c\u2049\u2139\u3030"
"""Bases of emoji that are no symbols to Unicode."""
_BLACK_FLAG = "\U0001f3f4"
_FLAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")
)
"""England, Scotland and Wales, the only flags that are written with tags."""
_MOST_MARKS = 4
"""On one letter: Hebrew verses have as many, and what has more runs over the lines around it."""
_MARKS = ("Mn", "Me")


def shown(text: str, *, is_generated: bool = False) -> str:
    """Return a text on one line, without what shows nothing.

    Args:
        text: Any text.
        is_generated: Whether a machine wrote it. Then what only fine typography needs goes, too,
            and so do marks that are piled up.

    Returns:
        The text; what it is made of in this way is left as it is.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    scanner = _Scanner(is_generated=is_generated)
    for part in re.findall(rf"(?s){_BLACK_FLAG}(?:{_FLAGS})\U000e007f|.", text):
        if len(part) > 1:
            scanner.add(part)
            continue
        character = " " if part.isspace() or part in _EMPTY_SIGNS else part
        if not _is_dropped(character):
            scanner.add(character)
    return " ".join(scanner.end().split())


def _is_dropped(character: str) -> bool:
    if character in _DROPPED:
        return True
    if unicodedata.category(character) not in _UNPRINTABLE:
        return False
    return character not in _CONDITIONAL and not re.match(rf"[{_SHOWN_FORMATS}]", character)


class _Scanner:
    """Takes a text character by character, and keeps what has its place there."""

    def __init__(self, *, is_generated: bool) -> None:
        self._is_generated = is_generated
        self._kept: list[str] = []
        self._waiting = ""
        """A character whose place depends on what follows."""
        self._marks = 0

    def add(self, character: str) -> None:
        """Take a character, or a flag."""
        last = self._kept[-1] if self._kept else " "
        if character in _CONDITIONAL:
            if not self._waiting and self._may_follow(last, character):
                self._waiting = character
            return
        if re.fullmatch(rf"[{_MONGOLIAN_SELECTORS}{_OTHER_SELECTORS}]", character):
            if not self._waiting and self._selects(last, character):
                self._kept.append(character)
            return
        if self._waiting and self._may_precede(character):
            self._kept.append(self._waiting)
        self._waiting = ""
        is_mark = unicodedata.category(character[0]) in _MARKS
        self._marks = self._marks + 1 if is_mark else 0
        if not (self._is_generated and self._marks > _MOST_MARKS):
            self._kept.append(character)

    def end(self) -> str:
        """Return what was kept."""
        if self._waiting and self._may_precede(" "):
            self._kept.append(self._waiting)
        self._waiting = ""
        return "".join(self._kept)

    def _may_follow(self, last: str, character: str) -> bool:
        """Tell whether a character has its place behind what was kept last."""
        if character == _FILLER_BEFORE:
            return True
        if character == _FILLER_BEHIND:
            return re.match("[\u1100-\u115e\ua960-\ua97c]", last) is not None
        if character == _MONGOLIAN_SEPARATOR:
            return re.match(f"[\u1820-\u18aa{_MONGOLIAN_SELECTORS}]", last) is not None
        return last not in {" ", "\u200c", _ZERO_WIDTH_JOINER, _MONGOLIAN_SEPARATOR}

    def _may_precede(self, character: str) -> bool:
        """Tell whether what waits has its place before a character, or before a word's end."""
        waiting = self._waiting
        if waiting == _FILLER_BEFORE:
            return re.match("[\u1161-\u11a7\ud7b0-\ud7c6]", character) is not None
        if waiting == _FILLER_BEHIND:
            return True
        if waiting == _MONGOLIAN_SEPARATOR:
            return re.match("[\u1820-\u18aa]", character) is not None
        last = self._kept[-1]
        if character == " ":
            # A letter as it is written inside a word: of Indian scripts, and of Arabic.
            return waiting == _ZERO_WIDTH_JOINER and (
                unicodedata.category(last) in {"Lo", "Mn"} and "\u0600" <= last < "\u1c00"
            )
        return not (self._is_generated and last.isascii() and character.isascii())

    def _selects(self, last: str, selector: str) -> bool:
        """Tell whether a selector has its place behind what was kept last."""
        if re.match(f"[{_MONGOLIAN_SELECTORS}]", selector):
            return re.match("[\u1820-\u18aa]", last) is not None
        category = unicodedata.category(last[-1])
        if not self._is_generated:
            return category[0] in "LNPS"
        return selector in _EMOJI_SELECTORS and (category[0] == "S" or last in _EMOJI_BASES)


# Expressions are texts here, and compiled when an answer is first judged: a build that finds all
# texts in the cache judges none, and compiling them is a tenth of what it imports.
PICTURE = r"(?:image|picture|photo|photograph|graphic)"
"""What services call what they were sent."""

_NOT = r"(?: ?not|n['’]?t)"
_OBJECT = rf"(?:(?:the|this|that|your|an?) )?(?:\w+ )?(?:{PICTURE}s?|file|url)\b"
_REGRET = (
    r"(?:i['’]?m|i am) (?:(?:so|very|really|truly) )?sorry\b"
    r"|(?:i['’]?m|i am) afraid (?:i|that|this|the|there|it|we|not)\b"
    r"|sorry(?:\W*$|\s*[,.!:;\u2013\u2014-]|\s+(?:i|but|we|the|this|there|that|for|about|no|it|you)\b)"
    r"|(?:i (?:\w+ )?|we )apologi[sz]e\b|(?:(?:my|our) )?apologies\b"
    r"|(?:unfortunately|regrettably),? (?:i|we|the|this|that|there|it|no|your|my)\b"
)
_INABILITY = (
    rf"i (?:can ?not|could{_NOT}|do not|don['’]?t (?:see|have|know|recogni[sz]e)"
    rf"|(?:will not|won['’]?t|would{_NOT}) be able|(?:am|was) (?:not able|unable))\b"
    r"|i can['’]?t\b(?! (?:believe|breathe|sleep|stop|wait)\b)"
    r"|i['’](?:m (?:unable|not able)|ll not be able)\b"
    r"|as an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|unable to (?:process|describe|generate|view|see|analy[sz]e|identify)\b"
    rf"|(?:(?:unable|failed) to|(?:can|could){_NOT}) (?:access|decode|display|download|fetch|find"
    rf"|load|open|process|read|retrieve) {_OBJECT}"
)
_NOTHING_TO_SEE = (
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
    r"(?:(?:a|das|de|een|ein|el|il|la|le|o|um|uma|un|una|une) |un['’]|l['’])?"
    r"(?:abbildung|afbeelding|bild|foto|fotografia|fotografía|fotografie|grafik|illustration|image"
    r"|imagem|imagen|immagine|obraz|obrazek|photo|plaatje|zdjęcie|изображение|картинка|рисунок"
    r"|фото|фотография|画像|写真|图片|图像|照片|圖片|圖像|이미지|사진|그림)"
)
"""Words for a picture in the languages of services: no text says less."""

_ERROR = (
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


def is_refusal(text: str) -> bool:
    """Tell whether a text says why there is none, to a person."""
    refusal = f"(?i)(?:{_REGRET}|{_INABILITY}|{_NOTHING_TO_SEE}|{_REQUEST})"
    return re.match(refusal, text) is not None


def stands_for_none(text: str) -> bool:
    """Tell whether a text only stands where one is missing."""
    words = f"(?i)(?:{_PLACEHOLDER}|{_FOREIGN_PLACEHOLDER})"
    return is_placeholder(text) or re.fullmatch(words, text) is not None


def is_message(text: str) -> bool:
    """Tell whether a text is data or the error message of a machine."""
    return re.match(f"(?i)(?:{_ERROR})", text) is not None or (
        re.fullmatch(f"(?is){_DATA}", text) is not None
    )


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
