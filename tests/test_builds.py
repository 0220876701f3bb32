"""Whole builds: what is paid for once, titles, `serve`, odd starts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from api_server import ApiServer, alt_text
from built_site import TinySite, picture
from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_alttext.captioning.judging import clean

if TYPE_CHECKING:
    from mkdocs.plugins import BasePlugin

A, B, C = picture(1), picture(2), picture(3)


def site(
    folder: Path,
    server: ApiServer,
    docs: dict[str, str | bytes],
    *,
    hook: str = "",
    **named: Any,  # noqa: ANN401 - fields
) -> TinySite:
    """Make a site that asks the server in the order of its images; a hook may look on."""
    options = {"base_url": server.base_url, "concurrency": 1, **named.pop("options", {})}
    config = dict(named.pop("config", {}))
    if hook:
        (folder / "neighbour.py").write_text(hook, encoding="utf-8")
        config["hooks"] = ["neighbour.py"]
    return TinySite(folder, docs, options, config=config, **named)


def asked(server: ApiServer) -> list[tuple[bytes | None, str]]:
    """Return picture and language of each request for a text."""
    return [(call.image, call.language) for call in server.calls if call.path == "/generate"]


def captions(server: ApiServer) -> list[str]:
    """Return what the answers so far become on a page."""
    return [clean(alt_text(image or b"", language)) for image, language in asked(server)]


def build_again(
    tiny: TinySite,
    change: dict[str, str | bytes],
    *,
    serve: bool = False,
    dirty: bool = False,
) -> BasePlugin[Any]:
    """Build, change sources and build again in one process, as `mkdocs serve` does."""
    command: Literal["serve", "build"] = "serve" if serve else "build"
    url = "http://127.0.0.1:8000/proj/" if serve else None
    settings = {"site_url": url} if url else {}
    path = str(tiny.write())
    config = load_config(path, **settings)
    config.plugins.on_startup(command=command, dirty=dirty)
    try:
        build(config, serve_url=url)
        for name, content in change.items():
            source = tiny.folder / "docs" / name
            source.write_bytes(content.encode() if isinstance(content, str) else content)
            os.utime(source, (time.time() + 60,) * 2)
        again = load_config(path, **settings)
        build(again, serve_url=url, dirty=dirty)
        assert again.plugins["alttext"] is config.plugins["alttext"]
    finally:
        config.plugins.on_shutdown()
    return config.plugins["alttext"]


def page(tiny: TinySite, name: str = "index.html") -> str:
    """Return a page of the site as it is now."""
    return (tiny.folder / "site" / name).read_text(encoding="utf-8")


def test_a_page_that_opts_out_costs_nothing(tmp_path: Path, server: ApiServer) -> None:
    """Its bytes are those of the build without the plugin."""
    docs: dict[str, str | bytes] = {
        "index.md": "---\nalttext: false\n---\n![](b.png) <img src=b.png>",
        "b.png": B,
    }
    tiny = site(tmp_path, server, docs)
    plain = tiny.build(plugin=False)
    assert tiny.build().page() == plain.page()
    assert server.calls == []


def test_one_picture_on_many_pages_is_paid_for_once(tmp_path: Path, server: ApiServer) -> None:
    """Copies under other names and other queries are the same picture."""
    text = "![](/proj/a.png) ![](/proj/a.png?v=1) ![](a.png?v=2) ![](dark.png#only-dark)\n"
    docs: dict[str, str | bytes] = {f"p{number}.md": text for number in range(10)}
    tiny = site(tmp_path, server, {**docs, "a.png": A, "dark.png": A})
    html = tiny.build().page("p9/index.html")
    assert len(asked(server)) == 1
    assert html.count(f'alt="{captions(server)[0]}"') == 4


def test_changed_bytes_are_a_new_picture_and_a_new_name_is_none(
    tmp_path: Path, server: ApiServer
) -> None:
    """The cache knows bytes and language, and no paths."""
    tiny = site(tmp_path, server, {"index.md": "![](a.png)", "a.png": A})
    tiny.build()
    tiny.docs = {"index.md": "![](sub/renamed.png)", "sub/renamed.png": A, "a.png": A}
    tiny.build()
    assert len(asked(server)) == 1
    tiny.docs = {"index.md": "![](a.png)", "a.png": B}
    html = tiny.build().page()
    assert len(asked(server)) == 2
    assert f'alt="{captions(server)[1]}"' in html


TITLES = """
import json
from pathlib import Path

seen = {}


def on_post_page(output, *, page, config):
    seen[page.url] = [page.title, [[item.id, item.title] for item in page.toc]]


def on_post_build(*, config):
    Path(config.site_dir, "titles.json").write_text(json.dumps(seen), encoding="utf-8")
"""


def test_titles_and_headings_do_not_take_over_a_caption(tmp_path: Path, server: ApiServer) -> None:
    """The picture in the heading is filled; ids, labels and the page's title stay."""
    docs: dict[str, str | bytes] = {
        "index.md": "# Top ![](a.png)\n\n## More ![](b.png)\n",
        "a.png": A,
        "b.png": B,
    }
    tiny = site(tmp_path, server, docs, hook=TITLES)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.page("titles.json") == plain.page("titles.json")
    assert json.loads(built.page("titles.json"))[""][0] == "Top"
    assert "<title>Top</title>" in built.page()
    assert f'<h1 id="top">Top <img alt="{captions(server)[0]}" src="a.png" />' in built.page()


def test_a_dirty_build_passes_over_pages_that_it_does_not_render(
    tmp_path: Path, server: ApiServer
) -> None:
    """A page without content is no fault, not even when an image links to it."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)",
        "other.md": "# The other\n\n![](b.png)",
        "a.png": A,
        "b.png": B,
    }
    tiny = site(tmp_path, server, docs)
    build_again(tiny, {"index.md": "![](a.png) [![](b.png)](other.md)"}, dirty=True)
    first, second = captions(server)
    assert f'<img alt="{first}" src="a.png" />' in page(tiny)
    assert '<img alt="The other" src="b.png" />' in page(tiny)
    assert f'<img alt="{second}" src="../b.png" />' in page(tiny, "other/index.html")


def test_editing_a_page_in_serve_repeats_no_call(tmp_path: Path, server: ApiServer) -> None:
    """One plugin object serves all rebuilds, and begins each of them anew."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png) ![](/proj/a.png)", "a.png": A}
    tiny = site(tmp_path, server, docs, options={"generate": "always"})
    build_again(tiny, {"index.md": "![](a.png) more ![](/proj/a.png)"}, serve=True)
    (caption,) = captions(server)
    assert page(tiny).count(f'alt="{caption}"') == 2
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["credits"]["spent"] == 0
    # The theme's 404.html shows the picture, too.
    assert [image["origin"] for image in report["images"]] == ["store"] * 3


@pytest.mark.parametrize("start", ["stdin", "relative"])
def test_the_cache_stands_beside_the_configuration(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    """Also when the configuration has no path, or one from another folder."""
    path = site(tmp_path, server, {"index.md": "![](a.png)", "a.png": A}).write()
    if start == "stdin":
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
        config = load_config(sys.stdin.buffer)
        assert not config.config_file_path
    else:
        monkeypatch.chdir(tmp_path / "docs")
        config = load_config(Path("../mkdocs.yml").open("rb"))  # noqa: SIM115 - MkDocs closes it
        assert config.config_file_path == "../mkdocs.yml"
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
    assert len(asked(server)) == 1
    assert (tmp_path / ".cache" / "plugin" / "alttext" / "cache.db").is_file()
    assert not (tmp_path / "docs" / ".cache").exists()


def test_templates_of_html_are_filled_and_others_are_not(tmp_path: Path, server: ApiServer) -> None:
    """Those of the theme and those of the site; the site map and other files stay."""
    docs: dict[str, str | bytes] = {
        "index.md": "Text",
        "extra.html": "<p><img src='/proj/a.png'></p>",
        "data.xml": "<img src='/proj/a.png'/>",
        "a.png": A,
    }
    config = {"extra_templates": ["extra.html", "data.xml"]}
    tiny = site(tmp_path, server, docs, config=config)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    (caption,) = captions(server)
    assert built.page("extra.html") == f"<p><img alt=\"{caption}\" src='/proj/a.png'></p>"
    assert f'<img alt="{caption}" src="/proj/a.png">' in built.page("404.html")
    for name in ("data.xml", "sitemap.xml"):
        assert built.page(name) == plain.page(name)


def test_pages_that_are_not_built_cost_nothing(tmp_path: Path, server: ApiServer) -> None:
    """Excluded pages and drafts: what only they show is not asked for."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)",
        "out.md": "![](b.png)",
        "draft.md": "![](c.png)",
    }
    config = {"exclude_docs": "out.md", "draft_docs": "draft.md"}
    tiny = site(tmp_path, server, {**docs, "a.png": A, "b.png": B, "c.png": C}, config=config)
    built = tiny.build()
    assert len(asked(server)) == 1
    assert f'alt="{captions(server)[0]}"' in built.page()
    assert not (built.folder / "draft").exists()


def test_mkdocs_and_properdocs_write_the_same_alt(tmp_path: Path, server: ApiServer) -> None:
    """Both with `--strict`, as commands of their own."""
    pytest.importorskip("properdocs")
    site(tmp_path, server, {"index.md": "![](a.png)", "a.png": A}).write()
    pages = []
    for tool in ("mkdocs", "properdocs"):
        command = [sys.executable, "-m", tool, "build", "--strict", "--site-dir", tool]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(
            [*command, "--config-file", "mkdocs.yml"],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
        )
        pages.append((tmp_path / tool / "index.html").read_text(encoding="utf-8"))
    (caption,) = captions(server)
    assert pages[0] == pages[1]
    assert f'<img alt="{caption}" src="a.png" />' in pages[0]


def test_the_readme_says_early_who_does_not_run_the_plugin() -> None:
    """Zensical ignores it without a word, so this is where users can learn it."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    first_screen = " ".join(readme.splitlines()[:45])
    assert "Zensical" in first_screen
    assert "do not run MkDocs plugins" in first_screen


def test_a_picture_that_changes_between_builds_is_asked_for(
    tmp_path: Path, server: ApiServer
) -> None:
    """Also when its size stays, and even its time, which tools can set."""
    old, new, newest = picture(1), picture(6), picture(11)
    assert len(old) == len(new) == len(newest)
    tiny = site(tmp_path, server, {"index.md": "![](a.png)\n"})
    image = tmp_path / "docs" / "a.png"
    image.parent.mkdir()
    first, later = 1_500_000_000, 1_600_000_000
    for content, changed in ((old, first), (old, first), (new, later), (newest, later)):
        image.write_bytes(content)
        os.utime(image, (changed, changed))
        tiny.build()
    assert server.ledger.total() == 3
    assert server.double_charges == 0
