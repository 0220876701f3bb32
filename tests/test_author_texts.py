"""A text that the author wrote for the same picture elsewhere: free, and before what is paid."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from built_site import picture
from test_catalog import parsed
from test_catalog_builds import alts, asked, catalog, run, site

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

ELSEWHERE = "A red door"


def build(folder: Path, server: ApiServer, elsewhere: str, **docs: str | bytes) -> list[str | None]:
    """Build a site that shows a picture without a text first, and return its texts there."""
    pages = {"index.md": "![](img/a.png)\n", "z/other.md": elsewhere, "img/a.png": picture(1)}
    tiny = site(folder, server, docs={**pages, **docs})
    return alts(tiny.build().page())


@pytest.mark.parametrize(
    "elsewhere",
    [
        "![A red door](../img/a.png)",
        "![A red door](../img/a.png){ .wide }",
        '![](../img/a.png){ alt="A red door" }',
        "![A red door][door]\n\n[door]: ../img/a.png",
        '<img src="../../img/a.png" alt="A red door">',
        "![a.png](../img/a.png) ![image](../img/a.png) ![A red door](../img/a.png)",
        "![Once](../img/a.png) ![A red door](../img/a.png) ![A red door](../img/a.png)",
        "Words before the ![A red door](../img/a.png)",
    ],
)
def test_a_text_elsewhere_is_taken(tmp_path: Path, server: ApiServer, elsewhere: str) -> None:
    """However it is written, though its page is rendered later, and nothing is sent."""
    assert build(tmp_path, server, elsewhere) == [ELSEWHERE]
    assert server.calls == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "![](../img/a.png)",
        "![a.png](../img/a.png)",
        "![screenshot](../img/a.png)",
        "![img/a.png](../img/a.png)",
        "![IMG_1234](../img/a.png)",
        "![TODO](../img/a.png)",
        "[![To the shop](../img/a.png)](https://example.org)",
        '<a href="https://example.org"><img src="../../img/a.png" alt="To the shop"></a>',
        '<button> <img src="../../img/a.png" alt="Send"></button>',
        "`![A red door](../img/a.png)`",
        "<!-- ![A red door](../img/a.png) -->",
        "![A red door](../img/b.png)",
        "---\nalttext: {lang: de}\n---\n![Eine rote Tür](../img/a.png)",
        "![A red door](../../../img/a.png)",
        f"![{'long ' * 200}](../img/a.png)",
    ],
)
def test_what_is_none_or_says_something_else_is_not_taken(
    tmp_path: Path, server: ApiServer, elsewhere: str
) -> None:
    """A placeholder, where a link leads, code, another picture, another language."""
    assert build(tmp_path, server, elsewhere, **{"img/b.png": picture(2)}) != [ELSEWHERE]
    assert asked(server) == 1


def test_the_same_bytes_are_the_same_picture(tmp_path: Path, server: ApiServer) -> None:
    """Under whatever name."""
    copy = {"z/copy.png": picture(1), "z/b.png": picture(2)}
    texts = build(tmp_path, server, "![Other](b.png) ![A red door](copy.png)", **copy)
    assert texts == [ELSEWHERE]
    assert server.calls == []


def test_it_has_an_origin_of_its_own(tmp_path: Path, server: ApiServer) -> None:
    """In the report, the summary and the catalog; it is no machine's, and not approved."""
    pages = {"index.md": "![](a.png)\n", "z.md": "![A red door](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=pages, options={"provenance": True})
    built = tiny.build()
    assert built.outcomes[-2:] == [
        "a.png use-stored filled author None",
        "../a.png keep-text kept None None",
    ]
    assert "data-alt-source" not in built.page()
    assert any(
        "from the author's text for the same picture elsewhere" in text for text in built.messages()
    )
    run(tiny)
    text = (tmp_path / "alttext.yml").read_text(encoding="utf-8")
    (entry,) = parsed(text).values()
    assert (entry.drafts, (entry.origin or "").partition(" ")[0]) == ({"en": ELSEWHERE}, "author")
    assert tiny.build().outcomes[-2] == "a.png use-stored filled catalog None"
    (tmp_path / "alttext.yml").unlink()
    tiny.options["publish"] = "reviewed"
    assert tiny.build().outcomes[-2] == "a.png ask-service missing None not-reviewed"
    assert server.calls == []


def test_the_catalog_comes_before_it(tmp_path: Path, server: ApiServer) -> None:
    """And it before the cache, so that every machine builds the same."""
    pages: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=pages)
    tiny.build()
    tiny.docs = {**pages, "z.md": "![A red door](a.png)"}
    assert alts(tiny.build().page()) == [ELSEWHERE]
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "By Kim"}})
    assert alts(tiny.build().page()) == ["By Kim"]
    assert asked(server) == 1


def test_a_page_made_to_take_long_is_left_out(tmp_path: Path, server: ApiServer) -> None:
    """Nobody's build is held up by a source with thousands of brackets in one block."""
    (tmp_path / "docs").mkdir()
    hostile = "![x](a.png " * 20_000
    pages = {"index.md": "![](a.png)\n", "a.png": picture(1), "z.txt": hostile}
    tiny = site(tmp_path, server, docs=pages)
    hook = (
        "from mkdocs.structure.files import File\n\n\n"
        "def on_files(files, *, config):\n"
        "    hostile = files.get_file_from_path('z.txt').content_string\n"
        "    files.append(File.generated(config, 'z.md', content=hostile))\n\n\n"
        "def on_page_markdown(markdown, **_):\n"
        "    return markdown if len(markdown) < 999 else ''\n"
    )
    (tmp_path / "hook.py").write_text(hook, encoding="utf-8")
    tiny.config = {"hooks": ["hook.py"]}
    begun = time.monotonic()
    tiny.build()
    assert time.monotonic() - begun < 10
    assert asked(server) == 1
    assert json.loads((tmp_path / "report.json").read_text())["counts"]["missing"] == 0
