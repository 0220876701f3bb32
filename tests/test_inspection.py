"""What a look at a picture's structure tells, beside decoding it."""

from __future__ import annotations

import tracemalloc

import pytest
from built_site import picture

from bench import hostile_files as hostile
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.images.formats import bare_file
from mkdocs_alttext.images.prepare import prepare
from mkdocs_alttext.models import Reason

PNG = picture(1)


def resized(width: int, height: int) -> bytes:
    """Return a PNG whose header says another extent (PNG 3, 11.2.1)."""
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not a picture", Reason.NOT_AN_IMAGE),
        (PNG[:20], Reason.UNDECODABLE),
        (picture(1, "JPEG")[:30], Reason.UNDECODABLE),
        (resized(1, 1), Reason.ZERO_SIZE),
        (resized(1, 400), Reason.ZERO_SIZE),
        (resized(100_000, 100_000), Reason.TOO_MANY_PIXELS),
        (b"RIFF\x00\x00\x00\x00WEBP", Reason.UNDECODABLE),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_what_it_refuses_cannot_be_prepared_either(data: bytes, reason: Reason) -> None:
    """And for the same reason, so that a scan and a build agree."""
    for look in (bare_file, prepare):
        with pytest.raises(ImageError) as caught:
            look(data)
        assert caught.value.reason is reason


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO"])
def test_what_can_be_prepared_passes(form: str) -> None:
    """In each format that is read."""
    data = picture(2, form)
    prepare(data)
    bare_file(data)


@pytest.mark.parametrize(
    "data",
    [
        hostile.png(64, 64, hostile.png_chunk(b"tEXt", bytes(8_000_000))),
        hostile.png(64, 64, hostile.png_chunk(b"IDAT", bytes(8_000_000))),
        hostile.sound("JPEG")[:-2] + bytes(8_000_000) + b"\xff\xd9",
        hostile.gif(b"!\xfe" + (b"\xff" + b"a" * 255) * 30_000 + b"\0"),
        hostile.one_colour_webp(64, 64) + bytes(8_000_000),
    ],
    ids=["PNG text", "PNG pixels", "JPEG", "GIF", "WEBP"],
)
def test_a_large_file_is_not_copied(data: bytes) -> None:
    """A scan looks at many."""
    tracemalloc.start()
    try:
        bare_file(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
