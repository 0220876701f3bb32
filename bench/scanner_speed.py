"""The scanner beside library parsers, on the same pages.

    python -m bench.scanner_speed [--repetitions N] [--seconds N]

It builds pages of a generated site: with no image but the theme's, with images that all have text,
with many that lack it, and with a script that holds what looks like one. It prints the MB/s
at which each parser finds the images that lack text, and says whether the prefilter, which ends
pages of the first two kinds, is the fastest there. For the others lexbor reads a copy of the page.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from selectolax.lexbor import LexborHTMLParser

from bench.figures import Spread, table
from bench.generated_site import SiteSpec, write_site
from bench.processes import run
from mkdocs_alttext.html.prefilter import may_lack_text
from mkdocs_alttext.html.scanner import scan

if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_OVER_SOUP = 20.0
_KINDS = {
    "no image in the article": SiteSpec(pages=1, lacking=0, with_text=0, images=1),
    "20 images, all with text": SiteSpec(pages=1, lacking=0, with_text=1, images_per_page=20),
    "20 images without text": SiteSpec(pages=1, lacking=1, with_text=0, images_per_page=20),
    "only a script that holds a tag": SiteSpec(
        pages=1, lacking=0, with_text=0, images=1, decoys=True
    ),
}


class _ImageCounter(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += tag == "img" and not (dict(attrs).get("alt") or "").strip()


def _scanner(html: str) -> int:
    """Look as the plugin's last hook does."""
    if not may_lack_text(html):
        return 0
    return sum(not image.attributes.get("alt").strip() for image in scan(html, is_whole=True))


def _standard_library(html: str) -> int:
    counter = _ImageCounter()
    counter.feed(html)
    counter.close()
    return counter.count


def _beautiful_soup(html: str) -> int:
    images = BeautifulSoup(html, "html.parser").find_all("img")
    return sum(not str(image.get("alt") or "").strip() for image in images)


def _selectolax(html: str) -> int:
    images = LexborHTMLParser(html).css("img")
    return sum(not (image.attributes.get("alt") or "").strip() for image in images)


_PARSERS: dict[str, Callable[[str], int]] = {
    "scanner": _scanner,
    "selectolax": _selectolax,
    "html.parser": _standard_library,
    "BeautifulSoup": _beautiful_soup,
}


def parsers() -> dict[str, Callable[[str], int]]:
    """Return what is compared: lxml only where it is installed, as only benchmarks need it."""
    try:
        lxml_html = importlib.import_module("lxml.html")
    except ImportError:
        print("lxml is not installed: install the dependency group `bench` to compare with it")
        return _PARSERS

    def find(html: str) -> int:
        images = lxml_html.document_fromstring(html).iter("img")
        return sum(not (image.get("alt") or "").strip() for image in images)

    return {**_PARSERS, "lxml": find}


def built_page(spec: SiteSpec, folder: Path) -> str:
    """Build a site of one page, as MkDocs writes it without the plugin, and return that page."""
    write_site(folder, spec)
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "--quiet"]
    run(command, folder=folder, variables={})
    return (folder / "site" / "index.html").read_text(encoding="utf-8")


def speed(find: Callable[[str], int], html: str, *, repetitions: int, seconds: float) -> Spread:
    """Measure megabytes a second.

    Args:
        find: The parser.
        html: The page.
        repetitions: Figures to take.
        seconds: How long each is taken for.
    """
    size = len(html.encode()) / 1e6
    speeds = []
    for _ in range(repetitions):
        count = 0
        began = now = perf_counter()
        while now - began < seconds:
            find(html)
            count += 1
            now = perf_counter()
        speeds.append(count * size / (now - began))
    return Spread(tuple(speeds))


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="for each figure")
    arguments = parser.parse_args()
    compared = parsers()
    rows, verdicts = [], []
    for kind, spec in _KINDS.items():
        with tempfile.TemporaryDirectory() as folder:
            html = built_page(spec, Path(folder))
        counts = {find(html) for find in compared.values()}
        if len(counts) > 1:
            print(f"{kind}: the parsers do not agree: {counts}")
            return 1
        speeds = {
            name: speed(find, html, repetitions=arguments.repetitions, seconds=arguments.seconds)
            for name, find in compared.items()
        }
        rows.append([f"{kind} ({len(html) // 1000} KB)", *(s.text(".1f") for s in speeds.values())])
        if not spec.decoys:
            verdicts += _verdicts(kind, speeds, is_filtered=not spec.lacking)
    print(table(["MB/s", *compared], rows))
    print("\n".join(verdicts))
    return 0


def _verdicts(kind: str, speeds: dict[str, Spread], *, is_filtered: bool) -> list[str]:
    ours = speeds["scanner"].median
    others = {name: each.median for name, each in speeds.items() if name != "scanner"}
    second = max(others, key=others.__getitem__)
    over_second, over_soup = ours / others[second], ours / others["BeautifulSoup"]
    soup = f"{over_soup:.0f} times BeautifulSoup, at least {LEAST_OVER_SOUP:.0f}"
    verdict = f"{_word(over_soup >= LEAST_OVER_SOUP)}  {kind}: {soup}"
    if not is_filtered:
        return [verdict]
    ahead = f"{_word(over_second > 1)}  {kind}: {over_second:.1f} times {second}, ahead of all"
    return [ahead, verdict]


def _word(holds: bool) -> str:  # noqa: FBT001 - one yes or no, and nothing else
    return "holds" if holds else "FAILS"


if __name__ == "__main__":
    sys.exit(main())
