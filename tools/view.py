"""A picture without a word: a greenhouse in the morning.

Owns one drawing, for what a reader of text in pictures finds nothing in. It must not know file
names or formats.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tools.drawing import Canvas

if TYPE_CHECKING:
    from tools.drawing import Point

_FRAME = "#f7fbf8"
_LEFT, _RIGHT, _RIDGE, _EAVES, _FLOOR = 200, 800, 165, 300, 512
_GREENS = ("#2f7d4a", "#3f9157", "#57a55f")


def greenhouse() -> Canvas:
    """Draw a greenhouse full of tomatoes, before hills."""
    canvas = Canvas(1000, 600, "#cfe5ec")
    canvas.blend_down("#8fc3dd", "#f7ead0", until=430)
    canvas.circle((812, 132), 52, "#fff3c4")
    far = [(0, 360), (170, 296), (390, 350), (610, 270), (830, 340), (1000, 300)]
    near = [(0, 412), (240, 366), (520, 400), (760, 350), (1000, 392)]
    canvas.area([*far, (1000, 470), (0, 470)], "#a5c6a3")
    canvas.area([*near, (1000, 470), (0, 470)], "#86b184")
    canvas.box((0, 440, 1000, 160), "#6b9a5f")
    canvas.area([(410, 600), (462, 500), (538, 500), (590, 600)], "#d9c7a3")
    for x, height in ((62, 150), (134, 104), (880, 124), (948, 168)):
        _tree(canvas, (x, 520), height)
    canvas.area([(_LEFT, _EAVES), (500, _RIDGE), (_RIGHT, _EAVES)], "#bfe0dc")
    canvas.box((_LEFT + 20, _EAVES, 560, _FLOOR - _EAVES), "#d7eee8")
    _tomatoes(canvas)
    _frame(canvas)
    return canvas


def _tomatoes(canvas: Canvas) -> None:
    random = Random(11)  # noqa: S311 - a drawing, the same each time
    for row in range(12):
        x = 250 + 38 * row + (82 if row >= 6 else 0)  # noqa: PLR2004 - the door stands between
        colour, height = random.choice(_GREENS), random.randint(100, 165)
        foot = _FLOOR - 4
        canvas.path([(x, foot), (x, foot - height)], "#2c6b3f", width=3)
        for level in range(height // 21):
            y, reach = foot - 26 - 20 * level, 21 - 1.6 * level
            for side in (-1, 1):
                _leaf(canvas, (x, y), side * reach, colour)
            if random.random() < 0.4:  # noqa: PLR2004 - two levels in five bear fruit
                canvas.circle((x + random.choice((-8, 8)), y + 4), 6, "#d8573c")


def _leaf(canvas: Canvas, at: Point, reach: float, colour: str) -> None:
    x, y = at
    upper = [(x + reach * 0.45, y - 13), (x + reach * 0.8, y - 11), (x + reach, y - 4)]
    lower = [(x + reach * 0.75, y + 4), (x + reach * 0.35, y + 4)]
    canvas.area([(x, y), *upper, *lower], colour)


def _tree(canvas: Canvas, foot: Point, height: float) -> None:
    x, y = foot
    canvas.box((x - 4, y - height * 0.4, 8, height * 0.4), "#7a6247")
    crown = height * 0.3
    canvas.circle((x - crown * 0.45, y - height * 0.5), crown * 0.75, "#3f7d49")
    canvas.circle((x + crown * 0.45, y - height * 0.52), crown * 0.75, "#38743f")
    canvas.circle((x, y - height * 0.74), crown * 0.9, "#488852")


def _frame(canvas: Canvas) -> None:
    for x in range(_LEFT + 20, _RIGHT - 19, 80):
        canvas.path([(x, _EAVES), (x, _FLOOR)], _FRAME, width=5)
    for x in range(_LEFT + 60, _RIGHT - 59, 60):
        top = _EAVES - (_EAVES - _RIDGE) * (1 - abs(x - 500) / 300)
        canvas.path([(x, top), (x, _EAVES)], _FRAME, width=3)
    canvas.path([(_LEFT + 20, 400), (_RIGHT - 20, 400)], _FRAME, width=5)
    canvas.path([(_LEFT, _EAVES), (500, _RIDGE), (_RIGHT, _EAVES)], _FRAME, width=8)
    canvas.path([(_LEFT, _EAVES), (_RIGHT, _EAVES)], _FRAME, width=8)
    canvas.path([(_LEFT + 16, _FLOOR), (_RIGHT - 16, _FLOOR)], _FRAME, width=8)
    canvas.box((452, 346, 96, _FLOOR - 346), _FRAME)
    for x in (459, 503):
        canvas.box((x, 353, 38, _FLOOR - 361), "#dff1ec")
