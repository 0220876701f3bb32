"""Plugins that bring or write the sources: pages and pictures that lie nowhere in `docs_dir`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import yaml
from built_site import TinySite
from click.testing import CliRunner
from neighbours.beside import A, B, C, build_beside, caption

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from api_server import ApiServer


def test_macros(tmp_path: Path, server: ApiServer) -> None:
    """What macros write into Markdown is Markdown."""
    docs: dict[str, str | bytes] = {
        "index.md": "![]({{ name }}.png) {{ shown('b.png') }}\n"
        "{% for name in 'ab' %}![]({{ name }}.png){% endfor %}\n",
        "a.png": A,
        "b.png": B,
    }
    (tmp_path / "shown_pictures.py").write_text(
        "def define_env(env):\n    env.macro(lambda name: f'<img src={name}>', 'shown')\n",
        encoding="utf-8",
    )
    beside = build_beside(
        tmp_path,
        server,
        [{"macros": {"module_name": "shown_pictures"}}],
        docs=docs,
        config={"extra": {"name": "a"}},
    )
    assert beside.check().filled == 5
    assert beside.asked == {(caption(A), "en"), (caption(B), "en")}


def test_generated_pages_and_pictures(tmp_path: Path, server: ApiServer) -> None:
    """A picture that a script draws during the build is paid for once, wherever it is shown."""
    (tmp_path / "draw.py").write_text(
        "import mkdocs_gen_files\n"
        "for name in ('drawn.png', 'pages/copy.png'):\n"
        "    with mkdocs_gen_files.open(name, 'wb') as file:\n"
        f"        file.write({C!r})\n"
        "with mkdocs_gen_files.open('pages/drawn.md', 'w') as file:\n"
        "    file.write('# Drawn\\n\\n![](../drawn.png) ![](copy.png)\\n')\n",
        encoding="utf-8",
    )
    docs: dict[str, str | bytes] = {"index.md": "# Top\n\n![](drawn.png)\n", "a.png": A}
    beside = build_beside(tmp_path, server, [{"gen-files": {"scripts": ["draw.py"]}}], docs=docs)
    assert beside.check().filled == 4
    assert beside.asked == {(caption(A), "en"), (caption(C), "en")}
    assert beside.cold.page("pages/drawn/index.html").count(f'alt="{caption(C)}"') == 2


def several_sites(folder: Path) -> dict[str, Any]:
    """Write a site that another one includes; return what the other's `mkdocs.yml` says."""
    part = {
        "mkdocs.yml": b"site_name: part\nnav:\n  - Part: index.md\n  - More: more.md\n",
        "docs/index.md": b"# Part\n\n![](p.png) ![](../a.png)\n",
        "docs/more.md": b"# More\n\n![](p.png)\n",
        "docs/p.png": C,
    }
    # It means to remove its temporary folder, in a method that has no event's name.
    tidy = "def on_post_build(config):\n    config.plugins['monorepo'].post_build(config)\n"
    (folder / "tidy.py").write_text(tidy, encoding="utf-8")
    for name, content in part.items():
        path = folder / "part" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {
        "nav": [{"Home": "index.md"}, {"Part": "!include part/mkdocs.yml"}],
        "hooks": ["tidy.py"],
    }


WITH_PARTS: dict[str, str | bytes] = {"index.md": "# Top\n\n![](a.png)\n", "a.png": A}


def test_several_sites_in_one(tmp_path: Path, server: ApiServer) -> None:
    """The pictures of an included site are found where its pages show them."""
    config = several_sites(tmp_path)
    beside = build_beside(tmp_path, server, ["monorepo"], docs=WITH_PARTS, config=config)
    assert beside.check().filled == 5
    assert beside.asked == {(caption(A), "en"), (caption(C), "en")}
    assert f'alt="{caption(C)}"' in beside.cold.page("part/index.html")


def test_several_sites_in_one_have_their_own_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands name the files of each, and write there, and not into that plugin's copies."""
    monkeypatch.chdir(tmp_path)
    TinySite(tmp_path, WITH_PARTS, plugins=["monorepo"], config=several_sites(tmp_path)).write()
    lines = CliRunner().invoke(main, ["scan", "--format", "github"]).output
    assert {f"file={name},line=3" in lines for name in SOURCES} == {True}
    entries = {name: {"alt": "Approved", "status": "reviewed"} for name in ("a.png", "part/p.png")}
    (tmp_path / "alttext.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    assert CliRunner().invoke(main, ["apply", "--allow-dirty"]).exit_code == 0
    counts = [(tmp_path / name).read_text(encoding="utf-8").count("Approved") for name in SOURCES]
    assert counts == [1, 2, 1]


SOURCES = ("docs/index.md", "part/docs/index.md", "part/docs/more.md")


def test_another_order_of_pages(tmp_path: Path, server: ApiServer) -> None:
    """A navigation that a file of the sources lays out changes nothing."""
    docs: dict[str, str | bytes] = {
        "index.md": "# Top\n\n[![](a.png)](sub/page.md)\n",
        "sub/page.md": "# Sub ![](../b.png)\n",
        ".nav.yml": "nav:\n  - Renamed: sub/page.md\n  - index.md\n",
        "a.png": A,
        "b.png": B,
    }
    beside = build_beside(tmp_path, server, ["awesome-nav"], docs=docs)
    assert beside.check().filled == 3
    # The link leads to a page that the navigation calls otherwise.
    assert '<img alt="Renamed" src="a.png" />' in beside.cold.page()


PLACEHOLDER = "No description has been provided for this image"


def notebook(cells: list[dict[str, Any]]) -> str:
    """Write a notebook."""
    named = [{"id": f"cell{number}", "metadata": {}, **cell} for number, cell in enumerate(cells)]
    return json.dumps({"cells": named, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_notebooks(tmp_path: Path, server: ApiServer) -> None:
    """The words that the converter puts where a text is missing are no text."""
    plot = {"image/png": base64.b64encode(B).decode(), "text/plain": ["<Figure>"]}
    output = {"output_type": "display_data", "data": plot, "metadata": {}}
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": ["# Note\n\n<img src='a.png'> ![Words](a.png)"]},
        {"cell_type": "code", "execution_count": 1, "source": ["plot()"], "outputs": [output]},
    ]
    beside = build_beside(
        tmp_path,
        server,
        [{"mkdocs-jupyter": {"execute": False}}],
        docs={"index.md": "# Top\n", "note.ipynb": notebook(cells), "a.png": A},
        # A notebook's own addresses are those of its folder.
        config={"use_directory_urls": False},
    )
    beside.check()
    before, after = beside.plain.page("note.html"), beside.cold.page("note.html")
    assert before.count(f'alt="{PLACEHOLDER}"') == 2
    # A plot is inside the page and no file; it stays as it was.
    assert after.count(f'alt="{PLACEHOLDER}"') == 1
    assert after.count(f'alt="{caption(A)}"') == 1
    assert beside.asked == {(caption(A), "en")}
    assert any(line.endswith("unavailable missing None data-uri") for line in beside.cold.outcomes)
