"""Transparent pictures put on a ground.

Owns the choice between a light and a dark ground. It must not know formats or limits.

A file's first frame as flat pixels.

Owns the calls of Pillow's decoders and what makes pixels fit to be looked at: upright, 8 bits, no
transparency, at most `LONGEST_SIDE` long. It must not know how they are sent. Only the decoder of
the format that the content has is opened, and only after the extent is known to be within limits.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageFilter, ImageStat

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.containers import BARE, UPRIGHT, BareFile, Format, orientation_of
from mkdocs_alttext.images.limits import LONGEST_SIDE, check_extent
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WHITE, _DARK = (255, 255, 255), (32, 32, 32)
_LOOKED_AT = 512
"""Pixels of the longest side, at most, at which the grounds are compared."""
_FLATTENED_ROWS = 64
_CLEAR_EDGE = 96
"""Of 255: an edge that differs more is seen no better."""
_CLEARLY = 1.1
"""White is what pages mostly have: a dark ground has to show this much more."""


def flattened(image: Image.Image) -> Image.Image:
    """Return a picture without transparency.

    Args:
        image: Pixels of mode L, RGB or RGBA.

    Returns:
        The picture on white; on dark when more of its outlines show there. What is drawn counts and
        not how bright it is on the whole: a white box with black writing around it stays on white.
    """
    if image.mode != "RGBA":
        return image
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    small = image.reduce(-(-max(image.size) // _LOOKED_AT))
    on_white, on_dark = (_outlines(_put(small, ground), ground) for ground in (_WHITE, _DARK))
    return _put(image, _DARK if on_dark > on_white * _CLEARLY else _WHITE)


def _put(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    flat = Image.new("RGB", image.size, ground)
    # In strips, as Pillow makes another picture of what it pastes.
    for top in range(0, image.height, _FLATTENED_ROWS):
        strip = image.crop((0, top, image.width, min(top + _FLATTENED_ROWS, image.height)))
        flat.paste(strip, (0, top), strip.getchannel("A"))
    return flat


def _outlines(image: Image.Image, ground: tuple[int, int, int]) -> float:
    """Return how much of outlines shows."""
    # A frame of the ground: what touches the border has an outline there too.
    framed = Image.new("RGB", (image.width + 4, image.height + 4), ground)
    framed.paste(image, (2, 2))
    edges = framed.convert("L").filter(ImageFilter.FIND_EDGES)
    # Filters leave the outermost pixels as they were.
    edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    return ImageStat.Stat(edges.point(lambda value: min(value, _CLEAR_EDGE))).mean[0]


LACKS_HEIF = 'pip install "mkdocs-alttext[heif]" has HEIC described'

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's numbers, and what makes a picture upright again (Exif 2.32, 4.6.4 A)."""

_STRIP_ROWS = 1024
_STRIP_PIXELS = 1_000_000
_TILE_WIDTH, _TILE_HEIGHT = 322, 323


def decoded(data: bytes, form: Format) -> Image.Image:
    """Decode a file's first frame.

    Args:
        data: The file's bytes.
        form: The format that its content has; not SVG.

    Returns:
        Grey or RGB pixels, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: Its extent is not within limits, or what decodes it is not installed.
        Exception: Whatever a decoder raises over a damaged file.
    """
    if form in BARE:
        return _decoded_bare(BARE[form](data), form)
    if form is Format.HEIF:
        return _flat(_opened_heif(data))
    image = Image.open(io.BytesIO(data), formats=[form.value])
    with image:
        _check_tiles(image)
        return _flat(image, orientation_of(image.info.get("exif", b"")))


def _decoded_bare(bare: BareFile, form: Format) -> Image.Image:
    from PIL import (  # noqa: PLC0415 - the decoders of the other formats stay closed
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        WebPImagePlugin,
    )

    check_extent(bare.width, bare.height)
    # `Image.open` would warn of extents that were accepted or refused here already.
    opened: Mapping[Format, Callable[[io.BytesIO], Image.Image]] = {
        Format.PNG: PngImagePlugin.PngImageFile,
        Format.JPEG: JpegImagePlugin.JpegImageFile,
        Format.GIF: GifImagePlugin.GifImageFile,
        Format.WEBP: WebPImagePlugin.WebPImageFile,
    }
    with opened[form](io.BytesIO(bare.data)) as image:
        return _flat(image, _orientation(image, bare))


def _orientation(image: Image.Image, bare: BareFile) -> int:
    exif = image.info.get("exif", b"")
    return bare.orientation if bare.orientation != UPRIGHT else orientation_of(exif)


def _opened_heif(data: bytes) -> Image.Image:
    try:
        import pillow_heif  # noqa: PLC0415 - optional
    except ImportError:
        raise ImageError(Reason.UNDECODABLE, LACKS_HEIF) from None
    # The pixels come upright: a HEIC's own turns count, and its EXIF does not (ISO/IEC 23008-12).
    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    check_extent(*file.size)
    return file.to_pillow()


def _check_tiles(image: Image.Image) -> None:
    """Refuse a TIFF whose tiles are larger than any picture: each is held at once."""
    tags = getattr(image, "tag_v2", None)
    if tags is not None and _TILE_WIDTH in tags and _TILE_HEIGHT in tags:
        width, height = tags[_TILE_WIDTH], tags[_TILE_HEIGHT]
        check_extent(max(2, int(width)), max(2, int(height)))


def _flat(image: Image.Image, orientation: int = UPRIGHT) -> Image.Image:
    check_extent(*image.size)
    # A JPEG can be decoded at a fraction of its size for a fraction of the memory.
    image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    # What is opened may hold more than its header said, such as the PNG in an icon.
    check_extent(*image.size)
    # One name for all: each step's pixels go when the next step has its own.
    pixels = _shrunk(image)
    if orientation in _TURNS:
        pixels = pixels.transpose(_TURNS[orientation])
    pixels = flattened(pixels)
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return pixels


def _shrunk(image: Image.Image) -> Image.Image:
    """Return 8-bit pixels, less than twice as long as what is sent.

    A large picture is averaged strip by strip: whole, each conversion would double its memory.
    """
    scale = _scale_of_deep_pixels(image)
    factor = max(image.size) // LONGEST_SIDE
    if factor <= 1:
        return _to_eight_bits(image, scale)
    rows = max(factor, min(_STRIP_ROWS, _STRIP_PIXELS // image.width) // factor * factor)
    size = (-(-image.width // factor), -(-image.height // factor))
    whole: Image.Image | None = None
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        small = _to_eight_bits(strip, scale).reduce(factor)
        whole = whole or Image.new(small.mode, size)
        whole.paste(small, (0, top // factor))
    return whole or image


def _scale_of_deep_pixels(image: Image.Image) -> tuple[float, float] | None:
    """Return the range of 16-bit and floating-point pixels, which Pillow would clip."""
    if image.mode not in {"I", "F"} and not image.mode.startswith("I;"):
        return None
    low, high = image.getextrema()
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    if image.mode != "F" and low >= 0:
        return 0.0, 65535.0
    return float(low), float(high)


def _to_eight_bits(image: Image.Image, scale: tuple[float, float] | None) -> Image.Image:
    if scale is not None:
        low, high = scale
        factor = 255.0 / ((high - low) or 1.0)
        values = image.convert("F")
        return values.point(lambda value: value * factor + (-low * factor)).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB"} else image.convert("RGB")
