"""Two builds of a site, compared byte by byte.

A difference is explained when it is the alt text of an image that had none, in an HTML file, or the
opt-out attribute that an author typed and that the plugin takes out. Nothing is parsed and printed:
the attributes are cut out of both texts at their exact places, and what is left has to be equal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mkdocs_alttext.html.scanner import ImageTag, scan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_WHITE_SPACE = "\t\n\f\r "
_HTML = (".html", ".htm")
OPT_OUT_ATTRIBUTE = "data-alttext"
_PLACEHOLDERS = {"No description has been provided for this image"}
"""What nbconvert writes where a text is missing: no text of an author's."""


@dataclass(slots=True)
class Comparison:
    """What was found; grows file by file."""

    keeps_opt_outs: bool = False
    """Whether both builds are without the plugin, which takes opt-out attributes out."""
    pages: int = 0
    images: int = 0
    """In the HTML of the first build."""
    filled: int = 0
    """Images that had no text and have one."""
    emptied: int = 0
    """Images that had no `alt` and have an empty one."""
    opted_out: int = 0
    """Images whose opt-out attribute was taken out."""
    still_lacking: int = 0
    """Images with neither text nor a change."""
    files: int = 0
    explained: int = 0
    """Files that differ in nothing but this."""
    unexplained: list[str] = field(default_factory=list)
    """Files that differ otherwise, with the reason."""

    def add_file(self, name: str, plain: bytes | None, filled: bytes | None) -> None:
        """Compare one file of both builds; `None` for one that is not there."""
        self.files += 1
        if plain is None or filled is None:
            self.unexplained.append(f"{name}: only {'with' if plain is None else 'without'}")
            return
        is_html = name.endswith(_HTML)
        self.pages += is_html
        if is_html:
            reason = self._add_page(plain, filled)
        else:
            reason = None if plain == filled else "differs"
        if reason:
            self.unexplained.append(f"{name}: {reason}")
        elif plain != filled:
            self.explained += 1

    def _add_page(self, plain: bytes, filled: bytes) -> str | None:
        before = plain.decode("utf-8", "surrogateescape")
        after = filled.decode("utf-8", "surrogateescape")
        old, new = scan(before, is_whole=True), scan(after, is_whole=True)
        self.images += len(old)
        if without_alt(before, old) != without_alt(after, new):
            return "differs outside alt attributes"
        # Images may be as many and their order the same only if the rest is equal, and it is.
        reasons = [self._add_image(*pair) for pair in zip(old, new, strict=True)]
        return next((reason for reason in reasons if reason), None)

    def _add_image(self, old: ImageTag, new: ImageTag) -> str | None:
        had, has = _first_alt(old), _first_alt(new)
        opted_out, is_left = (OPT_OUT_ATTRIBUTE in each.attributes for each in (old, new))
        if is_left and not (opted_out and self.keeps_opt_outs):
            return "an opt-out attribute is left"
        self.opted_out += opted_out and not is_left
        if had == has:
            self.still_lacking += not _has_text(has)
        elif has is None:
            return "an alt attribute is gone"
        elif _has_text(had):
            return f"text was overwritten: {had!r} by {has!r}"
        elif has.strip():
            self.filled += 1
        else:
            self.emptied += 1
        return None


def _first_alt(image: ImageTag) -> str | None:
    return image.attributes.get("alt") if "alt" in image.attributes else None


def _has_text(alt: str | None) -> bool:
    return bool(alt and alt.strip()) and alt not in _PLACEHOLDERS


def without_alt(html: str, images: Iterable[ImageTag]) -> str:
    """Return a source without what may differ: these attributes and the white space before them."""
    pieces = []
    position = 0
    for image in images:
        for attribute in image.spans:
            if attribute.name in {"alt", OPT_OUT_ATTRIBUTE}:
                start = attribute.start
                while html[start - 1] in _WHITE_SPACE:
                    start -= 1
                pieces.append(html[position:start])
                position = attribute.end
    return "".join([*pieces, html[position:]])


def site_files(folder: Path) -> dict[str, Path]:
    """Return the files of a built site by their path in it, in order."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of each file of a built site."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in site_files(folder).items()
    }


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the names of files that differ between two builds, or are in one only."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def compare(
    plain: Path, filled: Path, *, excluded: set[str], keeps_opt_outs: bool = False
) -> Comparison:
    """Compare a build without the plugin and one with it.

    Args:
        plain: The site built without.
        filled: The site built with.
        excluded: Files that differ between two builds without, whatever the plugin does.
        keeps_opt_outs: Whether both are built without, and only the sources differ.
    """
    comparison = Comparison(keeps_opt_outs)
    old, new = site_files(plain), site_files(filled)
    for name in sorted(old.keys() | new.keys()):
        if name not in excluded:
            comparison.add_file(name, _content(old.get(name)), _content(new.get(name)))
    return comparison


def _content(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
