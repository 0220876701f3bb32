"""Plugins that rewrite, read or check whole pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from neighbours.beside import CAPTIONS, A, B, build_beside, caption
from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

either_order = pytest.mark.parametrize("is_listed_first", [False, True], ids=["last", "first"])

MINIFY: dict[str, Any] = {"minify_html": True}


@either_order
@pytest.mark.parametrize("lightbox", [[], [{"glightbox": {"auto_caption": False}}]], ids=["", "lb"])
def test_minified_pages(
    tmp_path: Path, server: ApiServer, lightbox: list[Any], *, is_listed_first: bool
) -> None:
    """Attributes without quotes or values are read and written as they come."""
    beside = build_beside(
        tmp_path, server, [*lightbox, {"minify": MINIFY}], is_listed_first=is_listed_first
    )
    assert beside.check().filled == 9
    pages = beside.cold.page() + beside.cold.page("sub/page/index.html")
    assert all(text in pages for text in CAPTIONS)


@either_order
def test_checked_links(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """A check of all addresses passes as it does without the plugin."""
    proofer = {"htmlproofer": {"validate_external_urls": False, "raise_error_after_finish": True}}
    beside = build_beside(tmp_path, server, [proofer], is_listed_first=is_listed_first)
    assert beside.check().filled == 9


DRAWING = """\
<mxfile>
  <diagram name="Overview" id="first"><mxGraphModel><root/></mxGraphModel></diagram>
  <diagram name="Details" id="second"><mxGraphModel><root/></mxGraphModel></diagram>
</mxfile>
"""


def drawn(drawing: str) -> bytes:
    """Return a PNG that holds its drawing, as the program exports it."""
    info = PngInfo()
    info.add_text("mxfile", quote(drawing))
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


# That plugin leaves the drawings that it reads to the garbage collector.
@pytest.mark.filterwarnings(r"ignore:unclosed file .*\.drawio\.png:ResourceWarning")
@either_order
def test_drawings(tmp_path: Path, server: ApiServer, *, is_listed_first: bool) -> None:
    """The `alt` of a drawing chooses its page, and so is never touched, nor is the drawing sent."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](d.drawio) ![Details](d.drawio) ![](a.png) ![](no.drawio)\n\n"
        "![](d.drawio.png) ![](plain.drawio.png) [![](d.drawio)](page.md)\n",
        "page.md": "# Page\n",
        "d.drawio": DRAWING,
        "d.drawio.png": drawn(DRAWING),
        "plain.drawio.png": B,
        "a.png": A,
    }
    beside = build_beside(tmp_path, server, ["drawio"], docs=docs, is_listed_first=is_listed_first)
    assert beside.check().filled == 3
    assert beside.asked == {(caption(A), "en"), (caption(B), "en")}
    html = beside.cold.page()
    assert html.count('class="mxgraph"') == 5
    assert (html.count("first"), html.count("second")) == (3, 4)
    assert f'alt="{caption(A)}"' in html
    assert f'alt="{caption(B)}"' in html


def test_redirects(tmp_path: Path, server: ApiServer) -> None:
    """A page that only leads to another is left alone."""
    maps = {"old.md": "sub/page.md"}
    beside = build_beside(tmp_path, server, [{"redirects": {"redirect_maps": maps}}])
    assert beside.check().filled == 9
    assert (beside.cold.folder / "old" / "index.html").exists()
