"""Debt that is accepted: a file of images that may lack text, so that only new ones fail.

Owns what identifies an image (page, image, and which one of the page's equals), and the file. It
must not know why an image lacks text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.building import CommandError
from mkdocs_alttext.exceptions import OutputError
from mkdocs_alttext.system.files import read_regular, write_output
from mkdocs_alttext.system.printable import same_form, visible_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

VERSION = 1
MOST_BYTES = 4 * 1024 * 1024
"""Of 40,000 images; read, what others wrote may take twenty times as much memory."""
_FIELDS = ("source", "image", "occurrence")
_BEGINNING = re.compile(
    rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"images"\s*:\s*\[\s*(?:\]\s*\}\s*\Z|\{\s*"source"\s*:)'
)
"""Of a baseline, by which one is told from all other files."""

Identity = tuple[str, str, int]
"""A page's source, an image's file or address, and a number from 1 among those that lack text."""


def read_baseline(path: Path) -> frozenset[Identity]:
    """Read what is accepted.

    Args:
        path: The file.

    Raises:
        CommandError: It cannot be read, or is not what `write_baseline` writes.
    """
    try:
        content = json.loads(read_regular(path, MOST_BYTES).decode("utf-8"))
    except OSError as error:
        hint = f"Write it with --write-baseline {path}."
        raise CommandError(f"{path} cannot be read ({error.strerror}). {hint}") from None
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path} is not a baseline: it is not JSON ({error}).") from None
    entries = content.get("images") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("version") != VERSION:
        raise CommandError(
            f"{path} is not a baseline of version {VERSION}. Write it anew with --write-baseline."
        )
    return frozenset(_identity(entry, place, path) for place, entry in enumerate(entries, 1))


def _identity(entry: object, place: int, path: Path) -> Identity:
    if isinstance(entry, dict) and set(entry) == set(_FIELDS):
        source, image, number = (entry[name] for name in _FIELDS)
        if isinstance(source, str) and isinstance(image, str) and type(number) is int:
            return same_form(source), same_form(image), number
    raise CommandError(f"{path}: image {place} has not exactly the fields {', '.join(_FIELDS)}.")


def write_baseline(path: Path, accepted: Iterable[Identity], *, root: Path) -> int:
    """Write what is accepted: sorted, one image on a line, so that changes merge.

    Args:
        path: The file; an earlier baseline is replaced.
        accepted: The images.
        root: The project's folder.

    Returns:
        How many there are.

    Raises:
        CommandError: It cannot be written.
    """
    images = sorted(set(accepted))
    lines = [
        f"    {json.dumps(dict(zip(_FIELDS, image, strict=True)), ensure_ascii=False)}"
        for image in images
    ]
    body = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    text = visible_json(f'{{\n  "version": {VERSION},\n  "images": {body}\n}}\n')
    if len(text.encode()) > MOST_BYTES:
        raise CommandError(
            f"{path} is not written: {len(images)} images take more than {MOST_BYTES >> 20} MiB, "
            "which is not read again."
        )
    write_text(path, text, is_own=is_baseline, root=root)
    return len(images)


def is_baseline(head: bytes) -> bool:
    """Tell a baseline by its first bytes."""
    return _BEGINNING.match(head) is not None


def write_text(path: Path, text: str, *, is_own: Callable[[bytes], bool], root: Path) -> None:
    """Write a file that was named on the command line, in UTF-8.

    Args:
        path: Where to; its folder is made.
        text: All of it.
        is_own: Tells an earlier one, which is replaced.
        root: The project's folder.

    Raises:
        CommandError: It cannot be written, or something else is in its place.
    """
    try:
        write_output(path, text.encode(), is_own=is_own, root=root, is_named_by_user=True)
    except OutputError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CommandError(f"{path} cannot be written ({why}).") from None
