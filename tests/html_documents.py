"""Random HTML documents that are as odd as real ones, and odder.

Owns a generator of sources: well-formed pages, broken nesting, unusual attributes, raw text,
comments, SVG, MathML, and tags cut off anywhere. It knows no parser. `<frameset>` is left out: a
page of frames has no content to describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_BLOCKS = "div p section ul ol li table tr td tbody dl dt dd h2 blockquote figure form main".split()
_INLINE = "a b em span button strong code label select option font nobr x-card".split()
_RAW = "script style textarea title xmp iframe noembed noframes".split()
_FOREIGN = "svg math g path foreignObject desc mi mtext annotation-xml title style".split()
_OTHER = "template noscript object details summary picture body html head caption".split()
_VOID = "br hr input source wbr img img img img IMG".split()
_SPACES = (" ", "\n", "\t", "  ", "\r\n", "\f", "/", " / ")
_VALUES = (
    "x.png", "a b", "", " ", "<img src=no>", "a>b", "&amp;", "&copy=3", "&notit;", "&#x80;", "&#0;",
    "&quot;q&quot;", "-->", "</script>", "日本.png", "a&b", "?a=1&lt=2", "&ampx", "#",
    "\u2028", "'", '"',
)  # fmt: skip
_NAMES = (
    *"src alt ALT class data-src title hidden aria-label id href srcdoc style".split(),
    "=odd",
    'a"b',
    "on<x",
)
_TEXTS = (
    "text", " ", "a < b", "&lt;img&gt;", "<", "</", "</>", "<!", "<?xml img?>", "<3", "]]>", "-->",
    "<!doctype html>", "\n", "é", "\u2028", "<![CDATA[<img src=c>]]>", "</img>", "</p>", "</br>",
)  # fmt: skip
_COMMENTS = (
    "<!-- {} -->", "<!--{}-->", "<!-->{}", "<!--->{}-->", "<!--{}--!>", "<!--{}", "<!{}>",
    "<!--{}-- >-->", "<!----{}-->", "<!--[if IE]>{}<![endif]-->",
)  # fmt: skip
_MISNESTED = (
    "<p><a href=L></p>{}<p></a></p>", "<p><a href=L><div>{}</div></a></p>", "<p><b hidden></p>{}",
    "<a href=L><div><svg></a>{}", "<b><div><svg></b><style>{}</style>", "<i><button><svg></i>{}",
    "<a href=L><svg><figure></a><template>{}</template>", "<a href=L><select><a href=L></a>{}",
    "<a href=L><table><td><a href=L></a>{}</table>",
    "<u data-alttext=no><p></u>{}", "<p class=no-alt>{}</p>",
    "<div role=&#98;utton>{}</div>", "<object><a href=L></object>{}",
    "<nobr><h2></nobr>{}<nobr>", "<td><b hidden></td>{}", "<b><i><em><u><p></b>{}</p>",
)  # fmt: skip


def document(random: Random, *, size: int = 12) -> str:
    """Make one document.

    Args:
        random: The source of chance; equal states make equal documents.
        size: About how many pieces the document has.

    Returns:
        HTML source.
    """
    html = "".join(_piece(random, 3) for _ in range(random.randint(1, size)))
    if random.random() < 0.05:
        html = html[: random.randint(0, len(html))]
    return html


def _piece(random: Random, depth: int) -> str:
    kind = random.random()
    if depth == 0 or kind < 0.2:
        return random.choice(_TEXTS)
    if kind < 0.5:
        return tag(random, random.choice(_VOID))
    if kind < 0.58:
        return random.choice(_COMMENTS).format(_inside(random, depth))
    if kind < 0.66:
        name = random.choice(_RAW)
        odd = random.choice(("", "<!--", "<!-- <script>", "--></script>", "<img src=raw>"))
        return f"{tag(random, name)}{_inside(random, depth)}{odd}{_end(random, name)}"
    if kind < 0.7:
        return random.choice(_MISNESTED).format(_inside(random, depth))
    names = random.choice((_BLOCKS, _BLOCKS, _INLINE, _INLINE, _FOREIGN, _OTHER))
    name = random.choice(names)
    return f"{tag(random, name)}{_inside(random, depth)}{_end(random, name)}"


def _inside(random: Random, depth: int) -> str:
    return "".join(_piece(random, depth - 1) for _ in range(random.randint(0, 3)))


def _end(random: Random, name: str) -> str:
    chance = random.random()
    if chance < 0.1:
        return ""
    if chance < 0.15:
        return f"</{random.choice(_BLOCKS + _INLINE + _RAW)}>"
    if chance < 0.2:
        return f"</{name.upper()} x='>'\n>"
    return f"</{name}>"


def tag(random: Random, name: str) -> str:
    """Make one start tag with random attributes."""
    attributes = "".join(
        random.choice(_SPACES) + _attribute(random) for _ in range(random.randint(0, 4))
    )
    return f"<{name}{attributes}{random.choice(('', '', '', '/', ' /', ' '))}>"


def _attribute(random: Random) -> str:
    name = random.choice(_NAMES)
    value = random.choice(_VALUES)
    equals = random.choice(("=", "=", "=", " = ", "=\n"))
    form = random.random()
    if form < 0.2:
        return name
    if form < 0.6:
        return f'{name}{equals}"{value.replace(chr(34), "")}"'
    if form < 0.8:
        return f"{name}{equals}'{value.replace(chr(39), '')}'"
    return f"{name}{equals}{value.split(' ')[0]}"
