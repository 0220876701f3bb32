"""What the pages of a review look like, and what axe-core says of them, in every state."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from review_items import ARABIC, LONG, MARKUP, STATES, item, note, on_disk, rendered

from mkdocs_alttext.models import Picture
from mkdocs_alttext.review.export import export
from mkdocs_alttext.review.items import State

if TYPE_CHECKING:
    from pathlib import Path

    from accessibility.chromium import Chromium

_SIZES = {"large.png": (1280, 800), "tall.png": (300, 1900), "wide.png": (2000, 160)}
LOOKS: dict[str, tuple[int, int, dict[str, str]]] = {
    "light": (1440, 900, {"prefers_color_scheme": "light"}),
    "dark": (1440, 900, {"prefers_color_scheme": "dark"}),
    "narrow": (320, 256, {"prefers_color_scheme": "light"}),
    "narrow, dark": (320, 800, {"prefers_color_scheme": "dark"}),
    "forced colours": (1024, 768, {"forced_colors": "active", "prefers_color_scheme": "dark"}),
}
"""Windows; 320 by 256 is what 1280 by 1024 is at 400 % (WCAG 1.4.10)."""
AXE = """
axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))"""


def drawn(name: str) -> bytes:
    """Return a picture of the size that its name stands for."""
    buffer = io.BytesIO()
    Image.new("RGB", _SIZES.get(name, (16, 16)), "#eef").save(buffer, "PNG")
    return buffer.getvalue()


def found(browser: Chromium, axe: str) -> list[Any]:
    """Return what axe-core says of the page that is shown, and whether it scrolls sideways."""
    browser.evaluate(axe)
    return found_again(browser)


def found_by_look(browser: Chromium, axe: str, page: Path) -> dict[str, list[Any]]:
    """Return what is wrong with a page in each look, where anything is."""
    browser.open(page)
    browser.evaluate(axe)
    wrong = {}
    for look, (width, height, media) in LOOKS.items():
        # Else colours would change from one look to the next while they are judged.
        browser.look(width, height, **media, prefers_reduced_motion="reduce")
        wrong[look] = found_again(browser)
    return {look: each for look, each in wrong.items() if each}


def found_again(browser: Chromium) -> list[Any]:
    """Return the same, of a page that has axe-core already."""
    violations: list[Any] = browser.evaluate(AXE)
    root = "document.documentElement"
    over = browser.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    return [*violations, f"{over} pixels too wide"] if over else violations


@pytest.mark.parametrize("state", STATES)
def test_pages(state: str, tmp_path: Path, browser: Chromium, axe: str) -> None:
    """No violation, nothing that scrolls sideways, and nothing that runs."""
    page = on_disk(rendered(state), tmp_path, drawn)
    assert found_by_look(browser, axe, page) == {}
    assert browser.evaluate("document.title") != "run"


def test_the_list_of_keys(tmp_path: Path, browser: Chromium, axe: str) -> None:
    """It opens on a key, has the focus, and gives it back."""
    browser.look(320, 256, prefers_color_scheme="dark")
    browser.open(on_disk(rendered("draft"), tmp_path, drawn))
    browser.evaluate("document.querySelector('#skip').focus()")
    browser.press("?")
    assert browser.evaluate("document.querySelector('#keys').open")
    assert browser.evaluate("document.activeElement.closest('dialog') !== null")
    assert found(browser, axe) == []
    browser.press("Escape")
    assert browser.evaluate("document.activeElement.id") == "skip"


def test_the_export(tmp_path: Path, browser: Chromium, axe: str) -> None:
    """The file for others, in both colour schemes and on a narrow window."""
    shown = Picture(drawn("large.png"), "image/png", 1280, 800)
    items = [
        item(path="a.png"),
        item(State.REFUSED, LONG, path="b.png", notes=note("refused", "The text is too long.")),
        item(State.MISSING, "", path=f"{MARKUP}.png"),
        item(State.REVIEWED, ARABIC, path="d.png", language="ar"),
        item(State.DECORATIVE, "", path="e.png", language=""),
    ]
    path = tmp_path / "export.html"
    path.write_text(export("Site", items, ["x.png"], lambda _: shown), encoding="utf-8")
    assert found_by_look(browser, axe, path) == {}
    loaded = "[...document.images].every(each => each.complete && each.naturalWidth === 1280)"
    assert browser.evaluate(loaded)
