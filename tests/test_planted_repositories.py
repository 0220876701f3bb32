"""`apply` asks Git about its own repository, and runs nothing that somebody planted among files."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.images.subprocess import prepared_apart

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result as Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="plants programs of a POSIX shell")

KEY = "key-0123456789-abcdef"
PAGE = "# Page\n\n![](/a.png)\n"
DONE = PAGE.replace("![]", "![A leaf]")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project, with a key in the environment, and without settings of a developer."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ALTTEXTAI_API_KEY", KEY)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Return where planted programs write their environment."""
    return tmp_path / "ran"


def tiny(folder: Path, *pages: str) -> None:
    """Write a site whose pages all show a picture that the catalog has a text for."""
    docs: dict[str, str | bytes] = dict.fromkeys(pages or ("index.md",), PAGE)
    config: dict[str, Any] = {
        "theme": {"name": None, "custom_dir": "theme"},
        "validation": {"links": {"absolute_links": "relative_to_docs"}},
    }
    TinySite(folder, {**docs, "a.png": picture(1)}, config=config).write()
    text = yaml.safe_dump({"a.png": {"alt": "A leaf", "status": "reviewed"}})
    (folder / "alttext.yml").write_text(text, encoding="utf-8")


def git(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Git in the current folder."""
    who = (
        "-c",
        "user.name=N",
        "-c",
        "user.email=n@example.org",
        "-c",
        "protocol.file.allow=always",
    )
    command = ["git", *who, *arguments]
    return subprocess.run(command, check=check, capture_output=True, text=True)


def commit(*arguments: str) -> None:
    """Commit all in the current folder, in a new repository."""
    git("init", "--quiet", *arguments)
    git("add", "--all")
    git("commit", "--quiet", "--message", "Begin")


def program(marker: Path) -> str:
    """Return a command that notes that it ran, and with which variables."""
    return f"env > {shlex.quote(str(marker))}; false"


def plant(folder: Path, marker: Path, *, worktree: str = ".") -> None:
    """Make of a folder what Git takes for a repository without `.git`: all of it can be committed.

    It has every setting that names a program and that `git status` may read.
    """
    for name in ("objects", "refs", "info"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "info" / "attributes").write_text("* filter=planted diff=planted\n")
    quoted = program(marker).replace("\\", "\\\\").replace('"', '\\"')
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
        f"\tworktree = {worktree}\n"
        f'\tfsmonitor = "{quoted}"\n\tpager = "{quoted}"\n\tsshCommand = "{quoted}"\n'
        f'[filter "planted"]\n\tclean = "{quoted}"\n\tprocess = "{quoted}"\n'
        f'[diff "planted"]\n\ttextconv = "{quoted}"\n'
        f'[alias]\n\tstatus = "!{quoted}"\n'
    )


def apply(*arguments: str, status: int = 0) -> Run:
    """Run the command in the current folder."""
    result = CliRunner().invoke(main, ["apply", *arguments])
    assert result.exit_code == status, result.output
    return result


def test_a_folder_that_looks_like_a_repository_is_a_folder(here: Path, marker: Path) -> None:
    """Git called there runs its program, which is what a pull request would want."""
    tiny(here, "index.md", "evil/page.md")
    plant(here / "docs" / "evil", marker)
    commit()
    git("-C", "docs/evil", "status", check=False)
    assert KEY in marker.read_text()
    marker.unlink()
    output = apply().output
    assert "2 texts written into 2 files" in output
    assert (here / "docs" / "evil" / "page.md").read_text() == DONE
    assert not marker.exists()


def test_uncommitted_files_of_such_a_folder_are_refused(here: Path, marker: Path) -> None:
    """They are the project's, as it can tell."""
    tiny(here, "evil/page.md")
    commit()
    plant(here / "docs" / "evil", marker)
    (here / "docs" / "evil" / "page.md").write_text(f"{PAGE}More.\n")
    assert "docs/evil/page.md has uncommitted changes" in apply(status=2).output
    assert not marker.exists()


@pytest.mark.parametrize("is_file", [False, True])
@pytest.mark.parametrize("has_project", [False, True])
def test_a_repository_among_the_sources_is_not_asked(
    here: Path, marker: Path, *, is_file: bool, has_project: bool
) -> None:
    """Whether the project is one itself or not; its files are written on request."""
    tiny(here, "nested/page.md")
    if has_project:
        commit()
    nested = here / "docs" / "nested"
    if is_file:
        plant(here / "docs" / "store", marker, worktree="../nested")
        (nested / ".git").write_text("gitdir: ../store\n")
    else:
        plant(nested / ".git", marker, worktree="..")
    git("-C", "docs/nested", "status", check=False)
    assert KEY in marker.read_text()
    marker.unlink()
    output = apply(status=2).output
    assert "docs/nested/page.md lies in another repository than the project" in output
    assert (nested / "page.md").read_text() == PAGE
    apply("--allow-dirty")
    assert (nested / "page.md").read_text() == DONE
    assert not marker.exists()


@pytest.mark.parametrize("content", ["gitdir: docs/evil\n", None])
def test_a_project_s_own_git_leads_nowhere_among_its_files(
    here: Path, marker: Path, content: str | None
) -> None:
    """As a file that names a folder of the sources, or as a link to it."""
    tiny(here)
    plant(here / "docs" / "evil", marker, worktree="../..")
    if content:
        (here / ".git").write_text(content)
    else:
        (here / ".git").symlink_to("docs/evil")
    git("status", check=False)
    assert KEY in marker.read_text()
    marker.unlink()
    assert "among the files of the project" in apply(status=2).output
    assert not marker.exists()


def test_a_project_that_looks_like_a_repository_is_none(here: Path, marker: Path) -> None:
    """With a `.git` that is none, Git would take the folder itself."""
    tiny(here)
    plant(here, marker)
    (here / ".git").mkdir()
    git("status", check=False)
    assert KEY in marker.read_text()
    marker.unlink()
    result = CliRunner().invoke(main, ["apply"])
    assert result.exit_code in {0, 2}
    assert not marker.exists()


def test_what_the_environment_says_of_git_does_not_hold(
    here: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of Git's has such variables, and they are about another repository."""
    tiny(here)
    commit()
    other = here / "docs" / "evil"
    plant(other, marker)
    monkeypatch.setenv("GIT_DIR", str(other))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", program(marker))
    assert "1 text written" in apply().output
    assert not marker.exists()


@pytest.mark.parametrize("folders", [["bin"], ["."], [""], ["{here}/bin"], ["{here}/docs/../bin"]])
def test_git_is_none_of_the_project_s_files(
    here: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, folders: list[str]
) -> None:
    """Whatever `PATH` says first; neither are programs that Git starts in turn."""
    tiny(here)
    commit()
    for place in (here, here / "bin"):
        place.mkdir(exist_ok=True)
        (place / "git").write_text(f"#!/bin/sh\n{program(marker)}\n")
        (place / "git").chmod(0o755)
    own = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join([*(f.format(here=here) for f in folders), *own]))
    assert "1 text written" in apply().output
    assert not marker.exists()


def test_a_git_in_the_project_alone_is_no_permission(
    here: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may tell whatever it was made to tell."""
    tiny(here)
    commit()
    (here / "bin").mkdir()
    (here / "bin" / "git").write_text(f"#!/bin/sh\n{program(marker)}\n")
    (here / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(here / "bin"))
    assert "one of the project's own files" in apply(status=2).output
    apply("--allow-dirty")
    assert not marker.exists()


def test_the_user_s_own_settings_run_without_the_key(here: Path, marker: Path) -> None:
    """Git trusts them, and a filter such as LFS is needed to compare files."""
    tiny(here)
    (here / ".gitattributes").write_text("*.md filter=own\n")
    commit()
    git("config", "filter.own.clean", f"env > {shlex.quote(str(marker))}; cat")
    git("config", "core.fsmonitor", f"env > {shlex.quote(str(marker))}.fs; false")
    os.utime(here / "docs" / "index.md", (1, 1))
    assert "1 text written" in apply().output
    assert KEY not in marker.read_text()
    assert not marker.with_name("ran.fs").exists()


def test_committed_attributes_name_no_program(here: Path, marker: Path) -> None:
    """A pull request can commit them, and a configuration that nobody includes."""
    tiny(here)
    plant(here / "docs" / "evil", marker)
    for place in (here, here / "docs"):
        (place / ".gitattributes").write_text("* filter=planted diff=planted\n")
        (place / ".gitconfig").write_text((here / "docs" / "evil" / "config").read_text())
        (place / ".lfsconfig").write_text(f"[lfs]\n\turl = ext::{program(marker)}\n")
    commit()
    os.utime(here / "docs" / "index.md", (1, 1))
    assert "1 text written" in apply().output
    assert not marker.exists()


def test_a_work_tree_and_a_submodule_are_asked(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their `.git` is a file that names a folder elsewhere."""
    tiny(here)
    commit()
    git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    (tmp_path / "outer").mkdir()
    monkeypatch.chdir(tmp_path / "outer")
    git("init", "--quiet")
    git("submodule", "--quiet", "add", str(here), "site")
    for place in (tmp_path / "tree", tmp_path / "outer" / "site"):
        assert (place / ".git").is_file()
        monkeypatch.chdir(place)
        assert "1 text written" in apply().output
        assert "docs/index.md has uncommitted changes" in apply_again(place)


def apply_again(place: Path) -> str:
    """Change the catalog's text and the source, and apply: Git has the source in another state."""
    (place / "docs" / "index.md").write_text(f"{PAGE}\n")
    return apply(status=2).output


def test_nothing_is_written_into_the_repository(here: Path) -> None:
    """Git refreshes its index where it may, and would run a hook then."""
    tiny(here)
    commit()
    os.utime(here / "docs" / "index.md", (1, 1))
    before = (here / ".git" / "index").read_bytes()
    apply()
    assert (here / ".git" / "index").read_bytes() == before


def test_a_decoder_gets_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same few variables are passed on to each program that is started."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", KEY)
    seen: list[dict[str, str]] = []
    run = subprocess.run

    def noted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as it has them
        seen.append(named["env"])
        return run(*arguments, **named)

    monkeypatch.setattr(subprocess, "run", noted)
    assert prepared_apart(picture(1)).width
    assert not [value for each in seen for value in each.values() if KEY in value]
