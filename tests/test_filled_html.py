"""One page's HTML, filled: what comes in, byte by byte, and what goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fake_site import MARKED, PAGE, FakeSite

from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.models import Failure, Origin, Reason, StoredAnswer
from mkdocs_alttext.pages.fill import fill_page

if TYPE_CHECKING:
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.pages.records import FilledPage, Page

ASKED = "ask-service filled -"
SKIPPING = Policy(skip_classes=frozenset({"decorative"}))
EVERY_EMPTY = Policy(EmptyAlt.FILL)


def fill(html: str, site: FakeSite | None = None, page: Page = PAGE) -> FilledPage:
    """Fill a page of a site that has `x.png`."""
    return fill_page(html.replace("{mark}", MARKED), page, (site or FakeSite()).parts, wait=True)


def lines(filled: FilledPage) -> list[str]:
    """Return each image as `decision outcome reason`."""
    return [_line(outcome) for outcome in filled.outcomes]


def _line(outcome: Outcome) -> str:
    return f"{outcome.decision} {outcome.result.value} {outcome.reason or '-'}"


def test_only_the_alt_of_a_markdown_image_changes() -> None:
    """The caption stands where Markdown's empty alt stood."""
    page = '<h1>T</h1>\n<p>a {}\n  b &nbsp; <code>&lt;img src="x.png"&gt;</code></p>\n'
    filled = fill(page.format('<img alt="" {mark} src="x.png" />'))
    assert filled.html == page.format('<img alt="CAP" src="x.png" />')
    assert lines(filled) == [ASKED]


def test_an_image_without_alt_gets_one_directly_after_its_name() -> None:
    """All other text of the tag is kept."""
    assert fill("<p><img src=x.png></p>").html == '<p><img alt="CAP" src=x.png></p>'


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("<img src=x.png alt>", '<img src=x.png alt="CAP">'),
        ("<img alt src=x.png>", '<img alt="CAP" src=x.png>'),
        ("<img src=x.png alt=''/>", '<img src=x.png alt="CAP"/>'),
    ],
)
def test_a_bare_alt_becomes_one_alt_and_not_two(tag: str, expected: str) -> None:
    """By default it is the author's decision; where every empty alt counts, it is replaced."""
    assert fill(tag, FakeSite(policy=EVERY_EMPTY)).html == expected
    kept = fill(tag)
    assert kept.html == tag
    assert lines(kept) == ["keep-empty kept -"]


def test_the_first_of_two_alts_counts() -> None:
    """It is the one that browsers use: it is judged and replaced, and the later one goes."""
    tag = '<img src="x.png" alt="" alt="second">'
    filled = fill(tag, FakeSite(policy=EVERY_EMPTY))
    assert filled.html == '<img src="x.png" alt="CAP" >'
    assert lines(fill(tag)) == ["keep-empty kept -"]
    assert fill(tag).html == tag
    named = '<img src="x.png" alt="first" alt="">'
    assert fill(named, FakeSite(policy=EVERY_EMPTY)).html == named


@pytest.mark.parametrize(
    ("tag", "expected", "line"),
    [
        ('<IMG SRC="x.png">', '<IMG alt="CAP" SRC="x.png">', ASKED),
        ('<img src="x.png"/>', '<img alt="CAP" src="x.png"/>', ASKED),
        ("<img src=x.png/>", "<img src=x.png/>", "unavailable missing missing-file"),
    ],
)
def test_capitals_and_slashes_are_read_as_html_says(tag: str, expected: str, line: str) -> None:
    """The slash after a bare value belongs to the value."""
    filled = fill(tag)
    assert (filled.html, lines(filled)) == (expected, [line])


@pytest.mark.parametrize("alt", [" ", "&nbsp;", "&#8203;", "\n", "\t \u2003", "\ufeff&zwnj;"])
def test_white_space_is_no_text(alt: str) -> None:
    """Neither are characters without a width."""
    filled = fill(f'<img alt="{alt}" src="x.png">')
    assert filled.html == '<img alt="CAP" src="x.png">'
    assert lines(filled) == [ASKED]


def test_the_placeholder_of_notebooks_is_no_text() -> None:
    """It is what nbconvert writes where a picture has none."""
    filled = fill('<img src="x.png" alt="No description has been provided for this image">')
    assert filled.html == '<img src="x.png" alt="CAP">'


@pytest.mark.parametrize(
    ("attribute", "line"),
    [
        ('class="decorative"', "skip kept -"),
        ('role="presentation"', "keep-hidden kept -"),
        ('role="none"', "keep-hidden kept -"),
        ('aria-hidden="true"', "keep-hidden kept -"),
        ('aria-label="A bicycle"', "keep-named kept -"),
    ],
)
def test_decorative_hidden_and_named_images_are_left_alone(attribute: str, line: str) -> None:
    """In Markdown and in HTML."""
    for tag in (f'<img {attribute} src="x.png">', f'<img alt="" {attribute} {MARKED} src="x.png">'):
        filled = fill(tag, FakeSite(policy=SKIPPING))
        assert filled.html == tag.replace(f" {MARKED}", "")
        assert lines(filled) == [line]


@pytest.mark.parametrize("attribute", ['class="decorative"', 'role="none"', 'aria-hidden="true"'])
def test_a_link_that_is_left_without_a_name_is_reported(attribute: str) -> None:
    """One that has other text is not."""
    site = FakeSite(policy=SKIPPING)
    tag = f'<img {attribute} src="x.png">'
    (alone,) = lines(fill(f'<a href="y.html">{tag}</a>', site))
    (beside_text,) = lines(fill(f'<a href="y.html">{tag} More</a>', site))
    assert alone.endswith(" kept empty-link")
    assert beside_text.endswith(" kept -")


def test_front_matter_leaves_a_page_alone() -> None:
    """Nothing is asked for, and nothing but the mark changes."""
    site = FakeSite()
    filled = fill(
        '<img alt="" {mark} src="x.png"> <img src=x.png>', site, PAGE._replace(opted_out=True)
    )
    assert filled.html == '<img alt="" src="x.png"> <img src=x.png>'
    assert lines(filled) == ["skip kept -", "skip kept -"]
    assert site.requests == []


@pytest.mark.parametrize(
    "html",
    [
        '<!-- <img src="x.png"> -->',
        '<!--[if IE]><img src="x.png"><![endif]-->',
        "<script>var s = '<img src=\"x.png\">'</script>",
        '<script type="application/ld+json">{"a": "<img src=x.png>"}</script>',
        '<style>a::after { content: "<img src=x.png>" }</style>',
        '<textarea><img src="x.png"></textarea>',
        '<title><img src="x.png"></title>',
        '<template><img src="x.png"></template>',
        "<iframe srcdoc=\"<img src='x.png'>\"></iframe>",
        '<pre><code>&lt;img src="x.png"&gt;</code></pre>',
        "<p title='<img src=\"x.png\">'>text</p>",
    ],
)
def test_what_only_looks_like_an_image_stays_byte_for_byte(html: str) -> None:
    """Also beside an image that is filled."""
    assert fill(html).html == html
    assert fill(html).outcomes == ()
    filled = fill(f'{html}\n<img src="x.png">\n{html}')
    assert filled.html == f'{html}\n<img alt="CAP" src="x.png">\n{html}'


@pytest.mark.parametrize("name", ["pre", "noscript"])
def test_containers_that_readers_see_are_filled(name: str) -> None:
    """Preformatted text, and what stands in for scripts."""
    filled = fill(f'<{name}>&lt;img&gt; <img src="x.png"></{name}>')
    assert filled.html == f'<{name}>&lt;img&gt; <img alt="CAP" src="x.png"></{name}>'


def test_a_bracket_inside_a_value_ends_no_tag() -> None:
    """The attributes behind it are found."""
    filled = fill('<img data-x="a>b" src="x.png">')
    assert filled.html == '<img alt="CAP" data-x="a>b" src="x.png">'
    assert [outcome.src for outcome in filled.outcomes] == ["x.png"]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        # what htmlmin makes of Markdown's image
        (f"<img alt {MARKED.replace(chr(34), '')} src=x.png>", '<img alt="CAP" src=x.png>'),
        # what lexbor makes of it
        (f'<img src="x.png" alt="" {MARKED}>', '<img src="x.png" alt="CAP">'),
    ],
)
def test_minified_and_reprinted_images_are_filled_alike(tag: str, expected: str) -> None:
    """The mark is recognised and gone in both notations."""
    filled = fill(tag)
    assert (filled.html, lines(filled)) == (expected, [ASKED])


def test_a_caption_is_one_line_of_plain_text() -> None:
    """Cleaning collapses it, and quoting makes it safe for plugins that look for brackets."""
    text = clean('A "q" <b> & c > d\n\u202ee\u0007')
    assert text == 'A "q" & c > d e'
    stored = StoredAnswer('A "q" < b > & c > d e')
    site = FakeSite(answers={"x.png": CaptionResponse(stored, Origin.SERVICE)})
    filled = fill('<img src="x.png">', site)
    assert filled.html == '<img alt="A &quot;q&quot; &lt; b &gt; &amp; c &gt; d e" src="x.png">'


def test_a_caption_that_is_too_long_is_refused_and_never_cut() -> None:
    """The image stays as it was."""
    site = FakeSite(answers={"x.png": Failure(Reason.ANSWER_TOO_LONG)})
    filled = fill('<img alt="" {mark} src="x.png">', site)
    assert filled.html == '<img alt="" src="x.png">'
    assert lines(filled) == ["ask-service missing answer-too-long"]


def test_a_question_knows_bytes_language_and_service_and_no_path() -> None:
    """Two names for the same bytes are one question; other bytes are another."""
    x = FakeSite().files["x.png"]
    site = FakeSite({"a.png": x, "sub/b.png": x, "c.png": x + b"more"})
    fill('<img src="a.png"><img src="sub/b.png"><img src="c.png">', site)
    fill('<img src="a.png">', site, PAGE._replace(language="de"))
    a, b, c, german = (request.key for request in site.requests)
    assert a == b
    assert len({a, c, german}) == 3
    assert not any("png" in str(key) or "png" in repr(key) for key in (a, b, c, german))


@pytest.mark.parametrize(
    "html",
    [
        '<p><img src="x.png"><img alt="" {mark} src="x.png"/><IMG SRC=x.png ALT=" "></p>',
        '<a href="https://ex.org/"><img src="x.png"> text</a> <img src="nope.png" width=1>',
        '<img alt="" src="x.png"><img alt="text" src="x.png"><img src="//a.example/x.png">',
    ],
)
def test_a_second_pass_changes_nothing(html: str) -> None:
    """What was filled has text, and what was not stays as it is."""
    filled = fill(html)
    again = fill(filled.html)
    assert again.html == filled.html
    assert not any(outcome.decision == "ask-service" for outcome in again.outcomes)


def test_line_ends_and_odd_separators_shift_nothing() -> None:
    """A byte order mark, CRLF, lone CR, U+2028, form feed, and characters of two UTF-16 units."""
    page = "\ufeff<p>a\r\n\u2028b\x85\x0c😄{}\r\n</p>\r{}\u2029"
    filled = fill(page.format("<img\r\n src=x.png\r\n>", '<img alt="" {mark} src="x.png" />'))
    assert filled.html == page.format(
        '<img alt="CAP"\r\n src=x.png\r\n>', '<img alt="CAP" src="x.png" />'
    )


def test_a_query_that_looks_like_an_entity_is_kept_as_written() -> None:
    """`&copy=` inside an attribute is no copyright sign."""
    filled = fill('<img src="x.png?x=1&copy=3">')
    assert filled.html == '<img alt="CAP" src="x.png?x=1&copy=3">'
    assert [outcome.src for outcome in filled.outcomes] == ["x.png?x=1&copy=3"]
