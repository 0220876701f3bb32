"""The files of a site as its sources name them, looked at again when one has changed.

While Zensical renders a page, its addresses are still those of the source. So a file is known by
its path from `docs_dir`, pages too; of pictures, that is their path in the built site.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files, set_exclusions
from mkdocs.structure.pages import Page

from mkdocs_alttext.site.files import SiteFiles
from mkdocs_alttext.system.files import leads_out, project_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig

_MOST_FILES = 500_000
"""Of a site; folders that are links to each other could have no end."""
_REST = 10
"""How many times as long as a look took, the next one is put off: pages are rendered one after the
other, and a look at a large site takes as long as a page."""

_Facts = tuple[int, int]
"""When a file changed last, and its bytes."""


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
        self._files = SiteFiles(config.docs_dir, self._root)

    def now(self) -> SiteFiles:
        """Return the files: the same object as long as none has changed."""
        began = time.monotonic()
        if began < self._not_before:
            return self._files
        found = self._look(Path(self._config.docs_dir), ())
        seen = dict(islice(found, _MOST_FILES))
        if seen != self._seen:
            self._seen = seen
            self._files = SiteFiles(self._config.docs_dir, self._root)
            self._files.follow(self._collection(seen))
        now = time.monotonic()
        self._not_before = now + _REST * (now - began)
        return self._files

    def _look(self, folder: Path, above: tuple[str, ...]) -> Iterator[tuple[str, _Facts]]:
        """Yield the path of each file from `docs_dir`, with what tells that it has changed."""
        real = os.path.realpath(folder)
        if real in above or leads_out(folder, self._root):
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            if entry.is_dir():
                yield from self._look(Path(entry.path), (*above, real))
                continue
            with suppress(OSError):
                facts = entry.stat()
                name = Path(entry.path).relative_to(self._config.docs_dir).as_posix()
                yield name, (facts.st_mtime_ns, facts.st_size)

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
