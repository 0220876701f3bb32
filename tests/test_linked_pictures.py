"""Pictures that are shown by symbolic links: what is kept back stays so by any other name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import Built, TinySite, picture
from click.testing import CliRunner
from mkdocs.structure.files import File, Files

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.site.files import SiteFiles

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
pytestmark = posix

LINKS = {
    "a file": ("pub/link.png", "../private/a.png"),
    "a folder": ("pub", "private"),
    "a folder in a folder": ("pub/more", "../private"),
    "a link to a link": ("pub/link.png", "../other/link.png"),
}
SHOWN = {"a folder": "pub/a.png", "a folder in a folder": "pub/more/a.png"}


def site(folder: Path, server: ApiServer, kind: str, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site whose page shows a private picture through a link, and one that is open."""
    shown = SHOWN.get(kind, "pub/link.png")
    docs: dict[str, str | bytes] = {
        "index.md": f"![]({shown})\n\n![](b.png)\n",
        "private/a.png": picture(1),
        "b.png": picture(2),
    }
    link(folder / "docs" / "other" / "link.png", "../private/a.png")
    name, target = LINKS[kind]
    link(folder / "docs" / name, target)
    theme = {"theme": {"name": None, "custom_dir": "theme"}}  # without another page
    return TinySite(folder, docs, {"base_url": server.base_url, **options}, config=theme)


def link(path: Path, target: str | Path) -> None:
    """Make a link."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def reasons(built: Built) -> list[str]:
    """Return what kept each image from getting text."""
    assert built.report is not None
    return [image["reason"] for image in built.report["images"]]


@pytest.mark.parametrize("hides", [False, True], ids=["published", "exclude_docs"])
@pytest.mark.parametrize("pattern", ["private/", "/private/*.png", "a.png", "./private/"])
@pytest.mark.parametrize("kind", LINKS)
def test_a_link_to_an_excluded_picture_is_excluded(
    tmp_path: Path, server: ApiServer, kind: str, pattern: str, *, hides: bool
) -> None:
    """Whatever its own name is, and whether or not the picture itself is published."""
    tiny = site(tmp_path, server, kind, exclude=[pattern, "!pub/link.png"])
    if hides:
        tiny.config["exclude_docs"] = "private/\n"
    built = tiny.build()
    assert reasons(built) == ["excluded", None]
    assert server.ledger.total() == 1


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_to_what_is_not_included_is_left(
    tmp_path: Path, server: ApiServer, kind: str
) -> None:
    """All its names must be."""
    built = site(tmp_path, server, kind, include=["pub/", "b.png"]).build(strict=True)
    assert reasons(built) == ["excluded", None]
    assert server.ledger.total() == 1


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_to_what_is_not_published_is_left(
    tmp_path: Path, server: ApiServer, kind: str
) -> None:
    """MkDocs leaves the picture out, and publishes the link."""
    tiny = site(tmp_path, server, kind)
    tiny.config["exclude_docs"] = "private/\n"
    assert reasons(tiny.build(strict=True)) == ["excluded", None]
    assert server.ledger.total() == 1


CHAINS = {
    "files": ("l.png", {"l.png": "private/b.png", "private/b.png": "../other/c.png"}),
    "folders": ("pub/c.png", {"pub": "private", "private": "other"}),
    "a folder through another": ("pub/c.png", {"pub": "private/in", "private/in": "../other"}),
    "out of docs_dir and back": (
        "l.png",
        {"l.png": "../elsewhere.png", "../elsewhere.png": "docs/private/b.png"}
        | {"private/b.png": "../other/c.png"},
    ),
    "three": (
        "l.png",
        {"l.png": "m.png", "m.png": "private/b.png", "private/b.png": "../other/c.png"},
    ),
}


@pytest.mark.parametrize("option", ["exclude", "exclude_docs"])
@pytest.mark.parametrize("kind", CHAINS)
def test_each_name_on_the_way_counts(
    tmp_path: Path, server: ApiServer, kind: str, option: str
) -> None:
    """A link may show another link, which is what somebody keeps back."""
    shown, links = CHAINS[kind]
    for name, target in links.items():
        link(tmp_path / "docs" / name, target)
    docs: dict[str, str | bytes] = {"index.md": f"![]({shown})\n\n![](other/c.png)\n"}
    docs["other/c.png"] = picture(1)
    theme = {"theme": {"name": None, "custom_dir": "theme"}}
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url}, config=theme)
    if option == "exclude":
        tiny.options["exclude"] = ["private/"]
    else:
        tiny.config["exclude_docs"] = "private/\n"
    assert reasons(tiny.build(strict=True)) == ["excluded", None]
    assert server.ledger.total() == 1


def test_links_that_go_round_end(tmp_path: Path) -> None:
    """Nobody can read such a picture."""
    link(tmp_path / "docs" / "a.png", "b.png")
    link(tmp_path / "docs" / "b.png", "a.png")
    files = SiteFiles(str(tmp_path / "docs"), tmp_path)
    link(tmp_path / "docs" / "c.png", "a.png")
    file = File("c.png", str(tmp_path / "docs"), "site", use_directory_urls=True)
    files.follow(Files([file]))
    assert {name for name, _, _ in files.called("c.png")} == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize("kind", LINKS)
def test_another_link_is_a_picture_like_others(
    tmp_path: Path, server: ApiServer, kind: str
) -> None:
    """A pattern that names it matches it, and one that names its target is matched, too."""
    assert reasons(site(tmp_path, server, kind).build(strict=True)) == [None, None]
    assert server.ledger.total() == 2


def test_a_link_to_elsewhere_in_the_project_is_one_of_its_pictures(
    tmp_path: Path, server: ApiServer
) -> None:
    """It can be excluded by the name that it has in the project."""
    (tmp_path / "assets" / "secret").mkdir(parents=True)
    (tmp_path / "assets" / "a.png").write_bytes(picture(1))
    (tmp_path / "assets" / "secret" / "b.png").write_bytes(picture(2))
    link(tmp_path / "docs" / "img", "../assets")
    docs: dict[str, str | bytes] = {"index.md": "![](img/a.png)\n\n![](img/secret/b.png)\n"}
    options = {"base_url": server.base_url, "include": ["img/"], "exclude": ["assets/secret/"]}
    theme = {"theme": {"name": None, "custom_dir": "theme"}}
    built = TinySite(tmp_path, docs, options, config=theme).build(strict=True)
    assert reasons(built) == [None, "excluded"]
    assert not [text for text in built.messages() if "the pattern" in text]


def test_a_project_behind_a_link_is_as_any_other(tmp_path: Path, server: ApiServer) -> None:
    """Somebody chose that name; `docs_dir` may be a link in the project, too."""
    (tmp_path / "real").mkdir()
    link(tmp_path / "named", "real")
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    link(tmp_path / "real" / "docs", "sources")
    (tmp_path / "real" / "sources").mkdir()
    options = {"base_url": server.base_url, "include": ["/a.png"], "exclude": ["/sources/"]}
    theme = {"theme": {"name": None, "custom_dir": "theme"}}
    built = TinySite(tmp_path / "named", docs, options, config=theme).build(strict=True)
    assert reasons(built) == [None]


@pytest.mark.parametrize("kind", ["a file", "a folder"])
@pytest.mark.parametrize("is_cached", [False, True])
def test_what_a_link_shows_from_outside_of_the_project_is_not_read(
    tmp_path: Path, server: ApiServer, kind: str, *, is_cached: bool
) -> None:
    """Anybody can commit a link. A folder without a repository is a project, too."""
    home, folder = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    (home / "a.png").write_bytes(picture(1))
    if kind == "a file":
        link(folder / "docs" / "pub" / "a.png", home / "a.png")
    else:
        link(folder / "docs" / "pub", home)
    docs: dict[str, str | bytes] = {"index.md": "![](pub/a.png)\n"}
    if is_cached:
        docs |= {"index.md": "![](pub/a.png)\n\n![](b.png)\n", "b.png": picture(1)}
    theme = {"theme": {"name": None, "custom_dir": "theme"}}
    tiny = TinySite(folder, docs, {"base_url": server.base_url}, config=theme)
    for _ in range(2):
        built = tiny.build(strict=True)
        assert reasons(built) == ["outside-site", *[None] * is_cached]
        said = "(outside-site). The address leads out of the site (behind a link that leads out of"
        assert said in "".join(text for _, text in built.log)
        assert built.report is not None
        assert built.report["images"][0]["sha256"] is None
    assert server.ledger.total() == is_cached


def test_a_link_into_the_repository_s_own_files_leads_out(
    tmp_path: Path, server: ApiServer
) -> None:
    """They are no part of the project."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.png").write_bytes(picture(1))
    link(tmp_path / "docs" / "a.png", "../.git/a.png")
    theme = {"theme": {"name": None, "custom_dir": "theme"}}
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n"}
    built = TinySite(tmp_path, docs, {"base_url": server.base_url}, config=theme).build()
    assert reasons(built) == ["outside-site"]
    assert server.calls == []


def test_a_folder_that_somebody_chose_elsewhere_is_read(tmp_path: Path, server: ApiServer) -> None:
    """`docs_dir` may be anywhere; no link leads there."""
    docs: dict[str, str | bytes] = {"index.md": "x", "../../elsewhere/index.md": "![](a.png)\n"}
    docs["../../elsewhere/a.png"] = picture(1)
    config = {"theme": {"name": None, "custom_dir": "theme"}, "docs_dir": "../elsewhere"}
    (tmp_path / "project").mkdir()
    tiny = TinySite(tmp_path / "project", docs, {"base_url": server.base_url}, config=config)
    assert reasons(tiny.build(strict=True)) == [None]
    assert server.ledger.total() == 1


def test_a_scan_does_not_count_what_is_outside(tmp_path: Path) -> None:
    """Filling it costs nothing, as nobody does."""
    home, folder = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    (home / "a.png").write_bytes(picture(1))
    link(folder / "docs" / "a.png", home / "a.png")
    path = TinySite(folder, {"index.md": "![](a.png)\n"}).write()
    result = CliRunner().invoke(main, ["scan", "-f", str(path)])
    assert "a.png  outside-site" in result.output
    assert "credit" not in result.output
