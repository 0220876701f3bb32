"""`mkdocs-alttext forget`: what is forgotten is asked for anew, and nothing else is."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from api_server import API_KEY, ApiServer, faults
from built_site import TinySite, picture
from click.testing import CliRunner
from PIL import Image

from mkdocs_alttext.catalog.drafting import without_texts
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCS: dict[str, str | bytes] = {
    "index.md": "![](img/a.png) ![](img/b.png) ![](c.png)\n",
    "german.md": "---\nalttext: {lang: de}\n---\n![](img/a.png)\n",
    "img/a.png": picture(1),
    "img/b.png": picture(2),
    "c.png": picture(3),
}


def test_of_an_animation_what_was_sent_is_forgotten_too(tmp_path: Path, server: ApiServer) -> None:
    """It has the text under its own digest, which no file has: it is neither left nor listed."""
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    frames[0].paste("white", (0, 0, 20, 20))
    docs: dict[str, str | bytes] = {"index.md": "![](1.png) ![](2.png)\n"}
    for number, later in enumerate(frames[1:], 1):
        buffer = io.BytesIO()
        frames[0].save(buffer, "PNG", save_all=True, append_images=[later])
        docs[f"{number}.png"] = buffer.getvalue()
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url})
    tiny.build()
    assert asked(server) == 1
    said = run(tiny, "forget", "1.png")
    assert "1 text of the cache and 0 drafts" in said
    assert [line for line in said.splitlines() if line.startswith("  ")] == [
        "  1.png (en, alttextai)"
    ]
    tiny.build()
    assert asked(server) == 1
    assert "2 texts of the cache" in run(tiny, "forget", "--all")
    tiny.build()
    assert asked(server) == 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site whose texts are all in the cache."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch, ApiServer() as server:
        patch.setenv("ALTTEXTAI_API_KEY", API_KEY)
        TinySite(folder, DOCS, {"base_url": server.base_url}).build()
        assert asked(server) == 4
    return folder


@pytest.fixture
def site(tmp_path: Path, filled: Path, server: ApiServer) -> TinySite:
    """Return such a site."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return TinySite(tmp_path, DOCS, {"base_url": server.base_url})


def asked(server: ApiServer) -> int:
    """Count the requests for texts so far, and forget them."""
    count = sum(call.path.endswith("/generate") for call in server.calls)
    server.calls.clear()
    return count


def run(site: TinySite, command: str, *arguments: str, status: int = 0) -> str:
    """Run a command; return what it prints."""
    config = str(site.write())
    result = CliRunner().invoke(main, [command, "-f", config, *arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (["img/a.png"], 2),
        (["img/"], 3),
        (["*.png"], 4),
        (["img/*", "!img/b.png"], 2),
        (["docs/img/b.png"], 1),
        (["--all"], 4),
        (["--service", "alttextai"], 4),
        (["--service", "alttextai", "c.png"], 1),
    ],
)
def test_what_is_forgotten_is_asked_for_anew(
    site: TinySite, server: ApiServer, arguments: list[str], count: int
) -> None:
    """In all languages; the next but one finds all of it."""
    said = run(site, "forget", *arguments)
    assert f"{count} text{'s' * (count != 1)} of the cache and 0 drafts" in said
    assert asked(server) == 0
    site.build()
    assert asked(server) == count
    site.build()
    assert asked(server) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.png"],
        ["--service", "ocr"],
        ["--model", "large"],
        ["--refused"],
        ["--refused", "img/"],
        ["--service", "alt"],
    ],
)
def test_nothing_matched(site: TinySite, server: ApiServer, arguments: list[str]) -> None:
    """It says so, with a status of its own."""
    assert "Nothing matched" in run(site, "forget", *arguments, status=1)
    site.build()
    assert asked(server) == 0


@pytest.mark.parametrize("arguments", [[], ["--dry-run"], ["--all", "a.png"]])
def test_it_must_be_told_what_to_forget(
    site: TinySite, server: ApiServer, arguments: list[str]
) -> None:
    """Everything is not what anybody means by nothing."""
    run(site, "forget", *arguments, status=2)
    site.build()
    assert asked(server) == 0


def test_a_dry_run_lists_and_forgets_nothing(site: TinySite, server: ApiServer) -> None:
    """With the paths of the pictures."""
    said = run(site, "forget", "img/", "--dry-run")
    assert "would be forgotten" in said
    assert said.count("img/a.png") == 2
    assert "img/a.png (de, alttextai)" in said
    site.build()
    assert asked(server) == 0


def test_refused_answers_are_forgotten_alone(site: TinySite, server: ApiServer) -> None:
    """Among them what a larger limit would publish, and what the service marked as failed."""
    run(site, "forget", "--all")
    server.script(None, faults.text("x " * 1000), faults.success_false())
    site.build()
    assert asked(server) == 4
    assert "2 texts of the cache" in run(site, "forget", "--refused")
    site.build()
    assert asked(server) == 2


def test_drafts_that_nobody_changed_go_and_all_else_stays(
    site: TinySite, server: ApiServer
) -> None:
    """What a person approved, wrote or changed is listed, and goes on being used."""
    run(site, "catalog")
    path = site.folder / "alttext.yml"
    text = path.read_text(encoding="utf-8")
    entries = parse_catalog(text, "")
    text = text.replace(entries["c.png"].texts["en"], "My words")
    text = text.replace("# Alt text", "# Kim's notes\n# Alt text")
    path.write_text(text, encoding="utf-8")
    said = run(site, "forget", "--all")
    assert "4 texts of the cache and 2 drafts of alttext.yml are forgotten" in said
    assert "Left in alttext.yml, as a person approved, wrote or changed them: c.png." in said
    left = path.read_text(encoding="utf-8")
    assert left.startswith("# Kim's notes\n")
    assert list(parse_catalog(left, "")) == ["c.png"]
    built = site.build()
    assert 'alt="My words"' in built.page()
    assert asked(server) == 3


def test_other_languages_and_services_of_a_draft_stay(site: TinySite, server: ApiServer) -> None:
    """They were paid for, too, and a machine without the cache has them from the catalog only."""
    run(site, "forget", "img/a.png")
    server.script(None, faults.text("x " * 1000))
    site.build()
    run(site, "catalog")
    path = site.folder / "alttext.yml"
    before = path.read_text(encoding="utf-8")
    assert "refused:" in before
    entry = parse_catalog(before, "")["img/a.png"]
    (refused,) = entry.notes["refused"]
    assert "Nothing matched" in run(site, "forget", "--service", "ocr", "--refused", status=1)
    said = run(site, "forget", "--refused")
    assert f"  img/a.png ({refused}, draft in alttext.yml)" in said
    after = path.read_text(encoding="utf-8")
    left = parse_catalog(after, "")["img/a.png"]
    assert dict(left.texts) == {key: entry.texts[key] for key in entry.texts if key != refused}
    assert (left.is_untouched, left.notes) == (True, {})
    assert len(before.splitlines()) - len(after.splitlines()) == 2
    asked(server)
    site.build()
    assert asked(server) == 1
    run(site, "catalog")
    assert parse_catalog(path.read_text(encoding="utf-8"), "")["img/a.png"].texts.keys() == {
        "de",
        "en",
    }


def test_what_could_not_be_forgotten_keeps_its_draft(site: TinySite) -> None:
    """A draft that is gone would be asked for anew by a machine without the cache."""
    run(site, "catalog")
    before = (site.folder / "alttext.yml").read_bytes()
    database = next(site.folder.rglob("cache.db"))
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        run(site, "forget", "--all", status=2)
    assert (site.folder / "alttext.yml").read_bytes() == before


def test_a_catalog_that_cannot_be_written_is_told_with_what_is_forgotten(site: TinySite) -> None:
    """Else a user would not know that the next build asks for texts."""
    run(site, "catalog")
    path = site.folder / "alttext.yml"
    path.rename(site.folder / "moved.yml")
    path.symlink_to("moved.yml")
    said = run(site, "forget", "img/a.png", status=2)
    assert "2 texts of the cache are forgotten, and no draft of alttext.yml is" in said
    assert "img/a.png" in (site.folder / "moved.yml").read_text(encoding="utf-8")


def test_a_draft_is_forgotten_without_a_cache(site: TinySite, server: ApiServer) -> None:
    """The catalog came from another machine: it must not bring the text back."""
    run(site, "catalog")
    database = next(site.folder.rglob("cache.db"))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM Cache")
    assert "0 texts of the cache and 1 draft of" in run(site, "forget", "img/a.png")
    site.build()
    assert asked(server) == 2


def test_without_cache_and_catalog_nothing_is_made(tmp_path: Path, server: ApiServer) -> None:
    """Not even a folder."""
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url})
    run(tiny, "forget", "--all", status=1)
    run(tiny, "forget", "a.png", status=1)
    assert not (tmp_path / ".cache").exists()


def test_a_cache_that_cannot_be_written_is_told(site: TinySite) -> None:
    """With what is wrong."""
    database = next(site.folder.rglob("cache.db"))
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = run(site, "forget", "--all", status=2)
    assert "Nothing was forgotten" in said
    assert "is locked by" in said


def test_a_build_that_needs_nothing_knows_its_pictures(tmp_path: Path, server: ApiServer) -> None:
    """All images have text by now; the cache still has what was paid for."""
    docs: dict[str, Any] = {**DOCS}
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url})
    tiny.build()
    asked(server)
    docs["index.md"] = docs["german.md"] = "![Text](img/a.png) ![Text](img/b.png) ![Text](c.png)"
    assert "2 texts of the cache" in run(tiny, "forget", "img/a.png")


CATALOG = """\
# Ours.

a.png:
  alt:
    en: "A # red \\"kite\\""
  status: draft

# About b.
b.png:
  alt: One # Kim looks
  status: draft

c.png: {alt: Two, status: draft}
d.png:
  alt: |
    Three

  status: draft
# The end.
"""


@pytest.mark.parametrize(
    ("paths", "gone", "stuck"),
    [
        ({"a.png"}, ["# Ours.\n\n# About b."], []),
        ({"b.png"}, ["# Kim looks"], ["b.png"]),
        ({"c.png"}, ["status: draft\n\nd.png"], []),
        ({"d.png"}, ["draft}\n# The end."], []),
        ({"a.png", "c.png", "d.png"}, ["# Ours.\n\n# About b.\nb.png"], []),
        (set(), [], []),
    ],
)
def test_entries_are_taken_out_and_all_else_stays(
    paths: set[str], gone: list[str], stuck: list[str]
) -> None:
    """A comment within an entry keeps it there: somebody wrote it."""
    meant = {path: parse_catalog(CATALOG, "")[path].texts for path in paths}
    removal = without_texts(CATALOG, meant, name="alttext.yml")
    assert (set(removal.removed), removal.stuck) == (paths - set(stuck), stuck)
    assert all(each in removal.text for each in gone)
    assert "# Ours." in removal.text
    assert "# The end." in removal.text
    left = {"a.png", "b.png", "c.png", "d.png"} - set(removal.removed)
    assert set(parse_catalog(removal.text, "")) == left


def test_a_catalog_in_braces_stays() -> None:
    """Nothing is written that was not meant."""
    text = "{a.png: {alt: x, status: draft}, b.png: {alt: y, status: draft}}\n"
    assert without_texts(text, {"a.png": [""]}, name="") == (text, [], ["a.png"])
    with pytest.raises(CatalogError):
        without_texts("a.png", {"a.png": [""]}, name="")


def make_pipe(database: Path) -> None:
    """Put a pipe in the place of the database."""
    database.unlink()
    os.mkfifo(database)


def make_folder(database: Path) -> None:
    """Put a folder there."""
    database.unlink()
    database.mkdir()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and folders as POSIX has them")
@pytest.mark.parametrize("plant", [make_pipe, make_folder])
@pytest.mark.parametrize("arguments", [["--all"], ["img/a.png"], ["--all", "--dry-run"]])
def test_a_cache_that_cannot_be_read_is_an_error(
    site: TinySite, plant: Callable[[Path], None], arguments: list[str]
) -> None:
    """Nobody knows what matched; what is wrong is said once."""
    plant(site.folder / ".cache/plugin/alttext/cache.db")
    said = run(site, "forget", *arguments, status=2)
    assert said.count("is not a file") == 1
    assert "Nothing was forgotten of the cache" in said
    assert "Nothing matched" not in said


def test_a_cache_that_is_locked_is_an_error(site: TinySite) -> None:
    """As by another program's transaction."""
    database = site.folder / ".cache/plugin/alttext/cache.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        assert "is locked by another program" in run(site, "forget", "--all", status=2)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes as POSIX has them")
@pytest.mark.parametrize(
    ("arguments", "status"), [(["scan"], 1), (["catalog"], 0), (["apply", "--drafts"], 2)]
)
def test_each_command_says_that_the_cache_could_not_be_read(
    site: TinySite, arguments: list[str], status: int
) -> None:
    """On standard error: what it says of the images is said without their texts."""
    make_pipe(site.folder / ".cache/plugin/alttext/cache.db")
    result = CliRunner().invoke(main, [*arguments, "-f", str(site.write())])
    assert result.exit_code == status
    assert result.stderr.count("cannot be used (cache.db is not a file)") == 1
