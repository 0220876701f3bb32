"""Text that would be heard twice is published, and named in the report."""

from __future__ import annotations

import pytest
from fake_site import PAGE, FakeSite, picture

from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.models import Origin, Reason, StoredAnswer
from mkdocs_alttext.pages.fill import fill_page

FIGURE = "<figure>{image}<figcaption>{caption}</figcaption></figure>"


def reasons(html: str, **texts: str) -> list[Reason | None]:
    """Return the reason of each image; the pictures `x.png` and `y.png` have these texts."""
    site = FakeSite(files={"x.png": picture(), "y.png": picture(colour="red")})
    for name in ("x", "y"):
        answer = StoredAnswer(texts.get(name, "A red bicycle"))
        site.answers[f"{name}.png"] = CaptionResponse(answer, Origin.SERVICE)
    filled = fill_page(html, PAGE, site.parts, wait=True)
    assert filled.html.count(' alt=""') == html.count(' alt=""')
    return [outcome.reason for outcome in filled.outcomes]


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("A red bicycle", Reason.REDUNDANT_TEXT),
        ("<em>A  RED</em>\nbicycle.", Reason.REDUNDANT_TEXT),
        ("A red bicycle, seen from above", None),
        ("", None),
    ],
)
def test_a_caption_that_says_the_same(caption: str, reason: Reason | None) -> None:
    """Whatever its markup, case and last point."""
    page = FIGURE.format(image='<a href="x.png"><img src="x.png"></a>', caption=caption)
    assert reasons(page) == [reason]


def test_a_caption_above_and_one_of_another_figure() -> None:
    """Only that of the figure around the image counts."""
    above = "<figure><figcaption>A red bicycle</figcaption><img src=x.png></figure>"
    assert reasons(above) == [Reason.REDUNDANT_TEXT]
    other = FIGURE.format(image="<p>x</p>", caption="A red bicycle")
    assert reasons(other + '<img src="x.png">') == [None]
    assert reasons('<img src="x.png">' + other) == [None]
    assert reasons('<figure><img src="x.png">') == [None]


def test_the_image_beside_it_says_the_same() -> None:
    """Two pictures with one text, and no words between them."""
    pair = '<p><img src="x.png"> <br><img src="y.png"></p>'
    assert reasons(pair) == [None, Reason.REDUNDANT_TEXT]
    assert reasons(pair, y="A blue bicycle") == [None, None]
    assert reasons('<img src="x.png"> and <img src="y.png">') == [None, None]
    author_s = '<img alt="A red bicycle" src="y.png"><img src="x.png">'
    assert reasons(author_s) == [None, Reason.REDUNDANT_TEXT]


def test_a_picture_that_is_shown_twice() -> None:
    """Its author repeats it; no other text would be right."""
    assert reasons('<img src="x.png"><img src="x.png">') == [None, None]
