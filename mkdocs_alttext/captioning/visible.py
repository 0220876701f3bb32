"""A text without what shows nothing.

Owns which characters are taken out of a text, and which stay only in their place: joiners and
variation selectors shape what stands before them, and a hundred of them in a row say nothing. It
must not know whose text it is, but for whether a machine wrote it.

The characters are those of Unicode's `Default_Ignorable_Code_Point` and those whose sign is empty.
"""

from __future__ import annotations

import re
import unicodedata

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
