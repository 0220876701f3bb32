"""Every format that pages show, told by content, drawn where it is SVG, and sent as pixels."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import CancelledError, ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from fake_site import Pictures
from PIL import Image, ImageDraw

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.formats import Format, format_of
from mkdocs_alttext.images.prepare import prepare, prepare_here
from mkdocs_alttext.images.svg import (
    MOST_DEPTH,
    MOST_ELEMENTS,
    SHORTEST_SIDE,
    can_draw,
    cleaned_svg,
    is_svg,
    svg_name,
)
from mkdocs_alttext.models import LONGEST_SIDE, PreparedImage, Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEAL = (0, 128, 128)
Image.init()
WRITABLE = [
    form
    for form in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "ICO", "AVIF")
    if form in Image.SAVE
]
"""Formats that this Pillow writes: AVIF is among them from 11.3 on."""
RED = (255, 0, 0)
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'

draws = pytest.mark.skipif(not can_draw(), reason="needs the svg extra")


def written(image: Image.Image, form: str, **options: object) -> bytes:
    """Write a picture with Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def heic(image: Image.Image) -> bytes:
    """Write a HEIC; skips where the heif extra is not installed."""
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=90)
    return buffer.getvalue()


def svg(body: str, attributes: str = 'width="40" height="20"', *, before: str = "") -> bytes:
    """Write an SVG."""
    return f"{before}<svg {NAMESPACE} {attributes}>{body}</svg>".encode()


def pixels(prepared: PreparedImage) -> Image.Image:
    """Read back what would be sent."""
    return Image.open(io.BytesIO(prepared.data)).convert("RGB")


def colours(prepared: PreparedImage) -> set[object]:
    """Return the colours of what would be sent."""
    found = pixels(prepared).getcolors(maxcolors=LONGEST_SIDE * LONGEST_SIDE)
    return {colour for _, colour in found or []}


def refusal(data: bytes) -> ImageError:
    """Prepare what cannot be prepared, and return why."""
    with pytest.raises(ImageError) as raised:
        prepare_here(data)
    return raised.value


# what the content says


@pytest.mark.parametrize("form", WRITABLE)
def test_content_tells_the_format(form: str) -> None:
    """Also of a file that was cut off, so that the report can call it damaged."""
    data = written(Image.new("RGB", (16, 16), TEAL), form)
    assert format_of(data) is Format[form]
    assert format_of(data[: len(data) // 2]) is Format[form]
    assert refusal(data[:40]).reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BMW makes cars, and this is a text about them",
        b"\x00\x00\x01\x00\x00\x00",
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"<!doctype html><title>404</title><svg><path/></svg>",
        b"<html><body><svg/></body></html>",
    ],
)
def test_what_is_no_picture_has_no_format(data: bytes) -> None:
    """Such as a page that a server sent in a picture's place."""
    assert format_of(data) is None


def test_a_name_says_nothing(tmp_path: Path) -> None:
    """A PNG that is called .svg is a PNG, and an SVG that is called .png has its title."""
    (tmp_path / "a.svg").write_bytes(written(Image.new("RGB", (16, 16), TEAL), "PNG"))
    (tmp_path / "b.png").write_bytes(svg("<title>A red bicycle</title>"))
    images = ImageCollection(
        Pictures({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    )
    facts = images.facts("a.svg")
    assert not facts.is_svg
    assert colours(images.prepare("a.svg", facts.sha256)) == {TEAL}
    assert images.facts("b.png").svg_name == "A red bicycle"


def test_few_pictures_are_prepared_at_a_time() -> None:
    """Two, and what is decoded is decoded in one thread, whose memory serves for all."""
    count, lock = Counter[str](), threading.Lock()
    data = written(Image.new("RGBA", (16, 16), TEAL), "PNG")

    class Counting(Pictures):
        def read(self, path: str) -> bytes:
            with lock:
                count["now"] += 1
                count["most"] = max(count["most"], count["now"])
            hashlib.sha256(bytes(100_000))  # which lets the others run: they come in, if they can
            with lock:
                count["now"] -= 1
                count["all"] += 1
            return super().read(path)

    images = ImageCollection(Counting({"a": data}))
    facts = images.facts("a")
    before = threading.active_count()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: images.prepare("a", facts.sha256), range(200)))
    assert threading.active_count() == before + 1
    assert count["all"] == 201
    assert count["most"] <= 2
    images.close()


@pytest.mark.parametrize(
    ("mode", "form", "waits"),
    [("RGB", "PNG", False), ("RGBA", "PNG", True), ("RGB", "GIF", False), ("RGB", "BMP", False)],
)
def test_pictures_wait_for_their_turn_to_be_decoded(mode: str, form: str, waits: bool) -> None:  # noqa: FBT001 - a parameter
    """What goes out as it is takes no memory, and what is decoded in another process none here."""
    name = f"decoding {mode} of a {form}"
    with ThreadPoolExecutor(1, thread_name_prefix=name) as decoder:
        prepared = prepare(written(Image.new(mode, (16, 16), TEAL), form), decoder)
        decoding = [thread.name for thread in threading.enumerate() if name in thread.name]
    assert colours(prepared) == {TEAL}
    assert bool(decoding) == waits


def test_what_fails_in_the_decoding_thread_fails_for_who_asked() -> None:
    """With its reason; the next picture is decoded as if nothing had been."""
    sound = written(Image.new("RGBA", (16, 16), TEAL), "PNG")
    images = ImageCollection(Pictures({"broken.png": sound[:-30], "sound.png": sound}))
    with pytest.raises(ImageError, match="undecodable"):
        images.prepare("broken.png", images.facts("broken.png").sha256)
    assert colours(images.prepare("sound.png", images.facts("sound.png").sha256)) == {TEAL}
    images.close()


def test_a_closed_collection_decodes_nothing() -> None:
    """As at the end of a build that was interrupted; what waits for a picture is told."""
    images = ImageCollection(Pictures({"a": written(Image.new("RGBA", (16, 16), TEAL), "PNG")}))
    facts = images.facts("a")
    images.close()
    with pytest.raises(CancelledError):
        images.prepare("a", facts.sha256)


# bitmaps


def test_sixteen_bits_of_each_channel_become_eight() -> None:
    """Brightness stays."""
    deep = Image.frombytes("I;16", (8, 8), (0x8080).to_bytes(2, "little") * 64)
    assert pixels(prepare(written(deep, "PNG"))).getpixel((4, 4)) == (128, 128, 128)


def test_a_large_deep_picture_is_averaged_in_strips() -> None:
    """No seam shows between strips, and nothing is lost at the edges."""
    rows = bytearray()
    for row in range(4200):
        rows += (row * 15).to_bytes(2, "little") * 2100
    small = pixels(prepare(written(Image.frombytes("I;16", (2100, 4200), bytes(rows)), "PNG")))
    assert max(small.size) <= 2048
    column = small.convert("L").crop((5, 0, 6, small.height)).tobytes()
    steps = [after - value for value, after in pairwise(column)]
    assert min(steps) >= 0
    assert max(steps) <= 1
    assert column[0] == 0
    assert column[-1] >= 244


@pytest.mark.parametrize("size", [(4097, 4099), (9000, 30), (30, 9000), (6144, 4096)])
def test_strips_cover_the_whole_picture(size: tuple[int, int]) -> None:
    """Up to the last row and column, in colour."""
    image = Image.new("RGB", size, TEAL)
    assert colours(prepare(written(image, "PNG", compress_level=1))) == {TEAL}


def test_a_palette_with_transparency_keeps_its_colours() -> None:
    """As GIFs and small PNGs have it."""
    image = Image.new("P", (16, 16), 1)
    image.putpalette([*RED, *TEAL])
    for form in ("PNG", "GIF"):
        assert TEAL in colours(prepare(written(image, form, transparency=0)))


@pytest.mark.parametrize(
    ("drawn", "is_on_white"),
    [
        ({"outline": "black", "fill": "white"}, True),
        ({"outline": "black"}, True),
        ({"outline": "white"}, False),
        ({"fill": "white"}, False),
        ({"fill": (250, 250, 210)}, False),
        ({"fill": TEAL}, True),
    ],
)
def test_a_transparent_picture_stands_on_what_shows_it(
    drawn: dict[str, object], *, is_on_white: bool
) -> None:
    """White boxes with black outlines stay on white, however bright they are on the whole."""
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((8, 8, 56, 40), **drawn)  # type: ignore[arg-type]
    ground = pixels(prepare(written(image, "PNG"))).getpixel((1, 1))
    assert (ground == (255, 255, 255)) is is_on_white


@pytest.mark.parametrize(("light", "ground"), [(36, 255), (38, 255), (39, 32), (41, 32)])
def test_a_dark_ground_has_to_show_clearly_more(light: int, ground: int) -> None:
    """A tenth more than white, on which most pages show pictures.

    Here are 25 boxes that white shows, by the 28 pixels around each, and others that the dark
    ground shows, by the 20 pixels of each one's own border.
    """
    image = Image.new("RGBA", (7 * 66, 20), (0, 0, 0, 0))
    for number in range(25 + light):
        colour = (32, 32, 32, 255) if number < 25 else (255, 255, 255, 255)
        image.paste(colour, (7 * number + 2, 6, 7 * number + 6, 14))
    shown = pixels(prepare(written(image, "PNG")))
    assert shown.getpixel((0, 0)) == (ground,) * 3


def test_a_heic_is_read_where_its_package_is_installed() -> None:
    """As photographs of telephones are."""
    prepared = prepare(heic(Image.new("RGB", (64, 48), TEAL)))
    assert prepared.media_type == "image/jpeg"
    assert pixels(prepared).getpixel((32, 24)) == pytest.approx(TEAL, abs=6)


def test_a_heic_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is missing."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    error = refusal(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + bytes(64))
    assert error.reason is Reason.UNDECODABLE
    assert "mkdocs-alttext[heif]" in error.detail


def test_optional_packages_stay_closed_until_they_are_needed() -> None:
    """Nor is Pillow loaded by an SVG with a title."""
    code = (
        "import io, sys; from mkdocs_alttext.images.collection import ImageCollection;"
        "ImageCollection(io.BytesIO(b'<svg><title>t</title></svg>')).facts(-1);"
        "print(sorted({'PIL', 'resvg_py', 'pillow_heif'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# SVG


@draws
def test_an_svg_is_drawn() -> None:
    """In a process of its own, on a ground that shows it."""
    prepared = prepare(svg('<rect width="20" height="20" fill="red"/>'))
    assert prepared.media_type == "image/png"
    assert pixels(prepared).getpixel((9, 9)) == RED
    assert pixels(prepared).getpixel((prepared.width - 9, 9)) == (255, 255, 255)


@draws
@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (SHORTEST_SIDE, SHORTEST_SIDE // 2)),
        ('viewBox="0 0 20 40"', (SHORTEST_SIDE // 2, SHORTEST_SIDE)),
        ('width="1600" height="800"', (1600, 800)),
        ('width="9e5" height="9e5" viewBox="0 0 5 5"', (SHORTEST_SIDE, SHORTEST_SIDE)),
        ('width="1000000" height="500000"', (LONGEST_SIDE, LONGEST_SIDE // 2)),
        ('width="100%" height="100%" viewBox="0 0 1500 1500"', (1500, 1500)),
    ],
)
def test_an_svg_is_drawn_large_enough_and_not_too_large(
    attributes: str, size: tuple[int, int]
) -> None:
    """Icons are drawn larger than they are shown; nothing larger than what is sent."""
    prepared = prepare_here(svg('<rect width="100%" height="100%"/>', attributes))
    assert (prepared.width, prepared.height) == size


@draws
@pytest.mark.parametrize("family", ["Arial, sans-serif", "serif", "monospace", "No Such Font", ""])
def test_text_is_drawn_whatever_its_font(family: str) -> None:
    """A diagram without its labels would be described without them."""
    text = f'<text x="4" y="15" font-size="12" font-family="{family}">HHH</text>'
    assert len(colours(prepare_here(svg(text)))) > 1


@draws
@pytest.mark.parametrize("family", ["Aileron", "Arial", "serif", "monospace", "sans-serif"])
def test_text_is_drawn_where_no_font_is_installed(
    monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    """As in the images that builds run in."""
    import resvg_py  # noqa: PLC0415 - optional

    draw = resvg_py.svg_to_bytes
    monkeypatch.setattr(
        resvg_py,
        "svg_to_bytes",
        lambda **options: draw(**{**options, "skip_system_fonts": True}),
    )
    text = f'<text x="4" y="15" font-size="12" font-family="{family}">HHH</text>'
    assert len(colours(prepare_here(svg(text)))) > 1


@draws
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_packed_and_wide_svgs_are_svgs(encoding: str, *, packed: bool) -> None:
    """`.svgz`, and what some programs on Windows write."""
    source = f'<?xml version="1.0" encoding="{encoding}"?>{svg("<rect/>").decode()}'
    titled = source.replace("<rect/>", "<title>Grün</title><rect width='9' height='9'/>")
    data = titled.encode(encoding)
    data = gzip.compress(data) if packed else data
    assert is_svg(data)
    assert svg_name(data) == "Grün"
    assert prepare_here(data).width == SHORTEST_SIDE


BODIES = [
    '<image href="{file}" width="40" height="20"/>',
    '<image xlink:href="{file}" width="40" height="20"/>',
    '<image href="{path}" width="40" height="20"/>',
    '<image xlink:href="{name}" width="40" height="20"/>',
    '<image href=" {path}" width="40" height="20"/>',
    '<x:image xmlns:x="http://www.w3.org/2000/svg" href="{path}" width="40" height="20"/>',
    '<image xmlns:y="http://www.w3.org/1999/xlink" y:href="{path}" width="40" height="20"/>',
    '<image href="&#x2f;{path}" width="40" height="20"/>',
    '<filter id="f"><feImage href="{path}"/></filter><path d="M0 0H9V9" filter="url(#f)"/>',
    '<use href="{neighbour}#r"/>',
    '<image href="{neighbour}" width="40" height="20"/>',
    '<image href="data:image/svg+xml,{escaped}" width="40" height="20"/>',
    '<image href="data:text/plain,{escaped}" width="40" height="20"/>',
    '<style>@import "{sheet}"; @import url({sheet});</style><rect class="r" width="0"/>',
    '<rect width="40" height="20" style="fill:url({path})" fill-opacity="0"/>',
    "&outside;",
    '<image href="&inside;" width="40" height="20"/>',
]
"""What could show something that is not in the file."""


@draws
@pytest.mark.parametrize(
    ("body", "decode"),
    [*((body, prepare_here) for body in BODIES), ("".join(BODIES), prepare)],
    ids=[*map(str, range(len(BODIES))), "all, in a process of its own"],
)
def test_nothing_outside_an_svg_is_drawn(
    body: str,
    decode: Callable[[bytes], PreparedImage],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither files nor neighbours nor entities nor style sheets, by whatever name."""
    red = tmp_path / "red.png"
    Image.new("RGB", (40, 20), RED).save(red)
    neighbour = tmp_path / "neighbour.svg"
    neighbour.write_bytes(svg('<rect id="r" width="40" height="20" fill="red"/>'))
    sheet = tmp_path / "sheet.css"
    sheet.write_text(".r { width: 40px; height: 20px; fill: red }", encoding="utf-8")
    fragment = tmp_path / "fragment.xml"
    fragment.write_text('<rect width="40" height="20" fill="red"/>', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    filled = body.format(
        file=red.as_uri(),
        path=red,
        name=red.name,
        neighbour=neighbour,
        sheet=sheet,
        escaped=f"%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='{red}' width='40' "
        "height='20'/%3E%3C/svg%3E",
    )
    doctype = (
        f'<!DOCTYPE svg [<!ENTITY outside SYSTEM "{fragment.as_uri()}"><!ENTITY inside "{red}">]>'
    )
    marker = '<rect width="9" height="9" fill="#008080"/>'
    data = svg(marker + filled, before=doctype)
    assert RED not in colours(decode(data))


def test_what_is_left_of_an_svg_has_no_address() -> None:
    """Of the web, of this machine, or of another document inside."""
    addresses = (
        "https://example.org/a.png http://127.0.0.1/a //example.org/a ../a.svg#b file:///etc/passwd"
        " data:image/svg+xml;base64,PHN2Zy8+ javascript:alert(1)"
    ).split()
    body = "".join(
        f'<image href="{address}"/><use xlink:href="{address}"/>' for address in addresses
    )
    cleaned = cleaned_svg(svg(body + '<use href="#a"/>', before="<?xml-stylesheet href='x.css'?>"))
    assert cleaned.count("href=") == 1
    assert "x.css" not in cleaned


@draws
def test_bitmaps_and_parts_inside_an_svg_are_drawn() -> None:
    """They are the file's own."""
    import base64  # noqa: PLC0415

    red = base64.b64encode(written(Image.new("RGB", (8, 8), RED), "PNG")).decode()
    inside = f'<image href="data:image/png;base64,{red}" width="20" height="20"/>'
    assert RED in colours(prepare_here(svg(inside)))
    shown = '<defs><rect id="r" width="20" height="20" fill="red"/></defs><use xlink:href="#r"/>'
    assert RED in colours(prepare_here(svg(shown)))


@draws
@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ("", Reason.SVG_WITHOUT_TITLE, "nothing shows"),
        ('<image href="a.png" width="9" height="9"/>', Reason.SVG_WITHOUT_TITLE, "nothing shows"),
        ("<foreignObject><p>A</p></foreignObject>", Reason.SVG_WITHOUT_TITLE, "HTML"),
        ("<g>", Reason.UNDECODABLE, "damaged SVG"),
        ("<g>" * (MOST_DEPTH + 1), Reason.UNDECODABLE, "too complex"),
        ("<g/>" * (MOST_ELEMENTS + 1), Reason.UNDECODABLE, "too complex"),
    ],
)
def test_an_svg_that_would_be_described_wrongly_is_left(
    body: str, reason: Reason, detail: str
) -> None:
    """Nothing is paid for an empty picture, or for boxes without their labels."""
    error = refusal(svg(body))
    assert error.reason is reason
    assert detail in error.detail


@draws
def test_html_in_a_switch_is_drawn_by_what_stands_beside_it() -> None:
    """As draw.io writes its labels."""
    body = '<switch><foreignObject width="9" height="9"/><rect width="9" height="9"/></switch>'
    assert prepare_here(svg(body)).width == SHORTEST_SIDE
