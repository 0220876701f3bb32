"""Whole tiny sites, written from a dictionary and built in the process.

Owns writing, building and reading back. It judges nothing.
"""

from __future__ import annotations

import io
import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import mkdocs
import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

THEME = {
    "main.html": "<!doctype html><html><head><title>{{ page.title }}</title></head>"
    "<body>{{ page.content }}</body></html>",
    "404.html": '<html><body><img src="{{ base_url }}a.png"></body></html>',
}
"""A theme without a date, so that two builds can be equal."""


def picture(number: int = 0, form: str = "PNG") -> bytes:
    """Draw a small picture that differs from those of other numbers."""
    buffer = io.BytesIO()
    colour = (number * 37 % 256, number // 7 % 256, 90)
    Image.new("RGB", (24 + number % 5, 18), colour).save(buffer, form)
    return buffer.getvalue()


@dataclass(frozen=True)
class Built:
    """What a build left behind."""

    folder: Path
    log: list[tuple[str, str]]
    """Level and message, of MkDocs and everything below its logger."""
    report: dict[str, Any] | None

    def page(self, name: str = "index.html") -> str:
        """Return a page's HTML."""
        return (self.folder / name).read_text(encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Return every file by its path."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.suffix != ".gz"
        }

    def messages(self, level: str = "INFO") -> list[str]:
        """Return the plugin's messages of a level."""
        return [text for name, text in self.log if name == level and "mkdocs_alttext: " in text]

    @property
    def outcomes(self) -> list[str]:
        """Each image as `src decision outcome origin reason`."""
        assert self.report is not None
        keys = ("src", "decision", "outcome", "origin", "reason")
        return [" ".join(str(image[key]) for key in keys) for image in self.report["images"]]


@dataclass
class TinySite:
    """A site in a folder, and the options it is built with."""

    folder: Path
    docs: Mapping[str, str | bytes]
    options: dict[str, Any] = field(default_factory=dict)
    """Of the plugin."""
    plugins: list[Any] = field(default_factory=list)
    """Others, before ours."""
    config: dict[str, Any] = field(default_factory=dict)
    """More of `mkdocs.yml`."""

    def write(self, *, plugin: bool = True) -> Path:
        """Write the sources; return the path of `mkdocs.yml`."""
        for name, content in self.docs.items():
            path = self.folder / "docs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        for name, content in THEME.items():
            path = self.folder / "theme" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        ours = [{"alttext": {"report": "report.json", **self.options}}] if plugin else []
        config = {
            "site_name": "Tiny",
            "site_url": "https://ex.org/proj/",
            "theme": {"name": None, "custom_dir": "theme", "static_templates": ["404.html"]},
            "markdown_extensions": ["attr_list", "md_in_html"],
            "plugins": [*self.plugins, *ours],
            "site_dir": "site" if plugin else "plain",
            **self.config,
        }
        path = self.folder / "mkdocs.yml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path

    def build(
        self,
        *,
        plugin: bool = True,
        command: Literal["build", "serve"] = "build",
        strict: bool = False,
    ) -> Built:
        """Build the site as the command line does."""
        path = self.write(plugin=plugin)
        records: list[tuple[str, str]] = []
        handler = _Recorder(records)
        # ProperDocs takes the place of `mkdocs` and logs under its own name.
        logger = logging.getLogger(mkdocs.__name__)
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            config = load_config(str(path), strict=strict)
            config.plugins.on_startup(command=command, dirty=False)
            try:
                build(config)
            finally:
                config.plugins.on_shutdown()
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        report = self.folder / "report.json"
        return Built(
            self.folder / ("site" if plugin else "plain"),
            records,
            json.loads(report.read_text(encoding="utf-8")) if plugin and report.exists() else None,
        )


class _Recorder(logging.Handler):
    def __init__(self, records: list[tuple[str, str]]) -> None:
        super().__init__(logging.DEBUG)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append((record.levelname, record.getMessage()))
