"""The Python-Markdown extension of the plugin, which marks the images of `![]()`.

Markdown's images are elements of its tree, while raw HTML is stashed text that no tree processor
sees, so this is where the two can be told apart. The pass over the page's HTML reads the mark and
takes it out. What `attr_list` sets is the author's word, an empty one (`{ alt="" }`) too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from mkdocs_alttext.html.marks import MARK_ATTRIBUTE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

_BEFORE, _AFTER = 9, 7.9
"""Around the priority of `attr_list` (8), which may give the image a text, or an empty one. What
reads `alt` behind it, as Zensical's media (7.5) and glightbox (7) do, finds no mark there."""


class _MarkTreeprocessor(Treeprocessor):
    """A pass over a page's tree that knows the mark."""

    def __init__(self, md: Markdown, mark: str) -> None:
        """Take the mark.

        Args:
            md: The Markdown instance.
            mark: The mark's value.
        """
        super().__init__(md)
        self._mark = mark


class EmptyAltTreeprocessor(_MarkTreeprocessor):
    """Puts the mark into each empty `alt`, so that one that `attr_list` writes is told from it."""

    def run(self, root: Element) -> None:
        """Fill the images below an element; changes the tree in place."""
        for image in root.iter("img"):
            if image.get("alt") == "":
                image.set("alt", self._mark)


class MarkingTreeprocessor(_MarkTreeprocessor):
    """Sets the mark on each image whose `alt` its author left empty, and empties it again."""

    def run(self, root: Element) -> None:
        """Mark the images below an element; changes the tree in place."""
        for image in root.iter("img"):
            if image.get("alt") == self._mark:
                image.set("alt", "")
                image.set(MARK_ATTRIBUTE, self._mark)


class AltTextExtension(Extension):
    """Marks the images of `![]()`."""

    def __init__(self, mark: str) -> None:
        """Take the mark.

        Args:
            mark: The mark's value.
        """
        super().__init__()
        self._mark = mark

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        """Register the tree processors."""
        empty, marking = EmptyAltTreeprocessor(md, self._mark), MarkingTreeprocessor(md, self._mark)
        md.treeprocessors.register(empty, "alttext-empty", _BEFORE)
        md.treeprocessors.register(marking, "alttext", _AFTER)
