"""axe-core in a browser finds nothing on a page that it did not find without the plugin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from accessibility.verdicts import Violation, new_violations, unexplained, violations
from api_server import API_KEY
from neighbours.beside import MATERIAL, PAGES, build_beside
from neighbours.test_languages import LANGUAGES
from neighbours.test_material import BLOG

if TYPE_CHECKING:
    from accessibility.chromium import Chromium
    from api_server import ApiServer

PROJECT = Path(__file__).parents[2]

SITUATIONS: dict[str, str | bytes] = {
    **PAGES,
    **{name: BLOG[name] for name in BLOG if name.startswith("blog/")},
    "index.fr.md": "# Haut\n\n![](a.png) <img src='a.png'>\n",
    "links.md": "# Links\n\n<a href='../sub/page/'><img src='../a.png'></a>\n\n"
    "<a href='https://other.example/'><img src='../b.png'></a>\n\n"
    "<a href='../sub/page/'><img src='../b.png'> Words beside it</a>\n\n"
    "<a href='../a.png'><img src='../a.png'></a>\n\n"
    "<button><img src='../b.png'></button> <img src='../nope.png'>\n\n"
    "<img src='../d.png' role='img'>\n\n"
    "<a href='https://other.example/'><img src='../nope.png'></a>\n\n"
    "<img src='../sub/c.png'> <img src='https://other.example/x.png'>\n",
    "drawing.md": '# Drawing\n\n<img src="../a.svg"> ![](a.svg)\n',
    "a.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>A small square'
    '</title><rect width="9" height="9"/></svg>',
}
SITES: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "mkdocs": (["search"], {"theme": {"name": "mkdocs"}}),
    "readthedocs": (["search"], {"theme": {"name": "readthedocs"}}),
    "material": (["search", "tags"], {**MATERIAL}),
    "material, glightbox, minify": (
        ["glightbox", {"minify": {"minify_html": True}}],
        {**MATERIAL},
    ),
    "print-site": (["print-site"], {**MATERIAL}),
    "blog": (
        ["tags", {"blog": {"pagination_per_page": 1, "post_url_format": "{slug}"}}],
        {**MATERIAL},
    ),
    "static-i18n": (
        [{"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}}],
        {**MATERIAL},
    ),
    "drawio, macros, redirects": (
        ["drawio", "macros", {"redirects": {"redirect_maps": {"old.md": "links.md"}}}],
        {**MATERIAL},
    ),
    "no theme": ([], {"theme": {"name": None, "custom_dir": "theme"}}),
}


def test_the_rules_find_what_they_are_for(tmp_path: Path, browser: Chromium, axe: str) -> None:
    """So that silence means something."""
    (tmp_path / "page.html").write_text(
        "<!doctype html><html lang=en><title>x</title><img src=a.png>"
        "<a href=b><img alt='' src=a.png></a><button><img alt='' src=a.png></button>"
        "<a href=c><img alt=Words src=a.png>Words</a><img alt='' src=a.png tabindex=0>"
        "<div role=img>.</div><svg role=img></svg></html>",
        encoding="utf-8",
    )
    found = {violation.rule for violation in violations(browser, axe, tmp_path)}
    assert found >= {"image-alt", "link-name", "button-name", "image-redundant-alt"}
    assert found >= {"presentation-role-conflict", "role-img-alt", "svg-img-alt"}


@pytest.mark.parametrize("name", SITES)
def test_sites(name: str, tmp_path: Path, server: ApiServer, browser: Chromium, axe: str) -> None:
    """Each situation on one page, beside themes and plugins."""
    neighbours, config = SITES[name]
    beside = build_beside(
        tmp_path, server, neighbours, docs=SITUATIONS, config=config, is_listed_first=True
    )
    before = violations(browser, axe, beside.plain.folder)
    after = violations(browser, axe, beside.cold.folder)
    assert beside.cold.report is not None
    assert len(ours(after)) < len(ours(before))
    assert new_violations(before, after) == []
    assert unexplained(after, beside.cold.report) == []


def ours(found: list[Violation]) -> list[Violation]:
    """Return the violations that a text can end."""
    return [violation for violation in found if violation.rule == "image-alt"]


def test_the_example_site(tmp_path: Path, server: ApiServer, browser: Chromium, axe: str) -> None:
    """Built as its own configuration says, with the service and without the plugin."""
    project = built_example(tmp_path, server)
    report = json.loads((project / "build/alttext-report.json").read_text(encoding="utf-8"))
    before = violations(browser, axe, project / "plain")
    after = violations(browser, axe, project / "filled")
    assert len(ours(after)) < len(ours(before))
    assert new_violations(before, after) == []
    assert unexplained(after, report) == []


def built_example(folder: Path, server: ApiServer) -> Path:
    """Build the example site into `plain`, without the plugin, and into `filled`.

    Returns:
        The folder of both.
    """
    project = folder / "project"
    shutil.copytree(PROJECT / "example_site", project / "example_site")
    shutil.copy(PROJECT / "mkdocs.yml", project)
    plain = yaml.safe_load(
        (project / "mkdocs.yml").read_text(encoding="utf-8").replace("!ENV ", "")
    )
    plain["plugins"] = ["search"]
    (project / "plain.yml").write_text(yaml.safe_dump(plain), encoding="utf-8")
    build(project, "plain.yml", "plain", server)
    build(project, "mkdocs.yml", "filled", server)
    return project


def build(project: Path, config: str, site: str, server: ApiServer) -> None:
    """Build with the `mkdocs` command."""
    variables = {
        "ALTTEXTAI_API_KEY": API_KEY,
        "ALTTEXT_BASE_URL": server.base_url,
        "ALTTEXT_SERVICE": "alttextai",
        "NO_MKDOCS_2_WARNING": "1",
    }
    subprocess.run(
        [sys.executable, "-P", "-m", "mkdocs", "build", "-q", "-f", config, "-d", site],
        cwd=project,
        env={**os.environ, **variables},
        check=True,
    )
