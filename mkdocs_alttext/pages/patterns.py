"""Patterns of file names, read as git reads those of `.gitignore`.

Owns what a pattern matches, and what a list of them says of a file. It must not know what is done
with the files.

No library does this: pathspec translates one pattern well, but reads a list as a whole, in which a
later `!pattern` takes files out of a folder that an earlier one excluded. Git looks at each folder
on the way to a file, and does not enter one that is excluded. What git compares byte by byte is
compared character by character here, so that `?` matches an accented letter, too.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

_SPECIAL = re.compile(r"[*?\[\\]")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t-\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


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
    if line.startswith("#"):
        return None
    text = same_form(_without_spaces(line))
    if not text:
        return None
    body = text.removeprefix("!")
    is_for_folders = body.endswith("/")
    body = body[:-1] if is_for_folders else body
    is_for_paths = "/" in body
    body = body.removeprefix("/")
    if not body:
        raise ValueError(text)
    flags = re.DOTALL | (re.IGNORECASE if ignores_case else 0)
    expression = re.compile(_joined([*_tokens(body, is_for_paths=is_for_paths)]), flags)
    return Pattern(text, text.startswith("!"), is_for_folders, is_for_paths, expression)


def first_verdict(patterns: Iterable[Pattern], path: str) -> bool | None:
    """Tell what a list says of a file, as git does.

    Args:
        patterns: The list.
        path: From the folder that the patterns are for, in the form of `same_form`.

    Returns:
        Whether it matches; a file in a folder that matches does, whatever follows. `None` where no
        pattern says anything of the file or a folder that it is in.
    """
    verdict = None
    for each in _verdicts(patterns, path):
        if each:
            return True
        verdict = False
    return verdict


def last_verdict(patterns: Iterable[Pattern], path: str) -> bool | None:
    """Tell what a list says of a file, where exceptions hold in a folder that matches, too.

    Args:
        patterns: The list.
        path: From the folder that the patterns are for, in the form of `same_form`.

    Returns:
        Whether it matches; what is said of the file itself counts more than what is said of a
        folder around it. `None` where no pattern says anything.
    """
    return next(iter([*_verdicts(patterns, path)][::-1]), None)


def _verdicts(patterns: Iterable[Pattern], path: str) -> Iterator[bool]:
    """Return what is said of each folder from the root, and then of the file, if anything is."""
    latest_first = [*patterns][::-1]
    for part, is_folder in parts_of(path):
        for pattern in latest_first:
            if pattern.matches(part, is_folder=is_folder):
                yield not pattern.is_negative
                break


def parts_of(path: str) -> tuple[tuple[str, bool], ...]:
    """Return each folder from the root, and then the file, and whether each is a folder."""
    ends = [at for at, character in enumerate(path) if character == "/"]
    return (*((path[:end], True) for end in ends), (path, False))


def _without_spaces(line: str) -> str:
    """Drop spaces at the end, unless they are escaped."""
    end = at = 0
    while at < len(line):
        step = 2 if line[at] == "\\" else 1
        if line[at] != " ":
            end = at + step
        at += step
    return line[:end]


class _Wild(Enum):
    """A part of a pattern that matches any number of characters."""

    WITHIN = "[^/]*", "[^/]*?"
    """Within one name."""
    FOLDERS = "(?:.*/)?", "(?:.*?/)??"
    """Any folders, each with its slash."""
    ALL = ".*", ".*?"

    def __init__(self, longest: str, shortest: str) -> None:
        self.longest = longest
        self.shortest = shortest


def _joined(tokens: Sequence[str | _Wild]) -> str:
    """Return a regular expression.

    Whatever comes before another wildcard is taken at its first place, for good: what follows can
    begin as well there as at any later one. To try them all takes years for a few stars.
    """
    parts = _split(tokens, {_Wild.FOLDERS, _Wild.ALL})
    written = [(wild, "".join(_names(part))) for wild, part in parts]
    *before, (wild, last) = written
    return "".join(_first_place(*each) for each in before) + (wild.longest if wild else "") + last


def _names(tokens: Sequence[str | _Wild]) -> Iterator[str]:
    *before, (wild, last) = _split(tokens, {_Wild.WITHIN})
    for each, fixed in before:
        yield _first_place(each, "".join(map(str, fixed)))
    yield (wild.longest if wild else "") + "".join(map(str, last))


def _first_place(wild: _Wild | None, rest: str) -> str:
    return f"(?>{wild.shortest}{rest})" if wild else rest


def _split(
    tokens: Sequence[str | _Wild], wilds: Collection[_Wild]
) -> list[tuple[_Wild | None, list[str | _Wild]]]:
    """Return what there is up to the first wildcard of some, and each with what follows it."""
    parts: list[tuple[_Wild | None, list[str | _Wild]]] = [(None, [])]
    for token in tokens:
        if isinstance(token, _Wild) and token in wilds:
            parts.append((token, []))
        else:
            parts[-1][1].append(token)
    return parts


def _tokens(body: str, *, is_for_paths: bool) -> Iterator[str | _Wild]:
    """Return the parts of a pattern: regular expressions of one character, and wildcards."""
    special = _SPECIAL.search(body)
    # Git compares what comes before without looking for `**`, which may begin right behind it.
    beginning = special.start() if special else len(body)
    at = 0
    while at < len(body):
        character = body[at]
        if character == "*":
            end = at
            while body[end : end + 1] == "*":
                end += 1
            is_deep = (
                is_for_paths
                and end - at > 1
                and (at == beginning or body[at - 1] == "/")
                and (body[end:].startswith(("/", "\\/")) or end == len(body))
            )
            at = end
            if is_deep and body[end : end + 1] == "/":
                at += 1
                yield _Wild.FOLDERS
            else:
                yield _Wild.ALL if is_deep else _Wild.WITHIN
        elif character == "?":
            at += 1
            yield "[^/]"
        elif character == "[":
            at, expression = _set(body, at + 1)
            yield expression
        else:
            if character == "\\":
                at += 1
            yield re.escape(_at(body, at))
            at += 1


def _set(body: str, at: int) -> tuple[int, str]:
    """Return where a set of characters ends, and its regular expression."""
    is_negative = _at(body, at) in "!^"
    at += is_negative
    items: list[str] = []
    before = ""
    begin = at
    while at == begin or _at(body, at) != "]":
        character = _at(body, at)
        if character == "-" and before and body[at + 1 : at + 2] not in {"", "]"}:
            at += 1 + (body[at + 1] == "\\")
            last = _at(body, at)
            if before <= last:
                items.append(f"{re.escape(before)}-{re.escape(last)}")
            before = ""
        elif character == "[" and body[at + 1 : at + 2] == ":":
            end = body.find("]", at + 2)
            if end < 0:
                raise ValueError(body)
            if end > at + 2 and body[end - 1] == ":":
                name = body[at + 2 : end - 1]
                if name not in _CLASSES:
                    raise ValueError(body)
                items.append(_CLASSES[name])
                at, before = end, ""
            else:
                items.append(r"\[")
                before = "["
        else:
            at += character == "\\"
            before = _at(body, at)
            items.append(re.escape(before))
        at += 1
    if is_negative:
        return at + 1, f"[^/{''.join(items)}]"
    return at + 1, f"(?!/)[{''.join(items)}]" if items else "(?!)"


def _at(body: str, at: int) -> str:
    """Return a character of a pattern; git never matches one that ends too early."""
    if at >= len(body):
        raise ValueError(body)
    return body[at]
