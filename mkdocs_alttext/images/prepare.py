"""A picture made ready to be sent: upright, flat, reduced, PNG or JPEG, without metadata or name.

Every file is hostile here: only the decoder of the format that the content has is called, and only
when the extent is within limits; whatever it raises becomes one `ImageError` with a reason.
"""

from __future__ import annotations

import io
import math
from functools import partial
from typing import TYPE_CHECKING, cast

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import (
    MOST_PIXELS,
    UPRIGHT,
    BareFile,
    Format,
    bare_file,
    check_extent,
    is_ready_png,
    orientation_of,
)
from mkdocs_alttext.images.subprocess import prepared_apart
from mkdocs_alttext.images.svg import LACKS_RENDERER, can_draw, drawn_svg
from mkdocs_alttext.models import LONGEST_SIDE, Picture, Reason
from mkdocs_alttext.system.processes import shortage_in

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from PIL.Image import Image

LACKS_HEIF = 'pip install "mkdocs-alttext[heif]" has HEIC described'

_WHITE, _DARK = (255, 255, 255), (32, 32, 32)
_COMPARED_SIDE = 512
"""Pixels of the longest side, at most, at which the two grounds are compared."""
_CLEAR_EDGE = 96
"""Of 255: an edge that differs more is seen no better."""
_CLEARLY_MORE = 1.1
"""Pages are mostly white: a dark ground has to show this many times as much of the outlines."""
_FILLING = 64
"""Bytes that take the place of what may be missing: more than a decoder reads ahead."""
_SLIM = 4
"""A picture whose sides have a larger ratio is a strip."""
_WHOLE_STRIP = MOST_PIXELS // 4
"""Pixels, at most, of a strip that is prepared whole: none becomes less than half as large."""
_LONGEST_STRIP = 65_500
"""Pixels: libjpeg writes none that is longer."""
_ON_THEIR_SIDE = frozenset({5, 6, 7, 8})
"""EXIF's numbers for rows that are shown as columns."""
_FROM_END = {True: frozenset({2, 3, 7, 8}), False: frozenset({3, 4, 6, 7})}
"""EXIF's numbers for pixels whose columns (`True`) or rows are shown from the last one on."""
_ANIMATED = frozenset({"AVIF", "GIF", "PNG", "WEBP"})
_NOISE = 8
"""Of 255: how much lossy formats vary one colour."""
_MOST_FRAMES = 500
_MOST_FRAME_PIXELS = 200_000_000
"""Of the frames of an animation that are looked at, together."""
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
"""Tags of TIFF."""


def decoded(bare: BareFile, *, takes_strips: bool = False) -> tuple[Image, str]:
    """Decode what is sent of a file: its first frame that shows something, or a part of that.

    Args:
        bare: What `bare_file` has left of it; not SVG.
        takes_strips: As in `prepare`.

    Returns:
        Flat pixels, with nothing beside them, and which part of the file they are, as in `Picture`.

    Raises:
        ImageError: Its extent is not within limits, or what decodes it is not installed.
        Exception: Whatever a decoder raises over a damaged file.
    """
    from PIL import ExifTags, ImageOps  # noqa: PLC0415 - heavy

    pixels, part, orientation = _loaded(bare, takes_strips=takes_strips)
    pixels = _reduced(pixels, takes_strips=takes_strips)
    pixels.info = {}  # whatever the decoder found, EXIF too
    if orientation != UPRIGHT:
        pixels.getexif()[ExifTags.Base.Orientation] = orientation
        ImageOps.exif_transpose(pixels, in_place=True)
    return flattened(pixels), part


def _loaded(bare: BareFile, *, takes_strips: bool) -> tuple[Image, str, int]:
    """Return pixels as the file has them, which part of it they are, and their orientation."""
    from PIL import Image  # noqa: PLC0415 - heavy

    orientation = bare.orientation
    if bare.form is Format.HEIF:
        image = _opened_heif(bare.data)
    else:
        data = _with_end(bare.data) if bare.lacks_end else bare.data
        image = Image.open(io.BytesIO(data), formats=[bare.form.name])
        orientation = max(orientation, orientation_of(image.info.get("exif", b"")))
    with image:
        check_extent(*image.size)
        _check_tiles(image)
        # A JPEG can be decoded at a fraction of its size for a fraction of the memory.
        image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        # What is opened may hold more than its header said, such as the PNG in an icon.
        check_extent(*image.size)
        frame, part = _shown_frame(image)
        if takes_strips:
            # A copy is without its decoder, which may hold twice as much (WebP).
            return frame.copy() if _is_strip(frame) else frame, part, orientation
        pixels, cut = _legible_part(frame, orientation)
        return pixels, cut or part, orientation


def _with_end(data: bytes) -> bytes:
    """Add the end marker to a JPEG that has all of its pixels.

    A decoder makes pixels of whatever follows where some are missing, and of nothing else.

    Raises:
        ImageError: Some are missing.
    """
    from PIL import Image  # noqa: PLC0415 - heavy

    ended = [data + filling * _FILLING + b"\xff\xd9" for filling in (b"\x00", b"\xaa")]
    first, second = (Image.open(io.BytesIO(each), formats=["JPEG"]) for each in ended)
    with first, second:
        if first.tobytes() != second.tobytes():
            raise ImageError(
                Reason.UNDECODABLE, "the file is damaged: its end is missing", is_final=True
            )
    return ended[0]


def _shown_frame(image: Image) -> tuple[Image, str]:
    """Return an animation's first frame that has more than one colour, else the first one.

    Args:
        image: Any picture, loaded.

    Returns:
        The frame, and which part of the file it is, as in `Picture`.
    """
    if image.format not in _ANIMATED or not getattr(image, "is_animated", False):
        return image, ""
    if not _is_blank(image):
        return image, "frame"
    first = image.copy()
    most = min(_MOST_FRAMES, _MOST_FRAME_PIXELS // math.prod(image.size))
    for number in range(1, most):
        try:
            image.seek(number)
        except EOFError:
            break
        image.load()
        if not _is_blank(image):
            return image, "frame"
    return first, "frame"


def _is_blank(image: Image) -> bool:
    extrema = cast("tuple[tuple[int, int], ...]", image.convert("RGBA").getextrema())
    return extrema[-1][1] == 0 or all(high - low <= _NOISE for low, high in extrema)


def _legible_part(image: Image, orientation: int) -> tuple[Image, str]:
    """Return the upper or left part of a picture that nobody could read as a whole.

    Args:
        image: The picture, as its pixels are stored.
        orientation: EXIF's number for how they are shown.

    Returns:
        The part and its name, as in `Picture`; the picture itself where it is no strip, or stays
        at least half as large as it is.
    """
    width, height = image.size
    longer, shorter = max(width, height), min(width, height)
    if not _is_strip(image) or longer <= 2 * LONGEST_SIDE:
        return image, ""
    length = max(LONGEST_SIDE, shorter)
    is_wide = width > height
    start = longer - length if orientation in _FROM_END[is_wide] else 0
    box = (start, 0, start + length, height) if is_wide else (0, start, width, start + length)
    is_turned = orientation in _ON_THEIR_SIDE
    return image.crop(box), "left" if is_wide is not is_turned else "upper"


def _is_strip(image: Image) -> bool:
    return max(image.size) > _SLIM * min(image.size)


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


def _reduced(image: Image, *, takes_strips: bool) -> Image:
    """Return pixels of 8 bits and of mode L, RGB or RGBA, at most `LONGEST_SIDE` long.

    A strip that is taken whole has at most `_WHOLE_STRIP` pixels instead.
    """
    is_deep = image.mode in {"I", "F"} or image.mode.startswith("I;")
    if is_deep:
        low, high = cast("tuple[float, float]", image.getextrema())
        if image.mode != "F" and low >= 0:
            low, high = 0, 65535
        pixels = image.convert("F")
    elif image.has_transparency_data:
        pixels = image if image.mode == "RGBA" else image.convert("RGBA")
    else:
        pixels = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    longest: float = LONGEST_SIDE
    if takes_strips and _is_strip(image):
        length = max(image.size)
        scale = math.sqrt(_WHOLE_STRIP / math.prod(image.size))
        longest = min(length * scale, length, _LONGEST_STRIP)
    pixels.thumbnail((longest, longest))
    if is_deep:  # Pillow would clip them
        factor = 255 / ((high - low) or 1)
        pixels = pixels.point(lambda value: value * factor + (-low * factor)).convert("L")
    return pixels


MOST_BYTES_HERE = 16 * 1024 * 1024
"""Of the original file, to be decoded in the build's own process."""
MOST_PIXELS_HERE = 12 * 1024 * 1024
"""Of a plain original, to be decoded in the build's own process: about 100 MB; half as many of any
other. Those of telephones' cameras have 12.2 million, and most large pictures are such
photographs."""

_DECODED_HERE = frozenset({Format.PNG, Format.JPEG, Format.WEBP})
"""The formats of nearly all pictures of pages; starting a process takes as long as decoding ten."""
_LOSSY = frozenset({Format.JPEG, Format.WEBP, Format.AVIF, Format.HEIF})
_BULKY_PNG = 1_500_000
"""Bytes: what is longer is written as JPEG."""
_JPEG_QUALITY = 88
_PNG_EFFORT = 3
"""Of zlib: takes 0.6 of the time of its default, 6, and makes screenshots a tenth larger."""


def prepare(data: bytes, decoder: Executor | None = None, *, takes_strips: bool = False) -> Picture:
    """Bring a picture into the form that is sent: as it is, or decoded and written anew.

    GIF, SVG, formats that are rare on pages, and large pictures are decoded in a process of their
    own, which ends after a fixed time and with a fixed memory: 34 bytes can be 800 MB once decoded.

    Args:
        data: The original file's bytes; content decides, not the file's name.
        decoder: Decodes what is decoded in this process; if none is given, the calling thread does.
        takes_strips: Whether a picture more than four times as long as wide is wanted whole.

    Returns:
        The first frame, upright, reduced to `LONGEST_SIDE`; a strip that is wanted whole at least
        half as large as it is.

    Raises:
        ImageError: It is no picture, is broken, too large, or has no extent; `ZERO_SIZE` also
            stands for spacers of one pixel's width or height.
    """
    try:
        bare = bare_file(data)
        if _fits_here(bare, len(data)):
            if ready := _as_it_is(bare):
                return ready
            decode = partial(_decoded_anew, bare, takes_strips=takes_strips)
            return decoder.submit(decode).result() if decoder else decode()
    except MemoryError:
        raise ImageError(Reason.OUT_OF_RESOURCES, "not enough memory") from None
    if bare.form is Format.SVG and not can_draw():
        raise ImageError(Reason.SVG_WITHOUT_TITLE, LACKS_RENDERER)
    return prepared_apart(data, takes_strips=takes_strips)


def prepare_here(data: bytes, *, takes_strips: bool = False) -> Picture:
    """Do what `prepare` does, in this process whatever the format.

    Args:
        data: The original file's bytes.
        takes_strips: As in `prepare`.

    Returns:
        What `prepare` returns.

    Raises:
        ImageError: As for `prepare`.
        MemoryError: There is not enough of it.
    """
    bare = bare_file(data)
    return _as_it_is(bare) or _decoded_anew(bare, takes_strips=takes_strips)


def _fits_here(bare: BareFile, length: int) -> bool:
    """Tell whether a file of some length can be decoded beside a build."""
    if bare.form not in _DECODED_HERE or bare.extent is None or length > MOST_BYTES_HERE:
        return False
    return math.prod(bare.extent) <= MOST_PIXELS_HERE // (1 if bare.is_plain else 2)


def _as_it_is(bare: BareFile) -> Picture | None:
    """Return a PNG that needs no more than losing what does not draw."""
    is_bulky = sum(map(len, bare.parts)) > _BULKY_PNG
    if is_bulky or bare.extent is None or not is_ready_png(bare):
        return None
    return Picture(bare.data, "image/png", *bare.extent)


def _decoded_anew(bare: BareFile, *, takes_strips: bool) -> Picture:
    """Decode a file and write it anew; what decoders raise becomes an `ImageError`."""
    try:
        if bare.form is Format.SVG:
            drawn = memoryview(drawn_svg(bare.data))
            return _encoded(*decoded(BareFile(Format.PNG, [drawn])), lossy=False)
        return _encoded(*decoded(bare, takes_strips=takes_strips), lossy=bare.form in _LOSSY)
    except (ImageError, MemoryError):
        raise  # where memory is limited, the lack of it means another thing than here
    except Exception as error:  # noqa: BLE001 - decoders raise anything over hostile files
        if type(error).__name__.startswith("DecompressionBomb"):
            raise ImageError(Reason.TOO_MANY_PIXELS) from None
        # Decoders raise OSError too, over damaged files, but without a number of the system's.
        if isinstance(error, ImportError) or getattr(error, "errno", None) is not None:
            why = shortage_in(error) or f"a decoder cannot be loaded ({type(error).__name__})"
            raise ImageError(Reason.OUT_OF_RESOURCES, why) from None
        # Its own words can hold parts of the file.
        detail = f"the file is damaged ({type(error).__name__})"
        # Pillow's decoders say with an OSError that they lack memory.
        is_final = not (shortage_in(error) or "memory" in str(error))
        raise ImageError(Reason.UNDECODABLE, detail, is_final=is_final) from None


def _encoded(image: Image, part: str, *, lossy: bool) -> Picture:
    """Write PNG for drawings and screenshots, JPEG for photographs and what PNG makes bulky."""
    buffer = io.BytesIO()
    if not lossy:
        image.save(buffer, "PNG", compress_level=_PNG_EFFORT)
        if buffer.tell() <= _BULKY_PNG:
            return Picture(buffer.getvalue(), "image/png", *image.size, part)
        buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return Picture(buffer.getvalue(), "image/jpeg", *image.size, part)
