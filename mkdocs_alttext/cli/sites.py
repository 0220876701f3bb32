"""What commands know of a site, whoever built it: what was said of it, and where it is written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.folder.run import FolderRun
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.site.build import Build

CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
"""What MkDocs or ProperDocs finds in the current folder."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: Path
    line: int | None = None
    """From 1, as an editor counts; `None` where it is not known."""
    src: str | None = None
    """The image's address as it is written there."""


class Site(ABC):
    """A site, and what its builds said, or looking at its folder; they are over and closed."""

    lists_plugin = True
    """Whether the site's configuration lists the plugin; else it was added for a command."""
    cache_fault: str | None = None
    """Why the cache must not be used, when that is so."""
    outdated = 0
    """How many texts that were filled in before are others in the catalog by now."""

    def __init__(
        self, options: Options, written: Options, config_file: Path, root: Path, words: Words
    ) -> None:
        """Take a site that nothing is said of yet.

        Args:
            options: As the command has them.
            written: As the user has them.
            config_file: The file that says how the site is built.
            root: The project's folder: its repository, else that of the file.
            words: What messages call its things.
        """
        self.options = options
        self.written = written
        self.config_file = config_file
        self.root = root
        self.words = words
        self.builds: Sequence[Build | FolderRun] = ()
        """Translations are builds of their own."""

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return [outcome for each in self.builds for outcome in each.report.outcomes]

    @property
    def problems(self) -> list[str]:
        """What is wrong with the cache, which all builds share."""
        return [*dict.fromkeys(text for each in self.builds for text in each.cache.problems())]

    @property
    @abstractmethod
    def page_names(self) -> set[str]:
        """What the catalog may call pages."""

    @property
    @abstractmethod
    def unknown(self) -> list[UnknownPath]:
        """Entries of the catalog that name no file of the site."""

    @abstractmethod
    def places(
        self, outcomes: Sequence[Outcome], wanted: Collection[int]
    ) -> tuple[Path | None, dict[int, Place]]:
        """Return where images are written.

        Args:
            outcomes: Of one page, in its order.
            wanted: Which of them are asked for.

        Returns:
            The page's source, and the places by the numbers of outcomes, as far as it shows them.
        """
