"""The shortcut finds what a full reading finds, or leaves it to the full reading."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from html_documents import document

from mkdocs_alttext.html.aria import hides
from mkdocs_alttext.html.marks import has_opt_out
from mkdocs_alttext.html.reading import Found, read_images
from mkdocs_alttext.html.shortcut import plain_images

if TYPE_CHECKING:
    from mkdocs_alttext.html.elements import Element

PLACE = re.compile(r"<im(?:g|age)[\t\n\f\r />]", re.IGNORECASE)
SKIPPED = frozenset({"no-alt", "Emoji"})
NAMED = {"a", "button", "summary"}


def is_button(element: Element) -> bool:
    """Tell whether a role makes an element a button."""
    return element.attributes.get("role").strip().lower() == "button"


def is_opted_out(element: Element) -> bool:
    """Tell whether an element is opted out, or may be meant to be."""
    attributes = element.attributes
    return has_opt_out(attributes) or not SKIPPED.isdisjoint(attributes.get("class").split())


def view(found: list[Found]) -> list[object]:
    """Show tags, and the ancestors that a decision can depend on."""
    return [
        (
            tag.span(),
            [
                (element.name, element.start, element.content_start, element.content_end)
                for element in ancestors
                if element.name in NAMED
            ],
            any(
                hides(element.attributes) or is_button(element) or is_opted_out(element)
                for element in ancestors
            ),
        )
        for tag, ancestors in found
    ]


def test_both_ways_agree_on_thousands_of_odd_documents() -> None:
    """Where a document counts as plain, its images and their links are those of a full reading."""
    random = Random(20)  # noqa: S311 - documents, not secrets
    plain = 0
    for _ in range(6_000):
        html = document(random, size=random.choice((2, 4, 12)))
        if not PLACE.search(html):
            continue
        short = plain_images(html, SKIPPED)
        if short is not None:
            plain += 1
            assert view(short) == view(read_images(html)), html
    assert plain > 500


@pytest.mark.parametrize(
    "html",
    [
        '<p>text <img src="x.png"> and <a href="y">link</a></p>',
        '<a href="y"><img src="x.png"></a><a href="z">text</a><img src=y.png>',
        "<!-- <img src=n> --><script>'<img src=n>'</script><img src=x.png>",
        '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><img src="x.png">',
        "a < b <img src=x.png> c > d",
        '<p data-x="a>b" title="a<b">He said "so" <img src=x.png></p>',
        '<svg aria-hidden="true"><path d="M0"/></svg><img src=x.png>',
        "<svg><title>A &lt; B</title></svg><a href=y><img src=x.png></a>",
        '<p><svg><path d="M0"/></svg><svg/><p><a href=y><img src=x.png></a></p>',
        # Themes are full of these words
        '<i class="button" hidden><svg><!--! n --><path d="M0"/></svg></i><img src=x.png>',
        "<!-- a hidden button --><img src=x.png>",
        '<a href="#" role="button">Menu</a><img src=x.png>',
        '<nav class="is-hidden" data-display=visibility><img src=x.png></nav>',
        '<input hidden><button type="button">Go</button><img src=x.png>',
        '<button type="button"><img src=x.png></button>',
        "<svg><foreignObject><img src=x.png></foreignObject></svg><img src=y.png>",
        '<div style="color:red" role="note"><code>it&#39;s</code><img src=x.png></div>',
        "<a href=y></a><select></select><a href=y>text</a><table><tr><td><img src=x.png></table>",
        "<table><tr><td><a href=y><img src=x.png></a></table><object><a href=z></a></object><img>",
        '<img class="no-alt" src=x.png><p data-alttext=skip>Words</p><img data-alttext=skip>',
        '<span class="Emoji"><svg><path d="M0 0"/></svg></span><img src=x.png>',
        '<p class="no-alternative">The class no-alt and alttext <img src=x.png></p>',
        '<img hidden src=x.png><span aria-hidden="true"></span><img src=y.png>',
    ],
)
def test_ordinary_source_is_plain(html: str) -> None:
    """What documentation sites are made of takes the shortcut."""
    short = plain_images(html, SKIPPED)
    assert short is not None
    assert view(short) == view(read_images(html))


@pytest.mark.parametrize(
    "html",
    [
        '<p data-x="<img src=n>"></p><img src=x.png>',
        '<p title="a > <img src=n>"><img src=x.png>',
        "<p hidden><img src=x.png></p>",
        '<div aria-hidden="true"><img src=x.png></div>',
        '<div style="display: none"><img src=x.png></div>',
        '<div role="button"><img src=x.png></div>',
        "<p hidden>Words <b>more</b></p><img src=x.png>",
        "<p hidden>Words<img src=x.png>",
        "<a href=y><img src=x.png></a cut off",
        "<button><summary></summary><img src=x.png></button>",
        "<button><!--</button>--><summary></summary><img src=x.png></button>",
        "<html hidden></html><img src=x.png>",
        "<a href=y><table><tr><td></a><img src=x.png></td></tr></table></a>",
        "<summary><summary></summary><img src=x.png></summary>",
        '<p title="<!--" hidden><img src=x.png></p>',
        "<label hidden><svg><foreignObject></svg></label><img src=x.png>",
        "<template><img src=n></template><img src=x.png>",
        "<a href=y>text <img src=x.png> <b>more</b></a>",
        "<p title=\"it's\" data-x='\"><img src=x.png>'><img src=y.png>",
        '<a href=y><img src=x.png alt="</a>"></a>',
        '<svg><path d="</svg>"/><a><img src=x.png></a></svg>',
        "<svg><desc><img src=x.png></desc><image></svg>",
        "<svg><title><img src=x.png></title></svg>",
        "<svg><title/></svg><img src=x.png><title></title><img src=y.png>",
        "<svg><![CDATA[<img src=n>]]></svg><img src=x.png>",
        "<svg><foreignObject><p></p></foreignObject><a><img src=x.png></a></svg>",
        '<p title="a > b" hidden><img src=x.png></p>',
        "<p title = ' > ' hidden><img src=x.png></p>",
        "<p title='<script>'><img src=x.png>",
        '<p class="a no-alt"><img src=x.png></p>',
        '<P CLASS="Emoji"><img src=x.png></P>',
        "<p data-alttext=skip><img src=x.png></p>",
        "<figure Data-Skip-Alt_Text><img src=x.png></figure>",
        '<div role="&#98;utton"><img src=x.png></div>',
        "<div role=butto&#110;><img src=x.png></div>",
        "<a href=y><select><a href=y></a><img src=x.png>",
        "<a href=y><table><tr><td><a href=y></a><img src=x.png>",
        "<a href=y><object><b><a href=y></a><a href=z></a><img src=x.png>",
        "<button><table><tr><td><button></button><img src=x.png>",
        "\u0130<A HREF=y><img src=x.png></A>",
        "<lin\u212a hidden><img src=x.png></lin\u212a>",
    ],
)
def test_what_needs_the_tree_is_left_to_the_full_reading(html: str) -> None:
    """Odd quotes, hidden parts, nested drawings and links with text are not plain."""
    assert plain_images(html, SKIPPED) is None
