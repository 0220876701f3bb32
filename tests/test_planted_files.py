"""Files that a pull request may bring are read within bounds, and nothing waits for a pipe."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture
from click.testing import CliRunner
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files

from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.cli.findings import read_baseline
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.cli.output import CommandError
from mkdocs_alttext.exceptions import CatalogError, ImageError, UnusableKeyError
from mkdocs_alttext.models import Decision, Outcome, Result
from mkdocs_alttext.services.credentials import read_key
from mkdocs_alttext.site.files import SiteFiles
from mkdocs_alttext.system.files import leads_out, project_root, read_regular

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
MIB = 1024 * 1024


def pipe(path: Path) -> None:
    """Put a pipe there, into which nobody writes."""
    os.mkfifo(path)


def link_to_device(path: Path) -> None:
    """Put a link there to a device that never ends."""
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    """Put a folder there."""
    path.mkdir()


def too_much(path: Path) -> None:
    """Put more there than is read; it takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(33 * MIB)


PLANTED = [pipe, link_to_device, folder, too_much]


@posix
@pytest.mark.parametrize("plant", PLANTED)
def test_a_catalog_is_a_file_of_some_length(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    """Anything else stops the build with a sentence, at once."""
    path = tmp_path / "alttext.yml"
    plant(path)
    with pytest.raises(CatalogError) as raised:
        read_catalog(path)
    assert str(path) in str(raised.value)


@posix
@pytest.mark.parametrize(
    ("plant", "why"), [(pipe, "no regular file"), (too_much, "more than 32 MiB")]
)
def test_a_build_ends_over_such_a_catalog(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    plant: Callable[[Path], None],
    why: str,
) -> None:
    """Instead of waiting for who writes into it."""
    site = TinySite(tmp_path, {"index.md": "![](a.png)", "a.png": picture()})
    plant(tmp_path / "alttext.yml")
    with pytest.raises(Abort):
        site.build()
    assert why in caplog.text


@posix
def test_a_catalog_may_be_a_link_inside_the_project(tmp_path: Path) -> None:
    """But it shows nothing of the machine that builds."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "docs").mkdir()
    real = project / "texts.yml"
    real.write_text("a.png: {status: decorative}\n", encoding="utf-8")
    for name in ("alttext.yml", "docs/alttext.yml"):
        (project / name).symlink_to(real)
        assert set(read_catalog(project / name)) == {"a.png"}
    secret = tmp_path / "secret"
    secret.write_text("password: hunter2\n", encoding="utf-8")
    (project / "other.yml").symlink_to("../secret")
    (project / "away").symlink_to(tmp_path)
    for name in ("other.yml", "away/secret"):
        with pytest.raises(CatalogError, match="leads out of the project") as raised:
            read_catalog(project / name)
        assert "hunter2" not in str(raised.value)
    assert read_catalog(project / "none.yml") == {}


@posix
def test_a_project_may_itself_be_behind_a_link(tmp_path: Path) -> None:
    """As the temporary folders of some systems are, and one that is no repository."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "alttext.yml").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    catalog = tmp_path / "link" / "alttext.yml"
    assert not leads_out(catalog, project_root(catalog))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\n",
        "a.png: &a {alt: x, status: draft}\nb.png: *a\n",
        "a.png: {alt: " + "[" * 100_000,
        "a" * 5_000_000,
        '"' + "\\n" * 3_000_000,
    ],
    ids=["lists", "mappings", "items", "keys", "aliases", "alias", "alt", "word", "escapes"],
)
def test_a_catalog_that_was_made_to_be_costly_is_not(tmp_path: Path, text: str) -> None:
    """It is refused where it departs from the grammar."""
    path = tmp_path / "alttext.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError):
        read_catalog(path)


@posix
@pytest.mark.parametrize("plant", PLANTED)
def test_a_baseline_is_a_file_of_some_length(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    """Anything else is told."""
    path = tmp_path / "baseline.json"
    plant(path)
    with pytest.raises(CommandError):
        read_baseline(path)


def test_a_baseline_that_is_nested_too_deeply_is_none(tmp_path: Path) -> None:
    """It is no reason to break down."""
    path = tmp_path / "baseline.json"
    path.write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(CommandError, match="not a baseline"):
        read_baseline(path)


@posix
@pytest.mark.parametrize("plant", PLANTED)
def test_a_key_is_read_from_a_short_file(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    """Whatever a variable names."""
    path = tmp_path / "key"
    plant(path)
    with pytest.raises(UnusableKeyError, match="KEY_FILE"):
        read_key("KEY", {"KEY_FILE": str(path)})


@posix
@pytest.mark.parametrize("plant", PLANTED)
def test_what_a_page_includes_is_read_when_it_is_a_file(
    tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    """Else the image's line is not known, and that is all."""
    plant(tmp_path / "part.md")
    page = tmp_path / "page.md"
    page.write_text('--8<-- "part.md"\n\n![](a.png)\n', encoding="utf-8")
    outcome = Outcome("index.html", "page.md", "b.png", Decision.ASK_SERVICE, Result.MISSING)
    assert Locator([tmp_path]).places([outcome], page) == {}


@posix
@pytest.mark.parametrize("plant", [pipe, link_to_device])
def test_a_picture_is_a_file(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    """One that is none is not waited for."""
    plant(tmp_path / "a.png")
    files = SiteFiles()
    files.follow(
        Files([File("a.png", str(tmp_path), str(tmp_path / "site"), use_directory_urls=False)])
    )
    with pytest.raises(ImageError, match="no regular file"):
        files.read("a.png")


@posix
def test_a_pipe_that_takes_a_file_s_place_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the opening."""
    path = tmp_path / "file"
    path.write_bytes(b"")
    regular = path.stat()
    path.unlink()
    pipe(path)
    with monkeypatch.context() as patch:
        patch.setattr(type(path), "stat", lambda *_, **__: regular)
        with pytest.raises(OSError, match="no regular file"):
            read_regular(path)
    assert stat.S_ISFIFO(path.stat().st_mode)


@posix
@pytest.mark.parametrize("command", ["scan", "catalog", "apply"])
def test_a_command_ends_over_a_catalog_that_is_a_pipe(tmp_path: Path, command: str) -> None:
    """With the status of what could not be done."""
    config = TinySite(tmp_path, {"index.md": "![](a.png)", "a.png": picture()}).write()
    pipe(tmp_path / "alttext.yml")
    result = CliRunner().invoke(main, [command, "-f", str(config)])
    assert result.exit_code == 2
    assert "no regular file" in result.output
