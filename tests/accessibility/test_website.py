"""The documentation site builds, passes its own scan, leads somewhere, and is accessible."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag

import pytest
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accessibility.chromium import Chromium

PROJECT = Path(__file__).parents[2]
CONFIG = PROJECT / "website" / "mkdocs.yml"
PHONE, DESK = 320, 1280
PARTS = 6
"""Of the pages, as judging all of them takes one process a minute."""
SHOW = """
document.body.setAttribute('data-md-color-scheme', '%s');
document.head.insertAdjacentHTML('beforeend', '<style>* {transition: none !important}</style>')
"""
"""Does what the switch of the theme does, at once."""
RUN = """
axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))
"""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment, without any key."""
    environment = {name: value for name, value in os.environ.items() if "_KEY" not in name}
    return subprocess.run(
        [sys.executable, "-m", *command],
        env={**environment, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it, strictly."""
    folder = tmp_path_factory.mktemp("website")
    built = run("mkdocs", "build", "--strict", "-f", str(CONFIG), "-d", str(folder))
    assert built.returncode == 0, built.stderr
    return folder


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """Serve it on loopback, as a host does; return its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_passes_its_own_scan() -> None:
    """No picture of it lacks a text."""
    scanned = run("mkdocs_alttext", "scan", "-f", str(CONFIG))
    assert scanned.returncode == 0, scanned.stdout
    assert " 0 left without text" in scanned.stdout


def test_links_lead_somewhere(site: Path) -> None:
    """Each to a file of the site, and to a place that is in it."""
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in site.rglob("*.html")
    }
    broken = []
    for path, soup in pages.items():
        if path.name == "404.html":  # is shown at any address, so its links begin at the root
            continue
        for tag, attribute in (("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")):
            for element in soup.find_all(tag, attrs={attribute: True}):
                address, place = urldefrag(str(element[attribute]))
                if ":" in address.partition("/")[0]:
                    continue
                target = (path.parent / unquote(address)).resolve() if address else path
                target = target / "index.html" if target.is_dir() else target
                if not target.is_file():
                    broken.append(f"{path.name}: {address}")
                elif place and target in pages and not pages[target].find(id=unquote(place)):
                    broken.append(f"{path.name}: {address}#{place}")
    assert broken == []


@pytest.mark.parametrize("part", range(PARTS))
def test_it_is_accessible(part: int, site: Path, served: str, browser: Chromium, axe: str) -> None:
    """No rule of axe-core is broken on any page, in either scheme."""
    browser.look(DESK, 900, prefers_color_scheme="light")
    found = []
    for path in sorted(site.rglob("*.html"))[part::PARTS]:
        browser.visit(f"{served}/{path.relative_to(site).as_posix()}")
        browser.evaluate(axe)
        for scheme in ("default", "slate"):
            browser.evaluate(SHOW % scheme)
            found += [f"{path.name}, {scheme}: {each}" for each in browser.evaluate(RUN)]
    assert found == []


def test_it_is_readable_on_a_phone(site: Path, browser: Chromium) -> None:
    """No page is wider than the window; tables and code scroll on their own (WCAG 1.4.10)."""
    browser.look(PHONE, 640)
    wide = []
    for path in sorted(site.rglob("*.html")):
        browser.open(path)
        width = browser.evaluate("document.documentElement.scrollWidth")
        if width > PHONE:
            wide.append(f"{path.name}: {width}")
    assert wide == []


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    """Nobody is told who reads it, and it works without a network, its search included."""
    loaded = [
        str(element.get("src") or element.get("href"))
        for path in site.rglob("*.html")
        for element in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find_all(
            ["script", "img", "link", "iframe"]
        )
    ]
    assert not [each for each in loaded if each.startswith(("http:", "https:", "//"))]
    assert (site / "search" / "search_index.js").is_file()
