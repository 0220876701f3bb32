"""SVGs without a title on whole sites: drawn and described, or left with what to install."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from built_site import TinySite

from mkdocs_alttext.images.svg import can_draw

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
DOCS = {
    "index.md": "![](titled.svg)\n\n![](drawn.svg)\n\n![](empty.svg)",
    "titled.svg": SVG.format("<title>A red bicycle</title>"),
    "drawn.svg": SVG.format('<rect width="5" height="5"/>'),
    "empty.svg": SVG.format('<image href="titled.svg"/>'),
}


@pytest.mark.skipif(not can_draw(), reason="needs the svg extra")
def test_an_svg_without_a_title_is_drawn_and_described(tmp_path: Path, server: ApiServer) -> None:
    """For one credit; nothing is paid for one in which nothing shows."""
    built = TinySite(tmp_path, DOCS, {"base_url": server.base_url}).build()
    assert [line for line in built.outcomes if ".svg" in line] == [
        "titled.svg svg-title filled svg-title None",
        "drawn.svg ask-service filled service None",
        "empty.svg unavailable missing None svg-without-title",
    ]
    assert built.report is not None
    assert built.report["credits"]["spent"] == 1


def test_without_the_extra_it_is_left_with_what_to_install(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is asked."""
    monkeypatch.setattr("mkdocs_alttext.images.svg.find_spec", lambda _: None)
    built = TinySite(tmp_path, DOCS, {"base_url": server.base_url}).build()
    assert "drawn.svg unavailable missing None svg-without-title" in built.outcomes
    assert any("mkdocs-alttext[svg]" in text for _, text in built.log)
    assert not [call for call in server.calls if call.path.endswith("/generate")]
