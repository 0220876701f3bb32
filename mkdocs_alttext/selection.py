"""Which pictures may be described: the options `include` and `exclude`.

Owns what the two lists say of a picture, and what is to be said of patterns that match nothing. It
must not know pages, nor read files.

A pattern of `exclude` that matches no picture of the site, but would if it were written in another
way (`./private/`, `docs/private/`, `*.{png,jpg}`, `*.PNG` beside `a.png`), can mean nothing else:
what it would match is excluded, and the user is told how to write it. To send such a picture would
be beyond recall; to leave it is put right by one line.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.names import same_form, without_language
from mkdocs_alttext.patterns import Pattern, first_verdict, last_verdict, parse, parts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_MOST_NAMES = 3
_BETWEEN = re.compile(r"[,;\s]+")
_DOTS = re.compile(r"(?:\.{1,2}(?:/+|$))+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_ALTERNATIVES = 256


class Complaint(NamedTuple):
    """What a user should know of a pattern."""

    text: str
    is_warning: bool
    """Whether the pattern surely means something else than it says."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a pattern that matches no picture may mean."""

    patterns: tuple[Pattern, ...]
    """One, or several where a line holds what should be several lines."""
    in_another_case: bool
    matched: tuple[str, ...]
    """Files and folders that it would match."""


class _List(NamedTuple):
    """The patterns of one option."""

    option: str
    patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, option: str, lines: Iterable[str]) -> _List:
        return cls(option, tuple(pattern for line in lines if (pattern := parse(line))))

    def takes_away(self, pattern: Pattern) -> bool:
        """Tell whether a pattern is there to leave pictures out."""
        return pattern.is_negative is (self.option == "include")


class Selection:
    """What `include` and `exclude` say, for all builds of one site."""

    def __init__(
        self, include: Sequence[str], exclude: Sequence[str], *, folders: Sequence[str] = ()
    ) -> None:
        """Take the options.

        Args:
            include: Patterns of the pictures that may be described; any may where there is none.
            exclude: Patterns of those that must not be.
            folders: Names of `docs_dir`, which people write before the names that are in it.
        """
        self._include, self._exclude = _List.of("include", include), _List.of("exclude", exclude)
        self._folders = [name for each in folders if (name := each.strip("/")) not in {"", "."}]
        self._parts: set[tuple[str, bool]] = set()
        self._unmatched: dict[tuple[str, Pattern], _Meaning | None] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no picture is left out."""
        return not (self._include.patterns or self._exclude.patterns)

    def note(self, names: Iterable[str]) -> None:
        """Note pictures of the site; what a pattern means depends on all of them.

        Args:
            names: From `docs_dir`.
        """
        if self.is_everything:
            return
        known = len(self._parts)
        self._parts |= {part for name in names for part in parts_of(same_form(name))}
        if len(self._parts) > known:
            self._unmatched = None

    def allows(self, name: str | None, place: str, languages: Collection[str] = ()) -> bool:
        """Tell whether a picture may be described.

        Args:
            name: Where it comes from, from `docs_dir`; `None` where that is elsewhere.
            place: Where it is in the built site, which other plugins choose: what is excluded there
                is excluded, unless the patterns say something of its name.
            languages: Those that its name and place may have a folder or a suffix of. A pattern
                means the picture of each translation: what keeps back the name without them keeps
                back the picture.
        """
        if self.is_everything:
            return True
        names = () if name is None else without_language(same_form(name), languages)
        places = without_language(same_form(place), languages)
        if self._include.patterns and names:
            # Exceptions hold within a folder that is included: they are there to keep something
            # back.
            included = [last_verdict(self._include.patterns, each) for each in names]
            if False in included or True not in included:
                return False
        excluded = [first_verdict(self._exclude.patterns, each) for each in names]
        if {*excluded} <= {None}:
            excluded = [first_verdict(self._exclude.patterns, each) for each in places]
        return not (True in excluded or any(map(self._may_be_meant, (*names, *places))))

    def complaints(self) -> list[Complaint]:
        """Say which patterns match no picture of those that were noted."""
        found = []
        for (option, pattern), meaning in self._without_pictures().items():
            line = f"{option}: the pattern {pattern.text!r} matches no picture of this site"
            if meaning is None:
                found.append(Complaint(f"{line}. Correct it, or remove it.", is_warning=False))
                continue
            line = f"{line}, {_advice(meaning)}"
            if self._list(option).takes_away(pattern):
                line += " Until then, nothing that it would match is sent."
            found.append(Complaint(line, is_warning=True))
        return found

    def _list(self, option: str) -> _List:
        return self._include if option == "include" else self._exclude

    def _may_be_meant(self, name: str) -> bool:
        """Tell whether a pattern that matches none may be there to leave a picture out."""
        return any(
            each.matches(part, is_folder=is_folder)
            for (option, pattern), meaning in self._without_pictures().items()
            if meaning and self._list(option).takes_away(pattern)
            for each in meaning.patterns
            for part, is_folder in parts_of(name)
        )

    def _without_pictures(self) -> dict[tuple[str, Pattern], _Meaning | None]:
        """Return the patterns that match no picture, with what each may mean."""
        if self._unmatched is None:
            self._unmatched = {
                (each.option, pattern): self._meaning_of(pattern)
                for each in (self._include, self._exclude)
                for pattern in each.patterns
                if not self._matched((pattern,))
            }
        return self._unmatched

    def _matched(self, patterns: Iterable[Pattern]) -> tuple[str, ...]:
        matched = {
            part
            for pattern in patterns
            for part, is_folder in self._parts
            if pattern.matches(part, is_folder=is_folder)
        }
        return tuple(sorted(matched))

    def _meaning_of(self, pattern: Pattern) -> _Meaning | None:
        readings = self._readings(pattern.text)
        exact = [(lines, False) for lines in readings[1:]]
        for lines, ignores_case in (*exact, *((lines, True) for lines in readings)):
            patterns = _read(lines, ignores_case=ignores_case)
            if matched := self._matched(patterns):
                return _Meaning(patterns, ignores_case, matched)
        return None

    def _readings(self, text: str) -> list[list[str]]:
        """Return ways to read a line of patterns, as it is first, and then the nearest."""
        sign, body = ("!", text[1:]) if text.startswith("!") else ("", text)
        forms = [[body], [body.replace("\\", "/")], [unquote(body)]]
        forms += [[self._from_docs_dir(form)] for (form,) in forms]
        alternatives = _alternatives(body)
        parts = [part for each in alternatives for part in _BETWEEN.split(each) if part]
        several = [*dict.fromkeys(parts)]
        for lines in (alternatives, several):
            forms += [lines, [self._from_docs_dir(line) for line in lines]]
        return [[f"{sign}{each}" for each in form] for form in forms]

    def _from_docs_dir(self, body: str) -> str:
        """Return a pattern without what people write before names that are in `docs_dir`."""
        bare = _DOTS.sub("", body, count=1) if _DOTS.match(body) else body
        bare = re.sub("/{2,}", "/", bare)
        for folder in self._folders:
            inner = re.match(f"/?{re.escape(same_form(folder))}(?:/|$)", bare, re.IGNORECASE)
            if inner:
                bare = bare[inner.end() :]
                return f"/{bare}" if bare else "*"
        if bare == body:
            return body
        return f"/{bare.removeprefix('/')}" if bare not in {"", "/"} else "*"


def _alternatives(body: str) -> list[str]:
    """Return what a pattern with braces means to shells, unless that is too much."""
    found: list[str] = []
    left = [body]
    while left:
        each = left.pop()
        if braces := _BRACES.search(each):
            start, end = braces.span()
            left += [f"{each[:start]}{part.strip()}{each[end:]}" for part in braces[1].split(",")]
        else:
            found.append(each)
        if len(left) + len(found) > _MOST_ALTERNATIVES:
            return [body]
    return [*dict.fromkeys(found[::-1])]


def _read(lines: Iterable[str], *, ignores_case: bool) -> tuple[Pattern, ...]:
    """Read patterns; what can match nothing is left out."""
    found = []
    for line in lines:
        with suppress(ValueError):
            found.append(parse(line, ignores_case=ignores_case))
    return tuple(pattern for pattern in found if pattern)


def docs_dir_names(docs_dir: str, config_file: str | None) -> list[str]:
    """Return the names by which people call `docs_dir`, the longest first."""
    path = Path(docs_dir)
    names = [path.as_posix(), path.name]
    if config_file:
        parent = Path(config_file).parent.absolute().as_posix()
        names.insert(1, posixpath.relpath(path.as_posix(), parent))
    return names


def _advice(meaning: _Meaning) -> str:
    files = ", ".join(map(repr, meaning.matched[:_MOST_NAMES]))
    more = len(meaning.matched) - _MOST_NAMES
    files += f" and {more} more" if more > 0 else ""
    lines = " and ".join(repr(pattern.text) for pattern in meaning.patterns)
    if meaning.in_another_case:
        return (
            f"but {lines} would match {files} if case did not count. Write it as "
            "the files are called."
        )
    return (
        f"but {lines} would match {files}: patterns are as in a .gitignore in docs_dir, each on a "
        "line of its own. Write it so."
    )
