"""What a page and its parts are called, as its HTML says it, in the ways of several generators."""

from __future__ import annotations

import pytest

from mkdocs_alttext.html.titles import titles_of

TITLES = {
    "the heading that the title has": (
        "<title>Install - Docs</title><h1>Install</h1>",
        "Install",
    ),
    "in any case": ("<title>INSTALL | Docs</title><h1>Install</h1>", "Install"),
    "not the name of the site": ("<title>Install</title><h1>Docs</h1><h1>Install</h1>", "Install"),
    "a title alone": ("<title> A\n title </title><p>Words", "A title"),
    "a heading alone": ("<h1>Install</h1><h1>More</h1>", "Install"),
    "another heading than the title": ("<title>Page</title><h1>Words</h1>", "Page"),
    "none": ("<p>Words", ""),
    "of a drawing": ("<body><svg><title>Icon</title></svg><h1>Page</h1>", "Page"),
    "with references": ("<title>A &amp; B</title>", "A & B"),
    "Sphinx": (
        '<title>Guide &#8212; Tool 1.0</title><h1>Guide<a class="headerlink" href="#g">¶</a></h1>',
        "Guide",
    ),
    "Docusaurus": (
        '<title>Guide | Site</title><h1>Guide<a class="hash-link" href="#g">&#8203;</a></h1>',
        "Guide",
    ),
    "hidden signs": (
        "<title>Guide</title><h1>Guide <span aria-hidden=true>*</span><script>x</script></h1>",
        "Guide",
    ),
    "a link that is a word": ("<title>Guide</title><h1><a href='/'>Guide</a></h1>", "Guide"),
}
HEADINGS = {
    "its own id": "<h2 id=x>Part</h2>",
    "of a section": "<section id=x><h2>Part</h2><p>Words</p></section>",
    "of a link in it": "<h2><a id=x></a>Part</h2>",
    "of a header": "<header id=x><h3>Part <a href=#x>#</a></h3></header>",
}


@pytest.mark.parametrize("name", TITLES)
def test_a_page_is_called(name: str) -> None:
    """By its heading, without what a theme adds."""
    html, title = TITLES[name]
    assert titles_of(f"<!doctype html>{html}").title == title


@pytest.mark.parametrize("name", HEADINGS)
def test_a_part_is_called(name: str) -> None:
    """By the heading that has its id, or begins what has it."""
    html = f"<!doctype html><h1>Page</h1>{HEADINGS[name]}<h2>Other</h2>"
    assert titles_of(html).headings.get("x") == "Part"


def test_what_has_no_heading_of_its_own_is_called_nothing() -> None:
    """Only the first heading of a part is its name, and only of the innermost."""
    html = "<main id=x><p>Words</p><div><h2 id=y>Part</h2></div></main><p id=z>Words</p>"
    assert dict(titles_of(html).headings) == {"y": "Part"}
