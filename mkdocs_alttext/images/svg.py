"""SVG: told by its content, named by its own title, cleaned of what points outside, and drawn.

expat reads every document: it never opens a file or an address, and it bounds entities itself. Only
a cleaned document is drawn, by the optional resvg and in a process of its own: nothing limits what
a renderer may do, and some documents end its process. What is drawn has no ground: `prepare` puts
it on white or dark, as it does with every picture that can be seen through.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
import zlib
from contextlib import suppress
from html import escape
from importlib.util import find_spec
from pathlib import Path
from xml.parsers import expat

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.models import LONGEST_SIDE, Reason

MOST_SVG_BYTES = 8 * 1024 * 1024
"""Of the document, unpacked."""
MOST_ELEMENTS = 100_000
MOST_DEPTH = 200
"""Of nested elements; a renderer's stack ends somewhere above."""
SHORTEST_SIDE = 1024
"""Pixels of the longest side of a drawing: icons are drawn larger than they are shown, to be
recognized."""
LACKS_RENDERER = (
    'it has no title of its own; pip install "mkdocs-alttext[svg]" has it drawn and described'
)

_BEGINNING = re.compile(rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff|\x1f\x8b|[\t\n\f\r ]*<")
_ROOT = re.compile(
    r"(?:\s++|<\?.*?\?>|<!--.*?-->){0,200}+"
    r"(?:<(?:[\w.-]+:)?svg[\s>/]|(?i:<!DOCTYPE)\s+(?:[\w.-]+:)?(?i:svg)[\s>\[])",
    re.DOTALL,
)
"""What begins an SVG: at most so many instructions and comments, then its root or its type."""
_HEAD = 64 * 1024
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_PACKED = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 64 * 1024
"""Bytes that are parsed at a time: nothing else bounds what expat adds to a long text."""
_MOST_NAME = 10_000
"""Characters, with white space; what is longer is no name."""
_MOST_CHARACTERS = 16 * 1024 * 1024
"""Of the document as it is written anew, its entities resolved."""
_LEFT_OUT = frozenset({"script", "metadata"})
_STAYS_INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp);)", re.IGNORECASE)
"""Addresses of a part of the document, and of a bitmap in it."""
_SIZE = re.compile(r'\s(?:width|height|viewBox)="([^"]*)"')
_NUMBER = re.compile(r"\d{1,11}(?:\.\d{1,11})?")
_FAMILIES = {"win32": ("Arial", "Consolas"), "darwin": ("Helvetica", "Menlo")}
"""The usual fonts of a system, without serifs and of one width."""


def is_svg(data: bytes) -> bool:
    """Tell whether bytes look like an SVG document: its first element is `svg`.

    Args:
        data: The file's bytes, packed with gzip or not.
    """
    if _BEGINNING.match(data) is None:
        return False  # as nearly every picture of a page
    head = _unpacked(data, _HEAD)[:_HEAD]
    text = head.decode(_WIDE.get(head[:2], "utf-8"), "ignore").lstrip("\ufeff")
    return _ROOT.match(text) is not None


def svg_name(data: bytes) -> str | None:
    """Read an SVG's own name (SVG 2, 5.8 "title" and "desc"; SVG-AAM 8.1).

    Args:
        data: The file's bytes, packed with gzip or not.

    Returns:
        The root's `<title>`, else its `aria-label`, else its `<desc>`, with white space collapsed;
        `None` when there is none, a drawing program wrote it, or the file is broken before any.
    """
    return _NameReader().read(_unpacked(data)[:MOST_SVG_BYTES])


def can_draw() -> bool:
    """Tell whether the renderer is installed."""
    return find_spec("resvg_py") is not None


def cleaned_svg(data: bytes) -> str:
    """Write an SVG anew for a renderer that is not to be trusted with addresses.

    Args:
        data: The file's bytes, packed with gzip or not.

    Returns:
        The document without its type, entities, scripts and other documents; `href`s are kept where
        they lead to a part of it or are a bitmap in it.

    Raises:
        ImageError: It is damaged, too large or too complex, or its text would be missing.
    """
    document = _unpacked(data)
    if len(document) > MOST_SVG_BYTES:
        limit = MOST_SVG_BYTES // 1024 // 1024
        raise ImageError(Reason.FILE_TOO_LARGE, f"more than {limit} MiB of SVG")
    return _Writer().write(document)


def drawn_svg(data: bytes) -> bytes:
    """Draw an SVG; only where `can_draw`, and only for a process that may be lost.

    Args:
        data: The file's bytes, packed with gzip or not.

    Returns:
        A PNG with transparency, its longest side from `SHORTEST_SIDE` to `LONGEST_SIDE`.

    Raises:
        ImageError: It cannot be drawn, or nothing of it shows.
    """
    document = cleaned_svg(data)
    import resvg_py  # noqa: PLC0415 - optional
    from PIL import Image  # noqa: PLC0415 - heavy

    side, has_text = _side(document), "text" in document
    sans_serif, monospace = _FAMILIES.get(sys.platform, ("DejaVu Sans", "DejaVu Sans Mono"))
    # Only here: a process that is ended for its time leaves its folders behind.
    with tempfile.TemporaryDirectory() as folder:
        family, file = _own_font(Path(folder)) if has_text else (None, None)
        try:
            drawn = resvg_py.svg_to_bytes(
                svg_string=document,
                width=side,
                height=side,
                skip_system_fonts=not has_text,
                # Where no other is found, the one with serifs is taken (or the text is left out).
                serif_family=family,
                sans_serif_family=sans_serif,
                monospace_family=monospace,
                font_files=[file] if file else [],
            )
        except ValueError as error:
            raise ImageError(Reason.UNDECODABLE, f"damaged SVG: {error}", is_final=True) from None
    with Image.open(io.BytesIO(drawn), formats=["PNG"]) as image:
        if image.convert("RGBA").getchannel("A").getbbox() is None:
            raise ImageError(Reason.SVG_WITHOUT_TITLE, "nothing shows when it is drawn")
    return bytes(drawn)


def _side(document: str) -> int:
    """Choose the longest side by what the root says of its size, whatever the units."""
    root = document[: document.find(">")]
    numbers = [float(it) for value in _SIZE.findall(root) for it in _NUMBER.findall(value)]
    return int(min(LONGEST_SIDE, max(SHORTEST_SIDE, *numbers, 0)))


def _own_font(folder: Path) -> tuple[str | None, str | None]:
    """Write the font that Pillow brings, and return its family and its file, if it has one."""
    from PIL import ImageFont  # noqa: PLC0415 - heavy

    font = ImageFont.load_default(16)
    if not isinstance(font, ImageFont.FreeTypeFont) or not font.font_bytes:
        return None, None
    file = folder / "font.ttf"
    file.write_bytes(font.font_bytes)
    return font.getname()[0], str(file)


def _unpacked(data: bytes, most_bytes: int = MOST_SVG_BYTES + 1) -> bytes:
    """Return the beginning of a document that may be packed with gzip (`.svgz`)."""
    if not data.startswith(_PACKED):
        return data
    try:
        return zlib.decompressobj(_GZIP).decompress(data, most_bytes)
    except zlib.error:
        return b""


_PROGRAMS = (
    r"(?:adobe|affinity|autocad|bokeh|boxy svg|canva|corel|d3|diagrams\.net|draw\.io|excalidraw"
    r"|figma|fontforge|gnuplot|graphviz|illustrator|inkscape|librecad|libreoffice|lunacy"
    r"|matplotlib|mermaid|microsoft|pixelmator|plantuml|plotly|potrace|qt|rapha\u00ebl|sketch|snap"
    r"|svg-edit|svgo?|vectornator|visio)"
)
_BY_PROGRAM = (
    rf"(?i)(?:created|drawn|exported|generated|made|produced) (?:by|in|using|with) {_PROGRAMS}\b.*"
    r"|gnuplot\b.{0,30}|generator:.*|matplotlib v.*|qt svg document|image/svg\+xml"
    r"|(?:artboard|asset|calque|capa|drawing|ebene|frame|group|layer|oval|page|path|rectangle|shape"
    r"|slide|svg|vector|zeichnung)[ _-]*\d*(?: copy(?: \d+)?)?|untitled\b.{0,30}|%\d+"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?:icons?|ic) ?[/_-] ?[^\s/]+(?: ?/ ?[^\s/]+)*|[^\s/]+(?: ?/ ?[^\s/]+){2,}"
)
"""What drawing programs write where a title or a description belongs, and the names of layers and
icons."""


class _NameReader:
    """Collects what the root says of its own name."""

    def __init__(self) -> None:
        self._depth = 0
        self._current = ""
        """Which naming child of the root is being read."""
        self._texts: dict[str, str] = {}
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
                has_title = not self._current and self._name_in("title")
                if has_title or self._has_entities:
                    break
        self._texts.pop(self._current, None)
        names = map(self._name_in, ("title", "aria-label", "desc"))
        return next(filter(None, names), None)

    def _name_in(self, place: str) -> str:
        text = self._texts.get(place, "")
        name = " ".join(text.split()) if len(text) <= _MOST_NAME else ""
        return "" if re.fullmatch(_BY_PROGRAM, name.rstrip(" .")) else name

    def _declare(self, *_: object) -> None:
        """Keep what refers to an entity, which may be far longer than its document, within bounds.

        Drawing programs declare entities first of all, and expat keeps the rest of the beginning
        from growing beyond a few megabytes; the longer a document, the more it lets it grow.
        """
        if not self._is_in_head:
            raise expat.ExpatError
        self._has_entities = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(" ")[2]
        if self._depth == 1:
            self._texts["aria-label"] = attributes.get("aria-label", "")
        elif self._depth == 2 and local in {"title", "desc"} - self._texts.keys():  # noqa: PLR2004
            self._current = local
            self._texts[local] = ""

    def _end(self, _: str) -> None:
        if self._depth == 2:  # noqa: PLR2004 - a child of the root
            self._current = ""
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._current and len(self._texts[self._current]) <= _MOST_NAME:
            self._texts[self._current] += text


class _Writer:
    """Writes down what expat reads, without what is left out."""

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
            for start in range(0, len(document), _CHUNK):
                end = start + _CHUNK
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
            if key.rpartition(":")[2] != "href" or _STAYS_INSIDE.match(value)
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


def _too_complex(detail: str) -> ImageError:
    return ImageError(Reason.UNDECODABLE, f"too complex: {detail}")
