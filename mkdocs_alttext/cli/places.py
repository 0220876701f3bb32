"""Where in a file something is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: Path
    line: int | None = None
    """From 1, as an editor counts; `None` where it is not known."""
    src: str | None = None
    """The image's address as it is written there."""
