"""One process at a time in a cache folder.

Owns the lock that is held while a database is opened, checked or set aside, and those steps on
files. It must not know what is inside a database.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.stores.faults import CacheError, Fault

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOOK_AGAIN = 0.01
"""Seconds between two tries to get the lock."""
_COMPANIONS = ("-wal", "-shm", "-journal", "")
"""What belongs to a database file; the file itself comes last."""

FileIdentity = tuple[int, int]
"""Device and inode: the same for as long as a name means the same file."""


@contextmanager
def folder_lock(folder: Path, *, seconds: float) -> Iterator[None]:
    """Hold the folder's lock; it ends with the process, and leaves no file.

    Where folders cannot be locked (Windows, some network file systems) nothing is held: there an
    open database cannot be renamed, or only one of several copies of it gets damaged.

    Args:
        folder: An existing folder.
        seconds: How long to wait for it.

    Raises:
        CacheError: Another process held it all the time.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        _lock(descriptor, seconds)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, seconds: float) -> None:
    if sys.platform == "win32":
        return
    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= give_up:
                raise CacheError(Fault.LOCKED, "the folder is locked") from error
            time.sleep(_LOOK_AGAIN)
        except OSError:
            return
        else:
            return


def file_identity(path: Path) -> FileIdentity | None:
    """Tell which file a path names now.

    Returns:
        Its identity, or `None` when there is none.

    Raises:
        CacheError: The system does not say.
    """
    try:
        status = os.lstat(path)  # once for each look-up: `Path` takes as long again
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
    return status.st_dev, status.st_ino


def require_plain_files(path: Path) -> None:
    """Refuse a database that SQLite would write elsewhere, wait for, or empty.

    Raises:
        CacheError: One of its files is a link, a folder, a pipe or a device; or the database was
            cut to nothing beside a log, which SQLite deletes then.
    """
    sizes = {}
    for suffix in _COMPANIONS:
        companion = path.with_name(path.name + suffix)
        try:
            status = companion.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
        if stat.S_ISLNK(status.st_mode):
            raise CacheError(Fault.DAMAGED, f"{companion.name} is a link")
        if not stat.S_ISREG(status.st_mode):
            raise CacheError(Fault.UNUSABLE, f"{companion.name} is not a file")
        sizes[suffix] = status.st_size
    if sizes.get("") == 0 and sizes.get("-wal"):
        raise CacheError(Fault.DAMAGED, f"{path.name} is empty")


def set_aside(path: Path) -> str:
    """Rename a damaged database and what belongs to it; call it with the folder's lock held.

    Returns:
        Its new name.

    Raises:
        CacheError: It cannot be renamed.
    """
    number = 1
    while any(os.path.lexists(f"{path}.damaged-{number}{suffix}") for suffix in _COMPANIONS):
        number += 1
    target = path.with_name(f"{path.name}.damaged-{number}")
    try:
        # The file comes last: should we die in between, it is still found damaged, whereas a
        # journal left behind would be applied to the new file.
        for suffix in _COMPANIONS:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(f"{target}{suffix}")
    except OSError as error:
        raise CacheError(Fault.DAMAGED, str(error.strerror)) from error
    return target.name
