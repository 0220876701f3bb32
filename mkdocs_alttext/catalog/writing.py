"""Bringing a catalog to disk.

Owns that the file is the old one or the new one at any time, and keeps its byte order mark, its
permissions and its place behind a symbolic link. It must not know what the text says.
"""

from __future__ import annotations

import codecs
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mkdocs_alttext.catalog.reading import read_bytes
from mkdocs_alttext.exceptions import CatalogError


def write_catalog(path: Path, text: str, *, before: bytes | None) -> None:
    """Replace the catalog in one step.

    Args:
        path: The file.
        text: Its new text, without a byte order mark.
        before: What it held when it was read; `None` when there was no file.

    Raises:
        CatalogError: It cannot be written, or somebody else wrote it since; it is as it was.
    """
    if read_bytes(path) != before:
        raise CatalogError(str(path), "The file changed just now. Run the command again.")
    mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
    target = Path(os.path.realpath(path))
    try:
        _replace(target, mark + text.encode())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CatalogError(str(path), f"The catalog cannot be written ({why}).") from None


def _replace(target: Path, data: bytes) -> None:
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
