"""The title of a whole page, and the headings of its parts, as its HTML says them.

Themes put the site's name behind a page's title, and signs for links into headings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.html.scanner import Document
from mkdocs_alttext.system.printable import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from selectolax.lexbor import LexborNode

_HEADING_NAMES = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADINGS = ", ".join(_HEADING_NAMES)
_ALWAYS_READ = 10_000
_CHARACTERS_A_NODE = 20
"""How many nodes are read for the headings of a page: those of a sound page are a small part, and
headings inside each other would have no end."""
_MOST_BEFORE = 10
"""Nodes that may stand before the heading of a part."""
_AROUND = frozenset({"article", "div", "header", "main", "section"})
"""What has the id of a part in place of its heading."""
_UNHEARD = frozenset({"script", "style", "template"})
_SIGNS = frozenset({"#", "\u00a7", "\u00b6", "\U0001f517"})
"""What links to their own heading show (hash, section, pilcrow, link)."""
_LINK_CLASSES = frozenset(
    "anchor anchorjs-link hash-link header-anchor headerlink permalink".split()
)


class Titles(NamedTuple):
    """What a page and its parts are called."""

    title: str
    """Empty where the page does not say."""
    headings: Mapping[str, str]
    """By the id of a part."""


def titles_of(html: str) -> Titles:
    """Read a whole page.

    Args:
        html: The source.

    Returns:
        As title, the first `h1` that is a part of the page's `title`, which often has the site's
        name, too; else that `title`, else the first `h1`.

    Raises:
        PageError: The page is too complex to be read.
    """
    page = Document(html, is_whole=True)
    left = iter(range(_ALWAYS_READ + len(html) // _CHARACTERS_A_NODE))
    named = next((_text(node, left)[0] for node in page.nodes("head > title")), "")
    headings: dict[str, str] = {}
    first = ""
    title = named
    for node in page.nodes(_HEADINGS):
        text, ids = _text(node, left)
        if not text:
            continue
        if node.tag == "h1":
            first = first or text
            if title == named and text.casefold() in named.casefold():
                title = text
        for identifier in [*ids, *_id_around(node)]:
            headings.setdefault(identifier, text)
    return Titles(title or first, headings)


def _id_around(heading: LexborNode) -> list[str]:
    """Return the id of the part that a heading begins, if that has one."""
    parent, before = heading.parent, heading.prev
    for _ in range(_MOST_BEFORE):
        if before is None:
            break
        if before.tag in _HEADING_NAMES:
            return []
        before = before.prev
    identifier = parent.attributes.get("id") if parent and parent.tag in _AROUND else None
    return [identifier] if identifier and before is None else []


def _text(node: LexborNode, left: Iterator[int]) -> tuple[str, list[str]]:
    """Return the text of a heading on one line, without links to itself, and the ids in it.

    Args:
        node: The heading.
        left: Has a number for each node that may be read yet.
    """
    parts: list[str] = []
    ids: list[str] = []
    waiting = [node]
    while waiting and next(left, None) is not None:
        inner = waiting.pop()
        if inner.is_text_node:
            parts.append(inner.text_content or "")
            continue
        if identifier := inner.is_element_node and inner.attributes.get("id"):
            ids.append(identifier)
        if inner.mem_id == node.mem_id or not _is_sign(inner):
            waiting += [*inner.iter(include_text=True)][::-1]
    return " ".join("".join(parts).split()), ids


def _is_sign(node: LexborNode) -> bool:
    if not node.is_element_node or node.tag in _UNHEARD:
        return True
    attributes = node.attributes
    if (attributes.get("aria-hidden") or "").strip().lower() == "true":
        return True
    if node.tag != "a":
        return False
    shown = node.text(deep=True).strip()
    classes = (attributes.get("class") or "").split()
    return shown in _SIGNS or is_blank(shown) or not _LINK_CLASSES.isdisjoint(classes)
