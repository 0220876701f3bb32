"""Bringing a catalog to disk.

Owns that nobody's words are lost on the way, and the byte order mark. It must not know what the
text says.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from mkdocs_alttext.atomic_file import refuse_link, replace_file
from mkdocs_alttext.catalog.reading import read_bytes
from mkdocs_alttext.exceptions import CatalogError, OutputError

if TYPE_CHECKING:
    from pathlib import Path


def write_catalog(path: Path, text: str, *, before: bytes | None, root: Path | None = None) -> None:
    """Replace the catalog in one step.

    Args:
        path: The file; its folder is made.
        text: Its new text, without a byte order mark.
        before: What it held when it was read; `None` when there was no file.
        root: The project's folder, if it is more than the file's own.

    Raises:
        CatalogError: It cannot be written, or somebody else wrote it since; it is as it was.
    """
    if read_bytes(path) != before:
        raise CatalogError(str(path), "The file changed just now. Run the command again.")
    mark = codecs.BOM_UTF8 if (before or b"").startswith(codecs.BOM_UTF8) else b""
    try:
        # Only what is read as a catalog is replaced, so that no other file is.
        refuse_link(path, root or path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, mark + text.encode())
    except OutputError as error:
        raise CatalogError(str(path), f"The catalog is not written: {error}") from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CatalogError(str(path), f"The catalog cannot be written ({why}).") from None
