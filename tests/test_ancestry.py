"""What an image stands in, as a browser-grade parser (lexbor) has it."""

from __future__ import annotations

from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.html.attributes import parse_attributes
from mkdocs_alttext.html.reading import read_images
from mkdocs_alttext.html.scanner import scan

NAMES = "p p p div h3 li ul section figure a a a b b i em font code nobr button object".split()
"""Without elements that a browser takes out of what they were written in: tables, whose stray
content moves before them, and inline ones, which stay behind when a block moves out of a link."""
DOCUMENTS = 4000


def numbered(random: Random) -> str:
    """Make a source of tags without any order, each with a number."""
    html = ""
    for number in range(random.randint(3, 12)):
        kind = random.random()
        if kind < 0.15:
            html += random.choice(["\n", "text", " "])
        elif kind < 0.35:
            html += f"<img id=n{number}>"
        elif kind < 0.75:
            html += f"<{random.choice(NAMES)} id=n{number}>"
        else:
            html += f"</{random.choice(NAMES)}>"
    return f"{html}<img id=last>"


def ancestors(html: str) -> dict[str, set[str]]:
    """Return the ids of each image's ancestors, as our full reading finds them."""
    return {
        parse_attributes(tag).get("id"): {element.attributes.get("id") for element in around} - {""}
        for tag, around in read_images(html)
    }


def browser_ancestors(html: str) -> dict[str, set[str]]:
    """Return the ids of each image's ancestors in lexbor's tree."""
    found = {}
    for image in LexborHTMLParser(html).css("img"):
        ids, node = set(), image.parent
        while node is not None:
            ids.add(node.attributes.get("id") or "")
            node = node.parent
        found[image.attributes["id"] or ""] = ids - {""}
    return found


def test_images_stand_in_what_a_browser_has_around_them() -> None:
    """Over thousands of sources where nothing is closed in order."""
    random = Random(7)  # noqa: S311 - documents, not secrets
    for _ in range(DOCUMENTS):
        html = numbered(random)
        assert ancestors(html) == browser_ancestors(html), html


@pytest.mark.parametrize(
    "html",
    [
        "<p><a id=n1></p><div><img id=n2></div>",
        "<p><a id=n1></p>\n<table><tr><td><img id=n2></table><img id=n3>",
        "<p><a id=n1></p><table>\n<tr>\n<td>text<img id=n2></table><img id=n3>",
        "<p><b id=n1></p><svg><desc><img id=n2></desc></svg>",
        "<object id=n1><b id=n2></object><img id=n3>",
        "<p><b id=n1></p></br><div><img id=n2></div>",
        "<p><b id=n1><b id=n1><b id=n1><b id=n1></p><img id=n2></b></b></b><img id=n3>",
        "<a id=n1><form id=n2></a><img id=n3>",
        "<body><a id=n1><noscript id=n2></a><img id=n3>",
        "<nobr id=n1><p id=n2><nobr id=n3><img id=n4></nobr><img id=n5>",
        f"<a id=n1>{'<div>' * 9}</a><img id=n2>",
        "<a id=n1><select id=n2><a id=n3></a><img id=n4>",
        "<select id=n1><input><svg id=n2></select><xmp id=n3><img id=n4>",
        "<a id=n1><select id=n2><b id=n3><input><img id=n4>",
    ],
)
def test_images_stand_in_what_a_browser_has_around_them_in_odd_places(html: str) -> None:
    """Cells, drawings and objects have rules of their own, and so has what nests too deep."""
    assert ancestors(html) == browser_ancestors(html)


def test_a_link_goes_on_where_the_next_content_is() -> None:
    """Its content is what follows there, and its start tag is still that of the first."""
    html = "<p><a href=L></p><div><img><h3>Title</h3></div></a>"
    (image,) = scan(html)
    link = next(element for element in image.ancestors if element.name == "a")
    assert link.attributes.get("href") == "L"
    assert html[link.content_start : link.content_end] == "<img><h3>Title</h3>"


def test_tags_that_are_never_closed_are_read_in_time() -> None:
    """What goes on is bounded: twenty thousand of them take seconds."""
    html = "".join(f"<p><b x={number}>" for number in range(20_000))
    (image,) = read_images(f"{html}<img>")
    assert len(image[1]) < 100
