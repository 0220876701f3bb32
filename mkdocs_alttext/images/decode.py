"""A file's first frame as flat pixels, decoded by Pillow.

Flat pixels are upright, grey or RGB of 8 bits, opaque, and at most `LONGEST_SIDE` long. Only the
decoder of the format that the content has is called, and only when the extent is within limits.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.containers import UPRIGHT, orientation_of
from mkdocs_alttext.images.formats import LONGEST_SIDE, Format, check_extent
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from PIL.Image import Image

LACKS_HEIF = 'pip install "mkdocs-alttext[heif]" has HEIC described'

_WHITE, _DARK = (255, 255, 255), (32, 32, 32)
_COMPARED_SIDE = 512
"""Pixels of the longest side, at most, at which the two grounds are compared."""
_CLEAR_EDGE = 96
"""Of 255: an edge that differs more is seen no better."""
_CLEARLY_MORE = 1.1
"""Pages are mostly white: a dark ground has to show this many times as much of the outlines."""
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
"""Tags of TIFF."""


def decoded(data: bytes, form: Format, orientation: int = UPRIGHT) -> Image:
    """Decode a file's first frame.

    Args:
        data: The file's bytes.
        form: The format that its content has; not SVG.
        orientation: EXIF's number for how the pixels are turned, where the file no longer says it.

    Returns:
        Flat pixels, with nothing beside them.

    Raises:
        ImageError: Its extent is not within limits, or what decodes it is not installed.
        Exception: Whatever a decoder raises over a damaged file.
    """
    from PIL import ExifTags, Image, ImageOps  # noqa: PLC0415 - heavy

    if form is Format.HEIF:
        image = _opened_heif(data)
    else:
        image = Image.open(io.BytesIO(data), formats=[form.value])
        orientation = max(orientation, orientation_of(image.info.get("exif", b"")))
    with image:
        check_extent(*image.size)
        _check_tiles(image)
        # A JPEG can be decoded at a fraction of its size for a fraction of the memory.
        image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        # What is opened may hold more than its header said, such as the PNG in an icon.
        check_extent(*image.size)
        pixels = _reduced(image)
    pixels.info = {}  # whatever the decoder found, EXIF too
    if orientation != UPRIGHT:
        pixels.getexif()[ExifTags.Base.Orientation] = orientation
        ImageOps.exif_transpose(pixels, in_place=True)
    return flattened(pixels)


def flattened(image: Image) -> Image:
    """Put a transparent picture on a ground.

    What is drawn counts, and not how bright it is on the whole: a white box with black writing
    around it stays on white.

    Args:
        image: Pixels of mode L, RGB or RGBA.

    Returns:
        The picture on white; on dark when clearly more of its outlines shows there.
    """
    if image.mode != "RGBA":
        return image
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    small = image.reduce(-(-max(image.size) // _COMPARED_SIDE))
    on_white, on_dark = _outlines(small, _WHITE), _outlines(small, _DARK)
    return _on_ground(image, _DARK if on_dark > on_white * _CLEARLY_MORE else _WHITE)


def _on_ground(image: Image, ground: tuple[int, int, int], border: int = 0) -> Image:
    from PIL import Image  # noqa: PLC0415 - heavy

    flat = Image.new("RGB", (image.width + 2 * border, image.height + 2 * border), ground)
    flat.paste(image, (border, border), mask=image)
    return flat


def _outlines(image: Image, ground: tuple[int, int, int]) -> float:
    """Return how much of a picture's outlines shows on a ground."""
    from PIL import ImageFilter, ImageOps, ImageStat  # noqa: PLC0415 - heavy

    # With a border, what touches the picture's edge has an outline there, too.
    edges = _on_ground(image, ground, border=2).convert("L").filter(ImageFilter.FIND_EDGES)
    edges = ImageOps.crop(edges, 1)  # filters leave the outermost pixels as they were
    return ImageStat.Stat(edges.point(lambda value: min(value, _CLEAR_EDGE))).mean[0]


def _opened_heif(data: bytes) -> Image:
    try:
        import pillow_heif  # noqa: PLC0415 - optional
    except ImportError:
        raise ImageError(Reason.UNDECODABLE, LACKS_HEIF) from None
    # The pixels come upright: a HEIC's own turns count, and its EXIF does not (ISO/IEC 23008-12).
    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    check_extent(*file.size)
    return file.to_pillow()


def _check_tiles(image: Image) -> None:
    """Refuse a TIFF whose tiles are larger than any picture: each is held at once."""
    tags = getattr(image, "tag_v2", {})
    if _TILE_WIDTH in tags and _TILE_HEIGHT in tags:
        check_extent(max(2, int(tags[_TILE_WIDTH])), max(2, int(tags[_TILE_HEIGHT])))


def _reduced(image: Image) -> Image:
    """Return pixels of 8 bits and of mode L, RGB or RGBA, at most `LONGEST_SIDE` long."""
    is_deep = image.mode in {"I", "F"} or image.mode.startswith("I;")
    if is_deep:
        low, high = cast("tuple[float, float]", image.getextrema())
        if image.mode != "F" and low >= 0:
            low, high = 0, 65535
        pixels = image.convert("F")
    elif image.has_transparency_data:
        pixels = image.convert("RGBA")
    else:
        pixels = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if is_deep:  # Pillow would clip them
        factor = 255 / ((high - low) or 1)
        pixels = pixels.point(lambda value: value * factor + (-low * factor)).convert("L")
    return pixels
