"""What holds for this group: a server with its key, and builds whose dates never differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_server import API_KEY, ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("neighbours.beside")


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the date that feeds and site maps are written with."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Serve the API, with its key in the environment."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    with ApiServer() as running:
        yield running
