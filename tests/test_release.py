"""A release is what its tag says, and the forms that people fill in are whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tools.check_version import problems
from tools.lint_workflows import examples, scripts
from tools.options_table import ROOT

PROJECT = '[project]\nversion = "1.2.0"\n'
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-02\n\n### Added\n\n- All.\n"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())


@pytest.mark.parametrize(
    ("tag", "changelog", "problem"),
    [
        ("v1.2.0", CHANGELOG, ""),
        ("v1.2.0", CHANGELOG.replace("## [Unreleased]\n\n", ""), ""),
        ("1.2.0", CHANGELOG, "The tag is '1.2.0', and the version of the package is 1.2.0"),
        ("v1.2.1", CHANGELOG, "The tag is 'v1.2.1'"),
        ("v1.2.0", CHANGELOG.replace("1.2.0", "1.1.0"), "the changelog is not 1.2.0"),
        ("v1.2.0", CHANGELOG.replace(" - 2026-01-02", ""), "the changelog is not 1.2.0"),
        ("v1.2.0", CHANGELOG.replace("d]\n", "d]\n\n### Fixed\n\n- One.\n"), "unreleased changes"),
    ],
)
def test_a_tag_is_the_version_that_the_changelog_has(
    tag: str, changelog: str, problem: str
) -> None:
    """Whatever else is pushed is not published."""
    found = problems(tag, PROJECT, changelog)
    assert len(found) == bool(problem)
    assert problem in "".join(found)


def test_what_github_runs_is_there() -> None:
    """Programs and modules that a workflow starts, by the name that it has for them."""
    commands = [
        text
        for path in WORKFLOWS
        for text in scripts(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    modules = re.findall(r"python -m tools\.(\w+)", "\n".join(commands))
    assert {*modules} == {"check_version", "check_wheel", "hosts"}
    for module in modules:
        assert (ROOT / "tools" / f"{module}.py").exists()
    assert "bash .ci/run" in commands


def test_only_what_publishes_may_ask_for_a_token() -> None:
    """And it checks nothing out: what it publishes is what was tested."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            may_publish = "id-token" in job["permissions"]
            assert may_publish == (name == "publish")
            if may_publish:
                assert job["environment"]["name"] == "pypi"
                assert job["needs"] == "package"
                assert not any("run" in step or "checkout" in step["uses"] for step in job["steps"])


def test_the_matrix_tests_each_python_of_the_package() -> None:
    """Each classifier's, and those that `make hosts` tries where it finds them."""
    package = yaml.safe_load((ROOT / ".github/workflows/package.yml").read_text(encoding="utf-8"))
    pythons = package["jobs"]["test"]["strategy"]["matrix"]["python"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {*re.findall(r":: Python :: (3\.\d+)", project)} <= {*pythons}


def test_examples_and_the_shell_in_them_are_found() -> None:
    """What `make lint` checks, so that it does not check nothing."""
    assert [*examples()] == ["action-0.yml"]
    described: Any = yaml.safe_load(examples()["action-0.yml"])
    (script,) = scripts(described)
    assert "gh api" in script
