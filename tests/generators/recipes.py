"""The recipes of docs/generators.md, and building the sites of this folder by them.

Owns reading and running what a section says. It judges nothing.
"""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from PIL import Image

from mkdocs_alttext.cli.main import main

ROOT = Path(__file__).parents[2]
SITES = Path(__file__).parent / "sites"
DOCUMENT = ROOT / "docs" / "generators.md"
GENERATORS = "ALTTEXT_GENERATORS"
"""Names the folder of what comes from package indexes: `make generators` fills it."""
_INSTALLED = Path(os.environ.get(GENERATORS, "nowhere")).absolute()
_LINES = re.MULTILINE | re.DOTALL
_PICTURES = {
    "hugo": ["static/img/chart.png", "static/img/leaf.png", "content/guide/leaf.png"],
    "jekyll": ["img/chart.png", "img/leaf.png"],
    "sphinx": ["img/chart.png", "img/leaf.png"],
    "docusaurus": ["docs/img/chart.png", "docs/img/leaf.png", "static/img/photo.png"],
    "eleventy": ["img/chart.png", "img/leaf.png"],
    "zensical": ["docs/img/chart.png", "docs/img/leaf.png"],
}
NAMES = tuple(_PICTURES)


class NotInstalledError(Exception):
    """A generator is not here."""


@dataclass(frozen=True)
class Recipe:
    """What a section of the document says."""

    name: str
    build: list[str]
    """The command that builds the site."""
    fill: list[str]
    """The arguments of this package's command."""
    options: str
    """Of `alttext.toml`; empty where the section has none."""

    @classmethod
    def of(cls, name: str) -> Recipe:
        """Read the section of a generator."""
        text = DOCUMENT.read_text(encoding="utf-8")
        section = text.split(f"\n## {name.capitalize()}\n")[1].split("\n## ")[0]
        (console,) = re.findall(r"^```console\n(.*?)^```", section, _LINES)
        build, fill = map(shlex.split, re.findall(r"^\$ ([^\n]*)", console, _LINES))
        assert fill[0] == "mkdocs-alttext"
        options = re.findall(r"^```toml\n(.*?)^```", section, _LINES)
        return cls(name, build, fill[1:], "".join(options))

    @property
    def output(self) -> str:
        """The folder that is filled."""
        return self.fill[1]

    def built(self, folder: Path) -> Path:
        """Copy the sources of the site into a folder, and build it.

        Returns:
            The folder of the built site.

        Raises:
            NotInstalledError: The generator is not here.
        """
        installed = _INSTALLED / self.name
        path = self._path
        if (SITES / self.name / "package.json").exists():
            if not (installed / "node_modules" / ".bin" / self.build[1]).exists():
                raise NotInstalledError(f"{self.build[1]} is not installed in {installed}")
        elif shutil.which(self.build[0], path=path) is None:
            raise NotInstalledError(f"{self.build[0]} is not installed")
        shutil.copytree(SITES / self.name, folder)
        if (folder / "package.json").exists():
            (folder / "node_modules").symlink_to(installed / "node_modules")
        for name in _PICTURES[self.name]:
            draw(folder / name)
        (folder / "alttext.toml").write_text(self.options, encoding="utf-8")
        self.run(folder)
        return folder / self.output

    @property
    def _path(self) -> str:
        return os.pathsep.join([str(_INSTALLED / self.name / "bin"), os.environ["PATH"]])

    def run(self, folder: Path, *more: str) -> None:
        """Build the site of a folder, with more arguments than the recipe has."""
        ran = subprocess.run(
            [*self.build, *more],
            cwd=folder,
            # Docusaurus would take what it made of a copy in another folder.
            env={**os.environ, "PATH": self._path, "DOCUSAURUS_NO_PERSISTENT_CACHE": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def filled(self, *more: str) -> str:
        """Call the command in the current folder, and return what it says."""
        result = CliRunner().invoke(main, [*self.fill, *more])
        assert result.exit_code == 0, result.output
        return result.output


def draw(path: Path) -> None:
    """Draw a picture that its name tells, and of more than the 10 kB that Docusaurus inlines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = random.Random(path.stem).randbytes(90 * 70 * 3)  # noqa: S311 - a picture
    Image.frombytes("RGB", (90, 70), noise).save(path)
