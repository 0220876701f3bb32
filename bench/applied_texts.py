"""Show that `mkdocs-alttext apply` writes texts into the sources and changes nothing else.

    python -m bench.applied_texts [--site NAME=FOLDER[:CONFIG] ...] [--keep FOLDER]

For the example site and each given one: the alt text is taken out of a copy of the sources, so that
there is much to fill; a catalog gets a text for each image that lacks one, a different one for each
image and full of what Markdown, HTML and templates mean something by. The site is built without the
plugin, the texts are applied, and it is built without the plugin again. Every file has to be the
same but for the alt text of images that had none, which have to be exactly those of the catalog, as
BeautifulSoup reads them; and a second `apply` has to change nothing.

Exit status 1 when something else changed, 2 when a command fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from bs4 import BeautifulSoup

from bench.comparison import changed, compare, digests, site_files
from bench.figures import table
from bench.processes import CommandError, run
from bench.site_copies import PLUGIN, SiteCopy, SiteSource

if TYPE_CHECKING:
    from bench.comparison import Comparison

_ROOT = Path(__file__).parent.parent
_TEXTS = (
    'Screen no. {} with [brackets], a \\ and "quotes"',
    "No. {}: it's | a cell, `code` & more; 5 < 6 > 4",
    "{}: *stars*, _lines_, ~tildes~, ^carets^, ==marks== and ++keys++",
    "{} costs $5, not $6; see \\(x\\), &amp; and &lt;",
    "[{}](elsewhere.md) ![in](an.png) ]( and [^1] :smile: #12 @name",
    "Braces {{{{ {} }}}}, {{% raw %}} and {{ .class }}; <b>bold</b> <!-- no -->",
    "Größe {} — “ganz” 日本語 ☃ www.example.org",
)
_REMOVED = frozenset({"minify"})
"""It makes `&amp;` of `&amp;amp;`, whoever wrote it."""

_HEADINGS = (
    *("site", "stripped", "pages", "texts", "written", "files", "refused", "unexplained"),
    *("wrong texts", "second apply"),
)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one site."""

    site: str
    stripped: int
    comparison: Comparison
    texts: int
    """In the catalog."""
    sources: int
    """Markdown files that changed."""
    refused: list[str]
    wrong: list[str]
    changed_again: set[str]

    @property
    def holds(self) -> bool:
        """Whether nothing but the catalog's texts came in, once."""
        return not (self.comparison.unexplained or self.wrong or self.changed_again)

    def row(self) -> list[str]:
        """Return the row below `_HEADINGS`."""
        found = self.comparison
        numbers = [self.stripped, found.pages, self.texts, found.filled, self.sources]
        numbers += [len(self.refused), len(found.unexplained), len(self.wrong)]
        again = f"{len(self.changed_again)} files" if self.changed_again else "nothing"
        return [self.site, *map(str, numbers), again]

    def details(self) -> list[str]:
        """Return what is behind the row, a line each."""
        groups = {
            "unexplained": self.comparison.unexplained,
            "wrong": self.wrong,
            "changed again": sorted(self.changed_again),
            "refused": self.refused,
        }
        return [
            f"{self.site}: {title}: {line}"
            for title, lines in groups.items()
            for line in lines[:_SHOWN]
        ]


def examine(source: SiteSource, folder: Path) -> Finding:
    """Apply texts to a copy of a site.

    Args:
        source: The site.
        folder: Where to put everything; it must not exist.

    Raises:
        CommandError: A command failed.
    """
    site = SiteCopy.of(source, folder / "sources")
    stripped = site.strip_alt()
    catalog = folder / "alttext.yml"
    options = {"enabled": True, "catalog": str(catalog), "cache_dir": str(folder / "cache")}
    filled = site.variant("filled", add={PLUGIN: options}, remove=_REMOVED)
    plain = site.variant("plain", add={}, remove=_REMOVED | {PLUGIN})
    texts = _texts(filled)
    catalog.write_text(
        yaml.safe_dump({path: {"alt": text, "status": "reviewed"} for path, text in texts.items()}),
        encoding="utf-8",
    )
    excluded = changed(_built(plain, folder / "before"), _built(plain, folder / "again"))
    before = digests(site.folder)
    said = _command("apply", filled, {0, 1})
    between = digests(site.folder)
    _command("apply", filled, {0, 1})
    _built(plain, folder / "after")
    return Finding(
        source.name,
        stripped,
        compare(folder / "before", folder / "after", excluded=excluded, keeps_opt_outs=True),
        len(texts),
        len(changed(before, between)),
        [line for line in said.splitlines() if line.startswith("Not written")],
        _wrong(folder / "before", folder / "after", set(texts.values())),
        changed(between, digests(site.folder)),
    )


def _texts(config: Path) -> dict[str, str]:
    """Return a text for each image that lacks one, by its path in the site."""
    report: dict[str, Any] = json.loads(_command("scan", config, {0, 1}, "--format", "json"))
    missing = (image for image in report["images"] if image["outcome"] == "missing")
    paths = sorted({image["file"] for image in missing if image["file"]})
    return {path: _TEXTS[number % len(_TEXTS)].format(number) for number, path in enumerate(paths)}


def _command(name: str, config: Path, statuses: set[int], *arguments: str) -> str:
    """Run a command of this package and return its standard output."""
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", name, "-f", str(config), *arguments]
    done = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False)
    if done.returncode not in statuses:
        raise CommandError(f"{name}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def _built(config: Path, site: Path) -> dict[str, str]:
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "--quiet"]
    command += ["--config-file", str(config), "--site-dir", str(site)]
    run(command, folder=config.parent, variables={})
    return digests(site)


def _wrong(before: Path, after: Path, texts: set[str]) -> list[str]:
    """Return new alt texts that are none of the catalog's, as BeautifulSoup reads them."""
    wrong = []
    for name, path in site_files(after).items():
        if name.endswith(".html"):
            new = _alts(path) - _alts(before / name)
            wrong += [f"{name}: {text!r}" for text in new if text not in texts]
    return wrong


def _alts(page: Path) -> Counter[str]:
    soup = BeautifulSoup(page.read_bytes(), "html.parser")
    return Counter(str(image.get("alt") or "") for image in soup.find_all("img"))


def main() -> int:
    """Examine, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", type=SiteSource.parse, action="append", default=[])
    parser.add_argument("--keep", type=Path, help="new folder to leave everything in")
    arguments = parser.parse_args()
    example = SiteSource("example", _ROOT)
    sources = [example] * (_ROOT / example.config).is_file() + arguments.site
    with tempfile.TemporaryDirectory() as name:
        folder = (arguments.keep or Path(name)).resolve()
        try:
            findings = [examine(source, folder / source.name) for source in sources]
        except CommandError as error:
            print(error)
            return 2
    print(table(_HEADINGS, [finding.row() for finding in findings]))
    for finding in findings:
        print(*finding.details(), sep="\n", end="\n" * bool(finding.details()))
    return int(not all(finding.holds for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
