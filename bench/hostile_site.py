"""The small project into which things are planted.

Owns its sources, its configuration, and the names and keys of its pictures. It must not know what
is planted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.stress_site import picture
from mkdocs_alttext.models import CaptionKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY_VARIABLE, KEY = "ALTTEXTAI_API_KEY", "hostile-key-Vb7Rm2sL-never-to-be-seen"
SECRET_VARIABLE, SECRET = "AWS_SECRET_ACCESS_KEY", "another-secret-Pq3Xn8tD"
PICTURES = ("a.png", "b.png", "img/c.png", "img/d.png")

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Hostile</title></head>
<body>{{ page.content }}</body>
</html>
"""
_PAGES = {
    "index.md": "# Top\n\n![](a.png)\n\n[![Kept as written](b.png)](more/page.md)\n\n"
    "Once more ![](b.png).\n",
    "more/page.md": '# More\n\n![](../img/c.png)\n\n<p><img src="../img/d.png"></p>\n',
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder, and how it is built."""

    folder: Path
    base_url: str
    hooks: list[str] = field(default_factory=list)
    """Programs that a build with the plugin runs, in the project."""

    def write_config(self, options: Mapping[str, object] | None) -> None:
        """Write `mkdocs.yml`.

        Args:
            options: The plugin's, beside the usual ones; `None` for none at all.
        """
        usual = {"base_url": self.base_url, "report": "report.json"}
        plugins = [] if options is None else [{"alttext": {**usual, **options}}]
        config = {
            "site_name": "Hostile",
            "use_directory_urls": False,
            "theme": {"name": None, "custom_dir": "theme"},
            "plugins": plugins,
            "hooks": [] if options is None else self.hooks,
        }
        text = json.dumps(config, indent=1)  # which is YAML, too
        (self.folder / "mkdocs.yml").write_text(text, encoding="utf-8")

    def add_page(self, name: str, text: str) -> None:
        """Write a page, in a folder that need not be there."""
        path = self.folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def add_picture(self, name: str, content: bytes) -> None:
        """Write a picture, in a folder that need not be there."""
        path = self.folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def key_of(self, name: str) -> CaptionKey:
        """Return the key of a picture's text in the cache."""
        content = (self.folder / "docs" / name).read_bytes()
        return CaptionKey(hashlib.sha256(content).hexdigest(), "en", "alttextai")


def write_project(folder: Path, base_url: str) -> Project:
    """Write the project's sources.

    Args:
        folder: Where to; it must not exist.
        base_url: The service's address.
    """
    project = Project(folder, base_url)
    for name, text in _PAGES.items():
        project.add_page(name, text)
    for number, name in enumerate(PICTURES):
        project.add_picture(name, picture(number))
    (folder / "theme").mkdir()
    (folder / "theme" / "main.html").write_text(_TEMPLATE, encoding="utf-8")
    project.write_config({})
    return project
