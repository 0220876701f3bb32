"""The titles of pages as texts of links: what a reader sees of them, however they are written."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from built_site import TinySite, picture
from mkdocs.config import load_config
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from mkdocs_alttext.site.files import SiteFiles

if TYPE_CHECKING:
    from pathlib import Path

    from built_site import Built

SOURCE = "[![](a.png)]({})\n"


def built(
    folder: Path,
    page: str,
    *,
    name: str = "p.md",
    plugins: tuple[Any, ...] = (),
    **config: Any,  # noqa: ANN401 - any of MkDocs' own
) -> Built:
    """Build a site with a picture that links to a page."""
    docs: dict[str, str | bytes] = {"index.md": SOURCE.format(name), name: page, "a.png": picture()}
    return TinySite(folder, docs, plugins=list(plugins), config=config).build()


def alt_of(site: Built) -> str:
    """Return the raw text of the one link's picture."""
    (alt,) = re.findall(r'<img alt="([^"]*)"', site.page())
    return str(alt)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ('# Q&A: What\'s "new"\n', "Q&A: What’s “new”"),
        ("# The `<img>` tag\n", "The <img> tag"),
        ("# Page & <b>more</b>\n", "Page & more"),
        ("# 5 < 6 && `&amp;`\n", "5 < 6 && &amp;"),
        ("---\ntitle: R&D <b>x</b>\n---\n", "R&D x"),
        ("---\ntitle: A &amp;amp; B -- 5 < 6\n---\n", "A &amp; B -- 5 < 6"),
        ("---\ntitle: 2024\n---\n", "2024"),
        ("no heading\n", "P"),
    ],
)
def test_a_title_is_what_a_browser_shows_of_it(tmp_path: Path, page: str, title: str) -> None:
    """MkDocs' titles are HTML: themes print them as they are."""
    site = built(tmp_path, page, markdown_extensions=["smarty"])
    assert html.unescape(alt_of(site)) == title


@pytest.mark.parametrize(
    ("nav", "title"),
    [
        ("A & B", "A & B"),
        ("A &amp; B", "A & B"),
        ("<em>List</em>&lt;T&gt;", "List<T>"),
    ],
)
def test_a_title_of_the_navigation_is_html_too(tmp_path: Path, nav: str, title: str) -> None:
    """It comes before all others."""
    site = built(tmp_path, "# Other\n", nav=[{"Top": "index.md"}, {nav: "p.md"}])
    assert html.unescape(alt_of(site)) == title


def test_a_title_that_a_file_s_name_gives_is_html_too(tmp_path: Path) -> None:
    """As nobody escapes it on its way to the page."""
    assert html.unescape(alt_of(built(tmp_path, "text\n", name="r&amp;d.md"))) == "R&d"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("# The `<img>` **tag** & more #\n", "The <img> tag & more"),
        ("# 1. *First* &amp; last\n", "1. First & last"),
        ("---\ntitle: R&amp;D <b>x</b>\n---\n# Other\n", "R&D x"),
    ],
)
def test_a_title_that_is_needed_before_its_page_is_rendered(
    tmp_path: Path, page: str, title: str
) -> None:
    """Glightbox copies the text while the first page is rendered: its source says the title."""
    site = built(tmp_path, page, plugins=("glightbox",))
    assert html.unescape(alt_of(site)) == title


def test_a_title_that_shows_nothing_names_no_link(tmp_path: Path) -> None:
    """An empty text would hide the picture, and its link had no name."""
    site = built(tmp_path, "---\ntitle: <b></b>\n---\n")
    assert site.outcomes[-1] != "a.png link-title filled link-title None"


PARTS = "# Page\n\n## A & `b`\n\n### Über *uns* {{ #about }}\n\n## Last\n"


@pytest.mark.parametrize(
    ("part", "heading"),
    [("a-b", "A & b"), ("about", "Über uns"), ("last", "Last"), ("page", "Page")],
)
@pytest.mark.parametrize("name", ["p.md", "a.md"])  # rendered behind the link and before it
def test_a_link_to_a_part_has_its_heading(
    tmp_path: Path, name: str, part: str, heading: str
) -> None:
    """By the ids that MkDocs gives them, or their authors."""
    source = f"[![](a.png)]({name}#{part})\n"
    docs: dict[str, str | bytes] = {"m.md": source, name: PARTS.format(), "a.png": picture()}
    site = TinySite(tmp_path, docs, config={"use_directory_urls": False}).build()
    (alt,) = re.findall(r'<img alt="([^"]*)"', site.page("m.html"))
    assert html.unescape(alt) == heading


def test_a_heading_is_known_though_its_page_is_not_rendered(tmp_path: Path) -> None:
    """Where another plugin reads the article before, its source tells."""
    files = SiteFiles(str(tmp_path))
    config = load_config(plugins=[], docs_dir=str(tmp_path), config_file_path=None)
    (tmp_path / "p.md").write_text(PARTS.format(), encoding="utf-8")
    file = File("p.md", str(tmp_path), str(tmp_path / "site"), use_directory_urls=False)
    page = Page(None, file, config)
    files.follow(Files([file]))
    assert files.heading("p.html", "about", now=False) is None
    assert files.heading("p.html", "about", now=True) == "Über uns"
    assert files.heading("p.html", "nope", now=True) == ""
    assert page.content is None
