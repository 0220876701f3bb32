"""`scan`, `catalog` and `forget` on a folder that any generator built, with `--site`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_folder import BuiltFolder, page
from built_site import picture
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*arguments: str) -> Result:
    """Call a command; nothing that it says is about MkDocs."""
    result = CliRunner().invoke(main, [*arguments])
    foreign = r"(?i)mkdocs(?!-\s*alttext)|docs_dir|markdown|\bbuilds?\b"
    assert not re.search(foreign, result.output), result.output
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer) -> BuiltFolder:
    """Stand in a project with two pictures that lack a text."""
    monkeypatch.chdir(tmp_path)
    files = {
        "index.html": page('\n\n<img src="a.png" alt="A leaf">\n<img src="sub/b.png">'),
        "sub/index.html": page('<img src="../a.png" alt="">\n<img src="c.png">'),
        "a.png": picture(),
        "sub/b.png": picture(1),
        "sub/c.png": picture(2),
    }
    return BuiltFolder(tmp_path, files, {"base_url": server.base_url})


def test_a_scan_names_pages_and_lines(folder: BuiltFolder) -> None:
    """Of the HTML, as there is no source; nothing is sent or written."""
    before = folder.tree()
    result = run("scan", "--site", "public")
    assert result.exit_code == 1
    assert re.search(r"public/index\.html\n +4  sub/b\.png +no text yet", result.output)
    assert re.search(r"public/sub/index\.html\n +2  c\.png", result.output)
    assert folder.tree() == before


def test_a_scan_has_all_forms(folder: BuiltFolder) -> None:
    """For programs, CI systems and code scanning; and writes a baseline that `fill` reads."""
    content = json.loads(run("scan", "--site", "public", "--format", "json").output)
    lines = {each["src"]: each["line"] for each in content["images"] if each["reason"]}
    assert lines == {"sub/b.png": 4, "c.png": 2}
    annotations = run("scan", "--site", "public", "--format", "github").output
    assert "file=public/index.html,line=4" in annotations
    for form in ("sarif", "markdown"):
        assert "public/index.html" in run("scan", "--site", "public", "--format", form).output
    assert run("scan", "--site", "public", "--write-baseline", "kept.json").exit_code == 0
    (folder.project / "alttext.toml").write_text('generate = "never"\n')
    assert run("fill", "--strict", "--baseline", "kept.json", "public").exit_code == 0
    assert run("fill", "--strict", "public").exit_code == 1


def test_the_catalog_gets_what_was_paid_for(folder: BuiltFolder) -> None:
    """A person corrects it, and the next folder is filled with that."""
    assert run("fill", "public").exit_code == 0
    for name, content in folder.files.items():
        (folder.site / name).write_bytes(content.encode() if isinstance(content, str) else content)
    result = run("catalog", "--site", "public")
    assert "2 added" in result.output
    catalog = folder.project / "alttext.yml"
    text = catalog.read_text(encoding="utf-8")
    assert "sub/b.png:" in text
    text = re.sub(r"(sub/b\.png:\n  alt:.*\n    en: ).*", r'\1"A boat"', text)
    catalog.write_text(text.replace("status: draft", "status: reviewed"), encoding="utf-8")
    assert "Everything in alttext.yml is reviewed." in run("catalog", "--site", "public").output
    run("fill", "public")
    assert b'alt="A boat"' in folder.read()


def test_what_was_filled_before_can_be_reviewed(folder: BuiltFolder) -> None:
    """The pages have their texts by then; the author's own ones do not become drafts."""
    run("fill", "public")
    filled = folder.tree()
    assert "2 added" in run("catalog", "--site", "public").output
    text = (folder.project / "alttext.yml").read_text(encoding="utf-8")
    assert re.findall(r"^\S+\.png", text, re.MULTILINE) == ["sub/b.png", "sub/c.png"]
    assert "0 added, 0 refreshed, 0 stale" in run("catalog", "--site", "public").output
    assert folder.tree() == filled


@pytest.mark.parametrize(
    "body",
    [
        '<a href="http://x.org/"><img src="b.png"></a>',
        '<figure><img\n  src="b.png"><figcaption>Words</figcaption></figure>',
        '<p lang="de"><img src=b.png></p>',
        '<img src="b.png#only-light"><img src="b.png#only-dark">',
        '<picture><source srcset="b.png"><img class="a" src="b.png"/></picture>',
    ],
)
def test_a_filled_page_is_looked_at_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer, body: str
) -> None:
    """The catalog gets what it would have got before."""
    monkeypatch.chdir(tmp_path)
    files = {"index.html": page(body), "b.png": picture(1)}
    folder = BuiltFolder(tmp_path, files, {"base_url": server.base_url})
    catalogs = []
    run("fill", "public")
    filled = folder.read()
    for content in (files["index.html"], filled):
        (folder.site / "index.html").write_bytes(content)
        run("catalog", "--site", "public")
        catalogs.append((tmp_path / "alttext.yml").read_text(encoding="utf-8"))
        (tmp_path / "alttext.yml").unlink()
    assert filled != files["index.html"]
    assert catalogs[0] == catalogs[1]


def test_a_correction_needs_pages_that_are_made_anew(folder: BuiltFolder) -> None:
    """Nothing tells a text that was filled in from one that an author copied from there."""
    run("fill", "public")
    filled = folder.tree()
    run("catalog", "--site", "public")
    catalog = folder.project / "alttext.yml"
    text = catalog.read_text(encoding="utf-8").replace("status: draft", "status: reviewed")
    assert "an earlier text" not in run("catalog", "--site", "public").output
    catalog.write_text(re.sub(r"(b\.png:\n  alt:.*\n    en: ).*", r'\1"A boat"', text))
    run("fill", "public")
    assert folder.tree() == filled
    said = run("catalog", "--site", "public").output
    assert "1 image has an earlier text in the pages. Have your generator write all" in said
    (folder.site / "index.html").write_bytes(folder.files["index.html"])  # type: ignore[arg-type]
    run("fill", "public")
    assert b'alt="A boat"' in folder.read()
    assert "an earlier text" not in run("catalog", "--site", "public").output


def test_what_is_forgotten_is_asked_for_anew(folder: BuiltFolder, server: ApiServer) -> None:
    """By patterns as in `exclude`, on paths of the site."""
    run("fill", "public")
    assert server.credits_spent == 2
    assert run("forget", "--site", "public", "nothing.png").exit_code == 1
    result = run("forget", "--site", "public", "sub/b.png")
    assert result.exit_code == 0
    assert "sub/b.png (en, alttextai)" in result.output
    (folder.site / "index.html").write_bytes(folder.files["index.html"])  # type: ignore[arg-type]
    run("fill", "public")
    assert server.credits_spent == 3


def test_the_next_step_names_the_folder(folder: BuiltFolder) -> None:
    """So that it can be copied."""
    said = run("fill", "public").output
    assert "`mkdocs-alttext catalog --site public`" in said
    (folder.project / "my site").mkdir()
    (folder.project / "my site" / "index.html").write_bytes(page('<img src="b.png">'))
    (folder.project / "my site" / "b.png").write_bytes(picture(7))
    assert "`mkdocs-alttext catalog --site 'my site'`" in run("fill", "my site").output


@pytest.mark.parametrize("option", ["generate: never", "publish: reviewed"])
def test_no_run_is_promised_that_asks_for_nothing(folder: BuiltFolder, option: str) -> None:
    """The command looks for drafts with options of its own, and tells of those in the file."""
    name, word = option.split(": ")
    (folder.project / "alttext.toml").write_text(f'{name} = "{word}"\n')
    said = run("catalog", "--site", "public").output
    assert f'(`{name} = "{word}"`)' in said
    assert "`mkdocs-alttext scan --site public`" in said


def test_the_next_step_names_the_file_with_the_options(folder: BuiltFolder) -> None:
    """As it was named on the command line."""
    (folder.project / "my.toml").touch()
    said = run("catalog", "--site", "public", "-f", "my.toml").output
    assert "`mkdocs-alttext scan --site public -f my.toml`" in said
    (folder.project / "alttext.toml").rename(folder.project / "my.toml")
    said = run("fill", "public", "-f", "my.toml").output
    assert "`mkdocs-alttext catalog --site public -f my.toml`" in said


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["scan", "catalog", "review"])
def test_who_leaves_the_folder_out_is_told_of_it(name: str) -> None:
    """There is no `mkdocs.yml`, and need not be one."""
    result = CliRunner().invoke(main, [name])
    assert result.exit_code == 2
    assert "name its folder, as in `--site public`" in result.output


def test_an_option_that_cannot_be_used_is_named(folder: BuiltFolder) -> None:
    """By each of them."""
    (folder.project / "alttext.toml").write_text("exclud = 'x'\n")
    for arguments in (["scan"], ["catalog"], ["forget", "x"], ["forget", "--all"]):
        result = run(*arguments, "--site", "public")
        assert result.exit_code == 2
        assert "Did you mean 'exclude'?" in result.output


def test_the_account_and_the_cache_are_those_of_the_options(
    folder: BuiltFolder, server: ApiServer
) -> None:
    """Where there is no `mkdocs.yml`, by the files that `fill` reads."""
    run("fill", "public")
    (folder.project / "alttext.toml").write_text(
        f'base_url = "{server.base_url}"\ncache_dir = "kept"\n'
    )
    assert "0 texts exported." in run("cache", "export", "texts.jsonl").output
    (folder.project / ".cache/plugin/alttext").rename(folder.project / "kept")
    (folder.project / "texts.jsonl").unlink()
    assert "2 texts exported." in run("cache", "export", "texts.jsonl").output
    assert "takes the key" in run("account").output
    (folder.project / "alttext.toml").write_text('service = "ocr"\n')
    assert "needs no key" in run("account").output
    (folder.project / "alttext.toml").write_text("servce = 1\n")
    for arguments in (["account"], ["cache", "export"]):
        assert "Did you mean 'service'?" in run(*arguments).output
