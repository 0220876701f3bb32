"""Pictures of every kind, sound and hostile, made ready to be sent."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import MOST_BYTES
from mkdocs_alttext.images.prepare import prepare, prepare_here
from mkdocs_alttext.models import LONGEST_SIDE, Reason

if TYPE_CHECKING:
    from mkdocs_alttext.models import PreparedImage

TEAL = (0, 128, 128)
Image.init()
WRITABLE = [
    form
    for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "ICO", "AVIF")
    if form in Image.SAVE
]
"""Formats that this Pillow writes: AVIF is among them from 11.3 on."""
needs_avif = pytest.mark.skipif("AVIF" not in WRITABLE, reason="this Pillow has no AVIF")


def written(image: Image.Image, form: str, **options: object) -> bytes:
    """Write a picture with Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def opened(prepared: PreparedImage) -> Image.Image:
    """Read back what would be sent, and check that it is what it says."""
    image = Image.open(io.BytesIO(prepared.data))
    image.load()
    assert image.size == (prepared.width, prepared.height)
    assert image.get_format_mimetype() == prepared.media_type
    assert image.mode in {"L", "RGB"}
    return image


def at(prepared: PreparedImage, x: int, y: int) -> tuple[int, ...]:
    """Return a pixel's colour."""
    pixel = opened(prepared).convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def png(width: int, height: int, *, colour_type: int = 2, rows: bytes = b"") -> bytes:
    """Write a PNG by hand: its header can say anything."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refusal(data: bytes) -> Reason:
    """Prepare what cannot be prepared, and return the reason."""
    with pytest.raises(ImageError) as raised:
        prepare(data)
    return raised.value.reason


# what is sound


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("PNG", "image/png"),
        ("GIF", "image/png"),
        ("BMP", "image/png"),
        ("TIFF", "image/png"),
        ("ICO", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/jpeg"),
        pytest.param("AVIF", "image/jpeg", marks=needs_avif),
    ],
)
def test_every_format_leaves_as_png_or_jpeg(form: str, media_type: str) -> None:
    """Photographs stay JPEG; drawings and what never lost anything become PNG."""
    prepared = prepare(written(Image.new("RGB", (32, 24), TEAL), form))
    assert prepared.media_type == media_type
    assert at(prepared, 16, 12) == pytest.approx(TEAL, abs=4)


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ("1", (255, 255, 255)),
        ("L", (200, 200, 200)),
        ("LA", (200, 200, 200)),
        ("P", TEAL),
        ("PA", TEAL),
        ("RGB", TEAL),
        ("RGBA", TEAL),
        ("I;16", (128, 128, 128)),
    ],
)
def test_every_mode_of_png_keeps_its_colour(mode: str, colour: tuple[int, int, int]) -> None:
    """Sixteen bits are scaled down, not clipped; palettes are resolved."""
    if mode in {"P", "PA"}:
        image = Image.new("RGB", (8, 8), TEAL).quantize(2)
    else:
        greys: dict[str, float | tuple[float, ...]]
        greys = {"1": 1, "L": 200, "LA": (200, 255), "I;16": 128 * 257}
        image = Image.new(mode, (8, 8), greys.get(mode, TEAL))
    options = {"transparency": bytes([255, 0])} if mode == "PA" else {}
    assert at(prepare(written(image, "PNG", **options)), 4, 4) == pytest.approx(colour, abs=2)


@pytest.mark.parametrize(
    ("mode", "form", "value", "grey"),
    [("F", "TIFF", 0.5, None), ("I", "TIFF", 100_000, None), ("I;16", "TIFF", 65535, 255)],
)
def test_deep_pixels_become_grey(mode: str, form: str, value: float, grey: int | None) -> None:
    """Whatever range a scientific picture has."""
    image = Image.new(mode, (8, 8), value)
    found = opened(prepare(written(image, form)))
    assert found.mode == "L"
    assert grey is None or found.getpixel((4, 4)) == grey


@pytest.mark.parametrize(
    ("mode", "form"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("LAB", "TIFF"), ("YCbCr", "JPEG")]
)
def test_printing_modes_become_rgb(mode: str, form: str) -> None:
    """White stays white, and not its negative."""
    white = {"CMYK": (0, 0, 0, 0), "LAB": (255, 128, 128), "YCbCr": (255, 128, 128)}[mode]
    prepared = prepare(written(Image.new(mode, (8, 8), white), form))
    assert at(prepared, 4, 4) == pytest.approx((255, 255, 255), abs=4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize(("drawn", "ground"), [(0, 255), (255, 32)])
def test_transparency_gets_a_ground_that_shows_the_drawing(
    mode: str, drawn: int, ground: int
) -> None:
    """Dark drawings stand on white, light ones on dark."""
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    image.paste((drawn, drawn, drawn, 255), (4, 4, 12, 12))
    if mode == "P":
        image = image.convert("RGBA").quantize(4)
    elif mode == "LA":
        image = image.convert("LA")
    prepared = prepare(written(image, "PNG"))
    assert at(prepared, 0, 0) == (ground,) * 3
    assert at(prepared, 8, 8) == (drawn,) * 3


def test_a_tall_transparent_picture_keeps_each_row_in_its_place() -> None:
    """It is put on its ground in strips."""
    image = Image.new("RGBA", (4, 300), (0, 0, 0, 0))
    for row in range(0, 300, 2):
        image.paste((row // 2, 0, 0, 255), (0, row, 4, row + 1))
    prepared = opened(prepare(written(image, "PNG")))
    shown = [prepared.getpixel((2, row)) for row in range(300)]
    assert shown[::2] == [(row // 2, 0, 0) for row in range(0, 300, 2)]
    assert set(shown[1::2]) == {(255, 255, 255)}


def test_a_wholly_transparent_picture_is_no_error() -> None:
    """There is nothing to see, which is for the service to say."""
    prepared = prepare(written(Image.new("RGBA", (8, 8), (9, 9, 9, 0)), "PNG"))
    assert at(prepared, 4, 4) == (255, 255, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_turned_photograph_is_sent_upright(form: str) -> None:
    """Cameras write how they were held; the service gets pixels only."""
    image = Image.new("RGB", (40, 20), "black")
    image.paste("white", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    prepared = prepare(written(image, form, exif=exif))
    assert (prepared.width, prepared.height) == (20, 40)
    assert at(prepared, 10, 4)[0] > 200
    assert at(prepared, 10, 36)[0] < 50


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("ground", ["white", "black", (0, 0, 0, 0)])
def test_of_an_animation_that_begins_with_nothing_the_first_that_shows_is_sent(
    form: str, ground: str | tuple[int, ...]
) -> None:
    """A text about a blank would be paid for."""
    frames = [Image.new("RGBA", (16, 16), ground) for _ in range(4)]
    for number, colour in ((2, "red"), (3, "blue")):
        frames[number].paste(colour, (4, 4, 12, 12))
    data = written(frames[0], form, save_all=True, append_images=frames[1:], lossless=True)
    prepared = prepare(data)
    assert prepared.part == "frame"
    assert at(prepared, 8, 8) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_without_its_end_marker_is_whole(mode: str, *, progressive: bool) -> None:
    """Browsers show it; one that lacks pixels, too, stays damaged."""
    noise = random.Random(1).randbytes(120 * 90)  # noqa: S311 - the same each time, unlike Pillow's
    image = Image.frombytes("L", (120, 90), noise).convert(mode)
    data = written(image, "JPEG", progressive=progressive)
    assert data.endswith(b"\xff\xd9")
    assert prepare(data[:-2])[1:] == prepare(data)[1:]
    for lost in (3, 4, 5, 8, 12, 40, 200, len(data) // 2):
        assert refusal(data[:-lost]) is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("size", "exif", "expected", "part"),
    [
        ((1280, 8000), 1, (1280, 2048), "upper"),
        ((8000, 300), 1, (2048, 300), "left"),
        ((8000, 300), 6, (300, 2048), "upper"),
        ((300, 8000), 8, (2048, 300), "left"),
        ((300, 8000), 3, (300, 2048), "upper"),
        ((1280, 4096), 1, (640, 2048), ""),
        ((2000, 7900), 1, (518, 2048), ""),
    ],
)
def test_the_beginning_of_a_strip_is_sent_at_legible_size(
    size: tuple[int, int], exif: int, expected: tuple[int, int], part: str
) -> None:
    """As it is shown: what begins above or on the left."""
    image = Image.linear_gradient("L").resize(size if size[0] < size[1] else size[::-1])
    image = image if image.size == size else image.rotate(90, expand=True)
    turned = Image.Exif()
    turned[0x0112] = exif
    data = written(image, "PNG", exif=turned)
    prepared = prepare(data)
    assert (prepared.width, prepared.height) == expected
    assert prepared.part == part
    if part:
        shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        begins = cast("int", shown.getpixel((0, 0)))
        assert at(prepared, 0, 0)[0] == pytest.approx(begins, abs=6)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 8000), (1280, 8000)),
        ((9000, 300), (9000, 300)),
        ((1700, 14000), (1231, 10145)),
        ((2, 70_000), (2, 65_500)),
        ((1280, 4096), (640, 2048)),
    ],
)
def test_a_strip_stays_whole_for_a_service_that_reads_pieces(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """At least half as large, with a bounded number of pixels; in each process that decodes."""
    for form in ("PNG", "GIF") if max(size) < 65_536 else ("PNG",):
        prepared = prepare(written(Image.new("L", size), form), takes_strips=True)
        assert (prepared.width, prepared.height) == pytest.approx(expected, abs=1)
        assert prepared.width * prepared.height <= 12_500_000
        assert prepared.part == ""


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((1, 60_000), Reason.ZERO_SIZE),
        ((20_000, 20_000), Reason.TOO_MANY_PIXELS),
        ((900, 60_000), Reason.TOO_MANY_PIXELS),
    ],
)
def test_what_is_too_large_or_too_slim_is_refused_as_a_whole_strip(
    size: tuple[int, int], reason: Reason
) -> None:
    """Before anything is decoded."""
    data = written(Image.new("1", size), "PNG")
    with pytest.raises(ImageError) as caught:
        prepare(data, takes_strips=True)
    assert caught.value.reason is reason


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_of_an_animation_is_sent(form: str) -> None:
    """As a page shows it first."""
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    data = written(frames[0], form, save_all=True, append_images=frames[1:])
    assert at(prepare(data), 8, 8) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 1500), (2048, 1024)),
        ((1500, 3000), (1024, 2048)),
        ((2049, 10), (2048, 10)),
        ((4000, 3), (2048, 2)),
        ((2048, 2048), (2048, 2048)),
        ((5, 2), (5, 2)),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_large_picture_is_reduced(
    size: tuple[int, int], expected: tuple[int, int], form: str
) -> None:
    """To the longest side that is sent, in proportion; a small one stays as it is."""
    prepared = prepare(written(Image.new("RGB", size, TEAL), form))
    assert (prepared.width, prepared.height) == expected
    assert max(expected) <= LONGEST_SIDE
    opened(prepared)


def test_a_bulky_png_leaves_as_jpeg() -> None:
    """A photograph that was saved as PNG would take megabytes."""
    noise = Image.effect_noise((1400, 1400), 90).convert("RGB")
    prepared = prepare(written(noise, "PNG", compress_level=1))
    assert prepared.media_type == "image/jpeg"


# what must not leave


def test_no_metadata_leaves() -> None:
    """Neither where and with what a photograph was taken, nor who says what in it."""
    address = "Secret Street 5"
    exif = Image.Exif()
    exif[0x010F] = address
    exif[0x9286] = address
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", address)
    text.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{address}</x:xmpmeta>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (32, 32), TEAL)
    sources = [
        written(image, "PNG", pnginfo=text, exif=exif, icc_profile=profile, dpi=(72, 72)),
        written(image, "JPEG", comment=address, exif=exif, icc_profile=profile, dpi=(72, 72)),
        written(image, "WEBP", exif=exif, icc_profile=profile, xmp=address.encode()),
        written(image, "GIF", comment=address.encode()),
        written(image, "TIFF", exif=exif, icc_profile=profile, description=address),
    ]
    for source in sources:
        assert address.encode() in source
        prepared = prepare(source)
        assert address.encode() not in prepared.data
        assert opened(prepared).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not opened(prepared).getexif()


def test_what_stands_behind_a_picture_does_not_leave() -> None:
    """Such as an archive that someone appended."""
    prepared = prepare(written(Image.new("RGB", (8, 8), TEAL), "PNG") + b"PK\x03\x04 secret")
    assert b"secret" not in prepared.data


# what is hostile or no picture

PNG = written(Image.new("RGB", (64, 64), TEAL), "PNG")
JPEG = written(Image.new("RGB", (64, 64), TEAL), "JPEG")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY_FILE),
        (b"Not found", Reason.NOT_AN_IMAGE),
        (b"<!doctype html><title>404</title>", Reason.NOT_AN_IMAGE),
        (b"%PDF-1.7\n1 0 obj", Reason.NOT_AN_IMAGE),
        (b"\x00" * 4096, Reason.NOT_AN_IMAGE),
        (b"version https://git-lfs.github.com/spec/v1\nsize 9\n", Reason.NOT_AN_IMAGE),
        # what no browser shows: its decoder stays closed
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Reason.NOT_AN_IMAGE),
        (written(Image.new("RGB", (8, 8)), "PPM"), Reason.NOT_AN_IMAGE),
        (written(Image.new("RGB", (8, 8)), "TGA"), Reason.NOT_AN_IMAGE),
        (written(Image.new("RGB", (8, 8)), "JPEG2000"), Reason.NOT_AN_IMAGE),
        # cut off or damaged
        (PNG[:8], Reason.UNDECODABLE),
        (PNG[:60], Reason.UNDECODABLE),
        (PNG[:20], Reason.UNDECODABLE),
        (JPEG[:3], Reason.UNDECODABLE),
        (JPEG[:-200], Reason.UNDECODABLE),
        (PNG.replace(b"IDAT", b"IDxT"), Reason.UNDECODABLE),
        (b"GIF89a", Reason.UNDECODABLE),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", Reason.UNDECODABLE),
        # no extent
        (png(0, 0), Reason.ZERO_SIZE),
        (png(1, 1, rows=b"\x00\xff\xff\xff"), Reason.ZERO_SIZE),
        (written(Image.new("RGB", (1, 500)), "PNG"), Reason.ZERO_SIZE),
        (written(Image.new("RGB", (500, 1)), "JPEG"), Reason.ZERO_SIZE),
        (written(Image.new("P", (1, 1)), "GIF"), Reason.ZERO_SIZE),
        # bombs: a header that promises far more than there is, or than can be held
        (png(50_000, 50_000), Reason.TOO_MANY_PIXELS),
        (png(2**31 - 1, 2**31 - 1), Reason.TOO_MANY_PIXELS),
        (png(10_000, 5_001), Reason.TOO_MANY_PIXELS),
        (png(50_000_001, 2), Reason.TOO_MANY_PIXELS),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_with_its_reason(data: bytes, reason: Reason) -> None:
    """The only thing that is raised is an `ImageError`."""
    assert refusal(data) is reason


def test_a_file_that_is_too_large_is_not_opened() -> None:
    """Whatever it is."""
    assert refusal(b"\x89PNG" + bytes(MOST_BYTES)) is Reason.FILE_TOO_LARGE


def test_random_damage_ends_in_an_image_error_or_a_picture() -> None:
    """Decoders raise anything over hostile files; warnings would fail this test."""
    sources = [written(Image.new("RGB", (24, 24), TEAL), form) for form in WRITABLE]
    for source in sources:
        for step in range(0, len(source), max(1, len(source) // 25)):
            for flip in (0xFF, 0x01, 0x80):
                damaged = bytearray(source)
                damaged[step] ^= flip
                for data in (bytes(damaged), source[:step]):
                    try:
                        opened(prepare_here(data))
                    except ImageError as error:
                        assert str(error)  # noqa: PT017 - either ending is right


_MEASURE = """
import resource, sys
from PIL import Image
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.prepare import prepare
prepare(open(sys.argv[1], "rb").read())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[2:]:
    try:
        prepare(open(path, "rb").read())
    except ImageError as error:
        print(error.reason.value)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures as Linux counts")
def test_memory_is_bounded(tmp_path: object) -> None:
    """A bomb takes none, and a large photograph less than its decoded size."""
    folder = str(tmp_path)
    paths = [f"{folder}/{name}" for name in ("small.png", "bomb.png", "wide.png", "photo.jpg")]
    contents = [
        PNG,
        png(50_000, 50_000),
        png(10_000, 5_001, rows=bytes(30_001) * 5_001),
        written(Image.new("RGB", (8_000, 6_000), TEAL), "JPEG"),
    ]
    for path, data in zip(paths, contents, strict=True):
        with open(path, "wb") as file:  # noqa: PTH123 - plain strings go to another process
            file.write(data)
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURE, *paths], capture_output=True, text=True, check=True
    )
    *reasons, megabytes = ended.stdout.split()
    assert reasons == ["too-many-pixels", "too-many-pixels"]
    # A JPEG is decoded at half its size or less.
    assert int(megabytes) < 150
