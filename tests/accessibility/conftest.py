"""What this group needs from the machine: Chromium, and axe-core beside the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from accessibility.chromium import Chromium, find_chromium
from api_server import API_KEY, ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = "ALTTEXT_AXE"
"""Names the file of axe-core; `make accessibility` gets it from npm."""


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core."""
    return Path(os.environ[AXE]).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Start one browser for all pages."""
    program = find_chromium()
    assert program, "Chromium is not installed: on Debian, the package is `chromium`"
    with Chromium(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Serve the API, with its key in the environment."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    with ApiServer() as running:
        yield running
