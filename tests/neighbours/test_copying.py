"""Plugins that copy a page's content while it is rendered: their copy has the text, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from built_site import picture
from neighbours.beside import (
    CAPTIONS,
    MATERIAL,
    PAGES,
    build_beside,
    uncaptioned_feed,
    uncaptioned_json_feed,
    uncaptioned_lightbox,
    uncaptioned_markdown,
)

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer
    from built_site import Built

either_order = pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])

LLMS: dict[str, Any] = {
    "full_output": "llms-full.txt",
    "sections": {"All": ["index.md", "sub/page.md"]},
}
RSS: dict[str, Any] = {
    "use_git": False,  # the sources are in no repository
    "abstract_chars_count": -1,  # the whole page
    "date_from_meta": {"as_creation": "date"},
}
WANTS_TO_BE_LAST = (
    "[mkdocs-print-site] 'print-site' should be defined as the *last* plugin, to ensure the print "
    "page has any changes other plugins make. Please update the 'plugins:' section in your "
    "mkdocs.yml"
)
FEEDS = {"feed_rss_*.xml": uncaptioned_feed, "feed_json_*.json": uncaptioned_json_feed}


def holds_captions(text: str) -> bool:
    """Tell whether a text has every caption of `PAGES`."""
    return all(caption in text for caption in CAPTIONS)


@either_order
def test_glightbox_captions(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """`auto_caption` shows each text below its picture, on a cold cache as on a warm one."""
    beside = build_beside(
        tmp_path,
        server,
        [{"glightbox": {"auto_caption": True}}],
        is_listed_first=is_listed_first,
        copies={"*.html": uncaptioned_lightbox},
    )
    assert beside.check().filled == 9
    pages = beside.cold.page() + beside.cold.page("sub/page/index.html")
    # The picture in a link to elsewhere is not put into the lightbox.
    for text in CAPTIONS[:3]:
        assert f'data-title="{text}"' in pages


def test_glightbox_around_a_pair(tmp_path: Path, server: ApiServer) -> None:
    """Both of a pair, each in a lightbox of its own, have the text that is paid for once."""
    pair = "![](a.png#only-light)\n![](b.png#only-dark)\n"
    docs: dict[str, str | bytes] = {"index.md": pair, "a.png": picture(1), "b.png": picture(2)}
    beside = build_beside(tmp_path, server, ["glightbox"], docs=docs)
    assert beside.check().filled == 3  # 404.html shows the first
    assert len(beside.asked) == 1
    assert beside.cold.page().count('<a class="glightbox"') == 2


@either_order
def test_the_print_page(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """The page of all pages has the text of all pictures."""
    beside = build_beside(
        tmp_path, server, ["print-site"], config=MATERIAL, is_listed_first=is_listed_first
    )
    comparison = beside.check(complaints=[] if is_listed_first else [WANTS_TO_BE_LAST])
    assert comparison.filled == 2 * 8
    assert holds_captions(beside.cold.page("print_page/index.html"))


def texts_of_feeds(built: Built) -> list[str]:
    """Return the items' HTML of each feed, as a reader of feeds shows it."""
    texts = []
    for path in sorted(built.folder.glob("feed_rss_*.xml")):
        items = ET.parse(path).iterfind(".//item/description")  # noqa: S314 - written by this test
        texts.append("".join(item.text or "" for item in items))
    for path in sorted(built.folder.glob("feed_json_*.json")):
        feed = json.loads(path.read_bytes())
        texts.append("".join(item["content_html"] for item in feed["items"]))
    return texts


@either_order
def test_feeds(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """RSS and JSON feeds with whole pages have the text of all pictures."""
    docs: dict[str, str | bytes] = {
        name: f"---\ndate: 2024-01-0{len(name) % 9 + 1}\n---\n{text}"
        if isinstance(text, str)
        else text
        for name, text in PAGES.items()
    }
    beside = build_beside(
        tmp_path,
        server,
        [{"rss": {**RSS, "use_material_blog": False, "use_material_social_cards": False}}],
        docs=docs,
        is_listed_first=is_listed_first,
        copies=FEEDS,
    )
    beside.check()
    texts = texts_of_feeds(beside.cold)
    assert len(texts) == 4
    assert all(map(holds_captions, texts))


@either_order
def test_files_for_language_models(
    tmp_path: Path, server: ApiServer, *, is_listed_first: bool
) -> None:
    """Where pictures are kept, their text stands in the Markdown of the pages and of the whole."""
    beside = build_beside(
        tmp_path,
        server,
        [{"llmstxt": {**LLMS, "autoclean": False}}],
        is_listed_first=is_listed_first,
        copies={"*.md": uncaptioned_markdown, "llms*.txt": uncaptioned_markdown},
    )
    beside.check()
    assert holds_captions(beside.cold.page("llms-full.txt"))
    assert holds_captions(beside.cold.page("index.md") + beside.cold.page("sub/page/index.md"))


@pytest.mark.parametrize(
    ("neighbour", "config", "copies"),
    [
        ("glightbox", {}, {"*.html": uncaptioned_lightbox}),
        ("print-site", MATERIAL, {}),
        ({"rss": {**RSS, "use_material_social_cards": False}}, {}, FEEDS),
        (
            {"llmstxt": {**LLMS, "autoclean": False}},
            {},
            {"*.md": uncaptioned_markdown, "llms*.txt": uncaptioned_markdown},
        ),
    ],
    ids=["glightbox", "print-site", "rss", "llmstxt"],
)
def test_an_image_that_only_the_whole_page_decides_leaves_no_mark_in_copies(
    tmp_path: Path,
    server: ApiServer,
    neighbour: Any,  # noqa: ANN401 - as in `mkdocs.yml`
    config: dict[str, Any],
    copies: dict[str, Any],
) -> None:
    """A name that the article does not have may stand beside it, and the copy is taken before."""
    index = "# Top\n\n![](a.png){ aria-labelledby=elsewhere } ![](b.png)\n"
    docs: dict[str, str | bytes] = {**PAGES, "index.md": f"---\ndate: 2024-01-01\n---\n{index}"}
    beside = build_beside(
        tmp_path,
        server,
        [neighbour],
        docs=docs,
        config=config,
        is_listed_first=True,
        copies=copies,
    )
    beside.check()


def test_files_for_language_models_without_pictures(tmp_path: Path, server: ApiServer) -> None:
    """By default that plugin drops pictures, and its files are the same."""
    beside = build_beside(tmp_path, server, [{"llmstxt": LLMS}])
    beside.check()
    assert "![" not in beside.cold.page("llms-full.txt")
