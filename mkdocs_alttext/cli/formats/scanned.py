"""What every form is made from.

Owns the record, and how addresses and paths are written for people. It must not know any form.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.system.printable import visible
from mkdocs_alttext.system.project import repository

if TYPE_CHECKING:
    from mkdocs_alttext.cli.building import SiteReport
    from mkdocs_alttext.cli.findings import Finding

_MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Scanned:
    """A site and what was found in it."""

    site: SiteReport
    findings: list[Finding]
    baseline: str | None = None
    """Name of the file that says what is accepted."""
    gone: int = 0
    """Images of the baseline that lack text no more."""

    @property
    def missing(self) -> list[Finding]:
        """Images without text."""
        return [finding for finding in self.findings if finding.is_missing]

    @property
    def new(self) -> list[Finding]:
        """Images without text that are not accepted."""
        return [finding for finding in self.missing if not finding.is_accepted]

    @property
    def notes(self) -> list[Finding]:
        """Images that are worth a look."""
        return [finding for finding in self.findings if not finding.is_missing]


def shown(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Return a text on one line, visible, and not too long: an address can hold a whole picture.

    Args:
        text: From a site, so that anything may be in it.
        most: Characters.
    """
    line = " ".join(visible(text[: 8 * most]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def image_name(finding: Finding) -> str:
    """Return an image's address as the Markdown has it, where that is known, else its page."""
    written = finding.place.src if finding.place else None
    return shown(written or finding.outcome.src) or "(no address)"


def relative(file: Path, folder: Path) -> str:
    """Return a path as it is written in a folder, with `/`."""
    return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()


def root_here() -> Path:
    """Return the root of the repository that the current folder is in, else the folder."""
    return repository(Path.cwd()) or Path.cwd()
