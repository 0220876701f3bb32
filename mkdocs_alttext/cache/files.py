"""A cache's files: one process at a time, and a look at each file before SQLite opens any.

SQLite trusts the files beside a database. It would follow links, wait for pipes, delete a file that
a rollback journal names, and make a database as large as a journal says. What is not a plain file
of ours is therefore set aside first: renamed, never deleted.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.faults import CacheError, Fault

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOOK_AGAIN = 0.01
"""Seconds between two tries to get the lock."""
COMPANIONS = ("-wal", "-shm", "-journal")
"""What belongs to a database file."""
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""Begins a rollback journal, and ends one that names a super-journal: pager.c, `aJournalMagic`."""
_SLACK = 65536
"""Bytes by which a database may be smaller than its journal and log say together."""

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
    status = _status(path)
    return status and (status.st_dev, status.st_ino)


def check_files(path: Path) -> list[str]:
    """Set aside what SQLite must not open; call it with the folder's lock held.

    Args:
        path: The database file; there need not be one.

    Returns:
        The new names of what was set aside.

    Raises:
        CacheError: A file is no file but a folder, a pipe or a device, or cannot be set aside; or
            it is read-only, and so is its journal.
    """
    moved = []
    sizes = {}
    for suffix in ("", *COMPANIONS):
        file = path.with_name(path.name + suffix)
        status = _status(file)
        if status is None:
            continue
        # Another name of a file is as good as a link: writing here would change it there.
        is_link = stat.S_ISLNK(status.st_mode) or status.st_nlink > 1
        if is_link and not stat.S_ISDIR(status.st_mode):
            moved.append(set_aside(path, (suffix,)))
        elif not stat.S_ISREG(status.st_mode):
            raise CacheError(Fault.UNUSABLE, f"{file.name} is not a file")
        else:
            sizes[suffix] = status.st_size
    if sizes.get("") == 0 and sizes.get("-wal"):  # SQLite deletes a log beside an empty file
        moved.append(set_aside(path))
    elif sizes.get("-journal") and (_has_log(path) or _is_forged(path, sizes)):
        moved.append(set_aside(path, ("-journal",)))
    return moved


def has_journal(path: Path) -> bool:
    """Tell whether a transaction of a rollback journal is to be undone."""
    status = _status(path.with_name(f"{path.name}-journal"))
    return status is not None and status.st_size > 0


def size_on_disk(path: Path) -> int:
    """Return how large a database can be at most, in bytes, by its file and its log."""
    known = [_status(path), _status(path.with_name(f"{path.name}-wal"))]
    return sum(each.st_size for each in known if each) + _SLACK


def set_aside(path: Path, suffixes: tuple[str, ...] = (*COMPANIONS, "")) -> str:
    """Rename a database and what belongs to it; call it with the folder's lock held.

    Args:
        path: The database file.
        suffixes: Which of its files, in the order in which they are renamed; by default all, the
            database itself last, as a journal left behind would be applied to the next file.

    Returns:
        The new name of the database, if it is one of them, else of the last of them.

    Raises:
        CacheError: It cannot be renamed.
    """
    number = 1
    while any(os.path.lexists(f"{path}.damaged-{number}{suffix}") for suffix in (*COMPANIONS, "")):
        number += 1
    target = path.with_name(f"{path.name}.damaged-{number}")
    try:
        for suffix in suffixes:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(f"{target}{suffix}")
    except OSError as error:
        raise CacheError(Fault.DAMAGED, str(error.strerror)) from error
    return f"{target.name}{'' if '' in suffixes else suffixes[-1]}"


def _has_log(path: Path) -> bool:
    """Tell whether a database has write-ahead logs, so that no journal is left beside it.

    Ours has a journal only while it is made, when it holds nothing that was paid for; undoing one
    could empty it (https://www.sqlite.org/fileformat.html, "File format version numbers").
    """
    try:
        with path.open("rb") as file:
            return file.read(20)[18:] == b"\x02\x02"
    except OSError:
        return False


def _is_forged(path: Path, sizes: dict[str, int]) -> bool:
    """Tell whether a rollback journal is none of ours.

    Ours never belong to transactions over several databases, so one that names a super-journal was
    planted: SQLite deletes the file of that name. All others are SQLite's to undo, unless the
    database would grow by that (https://www.sqlite.org/fileformat.html, "The Rollback Journal").
    """
    journal = path.with_name(f"{path.name}-journal")
    try:
        with journal.open("rb") as file:
            head = file.read(28)
            file.seek(max(0, sizes["-journal"] - len(_JOURNAL_MAGIC)))
            tail = file.read(len(_JOURNAL_MAGIC))
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
    if tail == _JOURNAL_MAGIC and sizes["-journal"] > len(_JOURNAL_MAGIC):
        return True
    pages, page_size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[24:28], "big")
    room = sizes.get("", 0) + sizes["-journal"] + _SLACK
    return head.startswith(_JOURNAL_MAGIC) and pages * page_size > room


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)  # once for each look-up: `Path` takes as long again
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
