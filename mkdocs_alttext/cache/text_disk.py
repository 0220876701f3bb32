"""diskcache as this cache uses it: explicit settings, nothing evicted, and text only.

By itself diskcache unpickles values and keys (CVE-2025-69872), reads the files that rows name,
removes them when a row is replaced, and takes attributes and pragmas from the file's settings.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache as cached
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.cache.base import OddEntryError
from mkdocs_alttext.cache.database import require_writable
from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors

if TYPE_CHECKING:
    from pathlib import Path

    from diskcache import Cache

_SETTINGS: dict[str, str | int] = {
    "eviction_policy": "none",
    "size_limit": 2**62,
    "cull_limit": 0,
    "sqlite_auto_vacuum": 0,
    "sqlite_mmap_size": 0,
    "sqlite_synchronous": 2,
}
"""Nothing is ever evicted, and what was committed outlives a power cut."""


def open_diskcache(path: Path, busy_seconds: float) -> Cache:
    """Return a diskcache without a connection, whose file is made if there is none.

    Args:
        path: The database file, in an existing folder; checked if there is one.
        busy_seconds: How long to wait for other connections, here and in every operation.

    Raises:
        CacheError: It cannot be written.
    """
    from diskcache import Cache  # noqa: PLC0415 - only builds that write need it

    folder = str(path.parent)
    if os.path.expandvars(folder) != folder:
        raise CacheError(Fault.UNUSABLE, "its name holds a $ that stands for something else")
    require_writable(path, busy_seconds)
    cache = Cache.__new__(Cache)
    with as_cache_errors():
        try:
            # The constructor writes thirty times, and need not wait for the disk each time.
            settings = {**_SETTINGS, "sqlite_synchronous": 1}
            cache.__init__(folder, timeout=busy_seconds, disk=text_disk(), **settings)
            cache.reset("sqlite_synchronous", _SETTINGS["sqlite_synchronous"])
        finally:
            with suppress(AttributeError):  # it did not come to a connection
                cache.close()
    return cache


@cached
def text_disk() -> Any:  # noqa: ANN401 - diskcache has no types
    """Return a class of diskcache's that takes text in and hands text out: no pickle, no file."""
    from diskcache import Disk  # noqa: PLC0415 - only builds that write need it
    from diskcache.core import MODE_RAW  # noqa: PLC0415 - only builds that write need it

    class TextDisk(Disk):  # type: ignore[misc]  # diskcache has no types
        """Refuses, in either direction, what is no text."""

        def put(self, key: object) -> tuple[str, bool]:
            """Return a key as the database keeps it."""
            return _text(key), True

        def get(self, key: object, raw: object) -> str:
            """Return a key as the database kept it."""
            return _kept_text(key, is_plain=bool(raw))

        def store(self, value: object, read: object, key: object = None) -> tuple[object, ...]:
            """Return a value as the database keeps it: size, mode, file name and value."""
            del read, key
            return 0, MODE_RAW, None, _text(value)

        def fetch(self, mode: object, filename: object, value: object, read: object) -> str:
            """Return a value as the database kept it; refuse what this program never writes."""
            del read
            return _kept_text(value, is_plain=mode == MODE_RAW and filename is None)

        def remove(self, file_path: object) -> None:
            """Leave every file alone: we made none, so a row that names one was planted."""

    return TextDisk


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"this cache keeps text only, not {type(value).__name__}")
    return value


def _kept_text(value: object, *, is_plain: bool) -> str:
    if not is_plain or not isinstance(value, str):
        raise OddEntryError
    return value
