"""Draw every picture of the example site, always with the same bytes.

    python -m tools.render_pictures [FOLDER]

Owns the files' names and formats. It must not know how a picture is drawn. Only Pillow and the
font inside it are used; another version of either may write other bytes for the same look.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tools import dialogs, figures, screens, view, widgets
from tools.drawing import DARK, LIGHT, Canvas, with_few_colours

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOLDER = Path(__file__).parent.parent / "example_site" / "pictures"
_AMBER = "#d9952b"

_READINGS = {
    "east wing.png": ("East wing", "21.4 °C", "normal since 06:40", LIGHT.accent),
    "übersicht.png": ("All zones", "19.8 °C", "mean of 12 sensors", LIGHT.accent),
    "温室.png": ("Greenhouse 2", "26.1 °C", "windows open", LIGHT.second),
    "100%.png": ("Water tank", "100 %", "filled at 04:15", LIGHT.second),
    "day+night.png": ("Day and night", "23 / 14 °C", "last 24 hours", _AMBER),
    "bench #3.png": ("Bench 3", "38 % moist", "too dry since 07:10", LIGHT.warning),
    "VALVE.PNG": ("Valve 4", "closed", "next run at 18:00", LIGHT.accent),
    "image(3).png": ("Nursery", "18.9 °C", "heating is on", _AMBER),
}
"""Cards whose file names are the point."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all pictures into a folder and say how large they are."""
    parser = argparse.ArgumentParser(description="Draw the example site's pictures.")
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, data in pictures():
        (folder / name).write_bytes(data)
        total += len(data)
    sys.stdout.write(f"{total / 1024:.0f} KiB in {folder}\n")
    return 0


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yield each picture's file name and bytes."""
    dashboard = screens.dashboard(LIGHT).finish()
    yield "dashboard.png", _png(dashboard)
    small = dashboard.resize((480, 300), Image.Resampling.LANCZOS)
    yield "dashboard-small.png", _png(small, few_colours=False)
    yield "dashboard-dark.png", _png(screens.dashboard(DARK).finish())
    yield "settings.png", _png(screens.settings().finish())
    yield "terminal.png", _png(screens.terminal().finish())
    # The backgrounds of these two have more shades than a palette holds.
    yield "sign-in.png", _png(dialogs.sign_in().finish(), few_colours=False)
    yield "alert-rule.png", _png(dialogs.alert_rule().finish(), few_colours=False)
    yield "gateway-offline.png", _png(dialogs.gateway_offline().finish())
    yield "water-use.png", _png(figures.water_use().finish())
    yield "data-flow.png", _png(figures.data_flow().finish())
    yield "floor-plan.png", _png(figures.floor_plan().finish())
    yield "greenhouse.jpg", _jpeg(view.greenhouse().finish())
    for name, (title, value, note, colour) in _READINGS.items():
        yield name, _png(figures.reading(title, value, note, colour).finish())
    yield from _decoration()
    yield from _oddities()


def _decoration() -> Iterator[tuple[str, bytes]]:
    yield "divider.png", _png(figures.divider().finish())
    leaf = Canvas(48, 48, LIGHT.surface)
    widgets.leaf(leaf, (6, 2), 36, LIGHT.accent, LIGHT.surface)
    yield "leaf.png", _png(leaf.finish())
    for page in ("Alerts", "Reports", "Settings"):
        icon = Canvas(24, 24, LIGHT.surface)
        widgets.sign(icon, page, (12, 12), LIGHT.ink)
        yield f"{page.lower()}-icon.png", _png(icon.finish())
    yield "spacer.png", _png(Image.new("RGB", (1, 1), LIGHT.surface))


def _oddities() -> Iterator[tuple[str, bytes]]:
    """Yield files that are not what their name says."""
    camera = figures.reading("Camera 1", "2 pictures", "last one at 05:00", LIGHT.second)
    yield "camera.png", _jpeg(camera.finish())
    whole = _png(figures.reading("Lost", "0.0 °C", "cut off", LIGHT.warning).finish())
    yield "interrupted.png", whole[: len(whole) // 3]


def _png(picture: Image.Image, *, few_colours: bool = True) -> bytes:
    buffer = io.BytesIO()
    (with_few_colours(picture) if few_colours else picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=84, optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
