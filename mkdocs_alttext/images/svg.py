"""Which files are SVG, and the name that one gives itself.

Owns telling SVG by its content, packed or not, and reading `<title>`, `aria-label` and `<desc>` of
the root element. It must not draw anything: expat parses, external entities are never followed, and
reading ends at a fixed size.

Whether SVG can be drawn here.

Owns the look for the optional renderer, and the advice where it is missing. It must not import it.

An SVG document without what must not be drawn.

Owns writing an SVG anew with nothing in it that points outside: no address of a file or a host, no
document type, no entity, no other document inside. It must not draw. What is too large or too deep
for a renderer, or holds text that none draws, is refused.

An SVG drawn as a bitmap.

Owns the call of resvg, an optional package, and the fonts that it is told to use. It must not see a
document that is not cleaned, and runs in a process of its own: there is no limit on what a renderer
may do, and some documents end its process.
"""

from __future__ import annotations

import io
import re
import tempfile
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from PIL import Image

MOST_SVG_BYTES = 8 * 1024 * 1024
"""Of the document, unpacked."""

_BEGINNING = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff|\x1f\x8b|[\t\n\f\r ]*<")
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?svg[\s>/]")
_TYPED = re.compile(r"<!DOCTYPE\s+(?:[\w.-]+:)?svg[\s>\[]", re.IGNORECASE)
_HEAD = 64 * 1024
_MOST_PROLOG_PARTS = 200
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_PACKED = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 64 * 1024
_NAMING = ("title", "desc")
_MOST_NAME = 10_000
"""Characters, with white space; what is longer is no name."""


def is_svg(data: bytes) -> bool:
    """Tell whether bytes look like an SVG document: its first element is `svg`."""
    if _BEGINNING.match(data) is None:
        return False  # as nearly every picture of a page
    head = unpacked(data, _HEAD)[:_HEAD]
    text = head.decode(_WIDE.get(head[:2], "utf-8"), "ignore").lstrip("\ufeff")
    at = 0
    for _ in range(_MOST_PROLOG_PARTS):
        part = _PROLOG.match(text, at)
        if part is None:
            break
        at = part.end()
    return bool(_ROOT.match(text, at) or _TYPED.match(text, at))


def unpacked(data: bytes, most_bytes: int = MOST_SVG_BYTES + 1) -> bytes:
    """Return the beginning of a document that may be packed with gzip (`.svgz`)."""
    if not data.startswith(_PACKED):
        return data
    try:
        return zlib.decompressobj(_GZIP).decompress(data, most_bytes)
    except zlib.error:
        return b""


def svg_name(data: bytes) -> str | None:
    """Read an SVG's own name (SVG 2, 5.8 "title" and "desc"; SVG-AAM 8.1).

    Args:
        data: The file's bytes.

    Returns:
        The root's `<title>`, else its `aria-label`, else its `<desc>`, with white space collapsed;
        `None` when there is none or the file is broken before any.
    """
    reader = _NameReader()
    return reader.read(unpacked(data)[:MOST_SVG_BYTES])


class _NameReader:
    """Collects the texts of the root's own naming children."""

    def __init__(self) -> None:
        self._depth = 0
        self._current: str | None = None
        self._parts: dict[str, list[str]] = {}
        self._length = 0
        self._label = ""
        self._is_in_head = True
        self._has_entities = False

    def read(self, data: bytes) -> str | None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._declare
        # An encoding that is not known, or has no table of single bytes, is damage, too. What was
        # read before any is still the author's text, but for half a one.
        with suppress(expat.ExpatError, LookupError, ValueError):
            for start in range(0, len(data), _CHUNK):
                self._is_in_head = start == 0
                parser.Parse(data[start : start + _CHUNK], start + _CHUNK >= len(data))
                if self._has_title or self._has_entities:
                    break
        self._parts.pop(self._current or "", None)
        for text in (self._text_of("title"), self._label, self._text_of("desc")):
            if name := " ".join(text.split()):
                return name
        return None

    @property
    def _has_title(self) -> bool:
        """Whether nothing that follows can name it better."""
        return self._current is None and bool(self._text_of("title").strip())

    def _text_of(self, element: str) -> str:
        return "".join(self._parts.get(element, ()))

    def _declare(self, *declaration: object) -> None:
        """Keep what refers to an entity, which may be far longer than its document, within bounds.

        Drawing programs declare entities first of all, and expat keeps the rest of the beginning
        from growing beyond a few megabytes; the longer a document, the more it lets it grow.
        """
        del declaration
        if not self._is_in_head:
            raise expat.ExpatError
        self._has_entities = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(" ")[2]
        if self._depth == 1:
            label = attributes.get("aria-label", "")
            self._label = label if len(label) <= _MOST_NAME else ""
        elif self._depth == 2 and local in _NAMING and local not in self._parts:  # noqa: PLR2004 - a child of the root
            self._current = local
            self._parts[local] = []
            self._length = 0

    def _end(self, name: str) -> None:
        if self._depth == 2:  # noqa: PLR2004 - a child of the root
            self._current = None
        self._depth -= 1
        del name

    def _text(self, text: str) -> None:
        if self._current is None:
            return
        self._length += len(text)
        if self._length <= _MOST_NAME:
            self._parts[self._current].append(text)
        else:
            self._parts[self._current].clear()


LACKS_RENDERER = (
    'it has no title of its own; pip install "mkdocs-alttext[svg]" has it drawn and described'
)


def can_draw() -> bool:
    """Tell whether the renderer is installed."""
    return find_spec("resvg_py") is not None


MOST_ELEMENTS = 100_000
MOST_DEPTH = 200
"""Of nested elements; a renderer's stack ends somewhere above."""
_MOST_CHARACTERS = 16 * 1024 * 1024
"""Of the document as it is written anew, its entities resolved."""
_CLEANED_CHUNK = 64 * 1024
_LEFT_OUT = frozenset({"script", "metadata"})
_EMBEDDED = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp);", re.IGNORECASE)


def cleaned_svg(data: bytes) -> str:
    """Write an SVG anew for a renderer that is not to be trusted with addresses.

    Args:
        data: The file's bytes, packed with gzip or not.

    Returns:
        The document; `href`s are kept where they lead to a part of it or are a bitmap in it.

    Raises:
        ImageError: It is damaged, too large or too complex, or its text would be missing.
    """
    document = unpacked(data)
    if len(document) > MOST_SVG_BYTES:
        limit = MOST_SVG_BYTES // 1024 // 1024
        raise ImageError(Reason.FILE_TOO_LARGE, f"more than {limit} MiB of SVG")
    return _Writer().write(document)


class _Writer:
    """Writes down what expat reads; expat never opens anything, and bounds entities itself."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._parts: list[str] = []
        self._elements = 0
        self._characters = 0
        self._left_out_below: int | None = None

    def write(self, document: bytes) -> str:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            # In pieces: nothing but the size of a piece bounds what expat adds to a long text.
            for start in range(0, len(document), _CLEANED_CHUNK):
                end = start + _CLEANED_CHUNK
                parser.Parse(document[start:end], end >= len(document))
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise ImageError(Reason.UNDECODABLE, f"damaged SVG: {error}") from None
        return "".join(self._parts)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        local = name.rpartition(":")[2]
        if self._elements > MOST_ELEMENTS:
            raise _too_complex(f"more than {MOST_ELEMENTS} elements")
        if len(self._open) >= MOST_DEPTH:
            raise _too_complex(f"more than {MOST_DEPTH} elements inside one another")
        # In a `switch`, what stands beside it is drawn in its place (SVG 2, 5.9.2).
        if local == "foreignObject" and self._open[-1:] != ["switch"]:
            raise ImageError(Reason.SVG_WITHOUT_TITLE, "its text is HTML, which cannot be drawn")
        if self._left_out_below is None and local in _LEFT_OUT:
            self._left_out_below = len(self._open)
        self._open.append(local)
        written = [
            f' {key}="{escape(value)}"'
            for key, value in attributes.items()
            if key.rpartition(":")[2] != "href" or _stays_inside(value)
        ]
        self._add(f"<{name}{''.join(written)}>")

    def _end(self, name: str) -> None:
        self._add(f"</{name}>")
        self._open.pop()
        if self._left_out_below == len(self._open):
            self._left_out_below = None

    def _text(self, text: str) -> None:
        self._add(escape(text, quote=False))

    def _add(self, part: str) -> None:
        if self._left_out_below is not None:
            return
        self._characters += len(part)
        if self._characters > _MOST_CHARACTERS:
            raise _too_complex("its entities make it too large")
        self._parts.append(part)


def _stays_inside(address: str) -> bool:
    return address.lstrip().startswith("#") or _EMBEDDED.match(address) is not None


def _too_complex(detail: str) -> ImageError:
    return ImageError(Reason.UNDECODABLE, f"too complex: {detail}")


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
