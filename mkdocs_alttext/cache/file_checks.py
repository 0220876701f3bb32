"""A cache's files, looked at before they are opened.

SQLite trusts the files beside a database. It would follow links, wait for pipes, delete a file that
a rollback journal names, and make a database as large as a journal says. What is not a plain file
of ours is therefore set aside first: renamed, never deleted.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.cache.faults import CacheError, Fault, as_cache_errors
from mkdocs_alttext.system.files import folder_lock as hold_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASE_NAME = "cache.db"
"""diskcache's own name for it, so that its tools find it."""
SLACK = 65536
"""Bytes by which a database may be smaller than its journal and log say together."""
COMPANIONS = ("-wal", "-shm", "-journal")
"""What belongs to a database file."""
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
"""Begins a rollback journal, and ends one that names a super-journal: pager.c, `aJournalMagic`."""
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
    with hold_folder(folder, seconds=seconds) as is_free:
        if not is_free:
            raise CacheError(Fault.LOCKED)
        yield


def file_identity(path: Path) -> FileIdentity | None:
    """Tell which file a path names now; `None` when there is none.

    Raises:
        CacheError: The system does not say.
    """
    status = file_status(path)
    return status and (status.st_dev, status.st_ino)


def check_files(path: Path) -> list[str]:
    """Set aside what SQLite must not open, and finish what `begin_anew` began.

    Args:
        path: The database file; there need not be one. The folder's lock is held.

    Returns:
        The new names of what was set aside.

    Raises:
        CacheError: A file is no file but a folder, a pipe or a device, or cannot be set aside; or
            it is read-only, and so is its journal.
    """
    _finish_replacing(path)
    moved = []
    sizes = {}
    for suffix in ("", *COMPANIONS):
        file = path.with_name(path.name + suffix)
        status = file_status(file)
        if status is None:
            continue
        # Another name of a file is as good as a link: writing here would change it there.
        is_link = stat.S_ISLNK(status.st_mode) or status.st_nlink > 1
        if is_link and not stat.S_ISDIR(status.st_mode):
            moved.append(_set_aside(path, (suffix,)))
        elif not stat.S_ISREG(status.st_mode):
            raise CacheError(Fault.UNUSABLE, f"{file.name} is not a file")
        else:
            sizes[suffix] = status.st_size
    if sizes.get("") == 0 and sizes.get("-wal"):  # SQLite deletes a log beside an empty file
        moved.append(_set_aside(path, ("", *COMPANIONS)))
    elif sizes.get("-journal") and _is_forged(path, sizes):
        moved.append(_set_aside(path, ("-journal",)))
    return moved


def are_plain(path: Path) -> bool:
    """Tell whether SQLite can read a database whose files must stay as they are.

    Args:
        path: The database file; there need not be one.

    Returns:
        Whether nothing is there that `check_files` would set aside, or that is half written.

    Raises:
        CacheError: The system does not say.
    """
    files = [file_status(path.with_name(path.name + suffix)) for suffix in ("", *COMPANIONS)]
    *_, journal = files
    is_regular = all(stat.S_ISREG(each.st_mode) and each.st_nlink == 1 for each in files if each)
    return is_regular and not (journal and journal.st_size)


def begin_anew(path: Path, made: Path) -> str:
    """Set a database aside, with another one in its place.

    The other was made whole before, and gets a name by which the next process finds it: whoever is
    killed in between loses nothing that was paid for.

    Args:
        path: The database file. The folder's lock is held.
        made: The other one, on the same disk.

    Returns:
        The new name of the old one.

    Raises:
        CacheError: Nothing was changed, or `check_files` puts the new one in its place.
    """
    with as_cache_errors():
        made.replace(_replacement(path))
    # The database first: without its log it could seem sound, and the new one would be forgotten.
    name = _set_aside(path, ("", *COMPANIONS))
    _finish_replacing(path)
    return name


def _finish_replacing(path: Path) -> None:
    """Put a new database in its place, or set it aside where there is one."""
    made = _replacement(path)
    if not os.path.lexists(made):
        return
    if os.path.lexists(path) or not stat.S_ISREG(made.lstat().st_mode):
        _set_aside(made, ("",))
        return
    # What belonged to the database that is gone must not be applied to this one.
    _set_aside(path, COMPANIONS)
    with as_cache_errors():
        made.rename(path)


def _replacement(path: Path) -> Path:
    """Return where a new database is until `check_files` puts it in its place."""
    return path.with_name(f"{path.name}.new")


def _set_aside(path: Path, suffixes: tuple[str, ...]) -> str:
    """Rename some of a database's files, in this order; return the new name of the first."""
    number = 1
    while any(os.path.lexists(f"{path}.damaged-{number}{suffix}") for suffix in ("", *COMPANIONS)):
        number += 1
    target = path.with_name(f"{path.name}.damaged-{number}")
    try:
        for suffix in suffixes:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(f"{target}{suffix}")
    except OSError as error:
        raise CacheError(Fault.DAMAGED, str(error.strerror)) from error
    return f"{target.name}{suffixes[0]}"


def _is_forged(path: Path, sizes: dict[str, int]) -> bool:
    """Tell whether a rollback journal is none of ours; all others are SQLite's to undo.

    Beside a database with a write-ahead log, ours is there only while the database is made: undoing
    another could empty it. Ours never belong to transactions over several databases: SQLite deletes
    the file that a journal names as its super-journal. And ours do not make the database grow. See
    "File format version numbers" and "The Rollback Journal" in
    https://www.sqlite.org/fileformat.html.
    """
    size = sizes["-journal"]
    with as_cache_errors():
        if "" in sizes:
            with path.open("rb") as file:
                if file.read(20)[18:] == b"\x02\x02":
                    return True
        with path.with_name(f"{path.name}-journal").open("rb") as file:
            head = file.read(28)
            file.seek(max(0, size - len(_JOURNAL_MAGIC)))
            tail = file.read()
    if tail == _JOURNAL_MAGIC and size > len(_JOURNAL_MAGIC):
        return True
    pages, page_size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[24:28], "big")
    room = sizes.get("", 0) + size + SLACK
    return head.startswith(_JOURNAL_MAGIC) and pages * page_size > room


def file_status(path: Path) -> os.stat_result | None:
    """Return what the system says of a file itself, and not of what it may link to, if it is there.

    Raises:
        CacheError: The system does not say.
    """
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(Fault.UNUSABLE, str(error.strerror)) from error
