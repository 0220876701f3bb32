"""What surrounds an image is read in reasonable time, however its page is made."""

from __future__ import annotations

from time import perf_counter

import pytest

from mkdocs_alttext.html.decisions import link_around
from mkdocs_alttext.html.page_text import PageText

PART = (
    "<figure><a id=i{0} href=#><img src=x.png aria-labelledby=i{0}>{0}</a>"
    "<figcaption>F &amp; {0}</figcaption></figure>"
)


def test_captions_and_names_of_a_usual_page_are_all_read() -> None:
    """However many figures, links and ids there are, one behind the other."""
    page = PageText("".join(map(PART.format, range(2000))), is_whole=True)
    links = [link_around(tag, page) for tag in page.images]
    assert [page.caption_around(tag) for tag in page.images] == [f"F & {n}" for n in range(2000)]
    assert not page.names(["none"])
    assert all(link and page.has_name(link) for link in links)
    assert all(page.names([f"i{number}"]) for number in range(2000))


@pytest.mark.parametrize(
    "html",
    [
        "<figure><img src=x.png>" * 5000 + "<figcaption>a &amp; b</figcaption>",
        "<figure><figcaption><img src=x.png>" * 3000 + "a &amp; b</figcaption></figure>",
        "".join(f"<div id=i{n}><img src=x.png aria-labelledby=i{n}>" for n in range(5000)),
        "<a href=y.html>" + "<img src=x.png>&nbsp;" * 5000,
        "<button>" + "<img src=x.png>&nbsp;" * 5000,
        "<div role=button>" * 5000 + "<img src=x.png>" * 2000,
    ],
)
def test_parts_inside_each_other_are_not_each_read_to_their_end(html: str) -> None:
    """A page whose figures, links or named elements are never closed ends all the same."""
    began = perf_counter()
    page = PageText(html, is_whole=True)
    for tag in page.images:
        page.caption_around(tag)
        page.names(tag.attributes.get("aria-labelledby").split())
        if around := next(tag.ancestors, None):
            page.has_name(around)
    assert perf_counter() - began < 15


@pytest.mark.parametrize(
    ("html", "named"),
    [
        ("<a href=y>{}</a>", False),
        ("<a href=y>{} &nbsp;\u200b</a>", False),
        ("<a href=y>{} <i>Words</i></a>", True),
        ("<a href=y>{}<!-- words --><script>words</script><style>words</style></a>", False),
        ("<a href=y>{}<template>words</template></a>", False),
        ("<a href=y>{}<span hidden>words</span><i style='display:none'>words</i></a>", False),
        ("<a href=y>{}<svg><title>Words</title></svg></a>", True),
        ("<a href=y>{}<svg aria-hidden=true><title>Words</title></svg></a>", False),
        ("<a href=y>{}<span aria-label=Words></span></a>", True),
        ("<a href=y>{}<img src=y.png alt=Words></a>", True),
        ("<a href=y>{}<img src=y.png alt=Words role=none></a>", False),
        ("<a href=y>{}<img src=y.png alt=Words data-alttext=decorative></a>", False),
        ("<a href=y title=Words>{}</a>", False),
        ("<a href=y aria-labelledby='x n'>{}</a><p id=n hidden>Words</p>", True),
        ("<a href=y aria-labelledby='x n'>{}</a><template><p id=n>Words</p></template>", False),
        ("<a href=y aria-labelledby=n>{}</a><i id=n></i><i id=n>Words</i>", False),
    ],
)
def test_what_names_a_link(html: str, *, named: bool) -> None:
    """Its text, what is read out in place of text, and what an id means."""
    page = PageText(html.format("<img src=x.png>"), is_whole=True)
    link = link_around(page.images[0], page)
    assert link
    assert page.has_name(link) is named


@pytest.mark.parametrize(
    ("html", "caption"),
    [
        ("<figure>{}<figcaption>a <b>b</b></figcaption></figure>", "a b"),
        ("<figure><figcaption>a &amp; b</figcaption><p>{}</p></figure>", "a & b"),
        ("<figure><figure>{}<figcaption>a</figcaption></figure><figcaption>b</figure>", "a"),
        ("<figure><p>{}</p></figure><figure><figcaption>b</figcaption></figure>", ""),
        ("<figure>{}<figcaption>C &amp; D", "C & D"),
        ("<figure><figcaption>a<script>b</script></figcaption>{}", "a"),
        ("{}<figure><figcaption>b</figcaption></figure>", ""),
    ],
)
def test_the_caption_is_that_of_the_figure_around_an_image(html: str, caption: str) -> None:
    """As a browser has the figure, whatever is left out."""
    page = PageText(html.format("<img src=x.png>"), is_whole=True)
    assert page.caption_around(page.images[0]) == caption
