"""Whole screens of a product that does not exist.

Owns what each page of "Coldframe" shows, and a terminal beside it. It must not know file names or
formats.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tools.drawing import LIGHT, Canvas, Palette
from tools.widgets import CONTENT_LEFT, CONTENT_RIGHT, SCREEN, button, card, field, page, switch

if TYPE_CHECKING:
    from tools.drawing import Box

_WIDTH = CONTENT_RIGHT - CONTENT_LEFT


def dashboard(palette: Palette) -> Canvas:
    """Draw the first page: four readings, a day's temperatures, the sensors that need care."""
    canvas = page(palette, "Dashboard")
    readings = (
        ("Temperature", "21.4 °C", "0.6 up since 08:00", False),
        ("Humidity", "63 %", "within the range", False),
        ("Soil moisture", "38 %", "bench 3 is dry", True),
        ("Water tank", "820 l", "lasts 4 days", False),
    )
    width = (_WIDTH - 60) / 4
    for column, (label, value, note, is_warning) in enumerate(readings):
        left = CONTENT_LEFT + column * (width + 20)
        card(canvas, palette, (left, 92, width, 132))
        canvas.text((left + 22, 120), label, palette.muted)
        canvas.text((left + 22, 159), value, palette.ink, size=33, bold=True)
        colour = palette.warning if is_warning else palette.accent
        canvas.text((left + 22, 198), note, colour)
    _temperatures(canvas, palette, (CONTENT_LEFT, 242, _WIDTH, 272))
    _sensor_table(canvas, palette, (CONTENT_LEFT, 532, _WIDTH, 192))
    return canvas


def _temperatures(canvas: Canvas, palette: Palette, area: Box) -> None:
    left, top, width, height = area
    card(canvas, palette, area, "Air temperature, last 24 hours")
    for name, colour, x in (("East wing", palette.accent, 620), ("West wing", palette.second, 762)):
        canvas.circle((left + x, top + 32), 6, colour)
        canvas.text((left + x + 16, top + 32), name, palette.muted)
    x0, x1 = left + 84, left + width - 48
    y0, y1 = top + height - 50, top + 78
    for degrees in (10, 15, 20, 25):
        y = y0 + (y1 - y0) * (degrees - 10) / 15
        canvas.path([(x0, y), (x1, y)], palette.line, width=1)
        canvas.text((x0 - 16, y), f"{degrees} °C", palette.muted, align="right")
    for quarter in range(5):
        at = (x0 + (x1 - x0) * quarter / 4, y0 + 26)
        canvas.text(at, f"{6 * quarter:02}:00", palette.muted, align="middle")
    for colour, mean, swing, late in (
        (palette.second, 16.2, 3.6, 1.2),
        (palette.accent, 18.4, 4.4, 0.0),
    ):
        course = [
            (
                x0 + (x1 - x0) * hour / 24,
                y0 + (y1 - y0) * (_degrees(hour, mean, swing, late) - 10) / 15,
            )
            for hour in (step / 4 for step in range(97))
        ]
        canvas.path(course, colour, width=3)


def _degrees(hour: float, mean: float, swing: float, late: float) -> float:
    """Make up a temperature that follows the sun, `late` hours behind."""
    wave = math.sin((hour - 8.5 - late) / 24 * math.tau)
    return mean + swing * wave + 0.35 * math.sin(hour * 1.9 + mean) + 0.2 * math.sin(hour * 4.1)


def _sensor_table(canvas: Canvas, palette: Palette, area: Box) -> None:
    left, top, width, _ = area
    card(canvas, palette, area)
    columns = (24, 250, 430, 590, 740)
    for x, heading in zip(columns, ("Sensor", "Zone", "Reading", "Battery", "State"), strict=True):
        canvas.text((left + x, top + 29), heading, palette.muted, bold=True)
    rows = (
        ("Soil probe 14", "Bench 3", "38 %", "81 %", "Too dry"),
        ("Climate 02", "East wing", "21.4 °C", "96 %", "Normal"),
        ("Climate 05", "Nursery", "18.9 °C", "64 %", "Normal"),
    )
    for row, cells in enumerate(rows):
        y = top + 75 + 42 * row
        canvas.path([(left + 24, y - 23), (left + width - 24, y - 23)], palette.line, width=1)
        for x, cell in zip(columns[:-1], cells[:-1], strict=True):
            canvas.text((left + x, y), cell, palette.ink, size=19)
        is_normal = cells[-1] == "Normal"
        soft = palette.accent_soft if is_normal else palette.warning_soft
        canvas.box((left + columns[-1] - 12, y - 16, 102, 32), soft, radius=16)
        colour = palette.accent if is_normal else palette.warning
        canvas.text((left + columns[-1] + 39, y), cells[-1], colour, bold=True, align="middle")


def settings() -> Canvas:
    """Draw the settings: what the site is called, and which messages it sends."""
    canvas = page(LIGHT, "Settings")
    for column, name in enumerate(("General", "Zones", "Users", "Backup")):
        x = CONTENT_LEFT + 4 + 118 * column
        colour = LIGHT.muted if column else LIGHT.accent
        canvas.text((x, 106), name, colour, size=20, bold=True)
    canvas.path([(CONTENT_LEFT, 130), (CONTENT_RIGHT, 130)], LIGHT.line, width=1.5)
    canvas.path([(CONTENT_LEFT + 2, 130), (CONTENT_LEFT + 82, 130)], LIGHT.accent, width=4)
    top, width = 154, 448
    card(canvas, LIGHT, (CONTENT_LEFT, top, width, 478), "This site")
    fields = (
        ("Site name", "Willow Lane Nursery", False),
        ("Time zone", "Europe/Brussels", True),
        ("Temperature unit", "Celsius", True),
        ("Keep readings for", "24 months", True),
    )
    for row, (label, value, is_choice) in enumerate(fields):
        at = (CONTENT_LEFT + 24, top + 64 + 100 * row)
        field(canvas, LIGHT, at, width - 48, label=label, value=value, choice=is_choice)
    _messages(canvas, (CONTENT_LEFT + width + 20, top, width, 478))
    button(canvas, LIGHT, (CONTENT_RIGHT - 358, 664, 150, 52), "Cancel", kind="plain")
    button(canvas, LIGHT, (CONTENT_RIGHT - 188, 664, 188, 52), "Save changes")
    return canvas


def _messages(canvas: Canvas, area: Box) -> None:
    left, top, width, _ = area
    card(canvas, LIGHT, area, "Messages")
    rows = (
        ("Alert by e-mail", "At once, day and night", True),
        ("Alert by text message", "Needs a phone number", False),
        ("Daily summary", "Every morning at 06:30", True),
        ("Weekly report", "PDF, on Mondays", True),
    )
    for row, (label, note, is_on) in enumerate(rows):
        y = top + 104 + 100 * row
        canvas.text((left + 24, y - 14), label, LIGHT.ink, size=20, bold=True)
        canvas.text((left + 24, y + 16), note, LIGHT.muted)
        switch(canvas, LIGHT, (left + width - 80, y), on=is_on)
        if row:
            canvas.path([(left + 24, y - 50), (left + width - 24, y - 50)], LIGHT.line, width=1)


def terminal() -> Canvas:
    """Draw a terminal in which Coldframe is installed."""
    width, height = SCREEN
    canvas = Canvas(width, height, "#cfdad2")
    canvas.shadow((40, 32, 1120, 680), radius=16, strength=0.45)
    canvas.box((40, 32, 1120, 680), "#0f1613", radius=16)
    canvas.box((40, 32, 1120, 54), "#202b26", radius=16)
    canvas.box((40, 62, 1120, 24), "#202b26")
    for dot, colour in enumerate(("#f06a5d", "#f2bd4b", "#5fc56b")):
        canvas.circle((70 + 26 * dot, 59), 8, colour)
    canvas.text((600, 59), "maria@greenhouse: /srv/coldframe", "#c5d3cb", align="middle")
    plain, dim, good, warn = "#e6eee9", "#93a69b", "#63d89c", "#f2bd4b"
    lines = (
        (("$", good), ("coldframe install --data /srv/coldframe", plain)),
        (("Checking free space", dim), ("48 GB, enough", plain)),
        (("Creating the database", dim), ("done", good)),
        (("Starting the web server", dim), ("http://greenhouse.local:8080", plain)),
        (),
        (("$", good), ("coldframe gateway pair east-wing", plain)),
        (("Pairing code", dim), ("4471-0926", warn)),
        (("Gateway east-wing", dim), ("connected, 12 sensors found", good)),
        (),
        (("$", good), ("coldframe status", plain)),
        (("Sensors", dim), ("12 online, 0 offline", plain)),
        (("Last reading", dim), ("4 seconds ago", plain)),
        (("Disk", dim), ("2 % of 48 GB used", plain)),
        (("$", good),),
    )
    for row, parts in enumerate(lines):
        y = 124 + 42 * row
        for column, (text, colour) in enumerate(parts):
            x = 76 if not column else 106 if parts[0][0] == "$" else 400
            canvas.text((x, y), text, colour, size=24)
    canvas.box((106, 124 + 42 * (len(lines) - 1) - 12, 12, 24), plain)
    return canvas
