"""Addresses of the repository and the website are one setting, and left out while it is empty."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture

from mkdocs_alttext.models import Reason
from tools.addresses import FILES, PLACEHOLDER, Addresses
from tools.hosts import hosts
from tools.options_table import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in FILES}
SET = Addresses.of(TEXTS["pyproject.toml"])
BOTH = Addresses("https://github.com/we/alttext", "https://we.github.io/alttext/")
PROJECT = tomllib.loads(TEXTS["pyproject.toml"])["project"]


def written(name: str, at: Addresses) -> str:
    """Return a file of this repository with other addresses."""
    return FILES[name](TEXTS[name], at)


@pytest.mark.parametrize("name", FILES)
def test_files_are_made_from_the_setting(name: str) -> None:
    """Run `python -m tools.addresses` after changing it."""
    assert written(name, SET) == TEXTS[name]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("at", [BOTH, Addresses(BOTH.repository), Addresses(website=BOTH.website)])
def test_writing_twice_changes_nothing(name: str, at: Addresses) -> None:
    """Nor does it leave anything behind when the setting is emptied, but in examples."""
    once = written(name, at)
    assert FILES[name](once, at) == once
    if TEXTS[name] != FILES[name](once, SET):
        assert PLACEHOLDER in TEXTS[name]


@pytest.mark.parametrize("name", ["README.md", "pyproject.toml", "CHANGELOG.md", "docs/editors.md"])
def test_what_needs_an_address_is_left_out_without_it(name: str) -> None:
    """No link leads to a place that nobody named."""
    text = written(name, Addresses())
    assert "[project.urls]" not in text
    assert not re.search(r"badge\.svg|/compare/|github\.com/OWNER(?!/NAME\n)|They are at", text)


def test_the_package_s_links_are_made() -> None:
    """With the labels that package indexes know."""
    urls = tomllib.loads(written("pyproject.toml", BOTH))["project"]["urls"]
    assert urls == {
        "Homepage": "https://we.github.io/alttext/",
        "Documentation": "https://we.github.io/alttext/",
        "Source": "https://github.com/we/alttext",
        "Issues": "https://github.com/we/alttext/issues",
        "Changelog": "https://github.com/we/alttext/blob/main/CHANGELOG.md",
    }


def test_the_readme_s_badge_and_the_changelog_s_links_are_made() -> None:
    """The badge is of the workflow that is there; each version has a link."""
    badge = re.search(r"actions/workflows/([\w.]+)/badge\.svg", written("README.md", BOTH))
    assert badge
    assert (ROOT / ".github" / "workflows" / badge[1]).exists()
    text = written("CHANGELOG.md", BOTH)
    for version in re.findall(r"^## \[([^]]+)\]", text, re.MULTILINE):
        assert f"\n[{version}]: https://github.com/we/alttext/" in text


@pytest.mark.parametrize("at", [Addresses(), BOTH])
def test_the_entry_for_the_catalog_of_projects_is_one(at: Addresses) -> None:
    """Its label needs the plugin's name, which is that of the entry point."""
    _, begun, rest = written("docs/releasing.md", at).partition("```yaml\n")
    assert begun
    (entry,) = yaml.safe_load(rest.partition("```")[0])
    assert entry.pop("github_id", None) == ("we/alttext" if at.repository else None)
    assert entry["mkdocs_plugin"] in PROJECT["entry-points"]["mkdocs.plugins"]
    assert entry["pypi_id"] == PROJECT["name"]
    assert entry["labels"] == ["plugin"]


@pytest.mark.parametrize("name", ["docs/action.md", "docs/ci.md"])
def test_examples_name_the_repository_and_this_version(name: str) -> None:
    """An example that is copied works."""
    assert PLACEHOLDER not in written(name, BOTH)
    repository = re.escape(SET.name or PLACEHOLDER)
    versions = re.findall(rf"(?:rev: |{repository}@)v(\S+)", TEXTS[name])
    assert versions
    assert {*versions} == {PROJECT["version"]}


@pytest.mark.parametrize(
    "setting",
    [
        {"repository": "https://github.com/we/alttext/"},
        {"repository": "git@github.com:we/alttext"},
        {"website": "https://we.github.io/alttext"},
        {"website": "http://we.github.io/"},
        {"repository": 'https://github.com/we/a"b'},
    ],
)
def test_what_is_no_address_is_refused(setting: dict[str, str]) -> None:
    """Before it is written anywhere."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in setting.items()]
    with pytest.raises(SystemExit):
        Addresses.of("\n".join(["[tool.addresses]", *lines]))


def sarif_of_package(folder: Path, urls: dict[str, str]) -> dict[str, Any]:
    """Return the tool in the SARIF of a scan with the package as it is installed with links."""
    installed = folder / "installed" / "mkdocs_alttext-9.dist-info"
    installed.mkdir(parents=True)
    lines = [f"Project-URL: {label}, {url}" for label, url in urls.items()]
    metadata = ["Metadata-Version: 2.4", "Name: mkdocs-alttext", "Version: 9", *lines, ""]
    (installed / "METADATA").write_text("\n".join(metadata))
    TinySite(folder, {"index.md": "![](a.png)\n", "a.png": picture()}).write(plugin=False)
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs_alttext", "scan", "--format", "sarif"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{installed.parent}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    driver: dict[str, Any] = json.loads(run.stdout)["runs"][0]["tool"]["driver"]
    assert driver["semanticVersion"] == "9"
    return driver


def test_sarif_links_each_rule_to_the_website(tmp_path: Path) -> None:
    """To a heading of the page of reasons."""
    urls = tomllib.loads(written("pyproject.toml", BOTH))["project"]["urls"]
    driver = sarif_of_package(tmp_path, urls)
    assert driver["informationUri"] == "https://we.github.io/alttext/"
    headings = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
    for rule in driver["rules"]:
        address, _, part = rule["helpUri"].partition("#")
        assert address == "https://we.github.io/alttext/reasons/"
        assert f"\n### `{part}`\n" in headings
    assert len(driver["rules"]) == len(Reason)


def test_sarif_has_no_links_without_a_website(tmp_path: Path) -> None:
    """The repository alone is where the program is."""
    urls = tomllib.loads(written("pyproject.toml", Addresses(BOTH.repository)))["project"]["urls"]
    driver = sarif_of_package(tmp_path, urls)
    assert driver["informationUri"] == "https://github.com/we/alttext"
    assert not any("helpUri" in rule for rule in driver["rules"])


def test_the_classifiers_are_tested() -> None:
    """Each Python that the package names is one of `make hosts`."""
    prefix = "Programming Language :: Python :: 3."
    named = {f"3.{each[len(prefix) :]}" for each in PROJECT["classifiers"] if prefix in each}
    assert named
    assert named <= {host.python for host in hosts()}
