"""The parts that the product's screens are made of.

Owns buttons, fields, switches, dialogs and the frame around every page of the product. It must not
know which screen it serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tools.drawing import Canvas

if TYPE_CHECKING:
    from tools.drawing import Box, Palette, Point

SCREEN = (1200, 750)
"""Pixels."""
CONTENT_LEFT, CONTENT_RIGHT = 252, 1168

_PAGES = ("Dashboard", "Sensors", "Alerts", "Reports", "Settings")


def leaf(canvas: Canvas, at: Point, size: float, colour: str, vein: str) -> None:
    """Draw the product's sign: a leaf on its stem, in a square of `size`."""
    left, top = at
    half = size / 2
    curve = [
        (left + half + half * ((1 - t) ** 2 * 0 + 2 * t * (1 - t) * bend), top + size * t)
        for bend, steps in ((1.6, range(21)), (-1.6, range(20, -1, -1)))
        for t in (step / 20 for step in steps)
    ]
    canvas.area(curve, colour)
    middle = left + half
    canvas.path(
        [(middle, top + size * 0.28), (middle, top + size * 1.12)], vein, width=max(2, size / 40)
    )


def page(palette: Palette, title: str) -> Canvas:
    """Begin a page of the product: navigation on the left, title and account on top."""
    width, height = SCREEN
    canvas = Canvas(width, height, palette.ground)
    canvas.box((0, 0, 220, height), palette.side)
    leaf(canvas, (30, 26), 30, "#5fd39b", palette.side)
    canvas.text((72, 44), "Coldframe", "#ffffff", size=24, bold=True)
    for row, name in enumerate(_PAGES):
        middle = 124 + 54 * row
        is_open = name == title
        if is_open:
            canvas.box((14, middle - 23, 192, 46), palette.side_active, radius=10)
        colour = "#ffffff" if is_open else "#b9d0c3"
        sign(canvas, name, (42, middle), colour)
        canvas.text((66, middle), name, colour, size=20, bold=is_open)
    canvas.text((34, height - 36), "Version 2.4", "#8fb09f", size=18)
    canvas.text((CONTENT_LEFT, 48), title, palette.ink, size=32, bold=True)
    canvas.text((1096, 48), "Last update 09:42", palette.muted, align="right")
    canvas.circle((1144, 46), 22, palette.accent)
    canvas.text((1144, 46), "MK", palette.surface, bold=True, align="middle")
    return canvas


def sign(canvas: Canvas, name: str, at: Point, colour: str) -> None:
    """Draw the sign of one of the product's pages, 18 pixels wide, around a point."""
    x, y = at
    match name:
        case "Dashboard":
            for left, top in ((-9, -9), (2, -9), (-9, 2), (2, 2)):
                canvas.box((x + left, y + top, 7.5, 7.5), colour, radius=2)
        case "Sensors":
            canvas.circle(at, 9, None, line=colour)
            canvas.circle(at, 3.5, colour)
        case "Alerts":
            corners = [(x, y - 8), (x + 9, y + 7), (x - 9, y + 7)]
            canvas.path([*corners, corners[0]], colour, width=1.8)
            canvas.path([(x, y - 2), (x, y + 3)], colour)
        case "Reports":
            for dx, height in ((-9.0, 8), (-2.5, 17), (4.0, 12)):
                canvas.box((x + dx, y + 9 - height, 5, height), colour, radius=1.5)
        case _:
            for row, knob in ((-5, 4), (5, -4)):
                canvas.path([(x - 9, y + row), (x + 9, y + row)], colour, width=1.8)
                canvas.circle((x + knob, y + row), 3.5, colour)


def card(canvas: Canvas, palette: Palette, area: Box, title: str = "") -> None:
    """Draw a panel, with its title in the upper left corner."""
    canvas.box(area, palette.surface, radius=14, line=palette.line)
    if title:
        canvas.text((area[0] + 24, area[1] + 32), title, palette.ink, size=21, bold=True)


def button(
    canvas: Canvas,
    palette: Palette,
    area: Box,
    label: str,
    *,
    kind: Literal["main", "plain"] = "main",
) -> None:
    """Draw a button; a page has one main button."""
    is_main = kind == "main"
    line = palette.accent if is_main else palette.line
    canvas.box(area, palette.accent if is_main else palette.surface, radius=9, line=line)
    middle = (area[0] + area[2] / 2, area[1] + area[3] / 2)
    colour = palette.surface if is_main else palette.ink
    canvas.text(middle, label, colour, size=19, bold=True, align="middle")


def field(
    canvas: Canvas,
    palette: Palette,
    at: Point,
    width: float,
    *,
    label: str,
    value: str,
    choice: bool = False,
) -> None:
    """Draw a form field below its label, 82 pixels high in all; a choice has an arrow."""
    left, top = at
    if label:
        canvas.text((left, top + 11), label, palette.muted, bold=True)
    canvas.box((left, top + 32, width, 50), palette.field, radius=9, line=palette.line)
    canvas.text((left + 18, top + 57), value, palette.ink, size=20)
    if choice:
        x, y = left + width - 30, top + 57
        canvas.path([(x - 7, y - 3), (x, y + 4), (x + 7, y - 3)], palette.muted)


def switch(canvas: Canvas, palette: Palette, at: Point, *, on: bool) -> None:
    """Draw an on-off switch whose left end and middle are given."""
    left, middle = at
    canvas.box((left, middle - 15, 56, 30), palette.accent if on else palette.line, radius=15)
    canvas.circle((left + (41 if on else 15), middle), 11, "#ffffff")


def checkmark(canvas: Canvas, at: Point, colour: str) -> None:
    """Draw a tick around a point."""
    x, y = at
    canvas.path([(x - 6, y), (x - 1.5, y + 5), (x + 7, y - 5)], colour, width=3)


def dialog(canvas: Canvas, palette: Palette, area: Box, title: str) -> None:
    """Draw a dialog's window with its title, over whatever was there."""
    canvas.shadow(area, radius=18)
    canvas.box(area, palette.surface, radius=18)
    canvas.text((area[0] + 36, area[1] + 48), title, palette.ink, size=27, bold=True)
