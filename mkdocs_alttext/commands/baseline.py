"""Debt that is accepted: a file of images that may lack text, so that only new ones fail.

Owns what identifies an image (page, image, and which one of the page's equals), and the file. It
must not know why an image lacks text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mkdocs_alttext.commands.building import CommandError
from mkdocs_alttext.names import same_form
from mkdocs_alttext.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VERSION = 1
_FIELDS = ("source", "image", "occurrence")

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
        content = json.loads(read_regular(path).decode("utf-8"))
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


def write_baseline(path: Path, accepted: Iterable[Identity]) -> int:
    """Write what is accepted: sorted, one image on a line, so that changes merge.

    Args:
        path: The file; one that is there is replaced.
        accepted: The images.

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
    write_text(path, f'{{\n  "version": {VERSION},\n  "images": {body}\n}}\n')
    return len(images)


def write_text(path: Path, text: str) -> None:
    """Write a file.

    Args:
        path: Where to; its folder is made.
        text: All of it.

    Raises:
        CommandError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path} cannot be written ({error.strerror}).") from None
