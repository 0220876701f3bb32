"""The name that an SVG file gives itself.

Owns reading `<title>`, `aria-label` and `<desc>` of the root element. It must not draw anything:
expat parses, external entities are never followed, and reading ends at a fixed size.
"""

from __future__ import annotations

import re
from xml.parsers import expat

_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s>/]")
_HEAD = 4096
_MOST_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_NAMING = ("title", "desc")


def is_svg(data: bytes) -> bool:
    """Tell whether bytes look like an SVG document."""
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf\t\n\r ")
    return head.startswith(b"<") and _SVG.search(head) is not None


def svg_name(data: bytes) -> str | None:
    """Read an SVG's own name (SVG 2, 5.8 "title" and "desc"; SVG-AAM 8.1).

    Args:
        data: The file's bytes.

    Returns:
        The root's `<title>`, else its `aria-label`, else its `<desc>`, with white space collapsed;
        `None` when there is none or the file is broken before any.
    """
    reader = _NameReader()
    return reader.read(data[:_MOST_BYTES])


class _NameReader:
    """Collects the texts of the root's own naming children."""

    def __init__(self) -> None:
        self._depth = 0
        self._current: str | None = None
        self._texts: dict[str, str] = {}
        self._label = ""

    def read(self, data: bytes) -> str | None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            for start in range(0, len(data), _CHUNK):
                parser.Parse(data[start : start + _CHUNK], start + _CHUNK >= len(data))
                if self._has_title:
                    break
        except expat.ExpatError:
            # What was read before the damage is still the author's text, but for half a one.
            self._texts.pop(self._current or "", None)
        for text in (self._texts.get("title", ""), self._label, self._texts.get("desc", "")):
            if name := " ".join(text.split()):
                return name
        return None

    @property
    def _has_title(self) -> bool:
        """Whether nothing that follows can name it better."""
        return self._current is None and bool(self._texts.get("title", "").strip())

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(" ")[2]
        if self._depth == 1:
            self._label = attributes.get("aria-label", "")
        elif self._depth == 2 and local in _NAMING and local not in self._texts:  # noqa: PLR2004 - a child of the root
            self._current = local
            self._texts[local] = ""

    def _end(self, name: str) -> None:
        if self._depth == 2:  # noqa: PLR2004 - a child of the root
            self._current = None
        self._depth -= 1
        del name

    def _text(self, text: str) -> None:
        if self._current:
            self._texts[self._current] += text
