"""The index of a site's files follows what plugins do to MkDocs' collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files

from mkdocs_alttext.site.files import SiteFiles

if TYPE_CHECKING:
    from pathlib import Path


def file(name: str, folder: Path) -> File:
    """Return MkDocs' record of a file."""
    return File(name, str(folder), str(folder / "site"), use_directory_urls=False)


def test_a_file_that_takes_another_s_place_is_found(tmp_path: Path) -> None:
    """As many files are no reason to believe that they are the same ones."""
    old = file("old.png", tmp_path)
    collection = Files([old, file("index.md", tmp_path)])
    files = SiteFiles()
    files.follow(collection)
    collection.remove(old)
    collection.append(file("new.png", tmp_path))
    assert files.exists("new.png")
    assert files.exists("old.png"), "a page may show it still"


def test_a_file_that_takes_another_s_path_is_read(tmp_path: Path) -> None:
    """A plugin can draw a picture anew for each page."""
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
        (place / "plot.png").write_bytes(place.name.encode())
    old, new = (file("plot.png", place) for place in places)
    collection = Files([old])
    files = SiteFiles()
    files.follow(collection)
    assert files.exists("plot.png")
    assert files.read("plot.png") == b"one"
    collection.remove(old)
    collection.append(new)
    files.follow(collection)
    assert files.exists("plot.png")
    assert files.read("plot.png") == b"two"
