"""MkDocs' files, seen as the built site sees them.

Owns the index from a path of the built site to a file, and reading it. It must not know images or
pages. Files are found by `dest_uri`, never by joining `docs_dir`: plugins generate, move and copy
them (blog posts, monorepo folders, translations, themes).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.preparation import MOST_BYTES
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from mkdocs.structure.files import File, Files


class SiteFiles:
    """The files of one build by their place in the built site."""

    def __init__(self) -> None:
        """Begin with none."""
        self._files: dict[str, File] = {}

    def add(self, files: Files) -> None:
        """Take files in; those known before stay known.

        Another plugin may take images out of MkDocs' collection to write its own versions. They are
        still what the page shows, and their original bytes are what was paid for.

        Args:
            files: MkDocs' collection.
        """
        for file in files:
            if not file.inclusion.is_excluded():
                self._files[file.dest_uri] = file

    def exists(self, path: str) -> bool:
        """Tell whether a path of the built site is a file of it."""
        return path in self._files

    def read(self, path: str) -> bytes:
        """Read a file.

        Args:
            path: A path for which `exists` holds.

        Returns:
            Its bytes before any other plugin changes them.

        Raises:
            OSError: It cannot be read.
            ImageError: It is too large to be looked at.
        """
        file = self._files[path]
        if file.abs_src_path is not None:
            size = Path(file.abs_src_path).stat().st_size
            if size > MOST_BYTES:
                raise ImageError(Reason.FILE_TOO_LARGE, f"{size} bytes")
        return file.content_bytes
