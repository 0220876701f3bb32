"""One HTML file with all pictures and their texts, for a pull request's artifact or an e-mail.

It needs no server and runs no script. What a reader has to look at comes first. Excluded pictures
are named, and nothing of them is in the file.
"""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from mkdocs_alttext.review.items import STATE_LABELS, Item, State
from mkdocs_alttext.system.printable import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mkdocs_alttext.models import Picture

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


class _Shown(NamedTuple):
    """A picture as the file shows it."""

    path: str
    items: Sequence[Item]
    data: str
    """A `data:` address; empty where the picture is not in the file."""
    width: int
    height: int
    fault: str
    """Why it is not."""
    places: Sequence[str]
    more: int
    """How many more places there are."""


class _Section(NamedTuple):
    """The pictures in one state."""

    id: str
    title: str
    pictures: list[_Shown]


def export(
    site_name: str,
    items: Iterable[Item],
    excluded: Sequence[str],
    picture_of: Callable[[Item], Picture | None],
    *,
    most_bytes: int = MOST_PICTURE_BYTES,
) -> str:
    """Return the file.

    Args:
        site_name: The site's.
        items: All of them, those of one picture one behind the other.
        excluded: Paths of the pictures that are only named.
        picture_of: Returns an item's picture, at most `LONGEST_SIDE` pixels long; `None` where it
            cannot be shown.
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
        picture = None if without else picture_of(own[0])
        left -= len(picture.data) if picture else 0
        is_too_much = left < 0
        without += is_too_much
        picture = None if is_too_much else picture
        pictures[state].append(_shown(own, picture, is_too_much=is_too_much))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__), autoescape=True, trim_blocks=True
    )
    return environment.get_template("export.html").render(
        site_name=visible(site_name),
        sections=[
            _Section(state.value, _TITLES[state], shown)
            for state, shown in pictures.items()
            if shown
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


def _shown(items: Sequence[Item], picture: Picture | None, *, is_too_much: bool) -> _Shown:
    first = items[0]
    places = dict.fromkeys(
        f"{place.page}:{place.line}" if place.line else place.page
        for item in items
        for place in item.places
    )
    shown = [visible(place) for place in places]
    fault = "Not in this file, which would be too large." if is_too_much else first.picture.fault
    return _Shown(
        visible(first.path),
        items,
        _address(picture) if picture else "",
        picture.width if picture else 0,
        picture.height if picture else 0,
        fault or "This picture cannot be shown.",
        shown[:_MOST_PLACES],
        max(0, len(shown) - _MOST_PLACES) + sum(item.more_places for item in items[:1]),
    )


def _address(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
