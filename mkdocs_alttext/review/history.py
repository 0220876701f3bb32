"""The picture that a stale text is about, where the project's Git repository still has it.

The cache and the catalog have texts and digests, and no picture. The last versions of the file are
read in Git and compared with the digest in the catalog; a file that was renamed is not followed.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.images.formats import MOST_BYTES, digest_in_pointer
from mkdocs_alttext.system.files import repository
from mkdocs_alttext.system.git import GitError, Repository, repository_in
from mkdocs_alttext.system.processes import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.review.pictures import Pictures, Shown
    from mkdocs_alttext.review.site import SeenSite

_MOST_VERSIONS = 20
_SECONDS = 10.0
"""For all questions about one picture."""
_MOST_KEPT = 8
_NO_REPOSITORY = "The earlier picture is not known, as the project is in no Git repository."
_NOT_FOUND = (
    f"The earlier picture is not among the last {_MOST_VERSIONS} versions of its file in Git."
)
_POINTER = "The earlier picture is in Git LFS, and not in this repository."


class History:
    """Finds earlier versions of pictures. Safe for threads."""

    def __init__(self, site: SeenSite, pictures: Pictures) -> None:
        """Take where pictures are; Git is not asked yet."""
        self._site = site
        self._pictures = pictures
        self._top = site.root.resolve()
        self._lock = Lock()
        self._known = lru_cache(maxsize=_MOST_KEPT)(self._found)

    def picture(self, path: str, sha256: str) -> Shown | str:
        """Return the version of a picture that has a digest.

        Args:
            path: The picture's, inside the built site.
            sha256: The digest in the catalog.

        Returns:
            The picture; a sentence for a person where it cannot be had.
        """
        with self._lock:
            return self._known(self._site.pictures[path].file, sha256)

    def _found(self, file: Path, sha256: str) -> Shown | str:
        real = file.resolve()
        git = find_program("git", outside=self._top)
        # Another repository, such as a submodule, has settings that would have to be trusted.
        is_own = repository(real.parent) == self._top and real.is_relative_to(self._top)
        try:
            own = repository_in(git, self._top) if git and is_own else None
            if own is None:
                return _NO_REPOSITORY
            for data in _versions(own, real.relative_to(self._top).as_posix()):
                if sha256_of(data) == sha256:
                    shown = self._pictures.prepared(data)
                    return _POINTER if digest_in_pointer(data) else shown.fault or shown
        except GitError as error:
            return f"The earlier picture is not known: {error}"
        return _NOT_FOUND


def _versions(own: Repository, name: str) -> Iterator[bytes]:
    """Yield the versions of a file, the last one first.

    Raises:
        GitError: Git does not answer, or not in time.
    """
    end = time.monotonic() + _SECONDS

    def ask(*arguments: str) -> bytes:
        left = end - time.monotonic()
        if left <= 0:
            raise GitError("Git takes too long.")
        return own.ask(*arguments, seconds=left)

    seen = set()
    commits = ask("rev-list", f"--max-count={_MOST_VERSIONS}", "HEAD", "--", name)
    for commit in commits.decode("ascii", "replace").split():
        # Of each entry: mode, kind and id, then a tab and the name.
        entry = os.fsdecode(ask("ls-tree", "-z", commit, "--", name)).partition("\t")[0].split(" ")
        is_file = len(entry) == 3 and entry[1] == "blob" and entry[0].startswith("100")  # noqa: PLR2004
        if not is_file or entry[2] in seen:
            continue
        seen.add(entry[2])
        if int(ask("cat-file", "-s", entry[2])) <= MOST_BYTES:
            yield ask("cat-file", "blob", entry[2])
