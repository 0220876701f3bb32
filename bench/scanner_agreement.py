"""Compare the scanner with a browser-grade parser (lexbor) on which images a source has.

    python -m bench.scanner_agreement [--documents N] [--seed N] [FOLDER ...]

It reads generated documents and every `.html` file below the given folders, prints how many
sources and images were compared, and shows the first disagreements; exit status 1 if there are any.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.html.prefilter import may_lack_text
from mkdocs_alttext.html.scanner import scan

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the generator lives there
from html_documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 5


def browser_images(html: str) -> list[dict[str, str]]:
    """Return the attributes of each image that lexbor's tree has, in order."""
    return [
        {name: value or "" for name, value in node.attributes.items()}
        for node in LexborHTMLParser(html).css("img")
    ]


def disagreement(html: str) -> str | None:
    """Say how the scanner and lexbor differ on a source, or return `None`."""
    ours = [image.attributes.as_dict() for image in scan(html)]
    theirs = browser_images(html)
    if sorted(map(_items, ours)) != sorted(map(_items, theirs)):
        return f"scanner {ours}\nlexbor  {theirs}"
    if not may_lack_text(html) and not all(image.get("alt", "").strip() for image in theirs):
        return f"the first stage let through {theirs}"
    return None


def _items(image: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(image.items())


def _sources(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    random = Random(arguments.seed)  # noqa: S311 - documents, not secrets
    for number in range(arguments.documents):
        yield f"document {number}", document(random)
    for folder in arguments.folders:
        for path in sorted(Path(folder).rglob("*.html")):
            yield str(path), path.read_text(encoding="utf-8", errors="replace")


def main() -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folders", nargs="*")
    sources = images = differences = 0
    for name, html in _sources(parser.parse_args()):
        sources += 1
        images += len(browser_images(html))
        found = disagreement(html)
        if found:
            differences += 1
            if differences <= _SHOWN:
                print(f"{name}: {html!r}\n{found}\n")
    print(f"{sources} sources, {images} images, {differences} disagreements with lexbor")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
