"""Which files are the author's, and not what a plugin made for one build.

Owns where an author's files lie. It must not know what is done with them. Plugins copy and generate
sources in temporary folders, where a text would be lost and nobody finds a line.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.project import absolute, leads_out, project_root

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


@dataclass(frozen=True, slots=True)
class Authorship:
    """Tells the author's files by the folders that they lie in."""

    folders: tuple[Path, ...]
    """The site's own."""
    repository: Path
    """Which may hold other folders of sources; the folder of `mkdocs.yml` where there is none."""

    @classmethod
    def of(cls, site: MkDocsConfig) -> Authorship:
        """Make one for a site.

        Args:
            site: Its configuration before a build: plugins let `docs_dir` be another folder.
        """
        own = absolute(site.config_file_path or "mkdocs.yml").parent
        return cls((absolute(site.docs_dir), own), project_root(site.config_file_path))

    def has(self, file: str | Path) -> bool:
        """Tell whether a file of the disk is the author's."""
        path = absolute(file)
        if any(path.is_relative_to(folder) for folder in self.folders):
            return True
        is_temporary = path.is_relative_to(tempfile.gettempdir())
        return path.is_relative_to(self.repository) and not is_temporary

    def leads_out(self, file: str | Path) -> bool:
        """Tell whether links make of a file of the project one that lies elsewhere."""
        return leads_out(Path(file), self.repository)
