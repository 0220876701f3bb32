"""Files that are either old or new, whenever their writer is interrupted.

Owns the one step in which a file gets other bytes and keeps its permissions and its place behind a
symbolic link. It must not know what the bytes say.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one step.

    Args:
        path: The file; there need not be one. Of a symbolic link, the file behind it changes.
        data: All that it holds from now on.

    Raises:
        OSError: It cannot be written; it is as it was.
    """
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(_mode(target))
        new.replace(target)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def _mode(target: Path) -> int:
    """Return the permissions of a file, or those that a new one gets."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
