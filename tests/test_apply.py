"""`mkdocs-alttext apply`: the catalog's texts go into the Markdown, and nothing else changes."""

from __future__ import annotations

import errno
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.cli.plans import Plans
from mkdocs_alttext.sources.writing import NOT_COMPARABLE, SHOWN_AS_TEXT, SHOWN_TWICE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from click.testing import Result as Run

PAGES: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png)\n\n![Words](b.png)\n",
    "sub/page.md": '# Sub\n\n![](../a.png){ .wide }\n\n<p>\n<img src="../../b.png">\n</p>\n',
    "a.png": picture(1),
    "b.png": picture(2),
}
LEAF, TREE = "A leaf", 'A "tree" [x] | y'
CATALOG: dict[str, dict[str, Any]] = {
    "a.png": {"alt": LEAF, "status": "reviewed"},
    "b.png": {"alt": TREE, "status": "reviewed"},
}
DECORATIVE = {"status": "decorative"}
THEME = {"name": None, "custom_dir": "theme"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, which no repository holds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def tiny(
    folder: Path,
    docs: Mapping[str, str | bytes] | None = None,
    catalog: Mapping[str, object] | None = None,
    **named: Any,  # noqa: ANN401 - fields of TinySite
) -> TinySite:
    """Write a site and its catalog."""
    config = {"theme": THEME, **named.pop("config", {})}
    site = TinySite(folder, docs or PAGES, config=config, **named)
    site.write()
    texts = CATALOG if catalog is None else catalog
    (folder / "alttext.yml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    return site


def apply(*arguments: str, status: int = 0) -> Run:
    """Run the command in the current folder."""
    result = CliRunner().invoke(main, ["apply", *arguments])
    assert result.exit_code == status, result.output
    return result


def source(name: str = "index.md") -> str:
    """Return a source in the current folder as it is on the disk."""
    with open(f"docs/{name}", encoding="utf-8", newline="") as file:  # noqa: PTH123 - newline
        return file.read()


def git(*arguments: str) -> str:
    """Run Git in the current folder."""
    who = ("-c", "user.name=N", "-c", "user.email=n@example.org")
    command = ["git", *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# What is written


def test_approved_texts_are_written_into_the_sources(here: Path) -> None:
    """In Markdown and in HTML; text that somebody wrote stays."""
    tiny(here)
    output = apply().output
    assert source() == "# Top\n\n![A leaf](a.png)\n\n![Words](b.png)\n"
    assert source("sub/page.md") == (
        "# Sub\n\n![A leaf](../a.png){ .wide }\n\n"
        '<p>\n<img alt="A &quot;tree&quot; [x] | y" src="../../b.png">\n</p>\n'
    )
    assert "3 texts written into 2 files." in output
    assert "docs/sub/page.md: line 3 (a.png), line 6 (b.png)" in output
    assert "git diff" in output


def test_an_empty_alt_in_an_attribute_list_stays(here: Path) -> None:
    """It is the author's word; the same picture beside it gets its text."""
    tiny(here, {**PAGES, "index.md": '# Top\n\n![](a.png){ alt="" } ![](a.png)\n'})
    apply()
    assert source() == '# Top\n\n![](a.png){ alt="" } ![A leaf](a.png)\n'


def test_a_second_time_changes_nothing(here: Path) -> None:
    """And says so."""
    tiny(here)
    apply()
    before = source(), source("sub/page.md")
    assert "Nothing to write: what the catalog says" in apply().output
    assert (source(), source("sub/page.md")) == before


def test_without_the_plugin_the_site_is_what_it_was_with_it(here: Path) -> None:
    """Which is the way out: nobody has to keep the plugin."""
    site = tiny(here)
    filled = site.build().files()
    apply()
    site.docs = {name: (here / "docs" / name).read_bytes() for name in PAGES}
    assert {
        name: text
        for name, text in site.build(plugin=False).files().items()
        if name.endswith(".html")
    } == {name: text for name, text in filled.items() if name.endswith(".html")}


def test_drafts_are_written_only_on_request(here: Path) -> None:
    """Nobody has approved them."""
    tiny(here, catalog={"a.png": {"alt": LEAF, "status": "draft"}})
    output = apply().output
    assert "1 draft waits for approval" in output
    assert "already" not in output
    assert "Nothing to write: the catalog has no approved text for an image in the Mark" in output
    assert source() == PAGES["index.md"]
    assert "2 texts written into 2 files." in apply("--drafts").output
    assert f"![{LEAF}](a.png)" in source()


def test_a_draft_of_a_language_that_the_site_has_not_waits_for_nobody(here: Path) -> None:
    """To write it, the site would have to be built in it."""
    texts = {"en": LEAF, "de": "Ein Blatt"}
    entry = {"alt": texts, "status": {"en": "reviewed", "de": "draft"}}
    tiny(here, catalog={"a.png": entry})
    assert "for approval" not in apply().output
    tiny(here, catalog={"a.png": entry}, options={"language": "de"})
    assert "1 draft waits for approval" in apply("--dry-run").output


def test_texts_of_single_pages_and_decoration(here: Path) -> None:
    """A page's own text goes there; decoration is empty, which `![]()` is already."""
    catalog = {
        "a.png": {"alt": LEAF, "status": "reviewed", "pages": {"sub/page.md": "Own"}},
        "b.png": {"status": "decorative"},
    }
    tiny(here, catalog=catalog)
    apply()
    assert f"![{LEAF}](a.png)" in source()
    assert "![Own](../a.png){ .wide }" in source("sub/page.md")
    assert '<img alt="" src="../../b.png">' in source("sub/page.md")
    assert "Nothing to write" in apply().output


def test_decoration_is_marked_where_attribute_lists_are_on(here: Path) -> None:
    """By a class that builds and people understand; in HTML by an empty `alt`."""
    page = "![](a.png)\n\n* ![](a.png 'T'){.wide} text\n\n![][r]\n\n<p><img src='a.png'></p>\n"
    tiny(here, {"index.md": f"{page}\n[r]: a.png\n", "a.png": picture()}, {"a.png": DECORATIVE})
    output = apply().output
    assert source() == (
        "![](a.png){ .decorative }\n\n* ![](a.png 'T'){.wide .decorative} text\n\n"
        "![][r]{ .decorative }\n\n<p><img alt=\"\" src='a.png'></p>\n\n[r]: a.png\n"
    )
    assert "1 text written into 1 file.\n3 images are marked as decoration" in output
    assert "of use on no page" not in output
    assert "stands in the Markdown already" in apply().output


@pytest.mark.parametrize(
    ("named", "advice"),
    [
        ({"config": {"markdown_extensions": []}}, "add `attr_list` to `markdown_extensions`"),
        ({"options": {"skip_classes": ["x"]}}, "add `decorative` to the option `skip_classes`"),
    ],
)
def test_decoration_that_markdown_cannot_say_stays_in_the_catalog(
    here: Path, named: dict[str, Any], advice: str
) -> None:
    """It is no text, so that none is missing; and what is said of the entry is true."""
    tiny(here, {"index.md": "![](a.png)\n", "a.png": picture()}, {"a.png": DECORATIVE}, **named)
    assert apply().output == (
        f"Decoration, which only the catalog says: a.png. Keep these entries; or {advice}, and run "
        "the command again: it marks the images then.\n"
    )
    assert source() == "![](a.png)\n"


def test_what_is_free_is_written_on_request(here: Path) -> None:
    """Without the plugin, the site then says what it said with it."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Plan</title></svg>'
    docs: dict[str, str | bytes] = {
        "index.md": "# I\n\n[![](a.png)](later.md)\n\n![](c.svg)\n\n"
        '<p><a href="later/">Later <img src="a.png"></a></p>\n\n[![](a.png) Later](later.md)\n',
        "later.md": "# Later page\n",
        "a.png": picture(),
        "c.svg": svg,
    }
    site = tiny(here, docs, {})
    filled = site.build().page()
    assert "There is no text in alttext.yml" in apply(status=2).output
    output = apply("--free").output
    assert "3 texts written into 1 file." in output
    assert "[![Later page](a.png)](later.md)\n\n![Plan](c.svg)" in source()
    site.docs = {**docs, "index.md": source()}
    assert site.build(plugin=False).page() == filled


def test_what_is_free_around_the_pages_is_named(here: Path) -> None:
    """A logo of the theme links to the first page, and has its title."""
    tiny(here, {"index.md": "# Home\n", "logo.png": picture()}, {})
    page = here / "theme" / "main.html"
    logo = '<body><a href="{{ base_url }}"><img src="{{ base_url }}/logo.png"></a>'
    page.write_text(page.read_text(encoding="utf-8").replace("<body>", logo), encoding="utf-8")
    assert "shows them): logo.png. The plugin goes on filling" in apply("--free").output
    text = "![](logo.png) ![](a.png)"
    tiny(here, {"index.md": "# Home\n", "two.md": text, "a.png": picture(1)}, {}).write()
    page.write_text(page.read_text().replace("<body>", logo), encoding="utf-8")
    entry = "{}:\n  alt: A logo\n  status: reviewed\n"
    (here / "alttext.yml").write_text(entry.format("logo.png") + entry.format("a.png"))
    output = apply("--free").output
    assert "2 texts written" in output
    assert "Around articles, too (the theme or a plugin shows them there): logo.png." in output
    again = apply("--free").output  # the text is in the Markdown now
    assert "Around articles, too (the theme or a plugin shows them there): logo.png." in again
    assert "In no page's Markdown" not in again


def test_what_would_be_lost_without_the_plugin_is_said(here: Path) -> None:
    """What is free, and what waits for a text; also where nothing is left to write."""
    docs = {**PAGES, "index.md": "[![](a.png)](sub/page.md)\n\n![](c.png)\n", "c.png": picture(3)}
    tiny(here, docs)
    assert (
        "1 picture has neither an approved text nor an entry in alttext.yml: c.png. "
        "`mkdocs-alttext catalog` writes what the cache holds as drafts; with --all, it adds an "
        "entry for each of the others.\n"
        "Without the plugin, 1 image would lose what it fills at no "
        "cost (1 from links); --free writes that, too." in apply().output
    )
    entry = "a.png:\n  alt: A\n  status: reviewed\nc.png:\n  alt: C\n  status: draft\n"
    (here / "alttext.yml").write_text(entry, encoding="utf-8")
    output = apply().output
    assert "1 draft waits for approval" in output
    assert "neither" not in output
    (here / "alttext.yml").write_text("c.png:\n  status: draft\n", encoding="utf-8")
    assert (
        "1 picture has neither an approved text nor a draft: c.png. Write its `alt` in "
        "alttext.yml, or mark it as decorative (`status: decorative`).\n" in apply().output
    )


LIGHTBOX = """
import re


def on_post_page(output, *, page, config):
    images = r'(<img (?![^>]*off-glb)[^>]*src="([^"]*)"[^>]*>)'
    return re.sub(images, r'<a class="glightbox" href="\\2">\\1</a>', output)
"""


def test_decoration_that_a_lightbox_makes_an_empty_link_of_is_said(here: Path) -> None:
    """Whether its mark is in the catalog or written by now; what keeps the lightbox off helps."""
    (here / "hook.py").write_text(LIGHTBOX, encoding="utf-8")
    docs = {**PAGES, "index.md": "![](a.png)\n\n![](b.png){ .off-glb }\n", "sub/page.md": "x"}
    catalog = {name: {**DECORATIVE} for name in ("a.png", "b.png")}
    site = tiny(here, docs, catalog, config={"hooks": ["hook.py"]})
    said = (
        "a.png, decoration by alttext.yml: empty-link (`.off-glb` in its braces keeps glightbox "
        "from making a link of it: `{ .decorative .off-glb }`). A link or button has no name, as "
        "all it holds is an image without text."
    )
    assert any(f"catalog: {said}" in line for line in site.build().messages())
    catalog_output = CliRunner().invoke(main, ["catalog"]).output
    for output in (catalog_output, apply("--dry-run").output, apply().output):
        assert said in output
        assert "b.png, decoration by" not in output
    assert source() == "![](a.png){ .decorative }\n\n![](b.png){ .off-glb .decorative }\n"


def test_what_people_opted_out_of_stays(here: Path) -> None:
    """As in a build."""
    page = "![](a.png){ .decorative } ![](a.png){ data-alttext=skip } <img src='a.png' alt=''>\n"
    tiny(here, {**PAGES, "index.md": page, "sub/page.md": f"---\nalttext: false\n---\n{page}"})
    apply()
    assert source() == page


def test_nothing_is_asked_for_and_no_key_is_needed(here: Path) -> None:
    """What the catalog does not hold is left alone."""
    tiny(here, catalog={"b.png": CATALOG["b.png"]}, options={"generate": "always"})
    apply()
    assert "![](a.png)" in source()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_rest_of_a_file_stays_byte_for_byte(here: Path, newline: str) -> None:
    """Byte order mark, front matter, line ends, spaces, permissions, symbolic links."""
    lines = ["\ufeff---", "title: T", "---", "", "# A\t", "![](a.png)  ", "\t", "end"]
    text = newline.join(lines)
    tiny(here, {**PAGES, "index.md": text, "real.txt": text})
    (here / "docs" / "index.md").unlink()
    (here / "docs" / "index.md").symlink_to("real.txt")
    (here / "docs" / "real.txt").chmod(0o640)
    apply()
    assert source() == text.replace("![](", f"![{LEAF}](")
    assert (here / "docs" / "index.md").is_symlink()
    assert (here / "docs" / "real.txt").stat().st_mode & 0o777 == 0o640


# What is not


def test_a_text_whose_picture_changed_is_not_written(here: Path) -> None:
    """It may describe what was there before."""
    stale = {"alt": LEAF, "status": "reviewed", "sha256": "0" * 64}
    tiny(here, catalog={"a.png": stale, "b.png": CATALOG["b.png"]})
    output = apply(status=1).output
    assert "Not written: index.md, a.png: the picture changed" in output
    assert "1 text written into 1 file." in output
    assert source() == PAGES["index.md"]


def test_one_cause_is_said_once_for_each_page(here: Path) -> None:
    """With every picture that it is about."""
    stale = {"alt": LEAF, "status": "reviewed", "sha256": "0" * 64}
    docs = {**PAGES, "index.md": "![](a.png) ![](b.png)\n\n![](a.png)\n"}
    tiny(here, docs, catalog={"a.png": stale, "b.png": dict(stale)})
    lines = [each for each in apply(status=1).output.splitlines() if "the picture" in each]
    assert [each.partition(": the")[0] for each in lines] == [
        "Not written: index.md, a.png, b.png",
        "Not written: sub/page.md, a.png, b.png",
    ]


def test_images_of_included_files_are_named(here: Path) -> None:
    """With the file and the line, which stay as they are."""
    docs: dict[str, str | bytes] = {**PAGES, "index.md": '# Top\n\n--8<-- "part.md"\n'}
    snippets = {"pymdownx.snippets": {"base_path": str(here)}}
    tiny(here, docs, config={"markdown_extensions": [snippets, "attr_list"]})
    (here / "part.md").write_text("![](b.png)\n")
    output = apply(status=1).output
    assert "index.md, b.png: part.md, line 1, which the page includes, writes it." in output
    assert (here / "part.md").read_text() == "![](b.png)\n"


def test_an_included_page_that_the_same_run_writes_is_written(here: Path) -> None:
    """Unless the page that includes it is to have another text."""
    snippets = {"pymdownx.snippets": {"base_path": ["docs"]}}
    docs: dict[str, str | bytes] = {
        "index.md": "--8<-- 'part.md'\n",
        "part.md": "![](a.png)\n",
        "a.png": picture(),
    }
    config = {"markdown_extensions": [snippets]}
    tiny(here, docs, config=config)
    output = apply().output
    assert "1 text written into 1 file." in output
    assert "Not written" not in output
    catalog = {"a.png": {**CATALOG["a.png"], "pages": {"index.md": "Another"}}}
    tiny(here, docs, catalog, config=config)
    assert "docs/part.md, line 1, which the page includes, writes it" in apply(status=1).output


@pytest.mark.parametrize(
    ("bases", "page"),
    [
        (["."], '--8<-- "docs/part.md"\n'),
        (["docs"], '--8<-- "part.md"\n\nand\n\n--8<-- "./part.md"\n'),
        (["docs"], '--8<-- "part.md"\n\n![](a.png){ alt="" }\n'),
        (["docs"], '![Words](a.png)\n\n--8<-- "part.md"\n'),
    ],
)
def test_an_included_page_is_known_however_it_is_included(
    here: Path, bases: list[str], page: str
) -> None:
    """By a path from another folder, twice, and beside the same picture on the page itself."""
    snippets = {"pymdownx.snippets": {"base_path": bases}}
    docs: dict[str, str | bytes] = {
        "index.md": page,
        "part.md": "![](a.png)\n",
        "a.png": picture(),
    }
    tiny(here, docs, config={"markdown_extensions": [snippets, "attr_list"]})
    output = apply().output
    assert "1 text written into 1 file.\n  docs/part.md: line 1 (a.png)" in output
    assert "Not written" not in output


@pytest.mark.parametrize(
    "page",
    [
        "![](<img/a b.png>)\n\n![](img/c.png)\n",
        "[![](<img/a b.png>)](<img/c.png>)\n\n![][r]\n\n[r]: <img/c.png>\n",
        "[a](<img/c.png>) ![](<img/a b.png> 'T')\n\n![](<img/c.png>)\n",
    ],
)
def test_addresses_in_angle_brackets_are_no_tags(here: Path, page: str) -> None:
    """Though the folder's name begins as one does."""
    docs: dict[str, str | bytes] = {"index.md": page, "img/c.png": picture(2)}
    docs["img/a b.png"] = picture(1)
    catalog = {name: {"alt": LEAF, "status": "reviewed"} for name in ("img/a b.png", "img/c.png")}
    tiny(here, docs, catalog)
    assert "2 texts written into 1 file." in apply().output


@pytest.mark.parametrize(
    "page",
    [
        "![](a.png)\ttext\n",
        "* Item\n\n    ![](a.png)\t\n",
        "* Item\n\n\t![](a.png)\t{ .x }\n\n\t\tcode\there\n",
    ],
)
def test_a_tab_behind_an_image_hinders_nothing(here: Path, page: str) -> None:
    """It becomes as many spaces as its column asks for, and browsers show one."""
    tiny(here, {"index.md": page, "a.png": picture()})
    assert "1 text written into 1 file." in apply().output
    assert source() == page.replace("![]", f"![{LEAF}]")


def test_what_only_the_theme_shows_is_named(here: Path) -> None:
    """The catalog goes on filling it."""
    theme = {**THEME, "static_templates": ["404.html"]}
    tiny(here, {**PAGES, "index.md": "# Top\n", "sub/page.md": "# Sub\n"}, config={"theme": theme})
    output = apply().output
    assert "shows them): a.png. The plugin goes on" in output
    assert "Nothing to write: the catalog has no approved text" in output
    assert "Nothing to write: the catalog has no text" in apply("--drafts").output


def test_entries_that_no_page_has_a_use_for_are_named(here: Path) -> None:
    """Their texts stand nowhere, and nothing else would say so."""
    page = "[![](a.png)](sub/page.md)\n\n![](b.png)\n\n![](c.png)\n\n<img src='d.png' alt=''>\n"
    docs = {**PAGES, "index.md": page, "sub/page.md": "# Sub\n", "c.png": picture(3)}
    gone, decoration = {"alt": "Gone", "status": "reviewed"}, {"status": "decorative"}
    draft = {"alt": "Draft", "status": "draft"}
    catalog = {**CATALOG, "c.png": {**gone}, "gone.png": gone, "d.png": decoration, "e.png": draft}
    docs |= {"d.png": picture(4), "e.png": picture(5)}
    tiny(here, docs, catalog, options={"exclude": ["c.png"]})
    unused = "of use on no page: a.png, c.png, gone.png. No page"
    assert unused in apply().output
    again = apply().output
    assert unused in again
    assert "Nothing to write: what the catalog says of the images" in again


def test_pages_without_a_file_are_named(here: Path) -> None:
    """A plugin wrote them."""
    (here / "pages.py").write_text(
        "from mkdocs.structure.files import File\n"
        "def on_files(files, config):\n"
        "    files.append(File.generated(config, 'made.md', content='![](a.png)'))\n"
    )
    tiny(here, {**PAGES, "index.md": "# Top\n"}, config={"hooks": ["pages.py"]})
    output = apply(status=1).output
    assert "Not written: made.md, a.png: a plugin generates this page" in output
    assert "Nothing to write" not in output


COPYING = """
import pathlib, shutil, tempfile
def on_config(config):
    FOLDER.append(tempfile.mkdtemp())
    shutil.copytree(config.docs_dir, FOLDER[0], dirs_exist_ok=True)
    config.docs_dir = FOLDER[0]
def on_post_build(config):
    shutil.rmtree(FOLDER.pop())
FOLDER = []
"""
"""Builds from a copy of the sources, which is gone when the build is over."""


def test_copies_that_a_plugin_made_are_no_files_of_the_author(here: Path) -> None:
    """What is written there is lost; and where Git knows nothing of them, it need not be asked."""
    (here / "hook.py").write_text(COPYING)
    tiny(here, config={"hooks": ["hook.py"]})
    git("init", "--quiet")
    output = apply(status=1).output
    assert "written into" not in output
    assert "Not written: index.md, a.png: its file is a copy" in output
    assert source() == PAGES["index.md"]


def test_a_copy_whose_origin_a_plugin_tells_late_is_the_authors_file(here: Path) -> None:
    """As monorepo does, page by page, when each is rendered."""
    telling = (
        "def on_pre_page(page, **_):\n"
        "    file = pathlib.Path(page.file.abs_src_path).relative_to(FOLDER[0])\n"
        "    page.file.abs_src_path = str(pathlib.Path('docs').absolute() / file)\n"
    )
    (here / "hook.py").write_text(COPYING + telling)
    tiny(here, config={"hooks": ["hook.py"]})
    output = apply().output
    assert "3 texts written into 2 files." in output
    assert "docs/sub/page.md: line 3 (a.png), line 6 (b.png)" in output


def test_pages_that_a_plugin_generates_as_files_do_not_hinder_others(here: Path) -> None:
    """They may lie in a folder that is gone."""
    (here / "hook.py").write_text(
        "import pathlib, shutil, tempfile\n"
        "from mkdocs.structure.files import File\n"
        "def on_files(files, config):\n"
        "    folder = pathlib.Path(tempfile.mkdtemp())\n"
        "    (folder / 'made.md').write_text('![](a.png)')\n"
        "    files.append(File('made.md', str(folder), config.site_dir, True))\n"
        "    files.get_file_from_path('made.md').generated_by = 'hook'\n"
        "    FOLDERS.append(folder)\n"
        "def on_post_build(config):\n"
        "    shutil.rmtree(FOLDERS.pop())\n"
        "FOLDERS = []\n"
    )
    tiny(here, config={"hooks": ["hook.py"]})
    git("init", "--quiet")
    git("add", "docs")
    git("commit", "--quiet", "--message", "Begin")
    output = apply(status=1).output
    assert "Not written: made.md, a.png: a plugin generates this page" in output
    assert "3 texts written into 2 files." in output


def test_sources_elsewhere_in_the_repository_are_the_authors(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin may show a file that lies beside the site's folder."""
    site = here / "website"
    site.mkdir()
    (here / "read.md").write_text("# Read\n\n![](a.png)\n")
    (site / "hook.py").write_text(
        "from mkdocs.structure.files import File\n"
        "def on_files(files, config):\n"
        "    files.append(File('read.md', '..', config.site_dir, True))\n"
    )
    tiny(site, config={"hooks": ["hook.py"]})
    git("init", "--quiet")
    monkeypatch.chdir(site)
    monkeypatch.setattr("tempfile.tempdir", str(here / "elsewhere"))
    (here / "elsewhere").mkdir()
    assert "4 texts written into 3 files." in apply("--allow-dirty").output
    assert f"![{LEAF}]" in (here / "read.md").read_text()


def test_a_text_is_proved_with_what_plugins_make_of_the_markdown(here: Path) -> None:
    """One that turns an image into a figure is not written, nor one that no page shows."""
    (here / "hook.py").write_text(
        "import re, jinja2\n"
        "FIGURE = r'<figure markdown=\"span\">![\\1](\\2)<figcaption>\\1</figcaption></figure>'\n"
        "def on_page_markdown(markdown, **others):\n"
        "    markdown = re.sub(r'^!\\[([^]]+)\\]\\((.*)\\)$', FIGURE, markdown, flags=re.M)\n"
        "    framed = lambda text: f'<p markdown>{text}</p>'\n"
        "    return jinja2.Template(markdown).render(framed=framed)\n"
    )
    page = (
        "# Top\n\n![](a.png)\n\nWords ![](a.png)\n\n{# ![](b.png) #}\n"
        '{% if false %}![](b.png){% endif %}\n\n{{ framed("![](b.png)") }}\n'
    )
    tiny(here, {**PAGES, "index.md": page}, config={"hooks": ["hook.py"]})
    output = apply(status=1).output
    assert "Not written: index.md, a.png: writing it would change more of the page" in output
    in_template = '("![A &#34;tree&#34; &#91;x&#93; &#124; y]'
    assert source() == page.replace("Words ![]", "Words ![A leaf]").replace('("![]', in_template)


@pytest.mark.parametrize("page", ["# Once\n\n![](a.png)\n", "# {{ count }}\n\n![](a.png)\n"])
def test_a_page_that_plugins_do_not_make_again_is_refused(here: Path, page: str) -> None:
    """What a text would change there cannot be told; other pages are written."""
    (here / "hook.py").write_text(
        "SEEN = []\n"
        "def on_page_markdown(markdown, page, **others):\n"
        "    if 'Once' in markdown and page.file.src_uri in SEEN:\n"
        "        raise SystemExit(2)\n"
        "    SEEN.append(page.file.src_uri)\n"
        "    return markdown.replace('{{ count }}', str(len(SEEN)))\n"
    )
    tiny(here, {**PAGES, "index.md": page}, config={"hooks": ["hook.py"]})
    output = apply(status=1).output
    assert source() == page
    assert "Not written: index.md, a.png: the page cannot be" in output
    assert f"![{LEAF}]" in source("sub/page.md")


def test_a_text_that_would_change_the_title_is_refused(here: Path) -> None:
    """All pages show it in their navigation; a title in the front matter keeps it."""
    heading = "# Top ![](/a.png)\n"
    titled = f"---\ntitle: Sub\n---\n{heading}"
    validation = {"links": {"absolute_links": "relative_to_docs"}}
    docs = {**PAGES, "index.md": heading, "sub/page.md": titled}
    tiny(here, docs, config={"validation": validation})
    output = apply(status=1).output
    assert "Not written: index.md, a.png: the page's title would change" in output
    assert source() == heading
    assert source("sub/page.md") == titled.replace("![]", f"![{LEAF}]")


def test_a_catalog_without_texts_ends_with_2(here: Path) -> None:
    """And says what to do."""
    tiny(here, catalog={})
    assert "`mkdocs-alttext catalog`" in apply(status=2).output


def test_a_source_that_two_builds_want_different_texts_in_is_left_alone(here: Path) -> None:
    """As when languages share a source; nobody could say which text is meant."""
    tiny(here)
    plans = Plans(free=False)
    build_for_report("mkdocs.yml", visit=plans.add_build)
    tiny(here, catalog={"a.png": {"alt": "Une feuille", "status": "reviewed"}})
    build_for_report("mkdocs.yml", visit=plans.add_build)
    (first, second) = plans.all
    for plan in (first, second):
        assert not plan.is_change
        assert {each.why for each in plan.refused} == {SHOWN_TWICE}
    assert {each.image for each in second.refused} == {"a.png", "b.png"}


CAPTIONS = """
import re

shown = []


def {event}({argument}, **_):
    shown.append({argument})
    number = len(shown) if {counts} else 1
    return re.sub(
        r'<img alt="([^"]+)"[^>]*>',
        rf"\\g<0><figcaption>Figure {{number}}: \\1</figcaption>",
        {argument},
    )
"""


@pytest.mark.parametrize(
    ("event", "argument", "counts", "why"),
    [
        ("on_page_content", "html", False, SHOWN_AS_TEXT),
        ("on_post_page", "output", False, "a hook of the site writes `figcaption`"),
        ("on_page_content", "html", True, NOT_COMPARABLE),
    ],
    ids=["of an article", "of a page", "with a number that goes on"],
)
def test_a_text_that_would_be_seen_is_refused(
    here: Path, event: str, argument: str, *, counts: bool, why: str
) -> None:
    """Alt text that somebody wrote is shown by such a hook; one that is filled in is not."""
    hook = CAPTIONS.format(event=event, argument=argument, counts=counts)
    (here / "hook.py").write_text(hook, encoding="utf-8")
    site = tiny(here, config={"hooks": ["hook.py"]})
    assert "<figcaption>Figure" not in site.build().page("sub/page/index.html")
    output = apply(status=1).output
    assert f"Not written: index.md, a.png: {why}" in output
    assert "written into" not in output
    assert source() == PAGES["index.md"]


def test_a_text_that_a_lightbox_shows_already_is_written(here: Path) -> None:
    """With `auto_caption`, the site is the same with the text in the catalog or in the Markdown."""
    site = tiny(here, plugins=[{"glightbox": {"auto_caption": True}}])
    filled = site.build().page()
    assert f'data-title="{LEAF}"' in filled
    assert "3 texts written into 2 files." in apply().output
    site.docs = {name: (here / "docs" / name).read_bytes() for name in PAGES}
    assert site.build().page() == filled


# Writing safely


def test_a_dry_run_prints_a_diff_and_writes_nothing(here: Path) -> None:
    """Git takes it; what the command says does not mix with it."""
    docs = {**PAGES, "index.md": "# Top\r\n\r\n![](a.png)"}
    tiny(here, docs)
    git("init", "--quiet")
    result = apply("--dry-run")
    assert source() == docs["index.md"]
    assert "Nothing was written" in result.stderr
    (here / "change.diff").write_bytes(result.stdout_bytes)
    git("apply", "change.diff")
    assert source() == f"# Top\r\n\r\n![{LEAF}](a.png)"
    assert "Nothing to write" in apply().output


@pytest.mark.parametrize("folder", [".", "website"])
def test_a_diff_names_files_from_the_root_of_the_repository(
    here: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """Wherever the site lies in it, and whatever the files are called."""
    odd = 'sub/\u00fc "q" \\ x\ty.md'
    docs = {**PAGES, odd: "# Odd\n\n![](../a.png)\n"}
    site = here / folder
    site.mkdir(exist_ok=True)
    tiny(site, docs, config={"docs_dir": os.path.relpath(here / "docs", site)})
    if folder != ".":
        (site / "docs").rename(here / "docs")
    git("init", "--quiet")
    monkeypatch.chdir(site)
    (here / "change.diff").write_bytes(apply("--dry-run").stdout_bytes)
    monkeypatch.chdir(here)
    git("apply", "change.diff")
    assert f"![{LEAF}]" in source()
    assert f"![{LEAF}]" in source("sub/page.md")
    assert f"![{LEAF}]" in source(odd)


def test_a_diff_is_taken_in_the_folder_of_the_site_too(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its sources are below it; Git skips what is not below the current folder."""
    site = here / "website"
    site.mkdir()
    tiny(site)
    git("init", "--quiet")
    monkeypatch.chdir(site)
    (here / "change.diff").write_bytes(apply("--dry-run").stdout_bytes)
    git("apply", str(here / "change.diff"))
    assert f"![{LEAF}]" in source()


def test_files_with_uncommitted_changes_are_refused(here: Path) -> None:
    """Nothing is written then, unless told; files that stay do not matter."""
    tiny(here)
    git("init", "--quiet")
    git("add", "docs/index.md")
    git("commit", "--quiet", "--message", "Begin")
    (here / "docs" / "other.md").write_text("# New\n")
    output = apply(status=2).output
    assert "docs/sub/page.md has uncommitted changes" in output
    assert source() == PAGES["index.md"]
    git("add", "docs/sub")
    assert "docs/sub/page.md has" in apply(status=2).output
    git("commit", "--quiet", "--message", "More")
    with (here / "docs" / "index.md").open("a") as file:
        file.write("\nMore.\n")
    assert "docs/index.md has" in apply(status=2).output
    apply("--allow-dirty")
    assert source() == f"# Top\n\n![{LEAF}](a.png)\n\n![Words](b.png)\n\nMore.\n"


@pytest.mark.parametrize("pattern", ["sub/", "page.md", "docs/sub/*"])
def test_files_that_git_ignores_are_refused(here: Path, pattern: str) -> None:
    """Git has them in no state at all; one that is committed all the same is not refused."""
    tiny(here)
    git("init", "--quiet")
    (here / ".gitignore").write_text(f"{pattern}\n")
    git("add", "docs")
    git("commit", "--quiet", "--message", "Begin")
    output = apply(status=2).output
    assert "docs/sub/page.md has uncommitted changes" in output
    assert source("sub/page.md") == PAGES["sub/page.md"]
    git("add", "--force", "docs/sub/page.md")
    git("commit", "--quiet", "--message", "More")
    assert "3 texts written into 2 files." in apply().output


def test_a_repository_that_does_not_answer_is_no_permission(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where there is none, or no Git, nothing can be asked."""
    tiny(here)
    git("init", "--quiet")
    (here / ".git" / "config").write_text("[core\n")
    assert "Git does not say" in apply(status=2).output
    monkeypatch.setenv("PATH", str(here))
    apply()
    assert LEAF in source()


def test_an_interrupted_write_leaves_each_file_old_or_new(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run does the rest."""
    tiny(here)
    replace, done = os.fsync, []

    def interrupted(handle: int) -> None:
        replace(handle)
        done.append(handle)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mkdocs_alttext.system.files.os.fsync", interrupted)
        assert "Interrupted" in apply(status=2).output
    assert LEAF in source()
    assert source("sub/page.md") == PAGES["sub/page.md"]
    assert {path.name for path in (here / "docs" / "sub").iterdir()} == {"page.md"}
    assert "2 texts written into 1 file." in apply().output


def test_a_full_disk_ends_with_2(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the file's name; every file is as it was."""
    tiny(here)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", handle)

    monkeypatch.setattr("mkdocs_alttext.system.files.os.fsync", full)
    assert "docs/index.md cannot be written (No space left" in apply(status=2).output
    assert source() == PAGES["index.md"]
    assert {path.name for path in (here / "docs").iterdir()} == {
        "a.png",
        "b.png",
        "index.md",
        "sub",
    }
