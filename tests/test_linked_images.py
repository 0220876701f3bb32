"""The images of one link are filled together, though one of them has to wait."""

from __future__ import annotations

import pytest
from fake_site import PAGE, FakeSite, picture

from mkdocs_alttext.pages.fill import fill_page

LINK = '<a href="x.png"><img src="x.png"><img src="y.png"></a>'


@pytest.mark.parametrize("before", ["", "<p>"])
def test_what_waits_keeps_the_others_of_its_link(before: str) -> None:
    """Also in a link with which the article begins."""
    files = {"x.png": picture(), "y.png": picture()}
    parts = FakeSite(files=files, replaced=frozenset({"y.png"})).parts
    html = before + LINK
    article = fill_page(html, PAGE._replace(is_whole=False), parts, wait=False)
    assert (article.html, article.outcomes) == (html, ())
    page = fill_page(article.html, PAGE, parts, wait=True)
    assert page.html == html.replace("<img ", '<img alt="CAP" ')
