"""What axe-core says of built sites.

Owns the rules that are run, and the comparison of a site with what it was without the plugin. It
must not know how a site is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

RULES = (
    "image-alt",
    "image-redundant-alt",
    "link-name",
    "button-name",
    "presentation-role-conflict",
    "svg-img-alt",
    "role-img-alt",
)
COPY = "print_page/index.html"
OURS = frozenset({"image-alt", "link-name"})
"""Rules whose violations are to be gone, where a local image causes them."""

_RUN = """
axe.run(document, {
  runOnly: {type: 'rule', values: %s}, resultTypes: ['violations'], ancestry: true
})
  .then(result => result.violations.flatMap(rule => rule.nodes.map(
    node => ({rule: rule.id, place: JSON.stringify(node.ancestry), html: node.html}))))
"""
_BY_AUTHORS = frozenset({"skip", "keep-empty"})
"""Decisions that are the author's reason: glightbox makes links of decorative images, too."""

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Violation:
    """One element that breaks a rule."""

    page: str
    """Path inside the site."""
    rule: str
    place: str
    """Which element, by its ancestors; the same whatever its attributes."""
    html: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same in two builds."""
        return self.page, self.rule, self.place

    @property
    def local_images(self) -> list[str]:
        """Addresses of the images in it that belong to the site."""
        images = BeautifulSoup(self.html, "html.parser").find_all("img")
        addresses = [str(image.get("src") or "") for image in images]
        return [each for each in addresses if each and not _ELSEWHERE.match(each)]


class Browser(Protocol):
    """What opens pages."""

    def open(self, page: Path) -> None:
        """Open a page, and wait until it has loaded."""

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - whatever JSON the script returns
        """Run a script in the page, and return its value."""


def violations(browser: Browser, axe: str, site: Path) -> list[Violation]:
    """Run the rules over each page of a site.

    Args:
        browser: Where the pages are opened.
        axe: The source of axe-core.
        site: The built site.
    """
    found = []
    for path in sorted(site.rglob("*.html")):
        browser.open(path)
        browser.evaluate(axe)
        page = path.relative_to(site).as_posix()
        found += [Violation(page, **each) for each in browser.evaluate(_RUN % list(RULES))]
    return found


def new_violations(before: Iterable[Violation], after: Iterable[Violation]) -> list[Violation]:
    """Return what the plugin brought."""
    known = {violation.key for violation in before}
    return [violation for violation in after if violation.key not in known]


def unexplained(found: Iterable[Violation], report: Mapping[str, Any]) -> list[Violation]:
    """Return what a local image still causes, and no line of the report explains.

    Args:
        found: Violations of the site with the plugin.
        report: Its report.
    """
    explained = set[tuple[str, str]]()
    for image in report["images"]:
        if image["reason"] or image["decision"] in _BY_AUTHORS:
            explained.add((image["page"], image["src"]))
            # print-site writes its page itself, from articles that the report names.
            explained.add((COPY, image["src"].removeprefix("../")))
    return [
        violation
        for violation in found
        if violation.rule in OURS
        and violation.local_images
        and explained.isdisjoint(_places(violation))
    ]


def _places(violation: Violation) -> set[tuple[str, str]]:
    page = violation.page
    images = violation.local_images
    return {(page, src.removeprefix("../") if page == COPY else src) for src in images}
