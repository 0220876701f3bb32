"""An SVG document without what must not be drawn.

Owns writing an SVG anew with nothing in it that points outside: no address of a file or a host, no
document type, no entity, no other document inside. It must not draw. What is too large or too deep
for a renderer, or holds text that none draws, is refused.
"""

from __future__ import annotations

import re
from html import escape
from xml.parsers import expat

from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.svg import MOST_SVG_BYTES, unpacked
from mkdocs_alttext.reasons import Reason

MOST_ELEMENTS = 100_000
MOST_DEPTH = 200
"""Of nested elements; a renderer's stack ends somewhere above."""
_MOST_CHARACTERS = 16 * 1024 * 1024
"""Of the document as it is written anew, its entities resolved."""
_CHUNK = 64 * 1024
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
            for start in range(0, len(document), _CHUNK):
                parser.Parse(document[start : start + _CHUNK], start + _CHUNK >= len(document))
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
