"""A folder of pages as a generator may have written them, and the command that fills it.

Owns what the pages hold and how the command is started. It measures nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the server lives there
from api_server import API_KEY
from built_site import picture

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = "the of valve pump sensor opens when water below greenhouse morning closes then".split()
_TEXT = '<img src="{}" alt="A red pump beside a valve" loading="lazy">'
_FOLDERS = 20
_BETWEEN = 20
"""Paragraphs from one image to the next."""


class FolderProject:
    """A project with a folder of pages."""

    def __init__(self, folder: Path, base_url: str) -> None:
        """Take where it is, and where the service is."""
        self.folder = folder
        self.site = folder / "site"
        self.kept = folder / "kept"
        """The folder as it is without any text of ours."""
        self._environment = {
            **os.environ,
            "ALTTEXTAI_API_KEY": API_KEY,
            "ALTTEXT_BASE_URL": base_url,
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        }
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def write(self, pages: int, *, size: int, every: int, pictures: int) -> None:
        """Write the folder.

        Args:
            pages: How many.
            size: Bytes of each.
            every: One page of so many has an image without text.
            pictures: How many there are of those.
        """
        random = Random(1)  # noqa: S311 - words, not secrets
        paragraphs = [
            f"<p>{' '.join(random.choices(_WORDS, k=60))} <code>x = {at}</code></p>\n"
            for at in range(200)
        ]
        for number in range(pictures):
            path = self.kept / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture(number))
        for number in range(pages):
            parts = [
                f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{number}</title>\n'
            ]
            if number % every == 0:
                parts.append(f'<p><img src="../{number // every % pictures}.png"></p>\n')
            while len(parts) * len(paragraphs[0]) < size:
                parts.append(random.choice(paragraphs))
                if len(parts) % _BETWEEN == 0:
                    parts.append(_TEXT.format(f"../{number % pictures}.png"))
            path = self.kept / str(number % _FOLDERS) / f"{number}.html"
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join([*parts, "</body></html>\n"]), encoding="utf-8")

    def restore(self) -> None:
        """Put the folder back as it was."""
        shutil.rmtree(self.site, ignore_errors=True)
        shutil.copytree(self.kept, self.site)

    def forget(self) -> None:
        """Lose the cache."""
        shutil.rmtree(self.folder / ".cache", ignore_errors=True)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program of Python in the project; without arguments, filling."""
        arguments = command or ("-P", "-m", "mkdocs_alttext", "fill", "site")
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def pages(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths and bytes of all files of the site."""
        for path in sorted(self.site.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.site).as_posix(), path.read_bytes()
