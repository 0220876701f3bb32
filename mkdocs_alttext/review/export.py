"""One HTML file with all pictures and their texts, for a pull request's artifact or an e-mail.

It needs no server and runs no script. What a reader has to look at comes first. Excluded pictures
are named, and nothing of them is in the file.
"""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from mkdocs_alttext.models import Picture
from mkdocs_alttext.review.items import STATE_LABELS, Item, State
from mkdocs_alttext.system.printable import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST_PICTURE_BYTES = 12 * 1024 * 1024
"""Of all pictures together, before Base64 makes them a third longer: with their texts, the file of
some hundred pictures still passes as an attachment."""
LONGEST_SIDE = 640
"""Pixels of a picture in the file."""
_GENERATOR = b"mkdocs-alttext review --export"
_ORDER = (
    State.DRAFT,
    State.STALE,
    State.REFUSED,
    State.SUGGESTED,
    State.MISSING,
    State.REVIEWED,
    State.DECORATIVE,
    State.GIVEN,
)
_TITLES = {**STATE_LABELS, State.DRAFT: "Drafts"}
_MOST_PLACES = 5
_TOO_LARGE = "Not in this file, which would be too large."


class _Shown(NamedTuple):
    """A picture as the file shows it."""

    path: str
    items: Sequence[Item]
    image: Picture | str
    """Why it is not in the file, where it is not."""
    places: Sequence[str]
    more: int
    """How many more places there are."""


def export(
    site_name: str,
    items: Iterable[Item],
    excluded: Sequence[str],
    picture_of: Callable[[Item], Picture | str],
    *,
    most_bytes: int = MOST_PICTURE_BYTES,
) -> str:
    """Return the file.

    Args:
        site_name: The site's.
        items: All of them, those of one picture one behind the other.
        excluded: Paths of the pictures that are only named.
        picture_of: Returns an item's picture, at most `LONGEST_SIDE` pixels long; or why it cannot
            be shown. Each is asked for once.
        most_bytes: Of all pictures in the file; the first ones are in it.
    """
    by_path: dict[str, list[Item]] = {}
    for item in items:
        by_path.setdefault(item.path, []).append(item)
    pictures = {state: list[_Shown]() for state in _ORDER}
    left, without = most_bytes, 0
    # In the order of the file, so that what a reader has to look at has its picture.
    for state, own in sorted(
        ((min((each.state for each in own), key=_ORDER.index), own) for own in by_path.values()),
        key=lambda pair: (_ORDER.index(pair[0]), pair[1][0].path),
    ):
        picture = _TOO_LARGE if without else picture_of(own[0])
        left -= len(picture.data) if isinstance(picture, Picture) else 0
        if left < 0:
            without += 1
            picture = _TOO_LARGE
        pictures[state].append(_shown(own, picture))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__), autoescape=True, trim_blocks=True
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    return environment.get_template("export.html").render(
        site_name=visible(site_name),
        sections=[
            (state.value, _TITLES[state], shown) for state, shown in pictures.items() if shown
        ],
        total=len(by_path),
        without=without,
        excluded=[visible(path) for path in excluded],
        counted=counted,
        style=files(__package__).joinpath("templates/export.css").read_text("utf-8"),
    )


def is_export(head: bytes) -> bool:
    """Tell an earlier file of this kind by its first bytes."""
    return _GENERATOR in head


def _shown(items: Sequence[Item], picture: Picture | str) -> _Shown:
    places = dict.fromkeys(
        f"{place.page}:{place.line}" if place.line else place.page
        for item in items
        for place in item.places
    )
    shown = [visible(place) for place in places]
    return _Shown(
        visible(items[0].path),
        items,
        picture,
        shown[:_MOST_PLACES],
        max(0, len(shown) - _MOST_PLACES) + items[0].more_places,
    )
