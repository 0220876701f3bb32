"""Whole sites built by Zensical, with the extension and without."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from accessibility.browser import AXE
from accessibility.verdicts import Violation, new_violations, violations
from generators.served import Served
from generators.zensical_pages import FILES, PAGES, PICTURES

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.models import CaptionKey, StoredAnswer

sys.path.insert(0, str(Path(__file__).parents[2]))  # `bench` is no part of the package
from bench.comparison import Comparison, site_files, without_alt

if TYPE_CHECKING:
    from accessibility.chromium import Chromium

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("zensical") is None,
    reason="Zensical is not installed: `pip install --group zensical`",
)

EXTENSIONS = """
[project.markdown_extensions]
abbr = {}
admonition = {}
attr_list = {}
def_list = {}
footnotes = {}
md_in_html = {}
tables = {}
[project.markdown_extensions.toc]
permalink = true
[project.markdown_extensions.pymdownx]
arithmatex = { generic = true }
betterem = {}
caret = {}
details = {}
highlight = {}
inlinehilite = {}
keys = {}
mark = {}
smartsymbols = {}
superfences = {}
tabbed = { alternate_style = true }
tasklist = { custom_checkbox = true }
tilde = {}
[project.markdown_extensions.pymdownx.emoji]
emoji_generator = "zensical.extensions.emoji.to_svg"
emoji_index = "zensical.extensions.emoji.twemoji"
[project.markdown_extensions.pymdownx.blocks.caption]
"""
OURS = '[project.markdown_extensions."mkdocs_alttext.markdown_extension"]\ncache_dir = "texts"\n'
GLIGHTBOX = "[project.plugins.glightbox]\nauto_caption = true\n"
CATALOG = """
plain.png:
  alt: {en: 'A <plain> & "simple" picture', de: Ein Bild}
  status: reviewed
light.png:
  alt: The panel in its colours
  status: reviewed
img/dark.png:
  status: decorative
"""


def write_site(folder: Path, *, ours: str = OURS, more: str = "") -> None:
    """Write the site, its catalog and a cache with a text for each chart."""
    for name, content in {**PAGES, **FILES}.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / "alttext.yml").write_text(CATALOG, encoding="utf-8")
    configuration = (
        '[project]\nsite_name = "Twenty"\nsite_url = "https://ex.org/proj/"\n'
        f'watch = ["alttext.yml"]\n{EXTENSIONS}{ours}{more}'
    )
    (folder / "zensical.toml").write_text(configuration, encoding="utf-8")
    store(folder, {name: f"Sales of {name}" for name in PICTURES if "chart" in name})


def store(folder: Path, texts: dict[str, str]) -> None:
    """Store texts in the cache, as a command that asks a service would."""
    cache = DiskCache(folder / "texts")
    for name, text in texts.items():
        key = CaptionKey(sha256_of(PICTURES[name]), "en", "alttextai")
        assert cache.put(key, StoredAnswer(text))
    cache.close()


def build(folder: Path, *options: str) -> str:
    """Build a site; return what was printed."""
    environment = {name: value for name, value in os.environ.items() if "KEY" not in name}
    run = subprocess.run(
        [sys.executable, "-m", "zensical", "build", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def page(folder: Path, name: str) -> str:
    """Return a page of a built site."""
    return (folder / "site" / name).read_text(encoding="utf-8")


def alts(html: str) -> list[str | None]:
    """Return the text of each image of a page."""
    return [tag.attributes.values.get("alt") for tag in scan(html, is_whole=True)]


def test_only_alt_differs(tmp_path: Path) -> None:
    """In a site of twenty pages; files of the cache and the sources are as they were."""
    plain, filled = tmp_path / "plain", tmp_path / "filled"
    write_site(plain, ours="")
    write_site(filled)
    before = {path: path.stat().st_mtime_ns for path in (filled / "texts").iterdir()}
    assert "alttext" not in build(plain)
    assert "alttext" not in build(filled)
    found = Comparison(keeps_opt_outs=True)
    old, new = site_files(plain / "site"), site_files(filled / "site")
    for name in sorted(old | new):
        contents = [files[name].read_bytes() if name in files else None for files in (old, new)]
        found.add_file(name, *contents)
        assert MARK_ATTRIBUTE.encode() not in (contents[1] or b"")
    assert not found.unexplained
    assert found.filled > 50
    assert {path: path.stat().st_mtime_ns for path in (filled / "texts").iterdir()} == before
    assert not (filled / ".cache" / "plugin").exists()


def test_each_image_gets_what_a_build_gives_it(tmp_path: Path) -> None:
    """Of the pages that tell cases apart."""
    write_site(tmp_path)
    build(tmp_path)
    text = 'A <plain> & "simple" picture'
    expected = {
        "index.html": [text, "Author's own", ""],
        "guide/deep/page/index.html": ["", text, text, None, "Sales of img/chart.png"],
        "front/index.html": ["", None],
        "german/index.html": ["Ein Bild", ""],
        "tables/index.html": [text, "", "", "Sales of chart.png"],
        "links/index.html": ["Guide", "Tabs", text, "", text, text, "Links"],
        "crlf/index.html": [text, "Sales of chart.png"],
        "bom/index.html": [text],
    }
    shown = {name: alts(page(tmp_path, name)) for name in expected}
    assert {name: [*filter(_is_content, found)] for name, found in shown.items()} == expected


def _is_content(alt: str | None) -> bool:
    return alt != "logo"


def test_captions_of_glightbox_have_the_texts(tmp_path: Path) -> None:
    """They are made while the page is rendered, and nothing else differs."""
    plain, filled = tmp_path / "plain", tmp_path / "filled"
    write_site(plain, ours="", more=GLIGHTBOX)
    write_site(filled, more=GLIGHTBOX)
    build(plain)
    build(filled)
    assert 'data-title="Sales of chart.png"' in page(filled, "admonitions/index.html")
    for name in sorted(site_files(plain / "site")):
        if name.endswith(".html"):
            assert _rest(page(filled, name)) == _rest(page(plain, name)), name


@pytest.mark.skipif(AXE not in os.environ, reason="axe-core is not here: see `make generators`")
def test_axe_core_finds_less_and_nothing_new(tmp_path: Path, browser: Chromium, axe: str) -> None:
    """On three pages, one picture has no text, and two authors leave images as they are."""
    found: list[list[Violation]] = []
    for name, ours in (("plain", ""), ("filled", OURS)):
        write_site(tmp_path / name, ours=ours)
        build(tmp_path / name)
        site = tmp_path / name / "site"
        with Served(site, browser, "/proj/") as served:
            found.append(violations(served, axe, site))
    before, after = found
    assert new_violations(before, after) == []
    assert len(after) < len(before)
    left = {each.page for each in after if each.rule == "image-alt"}
    assert left == {"front/index.html", "guide/deep/page/index.html", "raw/index.html"}


def _rest(html: str) -> str:
    html = re.sub(' data-title="[^"]*"', "", html)
    return without_alt(html, scan(html, is_whole=True))


def test_applied_texts_are_those_of_the_extension(tmp_path: Path) -> None:
    """Pages come out the same without it, when all their texts are approved or free."""
    write_site(tmp_path)
    build(tmp_path)
    names = [f"{name}/index.html" for name in ("bom", "german", "links")]
    before = [page(tmp_path, name) for name in names]
    command = [sys.executable, "-m", "mkdocs_alttext", "apply", "--free", "--allow-dirty"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "texts written into" in run.stdout, run.stderr
    configuration = (tmp_path / "zensical.toml").read_text(encoding="utf-8")
    (tmp_path / "zensical.toml").write_text(configuration.replace(OURS, ""), encoding="utf-8")
    build(tmp_path, "--clean")
    assert [page(tmp_path, name) for name in names] == before


def test_pages_are_built_anew_when_the_catalog_changes(tmp_path: Path) -> None:
    """As it is watched; without that, one line says what to write, once."""
    write_site(tmp_path)
    build(tmp_path)
    catalog = tmp_path / "alttext.yml"
    catalog.write_text(CATALOG.replace("simple", "fancy"), encoding="utf-8")
    os.utime(catalog, (1, 1))  # Zensical looks at whole seconds
    build(tmp_path)
    assert "fancy" in page(tmp_path, "index.html")
    configuration = (tmp_path / "zensical.toml").read_text(encoding="utf-8")
    unwatched = configuration.replace('watch = ["alttext.yml"]', "")
    (tmp_path / "zensical.toml").write_text(unwatched, encoding="utf-8")
    printed = build(tmp_path, "--clean")
    assert printed.count('watch = ["alttext.yml"]') == 1


def test_a_cache_in_zensical_s_own_folder_is_named(tmp_path: Path) -> None:
    """As `--clean` empties that."""
    write_site(tmp_path)
    configuration = (tmp_path / "zensical.toml").read_text(encoding="utf-8")
    moved = configuration.replace('cache_dir = "texts"', 'cache_dir = ".cache/texts"')
    (tmp_path / "zensical.toml").write_text(moved, encoding="utf-8")
    (tmp_path / ".cache").mkdir()
    shutil.move(tmp_path / "texts", tmp_path / ".cache" / "texts")
    assert "`zensical build --clean` removes" in build(tmp_path)
    assert "Sales of chart.png" in page(tmp_path, "tables/index.html")
    build(tmp_path, "--clean")
    assert not (tmp_path / ".cache" / "texts").exists()


def test_one_mkdocs_yml_serves_both(tmp_path: Path) -> None:
    """Zensical reads it, too: there the extension fills, in MkDocs the plugin."""
    write_site(tmp_path)
    (tmp_path / "zensical.toml").unlink()
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Both\nsite_url: https://ex.org/proj/\nwatch: [alttext.yml]\n"
        "markdown_extensions:\n  - attr_list\n  - mkdocs_alttext.markdown_extension:\n"
        "      cache_dir: texts\nplugins:\n  - alttext: {cache_dir: texts, generate: never}\n",
        encoding="utf-8",
    )
    assert "alttext" not in build(tmp_path)
    by_zensical = alts(page(tmp_path, "notes/index.html"))
    shutil.rmtree(tmp_path / "site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert alts(page(tmp_path, "notes/index.html")) == [*filter(_is_content, by_zensical)]


def test_a_wrong_option_ends_the_build(tmp_path: Path) -> None:
    """With its name and the nearest one."""
    write_site(tmp_path, ours=f'{OURS}exclud = ["img/"]\n')
    with pytest.raises(AssertionError, match="Did you mean 'exclude'"):
        build(tmp_path)
