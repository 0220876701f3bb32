"""The images of an HTML page as a browser's parser (lexbor) finds them, with exact spans.

The parser knows the tree, and not where a tag stands in the source. So each `<img` of a copy of the
source gets a number as an attribute, which is the index of its `<` in the source, and the parser
reads the copy: where an `img` element has a number, the tag at that index is an image. Comments,
scripts, templates, attribute values and tags that are closed in no order are the parser's business.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.html.attributes import ATTRIBUTE, SPACE, Attributes, WrittenAttributes
from mkdocs_alttext.html.prefilter import IMAGE
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAG = re.compile(rf"<[a-zA-Z][^{SPACE}/>]*+(?=([{SPACE}/>]))(?:[{SPACE}/]++|{ATTRIBUTE})*+>")
_NUMBER = "data-alttext-n"
_WRITTEN_NUMBER = re.compile(rf"/{_NUMBER}=?[0-9]+")
_ARTICLE = "<!doctype html><body><br>"
"""What is put before an article: without it, `<noscript>` and `<frameset>` at the beginning would
be read as those of a head, and tables as before the standard."""
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Bytes that are no text, as Python keeps them; UTF-8 has none, so the parser's copy has U+FFFD."""

_TAG_NAME = re.compile(rf"<(/?[a-z][^{SPACE}/>]*+)")
_MANY_ATTRIBUTES = re.compile(rf"<[a-zA-Z][^{SPACE}/>]*+(?:[{SPACE}/]*+{ATTRIBUTE}){{500}}")
_FORMATTING = re.compile(rf"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[{SPACE}/]")
_SHORT = 50_000
"""Characters of a source up to which tags of many attributes are not looked for."""
_FEW_TAGS = 10_000
"""Tags: a source with fewer, and with few copies, has its open elements not counted."""
_FEW_COPIES = 1_000_000
"""Tags times formatting elements with attributes, of which each tag could get a copy."""
_MOST_WORK = 150_000_000
"""Open elements at each start tag, by their weights, added up over all start tags of a source."""
_WEIGHTS = {
    # without an end tag
    **dict.fromkeys("area base br col embed hr img input link meta source track wbr".split(), 0),
    # mostly ended by the next one
    **dict.fromkeys("a body caption colgroup dd dt head html li nobr optgroup p rp rt".split(), 0),
    **dict.fromkeys("tbody td tfoot th thead tr".split(), 0),
    # shapes, which end with a slash
    **dict.fromkeys("circle ellipse line path polygon polyline rect stop use".split(), 0),
    # go on in later paragraphs
    **dict.fromkeys("b big code em font i s small strike strong tt u".split(), 100),
    "option": 4,
}
"""How much an element that stays open counts, when it is not 1."""


@dataclass(frozen=True, eq=False)
class Element:
    """One element of the parser's tree."""

    node: LexborNode
    """The parser's own."""
    parent: Element | None = None
    """The element around it, which all share that stand in it: lists of ancestors would take
    gigabytes for thousands of images in thousands of elements."""

    @property
    def name(self) -> str:
        """Its name, in lower case but for those of SVG that have capitals."""
        return self.node.tag or ""

    @cached_property
    def attributes(self) -> Attributes:
        """Its attributes, as the source has them where a value looks like an image."""
        return Attributes(
            {
                name: _WRITTEN_NUMBER.sub("", value) if value and _NUMBER in value else value
                for name, value in self.node.attributes.items()
            }
        )


class ImageTag(NamedTuple):
    """One `<img>` tag of a source."""

    start: int
    """Where `<` stands."""
    name_end: int
    """Where the tag's name ends: the place to insert an attribute at."""
    end: int
    """After `>`."""
    attributes: WrittenAttributes
    parent: Element | None = None
    """The element that it stands in."""

    @property
    def ancestors(self) -> Iterator[Element]:
        """The elements around it, innermost first."""
        element = self.parent
        while element is not None:
            yield element
            element = element.parent


class Document:
    """A page or an article as the parser reads it."""

    def __init__(self, html: str, *, is_whole: bool) -> None:
        """Take the source, which is read when something is asked.

        Args:
            html: The source.
            is_whole: Whether it is a whole page, and not only an article.
        """
        self.html = html
        self.is_whole = is_whole
        self._elements: dict[int, Element] = {}

    @cached_property
    def images(self) -> list[ImageTag]:
        """Each `<img>` that is an element of the page, in the order of the source.

        Raises:
            PageError: The page is too complex to be read.
        """
        if not IMAGE.search(self.html):
            return []
        found = [
            tag._replace(parent=self._around(node))
            for node in self._tree.css("img")
            if (tag := read_tag(self.html, _place_of(node)))
        ]
        return sorted(found, key=attrgetter("start"))  # the tree may have them in another order

    def element(self, identifier: str) -> Element | None:
        """Return the first element that has an id."""
        node = self._ids.get(identifier)
        return None if node is None else Element(node)

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - most pages need none

        if _is_too_complex(self.html):
            raise PageError(Reason.PAGE_TOO_COMPLEX)
        copy = IMAGE.sub(_numbered, self.html)
        if not self.is_whole:
            copy = _ARTICLE + copy
        try:
            return LexborHTMLParser(copy.encode())
        except UnicodeEncodeError:
            return LexborHTMLParser(_SURROGATE.sub("\ufffd", copy).encode())

    @cached_property
    def _ids(self) -> dict[str, LexborNode]:
        found: dict[str, LexborNode] = {}
        for node in self._tree.css("[id]"):
            found.setdefault(node.attributes["id"] or "", node)
        return found

    def _around(self, node: LexborNode) -> Element | None:
        """Return the element around a node, made once for all that stand in it."""
        new = []
        around = node.parent
        while around and around.is_element_node and around.mem_id not in self._elements:
            new.append(around)
            around = around.parent
        element = self._elements.get(around.mem_id) if around else None
        for each in reversed(new):
            element = self._elements[each.mem_id] = Element(each, element)
        return element


def scan(html: str, *, is_whole: bool = False) -> list[ImageTag]:
    """Find the images of a page or an article, as a browser would.

    Args:
        html: The source.
        is_whole: Whether it is a whole page, and not only an article.

    Returns:
        Each `<img>` that is an element of the page, in order: none that only stands in a comment, a
        raw-text element, a template or an attribute value.

    Raises:
        PageError: The page is too complex to be read.
    """
    return Document(html, is_whole=is_whole).images


def read_tag(html: str, start: int) -> ImageTag | None:
    """Read one start tag.

    Args:
        html: The source.
        start: Where its `<` stands.

    Returns:
        The tag; `None` when there is none, or the source ends before it does.
    """
    tag = _TAG.match(html, start)
    if tag is None:
        return None
    name_end = tag.start(1)
    return ImageTag(start, name_end, tag.end(), WrittenAttributes(html, name_end, tag.end()))


def _numbered(found: re.Match[str]) -> str:
    """Return the beginning of a tag with its number.

    The slash is no white space, as what follows could turn from an attribute's value into markup
    then. Before another slash the number is a part of the name, as a value would take the slash of
    `<img/>` into it.
    """
    name, end = found[0][:-1], found[0][-1]
    return f"{name}/{_NUMBER}{'' if end == '/' else '='}{found.start()}{end}"


def _place_of(node: LexborNode) -> int:
    """Return the number of an image: the first of such attributes, as authors' own come later."""
    attributes = node.attributes
    name = next(name for name in attributes if name.startswith(_NUMBER))
    return int(attributes[name] or name.removeprefix(_NUMBER))


def _is_too_complex(html: str) -> bool:
    """Tell whether the parser would take minutes or gigabytes for a source.

    Its time grows with the square of some counts: of the attributes of one tag, as it looks for the
    name of each among those before; of open elements, as it looks through them for a paragraph that
    a new one ends; and of the options of one `select`. Its memory grows so with formatting that is
    never closed, as it goes on in each paragraph that follows. What is let through takes about half
    a second or 200 MB beside what the source's length takes.
    """
    if len(html) > _SHORT and _MANY_ATTRIBUTES.search(html):
        return True
    lower = html.lower()
    tags = lower.count("<")
    # Of formatting without attributes, no more than three of a name go on.
    if tags < _FEW_TAGS and tags * len(_FORMATTING.findall(lower)) < _FEW_COPIES:
        return False
    opened: Counter[str] = Counter()
    depth = work = 0
    for written in _TAG_NAME.findall(lower):
        name = written.removeprefix("/")
        weight = _WEIGHTS.get(name, 1)
        if written[0] != "/":
            opened[name] += 1
            depth += weight
            work += depth
        elif opened[name] and name != "option":
            opened[name] -= 1
            depth -= weight
    return work > _MOST_WORK
