"""`scan`, `catalog` and `apply` read a `zensical.toml`, and say where it is no `mkdocs.yml`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from built_site import picture
from click.testing import CliRunner
from zensical_site import ZensicalSite

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.zensical.translation import translated

if TYPE_CHECKING:
    from click.testing import Result

OURS = '\n[project.markdown_extensions."mkdocs_alttext.markdown_extension"]\ncache_dir = "texts"\n'
ATTRIBUTES = "\n[project.markdown_extensions.attr_list]\n"
PICTURE = picture(1)
PAGE = '# Page\n\n![](../b.png)\n\n<img src="../a.png">\n\n![](../a.png){ alt="" }\n'
CATALOG = "a.png:\n  alt: A cat\n  status: reviewed\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ZensicalSite:
    """Return a site in the current folder, which lists the extension."""
    monkeypatch.chdir(tmp_path)
    docs: dict[str, str | bytes] = {
        "a.png": PICTURE,
        "b.png": picture(2),
        "index.md": "# Home\n\n![](a.png)\n\n![](none.png)\n",
        "sub/page.md": PAGE,
    }
    site = ZensicalSite(tmp_path, docs, {"cache_dir": "texts"})
    configure(OURS + ATTRIBUTES)
    return site


def configure(more: str, *, before: str = "") -> None:
    """Write the configuration."""
    head = f'[project]\nsite_name = "Site"\nsite_url = "https://ex.org/proj/"\n{before}'
    Path("zensical.toml").write_text(head + more, encoding="utf-8")


def run(*arguments: str, status: int = 0) -> Result:
    """Run a command."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result


def scanned(*arguments: str, status: int = 1) -> list[tuple[str, int | None, str, str]]:
    """Return what a scan finds; of what lacks text, with its line."""
    result = run("scan", "--format", "json", *arguments, status=status)
    return [
        (image["source"], image["line"], image["src"], image["outcome"])
        for image in json.loads(result.stdout)["images"]
    ]


def test_a_scan_reads_it(here: ZensicalSite) -> None:
    """With addresses of raw HTML as Zensical reads them, and nothing written."""
    here.write("alttext.yml", CATALOG)
    before = sorted(here.folder.rglob("*"))
    expected = [
        ("index.md", None, "a.png", "filled"),
        ("index.md", 5, "none.png", "missing"),
        ("sub/page.md", 3, "../b.png", "missing"),
        ("sub/page.md", None, "../a.png", "filled"),
        ("sub/page.md", None, "../a.png", "kept"),
    ]
    assert scanned() == expected
    assert scanned("-f", "zensical.toml") == expected
    assert sorted(here.folder.rglob("*")) == before


def test_a_scan_finds_what_the_extension_leaves(here: ZensicalSite) -> None:
    """Both decide by the same code."""
    here.store(PICTURE, "From the cache")
    lacking = [src for _, _, src, outcome in scanned() if outcome == "missing"]
    left = []
    for name in ("index.md", "sub/page.md"):
        tags = scan(here.render(name))
        left += [tag.attributes.get("src") for tag in tags if not tag.attributes.get("alt")]
    assert lacking == ["none.png", "../b.png"]
    assert left == [*lacking, "../a.png"]  # which its author left empty


def test_mkdocs_comes_first(here: ZensicalSite) -> None:
    """As before, where both are; the option names the other."""
    del here
    Path("mkdocs.yml").write_text("site_name: S\ntheme: mkdocs\ndocs_dir: docs/sub\n", "utf-8")
    assert {source for source, *_ in scanned()} == {"page.md"}
    assert {source for source, *_ in scanned("-f", "zensical.toml")} == {"index.md", "sub/page.md"}


def test_a_site_need_not_list_the_extension(here: ZensicalSite) -> None:
    """To be scanned; for its texts, it has to."""
    here.write("alttext.yml", CATALOG)
    configure(ATTRIBUTES)
    result = run("scan", status=1)
    assert "The plugin, which zensical.toml does not list, would fill 2 of them" in result.output
    result = run("catalog", status=2)
    assert '[project.markdown_extensions."mkdocs_alttext.markdown_extension"]' in result.output


def test_catalog_and_apply_work_on_its_sources(here: ZensicalSite) -> None:
    """From the cache into the catalog, and from there into the Markdown."""
    here.store(PICTURE, "A [cat] & a *dog*")
    result = run("catalog")
    assert "`mkdocs-alttext fill` with a key in ALTTEXTAI_API_KEY asks for 1 picture" in (
        result.output
    )
    path = here.folder / "alttext.yml"
    path.write_text(path.read_text("utf-8").replace("draft", "reviewed"), "utf-8")
    before = {name: here.render(name) for name in ("index.md", "sub/page.md")}
    run("apply")
    source = (here.folder / "docs" / "sub" / "page.md").read_text("utf-8")
    assert '![](../a.png){ alt="" }' in source
    after = {name: here.render(name, extension=False) for name in before}
    assert after == before
    assert "A [cat] &amp; a *dog*" in after["index.md"]


def test_what_is_zensical_s_own_is_named(here: ZensicalSite) -> None:
    """Once, before anything else; what no image depends on is not."""
    del here
    more = """
[project.theme]
language = "de"
custom_dir = "overrides"
[project.plugins.blog]
[project.plugins.search]
[project.markdown_extensions.zensical.extensions.preview]
[project.markdown_extensions.toc.slugify]
object = "nowhere.slugify"
"""
    configure(OURS + more)
    result = run("scan", status=1)
    assert result.stderr.splitlines()[0] == (
        "zensical.toml is read as a mkdocs.yml, without the plugin blog, the Markdown extension "
        "zensical.extensions.preview, the function nowhere.slugify of toc and the templates in "
        "overrides."
    )
    configure(OURS)
    assert "is read as" not in run("scan", status=1).output


def test_it_calls_no_function_of_the_system(here: ZensicalSite) -> None:
    """A pull request can change it, and a scan is to be safe."""
    call = "[project.markdown_extensions.toc.slugify]\nobject = 'os.mkdir'\nkwds = {path = 'made'}"
    configure(f"{OURS}{call}\n")
    assert "the function os.mkdir of toc" in run("scan", status=1).output
    assert not (here.folder / "made").exists()


def test_markdown_is_that_of_zensical(tmp_path: Path) -> None:
    """Names in tables, options that are functions, and what a site has that lists nothing."""
    path = tmp_path / "zensical.toml"
    path.write_text(
        """
[project.markdown_extensions.pymdownx.blocks.caption]
[project.markdown_extensions.pymdownx.tabbed]
slugify = { object = "pymdownx.slugs.slugify", kwds = { case = "lower" } }
[project.markdown_extensions.pymdownx.superfences]
custom_fences = [{ name = "m", class = "m", format = "pymdownx.superfences.fence_code_format" }]
""",
        "utf-8",
    )
    found = {
        name: configs
        for each in translated(path)[0]["markdown_extensions"]
        for name, configs in each.items()
    }
    assert [*found] == [
        *("toc", "tables", "pymdownx.blocks.caption"),
        *("pymdownx.tabbed", "pymdownx.superfences"),
    ]
    assert found["pymdownx.tabbed"]["slugify"]("A B", "-") == "a-b"
    assert callable(found["pymdownx.superfences"]["custom_fences"][0]["format"])
    path.write_text(
        "[project]\nmarkdown_extensions = ['abbr', {toc = {permalink = true}}]", "utf-8"
    )
    assert translated(path)[0]["markdown_extensions"] == [
        *({"toc": {"permalink": True}}, {"tables": {}}, {"abbr": {}}),
        {"pymdownx.superfences": {}},
    ]
    path.write_text("[project]\nsite_name = 'S'", "utf-8")
    usual = [next(iter(each)) for each in translated(path)[0]["markdown_extensions"]]
    assert {"attr_list", "md_in_html", "pymdownx.tabbed"} <= {*usual}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[project", "zensical.toml cannot be read"),
        ("[project]\nmarkdown_extensions = 3", "markdown_extensions is a table, or a list"),
        ("[project.markdown_extensions]\nattr_list = 3", "the options of attr_list are a table"),
        ("project = 3", "project and theme are tables"),
        ("[project]\nsite_url = 'x'", "site_name"),
        (f"[project]\nsite_name = 'S'{OURS}exclud = 'a'", "Did you mean 'exclude'?"),
        ("[project]\nsite_name = 'S'\n[project.markdown_extensions.nowhere]", "nowhere"),
    ],
)
def test_what_cannot_be_used_is_said(here: ZensicalSite, content: str, said: str) -> None:
    """With status 2, and without a traceback."""
    del here
    Path("zensical.toml").write_text(content, "utf-8")
    output = run("scan", status=2).output
    assert said in output
    assert not re.search(r"Traceback|Something went wrong", output)
