"""A review of a folder that any generator built, and of a site of Zensical."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_folder import HEAD, BuiltFolder, page
from built_site import picture
from click.testing import CliRunner
from review_site import item_of, save, unit_of
from zensical_site import EXTENSION, ZensicalSite

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.cli.review import open_folder, open_session
from mkdocs_alttext.review.items import Filter, Part
from mkdocs_alttext.review.session import Done

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from mkdocs_alttext.review.session import Session

INDEX = """
<h1>Harbour</h1>
<p>A boat <img src="a.png"> at sea.</p>
<p lang="de">Ein Boot <img src="a.png"> auf See, <img src="sub/b.png" alt="Ein Kran"></p>
<a href="sub/"><img src="sub/b.png"></a>
"""
SUB = '<p>A crane <img src="b.png"> and <a href="big.png"><img src="../c.png"></a></p>'


def run(*arguments: str) -> Result:
    """Call a command; nothing that it says is about MkDocs."""
    result = CliRunner().invoke(main, [*arguments])
    assert not re.search(r"(?i)mkdocs(?!-\s*alttext)|docs_dir|markdown", result.output)
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer) -> BuiltFolder:
    """Stand in a project whose site lacks texts in two languages."""
    monkeypatch.chdir(tmp_path)
    files = {
        "index.html": page(INDEX, HEAD.replace("Page", "Harbour")),
        "sub/index.html": page(SUB, HEAD.replace("Page", "Cranes")),
        "a.png": picture(),
        "sub/b.png": picture(1),
        "c.png": picture(2),
        "private.png": picture(3),
    }
    options = {"base_url": server.base_url, "exclude": ["private.png"]}
    return BuiltFolder(tmp_path, files, options)


@pytest.fixture
def session(folder: BuiltFolder, tmp_path: Path) -> Iterator[Session]:
    """A review of it."""
    own = tmp_path / "own"
    own.mkdir()
    found = open_folder(folder.site, None, own)
    yield found
    found.close()


def test_items_are_those_of_the_folder(session: Session) -> None:
    """Paths and pages are those of the built site, and languages those of its elements."""
    assert session.site.name == "Harbour"
    found = [(each.path, each.language, each.state.value) for each in session.items()]
    assert sorted(found) == [
        ("a.png", "de", "missing"),
        ("a.png", "en", "missing"),
        ("c.png", "en", "missing"),
        ("sub/b.png", "en", "missing"),
    ]
    english, german = (item_of(session, "a.png", tag).places for tag in ("en", "de"))
    assert [(each.page, each.line, each.language) for each in (*english, *german)] == [
        ("index.html", 3, "en"),
        ("index.html", 4, "de"),
    ]
    assert english[0].heard == (
        Part("A boat", "page"),
        Part("image without a text", "role"),
        Part("at sea.", "page"),
    )
    assert item_of(session, "c.png").if_decorative
    shown = session.pictures.shown(item_of(session, "c.png").sha256)
    assert not shown.fault


def test_what_is_approved_fills_the_next_folder(folder: BuiltFolder, session: Session) -> None:
    """The catalog is the one that `fill` reads; the pages stay."""
    before = folder.tree()
    assert isinstance(save(session, "a.png", "approve", "Ein Boot", language="de"), Done)
    assert isinstance(save(session, "a.png", "approve", "A boat", language="en"), Done)
    assert isinstance(save(session, "c.png", "decorative"), Done)
    assert folder.tree() == before
    assert run("fill", "public").exit_code == 0
    html = folder.read().decode()
    assert 'alt="A boat"' in html
    assert 'alt="Ein Boot"' in html
    assert b'<img alt="" src="../c.png">' in folder.read("sub/index.html")


def test_another_text_is_asked_for_as_the_options_have_it(
    folder: BuiltFolder, session: Session, server: ApiServer
) -> None:
    """Looking asks nothing; a person does."""
    assert server.credits_spent == 0
    another = item_of(session, "a.png").another
    assert another
    result = session.ask(unit_of(session, "a.png"), "", another.price, another.asked, Filter())
    assert isinstance(result, Done)
    assert server.credits_spent == 1
    assert item_of(session, "a.png").another.text  # type: ignore[union-attr]
    options = {**folder.options, "generate": "never"}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in options.items()]
    (folder.project / "alttext.toml").write_text("".join(lines), encoding="utf-8")
    again = open_folder(folder.site, None, folder.project / "own")
    refusal = item_of(again, "a.png").another.refusal  # type: ignore[union-attr]
    assert "let `mkdocs-alttext fill" in refusal
    again.close()


def test_a_folder_is_exported(folder: BuiltFolder) -> None:
    """With drafts of what was paid for, and nothing of MkDocs."""
    result = run("review", "--site", "public", "--export", "review.html")
    assert result.exit_code == 0, result.output
    html = (folder.project / "review.html").read_text(encoding="utf-8")
    assert "Alt texts of Harbour" in html
    assert html.count("<article") == 3
    assert "index.html:3" in html
    assert not re.search(r"(?i)mkdocs(?!-alttext)|docs_dir|markdown|\bbuilds?\b", html)


def test_what_was_filled_before_is_reviewed(folder: BuiltFolder, tmp_path: Path) -> None:
    """Its texts are drafts in the words of their places, and those of authors are none."""
    assert "`mkdocs-alttext review --site public` shows each" in run("fill", "public").output
    session = open_folder(folder.site, None, tmp_path / "own")
    found = [(each.path, each.language, each.state.value) for each in session.items()]
    assert sorted(found) == [
        ("a.png", "de", "draft"),
        ("a.png", "en", "draft"),
        ("c.png", "en", "draft"),
        ("sub/b.png", "en", "draft"),
    ]
    text = item_of(session, "a.png", "en").text
    assert item_of(session, "a.png", "en").places[0].heard == (
        Part("A boat", "page"),
        Part("image", "role"),
        Part(text, "alt"),
        Part("at sea.", "page"),
    )
    assert isinstance(save(session, "a.png", "approve", "A boat", language="en"), Done)
    assert item_of(session, "a.png", "en").state.value == "reviewed"
    session.close()


@pytest.mark.usefixtures("folder")
def test_a_folder_with_nothing_to_review_says_so() -> None:
    """Where each image has its author's text."""
    for name in ("index.html", "sub/index.html"):
        Path("public", name).write_bytes(page('<img src="/a.png" alt="A boat at sea">'))
    result = run("review", "--site", "public", "--export", "review.html")
    assert result.exit_code == 0
    assert "No image of public lacks a text" in result.stderr


def test_options_that_cannot_be_used_are_named(folder: BuiltFolder) -> None:
    """As by the other commands."""
    (folder.project / "alttext.toml").write_text("exclud = 'x'\n")
    result = run("review", "--site", "public", "--export", "review.html")
    assert result.exit_code == 2
    assert "Did you mean 'exclude'?" in result.output


def test_a_site_of_zensical_is_reviewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its `zensical.toml`; and its folder by `--site`."""
    monkeypatch.chdir(tmp_path)
    docs: dict[str, str | bytes] = {"index.md": "# Home\n\nA boat ![](a.png)\n", "a.png": picture()}
    ZensicalSite(tmp_path, docs)
    (tmp_path / "zensical.toml").write_text(
        f'[project]\nsite_name = "Site"\n[project.markdown_extensions."{EXTENSION}"]\n',
        encoding="utf-8",
    )
    own = tmp_path / "own"
    own.mkdir()
    session = open_session(None, own)
    assert item_of(session, "a.png").places[0].line == 3
    assert isinstance(save(session, "a.png", "approve", "A boat"), Done)
    session.close()
    assert '"A boat"' in (tmp_path / "alttext.yml").read_text(encoding="utf-8")
    assert CliRunner().invoke(main, ["review", "--export", "review.html"]).exit_code == 0
    assert "A boat" in (tmp_path / "review.html").read_text(encoding="utf-8")
