"""PNG files that are sent as they are, and those that only look like it."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import bare_file, is_ready_png
from mkdocs_alttext.images.prepare import prepare

SECRET = b"Secret Street 5"
WIDTH, HEIGHT = 70, 130


def picture(mode: str = "RGB", size: tuple[int, int] = (WIDTH, HEIGHT), **options: object) -> bytes:
    """Draw a picture with all filters that an encoder chooses."""
    noise = Image.effect_noise(size, 40).convert("RGB")
    buffer = io.BytesIO()
    noise.convert(mode).save(buffer, "PNG", **options)
    return buffer.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Write a chunk."""
    checksum = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + checksum


def png(packed: bytes, *more: bytes, size: tuple[int, int] = (WIDTH, HEIGHT)) -> bytes:
    """Write a grey picture with these compressed rows."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", header, *more, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    )


def rows(number: int = HEIGHT, filter_: int = 0, width: int = WIDTH) -> bytes:
    """Write rows of pixels."""
    return (bytes((filter_,)) + bytes(width)) * number


GOOD = zlib.compress(rows())


def is_ready(data: bytes) -> bool:
    """Tell whether a file needs nothing but to lose what does not draw, and has nothing of that."""
    try:
        bare = bare_file(data)
    except ImageError:
        return False
    return is_ready_png(bare) and bare.data == data


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_sound_screenshot_is_sent_with_the_pixels_it_has(mode: str) -> None:
    """Without what else stands in the file."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET.decode())
    source = picture(mode, pnginfo=text, dpi=(72, 72))
    prepared = prepare(source)
    assert SECRET in source
    assert SECRET not in prepared.data
    assert len(prepared.data) < len(source)
    assert (prepared.width, prepared.height) == (WIDTH, HEIGHT)
    before, after = (Image.open(io.BytesIO(each)) for each in (source, prepared.data))
    assert before.tobytes() == after.tobytes()
    assert is_ready(prepared.data)


@pytest.mark.parametrize(
    "data",
    [
        picture("RGBA"),
        picture("LA"),
        picture("P"),
        picture("1"),
        picture("L", transparency=0),
        picture("RGB", size=(2049, 9)),
        picture("I;16"),
    ],
    ids=["RGBA", "LA", "P", "1", "tRNS", "large", "16 bits"],
)
def test_what_must_be_flattened_or_reduced_is_written_anew(data: bytes) -> None:
    """As before."""
    assert not is_ready(data)
    with Image.open(io.BytesIO(prepare(data).data)) as image:
        assert image.mode in {"L", "RGB"}
        assert max(image.size) <= 2048


@pytest.mark.parametrize(
    "data",
    [
        png(GOOD + SECRET),
        png(zlib.compress(rows() + SECRET)),
        png(GOOD) + SECRET,
        png(GOOD, chunk(b"PLTE", SECRET)),
    ],
    ids=["behind the stream", "behind the rows", "behind the file", "palette"],
)
def test_what_hides_behind_the_pixels_does_not_leave(data: bytes) -> None:
    """Such as the rest of a picture that was cropped."""
    assert not is_ready(data)
    prepared = prepare(data)
    pixels = zlib.decompressobj().decompress(prepared.data[prepared.data.index(b"IDAT") + 4 :])
    assert SECRET not in prepared.data + pixels
    assert is_ready(prepared.data)


@pytest.mark.parametrize(
    "data",
    [
        png(GOOD[:-1]),
        png(GOOD[: len(GOOD) // 2]),
        png(GOOD[:-4] + b"\0\0\0\0"),
        png(zlib.compress(rows(HEIGHT - 1))),
        png(zlib.compress(rows(filter_=5))),
        png(zlib.compress(rows(799, width=999) + rows(1, 5, 999)), size=(999, 800)),
        png(zlib.compress(rows(799, width=999)), size=(999, 800)),
        png(zlib.compress(rows(800, width=999) + SECRET), size=(999, 800)),
        png(b"no stream"),
        png(GOOD).replace(b"IEND", b"IENd"),
        png(GOOD)[:-12],
        png(GOOD)[:30] + b"\xff" + png(GOOD)[31:],
        png(GOOD, chunk(b"IHDR", SECRET)),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_a_damaged_file_is_never_sent_as_it_is(data: bytes) -> None:
    """The decoder says what is wrong, or mends it."""
    assert not is_ready(data)
    try:
        prepared = prepare(data)
    except ImageError:
        return
    assert is_ready(prepared.data)


def test_a_picture_larger_than_what_is_read_at_once_is_read_to_its_end() -> None:
    """Its rows come in several pieces."""
    data = png(zlib.compress(rows(800, width=999)), size=(999, 800))
    assert is_ready(data)


def test_every_flipped_bit_is_noticed() -> None:
    """Checksums see to it."""
    data = picture("L", size=(9, 9))
    assert is_ready(data)
    for place in range(8, len(data)):
        assert not is_ready(data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]), place
