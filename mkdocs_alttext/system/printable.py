"""Names of files as people write them.

Owns the form in which names are compared. A name with an accent can be spelled in two ways, which
look the same: as one character (NFC), and as a letter and a mark (NFD), which some systems write on
the disk. People mean the same file by both.

Text from elsewhere, made fit for a log, a terminal and JSON.

Names of pages and pictures, keys of the catalog, options and what services and programs say may
hold anything: line breaks, control characters of a terminal, characters that turn text around, and
what a CI system takes for a command. Here each of these is made visible.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_V = TypeVar("_V")


def same_form(name: str) -> str:
    """Return a name in the form in which it is compared."""
    return unicodedata.normalize("NFC", name)


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


_JOINERS = "\u200c\u200d"
"""They shape letters in some scripts, and join emoji."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^ -~]")
_BRACKET_COMMAND = re.compile(r"##(?=[\w.-]*\[)")
"""`##[error]` and `##vso[…]` are commands wherever they stand in a line (GitHub, Azure)."""
_LINE_COMMAND = re.compile(r"(?<!\S)::")
"""`::error::` is one where a line begins with it, and lines are wrapped at spaces."""


def visible(text: str) -> str:
    """Return a text on one line, with what shows nothing written as Python writes it.

    Args:
        text: Any text; of names of files, bytes that are no text are escaped, too.
    """
    line = _SUSPECT.sub(_escaped, text)
    line = _BRACKET_COMMAND.sub(r"#\\x23", line)
    return _LINE_COMMAND.sub(r"\\x3a:", line)


def without_invisible(text: str) -> str:
    """Return a text without control and format characters (class C), but white space."""
    if text.isprintable():
        return text
    return "".join(
        character
        for character in text
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )


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
    text = _SUSPECT.sub(lambda each: _escaped(each, _in_json), text)
    return _BRACKET_COMMAND.sub(r"#\\u0023", text)


def ascii_json(text: str) -> str:
    """Return a JSON text that means the same, for a stream that is not UTF-8."""
    return re.sub(r"[^\x00-\x7f]", lambda each: _in_json(each[0]), text)


def _in_json(character: str) -> str:
    # Line feeds and tabs inside of JSON's texts are escaped already: these are between them.
    return character if character in "\n\t" else json.dumps(character)[1:-1]


def _in_python(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _escaped(match: re.Match[str], escape: Callable[[str], str] = _in_python) -> str:
    character = match[0]
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return character
    return escape(character)
