"""An SVG drawn as a bitmap.

Owns the call of resvg, an optional package, and the fonts that it is told to use. It must not see a
document that is not cleaned, and runs in a process of its own: there is no limit on what a renderer
may do, and some documents end its process.
"""

from __future__ import annotations

import io
import re
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.renderer import LACKS_RENDERER, can_draw
from mkdocs_alttext.images.svg_cleaning import cleaned_svg
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from PIL import Image

SHORTEST, LONGEST = 1024, 2048
"""Pixels of the longest side: icons are drawn larger than they are shown, to be recognized."""

_NAMESPACE = "http://www.w3.org/2000/svg"
_SIZE = re.compile(r'\s(?:width|height|viewBox)="([^"]*)"')
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LONGEST_NUMBER = 12
_SANS_SERIF = (
    "Arial,Helvetica,Segoe UI,Liberation Sans,DejaVu Sans,Noto Sans,Open Sans,Roboto,Ubuntu,"
    "Cantarell,FreeSans"
).split(",")
_SERIF = "Times New Roman,Times,Liberation Serif,DejaVu Serif,Noto Serif,FreeSerif".split(",")
_MONOSPACE = (
    "Consolas,Menlo,Courier New,Liberation Mono,DejaVu Sans Mono,Noto Sans Mono,FreeMono"
).split(",")
_BAND = 16


@dataclass(frozen=True, slots=True)
class _Fonts:
    """A family for each kind of font: resvg draws no text in one that is missing."""

    sans_serif: str | None = None
    serif: str | None = None
    monospace: str | None = None
    files: tuple[str, ...] = ()


def drawn_svg(data: bytes) -> bytes:
    """Draw an SVG; only for a process that may be lost.

    Args:
        data: The file's bytes.

    Returns:
        A PNG with transparency, its longest side from `SHORTEST` to `LONGEST`.

    Raises:
        ImageError: It cannot be drawn, or nothing of it shows.
    """
    if not can_draw():
        raise ImageError(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
    document = cleaned_svg(data)
    import resvg_py  # noqa: PLC0415 - optional

    side = _side(document)
    has_text = "text" in document
    with ExitStack() as opened:
        fonts = _fonts(opened) if has_text else _Fonts()
        try:
            drawn = resvg_py.svg_to_bytes(
                svg_string=document,
                width=side,
                height=side,
                skip_system_fonts=not has_text,
                font_family=fonts.sans_serif,
                sans_serif_family=fonts.sans_serif,
                serif_family=fonts.serif,
                monospace_family=fonts.monospace,
                font_files=list(fonts.files),
            )
        except ValueError as error:
            raise ImageError(Reason.UNDECODABLE, f"damaged SVG: {error}") from None
    if _ink(drawn).getbbox() is None:
        raise ImageError(Reason.SVG_WITHOUT_TITLE, "nothing shows when it is drawn")
    return bytes(drawn)


def _side(document: str) -> int:
    """Choose the longest side by what the root says of its size, whatever the units."""
    root = document[: document.find(">")]
    numbers = [
        float(number)
        for value in _SIZE.findall(root)
        for number in _NUMBER.findall(value)
        if len(number) < _LONGEST_NUMBER
    ]
    return int(min(LONGEST, max(SHORTEST, *numbers, 0)))


def _fonts(opened: ExitStack) -> _Fonts:
    """Choose families that are there; Pillow's own font when there is none."""
    there = _families_there([*_SANS_SERIF, *_SERIF, *_MONOSPACE])
    if not there:
        return _fonts_of_pillow(opened)
    kinds = (_SANS_SERIF, _SERIF, _MONOSPACE)
    sans_serif, serif, monospace = (
        next((name for name in kind if name in there), there[0]) for kind in kinds
    )
    return _Fonts(sans_serif, serif, monospace)


def _fonts_of_pillow(opened: ExitStack) -> _Fonts:
    from PIL import ImageFont  # noqa: PLC0415 - only for text where no font is installed

    font = ImageFont.load_default(_BAND)
    if not isinstance(font, ImageFont.FreeTypeFont) or not font.font_bytes:
        return _Fonts()
    # Only here: a process that is ended for its time leaves its folders behind.
    file = Path(opened.enter_context(tempfile.TemporaryDirectory())) / "font.ttf"
    file.write_bytes(font.font_bytes)
    family = font.getname()[0]
    return _Fonts(family, family, family, (str(file),))


def _families_there(families: list[str]) -> list[str]:
    """Find out which families are installed: each is asked to write one letter, in its own band."""
    import resvg_py  # noqa: PLC0415 - optional

    rows = "".join(
        f'<text y="{(row + 1) * _BAND - 4}" font-size="{_BAND - 6}" font-family="{family}">H</text>'
        for row, family in enumerate(families)
    )
    probe = (
        f'<svg xmlns="{_NAMESPACE}" width="{_BAND}" height="{_BAND * len(families)}">{rows}</svg>'
    )
    missing = "none such"
    drawn = resvg_py.svg_to_bytes(svg_string=probe, serif_family=missing, font_family=missing)
    ink = _ink(drawn)
    return [
        family
        for row, family in enumerate(families)
        if ink.crop((0, row * _BAND, _BAND, (row + 1) * _BAND)).getbbox()
    ]


def _ink(png: bytes) -> Image.Image:
    """Return how opaque each pixel is."""
    from PIL import Image  # noqa: PLC0415 - a warm build draws nothing

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return image.convert("RGBA").getchannel("A")
