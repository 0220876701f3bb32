"""A surface to draw user interfaces on.

Owns shapes, text and colours: everything is drawn three times too large and reduced at the end,
which smooths every edge in the same way on every machine. It must not know what is drawn.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height, in pixels of the finished picture."""

Align = Literal["left", "middle", "right"]

SCALE = 3
_COLOURS = 256
_VEIL_BLUR = 5
_SHARE_LEFT_OF: dict[Align, float] = {"left": 0, "middle": 0.5, "right": 1}


@dataclass(frozen=True)
class Palette:
    """The colours of one appearance, as hexadecimal texts."""

    ground: str
    surface: str
    field: str
    line: str
    ink: str
    muted: str
    side: str
    side_active: str
    accent: str
    accent_soft: str
    second: str
    warning: str
    warning_soft: str


LIGHT = Palette(
    ground="#f3f6f2",
    surface="#ffffff",
    field="#fbfcfa",
    line="#dbe3da",
    ink="#16261d",
    muted="#56675c",
    side="#12392a",
    side_active="#1f6b48",
    accent="#1f7a4f",
    accent_soft="#dff1e6",
    second="#2f6db3",
    warning="#b4530a",
    warning_soft="#fdecd8",
)
DARK = Palette(
    ground="#101713",
    surface="#19231d",
    field="#131c17",
    line="#2d3b33",
    ink="#eef4ef",
    muted="#a3b5a9",
    side="#0b120e",
    side_active="#1d4a35",
    accent="#4cc38a",
    accent_soft="#17392a",
    second="#6fb1f5",
    warning="#f2a65a",
    warning_soft="#43290f",
)


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    """Load Pillow's own font, so that no font of the machine plays a part."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType, which its scalable font needs")
    return font


class Canvas:
    """One picture while it is drawn; all lengths are pixels of the finished picture."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        """Begin with an empty picture of one colour."""
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(
        self, area: Box, fill: str | None, *, radius: float = 0, line: str | None = None
    ) -> None:
        """Draw a rectangle, with round corners and a thin outline where asked."""
        left, top, width, height = (value * SCALE for value in area)
        self._draw.rounded_rectangle(
            (left, top, left + width - 1, top + height - 1),
            radius * SCALE,
            fill=fill,
            outline=line,
            width=4 if line else 0,
        )

    def circle(
        self, centre: Point, radius: float, fill: str | None, *, line: str | None = None
    ) -> None:
        """Draw a disc, or a ring when there is only a line."""
        x, y = centre
        self.box((x - radius, y - radius, 2 * radius, 2 * radius), fill, radius=radius, line=line)

    def path(self, points: Sequence[Point], colour: str, *, width: float = 2) -> None:
        """Draw a line through points, with round ends and joints."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")
        half = width / 2
        for x, y in (points[0], points[-1]):
            self.circle((x, y), half, colour)

    def area(self, points: Sequence[Point], fill: str) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def arrow(self, points: Sequence[Point], colour: str, *, width: float = 2.5) -> None:
        """Draw a line that ends in an arrowhead; its last part must be level or upright."""
        self.path(points, colour, width=width)
        (x0, y0), (x, y) = points[-2:]
        dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
        wing = 8
        base = (x - 13 * dx, y - 13 * dy)
        self.area(
            [
                (x + 2 * dx, y + 2 * dy),
                (base[0] - wing * dy, base[1] - wing * dx),
                (base[0] + wing * dy, base[1] + wing * dx),
            ],
            colour,
        )

    def text(
        self,
        at: Point,
        text: str,
        colour: str,
        *,
        size: float = 18,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Write one line.

        Args:
            at: The left end, middle or right end of the line, half-way up its letters.
            text: What to write; the font has few letters beyond ASCII.
            colour: Of the letters.
            size: Pixels.
            bold: Whether to thicken the strokes: the font has one weight only.
            align: Which point of the line stands at `at`: left, middle or right.
        """
        font = _font(size * SCALE)
        stroke = max(1, round(size * SCALE / 52)) if bold else 0
        # The font has no bold, so its strokes are thickened, and the letters moved apart as much.
        offsets = [font.getlength(text[:end]) + stroke * end for end in range(len(text) + 1)]
        x = at[0] * SCALE - offsets[-1] * _SHARE_LEFT_OF[align]
        # Centred on the height of capitals, so that lines with and without descenders agree.
        baseline = at[1] * SCALE - font.getbbox("H", anchor="ls")[1] / 2
        if not bold:
            self._draw.text((x, baseline), text, colour, font, anchor="ls")
            return
        for letter, offset in zip(text, offsets, strict=False):
            self._draw.text(
                (x + offset, baseline), letter, colour, font, anchor="ls", stroke_width=stroke
            )

    def shadow(self, area: Box, *, radius: float, blur: float = 18, strength: float = 0.3) -> None:
        """Darken softly below and around a rectangle that is drawn next."""
        left, top, width, height = area
        mask = Image.new("L", (self.width, self.height))
        ImageDraw.Draw(mask).rounded_rectangle(
            (left, top + 8, left + width, top + height + 8), radius, fill=round(255 * strength)
        )
        soft = mask.filter(ImageFilter.GaussianBlur(blur)).resize(self._image.size)
        self._image.paste(Image.new("RGB", self._image.size, "#04120b"), mask=soft)

    def veil(self, colour: str, strength: float) -> None:
        """Blur everything drawn so far and lay a colour over it, as behind a dialog."""
        blurred = self._image.filter(ImageFilter.GaussianBlur(_VEIL_BLUR * SCALE))
        over = Image.new("RGB", self._image.size, colour)
        self._image.paste(Image.blend(blurred, over, strength))

    def blend_down(self, top: str, bottom: str, *, until: int | None = None) -> None:
        """Fill the picture from its upper edge with one colour passing into another."""
        height = (until or self.height) * SCALE
        ramp = Image.linear_gradient("L").resize((self._image.width, height))
        first = Image.new("RGB", ramp.size, top)
        self._image.paste(Image.composite(Image.new("RGB", ramp.size, bottom), first, ramp))

    def finish(self) -> Image.Image:
        """Return the picture at its own size."""
        return self._image.reduce(SCALE)


def with_few_colours(picture: Image.Image) -> Image.Image:
    """Return a picture with a palette of its most frequent colours: a third of the bytes.

    Pillow's own quantization shifts the flat colours that a drawing consists of, even white.
    """
    pixels = picture.convert("RGB").tobytes()
    colours = [pixels[at : at + 3] for at in range(0, len(pixels), 3)]
    ranked = sorted(Counter(colours).items(), key=lambda entry: (-entry[1], entry[0]))
    chosen = [colour for colour, _ in ranked[:_COLOURS]]
    places = {colour: place for place, colour in enumerate(chosen)}
    for colour, _ in ranked[_COLOURS:]:
        places[colour] = min(range(_COLOURS), key=lambda at: _distance(chosen[at], colour))
    result = Image.frombytes("P", picture.size, bytes(places[colour] for colour in colours))
    result.putpalette(b"".join(chosen))
    return result


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
