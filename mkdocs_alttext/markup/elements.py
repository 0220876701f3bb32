"""What the HTML standard says of each kind of element.

Owns the record of an element that was opened, and the lists that tree construction goes by
(HTML standard, 13.1.2, 13.2.4 and 13.2.6). It must not know which elements are open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.markup.attributes import Attributes, parse_attributes

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
BLOCK_END = HEADINGS | frozenset(
    "address applet article aside blockquote button center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form header hgroup li listing main marquee menu nav object "
    "ol p pre search section select summary ul".split()
)
LIST_ITEM = frozenset({"li"})
DEFINITION = frozenset({"dd", "dt"})
PARAGRAPH = frozenset({"p"})
TABLE_PARTS = frozenset({"caption", "colgroup", "tbody", "tfoot", "thead"})
CELLS = frozenset({"td", "th"})
TABLE_END = TABLE_PARTS | CELLS | {"table", "tr"}
INSIDE_TABLE = TABLE_END - {"table"}
SCOPE = frozenset("applet caption html marquee object select table td template th".split())
TABLE_SCOPE = frozenset({"html", "table", "template"})
SPECIAL = BLOCK_END | TABLE_END | frozenset({"body", "head", "html", "template"})
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

    __slots__ = ("_tag", "content_end", "content_start", "name", "namespace", "start")

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
        """Where its start tag begins."""
        self.content_start = tag.end()
        """Where its start tag ends."""
        self.namespace = namespace
        self.content_end = content_end
        """Where it was closed; -1 while it is open. Reading stops when no image follows and no
        link, button or summary is open, so it is the source's end for whatever else is open then.
        """
        self._tag = tag

    @property
    def attributes(self) -> Attributes:
        """Its attributes, parsed when asked for: most elements are never asked."""
        return parse_attributes(self._tag)

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
