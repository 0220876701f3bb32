"""`mkdocs-alttext fill`: the pages of any folder, in place, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer, alt_text
from built_folder import HEAD, BuiltFolder, page
from built_site import picture
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import Call

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
REVIEWED = "a.png:\n  alt: {en: A leaf, de: Ein Blatt, fr: Une feuille}\n  status: reviewed\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project whose catalog has a text for one picture in three languages."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alttext.yml").write_text(REVIEWED, encoding="utf-8")
    return tmp_path


def answer(number: int) -> bytes:
    """Return what the service says of a picture, as it is published."""
    return alt_text(picture(number), "en").removeprefix("Picture of ").capitalize().encode()


def without_alt(content: bytes) -> bytes:
    """Return a page without what may be written into it."""
    return re.sub(rb' alt="[^"]*"', b"", content)


# What is filled


def test_a_service_is_asked_once_for_each_picture(here: Path, server: ApiServer) -> None:
    """A second run changes nothing, and asks for nothing."""
    files = {
        "index.html": page('<img src="b.png"> <img src="a.png"> <img src="sub/c.png">'),
        "sub/index.html": page("<img src='../b.png'>\r\n<img src=c.png>"),
        "b.png": picture(1),
        "a.png": picture(2),
        "sub/c.png": picture(3),
    }
    folder = BuiltFolder(here, files, {"base_url": server.base_url})
    result = folder.fill("--strict")
    assert result.exit_code == 0, result.output
    assert server.credits_spent == 2
    start = b'<img alt="%b" src="b.png"> <img alt="A leaf" src="a.png">' % answer(1)
    assert start in folder.read()
    assert without_alt(folder.read("sub/index.html")) == files["sub/index.html"]
    assert "2 of 2 pages changed." in result.output
    filled = folder.tree()
    assert "0 of 2 pages changed." in folder.fill("--strict").output
    assert folder.tree() == filled
    assert server.credits_spent == 2


def test_more_pages_wait_than_are_kept_in_sight(here: Path, server: ApiServer) -> None:
    """Each has a picture of its own; all are asked for, and filled."""
    pictures = {f"p{number}.png": picture(number) for number in range(80)}
    pages = {f"p{number}.html": page(f'<img src="p{number}.png">') for number in range(80)}
    folder = BuiltFolder(here, {**pictures, **pages}, {"base_url": server.base_url})
    result = folder.fill("--strict")
    assert result.exit_code == 0, result.output
    assert server.credits_spent == 80
    assert all(b'alt=""' not in folder.read(name) for name in pages)
    for number in (0, 79):
        assert b'alt="%b"' % answer(number) in folder.read(f"p{number}.html")


def test_a_dry_run_writes_and_asks_nothing(here: Path, server: ApiServer) -> None:
    """It says what it would cost, and what would be changed."""
    files = {
        "index.html": page('<img src="a.png"><img src="b.png">'),
        "a.png": picture(),
        "b.png": picture(1),
    }
    folder = BuiltFolder(here, files, {"base_url": server.base_url})
    before = folder.tree()
    result = folder.fill("--dry-run")
    assert folder.tree() == before
    assert server.calls == []
    assert "A run that may ask would spend 1 credit" in result.output
    assert "1 of 1 page would be changed by what is known." in result.output


@pytest.mark.parametrize("name", ["my own.toml", "mkdocs.yml"])
def test_commands_that_are_named_have_the_options_of_this_one(here: Path, name: str) -> None:
    """So that they can be copied; and what texts wait for is said as the file would have it."""
    folder = BuiltFolder(here, {"index.html": page('<img src="b.png">'), "b.png": picture(1)})
    is_toml = name.endswith(".toml")
    (here / name).write_text("" if is_toml else "plugins: [alttext]\n", encoding="utf-8")
    told = ["--site-url", "/docs/", "--service", "ocr", "--empty-alt", "fill"]
    said = folder.fill("-f", name, *told, "--dry-run").output
    flags = "--site-url /docs/ --service ocr --empty-alt fill"
    assert f"`mkdocs-alttext fill public -f {shlex.quote(name)} {flags}` asks it" in said
    option = 'publish = "all"' if is_toml else "publish: all"
    assert (
        "The texts of ocr would wait for approval as drafts. "
        f"`{option}` publishes them as they come."
    ) in said
    service = 'service = "ocr"' if is_toml else "service: ocr"
    assert f"`--service ocr`: put {service} into {name}." in said


def test_texts_that_are_published_as_they_come_do_not_wait(here: Path) -> None:
    """A dry run says nothing of drafts then, and nothing where no text would come."""
    files = {"index.html": page('<img src="b.png">'), "b.png": picture(1)}
    folder = BuiltFolder(here, files, {"publish": "all"})
    assert "drafts" not in folder.fill("--service", "ocr", "--dry-run").output
    files = {"index.html": page('<img src="a.png">'), "a.png": picture()}
    assert "drafts" not in BuiltFolder(here, files).fill("--service", "ocr", "--dry-run").output


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<html lang="de"><img src="a.png">', "Ein Blatt"),
        ('<html lang="de"><p lang="fr"><img src="a.png">', "Une feuille"),
        ('<html lang="de"><p lang="fr"><img lang="en" src="a.png">', "A leaf"),
        ('<html lang="fr"><p lang="what is this"><img src="a.png">', "Une feuille"),
        ('<html lang="de-AT"><img src="a.png">', "Ein Blatt"),
        ('<html><img src="a.png">', "A leaf"),
        ("<html lang=''><img src=\"a.png\">", "A leaf"),
        ('<html lang="{{ page.lang }}"><img src="a.png">', "A leaf"),
    ],
)
def test_the_language_is_that_of_the_place(here: Path, html: str, said: str) -> None:
    """Of the image, what is around it, or the page."""
    folder = BuiltFolder(here, {"index.html": html, "a.png": picture()})
    result = folder.fill()
    assert f'alt="{said}"' in folder.read().decode()
    is_told = "not say in which language" in result.output
    assert is_told == (re.match('<html lang="[a-z]', html) is None)


def test_a_language_of_the_options_is_that_of_all(here: Path) -> None:
    """As in a build by MkDocs."""
    files = {"index.html": page('<img lang="fr" src="a.png">'), "a.png": picture()}
    folder = BuiltFolder(here, files, {"language": "de"})
    folder.fill()
    assert b'alt="Ein Blatt"' in folder.read()


@pytest.mark.parametrize(
    ("name", "cache", "is_told"),
    [("zensical.toml", ".cache/plugin/alttext", True), ("zensical.toml", ".alttext", False),
     ("hugo.toml", ".cache/plugin/alttext", False)],
)  # fmt: skip
def test_a_cache_that_zensical_removes_is_told(
    here: Path, name: str, cache: str, *, is_told: bool
) -> None:
    """With all texts that were paid for: `zensical build --clean` takes the folder with it."""
    (here / name).touch()
    folder = BuiltFolder(here, {"index.html": page("")}, {"cache_dir": cache})
    assert ("Set cache_dir to another folder" in folder.fill().output) is is_told


def test_links_have_the_titles_that_pages_say(here: Path) -> None:
    """Without the site's name, and without the links of headings to themselves."""
    target = (
        "<title>Install \u2014 Tool 1.0</title>"
        "<h1>Install<a class=headerlink href=#i>\u00b6</a></h1>"
        "<section id=linux><h2>On Linux <a href=#linux>#</a></h2></section>"
    )
    files: dict[str, str | bytes] = {
        "index.html": page(
            '<a href="install.html"><img src="a.png"></a>'
            '<a href="install.html#linux"><img src="b.png"></a>'
            '<a href="/install"><img src="b.png"></a>'
        ),
        "install.html": target,
        "a.png": picture(),
        "b.png": picture(1),
    }
    folder = BuiltFolder(here, files, {"generate": "never"})
    folder.fill()
    assert re.findall(rb'alt="([^"]*)"', folder.read()) == [b"Install", b"On Linux", b"Install"]


def test_what_the_author_opts_out_stays_so(here: Path) -> None:
    """The attribute is not taken out: the next run has to see it."""
    files = {
        "index.html": page('<img data-alttext="skip" src="a.png"><img class="no-alt" src="a.png">'),
        "a.png": picture(),
    }
    folder = BuiltFolder(here, files)
    for _ in range(2):
        folder.fill()
        assert folder.read() == files["index.html"]


@pytest.mark.parametrize("written", ['data-alttext="skp"', "data-alttext-x=skip"])
def test_what_an_author_says_and_is_not_understood_is_told(
    here: Path, server: ApiServer, written: str
) -> None:
    """It was meant to keep something back: nothing is sent."""
    files = {"index.html": page(f'<img {written} src="b.png">'), "b.png": picture(1)}
    folder = BuiltFolder(here, files, {"base_url": server.base_url})
    result = folder.fill()
    assert "index.html: image 'b.png'" in result.output
    assert "is not understood, so that this picture is not sent" in result.output
    assert server.calls == []


@pytest.mark.parametrize("policy", ["keep", "fill"])
def test_a_second_run_changes_nothing(here: Path, server: ApiServer, policy: str) -> None:
    """Whatever the first decided: links, spacers, icons, decoration, lightboxes, buttons."""
    body = (
        '<a href="x.html">Words <img src="a.png"></a><a href="a.png"><img src="a.png"></a>'
        '<img src="b.png" width=1><img src="dot.png"><ul><li><img src="leaf.png"> Leaf</li></ul>'
        '<p class="decorative"><img src="b.png"></p><img data-alttext="decorative" src="b.png">'
        '<button><img src="b.png"></button><figure><img src=b.png><figcaption>B</figcaption>'
        '</figure><img alt="b.png" src="b.png"><img alt src=b.png><IMG SRC="b.png" ALT=\'\'/>'
        '<picture><source srcset="b.png"><img src="b.png"></picture>'
        '<img data-src="b.png" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
        '<img src="b.png#only-light"><img src="b.png#only-dark">'
        "<noscript><img src=b.png></noscript>"
    )
    files = {
        "index.html": page(body),
        "x.html": page("<h1>X</h1>"),
        "a.png": picture(),
        "b.png": picture(1),
        "leaf.png": picture(2),
        "dot.png": picture(3),
    }
    options = {"base_url": server.base_url, "replace_filenames": True}
    folder = BuiltFolder(here, files, options)
    folder.fill("--empty-alt", policy)
    first, spent = folder.tree(), server.credits_spent
    assert first["index.html"] != files["index.html"]
    assert "0 of 2 pages changed." in folder.fill("--empty-alt", policy).output
    assert folder.tree() == first
    assert server.credits_spent == spent


@pytest.mark.parametrize("where", ["flag", "option"])
def test_an_empty_alt_is_kept_unless_the_user_says_otherwise(here: Path, where: str) -> None:
    """No mark tells what an author wrote; the summary and the report count what `fill` takes."""
    body = '<img src="a.png" alt=""><img src="gone.png" alt=""><p>A <img src="a.png" alt="x y"></p>'
    files = {"index.html": page(body), "a.png": picture()}
    folder = BuiltFolder(here, files)
    result = folder.fill()
    assert folder.read() == files["index.html"]
    assert (
        "1 image has an empty alt, which is kept: `--empty-alt fill` would fill it."
        in result.output
    )
    assert folder.report()["counts"]["empty_alt"] == 1
    folder = BuiltFolder(here, files, {"empty_alt": "fill"} if where == "option" else {})
    folder.fill(*(["--empty-alt", "fill"] if where == "flag" else []))
    assert b'<img src="a.png" alt="A leaf"><img src="gone.png" alt="">' in folder.read()
    assert folder.report("--empty-alt", "fill")["counts"]["empty_alt"] == 0


def test_a_picture_that_was_renamed_keeps_its_text(here: Path) -> None:
    """Generators put a digest of their own into names; the catalog knows the picture by ours."""
    first = BuiltFolder(here, {"index.html": page('<img src="a.png">'), "a.png": picture()})
    digest = first.report()["images"][0]["sha256"]
    (here / "alttext.yml").write_text(f"{REVIEWED}  sha256: {digest}\n", encoding="utf-8")
    (first.site / "a.png").unlink()
    files = {"index.html": page('<img src="/assets/a-1f2e.png">'), "assets/a-1f2e.png": picture()}
    second = BuiltFolder(here, files)
    result = second.fill()
    assert b'alt="A leaf"' in second.read()
    assert "a.png is assets/a-1f2e.png now" in result.output


def test_a_report_names_every_image(here: Path) -> None:
    """As that of a build, without sources."""
    files = {
        "index.html": page('<img src="a.png"><img src="x.png" alt="Words">'),
        "a.png": picture(),
    }
    content = BuiltFolder(here, files).report()
    found = [(each["page"], each["source"], each["outcome"]) for each in content["images"]]
    assert found == [("index.html", None, "filled"), ("index.html", None, "kept")]


@pytest.mark.parametrize(
    ("body", "base", "said"),
    [
        ('<img src="https://ex.org/docs/a.png">', "https://ex.org/docs/", True),
        ('<img src="/docs/a.png">', "https://ex.org/docs/", True),
        ('<img src="/a.png">', "https://ex.org/docs/", False),
        ('<img src="/a.png">', "", True),
        ('<img src="//ex.org/a.png">', "", False),
    ],
)
def test_addresses_are_those_of_the_published_site(
    here: Path, body: str, base: str, *, said: bool
) -> None:
    """As `--site-url` says."""
    folder = BuiltFolder(here, {"index.html": page(body), "a.png": picture()})
    folder.fill(*(["--site-url", base] if base else []))
    assert (b"A leaf" in folder.read()) == said


@pytest.mark.parametrize(
    ("body", "base"),
    [
        ('<img src="/docs/a.png"> <img src="/docs/img/b%20c.png?v=1">', "/docs/"),
        ('<img src="/my/docs/a.png">', "/my/docs/"),
        ('<img src="/docs/gone.png"> <img src="docs/a.png"> <img src="/">', None),
        ('<img src="//docs/a.png"> <img src="/docs/../a.png">', None),
    ],
)
def test_a_site_that_lies_deeper_is_told_of(here: Path, body: str, base: str | None) -> None:
    """Generators write addresses with the path at which it is to be published."""
    files = {"index.html": page(body), "a.png": picture(), "img/b c.png": picture(1)}
    folder = BuiltFolder(here, files, {"generate": "never"})
    said = re.findall(r"--site-url https://example\.org(/\S*)`", folder.fill().output)
    assert said == ([base] if base else [])
    if base:
        folder.fill("--site-url", f"https://x.org{base}")
        assert b"A leaf" in folder.read()


def test_the_first_page_says_where_the_site_is(here: Path) -> None:
    """Its canonical address does."""
    link = '<link rel="canonical" href="https://ex.org/docs/">'
    files = {
        "index.html": page('<img src="/docs/a.png">', HEAD.replace("</head>", f"{link}</head>")),
        "a.png": picture(),
    }
    folder = BuiltFolder(here, files)
    folder.fill()
    assert b"A leaf" in folder.read()


def test_a_base_moves_relative_addresses(here: Path) -> None:
    """As browsers read them."""
    head = HEAD.replace("</head>", '<base href="/img/"></head>')
    files = {
        "sub/index.html": page('<img src="../a.png"><img src="b.png">', head),
        "a.png": picture(),
        "sub/b.png": picture(1),
    }
    folder = BuiltFolder(here, files, {"generate": "never"})
    images = folder.report()["images"]
    assert [(each["file"], each["reason"]) for each in images] == [
        ("a.png", None),
        (None, "missing-file"),
    ]


def test_of_two_colours_the_described_one_is_found_by_the_base(
    here: Path, server: ApiServer
) -> None:
    """So that nothing is asked for the other."""
    head = HEAD.replace("</head>", '<base href="/img/"></head>')
    images = '<img src="b.png#only-light"><img src="../a.png#only-dark">'
    files = {"x/y/index.html": page(images, head), "a.png": picture(), "img/b.png": picture(1)}
    folder = BuiltFolder(here, files, {"base_url": server.base_url})
    folder.fill()
    assert folder.read("x/y/index.html").count(b'alt="A leaf"') == 2
    assert server.credits_spent == 0


# What is left, and why


@pytest.mark.parametrize("lazy", ["", ' data-src="b.png"'])
def test_a_picture_in_the_page_itself_is_no_file(here: Path, server: ApiServer, lazy: str) -> None:
    """It is left as in a build by MkDocs, and a placeholder stands for the file that it names."""
    inline = f"data:image/png;base64,{base64.b64encode(picture(3)).decode()}"
    files = {"index.html": page(f'<img src="{inline}"{lazy}>'), "b.png": picture(1)}
    folder = BuiltFolder(here, files, {"base_url": server.base_url})
    (image,) = folder.report()["images"]
    assert image["reason"] == (None if lazy else "data-uri")
    assert folder.read() == files["index.html"].replace(
        b"<img ", b'<img alt="%b" ' % answer(1) if lazy else b"<img "
    )
    assert server.credits_spent == (1 if lazy else 0)


def left(folder: BuiltFolder) -> dict[str, str]:
    """Return what is said of pages that are left."""
    found = {}
    for line in folder.fill().output.splitlines():
        if match := re.match(r"(.+): page-left \((.*?)\)\.", line):
            found[match[1]] = match[2]
    return found


ODD = {
    "latin.html": b'<meta charset="utf-8"><p>\xe9t\xe9<img src="a.png">',
    "nothing.html": b'<p>\xe9t\xe9<img src="a.png">',
    "utf-7.html": b'<meta charset="utf-7"><img src="a.png">',
    "half.html": b"\xff\xfe<\x00i\x00m\x00g\x00 \x00s\x00r\x00c\x00=\x00a\x00>\x00x",
    "cdata.xhtml": b'<html><p><![CDATA[ a > b <img src="a.png"/> ]]></p></html>',
    "script.xhtml": b'<html><script src="x.js"/><img src="a.png"/></html>',
    "prefix.xhtml": b'<x:html xmlns:x="http://www.w3.org/1999/xhtml"><x:img src="a.png"/></x:html>',
    "subset.xhtml": b'<!DOCTYPE html [<!ENTITY x "y">]><html><img src="a.png"/></html>',
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_what_it_says_is_left(here: Path, name: str) -> None:
    """With the reason, and each byte as it was."""
    folder = BuiltFolder(here, {name: ODD[name], "a.png": picture()})
    assert list(left(folder)) == [name]
    assert folder.read(name) == ODD[name]
    assert folder.fill("--strict").exit_code == 1


def test_a_page_without_images_may_be_what_it_likes(here: Path) -> None:
    """Nobody is told of it."""
    folder = BuiltFolder(here, {"index.html": b"\xff\xfe\xff binary"})
    assert left(folder) == {}
    assert folder.fill("--strict").exit_code == 0


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("index.html", 0o444),
        pytest.param("", 0o555, marks=pytest.mark.skipif(IS_ROOT, reason="root may write there")),
    ],
)
def test_a_page_that_is_read_only_is_left_and_asked_nothing(
    here: Path, server: ApiServer, name: str, mode: int
) -> None:
    """It could not be written, nor in a folder in which nothing can be replaced."""
    files = {"index.html": page('<img src="b.png"><img src="a.png">'), "b.png": picture(1)}
    folder = BuiltFolder(here, {**files, "a.png": picture()}, {"base_url": server.base_url})
    (folder.site / name).chmod(mode)
    assert left(folder) == {"index.html": "it is read-only"}
    (folder.site / name).chmod(mode | 0o700)
    assert folder.read() == files["index.html"]
    assert server.calls == []


def test_links_out_of_the_folder_are_not_followed(here: Path) -> None:
    """Neither those of pages and folders, nor those of pictures."""
    outside = here / "outside"
    outside.mkdir()
    (outside / "page.html").write_bytes(page('<img src="a.png">'))
    (outside / "secret.png").write_bytes(picture(9))
    folder = BuiltFolder(here, {"index.html": page('<img src="link.png">'), "a.png": picture()})
    (folder.site / "page.html").symlink_to(outside / "page.html")
    (folder.site / "folder").symlink_to(outside)
    (folder.site / "link.png").symlink_to(outside / "secret.png")
    (folder.site / "same.html").symlink_to(folder.site / "index.html")
    why = "a link that leads out of the folder"
    assert left(folder) == {"folder, page.html": why}
    assert (outside / "page.html").read_bytes() == page('<img src="a.png">')
    assert (folder.site / "same.html").is_symlink()
    reasons = {each["page"]: each["reason"] for each in folder.report()["images"]}
    assert reasons["index.html"] == "outside-site"


def test_a_link_inside_of_the_folder_is_a_way_to_a_picture(here: Path) -> None:
    """Generators link versions of a site so; what is excluded stays so by each name."""
    files = {"index.html": page('<img src="latest/a.png">'), "1.0/a.png": picture()}
    folder = BuiltFolder(here, files, {"exclude": ["1.0/"], "generate": "never"})
    (folder.site / "latest").symlink_to(folder.site / "1.0")
    assert [each["reason"] for each in folder.report()["images"]] == ["excluded"]


@pytest.mark.skipif(sys.platform == "win32", reason="names of POSIX")
def test_names_may_be_anything(here: Path) -> None:
    """Line breaks, commands of CI systems, bytes that are no text: shown, and filled."""
    body = page('<img src="a.png"><img src="gone.png">')
    names = ["a\n::error::b.html", "\x1b[2J.html", "b\udcff.html", "-f.html", "c d/%41.html"]
    folder = BuiltFolder(here, {**dict.fromkeys(names[:2], body), "a.png": picture()})
    for name in names[2:]:
        path = folder.site / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body.replace(b"a.png", b"/a.png"))
    result = folder.fill("--report", "report.json", "--", "--no-option")
    assert result.exit_code == 2
    result = folder.fill("--report", "report.json")
    assert result.exit_code == 0
    assert "5 of 5 pages changed." in result.output
    assert all(b'alt="A leaf"' in (folder.site / name).read_bytes() for name in names)
    assert "\x1b" not in result.output
    assert not any(line.startswith("::") for line in result.output.splitlines())
    pages = {each["page"] for each in json.loads((here / "report.json").read_bytes())["images"]}
    assert pages == set(names)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_what_is_no_file_is_passed_by(here: Path) -> None:
    """A pipe is not waited for, and the `.git` of a branch of pages is not looked into."""
    files = {".git/index.html": page('<img src="a.png">'), "a.html/b.png": picture()}
    folder = BuiltFolder(here, files)
    os.mkfifo(folder.site / "pipe.html")
    assert "There is no HTML page in this folder." in folder.fill("--strict").output
    assert folder.read(".git/index.html") == files[".git/index.html"]


def test_a_page_that_is_too_large_is_left(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read into memory."""
    monkeypatch.setattr("mkdocs_alttext.folder.files.MOST_PAGE_BYTES", 1000)
    folder = BuiltFolder(here, {"index.html": page("<img src=a.png>" + "x" * 1000)})
    assert left(folder) == {"index.html": "it has more than 1000 bytes"}


@pytest.mark.parametrize("by_another_run", [False, True])
def test_a_page_that_changes_meanwhile_is_left(
    here: Path, server: ApiServer, *, by_another_run: bool
) -> None:
    """Somebody builds the site while it is filled: their page stays, and is left as it is to be."""
    folder = BuiltFolder(here, {"index.html": page('<img src="b.png">'), "b.png": picture(1)})
    (here / "alttext.toml").write_text(f'base_url = "{server.base_url}"\n')
    filled = f'<img alt="{answer(1).decode()}" src="b.png">'
    new = page(filled if by_another_run else "new")

    def decide(call: Call) -> None:
        if call.image is not None:
            (folder.site / "index.html").write_bytes(new)

    server.decide = decide
    assert folder.fill("--strict").exit_code == (0 if by_another_run else 1)
    assert folder.read() == new


def test_a_compressed_copy_is_told_of(here: Path) -> None:
    """A server may send it in place of the page."""
    files = {"index.html": page('<img src="a.png">'), "index.html.br": b"x", "a.png": picture()}
    assert "1 changed page has a compressed copy" in BuiltFolder(here, files).fill().output


def test_pages_that_were_made_to_take_long_do_not(here: Path) -> None:
    """Each look at a page takes time in proportion to its length."""
    images = '<img src="a.png"><a href="titles.html#x"><img src="a.png"></a>'
    files: dict[str, str | bytes] = {
        "cdata.xhtml": "<![CDATA[" * 200_000 + "<p/>",
        "doctype.xhtml": "<!DOCTYPE" * 200_000,
        "lang.html": images + "<html " * 200_000,
        "blank.html": images + "<html lang=" + " " * 200_000,
        "base.html": images + "<base " * 50_000,
        "titles.html": "<h1><div>" * 10_000 + "x",
        "headings.html": "<div id=x>" + "<h2>x</h2>" * 20_000,
        "links.html": '<a href="headings.html#x"><img src="a.png"></a>',
        "a.png": picture(),
    }
    folder = BuiltFolder(here, files)
    begun = time.process_time()
    folder.fill()
    assert time.process_time() - begun < 20


def test_the_owner_and_the_mode_of_a_page_stay(here: Path) -> None:
    """Servers may be particular about them."""
    folder = BuiltFolder(here, {"index.html": page('<img src="a.png">'), "a.png": picture()})
    (folder.site / "index.html").chmod(0o640)
    before = (folder.site / "index.html").stat()
    folder.fill()
    after = (folder.site / "index.html").stat()
    assert b"A leaf" in folder.read()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)


def test_it_works_without_mkdocs(here: Path) -> None:
    """Nothing of it is imported."""
    folder = BuiltFolder(here, {"index.html": page('<img src="a.png">'), "a.png": picture()})
    (here / "mkdocs.yml").write_text("plugins: [alttext]\n")
    code = (
        "import sys; sys.modules['mkdocs'] = None; from mkdocs_alttext.cli.main import main;"
        "main(['fill', '-f', 'mkdocs.yml', 'public'])"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
    assert b"A leaf" in folder.read()


def test_a_folder_without_pages_says_so(here: Path) -> None:
    """It may be the wrong one."""
    result = BuiltFolder(here, {"a.png": picture()}).fill()
    assert result.exit_code == 0
    assert "There is no HTML page in this folder." in result.output


@pytest.mark.parametrize("url", ["ex.org/docs", "ftp://ex.org/", "https://", "https://x y/"])
def test_an_address_of_no_site_ends_with_2(here: Path, url: str) -> None:
    """Else all pictures would be looked for on another host."""
    result = BuiltFolder(here, {"index.html": page("")}).fill("--site-url", url)
    assert result.exit_code == 2
    assert "such as https://example.org/docs/" in result.output


def test_what_is_no_folder_ends_with_2(here: Path) -> None:
    """And says what to name."""
    assert not (here / "nowhere").exists()
    result = CliRunner().invoke(main, ["fill", "nowhere"])
    assert result.exit_code == 2
    assert "Name the one that your site was built into" in result.output


def test_a_cache_inside_of_the_site_is_refused(here: Path) -> None:
    """It would be published."""
    folder = BuiltFolder(here, {"index.html": page("")}, {"cache_dir": "public/.cache"})
    result = folder.fill()
    assert result.exit_code == 2
    assert "would be published" in result.output


def test_leftovers_of_a_run_that_was_killed_go(here: Path) -> None:
    """They would be published, too."""
    folder = BuiltFolder(here, {"sub/index.html": page("")})
    (folder.site / "sub" / ".alttext-new-0123456789abcdef").write_bytes(b"half")
    folder.fill()
    assert list(folder.tree()) == ["sub/index.html"]


# What is said


def test_the_exit_status_is_a_finding_with_strict_only(here: Path) -> None:
    """A baseline accepts what is there already."""
    files = {"index.html": page('<img src="b.png">'), "b.png": picture(1)}
    folder = BuiltFolder(here, files, {"generate": "never"})
    assert folder.fill().exit_code == 0
    assert folder.fill("--strict").exit_code == 1
    entry = {"source": "index.html", "image": "b.png", "occurrence": 1}
    baseline = here / "baseline.json"
    baseline.write_text(json.dumps({"version": 1, "images": [entry]}), encoding="utf-8")
    result = folder.fill("--strict", "--baseline", "baseline.json")
    assert result.exit_code == 0
    assert "1 image of 1 without text accepted." in result.output


def test_nothing_is_said_of_mkdocs(here: Path) -> None:
    """Whatever is wrong."""
    files = {
        "index.html": page('<img src="b.png"><img src="gone.png"><img src="http://x.org/a.png">'),
        "b.png": picture(1),
        "odd.html": b"<img src=a>\xff",
    }
    catalog = "gone.png: {alt: {en: Gone}, status: draft}\n"
    (here / "alttext.yml").write_text(catalog, encoding="utf-8")
    folder = BuiltFolder(here, files, {"exclude": ["docs/x.png", "/nothing"]})
    for arguments in ((), ("--dry-run",), ("--service", "ocr", "--dry-run")):
        said = folder.fill(*arguments).output
        assert not re.search(r"(?i)mkdocs(?!-alttext)|docs_dir|markdown|\bbuild\b", said), said
