"""The digests of a site's pictures, remembered between builds in a file of the cache folder.

One JSON file in the cache folder: a digest for each path, with the size and the times of change
that the file had. It saves time and nothing else: whatever is odd about it is forgotten without a
word. A file that is not its own stays as it is: anybody may name any folder as the cache's.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import OutputError
from mkdocs_alttext.system.files import read_regular, write_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Stamp = tuple[int, int, int]
"""Size in bytes, and in nanoseconds since the epoch the time of change, which any tool can set, and
the one that the system sets."""

FILE_NAME = "digests.json"

_VERSION = 1
_BEGINNING = re.compile(rb'\{"version": \d+, "digests": ')
"""Of such a file, by which one is told from all others."""
_MOST_BYTES = 4 * 1024 * 1024
"""Those of 25,000 pictures; read back, what others wrote may take thirty times as much memory."""
_SETTLED = 2 * 10**9
"""Nanoseconds: a file that changed just now may change again within one tick of its clock."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class DigestFile:
    """Looks digests up and notes new ones, for one thread; `close` writes them."""

    def __init__(self, folder: Path, *, clock: Callable[[], int] = time.time_ns) -> None:
        """Read the file, if there is one.

        Args:
            folder: The cache folder.
            clock: Nanoseconds since the epoch.
        """
        self._path = folder / FILE_NAME
        self._clock = clock
        self._is_changed = False
        self._digests: dict[str, object] = {}
        with suppress(OSError, ValueError, RecursionError):
            match json.loads(read_regular(self._path, _MOST_BYTES)):
                case {"version": version, "digests": dict(digests)} if version == _VERSION:
                    self._digests = digests

    def recall(self, path: str, stamp: Stamp) -> str | None:
        """Return the digest of a file that has not changed since it was noted.

        Args:
            path: What it was noted under.
            stamp: What the file has now.
        """
        match self._digests.get(path):
            case [*noted, str(digest)] if noted == [*stamp]:
                return digest if _DIGEST.fullmatch(digest) else None
        return None

    def note(self, path: str, stamp: Stamp, digest: str) -> None:
        """Note a digest.

        Args:
            path: Inside the built site, so that a project can be moved.
            stamp: What the file had before it was read.
            digest: SHA-256 in hexadecimal digits.
        """
        if self._clock() - stamp[1] > _SETTLED:
            self._digests[path] = [*stamp, digest]
            self._is_changed = True

    def forget(self, path: str) -> None:
        """Forget a digest that turned out to be another file's."""
        if self._digests.pop(path, None) is not None:
            self._is_changed = True

    def close(self) -> None:
        """Write what is new, into a cache folder that is there, in place of an earlier file."""
        if not self._is_changed or not os.path.isdir(self._path.parent):  # noqa: PTH112 - never raises
            return
        self._is_changed = False
        fields = {"version": _VERSION, "digests": self._digests}
        content = json.dumps(fields).encode()
        if len(content) > _MOST_BYTES:  # it would not be read
            return
        with suppress(OSError, OutputError):
            root = self._path.parent
            write_output(self._path, content, is_own=_is_own, root=root, is_named_by_user=False)


def _is_own(head: bytes) -> bool:
    # A power cut can leave nothing but zeros.
    return not head.strip(b"\x00") or _BEGINNING.match(head) is not None
