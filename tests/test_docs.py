"""The documents say what is true."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mkdocs_alttext.filling.report import BuildReport, Credits, as_json
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.services import ServiceKind, ServiceSettings
from mkdocs_alttext.services.registry import MODEL_SERVICES, service_kind
from mkdocs_alttext.sources.images import without_code
from tools import options_table, reasons_table
from tools.hosts import MEETING_LIBRARIES, MEETING_THE_HOST

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPTIONS = (ROOT / "mkdocs_alttext" / "options.py").read_text(encoding="utf-8")
REFERENCE = tuple(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md")))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", *REFERENCE)
FOR_ENGINEERS = ("CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md", "docs/services.md")
FOLDERS = ("mkdocs_alttext/", "tests/", "docs/", "tools/", "bench/", "example_site/")


def test_the_table_of_options_is_that_of_the_code() -> None:
    """Run `python -m tools.options_table` after changing an option."""
    page = options_table.PAGE.read_text(encoding="utf-8")
    assert options_table.filled(page, OPTIONS) == page


def test_the_first_screen_has_both_commands_and_the_three_lines() -> None:
    """Who sees nothing else can try and use it."""
    screen = "\n".join(README.splitlines()[:40])
    for needed in ("make demo", "make test", "plugins:\n  - search\n  - alttext", "Zensical"):
        assert needed in screen


def test_the_page_of_reasons_is_that_of_the_code() -> None:
    """Run `python -m tools.reasons_table` after changing a reason or its sentences."""
    page = reasons_table.PAGE.read_text(encoding="utf-8")
    assert reasons_table.filled(page) == page


@pytest.mark.parametrize("reason", list(Reason), ids=str)
def test_every_reason_can_be_looked_up(reason: Reason) -> None:
    """By the word that a report has, which is its heading's address."""
    page = reasons_table.PAGE.read_text(encoding="utf-8")
    assert f"\n### `{reason.value}`\n" in page


def test_the_readme_is_read_in_minutes() -> None:
    """What has no room in it stands in `docs/`."""
    assert len(README.splitlines()) <= 150


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
        assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", FOR_ENGINEERS)
def test_paths_that_documents_name_are_there(name: str) -> None:
    """Files and folders of this repository, as code or as a link with a heading."""
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = [path for path in re.findall(r"`([\w./-]+)`", text) if path.startswith(FOLDERS)]
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_to_headings_lead_to_one(name: str) -> None:
    """In the document itself and in the others; at pictures, `#` names a colour scheme."""
    text = without_code((ROOT / name).read_text(encoding="utf-8"))
    for target, heading in re.findall(r"\]\((?!https?:|\x00)((?:[^)#]*\.md)?)#([^)]+)\)", text):
        path = (ROOT / name).parent / target if target else ROOT / name
        titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in {
            re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in titles
        }


def test_the_table_of_decisions_is_that_of_the_code() -> None:
    """Each row has its line, in the order of the numbers."""
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", text, re.MULTILINE)
    assert rows == [(str(number), each.value) for number, each in enumerate(Decision)]


def test_the_report_s_fields_are_documented() -> None:
    """All that a report has, in the order of the JSON."""
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    decision: Any = Decision.KEEP_TEXT
    report = BuildReport("alttextai")
    report.add("page", [Outcome("page", "a.md", "src", decision, Result.KEPT)], is_whole=False)
    content: Any = as_json([(report, Credits(0, None))])
    example: Any = json.loads(text.partition("```json\n")[2].partition("```")[0])
    for part in (content, example):
        part["images"] = part["images"][0]
    assert _fields(example) == _fields(content)
    for field in content["images"]:
        assert f"\n| `{field}` |" in text
    for field in _fields(content):
        assert f"`{field}`" in text
    for origin in Origin:
        assert f"`{origin.value}`" in text


def test_the_fields_that_a_third_party_s_service_has_are_documented() -> None:
    """Those that it registers, in a table with their order, and those that it is given."""
    part = (ROOT / "docs" / "your-service.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", part, re.MULTILINE)
    named = [name for row in rows for name in re.findall("[a-z_]+", row)]
    assert sorted(["build", *named]) == sorted(ServiceKind._fields)
    for name in ServiceSettings._fields:
        assert f"`{name}`" in part


def test_the_costs_are_those_of_the_tokens() -> None:
    """The examples follow from the tokens; times follow from how many are asked for at once."""
    page = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    assert "0.4 to 0.7 million tokens read, 0.04 million written" in page
    rows = re.findall(r"^\| \$([\d.]+) \| \$([\d.]+) \| (.+) \|$", page, re.MULTILINE)
    prices = [
        tuple(million * float(read) + 0.04 * float(written) for million in (0.4, 0.7))
        for read, written, _ in rows
    ]
    shown = [
        f"{least * 100:.0f} to {most * 100:.0f} cents"
        if most < 0.1
        else f"${least:.2f} to ${most:.2f}"
        for least, most in prices
    ]
    assert shown == [text for _, _, text in rows]
    assert len(rows) > 1
    for name, is_local in (("ollama", True), ("openai", False)):
        pace = service_kind(name).pace_at(is_local=is_local)
        assert f"for {200 // pace.concurrency} pictures" in page


def test_messages_that_are_looked_up_are_those_that_are_said() -> None:
    """Who sees one searches the page for it."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "mkdocs_alttext").rglob("*")
        if path.suffix in {".py", ".yml"}
    )
    quoted = re.findall(r'\*"(.+?)"', page)
    assert quoted
    assert [each for each in quoted if each.strip("… ").casefold() not in said.casefold()] == []


def test_the_services_are_documented() -> None:
    """Each has its row in the table of services and, if it is a model's, in that of addresses."""
    text = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
    for name in MODEL_SERVICES:
        kind = service_kind(name)
        assert len(re.findall(f"^\\| `{name}` \\|", text, re.MULTILINE)) >= 2
        assert f"| `{name}` | `{kind.base_url or 'base_url'}` | " in text
        for variable in (kind.key_variable, kind.base_url_variable):
            assert variable is None or f"`{variable}`" in text


def _fields(content: dict[str, Any]) -> list[str]:
    """Return the names of a report, those of its parts behind a dot."""
    parts = {"counts", "credits", "usage"}
    inner = [f"{name}.{each}" for name in content if name in parts for each in content[name]]
    return [*(name for name in content if name not in parts), *inner, *content["images"]]


@pytest.mark.parametrize("name", MEETING_LIBRARIES + MEETING_THE_HOST)
def test_the_tests_of_other_hosts_are_there(name: str) -> None:
    """`python -m tools.hosts` names them, and pytest runs none of them where one is missing."""
    assert (ROOT / "tests" / f"test_{name}.py").exists()
