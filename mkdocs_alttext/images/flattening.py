"""Transparent pictures put on a ground.

Owns the choice between a light and a dark ground. It must not know formats or limits.
"""

from __future__ import annotations

from PIL import Image, ImageFilter, ImageStat

_WHITE, _DARK = (255, 255, 255), (32, 32, 32)
_LOOKED_AT = 512
"""Pixels of the longest side, at most, at which the grounds are compared."""
_STRIP_ROWS = 64
_CLEAR_EDGE = 96
"""Of 255: an edge that differs more is seen no better."""
_CLEARLY = 1.1
"""White is what pages mostly have: a dark ground has to show this much more."""


def flattened(image: Image.Image) -> Image.Image:
    """Return a picture without transparency.

    Args:
        image: Pixels of mode L, RGB or RGBA.

    Returns:
        The picture on white; on dark when more of its outlines show there. What is drawn counts and
        not how bright it is on the whole: a white box with black writing around it stays on white.
    """
    if image.mode != "RGBA":
        return image
    if image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    small = image.reduce(-(-max(image.size) // _LOOKED_AT))
    on_white, on_dark = (_outlines(_put(small, ground), ground) for ground in (_WHITE, _DARK))
    return _put(image, _DARK if on_dark > on_white * _CLEARLY else _WHITE)


def _put(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    flat = Image.new("RGB", image.size, ground)
    # In strips, as Pillow makes another picture of what it pastes.
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height)))
        flat.paste(strip, (0, top), strip.getchannel("A"))
    return flat


def _outlines(image: Image.Image, ground: tuple[int, int, int]) -> float:
    """Return how much of outlines shows."""
    # A frame of the ground: what touches the border has an outline there too.
    framed = Image.new("RGB", (image.width + 4, image.height + 4), ground)
    framed.paste(image, (2, 2))
    edges = framed.convert("L").filter(ImageFilter.FIND_EDGES)
    # Filters leave the outermost pixels as they were.
    edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    return ImageStat.Stat(edges.point(lambda value: min(value, _CLEAR_EDGE))).mean[0]
