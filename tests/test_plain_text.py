"""Plain text without a parser is the text that a parser finds."""

from __future__ import annotations

import re
import subprocess
import sys
from random import Random

import pytest
from html_documents import document
from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.html.attributes import parse_attributes
from mkdocs_alttext.html.plain_text import element_content, plain_text
from mkdocs_alttext.html.tokens import TAG

NAMES = ("alt", "aria-label")
DROPPED = re.compile(r"<(?:body|caption|col|frame|head|html|t[bdhfr])", re.IGNORECASE)
"""Tags that are none outside a table or in a document's middle."""


def heard(html: str) -> tuple[list[str], bool]:
    """Return the characters that a browser-grade parser finds, and whether an attribute speaks.

    In order of the alphabet: words between a table's cells move before it.
    """
    root = LexborHTMLParser(f"<body>{html}").root
    assert root is not None
    values = (node.attributes.get(name) or "" for node in root.traverse() for name in NAMES)
    return sorted("".join(root.text().split())), any(map(str.strip, values))


def test_it_agrees_with_a_browser_grade_parser() -> None:
    """Text and attributes, wherever there is an answer; and there often is."""
    random, plain = Random(5), 0  # noqa: S311 - the same examples every run
    for _ in range(3000):
        html = document(random, size=random.randint(1, 3))
        text = plain_text(html)
        if text is not None and not DROPPED.search(html):
            plain += 1
            tags = map(parse_attributes, TAG.finditer(html))
            speaks = any(tag.get(name).strip() for tag in tags for name in NAMES)
            assert (sorted("".join(text.split())), speaks) == heard(html), html
    assert plain > 600


@pytest.mark.parametrize(
    "html",
    [
        "a &amp; b",
        "<!-- a -->",
        "<script>a</script>",
        "<SVG><title>a</title></svg>",
        "<style\n>a</style>",
        "a < b",
        "<b",
        "</ b>",
        "a\x00b",
        "<template>a</template>",
    ],
)
def test_it_leaves_the_rest_to_a_parser(html: str) -> None:
    """What only looks like text."""
    assert plain_text(html) is None


def test_names_are_those_in_ascii_letters() -> None:
    """Another alphabet's letters make another element."""
    assert plain_text("<no\u017fcript>a</no\u017fcript>") == "a"
    assert element_content("<lin\u212a>a</lin\u212a>", "link") is None


def test_the_content_of_one_element() -> None:
    """And of no other."""
    assert (
        element_content("<figure><img><FigCaption a>b <i>c</i></figcaption></figure>", "figcaption")
        == "b <i>c</i>"
    )
    for html in ("", "<figcaption>a", "a</figcaption>", "<figcaption></figcaption>" * 2):
        assert element_content(html, "figcaption") is None


def test_links_and_captions_of_a_page_import_no_parser() -> None:
    """Which takes as long as a small site's build."""
    code = (
        "import sys\n"
        "from mkdocs_alttext.html.context import PageText\n"
        "from mkdocs_alttext.html.scanner import scan\n"
        "html = '<a href=b><img src=a alt=\"\"> <i>Words</i></a>'\n"
        "figure = '<figure><img src=a><figcaption>Leaf <b>2</b></figcaption></figure>'\n"
        "bare = '<figure><img src=c></figure>'\n"
        "page = PageText(html + figure + bare, is_whole=True)\n"
        "first, second, third = scan(page.html)\n"
        "assert page.caption_around(third.start) == ''\n"
        "print(page.has_name(first.ancestors[-1]), page.caption_around(second.start))\n"
        "print('bs4' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["True Leaf 2", "False"]
