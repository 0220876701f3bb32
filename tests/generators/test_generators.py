"""Sites that other generators build, filled by the recipes of docs/generators.md.

A generator that is not installed is skipped, with a word about it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from accessibility.verdicts import Violation, new_violations, violations
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from generators.recipes import NAMES, NotInstalledError, Recipe
from generators.served import Served

if TYPE_CHECKING:
    from pathlib import Path

    from accessibility.chromium import Chromium

BASES = {"hugo": "/docs/", "jekyll": "/docs/", "docusaurus": "/docs/", "zensical": "/docs/"}
"""Where the sites are published, when not at the root of their host."""
_ALT = re.compile(rb"\s+alt(?:=(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?(?=[\s/>])")
_IMAGE = re.compile(rb"<img\b[^>]*>")
_HYDRATED = """
new Promise(done => {
  const look = () => document.documentElement.dataset.hasHydrated === 'true'
    && document.querySelector('h1')?.textContent.includes('%s') ? done(true) : setTimeout(look, 50);
  look();
})
"""
_TEXTS = "[...document.querySelectorAll('main img')].map(image => image.getAttribute('alt'))"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer) -> Path:
    """Stand in an empty folder, with a service on loopback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALTTEXT_BASE_URL", server.base_url)
    return tmp_path


Judge = Callable[[str, "Path"], list[Violation]]


@pytest.fixture
def judge(browser: Chromium, axe: str) -> Judge:
    """Return what has axe-core judge the site of a generator."""

    def judged(name: str, site: Path) -> list[Violation]:
        with Served(site, browser, BASES.get(name, "/")) as served:
            return violations(served, axe, site)

    return judged


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for sites that are built once and filled by several tests."""
    return tmp_path_factory.mktemp("builds")


def built(name: str, here: Path, builds: Path) -> tuple[Recipe, Path]:
    """Build a site by its recipe, or skip the test; return its copy in the current folder."""
    recipe, folder = Recipe.of(name), builds / name
    try:
        site = folder / recipe.output if folder.exists() else recipe.built(folder)
    except NotInstalledError as error:
        pytest.skip(str(error))
    shutil.copytree(site, here / recipe.output)
    shutil.copy(folder / "alttext.toml", here)
    return recipe, here / recipe.output


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without_alt(content: bytes) -> bytes:
    """Return a page with no `alt` in any image."""
    return _IMAGE.sub(lambda image: _ALT.sub(b"", image[0]), content)


@pytest.mark.parametrize("name", NAMES)
def test_a_site_is_filled_once(
    name: str, here: Path, builds: Path, server: ApiServer, judge: Judge
) -> None:
    """Only alt text differs; a second run changes nothing; axe-core finds less, and nothing new."""
    recipe, site = built(name, here, builds)
    before = tree(site)
    found = judge(name, site)
    said = recipe.filled("--strict", "--report", "report.json")
    after = tree(site)
    assert after.keys() == before.keys()
    changed = [path for path in before if after[path] != before[path]]
    assert changed
    for path in changed:
        assert path.endswith(".html")
        assert without_alt(after[path]) == without_alt(before[path])
    for path in after:
        images = _IMAGE.findall(after[path]) if path.endswith(".html") else []
        assert all(b' alt="' in each or b"decorative" in each for each in images), images
    images = json.loads((here / "report.json").read_bytes())["images"]
    assert {each["language"] for each in images if each["outcome"] == "filled"} >= {"en", "de"}
    assert any(each["origin"] == "link-title" and each["alt"] == "Guide" for each in images)
    spent = server.credits_spent
    assert spent > 0
    assert " 0 left without text" in said
    assert "0 of " in recipe.filled("--strict").splitlines()[-1]
    assert tree(site) == after
    assert server.credits_spent == spent
    left = judge(name, site)
    assert new_violations(found, left) == []
    assert len(left) < len(found)
    assert not any(each.rule == "image-alt" for each in left)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "docusaurus"])
def test_pages_are_written_anew_by_each_build(name: str, tmp_path: Path) -> None:
    """So corrections get there, as docs/fill.md says; Docusaurus empties its folder."""
    recipe = Recipe.of(name)
    try:
        page = recipe.built(tmp_path / name) / "index.html"
    except NotInstalledError as error:
        pytest.skip(str(error))
    before = page.read_bytes()
    page.write_bytes(before + b"<!-- filled -->")
    recipe.run(tmp_path / name)
    if name == "sphinx":
        assert page.read_bytes() != before
        recipe.run(tmp_path / name, "-a")
    assert page.read_bytes() == before


def test_docusaurus_keeps_the_text_until_it_renders_the_page_itself(
    here: Path, builds: Path, browser: Chromium
) -> None:
    """React takes over what the file has; after a click it makes the next page by its program."""
    recipe, site = built("docusaurus", here, builds)
    recipe.filled("--strict")
    with Served(site, browser, "/docs/") as served:
        served.open(site / "index.html")
        served.evaluate(_HYDRATED % "Start")
        texts = served.evaluate(_TEXTS)
        assert all(texts), texts
        served.evaluate("document.querySelector('main a[href=\"/docs/guide\"]').click()")
        served.evaluate(_HYDRATED % "Guide")
        texts = served.evaluate(_TEXTS)
        assert texts, "the page has images"
        assert not any(texts), texts  # which docs/generators.md says
        served.open(site / "guide" / "index.html")
        served.evaluate(_HYDRATED % "Guide")
        texts = served.evaluate(_TEXTS)
        assert texts[:2] == [text for text in texts[:2] if text]


def test_the_catalog_knows_a_picture_by_its_digest(
    here: Path, server: ApiServer, builds: Path
) -> None:
    """Docusaurus gives pictures names with digests of its own, which change."""
    recipe, site = built("docusaurus", here, builds)
    recipe.filled("--dry-run", "--report", "report.json")
    images = json.loads((here / "report.json").read_bytes())["images"]
    digests = {each["file"]: each["sha256"] for each in images if each["sha256"]}
    (name,) = (file for file in digests if re.match(r"assets/images/leaf-\w+\.png", file))
    entry = f"assets/images/leaf-0123.png:\n  alt: Leaf\n  sha256: {digests[name]}\n"
    (here / "alttext.yml").write_text(f"{entry}  status: reviewed\n", encoding="utf-8")
    assert f"assets/images/leaf-0123.png is {name} now" in recipe.filled()
    assert b'alt="Leaf"' in (site / "index.html").read_bytes()
    assert all(call.sha256 != digests[name] for call in server.calls)
