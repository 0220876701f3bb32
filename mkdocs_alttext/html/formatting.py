"""Which formatting elements go on where a block ended them.

Owns the list of active formatting elements of the HTML standard (13.2.4.3), and what their own end
tags do: a link that its paragraph's end cut off goes on in the next one. It must not know which
tags make them go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.html.elements import SCOPE, SPECIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.html.elements import Element

_ALIKE = 3
"""Elements of the same name and attributes that are kept."""
_MOST = 32
"""Elements that are kept between two marks. The standard has no such limit; without one, a page of
tags that are never closed would be read for hours."""
_BLOCKS = 8
"""Blocks that an end tag takes its element into, one in the other."""
_BETWEEN = 3
"""Formatting elements right before such a block that stay in force in it."""


class ActiveFormatting:
    """The formatting elements that were opened and whose own end did not come yet."""

    def __init__(self) -> None:
        """Begin without any."""
        self._groups: list[list[Element]] = [[]]
        """Those before, between and after marks."""

    def add(self, element: Element) -> None:
        """Take an element that its start tag opened."""
        group = self._groups[-1]
        alike = [each for each in group if each.is_like(element)]
        if len(alike) >= _ALIKE:
            group.remove(alike[0])
        elif len(group) >= _MOST:
            del group[0]
        group.append(element)

    def mark(self) -> None:
        """Begin an element, as a table's cell, in which none of those before goes on."""
        self._groups.append([])

    def clear(self) -> None:
        """End the innermost such element, and those that were opened in it."""
        self._groups.pop()
        if not self._groups:
            self.mark()

    def last(self, name: str) -> Element | None:
        """Return the last element of a name since the last mark, open or cut off."""
        return next((each for each in reversed(self._groups[-1]) if each.name == name), None)

    def remove(self, element: Element) -> None:
        """Forget an element, if it is there."""
        if element in self:
            self._groups[-1].remove(element)

    def __contains__(self, element: Element) -> bool:
        """Tell whether an element goes on where a block ends it."""
        return element in self._groups[-1]

    def reopen(self, at: int) -> Sequence[Element]:
        """Let those go on that were cut off.

        Args:
            at: Where.

        Returns:
            What is open from there in their place, outermost first.
        """
        group = self._groups[-1]
        first = len(group)
        while first and group[first - 1].content_end >= 0:
            first -= 1
        if first == len(group):
            return ()
        group[first:] = [element.again(at) for element in group[first:]]
        return group[first:]

    def end(self, name: str, stack: list[Element], at: int) -> int:
        """Take the end tag of an element (13.2.6.4.7, adoption agency).

        Blocks that were opened in it stay open, and it ends in the innermost. Browsers put copies
        of it there; for what the blocks hold, that is the same.

        Args:
            name: The tag's name.
            stack: All open elements, outermost first; they are put in their new order.
            at: Where the tag begins.

        Returns:
            From which depth of the stack all is closed.
        """
        for _ in range(_BLOCKS):
            element = self.last(name)
            if element is None:
                break
            if element.content_end >= 0:
                self.remove(element)
                break
            depth = stack.index(element)
            inside = range(depth + 1, len(stack))
            if any(_is_barrier(stack[each]) for each in inside):
                break
            block = next((each for each in inside if _is_special(stack[each])), None)
            if block is None:
                self.remove(element)
                return depth
            kept = self._kept(element, stack[depth + 1 : block], at)
            stack[depth : block + 1] = [*kept, stack[block], element]
        return len(stack)

    def _kept(self, element: Element, between: list[Element], at: int) -> list[Element]:
        """Return those between an element and the block in it that stay open, and end the rest."""
        group = self._groups[-1]
        for other in between[:-_BETWEEN]:
            self.remove(other)
        kept = [other for other in between if other in self]
        for other in between:
            if other not in kept:
                other.content_end = at
        if kept:
            group.remove(element)
            group.insert(group.index(kept[-1]) + 1, element)
        return kept


def _is_special(element: Element) -> bool:
    return element.namespace == "html" and element.name in SPECIAL


def _is_barrier(element: Element) -> bool:
    if element.namespace == "html":
        return element.name in SCOPE
    return element.is_foreign_barrier
