"""Pictures with text whose contents are known: what `bench.text_quality` measures services on.

    python -m bench.text_pictures [--cjk FONT.ttf] [--sans FONT.ttf] [--mono FONT.ttf]

draws what `bench/text_pictures/scenes.yml` lists into that folder, with `labels.json` beside them:
what is written in each, what it is about, which label belongs to which value, and whether silence
is right. They are kept in the repository, for fonts with Japanese and Chinese letters are not
everywhere, and so that a figure of last year can be compared.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import yaml
from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOLDER = Path(__file__).parent / "text_pictures"
_DEJAVU = "/usr/share/fonts/truetype/dejavu"
_ZEN_HEI = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
_PACKAGES = "fonts-dejavu-core and fonts-wqy-zenhei"
"""What Debian calls the fonts that are not named."""
_FONTS: dict[str, str] = {}


@dataclass(frozen=True)
class Look:
    """Colours of a theme."""

    ground: str
    surface: str
    ink: str
    muted: str
    accent: str


LIGHT = Look("#f4f5f7", "#ffffff", "#1c1f23", "#6a7380", "#2463c9")
DARK = Look("#14171b", "#1f242a", "#e8ebee", "#98a2ad", "#5b9dff")
WARM = Look("#faf6f0", "#fffdf9", "#2b2118", "#7b6b5b", "#b0561f")
_LOOKS = {"light": LIGHT, "dark": DARK, "warm": WARM}


class Sheet:
    """A picture while it is drawn, and what is written in it."""

    def __init__(
        self, width: int, height: int, look: Look = LIGHT, *, family: str = "sans"
    ) -> None:
        """Begin with an empty picture of a theme's ground."""
        self.look, self.family = look, family
        self.image = Image.new("RGB", (width, height), look.ground)
        self.draw = ImageDraw.Draw(self.image)
        self.written: list[str] = []

    def text(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = 16,
        colour: str = "",
        bold: bool = False,
        anchor: str = "la",
        family: str = "",
    ) -> float:
        """Write a line, and return where it ends."""
        font = _font(family or self.family, size)
        colour = colour or self.look.ink
        stroke = 0.5 if bold else 0
        self.draw.text((left, top), text, colour, font, anchor=anchor, stroke_width=stroke)
        self.written.append(text)
        return left + font.getlength(text)

    def box(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        fill: str = "",
        line: str = "",
    ) -> None:
        """Draw a rectangle with round corners."""
        box = (left, top, left + width, top + height)
        self.draw.rounded_rectangle(box, 5, fill or None, line or None)


def _font(family: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS[family], size)


@dataclass(frozen=True)
class Label:
    """What is known of a picture."""

    name: str
    kind: str
    language: str = "en"
    subject: str = ""
    """What a text has to say; empty where silence is right."""
    pairs: dict[str, str] = field(default_factory=dict)
    """Labels, each with the value that belongs to it; that of a box without a tick is empty."""


Drawn = tuple[Label, Sheet]


def dialog(
    name: str,
    title: str,
    says: str,
    fields: dict[str, str],
    buttons: Sequence[str],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
    over_page: bool = False,
) -> Drawn:
    """Draw a dialog, on its own or over a dimmed page."""
    width, height = (900, 620) if over_page else (520, 150 + 62 * len(fields) + 30 * bool(says))
    sheet = Sheet(width, height, look, family=family)
    left, top, inner = 24.0, 16.0, width - 48
    if over_page:
        _orders(sheet)
        over = Image.new("RGB", sheet.image.size, "#000000")
        sheet.image = Image.blend(sheet.image, over, 0.55)
        sheet.draw = ImageDraw.Draw(sheet.image)
        left, top, inner = 210.0, 120.0, 480
        high = 150 + 62 * len(fields) + 30 * bool(says)
        sheet.box(left - 24, top - 16, inner + 48, high, fill=look.surface)
    sheet.text(left, top, title, size=22, bold=True)
    top += 44
    if says:
        sheet.text(left, top, says)
        top += 32
    for label, value in fields.items():
        sheet.text(left, top, label, size=15, colour=look.muted)
        sheet.box(left, top + 20, inner, 32, line=look.muted)
        if value:
            sheet.text(left + 10, top + 27, value)
        top += 62
    right = left + inner
    for button in reversed(buttons):
        wide = _font(family, 16).getlength(button) + 32
        sheet.box(right - wide, top + 8, wide, 34, fill=look.accent)
        sheet.text(right - wide + 16, top + 15, button, colour="#ffffff")
        right -= wide + 12
    return Label(name, "dialog", language, title, dict(fields)), sheet


def settings(
    name: str,
    title: str,
    ticks: dict[str, bool],
    choices: dict[str, str],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
    state: str = "Enabled",
) -> Drawn:
    """Draw a form whose boxes are ticked or not: the word beside a box is the same for both."""
    sheet = Sheet(640, 90 + 48 * (len(ticks) + len(choices)), look, family=family)
    sheet.text(24, 18, title, size=24, bold=True)
    top = 76.0
    for label, is_on in ticks.items():
        sheet.text(24, top, label)
        sheet.box(300, top, 18, 18, line=look.ink, fill=look.accent if is_on else "")
        sheet.text(328, top, state)
        top += 48
    for label, value in choices.items():
        sheet.text(24, top, label)
        sheet.box(300, top - 7, 250, 32, line=look.muted)
        sheet.text(310, top, value)
        top += 48
    pairs = {label: state if is_on else "" for label, is_on in ticks.items()} | choices
    return Label(name, "settings", language, title, pairs), sheet


def page(
    name: str,
    title: str,
    says: Sequence[str],
    *,
    bar: Sequence[str],
    side: Sequence[str] = (),
    crumbs: str = "",
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
) -> Drawn:
    """Draw a page of a web application inside its navigation."""
    sheet = Sheet(1100, 640, look, family=family)
    sheet.box(0, -6, 1100, 54, fill=look.surface)
    left = 24.0
    for item in bar:
        left = sheet.text(left, 14, item, size=15, colour=look.accent) + 34
    for number, item in enumerate(side):
        sheet.text(24, 84 + 38 * number, item, size=15, colour=look.muted)
    left = 260.0 if side else 30
    if crumbs:
        sheet.text(left, 66, crumbs, size=13, colour=look.muted)
    sheet.text(left, 92, title, size=28, bold=True)
    for number, line in enumerate(says):
        is_heading = line.startswith("# ")
        text = line.removeprefix("# ")
        sheet.text(left, 150 + 34 * number, text, size=19 if is_heading else 16, bold=is_heading)
    return Label(name, "page", language, title), sheet


def cards(
    name: str,
    title: str,
    values: dict[str, str],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
) -> Drawn:
    """Draw a dashboard: under each name a large value."""
    sheet = Sheet(900, 120 + 130 * math.ceil(len(values) / 3), look, family=family)
    sheet.text(30, 22, title, size=28, bold=True)
    for number, (label, value) in enumerate(values.items()):
        left, top = 30 + 285 * (number % 3), 84 + 130 * (number // 3)
        sheet.box(left, top, 265, 110, fill=look.surface, line=look.muted)
        sheet.text(left + 16, top + 14, label, size=15, colour=look.muted)
        sheet.text(left + 16, top + 48, value, size=34, bold=True)
    return Label(name, "dashboard", language, title, values), sheet


def table(
    name: str,
    title: str,
    head: Sequence[str],
    body: Sequence[Sequence[str]],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
) -> Drawn:
    """Draw a table under its title."""
    sheet = Sheet(760, 110 + 38 * len(body), look, family=family)
    sheet.text(20, 14, title, size=24, bold=True)
    step = 720 / len(head)
    for column, text in enumerate(head):
        sheet.text(20 + step * column, 64, text, bold=True, size=15)
    for row, cells in enumerate(body):
        for column, text in enumerate(cells):
            sheet.text(20 + step * column, 100 + 38 * row, text)
    return Label(name, "table", language, title), sheet


def terminal(name: str, lines: Sequence[str], subject: str, *, look: Look = DARK) -> Drawn:
    """Draw what was typed into a shell, and what came out."""
    sheet = Sheet(820, 30 + 24 * len(lines), look, family="mono")
    for number, line in enumerate(lines):
        sheet.text(16, 14 + 24 * number, line, size=15)
    return Label(name, "terminal", "en", subject), sheet


def code(name: str, lines: Sequence[str], subject: str, *, look: Look = LIGHT) -> Drawn:
    """Draw a program with the numbers of its lines."""
    sheet = Sheet(680, 30 + 24 * len(lines), look, family="mono")
    for number, line in enumerate(lines):
        sheet.text(44, 14 + 24 * number, str(number + 1), size=15, colour=look.muted, anchor="ra")
        sheet.text(
            64 + 9 * (len(line) - len(line.lstrip())), 14 + 24 * number, line.strip(), size=15
        )
    return Label(name, "code", "en", subject), sheet


def chart(
    name: str,
    title: str,
    bars: dict[str, float],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
) -> Drawn:
    """Draw a chart of bars with an axis."""
    sheet = Sheet(640, 420, look, family=family)
    sheet.text(320, 14, title, size=22, bold=True, anchor="ma")
    most = max(bars.values())
    top = 10 ** math.floor(math.log10(most)) * math.ceil(most / 10 ** math.floor(math.log10(most)))
    for tick in range(5):
        sheet.text(60, 350 - 70 * tick, f"{top * tick / 4:g}", size=13, anchor="rm")
        sheet.draw.line((68, 350 - 70 * tick, 620, 350 - 70 * tick), look.muted)
    step = 540 / len(bars)
    for number, (label, value) in enumerate(bars.items()):
        left = 80 + step * number
        sheet.box(left, 350 - 280 * value / top, step * 0.6, 280 * value / top, fill=look.accent)
        sheet.text(left + step * 0.3, 366, label, size=14, anchor="ma")
    return Label(name, "chart", language, title), sheet


def diagram(
    name: str,
    nodes: dict[str, tuple[int, int]],
    edges: Sequence[tuple[str, str]],
    *,
    look: Look = LIGHT,
    language: str = "en",
    family: str = "sans",
) -> Drawn:
    """Draw boxes, and lines between them."""
    sheet = Sheet(860, 440, look, family=family)
    for one, other in edges:
        sheet.draw.line((nodes[one], nodes[other]), look.muted, 2)
    for node, (x, y) in nodes.items():
        half = _font(family, 17).getlength(node) / 2 + 18
        sheet.box(x - half, y - 24, 2 * half, 48, fill=look.surface, line=look.accent)
        sheet.text(x, y, node, size=17, anchor="mm")
    return Label(name, "diagram", language, next(iter(nodes))), sheet


def menu(name: str, items: Sequence[str], *, language: str = "en", family: str = "sans") -> Drawn:
    """Draw an open menu."""
    sheet = Sheet(260, 20 + 36 * len(items), family=family)
    for number, item in enumerate(items):
        sheet.text(20, 16 + 36 * number, item)
    return Label(name, "menu", language, items[0]), sheet


def logo(
    name: str, word: str, *, look: Look = LIGHT, under: str = "", family: str = "sans"
) -> Drawn:
    """Draw a mark with a name beside it."""
    sheet = Sheet(520, 180, look, family=family)
    sheet.draw.ellipse((30, 40, 130, 140), look.accent)
    sheet.draw.polygon([(80, 55), (110, 110), (50, 110)], look.ground)
    sheet.text(156, 54 if under else 62, word, size=48, bold=True)
    if under:
        sheet.text(160, 118, under, size=17, colour=look.muted)
    return Label(name, "logo", "en", word), sheet


def icon(name: str, shape: int) -> Drawn:
    """Draw an icon without a word."""
    sheet = Sheet(128, 128)
    colour = LIGHT.accent
    if shape == 0:
        sheet.draw.ellipse((20, 20, 108, 108), None, colour, 10)
        sheet.draw.line((64, 64, 64, 36), colour, 8)
        sheet.draw.line((64, 64, 86, 64), colour, 8)
    elif shape == 1:
        for row in range(3):
            sheet.box(24, 30 + 26 * row, 80, 12, fill=colour)
    else:
        sheet.draw.polygon([(64, 18), (110, 104), (18, 104)], colour)
        sheet.box(59, 48, 10, 30, fill="#ffffff")
    return Label(name, "icon"), sheet


def photograph(name: str, seed: int, sign: Sequence[str] = ()) -> Drawn:
    """Paint what looks like a photograph: light, blur and grain, maybe with a sign in it."""
    random = Random(seed)  # noqa: S311 - a picture, not a secret
    sheet = Sheet(480, 320)
    top, bottom = random.choice(
        [("#7fa6cf", "#49613f"), ("#c98f62", "#3a2c2a"), ("#333f55", "#88796b")]
    )
    ramp = Image.linear_gradient("L").resize(sheet.image.size)
    ground = Image.new("RGB", ramp.size, top)
    sheet.image = Image.composite(Image.new("RGB", ramp.size, bottom), ground, ramp)
    draw = ImageDraw.Draw(sheet.image)
    for _ in range(70):
        x, y, size = random.randrange(480), random.randrange(80, 320), random.randrange(14, 80)
        colour = tuple(random.randrange(30, 220) for _ in range(3))
        draw.ellipse((x - size, y - size / 2, x + size, y + size / 2), colour)
    soft = sheet.image.filter(ImageFilter.GaussianBlur(9))
    grain = Image.frombytes("L", soft.size, random.randbytes(480 * 320))
    sheet.image = Image.blend(soft, Image.merge("RGB", [grain] * 3), 0.12)
    sheet.draw = ImageDraw.Draw(sheet.image)
    for number, word in enumerate(sign):
        left, place = 60 + 190 * number, 80 + 70 * number
        sheet.box(left, place, 150, 58, fill="#efe9d8")
        sheet.text(left + 20, place + 14, word, size=30, bold=True, colour="#3a3328")
    return Label(name, "photograph"), sheet


def soup(name: str, lines: Sequence[str], *, look: Look = LIGHT) -> Drawn:
    """Write signs and digits that nobody reads out."""
    sheet = Sheet(640, 40 + 44 * len(lines), look)
    for number, line in enumerate(lines):
        sheet.text(40 + 90 * (number % 2), 24 + 44 * number, line, size=22)
    return Label(name, "formula"), sheet


def paragraphs(name: str, lines: Sequence[str], *, turned: bool = False, scale: int = 1) -> Drawn:
    """Write lines without a headline; turned upside down or reduced beyond legibility."""
    sheet = Sheet(640, 20 + 26 * len(lines))
    for number, line in enumerate(lines):
        sheet.text(10, 10 + 26 * number, line)
    if turned:
        sheet.image = sheet.image.rotate(180)
    if scale > 1:
        width, height = sheet.image.size
        sheet.image = sheet.image.resize((width // scale, height // scale), Image.Resampling.BOX)
    subject = "" if turned or scale > 1 else lines[0]
    return Label(name, "text", "en", subject), sheet


def _orders(sheet: Sheet) -> None:
    """Draw the page behind a dialog."""
    sheet.text(30, 20, "Orders", size=30, bold=True)
    for number in range(10):
        sheet.text(30, 90 + 50 * number, f"Order {4711 + number}")
        sheet.text(260, 90 + 50 * number, f"Customer {number + 1}")
        sheet.text(720, 90 + 50 * number, f"{190 + 17 * number}.00 EUR")


_DRAW: dict[str, Callable[..., Drawn]] = {
    each.__name__: each
    for each in (
        cards,
        chart,
        code,
        diagram,
        dialog,
        icon,
        logo,
        menu,
        page,
        paragraphs,
        photograph,
        settings,
        soup,
        table,
        terminal,
    )
}


def drawn() -> Iterator[Drawn]:
    """Draw all pictures, each with its label."""
    for scene in yaml.safe_load((FOLDER / "scenes.yml").read_text(encoding="utf-8")):
        look = {"look": _LOOKS[scene.pop("look")]} if "look" in scene else {}
        yield _DRAW[scene.pop("draw")](**scene, **look)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw all pictures, and write their labels."""
    parser = argparse.ArgumentParser(description="Draw labelled pictures with text.")
    parser.add_argument("--cjk", default=_ZEN_HEI, help="a font with Japanese and Chinese letters")
    parser.add_argument("--sans", default=f"{_DEJAVU}/DejaVuSans.ttf", help="a font with umlauts")
    parser.add_argument("--mono", default=f"{_DEJAVU}/DejaVuSansMono.ttf", help="of one width")
    given = parser.parse_args(arguments)
    _FONTS.update(cjk=given.cjk, mono=given.mono, sans=given.sans)
    for font in _FONTS.values():
        if not Path(font).is_file():
            parser.error(f"{font} is missing; Debian's packages are {_PACKAGES}")
    FOLDER.mkdir(exist_ok=True)
    labels = []
    for label, sheet in drawn():
        buffer = io.BytesIO()
        is_photograph = label.kind == "photograph"
        image = sheet.image if is_photograph else sheet.image.quantize(64, dither=Image.Dither.NONE)
        if is_photograph:
            image.save(buffer, "JPEG", quality=60)
        else:
            image.save(buffer, "PNG", optimize=True)
        name = f"{label.name}.{'jpg' if is_photograph else 'png'}"
        (FOLDER / name).write_bytes(buffer.getvalue())
        labels.append(
            {
                "file": name,
                "kind": label.kind,
                "language": label.language,
                "subject": label.subject,
                "written": sheet.written,
                "pairs": label.pairs,
            }
        )
    text = json.dumps(labels, ensure_ascii=False, indent=1)
    (FOLDER / "labels.json").write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
