"""Which pictures may be described: what the options `include` and `exclude` say, and may mean.

A pattern of `exclude` that matches no picture of the site, but would if it were written in another
way (`./private/`, `docs/private/`, `*.{png,jpg}`, `*.PNG` beside `a.png`), can mean nothing else:
what it would match is excluded, and the user is told how to write it. To send such a picture would
be beyond recall; to leave it is put right by one line.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.pages.patterns import Pattern, parse, parts_of, verdicts
from mkdocs_alttext.system.printable import printable, same_form, without_language

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

_MOST_NAMES = 3
_WILDCARD = re.compile(r"!?[*/]+(?:\.[^*/]*)?")
"""What matches a file of nearly any name."""
_QUOTES = "\"'`\u2018\u2019\u201c\u201d"
_MOST_ALTERNATIVES = 256
_CHOICE = re.compile(r"\((?:\?:)?([^()|]*+\|[^()]*+)\)")


class Complaint(NamedTuple):
    """What a user should know of a pattern."""

    text: str
    is_warning: bool
    """Whether the pattern surely means something else than it says."""


class _Reading(NamedTuple):
    """A way to read a line of patterns."""

    lines: tuple[str, ...]
    needs_all: bool = False
    """Whether each must match something, and not nearly anything: names have spaces, too."""

    def changed(self, change: Callable[[str], str]) -> _Reading:
        return self._replace(lines=tuple(map(change, self.lines)))


class _Unmatched(NamedTuple):
    """A pattern that matches no picture, and what it may mean."""

    option: str
    text: str
    takes_away: bool
    """Whether it is there to leave pictures out."""
    meaning: tuple[Pattern, ...] = ()
    """One pattern, or several where a line holds what should be several lines."""
    matched: tuple[str, ...] = ()
    """Files and folders that the meaning matches."""
    in_another_case: bool = False

    def complaint(self, root: str) -> Complaint:
        line = f"{self.option}: the pattern {self.text!r} matches no picture of this site"
        if not self.meaning:
            return Complaint(f"{line}. Correct it, or remove it.", is_warning=False)
        meant = " and ".join(repr(pattern.text) for pattern in self.meaning)
        files = ", ".join(map(repr, self.matched[:_MOST_NAMES]))
        more = len(self.matched) - _MOST_NAMES
        line += f", but {meant} would match {files}" + (f" and {more} more" if more > 0 else "")
        if self.in_another_case:
            line += " if case did not count. Write it as the files are called."
        else:
            line += f": patterns are as in a .gitignore in {root}, each on a line of its own. "
            line += "Write it so."
        if self.takes_away:
            line += " Until then, nothing that it would match is sent."
        return Complaint(line, is_warning=True)


class Selection:
    """What `include` and `exclude` say, for all builds of one site."""

    def __init__(
        self,
        include: Sequence[str],
        exclude: Sequence[str],
        *,
        folders: Sequence[str] = (),
        root: str = "docs_dir",
    ) -> None:
        """Take the options.

        Args:
            include: Patterns of the pictures that may be described; any may where there is none.
            exclude: Patterns of those that must not be.
            folders: Names of `docs_dir`, which people write before the names that are in it.
            root: What messages call the folder in which patterns begin.
        """
        self._root = root
        self._lines = {"include": include, "exclude": exclude}
        self._patterns = {
            option: tuple(dict.fromkeys(pattern for line in lines if (pattern := parse(line))))
            for option, lines in self._lines.items()
        }
        self._folders = [name for each in folders if (name := each.strip("/")) not in {"", "."}]
        self._parts: set[tuple[str, bool]] = set()
        self._unmatched: list[_Unmatched] | None = None

    def note(self, names: Iterable[str]) -> None:
        """Note pictures of the site; what a pattern means depends on all of them.

        Args:
            names: From `docs_dir`.
        """
        if not any(self._lines.values()):
            return
        known = len(self._parts)
        self._parts.update(part for name in names for part in parts_of(same_form(name)))
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
        if not any(self._lines.values()):
            return True
        names = () if name is None else without_language(same_form(name), languages)
        places = without_language(same_form(place), languages)
        if self._patterns["include"] and names:
            # Exceptions hold within a folder that is included: they are there to keep something
            # back.
            included = [
                said for each in names for said in verdicts(self._patterns["include"], each)[-1:]
            ]
            if not included or False in included:
                return False
        # To git, and so for `exclude`, no exception holds within a folder that is excluded.
        excluded = [said for each in names for said in verdicts(self._patterns["exclude"], each)]
        if not excluded:
            excluded = [said for it in places for said in verdicts(self._patterns["exclude"], it)]
        return not (True in excluded or any(map(self._may_be_meant, (*names, *places))))

    def complaints(self) -> list[Complaint]:
        """Say which patterns match no picture of those that were noted."""
        found = [
            Complaint(
                f"{option}: the list has only exceptions, which begin with `!`, and {option}s no "
                f"picture. Remove the `!` of what it should {option}.",
                is_warning=True,
            )
            for option, patterns in self._patterns.items()
            if patterns and all(pattern.is_negative for pattern in patterns)
        ]
        return found + [each.complaint(self._root) for each in self._without_pictures()]

    def _may_be_meant(self, name: str) -> bool:
        """Tell whether a pattern that matches none may be there to leave a picture out."""
        return any(
            pattern.matches(part, is_folder=is_folder)
            for unmatched in self._without_pictures()
            if unmatched.takes_away
            for pattern in unmatched.meaning
            for part, is_folder in parts_of(name)
        )

    def _without_pictures(self) -> list[_Unmatched]:
        """Return the patterns that match no picture, with what each may mean."""
        if self._unmatched is None:
            self._unmatched = [
                self._meaning_of(
                    _Unmatched(option, pattern.text, pattern.is_negative is (option == "include"))
                )
                for option, patterns in self._patterns.items()
                for pattern in patterns
                if not self._matched([pattern])
            ] + [
                _Unmatched(option, line, option == "exclude", literal, matched)
                for option, lines in self._lines.items()
                for line in dict.fromkeys(lines)
                # What git takes for a comment may be a name.
                if line.startswith("#") and (literal := _parsed([f"\\{line}"]))
                if (matched := self._matched(literal))
            ]
        return self._unmatched

    def _matched(self, patterns: Iterable[Pattern]) -> tuple[str, ...]:
        matched = {
            part
            for pattern in patterns
            for part, is_folder in self._parts
            if pattern.matches(part, is_folder=is_folder)
        }
        return tuple(sorted(matched))

    def _meaning_of(self, unmatched: _Unmatched) -> _Unmatched:
        """Add the nearest reading that matches a picture, if there is one."""
        as_it_is, *others = self._readings(unmatched.text)
        for ignores_case, readings in ((False, others), (True, [as_it_is, *others])):
            for reading in readings:
                patterns = _parsed(reading.lines, ignores_case=ignores_case)
                if reading.needs_all and not all(
                    self._matched([each]) and not _WILDCARD.fullmatch(each.text)
                    for each in patterns
                ):
                    continue
                if matched := self._matched(patterns):
                    return unmatched._replace(
                        meaning=patterns, matched=matched, in_another_case=ignores_case
                    )
        return unmatched

    def _readings(self, text: str) -> list[_Reading]:
        """Return ways to read a line of patterns, as it is first, and then the nearest."""
        sign, body = ("!", text[1:]) if text.startswith("!") else ("", text)
        plain = _plain(body)
        normal = _normal(plain)
        forms = (body, body.replace("\\", "/"), unquote(body), plain, normal)
        found = [_Reading((form,)) for form in (*forms, _literal(body), _literal(plain))]
        for form in (body, plain, normal, _glob(plain)):
            alternatives = _alternatives(form)
            parts = [part for each in alternatives for part in re.split(r"[,;\s]+", each) if part]
            several = tuple(dict.fromkeys(map(_plain, parts)))
            needs_all = len(several) > 1 and {*",;"}.isdisjoint("".join(alternatives))
            found += [_Reading(alternatives), _Reading(several, needs_all)]
        found += [reading.changed(self._from_docs_dir) for reading in found]
        found += [reading.changed(_without_slash) for reading in found]
        return [*dict.fromkeys(reading.changed(sign.__add__) for reading in found)]

    def _from_docs_dir(self, body: str) -> str:
        """Return a pattern without what people write before names that are in `docs_dir`."""
        bare = re.sub("/{2,}", "/", re.sub(r"^(?:\.{1,2}(?:/+|$))+", "", body))
        for folder in self._folders:
            inner = re.match(f"/?{re.escape(same_form(folder))}(?:/|$)", bare, re.IGNORECASE)
            if inner:
                bare = f"/{bare[inner.end() :]}"
                break
        if bare == body:
            return body
        return f"/{bare.removeprefix('/')}" if bare not in {"", "/"} else "*"


def _plain(body: str) -> str:
    """Return a pattern without quotes around it, and without characters that nobody sees."""
    return printable(body).strip(f"{_QUOTES} ")


def _normal(body: str) -> str:
    """Return a pattern without `.` and `..` among its folders."""
    if not {".", ".."} & {*body.split("/")[1:]}:
        return body
    return f"/{posixpath.normpath(body).strip('/')}{'/' * body.endswith('/')}"


def _literal(body: str) -> str:
    """Return a pattern for a name that has brackets."""
    return re.sub(r"[][]", r"\\\g<0>", body)


def _glob(body: str) -> str:
    """Return what a pattern means that is written as a regular expression."""
    # Hardly ever in patterns or names.
    is_sure = re.search(r"\^|\$|\\\.|\|", body)
    glob = body.removeprefix("^").removesuffix("$").replace("\\.", "\0")
    glob = re.sub(r"(?<![^/])\.[*+]\??(/?)", lambda at: "**/" if at[1] else "**/*", glob)
    # As git reads it, `a.*` is any ending.
    glob = (re.sub(r"\.[*+]\??", "*", glob) if is_sure else glob).replace("\0", ".")
    glob = f"/{glob.removeprefix('/')}" if body.startswith("^") else glob
    glob = _CHOICE.sub(lambda choice: f"{{{choice[1].replace('|', ',')}}}", glob)
    return body if _WILDCARD.fullmatch(glob) and not is_sure else glob


def _alternatives(body: str) -> tuple[str, ...]:
    """Return what a pattern with braces means to shells, unless that is too much."""
    found: list[str] = []
    left = [body]
    while left:
        each = left.pop()
        if braces := re.search(r"\{([^{}]*)\}", each):
            start, end = braces.span()
            left += [f"{each[:start]}{part.strip()}{each[end:]}" for part in braces[1].split(",")]
        else:
            found.append(each)
        if len(left) + len(found) > _MOST_ALTERNATIVES:
            return (body,)
    return tuple(dict.fromkeys(found[::-1]))


def _without_slash(body: str) -> str:
    """Return a pattern of a folder as one of files, too; one of any folder stays."""
    return body if {*body} <= {*"*/."} else body.rstrip("/")


def _parsed(lines: Iterable[str], *, ignores_case: bool = False) -> tuple[Pattern, ...]:
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
