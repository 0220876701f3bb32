"""Changes of files as a unified diff that `git apply` and `patch` take."""

from __future__ import annotations

import os
import re
from difflib import unified_diff

from mkdocs_alttext.system.printable import visible

_ODD = re.compile(r'["\\]|[^ -~]')
"""What a name in a header has only as a number, in quotes."""
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def as_diff(name: str, before: str, after: str) -> str:
    """Return the diff of one file.

    Args:
        name: The file's path as both sides show it, from the root of its repository.
        before: Its text with its line ends.
        after: Its new text.
    """
    # Only a line feed ends a line to these programs, whatever `str.splitlines` thinks of others.
    old, new = (_lines(text) for text in (before, after))
    sides = [_quoted(f"{side}/{name}") for side in "ab"]
    # A name with spaces ends with a tab, as a date may follow it.
    before_name, after_name = (f"{side}\t" if " " in side else side for side in sides)
    lines = unified_diff(old, new, before_name, after_name)
    body = (line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)
    # With this line, Git takes the names from the repository's root wherever it is called.
    return "".join([f"diff --git {' '.join(sides)}\n", *body])


def _quoted(name: str) -> str:
    numbered = _ODD.sub(lambda odd: _numbered(odd[0]), name)
    if visible(numbered) != numbered:  # a command of a CI system
        numbered = numbered.replace("##", r"\043\043")
    return name if numbered == name else f'"{numbered}"'


def _numbered(character: str) -> str:
    if character not in '"\\' and visible(character) == character:
        return character
    return "".join(f"\\{byte:03o}" for byte in os.fsencode(character))


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
