"""A picture made ready to be sent.

Owns decoding with Pillow, within limits, and the form that leaves this machine: upright, flat, at
most 2048 pixels long, PNG or JPEG, without metadata or name. It must not know who receives it.
Every file is hostile here: whatever Pillow raises becomes one `ImageError` with a reason.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mkdocs_alttext.captions import PreparedImage
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.reasons import Reason

if TYPE_CHECKING:
    from PIL import Image as PillowImage

LONGEST_SIDE = 2048
"""Pixels."""
MOST_PIXELS = 50_000_000
"""Of the original: about 200 MB once decoded."""
MOST_BYTES = 64 * 1024 * 1024
"""Of the original file."""

_LOSSY_FORMATS = frozenset({"JPEG", "MPO", "WEBP", "AVIF", "HEIF"})
_BULKY_PNG = 1_500_000
_JPEG_QUALITY = 88
_LIGHT = 160
_WHITE, _DARK = (255, 255, 255), (32, 32, 32)
_SPACER_SIDE = 1


def prepare(data: bytes) -> PreparedImage:
    """Decode a picture and write it anew in the form that is sent.

    Args:
        data: The original file's bytes; content decides, not the file's name.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`.

    Raises:
        ImageError: It is no picture, is broken, too large, or has no extent; `ZERO_SIZE` also
            stands for spacers of one pixel's width or height.
    """
    if not data:
        raise ImageError(Reason.EMPTY_FILE)
    if len(data) > MOST_BYTES:
        raise ImageError(Reason.FILE_TOO_LARGE, f"{len(data)} bytes")
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a warm build decodes nothing

    try:
        with Image.open(io.BytesIO(data)) as image:
            _check_extent(*image.size)
            return _encode(_reduce(image), lossy=image.format in _LOSSY_FORMATS)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise _unidentified(data) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(Reason.TOO_MANY_PIXELS) from None
    except MemoryError:
        raise ImageError(Reason.TOO_MANY_PIXELS, "not enough memory") from None
    except Exception as error:  # noqa: BLE001 - decoders raise anything over hostile files
        raise ImageError(Reason.UNDECODABLE, type(error).__name__) from None


def _unidentified(data: bytes) -> ImageError:
    """Tell a broken picture from a file that never was one."""
    signatures = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"BM")
    if data.startswith(b"\x89PNG") and data[16:24] == bytes(8):
        return ImageError(Reason.ZERO_SIZE, "0 x 0 pixels")
    if data.startswith(signatures) or data[4:8] == b"ftyp":
        return ImageError(Reason.UNDECODABLE, "the file is damaged")
    return ImageError(Reason.NOT_AN_IMAGE)


def _check_extent(width: int, height: int) -> None:
    if width <= _SPACER_SIDE or height <= _SPACER_SIDE:
        raise ImageError(Reason.ZERO_SIZE, f"{width} x {height} pixels")
    if width * height > MOST_PIXELS:
        raise ImageError(Reason.TOO_MANY_PIXELS, f"{width} x {height} pixels")


def _reduce(image: PillowImage.Image) -> PillowImage.Image:
    """Return the first frame as flat 8-bit RGB or grey, upright and within `LONGEST_SIDE`."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - see prepare

    image.seek(0)
    # A JPEG can be decoded at a fraction of its size for a fraction of the memory.
    image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    flat = _flatten(_to_eight_bits(upright))
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return flat


def _to_eight_bits(image: PillowImage.Image) -> PillowImage.Image:
    """Bring 16-bit and floating-point pixels, which Pillow would clip, into 0 to 255."""
    if image.mode not in {"I", "F"} and not image.mode.startswith("I;"):
        return image
    values = image.convert("F")
    low, high = values.getextrema()
    if not isinstance(low, float) or not isinstance(high, float):
        return image.convert("L")
    if image.mode != "F" and low >= 0:
        low, high = 0.0, 65535.0
    scale = 255.0 / ((high - low) or 1.0)
    return values.point(lambda value: value * scale + (-low * scale)).convert("L")


def _flatten(image: PillowImage.Image) -> PillowImage.Image:
    """Put a transparent picture on white, or on dark when what shows is light."""
    from PIL import Image, ImageStat  # noqa: PLC0415 - see prepare

    if not image.has_transparency_data:
        return image if image.mode in {"L", "RGB"} else image.convert("RGB")
    layered = image.convert("RGBA")
    opacity = layered.getchannel("A")
    visible = opacity.point(lambda value: 255 if value else 0)
    statistics = ImageStat.Stat(layered.convert("RGB").convert("L"), visible)
    is_light = bool(statistics.count[0]) and statistics.mean[0] > _LIGHT
    ground = Image.new("RGB", layered.size, _DARK if is_light else _WHITE)
    ground.paste(layered, mask=opacity)
    return ground


def _encode(image: PillowImage.Image, *, lossy: bool) -> PreparedImage:
    """Write PNG for drawings and screenshots, JPEG for photographs and what PNG makes bulky."""
    # A copy built from the pixels alone: nothing that the decoder attached is written.
    bare = image.copy()
    bare.info = {}
    if not lossy:
        data = _write(bare, "PNG")
        if len(data) <= _BULKY_PNG:
            return PreparedImage(data, "image/png", *bare.size)
    return PreparedImage(_write(bare, "JPEG"), "image/jpeg", *bare.size)


def _write(image: PillowImage.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    if form == "JPEG":
        image.save(buffer, form, quality=_JPEG_QUALITY)
    else:
        image.save(buffer, form, optimize=False)
    return buffer.getvalue()
