"""The files of a folder as a site has them: by path with `/`, and none behind a link out of it."""

from __future__ import annotations

import errno
import os
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError, PageError
from mkdocs_alttext.folder.encoding import PageBytes
from mkdocs_alttext.html.titles import Titles, titles_of
from mkdocs_alttext.images.formats import MOST_BYTES
from mkdocs_alttext.images.resolver import similar_path
from mkdocs_alttext.models import PICTURE_ENDINGS, Reason
from mkdocs_alttext.system.files import GIT, is_leftover, read_regular, remove_leftovers
from mkdocs_alttext.system.printable import same_form, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PAGE = re.compile(r".+\.(?:html?|xht(?:ml)?)", re.IGNORECASE | re.DOTALL)
_XML_PAGE = re.compile(r".+\.xht(?:ml)?", re.IGNORECASE | re.DOTALL)
_PICTURE = re.compile(rf".+\.(?:{PICTURE_ENDINGS})", re.IGNORECASE | re.DOTALL)
MOST_PAGE_BYTES = 32 * 1024 * 1024
"""Of a page."""
_MOST_TITLES = 1000
"""Pages whose titles are kept: many pages lead to the same few."""


class FolderFiles:
    """The files of one folder; each is looked at on the disk when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Take the folder.

        Args:
            folder: Where the site is. It may be a link itself: somebody named it.
        """
        self.root = Path(os.path.realpath(folder))
        self.faults: list[tuple[str, str]] = []
        """Links and folders that were met and not followed or read, and why."""
        self._titles = lru_cache(maxsize=_MOST_TITLES)(self._read_titles)

    def pages(self) -> Iterator[str]:
        """Yield the paths of all pages, folder by folder; links are none, wherever they lead."""
        for path, fault in self._walk():
            if fault:
                self.faults.append((path, fault))
            elif _PAGE.fullmatch(path):
                yield path

    def media(self) -> Iterator[str]:
        """Yield the paths of all files whose names are those of pictures."""
        return (path for path, _ in self._walk() if _PICTURE.fullmatch(path))

    def forms(self) -> set[str]:
        """Return the paths of all pictures in the form in which names are compared."""
        return {same_form(path) for path in self.media()}

    def has_form(self, path: str) -> bool:
        """Tell whether either spelling of a path is a file."""
        return any(map(self.exists, spellings(path)))

    def exists(self, path: str) -> bool:
        """Tell whether a path is a file, be it behind a link."""
        try:
            return (self.root / path).is_file()
        except (OSError, ValueError):  # it can be the name of none
            return False

    names = media
    """By these people may call all pictures."""

    def called(self, path: str) -> list[tuple[str, str, frozenset[str]]]:
        """Return by what people may call a file, as `Selection.allows` takes it.

        Its own path, and that of what it shows where it is behind a link.
        """
        real = Path(os.path.realpath(self.root / path))
        shown = real.relative_to(self.root).as_posix() if real.is_relative_to(self.root) else path
        return [(name, name, frozenset()) for name in dict.fromkeys((path, shown))]

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Return the first guess that is a picture's path but for case, else the only one so named.

        Args:
            guesses: Paths of one file name.
            in_docs: Paths are those of the site, as there are no sources.
        """
        del in_docs
        return similar_path(guesses, self._folded)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {same_form(path).casefold(): path for path in self.media()}

    def read(self, path: str) -> bytes:
        """Read a picture.

        Raises:
            OSError: It cannot be read.
            ImageError: It is too large, or behind a link that leads out of the folder.
        """
        if not self._is_inside(path):
            raise ImageError(Reason.OUTSIDE_SITE, "behind a link that leads out of the folder")
        try:
            return read_regular(self.root / path, MOST_BYTES)
        except OSError as error:
            if error.errno == errno.EFBIG:
                raise ImageError(Reason.FILE_TOO_LARGE, error.strerror or "") from None
            raise

    def read_page(self, path: str) -> PageBytes:
        """Read a page.

        Args:
            path: One of `pages`.

        Raises:
            PageError: It cannot be read, or declares an encoding that is not known.
        """
        try:
            data = read_regular(self.root / path, MOST_PAGE_BYTES)
        except OSError as error:
            raise PageError(Reason.PAGE_LEFT, error.strerror or type(error).__name__) from None
        return PageBytes.of(data, is_xml=is_xml(path))

    def is_page(self, path: str) -> bool:
        """Tell whether a path is a page of the folder."""
        return _PAGE.fullmatch(path) is not None and self.exists(path) and self._is_inside(path)

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title as text; every page is there."""
        del now
        return self._titles(path).title

    def heading(self, path: str, part: str, *, now: bool) -> str | None:
        """Return the heading of a part of a page, or nothing where no heading has that id."""
        del now
        return self._titles(path).headings.get(part, "")

    def _read_titles(self, path: str) -> Titles:
        try:
            return titles_of(self.read_page(path).text())
        except PageError:
            return Titles("", {})

    def _is_inside(self, path: str) -> bool:
        return Path(os.path.realpath(self.root / path)).is_relative_to(self.root)

    def _walk(self) -> Iterator[tuple[str, str]]:
        """Yield the files, and what is wrong with links and folders, in the order of names."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self.root / folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                yield folder or ".", error.strerror or type(error).__name__
                continue
            if any(is_leftover(entry.name) for entry in entries):
                remove_leftovers(self.root / folder)
            below = []
            for entry in entries:
                path = f"{folder}{entry.name}"
                if entry.is_symlink():
                    is_meant = _PAGE.fullmatch(path) or (self.root / path).is_dir()
                    if is_meant and not self._is_inside(path):
                        yield path, "a link that leads out of the folder"
                elif entry.is_dir(follow_symlinks=False):
                    below += [f"{path}/"] if entry.name.casefold() != GIT else []
                elif entry.is_file(follow_symlinks=False):
                    yield path, ""
            waiting += reversed(below)


def is_xml(path: str) -> bool:
    """Tell by a page's name whether servers say that it is XML."""
    return _XML_PAGE.fullmatch(path) is not None
