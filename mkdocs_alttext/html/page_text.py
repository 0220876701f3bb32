"""What surrounds an image: elements, names, captions, and texts that a page says twice."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from mkdocs_alttext.html.attributes import (
    Attributes,
    colour_scheme,
    hides,
    is_description,
    is_presentational,
)
from mkdocs_alttext.html.marks import is_decorative
from mkdocs_alttext.html.scanner import Document, Element, ImageTag
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from selectolax.lexbor import LexborNode

_ALWAYS_READ = 100_000
_CHARACTERS_A_NODE = 10
"""How many nodes are read for the names and captions of a page: each of a sound page a few times
over, while thousands of links or figures inside each other would have no end."""
_UNHEARD = frozenset({"script", "style", "template"})
"""Elements whose text is nobody's to read."""


class PageText(Document):
    """A page or an article, and the questions that an image asks about the rest of it."""

    def __init__(self, html: str, *, is_whole: bool, replaces_file_names: bool = False) -> None:
        """Take a source.

        Args:
            html: The source.
            is_whole: Whether this is the whole page, and not only its article.
            replaces_file_names: Whether an `alt` that is only the name of a file counts as missing.
        """
        super().__init__(html, is_whole=is_whole)
        self._replaces_file_names = replaces_file_names
        self._left = _ALWAYS_READ + len(html) // _CHARACTERS_A_NODE
        self._nearest: dict[tuple[Callable[..., object], Element], Element | None] = {}
        self._with_text: dict[tuple[int, bool, str], bool] = {}
        self._captions: dict[Element, str] = {}
        self._texts: dict[Element, str] = {}

    def nearest(self, tag: ImageTag, fits: Callable[[Element], bool]) -> Element | None:
        """Return the innermost element around an image that fits, or `None`.

        Args:
            tag: The image.
            fits: Tells whether an element does. Each element is asked once, however many images it
                holds, where the same function is passed for all of them.
        """
        return self._around_image(tag, fits, fits)

    def nearest_with(self, tag: ImageTag, says: Callable[[Attributes], object]) -> Element | None:
        """Return the innermost element around an image whose attributes say something, or `None`.

        Args:
            tag: The image.
            says: As for `nearest`, of the attributes of an element.
        """
        return self._around_image(tag, says, lambda element: bool(says(element.attributes)))

    def _around_image(
        self, tag: ImageTag, question: Callable[..., object], fits: Callable[[Element], bool]
    ) -> Element | None:
        passed = []
        found = None
        for element in tag.ancestors:
            key = question, element
            if key in self._nearest:
                found = self._nearest[key]
                break
            passed.append(key)
            if fits(element):
                found = element
                break
        self._nearest |= dict.fromkeys(passed, found)
        return found

    def names(self, references: Iterable[str]) -> bool:
        """Tell whether `aria-labelledby` gives a name: an id of the page whose element has text.

        Args:
            references: The ids it lists.

        Returns:
            Whether one of them leads to text (WCAG technique ARIA10).
        """
        elements = filter(None, map(self.element, references))
        # What is referred to is read out though it is hidden.
        return any(
            self._is_read_out(element.attributes) or self._has_text(element, hidden=True)
            for element in elements
        )

    def has_name(self, element: Element, *, colours: str = "") -> bool:
        """Tell whether a link or button has a name apart from pictures without text.

        Args:
            element: An element around an image.
            colours: The image's, as of `colour_scheme`: one that is shown in others only is not
                there where this one is.

        Returns:
            Whether its own attributes or its content name it. A `title` alone does not: it says
            what happens ("Click to enlarge"), and the content comes before it.
        """
        is_named = self.is_named(element.attributes)
        return is_named or self._has_text(element, hidden=False, colours=colours)

    def is_named(self, attributes: Attributes) -> bool:
        """Tell whether `aria-label` or `aria-labelledby` give an element a name."""
        references = attributes.get("aria-labelledby").split()
        return not is_blank(attributes.get("aria-label")) or self.names(references)

    def may_be_named_outside(self, attributes: Attributes) -> bool:
        """Tell whether `aria-labelledby` may name what has no name here, beside this article."""
        return not self.is_whole and bool(attributes.get("aria-labelledby").split())

    def caption_around(self, tag: ImageTag) -> str:
        """Return the text of the `figcaption` of the figure around an image, or nothing."""
        figure = self.nearest(tag, _is_figure)
        if figure is None:
            return ""
        if figure not in self._captions:
            nodes = self._inside(figure.node, hidden=True)
            caption = next((node for node in nodes if node.tag == "figcaption"), None)
            self._captions[figure] = "" if caption is None else self._text_inside(caption)
        return self._captions[figure]

    def holds_only_images(self, link: Element) -> bool:
        """Tell whether all that names a link is images in it."""
        if self.is_named(link.attributes):
            return False
        nodes = self._inside(link.node, hidden=False)
        return all(node.is_element_node or is_blank(_text(node)) for node in nodes)

    def text_in(self, element: Element) -> str:
        """Return the text inside an element, without that of its images."""
        if element not in self._texts:
            self._texts[element] = self._text_inside(element.node)
        return self._texts[element]

    def _text_inside(self, node: LexborNode) -> str:
        return "".join(_text(inner) for inner in self._inside(node, hidden=True))

    def _has_text(self, element: Element, *, hidden: bool, colours: str = "") -> bool:
        """Tell whether there is text inside an element.

        Args:
            element: The element.
            hidden: Whether hidden text counts.
            colours: As for `colour_scheme`: what is shown in others only does not count.

        Returns:
            Whether there is, also where too much of the page was read already to tell: then nothing
            is asked for it.
        """
        key = (element.node.mem_id, hidden, colours)
        if key not in self._with_text:
            nodes = self._inside(element.node, hidden=hidden)
            is_found = any(self._is_heard(node, hidden=hidden, colours=colours) for node in nodes)
            self._with_text[key] = is_found or self._left < 0
        return self._with_text[key]

    def _is_heard(self, node: LexborNode, *, hidden: bool, colours: str) -> bool:
        if not node.is_element_node:
            return not is_blank(_text(node))
        attributes = Element(node).attributes
        if colours and node.tag == "img" and colour_scheme(attributes) not in {"", colours}:
            return False
        return self._is_read_out(attributes) and (hidden or not is_presentational(attributes))

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

    def _inside(self, node: LexborNode, *, hidden: bool) -> Iterator[LexborNode]:
        """Yield the elements and texts inside a node, in their order, as far as they may be read.

        Args:
            node: The node.
            hidden: Whether to go into elements that are hidden.
        """
        waiting = [*node.iter(include_text=True)][::-1]
        while waiting and self._left >= 0:
            self._left -= 1
            inner = waiting.pop()
            if inner.is_element_node:
                if inner.tag in _UNHEARD or not (hidden or not hides(Element(inner).attributes)):
                    continue
                waiting += [*inner.iter(include_text=True)][::-1]
            yield inner


def _is_figure(element: Element) -> bool:
    return element.name == "figure"


def _text(node: LexborNode) -> str:
    return node.text_content or "" if node.is_text_node else ""


_NO_WORDS = re.compile(r"(?:\s|<[^<>]*+>)*+")
_EDGES = " .:;!?\"'"


def is_same_text(one: str, other: str) -> bool:
    """Tell whether two texts sound the same, and there is something to be heard."""
    return bool(spoken(one)) and spoken(one) == spoken(other)


def is_next(before: ImageTag, tag: ImageTag, html: str) -> bool:
    """Tell whether no words stand between an image and the one before it."""
    return _NO_WORDS.fullmatch(html, before.end, tag.start) is not None


_ITEMS = frozenset("dd dt h1 h2 h3 h4 h5 h6 li td th".split())
_BETWEEN = r"(?:\s|&nbsp;|</?(?:a|abbr|b|code|em|i|small|span|strong)\b[^<>]*>)*+"
_BEHIND = re.compile(rf"{_BETWEEN}([^<>]+)")
_AHEAD = re.compile(rf"([^<>\s][^<>]*?){_BETWEEN}\Z")
_NEAR = 300
"""Characters before an image in which the text beside it is looked for."""


def texts_beside(tag: ImageTag, page: PageText) -> set[str]:
    """Return the texts directly beside an image in its cell, item or heading, as `spoken` does."""
    if page.nearest(tag, _is_item) is None:
        return set()
    ahead = _AHEAD.search(page.html[max(0, tag.start - _NEAR) : tag.start])
    found = (ahead, _BEHIND.match(page.html, tag.end))
    return {spoken(unescape(each[1])) for each in found if each} - {""}


def _is_item(element: Element) -> bool:
    return element.name in _ITEMS


def spoken(text: str) -> str:
    """Return the form in which texts are compared that a reader hears as the same."""
    return " ".join(text.split()).strip(_EDGES).casefold()
