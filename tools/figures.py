"""Figures of the example site: a chart, a diagram, a plan, a view, and what decorates.

Owns what each figure shows. It must not know file names or formats.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tools.drawing import LIGHT, Canvas
from tools.widgets import leaf

if TYPE_CHECKING:
    from tools.drawing import Box

_AMBER = "#d9952b"


def water_use() -> Canvas:
    """Draw a bar chart: litres of water in six weeks, for three zones."""
    canvas = Canvas(1200, 700, LIGHT.surface)
    canvas.text((60, 56), "Water use per week", LIGHT.ink, size=32, bold=True)
    canvas.text((60, 96), "Litres, May and June", LIGHT.muted, size=21)
    zones = (("East wing", LIGHT.accent), ("West wing", LIGHT.second), ("Nursery", _AMBER))
    for (name, colour), x in zip(zones, (740, 894, 1052), strict=True):
        canvas.box((x, 47, 18, 18), colour, radius=4)
        canvas.text((x + 28, 56), name, LIGHT.ink, size=20)
    x0, x1, y0, y1 = 140, 1150, 600, 160
    for litres in range(0, 1001, 250):
        y = y0 + (y1 - y0) * litres / 1000
        canvas.path([(x0, y), (x1, y)], LIGHT.line, width=2 if not litres else 1)
        canvas.text((x0 - 18, y), str(litres), LIGHT.muted, size=20, align="right")
    weeks = {
        18: (520, 410, 260),
        19: (560, 430, 280),
        20: (610, 400, 300),
        21: (690, 520, 350),
        22: (840, 610, 420),
        23: (930, 700, 480),
    }
    step = (x1 - x0) / len(weeks)
    for place, (week, values) in enumerate(weeks.items()):
        left = round(x0 + step * place + (step - 126) / 2)
        for bar, (litres, (_, colour)) in enumerate(zip(values, zones, strict=True)):
            height = round((y0 - y1) * litres / 1000)
            canvas.box((left + 43 * bar, y0 - height, 40, height), colour, radius=5)
            canvas.box((left + 43 * bar, y0 - 8, 40, 8), colour)
            middle = (left + 43 * bar + 20, y0 - height - 16)
            canvas.text(middle, str(litres), LIGHT.muted, size=18, align="middle")
        canvas.text((left + 63, y0 + 32), f"Week {week}", LIGHT.ink, size=20, align="middle")
    canvas.text((60, 668), "Source: flow meters, Coldframe 2.4", LIGHT.muted, size=18)
    return canvas


def data_flow() -> Canvas:
    """Draw a diagram: how a reading gets from a sensor to a person."""
    canvas = Canvas(1200, 640, LIGHT.ground)
    columns = (
        ("In the greenhouse", 40, 300),
        ("On your server", 470, 300),
        ("Where you see it", 880, 280),
    )
    for title, x, width in columns:
        canvas.box((x, 40, width, 560), LIGHT.surface, radius=18, line=LIGHT.line)
        canvas.text((x + width / 2, 78), title, LIGHT.muted, size=20, bold=True, align="middle")
    for row, (name, note) in enumerate(
        (("Soil probe", "moisture"), ("Climate sensor", "air, light"), ("Flow meter", "water"))
    ):
        _node(canvas, (76, 118 + 116 * row, 228, 84), name, note, LIGHT.accent_soft)
        canvas.path([(304, 160 + 116 * row), (330, 160 + 116 * row)], LIGHT.muted, width=2.5)
    _node(canvas, (76, 480, 228, 90), "Gateway", "buffers 7 days", LIGHT.warning_soft)
    canvas.arrow([(330, 160), (330, 525), (306, 525)], LIGHT.muted)
    _node(canvas, (506, 118, 228, 90), "Coldframe server", "port 8080", LIGHT.accent_soft)
    _node(canvas, (506, 300, 228, 90), "Rules", "every 10 seconds", LIGHT.accent_soft)
    _node(canvas, (506, 480, 228, 90), "Database", "24 months", LIGHT.warning_soft)
    canvas.arrow(
        [(190, 570), (190, 586), (405, 586), (405, 163), (504, 163)], LIGHT.second, width=3
    )
    canvas.box((352, 330, 106, 62), LIGHT.ground, radius=8)
    canvas.text((405, 350), "MQTT", LIGHT.second, size=20, bold=True, align="middle")
    canvas.text((405, 376), "over TLS", LIGHT.second, size=18, align="middle")
    canvas.arrow([(620, 208), (620, 298)], LIGHT.muted)
    canvas.arrow([(620, 390), (620, 478)], LIGHT.muted)
    for row, (name, note) in enumerate(
        (("Dashboard", "in the browser"), ("Alert", "e-mail or text"), ("Weekly report", "PDF"))
    ):
        _node(canvas, (916, 118 + 181 * row, 208, 90), name, note, "#e4eefa")
    canvas.arrow([(734, 163), (914, 163)], LIGHT.muted)
    canvas.arrow([(734, 345), (914, 345)], LIGHT.muted)
    canvas.arrow([(734, 525), (914, 525)], LIGHT.muted)
    return canvas


def _node(canvas: Canvas, area: Box, name: str, note: str, fill: str) -> None:
    left, top, width, height = area
    canvas.box(area, fill, radius=12, line="#b9cbbf")
    middle = left + width / 2
    canvas.text(
        (middle, top + height / 2 - 15), name, LIGHT.ink, size=21, bold=True, align="middle"
    )
    canvas.text((middle, top + height / 2 + 17), note, LIGHT.muted, size=18, align="middle")


def floor_plan() -> Canvas:
    """Draw a plan of the greenhouse with its four zones."""
    canvas = Canvas(1000, 560, LIGHT.surface)
    canvas.text((40, 44), "Floor plan, Willow Lane Nursery", LIGHT.ink, size=27, bold=True)
    zones = (
        ("West wing", "10 benches", (40, 90, 360, 270), LIGHT.accent_soft),
        ("East wing", "16 benches", (400, 90, 560, 270), "#e4eefa"),
        ("Nursery", "7 benches", (40, 360, 520, 160), LIGHT.warning_soft),
        ("Potting room", "no sensors", (560, 360, 400, 160), "#eef0ee"),
    )
    for name, note, area, fill in zones:
        left, top, *_ = area
        canvas.box(area, fill, line="#7d9185")
        canvas.text((left + 28, top + 38), name, LIGHT.ink, size=23, bold=True)
        canvas.text((left + 28, top + 70), note, LIGHT.muted, size=19)
        if name != "Potting room":
            _benches(canvas, area)
    for sensor in ((210, 293), (660, 293), (516, 490)):
        canvas.circle(sensor, 13, LIGHT.accent)
        canvas.circle(sensor, 5, LIGHT.surface)
    canvas.box((724, 516, 80, 8), LIGHT.surface)
    canvas.text((764, 494), "Door", LIGHT.muted, size=19, align="middle")
    return canvas


def _benches(canvas: Canvas, zone: Box) -> None:
    """Draw two rows of benches into a high zone, one into a low one."""
    left, top, width, height = zone
    for lift in (0, 74) if height > width / 3 else (0,):
        for bench in range(int(width - 56) // 60):
            spot = (left + 28 + 60 * bench, top + height - 42 - lift, 44, 24)
            canvas.box(spot, LIGHT.surface, radius=4, line="#9fb3a6")


def divider() -> Canvas:
    """Draw a row of leaves between two thin lines."""
    canvas = Canvas(900, 40, "#ffffff")
    for x in range(5):
        leaf(
            canvas,
            (372 + 34 * x, 8),
            20,
            ("#bfe3cd", "#7cc49b", LIGHT.accent)[min(x, 4 - x)],
            "#ffffff",
        )
    canvas.path([(20, 20), (350, 20)], LIGHT.line)
    canvas.path([(550, 20), (880, 20)], LIGHT.line)
    return canvas


def reading(title: str, value: str, note: str, colour: str) -> Canvas:
    """Draw a card with one reading and its recent course."""
    canvas = Canvas(560, 220, LIGHT.ground)
    canvas.box((12, 12, 536, 196), LIGHT.surface, radius=16, line=LIGHT.line)
    canvas.box((36, 44, 8, 132), colour, radius=4)
    canvas.text((66, 58), title, LIGHT.muted, size=22, bold=True)
    canvas.text((66, 112), value, LIGHT.ink, size=42, bold=True)
    canvas.text((66, 164), note, LIGHT.muted, size=20)
    random = Random(title)  # noqa: S311 - a drawing, the same each time
    level, course = 110.0, []
    for step in range(12):
        course.append((318 + 18 * step, level))
        level = min(160, max(60, level + random.uniform(-26, 26)))
    canvas.area([(318, 176), *course, (516, 176)], "#eef5f0")
    canvas.path(course, colour, width=3)
    canvas.circle(course[-1], 6, colour)
    return canvas
