"""The overlay of `mkdocs serve` moves nothing, and says nothing among the words of a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from accessibility.test_review_states import AXE, drawn
from built_site import TinySite
from test_serve import Session

from mkdocs_alttext.images.collection import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from accessibility.chromium import Chromium

PICTURES = {name: drawn(name) for name in ("large.png", "wide.png", "tall.png")}
DOCS: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](large.png)\n\nWords ![](wide.png) between.\n\n![](tall.png)\n",
    **PICTURES,
}
CATALOG = f"""\
wide.png:
  alt: A draft
  status: draft
  sha256: {sha256_of(PICTURES["wide.png"])}
tall.png:
  alt: Approved
  status: reviewed
  sha256: {"0" * 64}
"""
OWN = ["Alt text review", "Alt text: 1 without text, 1 draft, 1 stale"]
_PLACES = """new Promise(done => {
  const places = () => [...document.querySelectorAll('body *')]
    .filter(each => !each.closest('#alttext-review') && !each.matches('script, style'))
    .map(each => {
      const {x, y, width, height} = each.getBoundingClientRect();
      return `${each.localName} ${x} ${y} ${width} ${height}`;
    });
  // Scripts of themes go on after the page has loaded.
  const settle = (before, times) => setTimeout(() => {
    const now = places();
    const isSame = String(now) === String(before);
    isSame && times === 2 ? done(now) : settle(now, isSame ? times + 1 : 0);
  }, 200);
  settle([], 0);
})"""


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs", "material"])
def test_nothing_but_the_box_comes(theme: str, tmp_path: Path, browser: Chromium, axe: str) -> None:
    """Elements stay where they are, and a screen reader hears the same, but for one region."""
    pages = []
    browser.look(1200, 800, prefers_color_scheme="light")
    for overlay in (False, True):
        folder = tmp_path / str(overlay)
        tiny = TinySite(
            folder, DOCS, {"review_overlay": overlay}, config={"theme": {"name": theme}}
        )
        folder.mkdir()
        (folder / "alttext.yml").write_text(CATALOG, encoding="utf-8")
        with Session(tiny) as session:
            session.build()
            browser.open(folder / "site/index.html")
            places, said = browser.evaluate(_PLACES), spoken(browser)
            browser.evaluate(axe)
            pages.append((places, said, browser.evaluate(AXE)))
    (places, said, violations), (new_places, new_said, new_violations) = pages
    assert new_places == places
    assert new_said - said == Counter(OWN)
    assert said - new_said == Counter()
    # A picture without a text keeps its own violation, whose tag has the mark now.
    assert len(new_violations) == len(violations)


def spoken(browser: Chromium) -> Counter[str]:
    """Return the names and texts of what assistive technology is told of."""
    nodes: list[dict[str, Any]] = browser.accessibility_tree()
    silent = {"RootWebArea", "InlineTextBox", "StaticText", "none", "generic"}
    shown = [node for node in nodes if not node["ignored"] and node["role"]["value"] not in silent]
    names = (node.get("name", {}).get("value", "") for node in shown)
    return Counter(name for name in names if name)
