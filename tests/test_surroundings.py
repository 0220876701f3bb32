"""What a page says around a picture is read as a reader meets it, and nothing else of it."""

from __future__ import annotations

import time

import pytest

from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.html.surroundings import surroundings
from mkdocs_alttext.models import Context


def around(
    html: str,
    *,
    number: int = 0,
    title: str = "",
    titles: dict[str, str] | None = None,
    reaches_on: bool = False,
) -> Context:
    """Read what surrounds one picture of an article."""
    return surroundings(
        html,
        scan(html)[number],
        title=title,
        target_of=(titles or {}).get,
        reaches_on=reaches_on,
    )


@pytest.mark.parametrize(
    ("html", "before", "after"),
    [
        ("<p>Press <img src=a.png> to save.</p>", "Press", "to save."),
        (
            "<p>One.</p><p>See <b>this <i>here</i></b>: <img src=a></p><p>Two.</p>",
            "See this here:",
            "",
        ),
        ("<ul><li>First<li>Second <img src=a><li>Third</ul>", "Second", ""),
        ("<ul><li><p>Second</p><p><img src=a></p></ul>", "Second", ""),
        ("<table><tr><td>Key<td><img src=a> Enter</table>", "", "Enter"),
        ("<p><img src=a></p><p>Another paragraph.</p>", "", ""),
        ('<?xml version="1.0"?><p>x <img src=a> y</p>', "x", "y"),
        ("<p>a&lt;b&gt; <img src=a> &amp; c</p>", "a<b>", "& c"),
        (
            "<p>x <!-- secret --> <script>var s</script><style>p{}</style><img src=a> y</p>",
            "x",
            "y",
        ),
        ("<p>Übung\n\t mit  <img\n src=a>\r\n Umlaut</p>", "Übung mit", "Umlaut"),
    ],
)
def test_the_text_of_its_paragraph_item_or_cell(html: str, before: str, after: str) -> None:
    """On one line, before and behind it; comments, scripts and styles are no text."""
    assert around(html)[2:4] == (before, after)


@pytest.mark.parametrize(
    ("html", "before", "after"),
    [
        ("<p>One.</p><p>Two <b>2</b>.</p><p><img src=a></p><p>Three.</p>", "Two 2.", "Three."),
        ("<p>One.</p><p>Mine <img src=a></p><p>Three.</p>", "Mine", ""),
        ("<p>One.</p><h2>Two</h2><p><img src=a></p><h2>Three</h2><p>Four.</p>", "", ""),
        ("<p>One.</p><p><img src=b></p><p> <img src=a></p><p><img src=c></p>", "One.", ""),
        ("<ul><li>One<li><p>Two</p></ul><a href=x><img src=a></a><ul><li>3<li>4", "Two", "3"),
        ("<p>One.</p><figure><img src=a><figcaption>C</figcaption></figure><p>2", "One.", "2"),
        (f"<p>{'long ' * 300}end</p><p><img src=a></p>", f"{'long ' * 300}end"[-1000:], ""),
    ],
)
def test_a_picture_alone_has_the_text_beside_its_paragraph(
    html: str, before: str, after: str
) -> None:
    """For a person; nothing of it is sent."""
    number = 1 if "src=b" in html else 0
    assert around(html, number=number, reaches_on=True)[2:4] == (before, after)
    if "Mine" not in html:
        assert around(html, number=number)[2:4] == ("", "")


LONG = "lorem ipsum " * 8000
"""More than is read on either side of a picture."""


@pytest.mark.parametrize(
    ("html", "heading", "before", "after"),
    [
        (f"<h1>A</h1><!-- {LONG}<h2>no</h2><p>no -->no</p><p>x <img src=a> y</p>", "", "x", "y"),
        (f"<!-- {LONG}<h2>no</h2> --><h1>A</h1><p>x <img src=a> y</p>", "A", "x", "y"),
        (f"<ScRipt>'{LONG}<h2>no</h2>'</script><p>x <img src=a> y</p>", "", "x", "y"),
        (f"<p t='{LONG}<h2>no</h2>'>x <img src=a> y</p>", "", "x", "y"),
        (f"<p>x <img src=a> y <!-- {LONG} --> z</p>", "", "x", "y"),
        (f"<p>x <img src=a> y <style>{LONG}</style></p>", "", "x", "y"),
        (f"<p>x <img src=a> y <b t='no>{LONG}'>z</b></p>", "", "x", "y"),
        ("<p>x <img src=a> y <iframe>no</iframe><xmp>no</xmp><noembed>no</noembed>", "", "x", "y"),
        ("<p>x <!-- a --!> b <img src=a> y <!--> c <!-- no -->", "", "x b", "y c"),
    ],
)
def test_what_is_no_text_of_the_page_is_none_where_reading_begins_or_ends_in_it(
    html: str, heading: str, before: str, after: str
) -> None:
    """A comment may hold what nobody is to know."""
    assert around(html)[1:4] == (heading, before, after)


def test_another_picture_in_the_text_is_marked() -> None:
    """Its own text is not taken for this one's."""
    html = '<p>Left <img src=l.png alt="A cat"> right <img src=r.png> end</p>'
    assert around(html, number=1)[2:4] == ("Left [another picture] right", "end")
    assert around(html, number=0)[2:4] == ("Left", "right [another picture] end")


def test_the_nearest_heading_before_it() -> None:
    """Without the sign that Material adds to link to it."""
    html = (
        "<h1>Guide</h1><p><img src=a></p>"
        '<h2>Doors<a class="headerlink" href="#doors">¶</a></h2><p><img src=b></p><h2>Later</h2>'
    )
    assert [around(html, number=number).heading for number in (0, 1)] == ["Guide", "Doors"]
    assert around("<p><img src=a></p><h2>Later</h2>").heading == ""


def test_its_figure_s_caption() -> None:
    """Wherever in the figure."""
    html = (
        "<figure><a href=b.png><img src=a></a><figcaption>A <em>red</em> door</figcaption></figure>"
    )
    assert around(html).caption == "A red door"
    assert around("<figure><figcaption>No</figcaption></figure><img src=a>").caption == ""


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("https://www.python.org/downloads/?x=1", "www.python.org"),
        ("other/", "The other page"),
        ("big.png", ""),
        ("mailto:me@x.example", ""),
        ("http://[oops", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_where_its_link_leads(href: str, link: str) -> None:
    """The title of the page, or the host."""
    html = f'<p><a href="{href}"><img src=a></a></p>'
    assert around(html, titles={"other/": "The other page"}).link == link


@pytest.mark.parametrize(
    ("html", "is_in_button"),
    [
        ("<button><img src=a></button>", True),
        ("<details><summary><img src=a></summary>x</details>", True),
        ("<div role=button><b><img src=a></b></div>", True),
        ("<p><img src=a></p>", False),
    ],
)
def test_whether_it_is_in_a_button(html: str, *, is_in_button: bool) -> None:
    """Whose name it would be."""
    assert around(html).is_in_button is is_in_button


def test_the_right_one_of_equal_tags() -> None:
    """Each is told by its place; attributes that look like our mark change nothing."""
    html = (
        "<p>one <img src=a data-alttext-asked=0></p>\n<p>two <img src=a data-alttext-asked=0></p>"
    )
    assert [around(html, number=number).before for number in (0, 1)] == ["one", "two"]


def test_the_title_is_passed_on() -> None:
    """It is the page's, which an article does not have."""
    assert around("<p><img src=a></p>", title="Doors") == Context("Doors")


@pytest.mark.parametrize(
    "html",
    [
        "<p>" + "word " * 400_000 + "<img src=a>" + " word" * 400_000,
        "<div>" * 3_000 + "<p>x <img src=a> y",
        "<p>x " + "<b>" * 3_000 + "<img src=a> y",
        "<p>" + "<i>a</i>" * 60_000 + "<img src=a>",
        "<p x='" + "y" * 200_000 + "'>b <img src=a> c",
        "<!--" * 20_000 + "--><p>b <img src=a> c",
    ],
)
def test_a_hostile_page_takes_no_time(html: str) -> None:
    """What is read of it has an end, and what is taken from it, too."""
    tag = scan(html)[0]
    began = time.monotonic()
    found = surroundings(html, tag, target_of=lambda _: None)
    assert time.monotonic() - began < 10
    assert all(len(text) <= 1000 for text in found if isinstance(text, str))
