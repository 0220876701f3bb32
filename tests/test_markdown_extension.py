"""The extension fills pages while Zensical renders them, from what is stored, and only reads."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from built_site import TinySite, picture
from generators.zensical_pages import FILES, PAGES, PICTURES
from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from zensical_site import EXTENSION, ZensicalSite

sys.path.insert(0, str(Path(__file__).parents[1]))  # `bench` is no part of the package
from bench.comparison import without_alt
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.zensical.rendering import mark, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element


PICTURE, OTHER = picture(1), picture(2)
REVIEWED = "a.png:\n  alt: {en: A cat & a dog, de: Eine Katze}\n  status: reviewed\n"


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> Iterator[None]:
    """Have each test hear what is said once in a process."""
    say.cache_clear()
    yield
    say.cache_clear()


def site(folder: Path, page: str, **parts: Any) -> ZensicalSite:  # noqa: ANN401 - its fields
    """Return a site of one page and two pictures, with a text for one of them."""
    docs = {"a.png": PICTURE, "sub/b.png": OTHER, "index.md": page, **parts.pop("docs", {})}
    made = ZensicalSite(folder, docs, **parts)
    made.write("alttext.yml", REVIEWED)
    return made


def alts(html: str) -> list[str | None]:
    """Return the text of each image."""
    return [tag.attributes.values.get("alt") for tag in scan(html)]


def rest(html: str) -> str:
    """Return a page without its texts."""
    return without_alt(html, scan(html))


def test_catalog_and_cache_fill(tmp_path: Path) -> None:
    """Markdown's images and raw HTML, by paths as the source has them."""
    page = '![](a.png)\n\n<img src="sub/b.png">\n\n![][ref]\n\n[ref]: sub/b.png\n'
    shown = site(tmp_path, page)
    shown.store(OTHER, "Two hills")
    html = shown.render()
    assert alts(html) == ["A cat & a dog", "Two hills", "Two hills"]
    assert rest(html) == rest(shown.render(extension=False))
    assert MARK_ATTRIBUTE not in html


def test_addresses_are_those_of_the_source(tmp_path: Path) -> None:
    """Also on a page in a folder, where the built page would have other ones."""
    page = '![](../a.png) <img src="../a.png"> ![](a.png) <img src="../../a.png"> ![](/proj/a.png)'
    shown = site(tmp_path, "", docs={"sub/page.md": page})
    text = "A cat & a dog"
    assert alts(shown.render("sub/page.md")) == [text, text, "", None, text]


KEPT = [
    '![](a.png){ alt="" }',
    '![](a.png){ alt="The author\'s" }',
    "![The author's](a.png)",
    '<img src="a.png" alt="">',
    '<img alt="The author\'s" src=a.png>',
    "![](a.png){ .decorative }",
    '![](a.png){ data-alttext="skip" }',
    '<div aria-hidden="true" markdown>![](a.png)</div>',
    '<p><span id="n">Name</span> <img src="a.png" aria-labelledby="n"></p>',
    "`![](a.png)`",
    "<!-- <img src=a.png> -->",
    "![](https://elsewhere.org/a.png)",
    "![](none.png)",
    "![](../outside.png)",
    "Nothing here.",
]


@pytest.mark.parametrize("page", KEPT)
def test_what_is_not_to_be_filled_stays(tmp_path: Path, page: str) -> None:
    """Byte for byte, what an author says for other programs included."""
    shown = site(tmp_path, page)
    assert shown.render() == shown.render(extension=False)


def test_a_link_is_named_by_its_page(tmp_path: Path) -> None:
    """By its title: the navigation's, the front matter's, or the first heading."""
    docs = {
        "one.md": "# First *heading*\n\n## Part {#part}\n",
        "two.md": "---\ntitle: Its own\n---\n# No\n",
        "three.md": "# No\n",
    }
    page = "\n\n".join(
        f"[![](a.png)]({target})" for target in ("one.md", "two.md", "three.md", "one.md#part")
    )
    nav = [{"title": "Named", "url": "three.md", "children": []}]
    above = [{"title": "Above", "url": None, "children": nav}]
    shown = site(tmp_path, page, docs=docs, config={"nav": above})
    assert alts(shown.render()) == ["First heading", "Its own", "Named", "Part"]


def test_front_matter_counts(tmp_path: Path) -> None:
    """It leaves a page alone, or names its language."""
    docs = {
        "off.md": "---\nalttext: false\n---\n![](a.png)",
        "german.md": "---\nalttext: {lang: de}\n---\n![](a.png)",
    }
    shown = site(tmp_path, "", docs=docs)
    assert alts(shown.render("off.md")) == [""]
    assert alts(shown.render("german.md")) == ["Eine Katze"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["A cat & a dog", "Two hills", "a.png", None]),
        ({"language": "de"}, ["Eine Katze", "", "a.png", None]),
        ({"publish": "reviewed"}, ["A cat & a dog", "", "a.png", None]),
        ({"exclude": ["a.png"]}, ["", "Two hills", "a.png", None]),
        ({"include": "sub/"}, ["", "Two hills", "a.png", None]),
        ({"replace_filenames": True}, ["A cat & a dog", "Two hills", "A cat & a dog", None]),
        ({"skip_classes": "mine"}, ["A cat & a dog", "Two hills", "a.png", "A cat & a dog"]),
        ({"max_length": 20, "service": "ocr"}, ["A cat & a dog", "", "a.png", None]),
        ({"enabled": False}, ["", "", "a.png", None]),
        ({"catalog": "other.yml"}, ["", "Two hills", "a.png", None]),
        ({"cache_dir": "other"}, ["A cat & a dog", "", "a.png", None]),
    ],
)
def test_options_mean_what_they_mean_in_a_build(
    tmp_path: Path, options: dict[str, Any], expected: list[str | None]
) -> None:
    """Those of which something is left where nobody is asked."""
    page = '![](a.png) ![](sub/b.png) ![a.png](a.png)\n\n<img src=a.png class="decorative">'
    shown = site(tmp_path, page, options=options)
    shown.store(OTHER, "Two hills")
    assert alts(shown.render()) == expected


def test_generated_text_can_be_marked(tmp_path: Path) -> None:
    """With `provenance`, as in a build."""
    shown = site(tmp_path, "![](sub/b.png) ![](a.png)", options={"provenance": True})
    shown.store(OTHER, "Two hills")
    tags = scan(shown.render())
    assert [tag.attributes.values.get("data-alt-source") for tag in tags] == ["ai", None]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"exclud": "a.png"}, "exclud: There is no such option. Did you mean 'exclude'?"),
        ({"max_credits": 5}, "the option max_credits means nothing here"),
        ({"max_length": "long"}, "max_length: Expected a number"),
        ({"api_key": "abc"}, "api_key"),
    ],
)
def test_a_wrong_option_is_an_error(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    """Before a page is rendered; no value is repeated that may be a key."""
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        site(tmp_path, "Nothing.", options=options).render()


def test_no_folder_is_made_for_a_cache(tmp_path: Path) -> None:
    """And no file anywhere."""
    shown = site(tmp_path, "![](a.png) ![](sub/b.png)")
    before = sorted(tmp_path.rglob("*"))
    shown.render()
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", [None, b"no database", b"", b"SQLite format 3\x00" + b"x" * 99])
def test_a_cache_stays_as_it_is(tmp_path: Path, content: bytes | None) -> None:
    """What a build would mend is a miss here."""
    shown = site(tmp_path, "![](sub/b.png)")
    shown.store(OTHER, "Two hills")
    database = tmp_path / "texts" / "cache.db"
    if content is not None:
        database.write_bytes(content)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _files(tmp_path)}
    assert alts(shown.render()) == ["Two hills" if content is None else ""]
    assert before == {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _files(tmp_path)
    }


def test_a_cache_is_read_while_a_build_writes(tmp_path: Path) -> None:
    """Its last texts are in the log beside the database by then."""
    shown = site(tmp_path, "![](sub/b.png)")
    shown.store(picture(5), "Another")
    import sqlite3  # noqa: PLC0415 - stands for the other process

    writer = sqlite3.connect(tmp_path / "texts" / "cache.db")
    writer.execute("SELECT count(*) FROM Cache").fetchone()
    shown.store(OTHER, "Two hills")
    assert (tmp_path / "texts" / "cache.db-wal").stat().st_size
    assert alts(shown.render()) == ["Two hills"]
    writer.close()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_link_in_place_of_a_cache_is_not_followed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may lead anywhere."""
    shown = site(tmp_path, "![](sub/b.png)")
    shown.store(OTHER, "Two hills", folder="elsewhere")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "cache.db").symlink_to(tmp_path / "elsewhere" / "cache.db")
    assert alts(shown.render()) == [""]
    assert "holds what is no database" in caplog.text


def test_a_cache_that_would_be_published_is_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As in a build, which would not write one there."""
    shown = site(tmp_path, "![](sub/b.png)", options={"cache_dir": "docs/texts"})
    shown.store(OTHER, "Two hills", folder="docs/texts")
    assert alts(shown.render()) == [""]
    assert "lies inside docs_dir" in caplog.text


def test_what_zensical_does_not_watch_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the words to be written, once there is a catalog."""
    shown = site(tmp_path, "![](a.png)", config={"watch": []})
    shown.store(OTHER, "Two hills")
    shown.render()
    shown.render()
    (line,) = caplog.messages
    assert line.endswith('configuration: watch = ["alttext.yml"]')
    shown.config["watch"] = ["alttext.yml"]
    shown.render()
    assert len(caplog.messages) == 1


def test_a_site_that_lists_nothing_else_hears_what_it_loses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Zensical's usual extensions are for sites without a list."""
    listed = ["toc", "tables", EXTENSION, "pymdownx.superfences"]
    shown = site(tmp_path, "![](a.png)", config={"markdown_extensions": ["attr_list", *listed]})
    shown.render()
    assert not caplog.messages
    shown.config["markdown_extensions"] = listed
    shown.render()
    (line,) = caplog.messages
    assert "List those that your pages use" in line


def test_a_page_that_cannot_be_read_names_no_link(tmp_path: Path) -> None:
    """And ends no build: the picture is described as if the link led elsewhere."""
    page = "[![](a.png)](bad.md) [![](a.png)](bad.md#part) [![](a.png)](gone.md)"
    shown = site(tmp_path, page, docs={"bad.md": b"# \xff\xfe", "gone.md": "# Gone"})
    shown.render("bad.md".replace("bad", "index"))
    (tmp_path / "docs" / "gone.md").unlink()
    assert alts(shown.render()) == ["A cat & a dog"] * 3


def test_folders_may_be_links_to_each_other_and_deep(tmp_path: Path) -> None:
    """A pull request can commit both; what leads out of the project is not looked into."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.png").write_bytes(PICTURE)
    deep = "/".join(["d"] * 1200)
    shown = site(tmp_path / "project", f"![](a.png) ![](up/a.png) ![]({deep}/e.png) ![](out/c.png)")
    docs = tmp_path / "project" / "docs"
    (docs / "up").symlink_to(docs)
    (docs / "out").symlink_to(outside)
    (docs / "sub" / "up").symlink_to(docs / "sub")
    at = docs
    for name in deep.split("/"):
        at /= name
        at.mkdir()
    assert alts(shown.render()) == ["A cat & a dog", "", "", ""]
    while at != docs:  # deeper than what removes folders otherwise
        at.rmdir()
        at = at.parent


def test_a_cache_that_zensical_would_remove_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`zensical build --clean` empties its own folder, and paid texts with it."""
    options = {"cache_dir": ".cache/plugin/alttext"}
    shown = site(tmp_path, "![](sub/b.png)", options=options, config={"watch": [".", ".cache"]})
    shown.render()
    assert not caplog.messages
    shown.store(OTHER, "Two hills", folder=options["cache_dir"])
    shown.config["site_name"] = "Another, so that the configuration is read again"
    shown.config["site_url"] = "https://ex.org/"
    assert alts(shown.render()) == ["Two hills"]
    (line,) = caplog.messages
    assert "`zensical build --clean` removes" in line


def test_nothing_is_filled_while_the_catalog_is_broken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may say what must not be published; and `zensical serve` must not end for that."""
    shown = site(tmp_path, "![](a.png) ![](sub/b.png)")
    shown.store(OTHER, "Two hills")
    shown.write("alttext.yml", "a.png: [\n")
    assert shown.render() == shown.render(extension=False)
    assert "alttext.yml" in caplog.text
    shown.write("alttext.yml", REVIEWED)
    assert alts(shown.render()) == ["A cat & a dog", "Two hills"]


def test_what_changes_is_seen(tmp_path: Path) -> None:
    """In one process, as of `zensical serve`: catalog, cache, pictures and other pages."""
    shown = site(tmp_path, "![](a.png)\n\n![](sub/new.png)\n\n[![](a.png)](sub/new.md)")
    assert alts(shown.render()) == ["A cat & a dog", "", "A cat & a dog"]
    shown.write("alttext.yml", REVIEWED.replace("cat", "small cat"))
    shown.write("docs/sub/new.png", OTHER)
    shown.write("docs/sub/new.md", "# New")
    shown.store(OTHER, "Two hills")
    assert _comes_to(["A small cat & a dog", "Two hills", "New"], shown)
    shown.write("docs/sub/new.png", picture(77))
    shown.write("docs/sub/new.md", "# Newer")
    assert _comes_to(["A small cat & a dog", "", "Newer"], shown)


def _comes_to(expected: list[str | None], shown: ZensicalSite) -> bool:
    """Tell whether a page gets some texts: a site that was just looked at is not at once again."""
    return any(alts(shown.render()) == expected for _ in range(1000))


def test_the_author_s_own_text_is_used_elsewhere(tmp_path: Path) -> None:
    """As in a build."""
    shown = site(tmp_path, "![](sub/b.png)", docs={"other.md": "![Two hills](sub/b.png)"})
    assert alts(shown.render()) == ["Two hills"]


class _Docstring(Extension):
    """Renders other Markdown with the site's, as mkdocstrings does, and stashes what comes out."""

    def __init__(self, html: Callable[[], str]) -> None:
        super().__init__()
        self._html = html

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        stashed = _Stashed(md)
        stashed.html = self._html
        md.preprocessors.register(stashed, "docstring", 15)


class _Stashed(Preprocessor):
    html: Callable[[], str]

    def run(self, lines: list[str]) -> list[str]:
        return [self.md.htmlStash.store(self.html()) if line == ":::" else line for line in lines]


def test_markdown_in_markdown_is_filled_once(tmp_path: Path) -> None:
    """What the inner one leaves looks like an author's decision to the outer one, as in MkDocs."""
    docs = {"inner.md": "![](a.png) ![](none.png)"}
    shown = site(tmp_path, "![](a.png)\n\n:::\n", docs=docs)
    inner = ZensicalSite(tmp_path, {}, extensions=["attr_list"])
    shown.extensions = [_Docstring(lambda: inner.render("inner.md")), "attr_list"]
    html = shown.render()
    assert alts(html) == ["A cat & a dog", "A cat & a dog", ""]
    assert mark().value not in html


class _Captions(Extension):
    """Makes captions of texts where Zensical's glightbox does."""

    def __init__(self, *, auto_caption: bool) -> None:
        super().__init__()
        self._auto_caption = auto_caption

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        maker = _Maker(md)
        maker.config = type("Config", (), {"auto_caption": self._auto_caption})
        md.treeprocessors.register(maker, "glightbox", 7)


class _Maker(Treeprocessor):
    config: object

    def run(self, root: Element) -> None:
        for image in root.iter("img"):
            image.set("data-title", image.get("alt") or "")


@pytest.mark.parametrize("is_wanted", [True, False])
def test_captions_of_a_lightbox_have_the_texts(tmp_path: Path, is_wanted: bool) -> None:  # noqa: FBT001
    """Where glightbox makes any; decisions see the raw HTML around, which is not in the tree."""
    page = (
        "![](a.png)\n\n<a href='https://e.org'>Named ![](a.png)</a>\n\n"
        '<div aria-hidden="true" markdown>![](a.png)</div>\n\n![](a.png){ alt="" }\n'
    )
    made = site(tmp_path, page)
    made.extensions = [_Captions(auto_caption=is_wanted), "attr_list", "md_in_html"]
    html = made.render()
    assert alts(html) == ["A cat & a dog", "", "", ""]
    titles = [tag.attributes.values.get("data-title") for tag in scan(html)]
    assert titles == ["A cat & a dog" if is_wanted else "", "", "", ""]
    assert MARK_ATTRIBUTE not in html
    assert mark().value not in html


@pytest.mark.parametrize("text", ["&amp; &lt;b&gt; &#233;", "<b> \"x\" 'y'", "`a` *b* [c](d)", "é"])
def test_texts_come_out_as_they_are(tmp_path: Path, text: str) -> None:
    """Through the tree, too, whose serializer leaves what looks like a reference."""
    made = site(tmp_path, "![](a.png)")
    made.write(
        "alttext.yml",
        f"a.png:\n  alt: '{text.replace(chr(39), chr(39) * 2)}'\n  status: reviewed\n",
    )
    assert alts(made.render()) == [text]
    made.extensions = [_Captions(auto_caption=True), "attr_list"]
    html = made.render()
    assert alts(html) == [text]
    assert scan(html)[0].attributes.values["data-title"] == text


def test_a_heading_has_the_same_id_and_contents(tmp_path: Path) -> None:
    """`toc` calls postprocessors with each heading."""
    shown = site(tmp_path, "[TOC]\n\n## A ![](a.png) part\n")
    html, plain = shown.render(), shown.render(extension=False)
    assert rest(html) == rest(plain)
    assert "A cat &amp; a dog" in html


def test_python_markdown_alone_is_left_alone(tmp_path: Path) -> None:
    """Nobody tells there which page is rendered; wrong options are errors all the same."""
    del tmp_path
    html = Markdown(extensions=["attr_list", EXTENSION]).convert("![](a.png)")
    assert html == Markdown(extensions=["attr_list"]).convert("![](a.png)")
    with pytest.raises(ConfigurationError):
        Markdown(extensions=[EXTENSION], extension_configs={EXTENSION: {"exclud": "a"}})


def test_mkdocs_takes_it_beside_the_plugin(
    tmp_path: Path,
) -> None:
    """One `mkdocs.yml` can serve both programs: the plugin does the work, once."""
    pages: dict[str, str | bytes] = {
        "a.png": PICTURE,
        "index.md": '![](a.png)\n\n![](a.png){ alt="" }\n',
    }
    built = []
    for number, ours in enumerate(([], [{EXTENSION: {"publish": "all"}}])):
        folder = tmp_path / str(number)
        extensions = ["attr_list", *ours]
        options = {"generate": "never"}
        made = TinySite(folder, pages, options, config={"markdown_extensions": extensions})
        folder.mkdir()
        (folder / "alttext.yml").write_text(REVIEWED, encoding="utf-8")
        built.append(made.build().page())
    assert built[0] == built[1]
    assert alts(built[1]) == ["A cat & a dog", ""]


MARKDOWN = [
    *("abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"),
    *("pymdownx.details", "pymdownx.superfences", "pymdownx.tilde", "pymdownx.blocks.caption"),
    {"pymdownx.tabbed": {"alternate_style": True}},
]


def test_decisions_are_those_of_a_build(tmp_path: Path) -> None:
    """On pages with what authors do with pictures, image by image."""
    options = {"generate": "never", "cache_dir": "texts", "replace_filenames": True}
    # A page beside its source has its addresses for raw HTML, too, as in Zensical.
    config = {"markdown_extensions": MARKDOWN, "use_directory_urls": False}
    built = TinySite(tmp_path, {**PAGES, **FILES}, options, config=config)
    shown = ZensicalSite(tmp_path, {}, {"replace_filenames": True})
    shown.extensions = [each if isinstance(each, str) else next(iter(each)) for each in MARKDOWN]
    shown.write("alttext.yml", CATALOG)
    for name, content in PICTURES.items():
        if "chart" in name:
            shown.store(content, f"Sales of {name}")
    site, filled = built.build(), 0
    for name in PAGES:
        html = site.page(name.replace(".md", ".html"))
        expected = alts(html[html.index("<body>") :])
        assert alts(shown.render(name)) == expected, name
        filled += sum(map(bool, expected))
    assert filled > 40


CATALOG = """
plain.png:
  alt: {en: A plain picture, de: Ein Bild}
  status: reviewed
light.png:
  alt: The panel in its colours
  status: reviewed
img/dark.png:
  status: decorative
"""
