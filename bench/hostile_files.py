"""What files cost that were made to break whoever opens them.

    python -m bench.hostile_files [WORD ...]

Owns the files, for each format, and a table of what each takes: its size, seconds, the peak memory
of the process and of the decoder's own process, and the reason in the report. Words choose the
files whose names hold one. Each file is prepared in a new process.
"""

from __future__ import annotations

import base64
import gzip
import io
import struct
import subprocess
import sys
import tempfile
import zlib
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MIB = 1024 * 1024
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000">'
_SECONDS = 120
_LINE = "{:34} {:>11} {:>6} {:>5} {:>8}  {}"

_BETWEEN = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
"""A process's peak is never reported below that of who started it: this one is small."""

_MEASURE = """
import resource, sys
from pathlib import Path
from time import perf_counter
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.collection import ImageCollection
class Source:
    def read(self, path):
        return Path(path).read_bytes()
images = ImageCollection(Source())
began = perf_counter()
try:
    facts = images.facts(sys.argv[1])
    prepared = images.prepare(sys.argv[1], facts.sha256)
    said = f"sent, {prepared.width} x {prepared.height}"
except ImageError as error:
    said = str(error)
seconds = perf_counter() - began
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
unit = 1024 * 1024 if sys.platform == "darwin" else 1024
print(f"{seconds:.2f}", *(str(peak // unit) for peak in peaks), said, sep="\\t")
"""  # noqa: E501 - a program


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Write a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *extra: bytes, rows: bytes = b"") -> bytes:
    """Write a PNG whose header says what it likes, with chunks before its pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows, 1)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels


def sound(form: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """Write a sound picture with Pillow."""
    if form == "HEIF":
        import pillow_heif  # noqa: PLC0415 - optional

        return _heif(pillow_heif, size)
    buffer = io.BytesIO()
    Image.new("RGB", size, (0, 128, 128)).save(buffer, form, **options)
    return buffer.getvalue()


def _heif(pillow_heif: object, size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    file = pillow_heif.from_pillow(Image.new("RGB", size, (0, 128, 128)))  # type: ignore[attr-defined]
    file.save(buffer, quality=50)
    return buffer.getvalue()


def exif_bomb(most: int) -> bytes:
    """Write EXIF in which every entry is the whole block once more."""
    count = min((most - 14) // 12, 0x7000)
    entry = [struct.pack("<HHII", 0x8000 + number, 7, most, 0) for number in range(count)]
    return b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", count) + b"".join(entry)


def tiff(
    tags: Mapping[int, tuple[int, int, int]], size: int = 4096, *, loops: bool = False
) -> bytes:
    """Write a TIFF of the tags alone, which may point at anything."""
    known = {256: (4, 1, 64), 257: (4, 1, 64), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1)}
    known |= {273: (4, 1, 8), 277: (3, 1, 1), 278: (4, 1, 64), 279: (4, 1, 4096), **tags}
    entries = [struct.pack("<HHII", tag, *known[tag]) for tag in sorted(known)]
    following = struct.pack("<I", 8 if loops else 0)
    head = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + b"".join(entries)
    return (head + following).ljust(size, b"\x01")


def bmp(width: int, height: int, *, rle: bool = False, pixels: bytes = b"") -> bytes:
    """Write a BMP whose header says what it likes."""
    packing = 1 if rle else 0
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, packing, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024) + info + bytes(1024) + pixels


def ico(picture: bytes, count: int = 1) -> bytes:
    """Write an icon whose entries all are the same picture."""
    entry = struct.pack("<BBBBHHII", 64, 64, 0, 0, 1, 32, len(picture), 6 + 16 * count)
    return struct.pack("<HHH", 0, 1, count) + entry * count + picture


def webp(kind: bytes, body: bytes) -> bytes:
    """Write a WebP of one chunk."""
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def one_colour_webp(width: int, height: int) -> bytes:
    """Write a WebP of one colour, without loss: five codes of one symbol each."""
    head = (0x11111 << 35 | height - 1 << 14 | width - 1).to_bytes(7, "little")
    return webp(b"VP8L", (b"\x2f" + head).ljust(14, b"\0"))


def two_headers(size: tuple[int, int]) -> bytes:
    """Write a small PNG that says at its end how large it really is."""
    header = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    small = png(64, 64, rows=bytes(193 * 64))
    at = small.index(b"IDAT") - 4
    return small[:at] + png_chunk(b"IHDR", header) + small[at:]


def two_frames(size: tuple[int, int]) -> bytes:
    """Write a JPEG that says at its end that it is small."""
    data = sound("JPEG", size)
    at = data.index(b"\xff\xc0")
    frame = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
    return data[:-2] + frame[:5] + struct.pack(">HH", 48, 64) + frame[9:] + b"\xff\xd9"


def animation(form: str, frames: int) -> bytes:
    """Write an animation."""
    pictures = [Image.new("RGB", (8, 8), (number % 256, 0, 0)) for number in range(frames)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, form, save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def resized(data: bytes, was: tuple[int, int], now: tuple[int, int]) -> bytes:
    """Let the container of an AVIF or HEIC say another extent than its pixels have."""
    old, new = (b"ispe" + bytes(4) + struct.pack(">II", *size) for size in (was, now))
    return data.replace(old, new)


def many_scans(size: tuple[int, int], scans: int) -> bytes:
    """Write a progressive JPEG that passes over its picture again and again."""
    data = sound("JPEG", size, progressive=True)
    marks = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    scan = min((data[start:end] for start, end in pairwise([*marks, len(data) - 2])), key=len)
    return data[:-2] + scan * scans + b"\xff\xd9"


def gif(*parts: bytes, size: tuple[int, int] = (8, 8)) -> bytes:
    """Write a GIF with parts before its only frame."""
    whole = io.BytesIO()
    Image.new("L", (8, 8)).save(whole, "GIF")
    data = whole.getvalue()
    start = 13 + (3 << (data[10] & 7) + 1) if data[10] & 0x80 else 13
    return data[:6] + struct.pack("<HH", *size) + data[10:start] + b"".join(parts) + data[start:]


def entities(levels: int) -> str:
    """Declare entities of which each is ten of the one before."""
    steps = (f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f'<!DOCTYPE svg [<!ENTITY e0 "bad">{"".join(steps)}]>'


def svg(body: str, *, before: str = "") -> bytes:
    """Write an SVG."""
    return f"{before}{_SVG}{body}</svg>".encode()


def filtered(effect: str, times: int = 1) -> bytes:
    """Write an SVG with an effect on all of it."""
    shape = '<rect filter="url(#f)" width="2000" height="2000"/>' * times
    return svg(f'<filter id="f">{effect}</filter>{shape}')


def uses(levels: int) -> bytes:
    """Write an SVG in which each group shows ten of the one before."""
    ten = [f'<use href="#g{n}"/>' * 10 for n in range(levels)]
    groups = "".join(f'<g id="g{n}">{shown}</g>' for n, shown in enumerate(ten, 1))
    return svg(f'<g id="g0"><rect width="9" height="9"/></g>{groups}')


def layers(count: int) -> bytes:
    """Write an SVG of groups inside one another, each of which needs a canvas of its own."""
    group = '<g opacity=".5"><rect width="2000" height="2000"/>'
    return svg(group * count + "</g>" * count)


def _embedded(picture: bytes) -> bytes:
    data = base64.b64encode(picture).decode()
    return svg(f'<image width="9" height="9" href="data:image/png;base64,{data}"/>')


def cut_off(form: str) -> bytes:
    """Write a picture and lose its end."""
    return sound(form, (640, 480))[:-99]


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "png: header of 2**31": lambda: png(2**31 - 1, 2**31 - 1),
    "png: header of 50000": lambda: png(50_000, 50_000),
    "png: 60 texts of 1 GiB": lambda: png(
        64, 64, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1024 * _MIB), 9)) * 60
    ),
    "png: profile of 1 GiB": lambda: png(
        64, 64, png_chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1024 * _MIB), 9))
    ),
    "png: exif on itself": lambda: png(
        64, 64, png_chunk(b"eXIf", exif_bomb(700_000)[6:]), rows=bytes(193 * 64)
    ),
    "png: 5 million chunks": lambda: png(64, 64, png_chunk(b"tEXt", b"") * 5_000_000),
    "png: of 64, then of 49 megapixels": lambda: two_headers((7000, 7000)),
    "png: 4 GiB of pixels in 64 x 64": lambda: png(64, 64, rows=bytes(4096 * _MIB)),
    "png: largest sound": lambda: sound("PNG", (8333, 6000)),
    "jpeg: header of 65535": lambda: sound("JPEG").replace(
        struct.pack(">HH", 48, 64), b"\xff\xff\xff\xff"
    ),
    "jpeg: 90 scans": lambda: many_scans((7000, 7000), 80),
    "jpeg: 10000 scans": lambda: many_scans((7000, 7000), 10_000),
    "jpeg: of 49 megapixels, then of 64": lambda: two_frames((7000, 7000)),
    "jpeg: exif on itself": lambda: (
        b"\xff\xd8\xff\xe1"
        + struct.pack(">H", 65_008)
        + exif_bomb(65_000).ljust(65_006)
        + sound("JPEG")[2:]
    ),
    "jpeg: largest sound, progressive": lambda: sound("JPEG", (8333, 6000), progressive=True),
    "gif: screen of 65535": lambda: gif(size=(65_535, 65_535)),
    "gif: screen of 50 megapixels": lambda: gif(size=(8333, 6000)),
    "gif: comment of 60 MB": lambda: gif(b"!\xfe" + (b"\xff" + b"a" * 255) * 240_000 + b"\0"),
    "gif: 30 million blocks": lambda: gif(b"!\xfe" + b"\x01a" * 30_000_000 + b"\0"),
    "gif: 20000 frames": lambda: animation("GIF", 20_000),
    "webp: canvas of 16384": lambda: webp(b"VP8X", bytes(4) + b"\xff\x3f\x00\xff\x3f\x00"),
    "webp: 50 megapixels in 34 bytes": lambda: one_colour_webp(8333, 6000),
    "webp: canvas of 64, pixels of 8000": lambda: (
        webp(b"VP8X", bytes(4) + b"\x3f\0\0\x3f\0\0")[:30] + one_colour_webp(8000, 6000)[12:]
    ),
    "webp: 5000 frames": lambda: animation("WEBP", 5000),
    "avif: says 16000": lambda: resized(sound("AVIF"), (64, 48), (16_000, 16_000)),
    "avif: is 12000, says 64": lambda: resized(
        sound("AVIF", (12_000, 12_000), speed=10), (12_000, 12_000), (64, 64)
    ),
    "heif: says 16000": lambda: resized(sound("HEIF"), (64, 64), (16_000, 16_000)),
    "heif: is 8000, says 64": lambda: resized(sound("HEIF", (8000, 8000)), (8000, 8000), (64, 64)),
    "bmp: header of 2**31": lambda: bmp(2**31 - 1, 2**31 - 1),
    "bmp: rows of 25 million, skipped": lambda: bmp(
        25_000_000, 2, rle=True, pixels=b"\x00\x02\xff\xff" * 1000
    ),
    "bmp: a pixel, then a row's end": lambda: bmp(
        7000, 7000, rle=True, pixels=b"\x01\x01\x00\x00" * 7000
    ),
    "tiff: header of 2**31": lambda: tiff({256: (4, 1, 2**31), 257: (4, 1, 2**31)}),
    "tiff: 200 tags on 60 MB": lambda: tiff(
        dict.fromkeys(range(40_000, 40_200), (7, 60_000_000, 8)), 60_100_000
    ),
    "tiff: 15 million strips": lambda: tiff(
        {273: (4, 15_000_000, 8), 279: (4, 15_000_000, 8), 278: (4, 1, 1)}, 60_100_000
    ),
    "tiff: tiles of 60000": lambda: tiff(
        {259: (3, 1, 8), 322: (4, 1, 60_000), 323: (4, 1, 60_000), 324: (4, 1, 8), 325: (4, 1, 99)}
    ),
    "tiff: frames in a ring": lambda: tiff({}, loops=True),
    "tiff: 2000 frames": lambda: animation("TIFF", 2000),
    "ico: a PNG of 12000": lambda: ico(sound("PNG", (12_000, 12_000))),
    "ico: 65535 pictures": lambda: ico(sound("PNG"), 65_535),
    "svg: billion laughs": lambda: svg("<text>&e10;</text>", before=entities(10)),
    "svg: laughs, in the title": lambda: svg("<title>&e10;</title>", before=entities(10)),
    "svg: 100000 deep": lambda: svg("<g>" * 100_000),
    "svg: 199 layers": lambda: layers(199),
    "svg: 200000 elements": lambda: svg("<path/>" * 200_000),
    "svg: 10**9 uses": lambda: uses(9),
    "svg: 10**5 uses": lambda: uses(5),
    "svg: 20 wide blurs": lambda: filtered('<feGaussianBlur stdDeviation="500"/>', 20),
    "svg: endless noise": lambda: filtered(
        '<feTurbulence baseFrequency=".01" numOctaves="999999"/>'
    ),
    "svg: size of 10**9": lambda: svg('<rect width="9" height="9"/>').replace(
        b'"2000"', b'"1000000000"'
    ),
    "svg: a PNG of 30000": lambda: _embedded(sound("PNG", (30_000, 30_000))),
    "svg: 2 GiB, packed": lambda: gzip.compress(_SVG.encode() + b" " * 2048 * _MIB, 6),
}
"""Makes each file: those that are large take a while to make."""

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "HEIF", "BMP", "TIFF", "ICO")
TRUNCATED: Mapping[str, Callable[[], bytes]] = {
    f"{form.lower()}: cut off": partial(cut_off, form) for form in FORMATS
}
"""Sound files without their end."""


def cost(path: Path) -> tuple[float, int, int, str]:
    """Prepare a file in a process of its own.

    Args:
        path: The file.

    Returns:
        Seconds, peak memory in MiB of the process and of its decoder's process, and the reason.
    """
    ended = subprocess.run(
        [sys.executable, "-c", _BETWEEN, sys.executable, "-c", _MEASURE, str(path)],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    seconds, own, decoder, said = ended.stdout.strip().split("\t")
    return float(seconds), int(own), int(decoder), said


def main(words: list[str]) -> None:
    """Print the table, line by line as a file is done.

    Args:
        words: Parts of names; all files when there is none.
    """
    print(_LINE.format("file", "bytes", "s", "MiB", "decoder", "reason"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        for name, make in {**HOSTILE, **TRUNCATED}.items():
            if words and not any(word in name for word in words):
                continue
            path.write_bytes(make())
            seconds, own, decoder, said = cost(path)
            size = f"{path.stat().st_size:,}"
            print(_LINE.format(name, size, f"{seconds:.2f}", own, decoder or "-", said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
