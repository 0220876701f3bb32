"""What holds for this group: builds whose dates never differ, and what axe-core says of them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from accessibility.browser import AXE, axe, browser
from accessibility.verdicts import new_violations, unexplained, violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["axe", "browser"]

pytest.register_assert_rewrite("neighbours.beside")


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the date that feeds and site maps are written with."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture(autouse=True)
def _judged_by_axe(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Let axe-core judge what the test built without the plugin and with it."""
    if AXE not in os.environ:
        yield
        return
    source, chromium = request.getfixturevalue("axe"), request.getfixturevalue("browser")
    yield
    plain, filled = tmp_path / "without", tmp_path / "cold"
    if not filled.is_dir():
        return
    before, after = (violations(chromium, source, site) for site in (plain, filled))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert new_violations(before, after) == []
    assert unexplained(after, report) == []
