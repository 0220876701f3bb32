"""Pictures with text, drawn with Pillow's own font, as a service is given them."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from mkdocs_alttext.models import Picture


def prepared(picture: Image.Image) -> Picture:
    """Write a picture as the preparation does."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return Picture(buffer.getvalue(), "image/png", *picture.size)


def drawn(*texts: tuple[str, int, int, int], size: tuple[int, int] = (520, 420)) -> Picture:
    """Draw texts, each given with its left, its top and its size, with Pillow's own font."""
    picture = Image.new("RGB", size, "white")
    canvas = ImageDraw.Draw(picture)
    for text, left, top, height in texts:
        canvas.text((left, top), text, font=ImageFont.load_default(height), fill="black")
    return prepared(picture)
