"""What the HTML standard says of each kind of element.

Owns the record of an element that was opened, and the lists that tree construction goes by
(HTML standard, 13.1.2, 13.2.4 and 13.2.6). It must not know which elements are open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.html.attributes import Attributes, parse_attributes

if TYPE_CHECKING:
    import re

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr image img input keygen link meta param "
    "source track wbr".split()
)
NOT_TRACKED = frozenset({"head", "frameset"})
ONCE = frozenset({"html", "body"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CLOSES_PARAGRAPH = HEADINGS | frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form header hgroup hr li listing main menu nav ol p plaintext pre search "
    "section summary table ul xmp".split()
)
FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
MARKS_FORMATTING = frozenset("applet caption marquee object td template th".split())
"""Formatting that was cut off outside does not go on inside these."""
BLOCK_END = HEADINGS | frozenset(
    "address applet article aside blockquote button center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form header hgroup li listing main marquee menu nav object "
    "ol p pre search section select summary ul".split()
)
LIST_ITEM = frozenset({"li"})
DEFINITION = frozenset({"dd", "dt"})
PARAGRAPH = frozenset({"p"})
SELECT = frozenset({"select"})
TABLE_PARTS = frozenset({"caption", "colgroup", "tbody", "tfoot", "thead"})
CELLS = frozenset({"td", "th"})
TABLE_END = TABLE_PARTS | CELLS | {"table", "tr"}
INSIDE_TABLE = TABLE_END - {"table"}
BETWEEN_CELLS = TABLE_END - CELLS - {"caption"}
"""Where white space is no content."""
CLOSED_BY_PART = {
    **dict.fromkeys(CELLS, CELLS),
    "tr": frozenset({"tr", "caption", "colgroup"}),
}
"""What the start tag of a cell or row closes; other parts close all in their table."""
SCOPE = frozenset("applet caption html marquee object select table td template th".split())
TABLE_SCOPE = frozenset({"html", "table", "template"})
SPECIAL = BLOCK_END | TABLE_END | frozenset("body form head html noscript template".split())
REOPENS_NOTHING = (
    (CLOSES_PARAGRAPH - {"xmp"})
    | INSIDE_TABLE
    | NOT_TRACKED
    | ONCE
    | frozenset(
        "base basefont bgsound frame iframe link meta noembed noframes param rb rp rt rtc script "
        "source style template textarea title track".split()
    )
)
"""Before any other start tag, formatting that was cut off goes on (HTML standard, 13.2.6.4.7)."""
ITEMS = {"li": LIST_ITEM, **dict.fromkeys(DEFINITION, DEFINITION)}
"""What the start tag of an item closes, up to one of the barriers."""
ITEM_BARRIERS = SPECIAL - {"address", "div", "p"}
END_RULES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **{name: (frozenset({name}), SCOPE - {name}) for name in BLOCK_END},
    **{name: (frozenset({name}), TABLE_SCOPE - {name}) for name in TABLE_END},
    **dict.fromkeys(HEADINGS, (HEADINGS, SCOPE)),
    "li": (LIST_ITEM, SCOPE | {"ol", "ul"}),
    "p": (PARAGRAPH, SCOPE | {"button"}),
    "template": (frozenset({"template"}), frozenset()),
}
"""Which open elements an end tag closes, and which stop the search for one; any other end tag
closes its own name up to a special element (HTML standard, 13.2.4.2 and 13.2.6.4.7)."""

_HTML_INTEGRATION = frozenset({"desc", "foreignobject", "title"})
_MATHML_BARRIERS = frozenset({"annotation-xml", "mi", "mn", "mo", "ms", "mtext"})
_HTML_ENCODINGS = frozenset({"text/html", "application/xhtml+xml"})
LEAVES_FOREIGN = HEADINGS | frozenset(
    "b big blockquote body br center code dd div dl dt em embed head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split()
)


class Element:
    """One element that was opened, with its place in the source."""

    __slots__ = (
        "_attributes",
        "_tag",
        "content_end",
        "content_start",
        "name",
        "namespace",
        "start",
    )

    def __init__(
        self, name: str, tag: re.Match[str], *, namespace: str = "html", content_end: int = -1
    ) -> None:
        """Open an element.

        Args:
            name: In lower case.
            tag: The match of `tokens.TAG`.
            namespace: `html`, `svg` or `math`.
            content_end: Where it was closed, if that is known.
        """
        self.name = name
        self.start = tag.start()
        """Where its start tag begins, or where it goes on without one."""
        self.content_start = tag.end()
        """Where its start tag ends, or where it goes on without one."""
        self.namespace = namespace
        self.content_end = content_end
        """Where it was closed; -1 while it is open. Reading stops when no image follows and no
        link, button or summary is open, so it is the source's end for whatever else is open then.
        """
        self._tag = tag
        self._attributes: Attributes | None = None

    def again(self, at: int) -> Element:
        """Return the element that goes on for this one, with the same attributes, from a place."""
        element = Element(self.name, self._tag)
        element.start = element.content_start = at
        return element

    def is_like(self, other: Element) -> bool:
        """Tell whether another element has the same name, and attributes written the same."""
        return self.name == other.name and self._tag[3] == other._tag[3]

    def is_opened_by(self, tag: re.Match[str]) -> bool:
        """Tell whether a tag is its own start tag, and it is not one that only goes on."""
        return self._tag is tag and self.start == tag.start()

    @property
    def attributes(self) -> Attributes:
        """Its attributes, parsed once, when asked for: most elements are never asked."""
        if self._attributes is None:
            self._attributes = parse_attributes(self._tag)
        return self._attributes

    @property
    def takes_html(self) -> bool:
        """Whether HTML rules hold for what directly follows inside it."""
        if self.namespace == "html":
            return True
        if self.namespace == "math" and self.name == "annotation-xml":
            return self.attributes.get("encoding", "").lower() in _HTML_ENCODINGS
        return self.is_foreign_barrier

    @property
    def is_foreign_barrier(self) -> bool:
        """Whether it is one of the SVG or MathML elements that end tags do not reach across."""
        if self.namespace == "svg":
            return self.name in _HTML_INTEGRATION
        return self.namespace == "math" and self.name in _MATHML_BARRIERS


def is_self_closing(tag: re.Match[str]) -> bool:
    """Tell whether a start tag of SVG or MathML is its own end tag."""
    if not tag[3].endswith("/"):
        return False
    attributes = list(parse_attributes(tag))
    # In `<path d=x/>` the slash belongs to the bare value.
    return not attributes or attributes[-1].end < tag.end() - 1


def is_breaking_font(name: str, tag: re.Match[str]) -> bool:
    """Tell whether a start tag is a `font` that ends SVG and MathML (13.2.6.5)."""
    if name != "font":
        return False
    attributes = parse_attributes(tag)
    return any(attributes.first(key) for key in ("color", "face", "size"))
