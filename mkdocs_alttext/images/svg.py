"""Which files are SVG, and the name that one gives itself.

Owns telling SVG by its content, packed or not, and reading `<title>`, `aria-label` and `<desc>` of
the root element. It must not draw anything: expat parses, external entities are never followed, and
reading ends at a fixed size.
"""

from __future__ import annotations

import re
import zlib
from contextlib import suppress
from xml.parsers import expat

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
