"""Files that were made to break whoever opens them end with a reason, soon."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite
from PIL import Image

from bench import hostile_files as hostile
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images import prepare as preparation
from mkdocs_alttext.images.prepare import prepare, prepare_here
from mkdocs_alttext.images.subprocess import Limits, prepared_apart
from mkdocs_alttext.images.svg import can_draw
from mkdocs_alttext.models import PreparedImage, Reason

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits as Linux has them")
draws = pytest.mark.skipif(not can_draw(), reason="needs the svg extra")


def refusal(data: bytes, limits: Limits | None = None) -> ImageError:
    """Prepare what cannot be prepared, and return why."""
    with pytest.raises(ImageError) as raised:
        prepared_apart(data, limits) if limits else prepare_here(data)
    return raised.value


@pytest.mark.parametrize("form", hostile.FORMATS)
def test_a_file_without_its_end_is_damaged(form: str) -> None:
    """Half a picture is not described."""
    if form == "HEIF":
        pytest.importorskip("pillow_heif")
    assert refusal(hostile.cut_off(form)).reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("png: header of 2**31", Reason.TOO_MANY_PIXELS),
        ("png: header of 50000", Reason.TOO_MANY_PIXELS),
        ("jpeg: header of 65535", Reason.TOO_MANY_PIXELS),
        ("gif: screen of 65535", Reason.TOO_MANY_PIXELS),
        ("webp: canvas of 16384", Reason.TOO_MANY_PIXELS),
        ("avif: says 16000", Reason.TOO_MANY_PIXELS),
        ("bmp: header of 2**31", Reason.TOO_MANY_PIXELS),
        ("tiff: header of 2**31", Reason.TOO_MANY_PIXELS),
        ("tiff: tiles of 60000", Reason.TOO_MANY_PIXELS),
        ("tiff: frames in a ring", Reason.UNDECODABLE),
        ("svg: billion laughs", Reason.UNDECODABLE),
        ("svg: 100000 deep", Reason.UNDECODABLE),
        ("svg: 200000 elements", Reason.UNDECODABLE),
        ("svg: 199 layers", Reason.UNDECODABLE),
    ],
)
def test_what_promises_too_much_is_refused(name: str, reason: Reason) -> None:
    """Before anything is decoded."""
    if name.startswith("svg") and not can_draw():
        pytest.skip("needs the svg extra")
    assert refusal(hostile.HOSTILE[name]()).reason is reason


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (hostile.png(8, 8, hostile.png_chunk(b"tEXt", b"") * 100_001), "more chunks"),
        (hostile.many_scans((64, 64), 200), "more than 100 scans"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_001, "more segments"),
    ],
    ids=["png", "scans", "segments"],
)
def test_parts_without_end_are_not_walked_through(data: bytes, detail: str) -> None:
    """However small each is."""
    error = refusal(data)
    assert error.reason is Reason.UNDECODABLE
    assert detail in error.detail


@pytest.mark.parametrize(
    "data",
    [
        hostile.png(64, 64, hostile.png_chunk(b"eXIf", hostile.exif_bomb(65_000)[6:]),
                    rows=bytes(193 * 64)),
        hostile.HOSTILE["jpeg: exif on itself"](),
        hostile.gif(b"!\xfe" + (b"\xff" + b"a" * 255) * 1000 + b"\0"),
        hostile.animation("GIF", 300),
        hostile.animation("WEBP", 100),
        hostile.animation("TIFF", 50),
        hostile.ico(hostile.sound("PNG", (64, 64)), 1000),
    ],
    ids=["png exif", "jpeg exif", "gif comment", "gif", "webp", "tiff", "ico"],
)  # fmt: skip
def test_what_does_not_draw_is_not_read(data: bytes) -> None:
    """The picture itself is sound, and is sent."""
    assert prepare_here(data).width in {8, 64}


def test_an_icon_is_not_taken_at_its_word() -> None:
    """Its directory says 64; its picture is of more pixels than are decoded."""
    assert refusal(hostile.ico(hostile.png(12_000, 12_000))).reason in {
        Reason.TOO_MANY_PIXELS,
        Reason.UNDECODABLE,
    }


@linux
@draws
def test_a_drawing_without_end_is_ended() -> None:
    """After its seconds, in its own process."""
    error = refusal(hostile.HOSTILE["svg: endless noise"](), Limits(seconds=1))
    assert error.reason is Reason.UNDECODABLE
    assert error.detail == "too complex: it takes more than 1 s"
    assert error.is_final


@linux
@draws
def test_a_drawing_that_takes_all_memory_loses_its_own_process() -> None:
    """Not that of the build."""
    error = refusal(hostile.layers(60), Limits(memory=160 * 1024 * 1024))
    assert error.reason is Reason.UNDECODABLE
    assert error.is_final


@linux
def test_a_picture_that_takes_all_memory_is_not_to_be_tried_again() -> None:
    """What its decoder says of that is told, and the process is not lost."""
    packed = hostile.sound("TIFF", (6000, 6000), compression="tiff_adobe_deflate")
    error = refusal(packed, Limits(memory=120 * 1024 * 1024))
    assert error.detail == "too complex: it takes more than 120 MiB"
    assert error.is_final


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_damaged_picture_is_not_to_be_tried_again(form: str) -> None:
    """The same bytes stay damaged, decoded here or in a process of their own."""
    assert refusal(hostile.cut_off(form)).is_final
    assert refusal(hostile.cut_off(form), Limits()).is_final


@linux
def test_memory_is_bounded(tmp_path: Path) -> None:
    """That of the process and of its decoder's process, over headers and walks."""
    names = ("png: header of 50000", "jpeg: exif on itself", "tiff: tiles of 60000")
    for name in names:
        path = tmp_path / "file"
        path.write_bytes(hostile.HOSTILE[name]())
        _, own, decoder, _ = hostile.cost(path)
        assert max(own, decoder) < 150


@linux
@pytest.mark.parametrize(
    ("data", "is_sent"),
    [
        (hostile.one_colour_webp(8333, 6000), True),
        (hostile.sound("PNG", (8333, 6000)), True),
        (hostile.sound("JPEG", (8333, 6000), progressive=True, subsampling=0), True),
        (hostile.gif(size=(8333, 6000)), True),
        (hostile.HOSTILE["webp: canvas of 64, pixels of 8000"](), False),
        (hostile.two_headers((7000, 7000)), False),
        (hostile.two_frames((7000, 7000)), False),
        # of what is decoded here, the costliest
        (hostile.one_colour_webp(3000, 1999), True),
        (hostile.sound("JPEG", (3999, 3000), progressive=True, subsampling=0), True),
        (hostile.sound("PNG", (3999, 3000)), True),
    ],
    ids=[
        "webp",
        "png",
        "jpeg",
        "gif",
        "canvas",
        "headers",
        "frames",
        "webp 6",
        "jpeg 12",
        "png 12",
    ],
)
def test_a_small_file_does_not_take_the_build_s_memory(
    tmp_path: Path,
    data: bytes,
    is_sent: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """What is large once decoded is decoded in a process that has limits; and it is described."""
    path = tmp_path / "file"
    path.write_bytes(data)
    _, own, decoder, said = hostile.cost(path)
    assert own < 200
    assert decoder < 1024
    assert said.startswith("sent, ") is is_sent, said


def test_a_telephone_s_photograph_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting one takes as long as decoding it; a larger one is worth it."""
    started: list[bytes] = []

    def start(data: bytes, *, takes_strips: bool) -> PreparedImage:
        assert not takes_strips
        started.append(data)
        return PreparedImage(b"", "image/png", 1, 1)

    monkeypatch.setattr(preparation, "prepared_apart", start)
    assert prepare(hostile.sound("JPEG", (4032, 3024))).width > 1
    assert started == []
    large = hostile.sound("JPEG", (4624, 3468))
    prepare(large)
    assert started == [large]


_MEASURED_BUILD = """
import resource, sys
from mkdocs.__main__ import cli
cli(["build", "-q", "-f", sys.argv[1]], standalone_mode=False)
unit = 1024 * 1024 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)
"""


@linux
def test_a_build_of_small_bombs_stays_small(tmp_path: Path, server: ApiServer) -> None:
    """All of them in one build, side by side: at most 300 MiB of its own."""
    pictures = {
        "1.webp": hostile.one_colour_webp(8333, 6000),
        "2.webp": hostile.one_colour_webp(3000, 1999),
        "3.png": hostile.sound("PNG", (3999, 3000)),
        "4.jpg": hostile.sound("JPEG", (3999, 3000), progressive=True, subsampling=0),
        "5.jpg": hostile.sound("JPEG", (8333, 6000), progressive=True, subsampling=0),
        "6.gif": hostile.gif(size=(3999, 3000)),
        "7.tif": hostile.sound("TIFF", (8333, 6000), compression="tiff_adobe_deflate"),
        "8.ico": hostile.ico(hostile.sound("PNG", (7000, 7000))),
        "9.png": hostile.sound("PNG", (8333, 6000)),
    }
    site = TinySite(
        tmp_path,
        {"index.md": " ".join(f"![]({name})" for name in pictures), **pictures},
        {"base_url": server.base_url},
        config={"theme": {"name": None, "custom_dir": "theme"}},
    )
    between = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
    command = [sys.executable, "-c", _MEASURED_BUILD, str(site.write())]
    run = subprocess.run(
        [sys.executable, "-c", between, *command], capture_output=True, text=True, check=True
    )
    assert server.credits_spent == len(pictures)
    assert int(run.stdout) < 300


def test_the_decoder_s_process_does_not_know_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws a stranger's file has no business with them."""
    seen: list[dict[str, str]] = []

    def record(*_: object, env: dict[str, str], **__: object) -> object:
        seen.append(env)
        raise OSError(os.strerror(2))

    monkeypatch.setenv("ALTTEXTAI_API_KEY", "secret")
    monkeypatch.setattr(subprocess, "run", record)
    with pytest.raises(ImageError):
        prepare(hostile.sound("BMP"))
    assert "secret" not in str(seen)


def drawn(mode: str, form: str, side: int = 64, **options: object) -> bytes:
    """Draw a picture of some mode."""
    buffer = io.BytesIO()
    image = Image.linear_gradient("L").resize((side, side))
    pixels = image if mode == "L" else image.convert("RGB").convert(mode)
    if mode == "RGBA":
        pixels.putalpha(image)
    pixels.save(buffer, form, **options)
    return buffer.getvalue()


def deep_grey(side: int) -> bytes:
    """Draw a PNG of 16 bits."""
    buffer = io.BytesIO()
    Image.new("I;16", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


PLAIN = {
    "png rgb": drawn("RGB", "PNG"),
    "png grey": drawn("L", "PNG"),
    "jpeg": drawn("RGB", "JPEG"),
    "jpeg grey": drawn("L", "JPEG"),
    "jpeg cmyk": drawn("CMYK", "JPEG"),
}
OTHER = {
    "png rgba": drawn("RGBA", "PNG"),
    "png grey and alpha": drawn("LA", "PNG"),
    "png palette": drawn("P", "PNG"),
    "png one clear colour": drawn("RGB", "PNG", transparency=(1, 2, 3)),
    "png 16 bit": deep_grey(64),
    "jpeg progressive": drawn("RGB", "JPEG", progressive=True),
    "jpeg progressive cmyk": drawn("CMYK", "JPEG", progressive=True),
    "webp": drawn("RGB", "WEBP"),
    "webp with transparency": drawn("RGBA", "WEBP"),
}


@pytest.mark.parametrize(
    ("data", "most_pixels"),
    [(each, 64 * 64) for each in PLAIN.values()] + [(each, 2 * 64 * 64) for each in OTHER.values()],
    ids=[*PLAIN, *OTHER],
)
def test_what_takes_much_memory_is_decoded_apart(
    monkeypatch: pytest.MonkeyPatch, data: bytes, most_pixels: int
) -> None:
    """Half as many pixels of what takes more memory than a plain picture; all are described."""
    apart: list[bytes] = []

    def away(data: bytes, *, takes_strips: bool) -> PreparedImage:
        apart.append(data)
        return prepare_here(data, takes_strips=takes_strips)

    monkeypatch.setattr(preparation, "prepared_apart", away)
    monkeypatch.setattr(preparation, "MOST_PIXELS_HERE", most_pixels)
    assert prepare(data).width == 64
    assert not apart
    monkeypatch.setattr(preparation, "MOST_PIXELS_HERE", most_pixels - 1)
    assert prepare(data).width == 64
    assert apart == [data]


def test_a_long_file_is_decoded_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws of it is kept beside it."""
    monkeypatch.setattr(
        preparation, "prepared_apart", lambda *_, **__: PreparedImage(b"", "", 1, 1)
    )
    data = PLAIN["jpeg"]
    assert prepare(data).width == 64
    assert prepare(data + b"\0" * 16 * 1024 * 1024).width == 1


HIGH_WATER = """
import re, sys
from pathlib import Path
from mkdocs_alttext.images.prepare import prepare
for name in sys.argv[1:]:
    assert prepare(Path(name).read_bytes()).height == 2048
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@linux
@pytest.mark.parametrize("name", ["jpeg progressive cmyk", "png rgba", "png 16 bit"])
def test_large_pictures_take_no_memory_of_the_build(tmp_path: Path, name: str) -> None:
    """A telephone's number of pixels, each of the kind that takes most."""
    kinds = {
        "jpeg progressive cmyk": lambda: drawn("CMYK", "JPEG", 3500, progressive=True),
        "png rgba": lambda: drawn("RGBA", "PNG", 3500),
        "png 16 bit": lambda: deep_grey(3500),
    }
    path = tmp_path / "large"
    path.write_bytes(kinds[name]())
    command = [sys.executable, "-c", HIGH_WATER, str(path), str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(run.stdout) < 100 * 1024
