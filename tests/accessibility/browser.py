"""Fixtures that need more of the machine: Chromium, and the source of axe-core.

Owns where both are found. `make accessibility` gets axe-core from npm and names its file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from accessibility.chromium import Chromium, find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = "ALTTEXT_AXE"
"""Names the file of axe-core."""


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
