"""Whether the option `cache_dir` names a folder that may be used, whoever builds the site."""

from __future__ import annotations

import os
from pathlib import Path

from mkdocs_alttext.system.files import GIT, absolute, leads_out

PUBLISHED = (
    "so the cache would be published with the site. It is not used, and nothing is paid for."
)


def fault_of_place(
    cache_dir: str, root: Path, name: str = "", folder: str | None = None
) -> str | None:
    """Say why a cache folder must not be used, when that is so wherever it is.

    Args:
        cache_dir: The option.
        root: The project's folder.
        name: What people call the folder that is published.
        folder: That folder, where it is known.
    """
    places = named_places(cache_dir)
    option = f"The option cache_dir ({cache_dir})"
    if any(
        leads_out(place, root) or GIT in (part.casefold() for part in place.parts)
        for place in places
    ):
        return (
            f"{option} leads into a .git, or by a link out of the project. It is not used, and "
            "nothing is paid for. Choose a folder of the project, or name the other one itself."
        )
    if folder and any(inside_of(folder, place) for place in places):
        return f"{option} lies inside {name} ({folder}), {PUBLISHED} Choose a folder outside of it."
    return None


def named_places(folder: str) -> set[Path]:
    """Return a folder as it is written, and where it leads."""
    # `Path.resolve` raises where a link leads to itself.
    return {absolute(folder), Path(os.path.realpath(folder))}


def inside_of(folder: str, place: Path) -> Path | None:
    """Return a place from a folder, when it lies in it."""
    for root in (absolute(folder), os.path.realpath(folder)):
        if place.is_relative_to(root):
            return place.relative_to(root)
    return None
