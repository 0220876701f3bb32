"""The rare questions about the rest of a page.

Owns the text an id points to, whether a link has a name without its picture, and what the caption
around an image says. Where that text is not plain, BeautifulSoup says what it is, and is imported
only then. It must not know what the answers decide.

Text that a page says twice.

Owns the comparison of an image's text with what stands around it. It must not know how the image
got its text, nor what is done about it. A text that repeats the caption below it, or the image
beside it, is heard twice (axe-core's `image-redundant-alt`, WCAG technique H2).
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from mkdocs_alttext.html import tokens
from mkdocs_alttext.html.alt_values import is_description
from mkdocs_alttext.html.aria import hides, is_presentational
from mkdocs_alttext.html.attributes import parse_attributes
from mkdocs_alttext.html.elements import VOID
from mkdocs_alttext.html.marks import is_decorative
from mkdocs_alttext.html.plain_text import element_content, plain_text
from mkdocs_alttext.html.reading import read_ids
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bs4 import BeautifulSoup, Tag

    from mkdocs_alttext.html.attributes import Attributes
    from mkdocs_alttext.html.elements import Element
    from mkdocs_alttext.html.scanner import ImageTag

_MAY_HIDE = "(?i)hidden|display|&"
"""What the tag of an element that hides has in it, if only as character references."""

_MOST_READINGS = 4
"""Times its length that the parts of a page are read on the whole: twice that of sound pages, in
which a figure, a link or what an id means is hardly ever inside another one."""
_ALWAYS_READ = 64 * 1024
"""Characters that are read of any page."""


class PageText:
    """A page's source, read again when a question needs it, but not twice for the same answer."""

    __slots__ = (
        "_captions",
        "_ids",
        "_knows_all_ids",
        "_left",
        "_replaces_file_names",
        "_with_text",
        "html",
        "is_whole",
    )

    def __init__(self, html: str, *, is_whole: bool, replaces_file_names: bool = False) -> None:
        """Take a source.

        Args:
            html: The source.
            is_whole: Whether this is the whole page, and not only its article.
            replaces_file_names: Whether an `alt` that is only the name of a file counts as missing.
        """
        self.html = html
        self.is_whole = is_whole
        self._replaces_file_names = replaces_file_names
        self._ids: dict[str, Element | None] = {}
        self._knows_all_ids = False
        self._left = _MOST_READINGS * len(html) + _ALWAYS_READ
        self._with_text: dict[tuple[int, bool], bool] = {}
        self._captions: dict[int, tuple[int, str]] = {}

    def names(self, references: Iterable[str]) -> bool:
        """Tell whether `aria-labelledby` gives a name: an id of the page whose element has text.

        Args:
            references: The ids it lists.

        Returns:
            Whether one of them leads to text (WCAG technique ARIA10).
        """
        # What is referred to is read out though it is hidden.
        return any(
            self._is_read_out(element.attributes) or self._has_text_inside(element, hidden=True)
            for element in self._with_ids(frozenset(references))
        )

    def _with_ids(self, ids: frozenset[str]) -> Iterator[Element]:
        """Yield the first element of each id, as far as there is one."""
        # Not `ids - self._ids.keys()`, which goes through all that is known.
        unknown = frozenset(each for each in ids if each not in self._ids)
        if unknown and not self._knows_all_ids:
            # A second question: there will be others.
            self._knows_all_ids = bool(self._ids)
            found = read_ids(self.html, None if self._knows_all_ids else unknown)
            self._ids.update((element.attributes.get("id"), element) for element in found)
        for each in ids:
            if element := self._ids.setdefault(each, None):
                yield element

    def has_name(self, element: Element) -> bool:
        """Tell whether a link or button has a name apart from pictures without text.

        Args:
            element: The element as the scanner found it.

        Returns:
            Whether its own attributes or its content name it.
        """
        attributes = element.attributes
        if not (is_blank(attributes.get("aria-label")) and is_blank(attributes.get("title"))):
            return True
        references = attributes.get("aria-labelledby").split()
        if references and self.names(references):
            return True
        return self._has_text_inside(element, hidden=False)

    def may_be_named_outside(self, attributes: Attributes) -> bool:
        """Tell whether `aria-labelledby` may name what has no name here, beside this article."""
        return not self.is_whole and bool(attributes.get("aria-labelledby").split())

    def _has_text_inside(self, element: Element, *, hidden: bool) -> bool:
        """Tell whether there is text inside an element.

        Args:
            element: The element.
            hidden: Whether hidden text counts.

        Returns:
            Whether there is, also where too much of the page was read already to tell: then nothing
            is asked for it.
        """
        key = (element.start, hidden)
        if key not in self._with_text:
            may_read = self._may_read(element.content_end - element.content_start)
            self._with_text[key] = not may_read or self._finds_text(element, hidden=hidden)
        return self._with_text[key]

    def _may_read(self, length: int) -> bool:
        """Tell whether a part may be read: thousands inside each other make a page without end."""
        self._left -= length
        return self._left >= 0

    def _finds_text(self, element: Element, *, hidden: bool) -> bool:
        content = self.html[element.content_start : element.content_end]
        text = plain_text(content)
        if text is None or not (hidden or _is_all_exposed(content)):
            found = _parse(content)
            if not hidden:
                for tag in found.find_all(_hides):
                    tag.extract()
            text = found.get_text()
            tags = [_start_tag(tag) for tag in found.find_all()]
        else:
            tags = [*tokens.TAG.finditer(content)]
        return not is_blank(text) or any(
            self._is_read_out(attributes) and (hidden or _is_exposed(attributes))
            for attributes in map(parse_attributes, tags)
        )

    def _is_read_out(self, attributes: Attributes) -> bool:
        """Tell whether an attribute is read out in place of content.

        An `alt` is, unless this build writes another in its place, or takes it out.
        """
        if not is_blank(attributes.get("aria-label")):
            return True
        alt = attributes.get("alt")
        return is_description(
            alt, attributes, replaces_file_names=self._replaces_file_names
        ) and not is_decorative(attributes)

    def has_figure_before(self, place: int) -> bool:
        """Tell whether a figure may begin before a place."""
        # In less time than CPython's `find` takes.
        return self.html.rfind("<figure", 0, place) >= 0

    def caption_around(self, place: int) -> str:
        """Return the text of the `figcaption` of the figure around a place, or nothing.

        Nothing, too, where too much of the page was read already.
        """
        opening = self.html.rfind("<figure", 0, place)
        if opening < 0:
            return ""
        if opening not in self._captions:
            closing = self.html.find("</figure", opening)
            end = closing if closing >= 0 else len(self.html)
            may_read = self._may_read(end - opening)
            self._captions[opening] = (end, _caption(self.html[opening:end]) if may_read else "")
        end, caption = self._captions[opening]
        return caption if place < end else ""


def _caption(figure: str) -> str:
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


def _is_all_exposed(content: str) -> bool:
    """Tell whether no element of a source with a plain text hides text inside it."""
    return not re.search(_MAY_HIDE, content) or not any(
        tag[2].lower() not in VOID and hides(parse_attributes(tag))
        for tag in tokens.TAG.finditer(content)
    )


def _is_exposed(attributes: Attributes) -> bool:
    return not (hides(attributes) or is_presentational(attributes))


def _hides(tag: Tag) -> bool:
    return hides(parse_attributes(_start_tag(tag)))


def _start_tag(found: Tag) -> re.Match[str]:
    """Return the start tag of what BeautifulSoup found, as this package reads tags."""
    from bs4 import Tag  # noqa: PLC0415 - it is imported already

    tag = tokens.TAG.match(str(Tag(name=found.name, attrs=found.attrs)))
    assert tag is not None  # noqa: S101 - it writes whole tags
    return tag


_NO_WORDS = re.compile(r"(?:\s|<[^<>]*+>)*+")
_EDGES = " .:;!?\"'"


def repeats_caption(text: str, tag: ImageTag, page: PageText) -> bool:
    """Tell whether a text is that of the `figcaption` of the figure around its image.

    Args:
        text: The image's text.
        tag: The image.
        page: Where it stands.
    """
    caption = page.caption_around(tag.start)
    return bool(caption) and _key(caption) == _key(text)


def repeats_neighbour(text: str, tag: ImageTag, before: ImageTag, its_text: str, html: str) -> bool:
    """Tell whether a text is that of the image before it, with no words between the two.

    Args:
        text: The image's text.
        tag: The image.
        before: The image before it.
        its_text: That image's text.
        html: The source of both.
    """
    # Where words stand between, the first of them tells.
    is_next = _NO_WORDS.fullmatch(html, before.end, tag.start) is not None
    return is_next and bool(its_text) and _key(text) == _key(its_text)


def _key(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES).casefold()
