"""What holds for this group: a browser, and builds whose dates never differ."""

from __future__ import annotations

import pytest
from accessibility.browser import axe, browser

__all__ = ["axe", "browser"]


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the date that feeds and site maps are written with."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
