r"""Patterns of pictures, which are read as git reads those of `.gitignore`.

`pathspec`, which MkDocs uses for `exclude_docs`, does not do for this:

- It reads `[c-a]`, `[[:alpha:]]`, `[\]]` and other sets in another way than git, or not at all.
- It reads a list as a whole, in which a later `!pattern` takes files out of a folder that an
  earlier pattern excluded. Git looks at each folder on the way to a file, and does not enter one
  that is excluded.
- Its regular expressions try every star at every place: a pattern of eight stars takes years.

What git compares byte by byte is compared character by character here, so that `?` matches an
accented letter, too. `tests/test_patterns.py` compares this module with git.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_CLASSES = {
    ":alnum:": "0-9A-Za-z",
    ":alpha:": "A-Za-z",
    ":blank:": r" \t",
    ":cntrl:": r"\x00-\x1f\x7f",
    ":digit:": "0-9",
    ":graph:": r"\x21-\x7e",
    ":lower:": "a-z",
    ":print:": r"\x20-\x7e",
    ":punct:": r"!-/:-@\[-`{-~",
    ":space:": r" \t-\r",
    ":upper:": "A-Z",
    ":xdigit:": "0-9A-Fa-f",
}
_TOKEN = re.compile(
    r"(?P<folders>(?<![^/])\*\*+/)|(?P<all>(?<![^/])\*\*+(?=\\/|\Z))|(?P<within>\*+)|(?P<any>\?)"
    r"|(?P<set>\[[!^]?)|\\(?P<escaped>.)|(?P<literal>[^\\])",
    re.DOTALL,
)
_SET_ITEM = re.compile(
    r"\[(?P<class>:[^]]{1,99}(?<=:))\]|(?P<first>\\.|[^\\])(?:-(?P<last>\\.|[^]\\]))?", re.DOTALL
)
"""A class, a character or a range. The first item of a set may be `]`."""
_FOLDERS, _ALL, _WITHIN = "(?:[^/]*+/)*", ".*", "[^/]*"
_WILDCARDS = {"folders": _FOLDERS, "all": _ALL, "within": _WITHIN, "any": "[^/]"}
"""Regular expressions of the wildcards: folders with their slashes, any path, any part of a name,
and one character."""


class Pattern(NamedTuple):
    """One pattern."""

    text: str
    """As it was written."""
    is_negative: bool
    """Whether it begins with `!`, and takes back what a pattern before it says."""
    is_for_folders: bool
    """Whether it ends with `/`, and matches folders only."""
    is_for_paths: bool
    """Whether it has a `/` before its end, and is compared with the whole path."""
    expression: re.Pattern[str]

    def matches(self, path: str, *, is_folder: bool) -> bool:
        """Tell whether it matches a file or a folder itself, whatever it says of what is in it.

        Args:
            path: From the folder that the patterns are for, in the form of `same_form`.
            is_folder: Whether it is a folder.
        """
        if self.is_for_folders and not is_folder:
            return False
        name = path if self.is_for_paths else path.rpartition("/")[2]
        return self.expression.fullmatch(name) is not None


def parse(line: str, *, ignores_case: bool = False) -> Pattern | None:
    """Read a line of patterns.

    Args:
        line: Without its end.
        ignores_case: Whether `a` is to match `A`.

    Returns:
        The pattern; `None` where there is none, as in a comment.

    Raises:
        ValueError: It can never match.
    """
    # Spaces at the end of a line count only where they are escaped.
    stripped = re.match(r"(?s)(?: *(?:\\.|[^ ]))*", line)
    text = same_form(stripped[0]) if stripped else ""
    if not text or line.startswith("#"):
        return None
    body = text.removeprefix("!")
    is_for_folders = body.endswith("/")
    body = body.removesuffix("/")
    is_for_paths = "/" in body
    body = body.removeprefix("/")
    if not body:
        raise ValueError(text)
    flags = re.DOTALL | (re.IGNORECASE if ignores_case else 0)
    expression = re.compile(_expression([*_tokens(body)]), flags)
    return Pattern(text, text.startswith("!"), is_for_folders, is_for_paths, expression)


def verdicts(patterns: Iterable[Pattern], path: str) -> list[bool]:
    """Tell what a list says of each folder from the root, and then of the file, as git reads it.

    Args:
        patterns: The list.
        path: From the folder that the patterns are for, in the form of `same_form`.

    Returns:
        For each of which something is said, whether it matches. To git, a file in a folder that
        matches does, whatever follows; the last counts where exceptions hold in such a folder, too.
    """
    found = []
    for part, is_folder in parts_of(path):
        matching = [each for each in patterns if each.matches(part, is_folder=is_folder)]
        if matching:
            found.append(not matching[-1].is_negative)
    return found


def parts_of(path: str) -> list[tuple[str, bool]]:
    """Return each folder from the root, and then the file, and whether each is a folder."""
    folders = [(path[:at], True) for at, character in enumerate(path) if character == "/"]
    return [*folders, (path, False)]


def _expression(tokens: Sequence[str]) -> str:
    """Return a regular expression, which compares a name with each wildcard at one place only.

    What stands between two wildcards is taken at its first place, for good: what follows can begin
    as well there as at any later one. To try all places takes years for a few stars. The same holds
    for stars within a name between two wildcards that match folders.
    """
    return _joined(tokens, {_FOLDERS, _ALL}, lambda part: _joined(part, {_WITHIN}, "".join))


def _joined(
    tokens: Sequence[str], wildcards: set[str], join: Callable[[Sequence[str]], str]
) -> str:
    places = [at for at, token in enumerate(tokens) if token in wildcards]
    parts = [join(tokens[: places[0]] if places else tokens)]
    for at, end in pairwise([*places, len(tokens)]):
        wildcard, part = tokens[at], join(tokens[at + 1 : end])
        parts.append(f"(?>{wildcard}?{part})" if end < len(tokens) else f"{wildcard}{part}")
    return "".join(parts)


def _tokens(body: str) -> Iterator[str]:
    """Return the parts of a pattern: regular expressions of one character, and wildcards.

    Raises:
        ValueError: A set or an escape has no end, or a class has no such name. Git never matches
            these.
    """
    # Git compares what comes before any special character without looking for `**`, which may
    # begin right behind it.
    literal = re.split(r"[*?\[\\]", body, maxsplit=1)[0]
    rest = body.removeprefix(literal)
    yield from map(re.escape, literal)
    at = 0
    while at < len(rest):
        token = _TOKEN.match(rest, at)
        if token is None:
            raise ValueError(body)
        at = token.end()
        kind = token.lastgroup or ""
        if kind == "set":
            at, expression = _set(rest, at, is_negative=token["set"] != "[")
            yield expression
        else:
            yield _WILDCARDS[kind] if kind in _WILDCARDS else re.escape(token[kind])


def _set(body: str, begin: int, *, is_negative: bool) -> tuple[int, str]:
    """Return where a set of characters ends, and its regular expression; it never matches `/`."""
    found: list[str] = []
    at = begin
    while at == begin or body[at : at + 1] != "]":
        item = _SET_ITEM.match(body, at)
        if item is None or item["class"] not in {None, *_CLASSES}:
            raise ValueError(body)
        at = item.end()
        first, last = (item[name] and item[name][-1] for name in ("first", "last"))
        found.append(re.escape(first) if first else _CLASSES[item["class"]])
        if last and first <= last:
            found.append(f"{re.escape(first)}-{re.escape(last)}")
    return at + 1, f"[^/{''.join(found)}]" if is_negative else f"(?!/)[{''.join(found)}]"
