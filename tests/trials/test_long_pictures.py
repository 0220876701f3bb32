"""Very long pictures, which the built-in service reads in pieces: seconds for each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite
from drawn_pictures import drawn, prepared
from PIL import Image

from mkdocs_alttext.exceptions import ImageRejectedError
from mkdocs_alttext.models import Reason, Request
from mkdocs_alttext.ocr.reader import RapidReader
from mkdocs_alttext.ocr.service import Ocr

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.ocr
@pytest.mark.parametrize("pitch", [147, 151])
def test_each_line_of_a_very_long_picture_is_read_once(pitch: int) -> None:
    """Those, too, that an edge between two of its pieces goes through."""
    pytest.importorskip("rapidocr")
    texts = [f"Step {number} of the guide" for number in range(40)]
    lines = [(text, 20, 10 + pitch * number, 22) for number, text in enumerate(texts)]
    found = RapidReader()(drawn(*lines, size=(300, 6100)))

    assert sorted(region.text for region in found.regions) == sorted(texts)
    for region in found.regions:
        top = region.corners[0][1]
        assert top == pytest.approx(lines[texts.index(region.text)][2], abs=12)


@pytest.mark.ocr
def test_a_line_that_goes_on_in_the_next_piece_is_one() -> None:
    """A banner is cut across its lines."""
    pytest.importorskip("rapidocr")
    name = "Water and light in the greenhouse from the first day of spring to the last of autumn"
    banner = drawn((name, 1500, 40, 40), ("Nightly report", 7600, 140, 24), size=(8200, 200))

    found = {region.text for region in RapidReader()(banner).regions if region.text}
    assert found == {name, "Nightly report"}


@pytest.mark.ocr
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_the_foot_of_a_very_long_picture_is_read(tmp_path: Path, form: str) -> None:
    """A screenshot of a whole page reaches the service at a legible size."""
    pytest.importorskip("rapidocr")
    with Image.open(
        io.BytesIO(drawn(("Open valve four", 40, 8800, 20), size=(640, 9000)).data)
    ) as it:
        buffer = io.BytesIO()
        it.save(buffer, form)
    docs: dict[str, str | bytes] = {"index.md": "![](page.png)\n", "page.png": buffer.getvalue()}
    built = TinySite(tmp_path, docs, {"service": "ocr", "publish": "all"}).build()

    assert 'alt="Open valve four"' in built.page("index.html")


@pytest.mark.ocr
@pytest.mark.parametrize("size", [(8, 20_000), (20_000, 8), (1700, 7300)])
def test_a_very_long_picture_of_nothing_has_no_text(size: tuple[int, int]) -> None:
    """However long: the pieces have as many pixels as any other picture, and are bounded."""
    pytest.importorskip("rapidocr")
    with pytest.raises(ImageRejectedError) as caught:
        Ocr().describe(Request(prepared(Image.new("RGB", size, "white")), "en"))

    assert caught.value.reason is Reason.NO_TEXT_FOUND
