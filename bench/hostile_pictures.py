"""Pictures that were made to break whoever opens them, in one build.

Owns which of them a build meets. It must not know how a build is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import hostile_files
from bench.hostile_site import PICTURES
from bench.hostile_trial import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.hostile_trial import World

_SECONDS = 240.0
"""For a build of many: each of some drawings takes its ten seconds of processor time."""

_BOMBS: Mapping[str, Callable[[], bytes]] = {
    "1.webp": lambda: hostile_files.one_colour_webp(8333, 6000),
    "2.webp": lambda: hostile_files.one_colour_webp(3000, 1999),
    "3.png": lambda: hostile_files.sound("PNG", (3999, 3000)),
    "4.jpg": lambda: hostile_files.sound("JPEG", (3999, 3000), progressive=True, subsampling=0),
    "5.jpg": lambda: hostile_files.sound("JPEG", (8333, 6000), progressive=True, subsampling=0),
    "6.gif": lambda: hostile_files.gif(size=(3999, 3000)),
    "7.tif": lambda: hostile_files.sound("TIFF", (8333, 6000), compression="tiff_adobe_deflate"),
    "8.ico": lambda: hostile_files.ico(hostile_files.sound("PNG", (7000, 7000))),
    "9.png": lambda: hostile_files.sound("PNG", (8333, 6000)),
}
"""Small files of many pixels, each of which is sent."""
_SLOW = (
    *("png: 60 texts", "png: profile", "png: 4 GiB", "png: 5 million", "gif: 30 million"),
    *("svg: 2 GiB", "svg: endless", "svg: 20 wide", "jpeg: 10000", "tiff: 15 million"),
    *("gif: comment", "tiff: 200 tags", "avif: is 12000", "svg: 10**9", "webp: 5000"),
)
"""Of the others, those that take long to be made or to be given up; a word of each."""


def small_bombs(world: World) -> None:
    """Show pictures of a few kilobytes and many megapixels, cold and warm."""
    for name, make in _BOMBS.items():
        world.site.add_picture(f"bombs/{name}", make())
    world.site.add_page("bombs.md", "\n\n".join(f"![](bombs/{name})" for name in _BOMBS))
    world.build()
    spent = world.server.credits_spent
    world.require(spent == len(_BOMBS) + len(PICTURES), f"{COMPLETE}{spent} pictures were sent")
    world.build()
    world.require(world.server.credits_spent == spent, f"{COMPLETE}some were paid for again")


def files(*, slow: bool) -> Callable[[World], None]:
    """Return builds that show all files of `bench.hostile_files`, cold and warm.

    Args:
        slow: Whether those that take long are among them.
    """

    def run(world: World) -> None:
        names = []
        for number, (name, make) in enumerate(
            {**hostile_files.HOSTILE, **hostile_files.TRUNCATED}.items()
        ):
            if slow or not name.startswith(_SLOW):
                path = f"hostile/{number}.{name.partition(':')[0]}"
                world.site.add_picture(path, make())
                names.append(path)
        world.site.add_page("hostile.md", "\n\n".join(f"![]({name})" for name in names))
        world.build(seconds=_SECONDS)
        world.build(seconds=_SECONDS)

    return run


PLANTED: Mapping[str, Callable[[World], None]] = {
    "pictures: small bombs": small_bombs,
    "pictures: hostile files": files(slow=False),
    "pictures: all hostile files": files(slow=True),
}
"""What is done in a world, by what is planted."""
