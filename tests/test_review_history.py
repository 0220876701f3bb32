"""The picture that a stale text is about, from the project's own repository and from no other."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from built_site import picture
from review_site import digest, item_of, opened, served, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.review.items import Item
    from mkdocs_alttext.review.session import Session

GIT = shutil.which("git") or ""
pytestmark = pytest.mark.skipif(not GIT, reason="needs Git")
OLD, NEW = picture(1), picture(2)
CATALOG = f'img/a.png:\n  alt:\n    en: "A"\n  status: reviewed\n  sha256: {digest(OLD)}\n'
POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:" + digest(OLD).encode() + b"\nsize %d\n" % len(OLD)
)


def git(folder: Path, *arguments: str) -> None:
    """Run Git as somebody."""
    who = {
        f"GIT_{role}_{what}": "x@ex.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {**os.environ, **who, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([GIT, *arguments], cwd=folder, env=environment, check=True, capture_output=True)


@contextmanager
def stale(
    folder: Path, *versions: bytes, last: bytes = NEW, commits: bool = True
) -> Iterator[Session]:
    """Open a review of a picture that had some versions, in a repository."""
    path = folder / "docs" / "img" / "a.png"
    path.parent.mkdir(parents=True)
    if commits:
        git(folder, "init", "-q")
    for data in versions:
        path.write_bytes(data)
        if commits:
            git(folder, "add", "-A")
            git(folder, "commit", "-qm", "x")
    docs = {"index.md": "![](img/a.png)\n", "img/a.png": last}
    with opened(folder, docs=docs, catalog=CATALOG, options={}) as session:
        yield session


def shown(session: Session) -> Item:
    """Return what the page of the picture shows."""
    return item_of(session, "img/a.png")


def test_the_old_picture_stands_beside_the_new_one(tmp_path: Path) -> None:
    """It is found by the digest in the catalog, among others."""
    with stale(tmp_path / "site", picture(5), OLD, picture(6)) as session:
        item = shown(session)
        assert item.old_picture
        assert (item.old_picture.width, item.old_picture.size) == (25, len(OLD))
        assert item.old_note == ""
        with served(session) as browser:
            status, headers, data = browser.open().ask("GET", item.old_picture.url)
            assert (status, headers["content-type"]) == (200, "image/png")
            assert headers["cache-control"] == "no-store"
            assert data


def test_a_text_that_is_not_stale_has_none(tmp_path: Path) -> None:
    """Git is not asked."""
    with stale(tmp_path / "site", OLD, last=OLD) as session:
        item = shown(session)
        assert (item.old_picture, item.old_note) == (None, "")


@pytest.mark.parametrize(
    ("versions", "words"),
    [((picture(5), picture(6)), "not among the last"), ((POINTER,), "Git LFS")],
)
def test_what_cannot_be_had_is_said(
    tmp_path: Path, versions: tuple[bytes, ...], words: str
) -> None:
    """In one sentence, in place of the picture."""
    with stale(tmp_path / "site", *versions) as session:
        assert words in shown(session).old_note
        with served(session) as browser:
            unit = unit_of(session, "img/a.png")
            assert browser.open().ask("GET", f"/old/{unit.id}")[0] == 404


def test_only_so_many_versions_are_looked_at(tmp_path: Path) -> None:
    """A history may have thousands."""
    with stale(tmp_path / "site", OLD, *(picture(10 + n) for n in range(20))) as session:
        assert "not among the last 20" in shown(session).old_note


def test_without_a_repository_there_is_no_old_picture(tmp_path: Path) -> None:
    """The cache has texts, and no pictures."""
    with stale(tmp_path / "site", OLD, commits=False) as session:
        assert "no Git repository" in shown(session).old_note


def test_a_repository_among_the_sources_is_not_asked(tmp_path: Path) -> None:
    """A pull request can make a folder look like one."""
    folder = tmp_path / "site"
    with stale(folder, OLD) as session:
        nested = folder / "docs" / "img" / ".git"
        shutil.copytree(folder / ".git", nested)
        (nested / "config").write_text(
            f'[core]\n\tfsmonitor = "touch {tmp_path}/ran"\n\tpager = "touch {tmp_path}/ran"\n'
        )
        assert shown(session).old_note
        assert not (tmp_path / "ran").exists()


def test_nothing_that_was_committed_runs(tmp_path: Path) -> None:
    """Neither filters nor text conversions of attributes, nor hooks."""
    folder = tmp_path / "site"
    folder.mkdir()
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    program.chmod(0o755)
    git(folder, "init", "-q")
    for key in ("filter.x.smudge", "diff.x.textconv", "diff.x.command", "core.fsmonitor"):
        git(folder, "config", key, str(program))
    with stale(folder, OLD) as session:
        (folder / ".gitattributes").write_text("*.png filter=x diff=x\n")
        hook = folder / ".git" / "hooks" / "post-checkout"
        hook.parent.mkdir(exist_ok=True)
        shutil.copy(program, hook)
        (tmp_path / "ran").unlink(missing_ok=True)
        assert shown(session).old_picture
        assert not (tmp_path / "ran").exists()


def test_a_hostile_old_picture_is_decoded_as_hostile_files_are(tmp_path: Path) -> None:
    """What cannot be decoded is not shown."""
    bomb = OLD[:40]
    catalog_digest = digest(bomb)
    folder = tmp_path / "site"
    path = folder / "docs" / "img" / "a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(bomb)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    docs = {"index.md": "![](img/a.png)\n", "img/a.png": NEW}
    text = CATALOG.replace(digest(OLD), catalog_digest)
    with opened(folder, docs=docs, catalog=text, options={}) as session:
        item = shown(session)
        assert item.old_picture is None
        assert item.old_note
