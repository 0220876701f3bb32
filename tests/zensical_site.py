"""A site of Zensical in a folder, and its pages as Zensical's Markdown renders them.

Owns writing the files, and what Zensical tells an extension of a page. It judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from mkdocs.utils.meta import get_data

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.models import CaptionKey, StoredAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXTENSION = "mkdocs_alttext.markdown_extension"


class _Told(Preprocessor):
    page: object
    config: object

    def run(self, lines: list[str]) -> list[str]:
        return lines


class Context(Extension):
    """Tells which page is rendered, as Zensical's own extension does."""

    def __init__(self, page: SimpleNamespace, config: Mapping[str, Any]) -> None:
        """Take what is told."""
        super().__init__()
        self._page, self._site = page, config

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's own name
        """Register a preprocessor that has both."""
        told = _Told(md)
        told.page, told.config = self._page, self._site
        md.preprocessors.register(told, "rendering_context", 0)


@dataclass
class ZensicalSite:
    """Its files, and what its configuration says."""

    folder: Path
    docs: Mapping[str, str | bytes]
    options: dict[str, Any] = field(default_factory=dict)
    """Of the extension."""
    config: dict[str, Any] = field(default_factory=dict)
    """Of the site."""
    extensions: list[Any] = field(default_factory=lambda: ["attr_list", "md_in_html", "toc"])

    def __post_init__(self) -> None:
        """Write the files."""
        for name, content in self.docs.items():
            self.write(f"docs/{name}", content)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def store(self, picture: bytes, text: str, *, folder: str = "texts", **key: str) -> None:
        """Store a text in the cache, as a command that asks a service would."""
        names = {"language": "en", "service": "alttextai", **key}
        cache = DiskCache(self.folder / folder)
        assert cache.put(CaptionKey(sha256_of(picture), **names), StoredAnswer(text))
        cache.close()

    def render(self, name: str = "index.md", *, extension: bool = True) -> str:
        """Render a page as Zensical does, with the extension or without."""
        source = (self.folder / "docs" / name).read_text(encoding="utf-8")
        markdown, meta = get_data(source)
        config = {
            "root_dir": str(self.folder),
            "docs_dir": "docs",
            "site_dir": "site",
            "site_url": "https://ex.org/proj/",
            "theme": {"language": "en"},
            "watch": ["alttext.yml"],
            "nav": [],
            **self.config,
        }
        page = SimpleNamespace(path=name, meta=meta)
        ours = [EXTENSION] if extension else []
        md = Markdown(
            extensions=[Context(page, config), *self.extensions, *ours],
            extension_configs={EXTENSION: {"cache_dir": "texts", **self.options}},
        )
        return md.convert(markdown)
