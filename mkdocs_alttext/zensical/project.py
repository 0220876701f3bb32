"""What a configuration of Zensical says, as a configuration of MkDocs."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig

from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.options import OPTIONS, Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

EXTENSION = "mkdocs_alttext.markdown_extension"
"""The name under which a site lists the Markdown extension."""
ALWAYS = ("toc", "tables", "pymdownx.superfences")
"""The Markdown extensions that each site of Zensical has."""

_READ_HERE = (
    *("enabled", "service", "language", "empty_alt", "replace_filenames", "include", "exclude"),
    *("skip_classes", "max_length", "cache_dir", "catalog", "publish", "provenance"),
)
"""The options that mean something where nothing is asked and no report is written."""
_FILE = "zensical.toml"
"""Paths are from its folder; the name counts for nothing more."""


class Project(NamedTuple):
    """What Zensical tells an extension of a site, as far as it matters for texts."""

    root: str
    """The folder of the configuration."""
    docs_dir: str
    site_dir: str
    site_url: str
    language: str
    excluded: tuple[str | None, str | None]
    """`exclude_docs` and `draft_docs`."""
    watched: tuple[str, ...]
    """The option `watch`."""
    is_alone: bool
    """Whether the site lists the extension and no other."""
    titles: tuple[tuple[str, str], ...]
    """What the navigation calls pages, by their sources."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Project:
        """Take what is wanted from the configuration that Zensical has completed."""
        return cls(
            root=str(config["root_dir"]),
            docs_dir=str(config["docs_dir"]),
            site_dir=str(config["site_dir"]),
            site_url=str(config.get("site_url") or ""),
            language=str(config["theme"].get("language") or "en"),
            excluded=(config.get("exclude_docs"), config.get("draft_docs")),
            watched=tuple(config.get("watch") or ()),
            is_alone=_is_alone(config.get("markdown_extensions") or ()),
            titles=tuple(_titles(config.get("nav") or ())),
        )

    @property
    def file(self) -> str:
        """A path that stands for the configuration."""
        return str(Path(self.root, _FILE))

    def watches(self, path: Path) -> bool:
        """Tell whether pages are rendered anew when a file changes."""
        places = (Path(os.path.realpath(Path(self.root, each))) for each in self.watched)
        return any(Path(os.path.realpath(path)).is_relative_to(place) for place in places)

    def config(self) -> MkDocsConfig:
        """Return the same in MkDocs' words: what finds files and tells languages.

        Raises:
            ConfigurationError: MkDocs takes no such site.
        """
        config = MkDocsConfig(self.file)
        exclude_docs, draft_docs = self.excluded
        config.load_dict(
            {
                "site_name": "Zensical",
                "docs_dir": self.docs_dir,
                "site_dir": self.site_dir,
                "exclude_docs": exclude_docs,
                "draft_docs": draft_docs,
                "theme": {"name": "mkdocs", "language": self.language},
                "plugins": [],
            }
        )
        _validate(config)
        return config


@lru_cache(maxsize=4)  # Zensical makes the extension anew for each page
def read_options(written: str, file: str | None) -> Options:
    """Check the options of the Markdown extension.

    Args:
        written: As the site's configuration has them, in JSON.
        file: The configuration's path, from whose folder paths are.

    Raises:
        ConfigurationError: One is unknown, means nothing here, or has a value that it cannot have.
    """
    given = json.loads(written)
    for name in sorted(OPTIONS.keys() & {*given} - {*_READ_HERE, "api_key"}):
        raise ConfigurationError(
            f"{EXTENSION}: the option {name} means nothing here, as the extension asks no service "
            "and writes no report. Take it out; `mkdocs-alttext fill` has it."
        )
    options = AltTextConfig(file)
    options.load_dict({**given, "generate": "never"})
    _validate(options, name=f"{EXTENSION}: ")
    return options


def _validate(config: MkDocsConfig | AltTextConfig, name: str = "") -> None:
    failed, _ = config.validate()
    if failed:
        what = "; ".join(f"{key}: {why}" for key, why in failed)
        raise ConfigurationError(f"{name}{what}")


def _is_alone(extensions: Iterable[object]) -> bool:
    names = {each for each in extensions if isinstance(each, str)}
    return EXTENSION in names and names <= {EXTENSION, *ALWAYS}


def _titles(nav: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in nav:
        if item["title"] and item["url"]:
            yield item["url"], item["title"]
        yield from _titles(item["children"])
