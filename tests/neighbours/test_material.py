"""Material for MkDocs and the plugins that come with it.

`social` is left out: it fetches fonts from another machine, and draws with Cairo, which pip does
not bring. So is `optimize` for PNG, which needs the program pngquant. Neither reads alt text.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from api_server import API_KEY
from built_site import TinySite, picture
from click.testing import CliRunner
from neighbours.beside import (
    CAPTIONS,
    MATERIAL,
    PAGES,
    A,
    B,
    C,
    D,
    build_beside,
    caption,
    uncaptioned_feed,
    uncaptioned_json_feed,
)

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api_server import ApiServer

POST = """\
---
date: 2024-01-0{number}
slug: post-{number}
categories: [Category]
tags: [Tag]
---
# Post {number} ![](own.png)

![](own.png) ![](../../a.png)

<!-- more -->

![](more.png)
"""
BLOG: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png)\n",
    "tags.md": "# Tags\n\n<!-- material/tags -->\n",
    "blog/index.md": "# Blog\n",
    "blog/posts/first.md": POST.format(number=1),
    "blog/posts/second.md": POST.format(number=2),
    "blog/posts/own.png": B,
    "blog/posts/more.png": C,
    "a.png": A,
}
VIEWS = ("blog/", "blog/page/2/", "blog/archive/2024/", "blog/category/category/")


@pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])
def test_a_blog_and_its_views(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """Excerpts, which are rendered anew for each view, have the texts of their posts."""
    beside = build_beside(
        tmp_path,
        server,
        [
            *("search", "meta", "typeset", "tags"),
            {"blog": {"pagination_per_page": 1, "post_url_format": "{slug}"}},
        ],
        docs=BLOG,
        config=MATERIAL,
        is_listed_first=is_listed_first,
    )
    beside.check()
    # In an excerpt the heading is a link, which its words name already.
    assert {line.split()[1] for line in beside.cold.outcomes} == {
        "ask-service",
        "redundant-in-link",
    }
    assert all(" filled " in line for line in beside.cold.outcomes)
    for view in VIEWS:
        html = beside.cold.page(f"{view}index.html")
        assert f'alt="{caption(A)}"' in html, view
        assert f'alt="{caption(B)}"' in html, view
        assert caption(C) not in html, view
    assert f'alt="{caption(C)}"' in beside.cold.page("blog/post-1/index.html")
    assert server.credits_spent == 3


def test_a_text_of_a_post_is_written_there_and_its_views_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages that the plugin generates for lists have no text that would be lost."""
    docs: dict[str, str | bytes] = {
        "blog/index.md": "# Blog\n",
        "blog/posts/one.md": "---\ndate: 2024-01-01\n---\n# One\n\n![](../../a.png)\n",
        "a.png": A,
    }
    site = TinySite(tmp_path, docs, {"generate": "never"}, ["blog"], {**MATERIAL})
    entry = "a.png:\n  alt: A red door\n  status: reviewed\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    view = site.build().page("blog/archive/2024/index.html")
    assert 'alt="A red door"' in view
    monkeypatch.chdir(tmp_path)
    applied = CliRunner().invoke(main, ["apply"])
    assert applied.exit_code == 0, applied.output
    assert "Not written" not in applied.output
    assert "Around articles, too (the theme or a plugin shows them there): a.png." in applied.output
    site.docs = {}
    assert 'alt="A red door"' in site.build(plugin=False).page("blog/archive/2024/index.html")


def test_the_feed_of_a_blog(tmp_path: Path, server: ApiServer) -> None:
    """Posts in a feed have the texts of their pictures."""
    rss = {"use_git": False, "abstract_chars_count": -1, "match_path": "blog/posts/.*"}
    beside = build_beside(
        tmp_path,
        server,
        ["blog", {"rss": {**rss, "date_from_meta": {"as_creation": "date.created"}}}],
        docs=BLOG,
        config=MATERIAL,
        copies={"feed_rss_*.xml": uncaptioned_feed, "feed_json_*.json": uncaptioned_json_feed},
    )
    beside.check()
    feed = beside.cold.page("feed_rss_created.xml")
    assert all(caption(image) in feed for image in (A, B, C))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Serve a picture as another machine would; yield its address."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "far.png").write_bytes(picture(20))
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}/far.png"
        serving.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("minified", [False, True], ids=["", "minified"])
def test_downloaded_pictures(
    tmp_path: Path, server: ApiServer, elsewhere: str, *, minified: bool
) -> None:
    """A picture that `privacy` makes the site's own is described from then on, and not before."""
    minify = [{"minify": {"minify_html": True}}] if minified else []
    beside = build_beside(
        tmp_path,
        server,
        # Material's scripts name one that pages with diagrams load from another machine.
        [*minify, {"privacy": {"assets_exclude": ["unpkg.com/*"]}}],
        docs={
            "index.md": f'# Top\n\n<img src="{elsewhere}"> ![]({elsewhere}) ![](a.png)\n\n'
            f"[![]({elsewhere})](page.md)\n",
            "page.md": "# Page\n",
            "a.png": A,
        },
        config=MATERIAL,
    )
    assert beside.check().filled == 4
    assert beside.cold.report is not None
    counts = {"images": 4, "filled": 4, "kept": 0, "missing": 0, "remarks": 0}
    assert beside.cold.report["counts"] == {**counts, "empty_alt": 0}
    assert beside.asked == {(caption(A), "en"), (caption(picture(20)), "en")}


HOLD = """\
import threading

from mkdocs.plugins import event_priority

given_up = threading.Event()


@event_priority(10)
def on_pre_build(config):
    given_up.clear()
    config.plugins["material/optimize"].pool.submit(given_up.wait)


@event_priority(-10)
def on_env(env, config, files):
    given_up.set()
"""
"""That plugin gives up files that its threads rename meanwhile, and fails if these are faster."""


@pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])
def test_optimized_pictures(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """What is paid for are the author's bytes, not those that `optimize` publishes."""
    jpegs = {"a.jpg": picture(30, "JPEG"), "sub/b.jpg": picture(31, "JPEG")}
    jpegs["logo.jpg"] = picture(32, "JPEG")
    (tmp_path / "overrides").mkdir()
    (tmp_path / "overrides" / "main.html").write_text(
        '{% extends "base.html" %}{% block content %}{{ super() }}'
        '<img src="{{ "logo.jpg"|url }}">{% endblock %}',
        encoding="utf-8",
    )
    theme = {**MATERIAL["theme"], "custom_dir": "overrides"}
    (tmp_path / "hold.py").write_text(HOLD, encoding="utf-8")
    beside = build_beside(
        tmp_path,
        server,
        [{"optimize": {"optimize_png": False, "print_gain_summary": False, "concurrency": 1}}],
        docs={"index.md": "# Top\n\n![](a.jpg) ![](sub/b.jpg) ![](c.png)\n", "c.png": C, **jpegs},
        config={"theme": theme, "hooks": ["hold.py"]},
        is_listed_first=is_listed_first,
    )
    assert beside.check().filled == 4
    assert beside.cold.report is not None
    shown = {image["sha256"] for image in beside.cold.report["images"]}
    assert shown == {hashlib.sha256(image).hexdigest() for image in (C, *jpegs.values())}
    assert (beside.cold.folder / "a.jpg").read_bytes() != jpegs["a.jpg"]


def test_all_of_them_at_once(tmp_path: Path, server: ApiServer) -> None:
    """The site of someone who uses them all."""
    beside = build_beside(
        tmp_path,
        server,
        [
            *("search", "tags", "meta", "typeset", "blog", "awesome-nav", "macros"),
            {"glightbox": {"auto_caption": False}},
            {"minify": {"minify_html": True}},
            {"privacy": {"assets_exclude": ["unpkg.com/*"]}},
        ],
        docs={**BLOG, **PAGES, "d.png": D},
        config=MATERIAL,
    )
    beside.check()
    pages = beside.cold.page() + beside.cold.page("sub/page/index.html")
    assert all(text in pages for text in CAPTIONS)
    assert caption(B) in beside.cold.page("blog/index.html")


@pytest.mark.parametrize("is_enabled", [True, False])
@pytest.mark.parametrize("is_nested", [True, False])
def test_commands_find_the_plugin_in_a_group(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: ApiServer,
    *,
    is_enabled: bool,
    is_nested: bool,
) -> None:
    """With its options, such as the host that the key is meant for; even in a group that is off."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    options = {"base_url": server.base_url, "exclude": ["c.png"]}
    members: list[object] = ["search", {"alttext": options}]
    if is_nested:
        members = [{"group": {"enabled": is_enabled, "plugins": {"alttext": options}}}]
    group = {"group": {"enabled": is_enabled, "plugins": members}}
    docs: dict[str, str | bytes] = {"index.md": "![](a.png) ![](c.png)\n", "a.png": A, "c.png": C}
    config = {"theme": MATERIAL["theme"]}
    TinySite(tmp_path, docs, plugins=[group], config=config).write(plugin=False)
    runs = {name: CliRunner().invoke(main, [name]) for name in ("account", "scan", "catalog")}
    assert {name: run.exit_code for name, run in runs.items()} == {
        "account": 0,
        "scan": 1,
        "catalog": 0,
    }, [run.output for run in runs.values()]
    assert [call.path for call in server.calls] == ["/verify-api-key"]
    assert "1 image lacks alt text" in runs["scan"].stdout


def test_commands_judge_the_options_of_a_plugin_in_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As MkDocs judges those outside of it."""
    monkeypatch.chdir(tmp_path)
    group = {"group": {"enabled": True, "plugins": [{"alttext": {"api_key": "k"}}, "alttext"]}}
    config = {"theme": MATERIAL["theme"]}
    TinySite(tmp_path, {"index.md": ""}, plugins=[group], config=config).write(plugin=False)
    run = CliRunner().invoke(main, ["account"])
    assert run.exit_code == 2
    assert "api_key: A key does not belong into this file" in run.output
