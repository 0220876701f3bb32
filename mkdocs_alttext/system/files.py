"""Reading and writing files safely: which paths lead out of a project, and writing in one step.

A pull request can commit symbolic links, so that a name inside of a project may stand for a file
anywhere. Every path that is written to is checked here first.

Everything that this package writes outside of its cache goes through here: a file gets other bytes
in one step, never through a symbolic link, and a whole file is replaced only where it is empty or
an earlier output of the same kind. What a writer that was killed left behind is removed by the next
one in that folder. Files that somebody else may have put there are read without waiting for a pipe,
and without taking more memory than they may.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mkdocs_alttext.exceptions import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIT = ".git"


def absolute(path: str | Path) -> Path:
    """Return a path from the root of the disk on, whose links stay."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `Path.resolve` follows links


def repository(folder: Path) -> Path | None:
    """Return the root of the repository that a folder is in, if there is one.

    Args:
        folder: Where to begin; its parents follow.
    """
    start = absolute(folder)
    # `.git` is a file in a work tree and in a submodule.
    return next((each for each in (start, *start.parents) if os.path.lexists(each / GIT)), None)


def project_root(file: str | Path | None) -> Path:
    """Return the folder that holds all of a project: its repository, else that of a file.

    Args:
        file: One that the project is known by, such as `mkdocs.yml`; one in the current folder
            stands for none.
    """
    folder = absolute(file or "mkdocs.yml").parent
    return repository(folder) or folder


def leads_out(path: Path, root: Path) -> bool:
    """Tell whether links inside of a project lead out of it, or into its `.git`.

    Args:
        path: A file or folder, which need not be there.
        root: The project's.

    Returns:
        Whether it is inside of the project by its name only. What is elsewhere by its name, too,
        was chosen by somebody, and no link that was committed leads there.
    """
    base = Path(os.path.realpath(root))
    real = Path(os.path.realpath(path))
    if real.is_relative_to(base):
        return GIT in (part.casefold() for part in real.relative_to(base).parts)
    named = absolute(path)
    return any(named.is_relative_to(each) for each in (absolute(root), base))


_MIB = 1024 * 1024
MOST_BYTES = 32 * _MIB
"""Of a text that people keep: a catalog of a hundred thousand entries has half of that."""
HEAD = 64 * 1024
"""Bytes of a file by which its kind is told."""
_PREFIX = ".alttext-new-"
_NEW = re.compile(re.escape(_PREFIX) + r"[0-9a-f]{16}")
"""Names of files before they take their place, and of no others."""
_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}
_ABANDONED = 3600
"""Seconds after which a new file is nobody's any more, where no lock can tell."""
_LOOK_AGAIN = 0.01
"""Seconds between two tries to lock a folder."""
_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | _BINARY
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe may have the name of a new file


def replace_file(path: Path, data: bytes, *, check: Callable[[], None] = lambda: None) -> None:
    """Replace a file in one step, and for good when this returns.

    Args:
        path: The file; there need not be one. A symbolic link is replaced itself.
        data: All that it holds from now on.
        check: As for `swap_file`.

    Raises:
        OSError: It cannot be written; it is as it was.
    """
    remove_leftovers(path.parent)
    swap_file(path, data, check=check)


def swap_file(
    path: Path,
    data: bytes,
    *,
    outlasts_power: bool = True,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Replace a file in one step, and leave what earlier writers left behind.

    Args:
        path: As for `replace_file`.
        data: All that it holds from now on.
        outlasts_power: Whether it is on the disk when this returns, and not only in the system's
            memory: a tenth of a second on slow disks.
        check: Called last of all, when the new file is written and has not its place yet; what it
            raises leaves all as it was.

    Raises:
        OSError: It cannot be written; it is as it was.
    """
    facts = _facts(path)
    mode = stat.S_IMODE(facts.st_mode) if facts and stat.S_ISREG(facts.st_mode) else None
    new, handle = _new_file(path.parent, 0o666 if mode is None else 0o600)
    try:
        # It stays open, and so locked, until it has its place. Windows renames closed files only.
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if outlasts_power:
                os.fsync(file.fileno())
            if facts and mode is not None:
                where = file.fileno() if os.chmod in os.supports_fd else new
                with suppress(AttributeError, OSError):  # only root can give a file away
                    os.chown(where, facts.st_uid, facts.st_gid)
                os.chmod(where, mode)  # noqa: PTH101 - a path could change
            if os.name == "nt":
                file.close()
            check()
            new.replace(path)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def write_output(
    path: Path, data: bytes, *, is_own: Callable[[bytes], bool], root: Path, is_named_by_user: bool
) -> None:
    """Write a whole file that somebody named, and replace nothing but an earlier one.

    A file that has these bytes already stays as it is: where files are watched, writing one is a
    change. Standard output, standard error and devices are written to.

    Args:
        path: Where to; its folder is made.
        data: All of it.
        is_own: Tells by its first bytes (`HEAD`) whether a file is an earlier output of this kind.
        root: The project's folder, whose links must not lead out of it.
        is_named_by_user: Whether the one who runs this named the file, so that it may be any open
            stream, or a pipe whose reader is waited for; a committed file may name the others.

    Raises:
        OutputError: Something is in the way, which stays; says what to do.
        OSError: It cannot be written; what was there is as it was.
    """
    if "\0" in str(path):
        raise OutputError("The name of a file holds a zero byte, which no file has. Correct it.")
    place = absolute(path)
    handle = _open_stream(str(path), place, is_named_by_user=is_named_by_user)
    if handle is not None:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return
    refuse_link(path, root)
    facts = _facts(place)
    if facts and facts.st_size == len(data) and place.read_bytes() == data:
        remove_leftovers(place.parent)
        return
    if facts and facts.st_size:
        with place.open("rb") as file:
            head = file.read(HEAD)
        if not is_own(head) and (facts.st_size > HEAD or head.strip()):
            raise OutputError(
                f"{path} is in the way: it holds something else than what is written there. Move "
                "or remove it, or name another file."
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place, data)


def refuse_link(path: Path, root: Path) -> None:
    """Refuse to write a file that is a link, or lies behind one that leads out of the project.

    Args:
        path: The file; there need not be one.
        root: The project's folder.

    Raises:
        OutputError: It is, or is no file; says what to do.
    """
    place = absolute(path)
    facts = _facts(place)
    if facts and stat.S_ISLNK(facts.st_mode):
        obstacle = "is a symbolic link, which is not followed. Remove it"
    elif leads_out(place, root):
        obstacle = (
            "lies behind a link that leads out of the project, or in its .git. Remove the link"
        )
    elif facts and stat.S_ISDIR(facts.st_mode):
        obstacle = "is a folder. Remove it"
    elif facts and not stat.S_ISREG(facts.st_mode):
        obstacle = "is no file. Remove it"
    else:
        return
    raise OutputError(f"{path} {obstacle}, or name another file.")


def is_leftover(name: str) -> bool:
    """Tell whether a name may be that of a file that a writer left behind."""
    return _NEW.fullmatch(name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove what writers that were killed left in a folder, and nothing that is still written."""
    with suppress(OSError), os.scandir(folder) as entries:
        for name in [entry.name for entry in entries if _NEW.fullmatch(entry.name)]:
            with suppress(OSError):
                _remove_abandoned(folder / name)


def _remove_abandoned(new: Path) -> None:
    handle = os.open(new, os.O_RDWR | _NO_FOLLOW | _NO_WAIT)
    try:
        facts = os.fstat(handle)
        is_left = lock(handle, waits=False)
        if is_left is None:
            is_left = time.time() - facts.st_mtime > _ABANDONED
        is_own = sys.platform == "win32" or facts.st_uid == os.geteuid()
        if is_left and is_own and stat.S_ISREG(facts.st_mode):
            new.unlink()
    finally:
        os.close(handle)


def _new_file(folder: Path, mode: int) -> tuple[Path, int]:
    """Make and lock a new file, under a name that tells what it is."""
    while True:
        new = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        handle = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, mode)
        lock(handle, waits=True)
        # Before it was locked, another writer may have taken it for one that was left behind.
        if os.fstat(handle).st_nlink:
            return new, handle
        os.close(handle)


def lock(handle: int, *, waits: bool) -> bool | None:
    """Lock a file or a folder until it is closed, as it is by the end of a process, too.

    Args:
        handle: The file or folder, opened.
        waits: Whether to wait for whoever has it locked.

    Returns:
        Whether it was; `None` where that cannot be told, on Windows and on some network disks.
    """
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 - not on every system

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextmanager
def folder_lock(folder: Path, *, seconds: float) -> Iterator[bool]:
    """Hold a folder's lock; it ends with the process, and leaves no file.

    Where folders cannot be locked (Windows, some network file systems) nothing is held.

    Args:
        folder: An existing folder.
        seconds: How long to wait for it.

    Yields:
        Whether nobody else held it all the time.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        give_up = time.monotonic() + seconds
        while (is_held := lock(handle, waits=False)) is False and time.monotonic() < give_up:
            time.sleep(_LOOK_AGAIN)
        yield is_held is not False
    finally:
        os.close(handle)


def _facts(place: Path) -> os.stat_result | None:
    try:
        return place.lstat()
    except FileNotFoundError:
        return None


def _open_stream(name: str, place: Path, *, is_named_by_user: bool) -> int | None:
    """Open what is written to as it is: an open stream of this process, a device or a pipe."""
    # Both are links to the system.
    numbered = re.fullmatch(r"/(?:dev|proc/self)/fd/(\d+)", name) if is_named_by_user else None
    if numbered or name in _STANDARD:
        return os.dup(int(numbered[1]) if numbered else _STANDARD[name])
    facts = _facts(place)
    if facts is None:
        return None
    is_stream = stat.S_ISCHR(facts.st_mode) or (is_named_by_user and stat.S_ISFIFO(facts.st_mode))
    return os.open(place, os.O_WRONLY) if is_stream else None


def read_regular(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a file whole.

    Args:
        path: The file, or a link to it.
        most_bytes: How long it may be.

    Raises:
        OSError: It cannot be read, is too long, or is no file but a pipe or a device; its
            `strerror` says which.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        # Memory for the most that may be read costs more time than reading.
        data = file.read(min(size, most_bytes) + 1)
        if size < len(data) <= most_bytes:  # it grew meanwhile, or is none of those that tell
            data += file.read(most_bytes + 1 - len(data))
    if len(data) > most_bytes:
        size_words = f"{most_bytes // _MIB} MiB" if most_bytes >= _MIB else f"{most_bytes} bytes"
        raise OSError(errno.EFBIG, f"it has more than {size_words}", str(path))
    return data


def holds(path: Path, data: bytes) -> bool:
    """Tell whether a file holds just some bytes; it is never in memory as a whole.

    Args:
        path: The file, or a link to it.
        data: The bytes.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    with _opened(path) as file:
        parts = (data[start : start + HEAD] for start in range(0, len(data), HEAD))
        return all(file.read(len(part)) == part for part in parts) and not file.read(1)


def _opened(path: Path) -> BinaryIO:
    """Open a regular file to be read; raises `OSError` for anything else."""
    # A device is not even opened, as that can mean something to it; a pipe that takes the file's
    # place meanwhile is opened without waiting for who writes into it.
    _check(path.stat(), path)
    file = open(os.open(path, os.O_RDONLY | _BINARY | _NO_WAIT), "rb")  # noqa: PTH123, SIM115 - a descriptor is no path
    try:
        _check(os.fstat(file.fileno()), path)
    except OSError:
        file.close()
        raise
    return file


def _check(facts: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
