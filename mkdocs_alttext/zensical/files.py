"""The files of a site as its sources name them, looked at again when one has changed.

While Zensical renders a page, its addresses are still those of the source. So a file is known by
its path from `docs_dir`, pages too; of pictures, that is their path in the built site.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files, set_exclusions
from mkdocs.structure.pages import Page

from mkdocs_alttext.site.files import SiteFiles
from mkdocs_alttext.system.files import leads_out, project_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig

_MOST_FILES, _MOST_FOLDERS = 500_000, 50_000
"""Of a site; folders that hold links to others could have no end."""
_REST = 10
"""How many times as long as a look took, the next one is put off: pages are rendered one after the
other, and a look at a large site takes as long as a page."""

_Facts = tuple[int, int]
"""When a file changed last, and its bytes."""


class _Sources(SiteFiles):
    """Files of which a page may be gone, or be no text, by the time that it is looked into."""

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title; nothing where its source cannot be read."""
        try:
            return super().title(path, now=now)
        except (OSError, ValueError):
            return ""

    def heading(self, path: str, part: str, *, now: bool) -> str | None:
        """Return a heading; nothing where the page's source cannot be read."""
        try:
            return super().heading(path, part, now=now)
        except (OSError, ValueError):
            return ""


class FilesOnDisk:
    """The files that there are now."""

    def __init__(self, config: MkDocsConfig, titles: Mapping[str, str]) -> None:
        """Take where they are; nothing is looked at yet.

        Args:
            config: Where they are, and which of them do not count.
            titles: What the navigation calls pages, by their sources.
        """
        self._config = config
        self._titles = titles
        self._root = project_root(config.config_file_path)
        self._seen: dict[str, _Facts] | None = None
        self._not_before = 0.0
        self._files = _Sources(config.docs_dir, self._root)

    def now(self) -> SiteFiles:
        """Return the files: the same object as long as none has changed."""
        began = time.monotonic()
        if began < self._not_before:
            return self._files
        seen = dict(islice(self._look(), _MOST_FILES))
        if seen != self._seen:
            self._seen = seen
            self._files = _Sources(self._config.docs_dir, self._root)
            self._files.follow(self._collection(seen))
        now = time.monotonic()
        self._not_before = now + _REST * (now - began)
        return self._files

    def _look(self) -> Iterator[tuple[str, _Facts]]:
        """Yield the path of each file from `docs_dir`, with what tells that it has changed."""
        docs_dir = self._config.docs_dir
        # Of each folder, its name, where it really is, and where those above it are.
        waiting = [("", os.path.realpath(docs_dir), frozenset[str]())]
        for _ in range(_MOST_FOLDERS):
            if not waiting:
                break
            folder, real, above = waiting.pop()
            with suppress(OSError):
                for entry in sorted(os.scandir(real), key=attrgetter("name")):
                    name = f"{folder}{entry.name}"
                    if not entry.is_dir():
                        with suppress(OSError):  # a link that leads nowhere
                            facts = entry.stat()
                            yield name, (facts.st_mtime_ns, facts.st_size)
                        continue
                    place = entry.path
                    if entry.is_symlink():
                        place = os.path.realpath(place)
                        if place in above | {real} or leads_out(Path(docs_dir, name), self._root):
                            continue
                    waiting.append((f"{name}/", place, above | {real}))

    def _collection(self, names: Mapping[str, _Facts]) -> Files:
        docs_dir, site_dir = self._config.docs_dir, self._config.site_dir
        files = [
            File(name, docs_dir, site_dir, use_directory_urls=False, dest_uri=name)
            for name in names
        ]
        set_exclusions(files, self._config)
        for file in files:
            if file.is_documentation_page():
                Page(self._titles.get(file.src_uri), file, self._config)  # which the file has then
        return Files(files)
