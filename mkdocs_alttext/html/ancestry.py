"""Which elements are open at a point of the source.

Owns the stack of open elements, following the HTML standard's tree construction (13.2.6) closely
enough to say what an image stands in: void elements, end tags that may be left out, misnested
links, SVG and MathML. It must not know about images, nor about what is decided over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.html.attributes import lower_name
from mkdocs_alttext.html.elements import (
    BETWEEN_CELLS,
    CLOSED_BY_PART,
    CLOSES_PARAGRAPH,
    END_RULES,
    FORMATTING,
    HEADINGS,
    INSIDE_TABLE,
    ITEM_BARRIERS,
    ITEMS,
    LEAVES_FOREIGN,
    MARKS_FORMATTING,
    NOT_TRACKED,
    ONCE,
    PARAGRAPH,
    REOPENS_NOTHING,
    SCOPE,
    SELECT,
    SPECIAL,
    TABLE_SCOPE,
    VOID,
    Element,
    is_breaking_font,
    is_self_closing,
)
from mkdocs_alttext.html.formatting import ActiveFormatting

if TYPE_CHECKING:
    import re


_TEMPLATE = frozenset({"template"})
_TABLE_HOSTS = _TEMPLATE | {"table"}


class OpenElements:
    """The stack of open elements while a source is read from start to end."""

    def __init__(self) -> None:
        """Begin with nothing open, as at the start of a fragment or a document."""
        self._stack: list[Element] = []
        self._formatting = ActiveFormatting()

    def snapshot(self) -> tuple[Element, ...]:
        """Return the open elements, outermost first."""
        return tuple(self._stack)

    def opened_by(self, tag: re.Match[str]) -> Element:
        """Return the element of the start tag taken last; one without content may not stay open."""
        if self._stack and self._stack[-1].is_opened_by(tag):
            return self._stack[-1]
        return Element(lower_name(tag[2]), tag, content_end=tag.end())

    def is_any_open(self, names: frozenset[str]) -> bool:
        """Tell whether an element of one of these names is open."""
        return any(element.name in names for element in self._stack)

    @property
    def is_inert(self) -> bool:
        """Whether a template is open: SVG's or MathML's own element of that name is none."""
        return self._find(_TEMPLATE, frozenset()) >= 0

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
            if name not in LEAVES_FOREIGN and not is_breaking_font(name, tag):
                self._push(name, tag, stack[-1].namespace)
                return False
            self._leave_foreign(tag.start())
        self._close_implied(name, tag.start())
        if name not in REOPENS_NOTHING:
            self._reopen(tag.start())
        if name in {"svg", "math"}:
            self._push(name, tag, name)
            return False
        if not self._is_ignored(name):
            self._push(name, tag, "html")
            if name in FORMATTING:
                self._formatting.add(self._stack[-1])
            elif name in MARKS_FORMATTING:
                self._formatting.mark()
        return True

    def text(self, html: str, start: int, end: int) -> None:
        """Take text, in which formatting goes on that was cut off."""
        inner = self._stack[-1] if self._stack else None
        if inner and inner.name in BETWEEN_CELLS and html[start:end].isspace():
            return
        if inner is None or inner.takes_html:
            self._reopen(start)

    def _is_ignored(self, name: str) -> bool:
        """Tell whether a start tag opens nothing that stays open."""
        if name in VOID or name in NOT_TRACKED:
            return True
        if name in ONCE:
            return not all(element.name in ONCE for element in self._stack) or self.is_any_open(
                frozenset({name})
            )
        return name in INSIDE_TABLE and self._find(_TABLE_HOSTS, frozenset()) < 0

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
            depth = self._find(frozenset({name}), SCOPE)
            if depth >= 0:  # what was opened inside stays open
                self._stack.pop(depth).content_end = at
        elif name == "br":
            self._reopen(at)
        elif name not in ONCE:
            names, barriers = END_RULES.get(name) or (frozenset({name}), SPECIAL)
            self._close(names, at, barriers)

    def finish(self, at: int) -> None:
        """Close what is still open at the end of the source."""
        self._pop_to(0, at)

    def _push(self, name: str, tag: re.Match[str], namespace: str) -> None:
        if namespace == "html" or not is_self_closing(tag):
            self._stack.append(Element(name, tag, namespace=namespace))

    def _pop_to(self, depth: int, at: int) -> None:
        is_marked = False
        for element in self._stack[depth:]:
            element.content_end = at
            is_marked |= element.name in MARKS_FORMATTING and element.namespace == "html"
        del self._stack[depth:]
        if is_marked:
            self._formatting.clear()

    def _reopen(self, at: int) -> None:
        self._stack += self._formatting.reopen(at)

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
        elif name in {"a", "nobr"}:
            self._close_same(name, at)
        elif name == "button":
            self._close(frozenset({name}), at, SCOPE)
        elif name == "input":
            self._close(SELECT, at, SCOPE - SELECT)
        elif name in {"option", "optgroup"}:
            if self._stack and self._stack[-1].name == "option":
                self._pop_to(len(self._stack) - 1, at)
        elif name in INSIDE_TABLE:
            self._close_before_part(name, at)

    def _close_same(self, name: str, at: int) -> None:
        """Links don't nest: a second one ends the first, whatever was opened in between."""
        if name == "nobr":
            self._reopen(at)
            if self._find(frozenset({name}), SCOPE) < 0:
                return
        if before := self._formatting.last(name):
            self._end_formatting(name, at)
            self._formatting.remove(before)

    def _close_before_part(self, name: str, at: int) -> None:
        if name in CLOSED_BY_PART:
            self._close(CLOSED_BY_PART[name], at, TABLE_SCOPE)
        elif (depth := self._find(frozenset({"table"}), _TEMPLATE)) >= 0:
            self._pop_to(depth + 1, at)

    def _close_before_block(self, name: str, at: int) -> None:
        if name in ITEMS:
            self._close(ITEMS[name], at, ITEM_BARRIERS)
        self._close(PARAGRAPH, at, SCOPE | {"button"})
        if name in HEADINGS and self._stack and self._stack[-1].name in HEADINGS:
            self._pop_to(len(self._stack) - 1, at)

    def _end_formatting(self, name: str, at: int) -> None:
        stack = self._stack
        if stack and stack[-1].name == name and stack[-1] not in self._formatting:
            self._pop_to(len(stack) - 1, at)
        elif self._formatting.last(name):
            self._pop_to(self._formatting.end(name, stack, at), at)
        else:
            self._close(frozenset({name}), at, SPECIAL)

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
