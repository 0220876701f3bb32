"""The documents say what is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mkdocs_alttext.models import Reason
from mkdocs_alttext.sources.code import without_code
from tools import reasons_table
from tools.hosts import MEETING_LIBRARIES, MEETING_THE_HOST
from tools.options_table import filled

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG = (ROOT / "mkdocs_alttext" / "config.py").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_the_table_of_options_is_that_of_the_code() -> None:
    """Run `python -m tools.options_table` after changing an option."""
    assert filled(README, CONFIG) == README


def test_the_first_screen_has_both_commands_and_the_three_lines() -> None:
    """Who sees nothing else can try and use it."""
    screen = "\n".join(README.splitlines()[:40])
    for needed in ("make demo", "make test", "plugins:\n  - search\n  - alttext", "Zensical"):
        assert needed in screen


def test_the_table_of_reasons_is_that_of_the_code() -> None:
    """Run `python -m tools.reasons_table` after changing a reason or its sentences."""
    assert reasons_table.filled(README) == README


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_every_reason_can_be_looked_up(reason: Reason) -> None:
    """By the word that a report has."""
    assert f"| `{reason.value}` | " in README


def test_version_and_changelog_agree() -> None:
    """The newest entry is the version that is built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == project["version"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """Relative links name files that are there."""
    text = without_code((ROOT / name).read_text(encoding="utf-8"))
    for target in re.findall(r"\]\((?!https?:|\x00)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", MEETING_LIBRARIES + MEETING_THE_HOST)
def test_the_tests_of_other_hosts_are_there(name: str) -> None:
    """`python -m tools.hosts` names them, and pytest runs none of them where one is missing."""
    assert (ROOT / "tests" / f"test_{name}.py").exists()
