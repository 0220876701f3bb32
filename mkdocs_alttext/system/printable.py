"""Text from elsewhere: names in one form, text without what shows nothing, and text fit for a log.

- A name with an accent can be spelled in two ways, which look the same: as one character (NFC), and
  as a letter and a mark (NFD), which some systems write on the disk. People mean the same file by
  both.
- A text may hold characters that show nothing: Unicode's `Default_Ignorable_Code_Point`, and those
  whose sign is empty. Text that is published has none of them, but where a script needs them:
  joiners and variation selectors shape what stands before them, and a hundred of them in a row say
  nothing.
- Names of pages and pictures, keys of the catalog, options and what services and programs say may
  hold line breaks, control characters of a terminal, characters that turn text around, and what a
  CI system takes for a command. In a log, a terminal and JSON, each of these is made visible.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

_V = TypeVar("_V")


def same_form(name: str) -> str:
    """Return a name in the form in which it is compared."""
    return unicodedata.normalize("NFC", name)


def spellings(name: str) -> tuple[str, ...]:
    """Return the forms in which a disk may have a name, the given one first."""
    forms = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys((name, *forms)))


def without_language(name: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return a name, and what is left of it without the folder or the suffix of a language.

    Args:
        name: With `/`, such as `fr/img/a.png` or `img/a.fr.png`.
        languages: Those that the file may be named after.
    """
    forms = [name]
    for language in languages:
        for form in tuple(forms):
            stem, dot, ending = form.rpartition(".")
            forms.append(form.removeprefix(f"{language}/"))
            forms += [
                f"{each.removesuffix(f'.{language}')}{dot}{ending}"
                for each in (stem, stem.removeprefix(f"{language}/"))
            ]
    return tuple(dict.fromkeys(forms))


class ByName(Mapping[str, _V]):
    """Values by names, which are found in either spelling."""

    def __init__(self, values: Mapping[str, _V]) -> None:
        """Take the values.

        Args:
            values: By names as they are written; no two may be spellings of one.
        """
        self._values = {same_form(name): value for name, value in values.items()}

    def __getitem__(self, name: str) -> _V:
        """Return the value of a name."""
        return self._values[same_form(name)]

    def __iter__(self) -> Iterator[str]:
        """Return the names, each in the form in which it is compared."""
        return iter(self._values)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._values)


_UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_SHOWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Signs of numbers and verses, which Unicode counts as format characters."""
_EMPTY_SIGNS = "\u2800\u3164\uffa0\U0001d159\U00013441\U00013442"
"""They take room and show nothing: the pattern of Braille without dots, Hangul fillers, and such.
Between words they stand for a space."""
_EMPTY_MARKS = "\u034f\u17b4\u17b5\U00016fe4"
"""They show nothing and count as marks: the grapheme joiner, and vowels that nobody writes."""

_JOINERS = "\u200c\u200d"
_MONGOLIAN, _MONGOLIAN_SELECTORS = "\u1820-\u18aa", "\u180b-\u180d\u180f"
_SELECTORS = f"{_MONGOLIAN_SELECTORS}\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_EMOJI_BASES = "0123456789#*\u203c\u2049\u2139\u3030"
"""Bases of emoji that are no symbols to Unicode."""
_PLACES = {
    "\u115f": (".", "[\u1161-\u11a7\ud7b0-\ud7c6]"),  # of Hangul that lacks its first part
    "\u1160": ("[\u1100-\u115e\ua960-\ua97c]", "."),  # of Hangul that lacks its middle part
    "\u180e": (f"[{_MONGOLIAN}{_MONGOLIAN_SELECTORS}]", f"[{_MONGOLIAN}]"),
    "\u200c": ("[^ ]", "[^ ]"),
    "\u200d": ("[^ ]", "."),
}
"""What shows nothing by itself, and has its place behind and before some characters."""
_BOUND = "".join(_PLACES)
_RUN = re.compile(f"[{_BOUND}{_SELECTORS}]+")
_BLANK = re.compile(rf"[\s{_EMPTY_SIGNS}{_EMPTY_MARKS}{_BOUND}{_SELECTORS}]")

_BLACK_FLAG = "\U0001f3f4"
_FLAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region)
    for region in ("gbeng", "gbsct", "gbwls")
)
"""England, Scotland and Wales, the only flags that are written with tags."""
_FLAG_OR_CHARACTER = re.compile(rf"(?s){_BLACK_FLAG}(?:{_FLAGS})\U000e007f|.")
_MOST_MARKS = 4
"""On one letter: Hebrew verses have as many, and what has more runs over the lines around it."""


def is_blank(text: str) -> bool:
    """Tell whether a text shows and says nothing: white space, control and format characters.

    What this Python does not know yet, and characters for private use, may show something.
    """
    return all(_BLANK.match(each) or _is_unprintable(each, {"Cc", "Cf"}) for each in text)


def printable(text: str) -> str:
    """Return a text without characters that cannot be printed; white space stays as it is.

    Args:
        text: Any text. Joiners, which only shape other characters, go, too.
    """
    return "".join(each for each in text if each.isspace() or not _is_unprintable(each))


def plain(text: str, *, is_generated: bool = False) -> str:
    """Return a text on one line, without what shows nothing; every word stays.

    Args:
        text: Any text.
        is_generated: Whether a machine wrote it. Then what only fine typography needs goes, too,
            and so do marks that are piled up.

    Returns:
        The text; doing it twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = "".join(map(_without_empty, _FLAG_OR_CHARACTER.findall(text)))
    if is_generated:
        text = _without_piles(text)
    text = _RUN.sub(lambda run: _in_place(run, is_generated=is_generated), text)
    return " ".join(text.split())


def _is_unprintable(character: str, categories: Collection[str] = _UNPRINTABLE) -> bool:
    return unicodedata.category(character) in categories and character not in _SHOWN_FORMATS


def _without_empty(part: str) -> str:
    """Return a character or a flag, if it may show something; those in `_BOUND` stay."""
    if len(part) > 1 or part in _BOUND:
        return part
    if part.isspace() or part in _EMPTY_SIGNS:
        return " "
    return "" if part in _EMPTY_MARKS or _is_unprintable(part) else part


def _without_piles(text: str) -> str:
    """Return a text without the marks that a letter has too many of."""
    kept = []
    marks = 0
    for character in text:
        if not _RUN.match(character):
            marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _in_place(run: re.Match[str], *, is_generated: bool) -> str:
    """Return what of a run has its place there: selectors, and then one other character."""
    last = run.string[run.start() - 1] if run.start() else " "
    following = run.string[run.end()] if run.end() < len(run.string) else " "
    kept = ""
    for character in run[0]:
        if character not in _BOUND:
            if _selects(last, character, is_generated=is_generated):
                kept, last = kept + character, character
        elif re.match(_PLACES[character][0], last):
            fits = re.match(_PLACES[character][1], following) and (
                character not in _JOINERS or _joins(last, following, is_generated=is_generated)
            )
            return kept + character if fits else kept
    return kept


def _selects(last: str, selector: str, *, is_generated: bool) -> bool:
    """Tell whether a variation selector has its place behind a character."""
    if re.match(f"[{_MONGOLIAN_SELECTORS}]", selector):
        return re.match(f"[{_MONGOLIAN}]", last) is not None
    category = unicodedata.category(last)[0]
    if not is_generated:
        return category in "LNPS"
    return selector in _EMOJI_SELECTORS and (category == "S" or last in _EMOJI_BASES)


def _joins(last: str, following: str, *, is_generated: bool) -> bool:
    """Tell whether a joiner has its place between two characters, or at a word's end."""
    if following == " ":
        # A letter as it is written inside a word: of Indian scripts, and of Arabic.
        return unicodedata.category(last) in {"Lo", "Mn"} and "\u0600" <= last < "\u1c00"
    return not (is_generated and last.isascii() and following.isascii())


def is_unseen(character: str) -> bool:
    """Tell whether a character is to be escaped where a person should see all that is there.

    Joiners, which shape letters in some scripts and join emoji, are not.
    """
    category = unicodedata.category(character)
    return character not in _JOINERS and category in _UNPRINTABLE | {"Zl", "Zp"}


_SUSPECT = re.compile(r"[^ -~]")
_BRACKET_COMMAND = re.compile(r"##(?=[\w.-]*\[)")
"""`##[error]` and `##vso[…]` are commands wherever they stand in a line (GitHub, Azure)."""


def visible(text: str) -> str:
    """Return a text on one line, with what shows nothing written as Python writes it.

    Args:
        text: Any text; of names of files, bytes that are no text are escaped, too.
    """
    line = _SUSPECT.sub(_in_python, text)
    line = _BRACKET_COMMAND.sub(r"#\\x23", line)
    # `::error::` is a command where a line begins with it, and lines are wrapped at spaces.
    return re.sub(r"(?<!\S)::", r"\\x3a:", line)


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters; what is cut off ends with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 image`, `2 images`.

    Args:
        count: How many there are.
        one: The noun, and what agrees with it, for one thing.
        many: The same for several things; by default with an `s`.
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def visible_lines(text: str) -> str:
    """Return a text whose lines are each made visible.

    Args:
        text: What we or others wrote in several lines; only a line feed ends one.
    """
    return "\n".join(map(visible, text.split("\n")))


def visible_json(text: str) -> str:
    """Return a JSON text that means the same, in which everything is visible.

    Args:
        text: Valid JSON. Its escapes are JSON's own, and lone surrogates, which stand for bytes of
            a file's name, are among them.
    """
    text = _SUSPECT.sub(_in_json, text)
    return _BRACKET_COMMAND.sub(r"#\\u0023", text)


def ascii_json(text: str) -> str:
    """Return a JSON text that means the same, for a stream that is not UTF-8."""
    return re.sub(r"[^\x00-\x7f]", lambda each: json.dumps(each[0])[1:-1], text)


def _in_json(suspect: re.Match[str]) -> str:
    character = suspect[0]
    # Line feeds and tabs inside of JSON's texts are escaped already: these are between them.
    is_kept = character in "\n\t" or not is_unseen(character)
    return character if is_kept else json.dumps(character)[1:-1]


def _in_python(suspect: re.Match[str]) -> str:
    character = suspect[0]
    return character.encode("unicode_escape").decode("ascii") if is_unseen(character) else character
