"""Which elements are open at a point of the source.

Owns the stack of open elements, following the HTML standard's tree construction (13.2.6) closely
enough to say what an image stands in: void elements, end tags that may be left out, misnested
links, SVG and MathML. It must not know about images, nor about what is decided over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.markup.attributes import parse_attributes
from mkdocs_alttext.markup.elements import (
    CELLS,
    CLOSES_PARAGRAPH,
    DEFINITION,
    END_RULES,
    FORMATTING,
    HEADINGS,
    INSIDE_TABLE,
    LEAVES_FOREIGN,
    LIST_ITEM,
    NOT_TRACKED,
    ONCE,
    PARAGRAPH,
    SCOPE,
    SPECIAL,
    TABLE_PARTS,
    TABLE_SCOPE,
    VOID,
    Element,
)

if TYPE_CHECKING:
    import re


_TABLE_HOSTS = frozenset({"table", "template"})


class OpenElements:
    """The stack of open elements while a source is read from start to end."""

    def __init__(self) -> None:
        """Begin with nothing open, as at the start of a fragment or a document."""
        self._stack: list[Element] = []

    def snapshot(self) -> tuple[Element, ...]:
        """Return the open elements, outermost first."""
        return tuple(self._stack)

    def opened_by(self, tag: re.Match[str]) -> Element:
        """Return the element of the start tag taken last; one without content may not stay open."""
        if self._stack and self._stack[-1].start == tag.start():
            return self._stack[-1]
        return Element(tag[2].lower(), tag, content_end=tag.end())

    def is_any_open(self, names: frozenset[str]) -> bool:
        """Tell whether an element of one of these names is open."""
        return any(element.name in names for element in self._stack)

    @property
    def in_foreign(self) -> bool:
        """Whether the innermost open element belongs to SVG or MathML."""
        return bool(self._stack) and self._stack[-1].namespace != "html"

    def start(self, name: str, tag: re.Match[str]) -> bool:
        """Take a start tag.

        Args:
            name: The tag's name in lower case.
            tag: The match of `tokens.TAG`.

        Returns:
            Whether the tag opens (or is) an HTML element, not one of SVG or MathML.
        """
        stack = self._stack
        if stack and not stack[-1].takes_html:
            if name not in LEAVES_FOREIGN and not _is_breaking_font(name, tag):
                self._push(name, tag, stack[-1].namespace)
                return False
            self._leave_foreign(tag.start())
        self._close_implied(name, tag.start())
        if name in {"svg", "math"}:
            self._push(name, tag, name)
            return False
        if not self._is_ignored(name):
            self._push(name, tag, "html")
        return True

    def _is_ignored(self, name: str) -> bool:
        """Tell whether a start tag opens nothing that stays open."""
        if name in VOID or name in NOT_TRACKED:
            return True
        if name in ONCE:
            return not all(element.name in ONCE for element in self._stack) or self.is_any_open(
                frozenset({name})
            )
        return name in INSIDE_TABLE and not self.is_any_open(_TABLE_HOSTS)

    def end(self, name: str, at: int) -> None:
        """Take an end tag.

        Args:
            name: The tag's name in lower case.
            at: Where the tag begins.
        """
        if self.in_foreign:
            if name in {"p", "br"}:
                self._leave_foreign(at)
            elif self._end_foreign(name, at):
                return
        if name in FORMATTING:
            self._end_formatting(name, at)
        elif name == "form":
            self._remove(self._find(frozenset({name}), SCOPE), at)
        elif name not in ONCE:
            names, barriers = END_RULES.get(name) or (frozenset({name}), SPECIAL)
            self._close(names, at, barriers)

    def finish(self, at: int) -> None:
        """Close what is still open at the end of the source."""
        self._pop_to(0, at)

    def _push(self, name: str, tag: re.Match[str], namespace: str) -> None:
        if namespace == "html" or not _is_self_closing(tag):
            self._stack.append(Element(name, tag, namespace=namespace))

    def _pop_to(self, depth: int, at: int) -> None:
        for element in self._stack[depth:]:
            element.content_end = at
        del self._stack[depth:]

    def _find(self, names: frozenset[str], barriers: frozenset[str]) -> int:
        """Return the depth of the innermost element of these names before any barrier, or -1."""
        for depth in range(len(self._stack) - 1, -1, -1):
            element = self._stack[depth]
            if element.namespace == "html":
                if element.name in names:
                    return depth
                if element.name in barriers:
                    break
            elif element.is_foreign_barrier and not barriers <= TABLE_SCOPE:
                break
        return -1

    def _close(self, names: frozenset[str], at: int, barriers: frozenset[str]) -> None:
        depth = self._find(names, barriers)
        if depth >= 0:
            self._pop_to(depth, at)

    def _close_implied(self, name: str, at: int) -> None:
        """Close what this start tag closes by itself."""
        if name in CLOSES_PARAGRAPH:
            self._close_before_block(name, at)
        elif name == "a":
            # Links don't nest: a second one ends the first, whatever was opened in between.
            self._end_formatting(name, at)
        elif name == "button":
            self._close(frozenset({name}), at, SCOPE)
        elif name in {"option", "optgroup"}:
            if self._stack and self._stack[-1].name == "option":
                self._pop_to(len(self._stack) - 1, at)
        elif name in CELLS:
            self._close(CELLS, at, TABLE_SCOPE)
        elif name == "tr":
            self._close(frozenset({"tr", "caption", "colgroup"}), at, TABLE_SCOPE)
        elif name in TABLE_PARTS:
            depth = self._find(frozenset({"table"}), frozenset({"template"}))
            if depth >= 0:
                self._pop_to(depth + 1, at)

    def _close_before_block(self, name: str, at: int) -> None:
        if name == "li":
            self._close(LIST_ITEM, at, SPECIAL - {"address", "div", "p"})
        elif name in {"dd", "dt"}:
            self._close(DEFINITION, at, SPECIAL - {"address", "div", "p"})
        self._close(PARAGRAPH, at, SCOPE | {"button"})
        if name in HEADINGS and self._stack and self._stack[-1].name in HEADINGS:
            self._pop_to(len(self._stack) - 1, at)

    def _end_formatting(self, name: str, at: int) -> None:
        """End `a`, `b` …; blocks opened inside it stay open (13.2.6.4.7, adoption agency)."""
        depth = self._find(frozenset({name}), SCOPE)
        if depth < 0:
            return
        if any(element.name in SPECIAL for element in self._stack[depth + 1 :]):
            self._remove(depth, at)
        else:
            self._pop_to(depth, at)

    def _remove(self, depth: int, at: int) -> None:
        """Close one element and leave open what was opened inside it."""
        if depth >= 0:
            self._stack.pop(depth).content_end = at

    def _end_foreign(self, name: str, at: int) -> bool:
        for depth in range(len(self._stack) - 1, -1, -1):
            element = self._stack[depth]
            if element.namespace == "html":
                return False
            if element.name == name:
                self._pop_to(depth, at)
                return True
        return False

    def _leave_foreign(self, at: int) -> None:
        depth = len(self._stack)
        while depth and not self._stack[depth - 1].takes_html:
            depth -= 1
        self._pop_to(depth, at)


def _is_self_closing(tag: re.Match[str]) -> bool:
    if not tag[3].endswith("/"):
        return False
    attributes = list(parse_attributes(tag))
    # In `<path d=x/>` the slash belongs to the bare value.
    return not attributes or attributes[-1].end < tag.end() - 1


def _is_breaking_font(name: str, tag: re.Match[str]) -> bool:
    if name != "font":
        return False
    attributes = parse_attributes(tag)
    return any(attributes.first(key) for key in ("color", "face", "size"))
