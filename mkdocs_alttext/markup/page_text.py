"""The rare questions about the rest of a page.

Owns the text an id points to, whether a link has a name without its picture, and what the caption
around an image says. Where that text is not plain, BeautifulSoup says what it is, and is imported
only then. It must not know what the answers decide.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.markup.plain_text import attribute_values, element_content, plain_text
from mkdocs_alttext.markup.reading import read_ids
from mkdocs_alttext.markup.texts import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bs4 import BeautifulSoup, Tag

    from mkdocs_alttext.markup.elements import Element

_SPOKEN = ("alt", "aria-label")
"""Attributes that are read out in place of content."""


class PageText(NamedTuple):
    """A page's source, read again when a question needs it."""

    html: str
    is_whole: bool
    """Whether this is the whole page, and not only its article."""

    def names(self, references: Iterable[str]) -> bool:
        """Tell whether `aria-labelledby` gives a name: an id of the page whose element has text.

        Args:
            references: The ids it lists.

        Returns:
            Whether one of them leads to text (WCAG technique ARIA10).
        """
        return any(
            _has_value(element, *_SPOKEN) or self._has_text_inside(element)
            for element in read_ids(self.html, frozenset(references))
        )

    def has_name(self, element: Element) -> bool:
        """Tell whether a link or button has a name apart from pictures without text.

        Args:
            element: The element as the scanner found it.

        Returns:
            Whether its own attributes or its content name it.
        """
        if _has_value(element, "aria-label", "title"):
            return True
        references = element.attributes.get("aria-labelledby").split()
        if references and self.names(references):
            return True
        return self._has_text_inside(element)

    def _has_text_inside(self, element: Element) -> bool:
        content = self.html[element.content_start : element.content_end]
        text = plain_text(content)
        if text is None:
            return _has_text(_parse(content))
        return any(not is_blank(each) for each in (text, *attribute_values(content, *_SPOKEN)))

    def has_figure_before(self, place: int) -> bool:
        """Tell whether a figure may begin before a place."""
        # In less time than CPython's `find` takes.
        return self.html.rfind("<figure", 0, place) >= 0

    def caption_around(self, start: int, end: int) -> str:
        """Return the text of the `figcaption` of the figure around a place, or nothing.

        Args:
            start: Where what is in the figure begins.
            end: Where it ends.
        """
        opening = self.html.rfind("<figure", 0, start)
        if opening < 0 or self.html.find("</figure", opening, start) >= 0:
            return ""
        figure = self.html[opening : self.html.find("</figure", end)]
        if "figcaption" not in figure:
            return ""
        if plain_text(figure) is not None and (content := element_content(figure, "figcaption")):
            return plain_text(content) or ""
        caption = _parse(figure).find("figcaption")
        return "" if caption is None else caption.get_text()


def _parse(html: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning  # noqa: PLC0415 - most never need it

    with warnings.catch_warnings():
        # An XML declaration, as drawing programs write it, does not make a page XML.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(html, "html.parser", on_duplicate_attribute="ignore")


def _has_value(element: Element, *names: str) -> bool:
    attributes = element.attributes
    return any(not is_blank(attributes.get(name)) for name in names)


def _has_text(found: Tag) -> bool:
    if not is_blank(found.get_text()):
        return True
    inner = (found, *found.find_all())
    texts = [element.get(name) for element in inner for name in _SPOKEN]
    return any(isinstance(text, str) and not is_blank(text) for text in texts)
