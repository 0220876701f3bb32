"""MkDocs' files, seen as the built site sees them, and which of them may be described.

Files are found by `dest_uri`, never by joining `docs_dir`: plugins generate, move and copy them
(blog posts, monorepo folders, translations, themes). What a symbolic link shows has a name for each
link on the way, and what one shows from outside of the project is never read.
"""

from __future__ import annotations

import os
import stat
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markdown import Markdown, markdown
from mkdocs.structure.toc import get_toc
from mkdocs.utils import get_markdown_title
from mkdocs.utils.meta import get_data

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import MOST_BYTES
from mkdocs_alttext.images.resolver import similar_path
from mkdocs_alttext.models import Reason
from mkdocs_alttext.site.plugin_compat import is_replaced
from mkdocs_alttext.system.files import absolute, leads_out, project_root
from mkdocs_alttext.system.printable import same_form, without_language

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.pages.include_exclude import Selection


Names = tuple[str | None, str, frozenset[str]]
"""By what people may call a file, as `Selection.allows` takes it: where it comes from, from
`docs_dir`; its place; and the languages that both may have a folder or a suffix of."""

_MOST_LINKS = 40
"""As many as Linux follows."""


class _Indexed(NamedTuple):
    """A file as MkDocs had it when it was first seen."""

    file: File
    source: str | None
    """Its place on the disk. A plugin that optimizes pictures names its own version there later, so
    that this place of a picture stays; that of a page may be corrected."""
    name: str
    """From `docs_dir`."""


class SiteFiles:
    """The files of one build by their path in the built site."""

    def __init__(self, docs_dir: str = "docs", root: Path | None = None) -> None:
        """Begin with none.

        Args:
            docs_dir: MkDocs' `docs_dir`.
            root: The folder that holds all of the project; that of the current folder where there
                is none.
        """
        self._named_docs_dir = absolute(docs_dir)
        self._docs_dir = Path(os.path.realpath(docs_dir))
        self._root = root or project_root(None)
        self._real = cache(os.path.realpath)
        """Where a file really is; each is looked at once in a build."""
        self._left_out: set[str] = set()
        self._files: dict[str, _Indexed] = {}
        self._forms: set[str] = set()
        """Their paths in the form in which names are compared."""
        self._folded: dict[tuple[bool, int], dict[str, str]] = {}
        """Paths by their form without case."""
        self.collection: Files | None = None
        """MkDocs' own collection, once there is one."""

    def follow(self, files: Files) -> None:
        """Look files up in a collection from now on; those found before stay known.

        Args:
            files: MkDocs' collection, which plugins go on changing.
        """
        self.collection = files
        self.index()

    def index(self) -> None:
        """Note which files the collection has now.

        Another plugin may take images out of MkDocs' collection to write its own versions. They are
        still what the page shows, and their original bytes are what was paid for: a file that was
        noted stays known until another one takes its path.
        """
        for file in self.collection or ():
            known = self._files.get(file.dest_uri)
            if file.inclusion.is_excluded():
                self._left_out.add(file.src_uri)
            elif known is None or known.file is not file:
                self._files[file.dest_uri] = _Indexed(file, file.abs_src_path, file.src_uri)
                self._forms.add(same_form(file.dest_uri))

    def exists(self, path: str) -> bool:
        """Tell whether a path of the built site is a file of it."""
        known, files = self._files.get(path), self.collection
        # One that is not in its place any more was taken out, or another has taken its path.
        is_there = known and (files is None or files.get_file_from_path(known.name) is known.file)
        if not is_there:
            self.index()
        return path in self._files

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Return the first guess that is a file's path but for case, else the only file so named.

        Args:
            guesses: Paths of one file name.
            in_docs: Whether paths are those from `docs_dir`, and not those of the built site.
        """
        key = (in_docs, len(self._files))
        if key not in self._folded:  # an index of all, which many missing files share
            names = (self._files[path].name if in_docs else path for path in self.media())
            self._folded = {key: {same_form(each).casefold(): each for each in names}}
        return similar_path(guesses, self._folded[key])

    def forms(self) -> set[str]:
        """Return the paths of all files in the form in which names are compared."""
        self.index()
        return self._forms

    def has_form(self, path: str) -> bool:
        """Tell whether either spelling of a path is a file of the built site, as last looked at."""
        return same_form(path) in self._forms

    def sources(self) -> list[File]:
        """Return the files of all pages."""
        return [known.file for known in self._files.values() if known.file.is_documentation_page()]

    def file(self, path: str) -> File:
        """Return MkDocs' file for a path for which `exists` holds."""
        return self._files[path].file

    def size(self, path: str) -> int:
        """Return how many bytes a file has, as `read` returns them and with its errors."""
        source = self._readable(path)
        return Path(source).stat().st_size if source else len(self.read(path))

    def is_page(self, path: str) -> bool:
        """Tell whether a path of the built site is a page that MkDocs renders."""
        return self.page(path) is not None

    def page(self, path: str) -> Page | None:
        """Return the page that MkDocs renders to a path of the built site, if it is one."""
        return self._files[path].file.page if path in self._files else None

    def media(self) -> list[str]:
        """Return the paths of all files that are neither pages nor code."""
        return [path for path, known in self._files.items() if may_be_picture(known.file)]

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title as text.

        Args:
            path: A path for which `is_page` holds.
            now: Whether to take what its source says, where the page is not rendered yet.

        Returns:
            The title; `None` while the page is not rendered.
        """
        file = self._files[path].file
        page = file.page
        if page is None or (page.content is None and not now):
            return None
        if page.title is not None:
            return _shown(str(page.title))
        source, meta = get_data(file.content_string)
        if title := meta.get("title"):
            return _shown(str(title))
        heading = get_markdown_title(source)
        return _shown(markdown(f"# {heading}")) if heading else None

    def heading(self, path: str, part: str, *, now: bool) -> str | None:
        """Return the heading of a part of a page as text.

        Args:
            path: A path for which `is_page` holds.
            part: The fragment of an address.
            now: Whether to take what the page's source says, where it is not rendered yet.

        Returns:
            The heading, or nothing where no heading has that id; `None` while the page is not
            rendered.
        """
        file = self._files[path].file
        page = file.page
        if page is None or (page.content is None and not now):
            return None
        if page.content is None:
            reader = Markdown(extensions=["attr_list", "toc"])
            reader.convert(get_data(file.content_string)[0])
            toc = get_toc(getattr(reader, "toc_tokens", []))
        else:
            toc = page.toc
        waiting = list(toc)
        while waiting:
            heading = waiting.pop()
            if heading.id == part:
                return _shown(heading.title)
            waiting += heading.children
        return ""

    def called(self, path: str) -> list[Names]:
        """Return by what people may call a file, and what it is a link to.

        Args:
            path: A path for which `exists` holds.
        """
        file = self._files[path].file
        # static-i18n sets these. A page that is not translated shows its own language's pictures in
        # another's folder.
        of_file = (getattr(file, name, None) for name in ("locale", "locale_alternate_of"))
        languages = frozenset(str(each) for each in of_file if each)
        own: Names = (self._files[path].name, path, languages)
        return [own, *((*linked, languages) for linked in self._linked(path))]

    def is_left_out(self, path: str) -> bool:
        """Tell whether a file is a link to one that MkDocs leaves out, as `exclude_docs` says.

        Args:
            path: A path for which `exists` holds.
        """
        return any(name in self._left_out for name, _ in self._linked(path))

    def names(self) -> Iterator[str]:
        """Return by which names people may call all that may be pictures, from `docs_dir`."""
        for path in self.media():
            yield from self.names_of(path)

    def names_of(self, path: str) -> Iterator[str]:
        """Return by which names people may call a file, from `docs_dir`.

        Args:
            path: A path for which `exists` holds.
        """
        for name, place, languages in self.called(path):
            yield from without_language(name or place, languages)

    def source(self, path: str) -> str | None:
        """Return where on the disk a file of the built site comes from; `None` if nowhere.

        Of a page, what it says now: monorepo copies sources, and names the author's file late.
        """
        if path not in self._files:
            return None
        file, source, _ = self._files[path]
        return file.abs_src_path if file.is_documentation_page() else source

    def read(self, path: str) -> bytes:
        """Read a file.

        Args:
            path: A path for which `exists` holds.

        Returns:
            Its bytes before any other plugin changes them.

        Raises:
            OSError: It cannot be read.
            ImageError: It is too large to be looked at, no file but a pipe or a device, or behind a
                link that leads out of the project.
        """
        source = self._readable(path)
        if source is None:
            return self._files[path].file.content_bytes
        facts = Path(source).stat()
        if facts.st_size > MOST_BYTES:
            raise ImageError(Reason.FILE_TOO_LARGE, f"{facts.st_size} bytes")
        if not stat.S_ISREG(facts.st_mode):
            raise ImageError(Reason.UNREADABLE, "no regular file")
        return Path(source).read_bytes()

    def _readable(self, path: str) -> str | None:
        """Return a file's place on the disk, if it has one.

        Raises:
            ImageError: It lies behind a link that leads out of the project: anybody can commit one.
        """
        source = self._files[path].source
        if source and self._real(source) != source and leads_out(Path(source), self._root):
            raise ImageError(Reason.OUTSIDE_SITE, "behind a link that leads out of the project")
        return source

    def _linked(self, path: str) -> list[tuple[str | None, str]]:
        """Return what a link shows, with what each further link on the way there shows.

        Returns:
            Of each, the name from `docs_dir`, if it has one, and the path.
        """
        _, source, own = self._files[path]
        if source is None or self._real(source) == source:
            return []
        real = Path(self._real(source))
        if real == self._docs_dir / own:
            return []  # the whole folder is behind a link
        found = []
        bases = (self._docs_dir, Path(os.path.realpath(self._root)))
        for each in dict.fromkeys((*self._way(source), real)):
            base = next((base for base in bases if each.is_relative_to(base)), None)
            name = base and each.relative_to(base).as_posix()
            if name and name != own:
                found.append((name if base == self._docs_dir else None, name))
        return found

    def _way(self, source: str) -> Iterator[Path]:
        """Follow links one by one, and return what each shows."""
        path = Path(source)
        if path.is_relative_to(self._named_docs_dir):
            path = self._docs_dir / path.relative_to(self._named_docs_dir)
        for _ in range(_MOST_LINKS):
            link = next((each for each in (*path.parents[::-1], path) if each.is_symlink()), None)
            if link is None:
                return
            path = link.parent / link.readlink() / path.relative_to(link)
            yield absolute(path)


class SiteFilter(NamedTuple):
    """Which images are ours to fill, as options and other plugins have it."""

    plugins: Collection[str]
    """Names as in `mkdocs.yml`."""
    files: SiteFiles
    selection: Selection

    def includes(self, path: str) -> bool:
        """Tell whether an image's path passes `include`, `exclude` and MkDocs' `exclude_docs`."""
        # Plugins add files at any time, and what a pattern may mean depends on their names.
        self.selection.note(self.files.names_of(path))
        return not self.files.is_left_out(path) and all(
            self.selection.allows(*each) for each in self.files.called(path)
        )

    def is_replaced(self, address: str) -> bool:
        """Tell whether another plugin replaces an image before its page is whole."""
        return is_replaced(address, self.plugins)


def may_be_picture(file: File) -> bool:
    """Tell whether a file is neither a page nor code."""
    return file.is_media_file() and not (file.is_css() or file.is_javascript())


def _shown(title: str) -> str:
    """Return the text that a browser shows of a title: HTML, which themes print as it is."""
    if "<" not in title:
        return unescape(title)
    from bs4 import BeautifulSoup  # noqa: PLC0415 - few titles have markup

    return BeautifulSoup(title, "html.parser").get_text()
