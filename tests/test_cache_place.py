"""A cache inside `docs_dir`: used where MkDocs does not publish it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import TinySite, picture
from click.testing import CliRunner
from mkdocs.config import load_config

from mkdocs_alttext.cli.main import main

DOCS: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}


def site(folder: Path, server: ApiServer, cache: str, **config: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site of one page with its cache somewhere."""
    options = {"base_url": server.base_url, "cache_dir": cache}
    return TinySite(folder, DOCS, options, config=config)


@pytest.mark.parametrize("cache", ["docs/.cache/plugin/alttext", "docs/sub/.texts", "docs/.a/b/c"])
def test_a_cache_that_is_not_published_is_used(
    tmp_path: Path, server: ApiServer, cache: str
) -> None:
    """As the default is where `docs_dir` is the folder of `mkdocs.yml`: paid once, in no site."""
    tiny = site(tmp_path, server, cache)
    first = tiny.build(strict=True)
    assert server.ledger.total() == 1
    seen = first.files()
    server.calls.clear()
    second = tiny.build(strict=True)
    assert second.files() == seen
    assert server.calls == []
    assert list((tmp_path / cache).rglob("cache.db"))
    assert not [name for name in seen if "cache" in name or "digests" in name]


@pytest.mark.parametrize(
    ("cache", "patterns"),
    [
        ("docs/.cache/alttext", "!.cache"),
        ("docs/.cache/alttext", "!/.cache/\n"),
        ("docs/.cache/alttext", "!*.db\n"),
        ("docs/.cache/alttext", "!cache.db-wal\n"),
        ("docs/cache", ""),
        ("docs/templates-of-mine", "/templates/"),
    ],
)
def test_a_cache_that_would_be_published_is_not(
    tmp_path: Path, server: ApiServer, cache: str, patterns: str
) -> None:
    """The advice is never the folder that was just refused."""
    tiny = site(tmp_path, server, cache, exclude_docs=patterns)
    built = tiny.build()
    (warning,) = built.messages("WARNING")
    assert "inside docs_dir" in warning
    assert "such as the default" not in warning
    assert server.ledger.total() == 0


def test_a_cache_that_the_site_excludes_is_used(tmp_path: Path, server: ApiServer) -> None:
    """Whatever its name."""
    tiny = site(tmp_path, server, "docs/texts", exclude_docs="/texts/\n")
    assert "texts" not in str(tiny.build(strict=True).files().keys())
    tiny.config = {"draft_docs": "/texts/\n"}  # which `mkdocs serve` publishes
    assert len(tiny.build().messages("WARNING")) == 1


def test_what_is_in_the_folder_already_counts(tmp_path: Path, server: ApiServer) -> None:
    """A folder of anybody's names."""
    (tmp_path / "docs" / ".cache").mkdir(parents=True)
    (tmp_path / "docs" / ".cache" / "odd.sqlite").touch()
    tiny = site(tmp_path, server, "docs/.cache", exclude_docs="!odd.sqlite\n")
    assert len(tiny.build().messages("WARNING")) == 1


def test_a_link_inside_docs_dir_does_not_hide_a_cache(tmp_path: Path, server: ApiServer) -> None:
    """MkDocs follows links, and would publish what is behind them."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "docs" / "texts").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    built = site(tmp_path, server, "docs/texts").build()
    assert "inside docs_dir" in built.messages("WARNING")[0]
    assert server.ledger.total() == 0


def planted(tmp_path: Path, cache: str) -> Path:
    """Make a project with a repository and a link out of it; return the cache's real folder."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    (project / "link").symlink_to(tmp_path / "home", target_is_directory=True)
    (project / "hidden").symlink_to(".git", target_is_directory=True)
    return (project / cache).resolve()


@pytest.mark.parametrize(
    "cache", [".git", ".git/alttext", "link", "link/alttext", "hidden/texts", "../x/.GIT/texts"]
)
@pytest.mark.parametrize("command", ["build", "forget", "scan"])
def test_a_cache_in_a_repository_s_own_folder_or_behind_a_link_is_not_used(
    tmp_path: Path, server: ApiServer, cache: str, command: str
) -> None:
    """Whoever can commit a link and change `mkdocs.yml` may write nothing there."""
    folder = planted(tmp_path, cache)
    before = [*folder.iterdir()] if folder.exists() else None
    tiny = site(tmp_path / "project", server, cache)
    if command == "build":
        (warning,) = tiny.build().messages("WARNING")
        assert "leads into a .git, or by a link out of the project" in warning
    else:
        arguments = ["forget", "--all"] if command == "forget" else ["scan"]
        ran = CliRunner().invoke(main, [*arguments, "-f", str(tiny.write())])
        assert ran.exit_code == (2 if command == "forget" else 1)
        assert "leads into a .git, or by a link out of the project" in ran.output
    assert server.ledger.total() == 0
    assert before == ([*folder.iterdir()] if folder.exists() else None)


def test_a_cache_elsewhere_that_is_named_itself_is_used(tmp_path: Path, server: ApiServer) -> None:
    """As several projects may share one; a link inside of the project is no harm either."""
    planted(tmp_path, "link")
    assert site(tmp_path / "project", server, str(tmp_path / "shared")).build(strict=True)
    (tmp_path / "project" / ".cache").mkdir()
    (tmp_path / "project" / "inner").symlink_to(".cache", target_is_directory=True)
    assert site(tmp_path / "project", server, "inner").build(strict=True)
    assert server.ledger.total() == 2


class Server:
    """What MkDocs has to watch files, without a thread."""

    def __init__(self, docs_dir: str) -> None:
        """Watch `docs_dir`, as MkDocs does first."""
        self.watched = {docs_dir: True}

    def watch(self, path: str, *, recursive: bool = True) -> None:
        """Watch a folder."""
        self.watched[path] = recursive

    def unwatch(self, path: str) -> None:
        """Watch a folder no longer."""
        del self.watched[path]

    def sees(self, file: Path) -> int:
        """Count the watches that a file is under."""
        return sum(
            file.parent == Path(path) or (is_deep and Path(path) in file.parents)
            for path, is_deep in self.watched.items()
        )


@pytest.mark.parametrize(
    "cache", ["docs/.cache/plugin/alttext", "docs/sub/deep/.texts", "docs/.new/texts"]
)
def test_serve_watches_all_but_the_cache(tmp_path: Path, server: ApiServer, cache: str) -> None:
    """Else it would build again for ever: a build writes into the cache, which is a change."""
    tiny = site(tmp_path, server, cache)
    names = ["index.md", "sub/a.md", "sub/deep/b.md", "other/deep/c.md", ".cache/plugin/x/y.json"]
    tiny.docs = {**DOCS, **dict.fromkeys(names, "# Page\n")}
    config = load_config(str(tiny.write()))
    watching: Any = Server(config.docs_dir)
    config.plugins.on_serve(watching, config=config, builder=lambda: None)
    docs = Path(config.docs_dir)
    assert Counter(watching.sees(docs / name) for name in names) == {1: len(names)}
    for name in ("cache.db", "cache.db-wal", "deeper/other"):
        assert watching.sees(tmp_path / cache / name) == 0


def test_serve_watches_what_it_did_where_the_cache_is_elsewhere(
    tmp_path: Path, server: ApiServer
) -> None:
    """As by default."""
    config = load_config(str(site(tmp_path, server, "cache").write()))
    watching: Any = Server(config.docs_dir)
    config.plugins.on_serve(watching, config=config, builder=lambda: None)
    assert watching.watched == {config.docs_dir: True}
