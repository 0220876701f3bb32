"""Files that somebody else may have put there, read within bounds.

Owns opening a file without waiting for it, as a pipe in its place would have one do, and without
taking more memory than it may. It must not know what the bytes say.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 1024 * 1024
MOST_BYTES = 32 * _MIB
"""Of a text that people keep: a catalog of a hundred thousand entries has half of that."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_regular(path: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Read a file whole.

    Args:
        path: The file, or a link to it.
        most_bytes: How long it may be.

    Raises:
        OSError: It cannot be read, is too long, or is no file but a pipe or a device; its
            `strerror` says which.
    """
    # A device is not even opened, as that can mean something to it; a pipe that takes the file's
    # place meanwhile is opened without waiting for who writes into it.
    _check(path.stat(), path)
    with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123 - a descriptor is no path
        _check(os.fstat(file.fileno()), path)
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        size = f"{most_bytes // _MIB} MiB" if most_bytes >= _MIB else f"{most_bytes} bytes"
        raise OSError(errno.EFBIG, f"it has more than {size}", str(path))
    return data


def _check(facts: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
