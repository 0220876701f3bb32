"""The images of an HTML page as a browser's parser (lexbor) finds them, with exact spans.

The parser knows the tree, and not where a tag stands in the source. So each `<img` of a copy of the
source gets a number as an attribute, which is the index of its `<` in the source, and the parser
reads the copy: where an `img` element has a number, the tag at that index is an image. Comments,
scripts, templates, attribute values and tags that are closed in no order are the parser's business.

The parts of tables get numbers, too: browsers move what stands in a table, but in none of its
cells, out of it, while its author sees it inside.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from functools import cached_property
from operator import attrgetter, itemgetter
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.html.attributes import ATTRIBUTE, ATTRIBUTE_NAME, SPACE, Attributes
from mkdocs_alttext.html.prefilter import IMAGE
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAG = re.compile(rf"<[a-zA-Z][^{SPACE}/>]*+(?=([{SPACE}/>]))(?:[{SPACE}/]++|{ATTRIBUTE})*+>")
_NAME_AND_REST = re.compile(rf"(?=({ATTRIBUTE_NAME})){ATTRIBUTE}")
_AS_READ = str.maketrans(ascii_uppercase, ascii_lowercase)
"""Names are lowered in ASCII only (HTML standard, 13.2.5.33): `str.lower` also changes others."""
_TABLE_PARTS = "table, tbody, tfoot, thead, tr, form"
"""What an image can be moved out of, as selectors."""
_NUMBERED_TAG = re.compile(
    rf"<(?:img|image|{_TABLE_PARTS.replace(', ', '|')})[{SPACE}/>]", re.IGNORECASE | re.ASCII
)
_NUMBER_NAME = "data-alttext-n"
"""The attribute that holds a number."""
_NUMBER = re.compile(rf"/{_NUMBER_NAME}=?[0-9]+")
_ARTICLE = "<!doctype html><body><br>"
"""What is put before an article: without it, `<noscript>` and `<frameset>` at the beginning would
be read as those of a head, and tables as before the standard."""

_TOKEN = re.compile(
    # comments, texts that are no markup, and tags with all that stands in them
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?].*?(?:>|\Z)"
    rf"|<(script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[{SPACE}/>])"
    rf".*?(?:</\1(?=[{SPACE}/>])[^>]*+>?|\Z)"
    rf"|<(/?[a-z][^{SPACE}/>]*+)(?:[{SPACE}/]++|{ATTRIBUTE})*+>?",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_MANY_ATTRIBUTES = 500
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


class Element:
    """One element of the parser's tree."""

    def __init__(
        self, node: LexborNode, parent: Element | None = None, *, is_left: bool = False
    ) -> None:
        """Take what the parser found.

        Args:
            node: The parser's own.
            parent: The element around it, which all share that stand in it: lists of ancestors
                would take gigabytes for thousands of images in thousands of elements.
            is_left: Whether it is part of a table, out of which the parser moved the image.
        """
        self.node = node
        self.parent = parent
        self.is_left = is_left

    @property
    def name(self) -> str:
        """Its name, in lower case but for those of SVG that have capitals."""
        return self.node.tag or ""

    @cached_property
    def attributes(self) -> Attributes:
        """Its attributes."""
        return _attributes_of(self.node)


class Span(NamedTuple):
    """One attribute of a tag, and where it is written."""

    name: str
    """In lower case."""
    start: int
    """Where its name begins."""
    end: int
    """Where it ends, its closing quote included."""


class ImageTag(NamedTuple):
    """One `<img>` tag of a source."""

    start: int
    """Where `<` stands."""
    name_end: int
    """Where the tag's name ends: the place to insert an attribute at."""
    end: int
    """After `>`."""
    attributes: Attributes
    spans: Sequence[Span]
    """Of all attributes, duplicates included: browsers use the first of a name."""
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
        found: list[ImageTag] = []
        later_parts: dict[str, list[tuple[int, LexborNode]]] = defaultdict(list)
        # From the end of the tree: what is moved out of a table stands before it.
        for node in reversed(self._tree.css(f"img, {_TABLE_PARTS}")):
            place = _number_of(node)
            if node.tag != "img" and place is not None:
                insort(later_parts[node.tag or ""], (place, node), key=itemgetter(0))
            elif place is not None and (tag := read_tag(self.html, place, node)):
                parent = self._around(node)
                for part in _parts_left(later_parts, place):
                    parent = Element(part, parent, is_left=True)
                found.append(tag._replace(parent=parent))
        return sorted(found, key=attrgetter("start"))  # the tree may have them in another order

    def element(self, identifier: str) -> Element | None:
        """Return the first element that has an id."""
        node = self._ids.get(identifier)
        return None if node is None else Element(node)

    def nodes(self, selector: str) -> list[LexborNode]:
        """Return the parser's nodes that a CSS selector matches, in the order of the page.

        Raises:
            PageError: The page is too complex to be read.
        """
        return self._tree.css(selector)

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        if _is_too_complex(self.html):
            raise PageError(Reason.PAGE_TOO_COMPLEX)
        copy = _NUMBERED_TAG.sub(_with_number, self.html)
        return _parsed(copy if self.is_whole else _ARTICLE + copy)

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


def read_tag(html: str, start: int, node: LexborNode | None = None) -> ImageTag | None:
    """Read one start tag of an image.

    Args:
        html: The source.
        start: Where its `<` stands.
        node: The tag in a tree; without one, the tag alone is parsed.

    Returns:
        The tag; `None` when there is none, or the source ends before it does.
    """
    tag = _TAG.match(html, start)
    if tag is None:
        return None
    node = node or _parsed(tag[0]).css("img")[0]
    name_end, end = tag.start(1), tag.end()
    spans = [
        Span(found[1].translate(_AS_READ), *found.span())
        for found in _NAME_AND_REST.finditer(html, name_end, end)
    ]
    return ImageTag(start, name_end, end, _attributes_of(node), spans)


def markup_of(html: str, start: int, end: int, *, first: int = 0) -> str:
    """Return a part of a source without what is no markup, such as comments and scripts.

    Args:
        html: The source.
        start: Where the part begins; a tag around that belongs to it.
        end: Where it ends; a tag around that does not belong to it.
        first: Where reading begins: in a text, and not in a comment or a tag.
    """
    kept = []
    for token in _TOKEN.finditer(html, first, end):
        is_whole_tag = token[2] is not None and token[0].endswith(">")
        if token.end() > start and is_whole_tag:
            start = min(start, token.start())
        elif token.end() > start:
            kept.append(html[start : token.start()])
            start = end if token[2] else token.end()
    return "".join(kept) + html[start:end]


def _parsed(html: str) -> LexborHTMLParser:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - most pages need none

    try:
        return LexborHTMLParser(html.encode())
    except UnicodeEncodeError:
        # Bytes that are no text, as Python keeps them: UTF-8 has none.
        return LexborHTMLParser(re.sub("[\ud800-\udfff]", "\ufffd", html).encode())


def _attributes_of(node: LexborNode) -> Attributes:
    """Return attributes without numbers, which may be in values that look like tags, too."""
    return Attributes(
        {
            name: _NUMBER.sub("", value) if value and _NUMBER_NAME in value else value or ""
            for name, value in node.attributes.items()
            if not name.startswith(_NUMBER_NAME)
        }
    )


def _with_number(found: re.Match[str]) -> str:
    """Return the beginning of a tag with its number.

    The slash is no white space, as what follows could turn from an attribute's value into markup
    then. Before another slash the number is a part of the name, as a value would take the slash of
    `<img/>` into it.
    """
    name, end = found[0][:-1], found[0][-1]
    return f"{name}/{_NUMBER_NAME}{'' if end == '/' else '='}{found.start()}{end}"


def _number_of(node: LexborNode) -> int | None:
    """Return the number of an element: the first of such attributes, as authors' own come later.

    Elements that the source has no tag of have none.
    """
    attributes = node.attributes
    for name in attributes:
        if name.startswith(_NUMBER_NAME):
            return int(attributes[name] or name.removeprefix(_NUMBER_NAME))
    return None


def _parts_left(
    later: Mapping[str, Sequence[tuple[int, LexborNode]]], place: int
) -> list[LexborNode]:
    """Return the parts of tables that an image was moved out of, outermost first.

    Args:
        later: The parts behind the image in the tree, by name, with their numbers, which rise.
        place: The number of the image. The last part of each name that begins before it counts,
            though it may have ended, and the first table.
    """
    around = set()
    for parts in later.values():
        count = bisect_left(parts, place, key=itemgetter(0))
        if count:
            around |= {parts[count - 1]} | ({parts[0]} if parts[0][1].tag == "table" else set())
    return [part for _, part in sorted(around, key=itemgetter(0))]


def _is_too_complex(html: str) -> bool:
    """Tell whether the parser would take minutes or gigabytes for a source.

    Its time grows with the square of some counts: of the attributes of one tag, as it looks for the
    name of each among those before; of open elements, as it looks through them for a paragraph that
    a new one ends; and of the options of one `select`. Its memory grows so with formatting that is
    never closed, as it goes on in each paragraph that follows. What is let through takes about half
    a second or 200 MB beside what the source's length takes.
    """
    if len(html) > _SHORT and _has_many_attributes(html):
        return True
    lower = html.lower()
    tags = lower.count("<")
    # Of formatting without attributes, no more than three of a name go on.
    formatting = rf"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[{SPACE}/]"
    if tags < _FEW_TAGS and tags * len(re.findall(formatting, lower)) < _FEW_COPIES:
        return False
    opened: Counter[str] = Counter()
    depth = work = 0
    for _, written in _TOKEN.findall(lower):
        name = written.removeprefix("/")
        weight = _WEIGHTS.get(name, 1)
        if not written:
            continue
        if written[0] != "/":
            opened[name] += 1
            depth += weight
            work += depth
        elif opened[name] and name != "option":
            opened[name] -= 1
            depth -= weight
    return work > _MOST_WORK


def _has_many_attributes(html: str) -> bool:
    """Tell whether a tag has hundreds of attributes; each character is looked at twice at most."""
    attribute = rf"[{SPACE}/]*+{ATTRIBUTE}"
    tag = rf"<[a-zA-Z][^{SPACE}/>]*+((?:{attribute}){{0,{_MANY_ATTRIBUTES}}})"
    return any(
        len(re.findall(attribute, attributes)) >= _MANY_ATTRIBUTES
        for attributes in re.findall(tag, html)
        if len(attributes) >= _MANY_ATTRIBUTES
    )
