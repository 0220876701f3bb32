"""Whole tiny sites that any generator may have built: a folder, and `fill` called on it.

Owns writing, filling and reading back. It judges nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from click.testing import Result

HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title></head>'


def page(body: str, head: str = HEAD) -> bytes:
    """Return a page in UTF-8 that says so."""
    return f"{head}<body>{body}</body></html>\n".encode()


@dataclass
class BuiltFolder:
    """A folder of pages, in a project of its own."""

    project: Path
    files: Mapping[str, str | bytes]
    """By their paths in the site."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of `alttext.toml`."""

    def __post_init__(self) -> None:
        """Write all of it."""
        for name, content in self.files.items():
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.site.mkdir(exist_ok=True)
        # JSON's texts, lists and numbers are TOML's, too.
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in self.options.items()]
        (self.project / "alttext.toml").write_text("".join(lines), encoding="utf-8")

    @property
    def site(self) -> Path:
        """The folder."""
        return self.project / "public"

    def fill(self, *arguments: str) -> Result:
        """Call the command; the current folder is the project's."""
        return CliRunner().invoke(main, ["fill", *arguments, "public"])

    def report(self, *arguments: str) -> dict[str, Any]:
        """Call the command, and return its report."""
        result = self.fill("--report", "report.json", *arguments)
        assert result.exit_code in {0, 1}, result.output
        content: dict[str, Any] = json.loads((self.project / "report.json").read_text("utf-8"))
        return content

    def read(self, name: str = "index.html") -> bytes:
        """Return a file of the site."""
        return (self.site / name).read_bytes()

    def tree(self) -> dict[str, bytes]:
        """Return all files of the site, by their paths."""
        return {
            path.relative_to(self.site).as_posix(): path.read_bytes()
            for path in sorted(self.site.rglob("*"))
            if path.is_file()
        }
