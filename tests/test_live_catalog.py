"""Changing single entries of a catalog's file, as a whole file is changed and beside others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.catalog.drafting import HEADER
from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status
from mkdocs_alttext.catalog.live import LiveCatalog
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.system.files import HEAD, holds, read_regular, replace_file

if TYPE_CHECKING:
    from pathlib import Path

SPACED = """\
# What this file is.

a.png:
  alt:
    en: "A"  # said aloud
  status: draft
  origin: alttextai 0c551234

# About the next one.
c.png:
  alt: "C"
  status: reviewed

d.png:
  # to be asked
  status: draft
"""
TIGHT = "a.png: {alt: A, status: draft}\nc.png:\n  alt: C\n  status: draft\n# the end\n"
INDENTED = "  a.png:\n    alt: A\n    status: draft\n  c.png:\n    alt: C\n    status: draft\n"
BRACES = "{a.png: {alt: A, status: draft}, c.png: {alt: C, status: draft}}\n"
UNSORTED = "c.png:\n  status: draft\n\na.png:\n  alt: |\n    A\n\n    b\n  status: draft\n"
EXPLICIT = "? a.png\n:\n  alt: A\n  status: draft\nc.png:\n  alt: >\n    C\n  status: draft\n"
SEPARATED = 'a.png:\n  alt: "A\u2028b"\n  status: draft\nc.png:\n  status: draft\n'
WITHOUT_END = "a.png:\n  alt: A\n  status: draft\nc.png:\n  status: draft"
WINDOWS = SPACED.replace("\n", "\r\n")
MARKED = "\ufeff" + SPACED
TEXTS = (
    *(SPACED, TIGHT, INDENTED, BRACES, UNSORTED, EXPLICIT, SEPARATED, WITHOUT_END, WINDOWS),
    *("", "# nothing yet\n"),
)
NEW = Entry("b.png", {ANY_LANGUAGE: Status.REVIEWED}, {"en": "B"}, "0" * 64)


def live(folder: Path, text: str) -> LiveCatalog:
    """Open a catalog with a text."""
    path = folder / "alttext.yml"
    path.write_bytes(text.encode())
    return LiveCatalog(path, root=folder)


def bare(text: str) -> dict[str, Entry]:
    """Return what a text says."""
    return {path: each._replace(line=0) for path, each in parse_catalog(text, "").items()}


def written(catalog: LiveCatalog) -> str:
    """Return the text of its file."""
    return catalog.path.read_bytes().decode()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("path", ["0.png", "b.png", "cc.png", "z.png"])
def test_an_entry_is_added_as_to_a_whole_file(tmp_path: Path, text: str, path: str) -> None:
    """The pieces around its place tell as much as the file does."""
    catalog = live(tmp_path, text)
    new = NEW._replace(path=path)
    whole = CatalogText(text or HEADER, "")
    whole.add(new)
    if text == BRACES:
        with pytest.raises(CatalogError, match="braces"):
            catalog.change(lambda: [catalog.add(new)])
        assert written(catalog) == text
        return
    catalog.change(lambda: [catalog.add(new)])
    assert written(catalog) == whole.edited("")
    assert catalog.entries == bare(written(catalog)) == {**bare(text), path: new}


@pytest.mark.parametrize("text", TEXTS[:-2])
def test_a_value_is_changed_as_in_a_whole_file(tmp_path: Path, text: str) -> None:
    """Nothing of the other entries is touched."""
    catalog, whole = live(tmp_path, text), CatalogText(text, "")
    old = catalog.entries["a.png"]
    new = old._replace(statuses={ANY_LANGUAGE: Status.REVIEWED}, sha256="1" * 64)
    assert whole.change(whole.entries["a.png"], new._replace(line=1))
    catalog.change(lambda: [catalog.replace(old, new)])
    assert written(catalog) == whole.edited("")
    assert catalog.entries["a.png"] == new


@pytest.mark.parametrize("text", [each for each in TEXTS[:-2] if not each.startswith("{")])
def test_an_edit_is_taken_back_to_the_same_bytes(tmp_path: Path, text: str) -> None:
    """Whatever was done."""
    catalog = live(tmp_path, text)
    old = catalog.entries["a.png"]
    done = catalog.change(
        lambda: [
            catalog.replace(old, old._replace(statuses={ANY_LANGUAGE: Status.DECORATIVE})),
            catalog.add(NEW),
            catalog.rename({"c.png": "a.png", "a.png": "e.png"}),
        ]
    )
    assert written(catalog) != text
    catalog.change(lambda: [catalog.take_back(each) for each in reversed(done)])
    assert written(catalog) == text
    assert catalog.entries == bare(text)


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    """It is no part of the first entry."""
    catalog = live(tmp_path, MARKED)
    catalog.change(lambda: [catalog.add(NEW)])
    catalog.change(lambda: [catalog.remove(catalog.entries["b.png"])])
    assert written(catalog) == MARKED


def test_what_others_write_meanwhile_stays(tmp_path: Path) -> None:
    """Their entries, comments and order are read before each change."""
    catalog = live(tmp_path, SPACED)
    other = SPACED.replace('"C"', '"See"').replace("# About", "# All about")
    catalog.path.write_text(other, encoding="utf-8")
    old = catalog.entries["a.png"]
    new = old._replace(statuses={ANY_LANGUAGE: Status.REVIEWED})
    catalog.change(lambda: [catalog.replace(old, new)])
    assert written(catalog) == other.replace("status: draft", "status: reviewed", 1)
    assert catalog.entries["c.png"].texts == {ANY_LANGUAGE: "See"}


def test_a_change_begins_anew_where_others_write_in_its_midst(tmp_path: Path) -> None:
    """Nobody's words are written over."""
    catalog = live(tmp_path, SPACED)
    others = iter(['"Sea"', '"Si"'])

    def work() -> list[object]:
        if other := next(others, None):
            text = SPACED.replace('"C"', other)
            catalog.path.write_text(text, encoding="utf-8")
        return [catalog.add(NEW)]

    catalog.change(work)  # type: ignore[arg-type]
    assert catalog.entries["c.png"].texts == {ANY_LANGUAGE: "Si"}
    assert bare(written(catalog))["b.png"] == NEW


def test_what_cannot_be_changed_is_left_with_its_line(tmp_path: Path) -> None:
    """A comment in the midst of a value says something to people."""
    text = "a.png:\n  status: draft\nb.png:\n  status: {de: draft, # no\n   en: draft}\n"
    catalog = live(tmp_path, text)
    old = catalog.entries["b.png"]
    before = written(catalog)
    new = old._replace(statuses={"de": Status.DECORATIVE})
    with pytest.raises(CatalogError, match="line 3"):
        catalog.change(
            lambda: [
                catalog.replace(
                    catalog.entries["a.png"],
                    catalog.entries["a.png"]._replace(statuses={ANY_LANGUAGE: Status.DECORATIVE}),
                ),
                catalog.replace(old, new),
            ]
        )
    assert written(catalog) == before
    assert catalog.entries == bare(before)


def test_a_file_that_is_no_catalog_any_more_is_left(tmp_path: Path) -> None:
    """Somebody is in the midst of writing it: the error says where."""
    catalog = live(tmp_path, SPACED)
    catalog.path.write_text("a.png: [\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="line 1"):
        catalog.change(lambda: [catalog.add(NEW)])
    assert written(catalog) == "a.png: [\n"
    catalog.path.write_text(SPACED, encoding="utf-8")
    catalog.change(lambda: [catalog.add(NEW)])
    assert "b.png" in catalog.entries


def test_a_text_for_all_languages_is_replaced(tmp_path: Path) -> None:
    """The catalogs of version 0.1 have one text without a language."""
    catalog = live(tmp_path, SPACED)
    old = catalog.entries["c.png"]
    catalog.change(lambda: [catalog.replace(old, old._replace(texts={ANY_LANGUAGE: "Sea"}))])
    assert written(catalog) == SPACED.replace('"C"', '"Sea"')
    old = catalog.entries["c.png"]
    empty = old._replace(texts={}, statuses={ANY_LANGUAGE: Status.DRAFT})
    catalog.change(lambda: [catalog.replace(old, empty)])
    assert "Sea" not in written(catalog)


@pytest.mark.parametrize("size", [0, 1, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD])
def test_a_file_is_compared_part_by_part(tmp_path: Path, size: int) -> None:
    """One that is longer, shorter or other in one byte does not hold the same."""
    path, data = tmp_path / "file", bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    path.write_bytes(data)
    assert holds(path, data)
    assert read_regular(path) == data
    assert not holds(path, data + b"x")
    if size:
        assert not holds(path, data[:-1])
        assert not holds(path, data[:-1] + bytes([data[-1] ^ 1]))


def test_two_who_write_at_once_both_have_what_they_wrote(tmp_path: Path) -> None:
    """None replaces the file that the other has just written; who may not is told."""
    live(tmp_path, "# texts\n")

    def write(name: str) -> set[str]:
        catalog, written = LiveCatalog(tmp_path / "alttext.yml", root=tmp_path), set()
        for number in range(40):
            new = NEW._replace(path=f"{name}{number}.png")
            with suppress(CatalogError):
                catalog.change(lambda new=new: [catalog.add(new)])  # type: ignore[misc]
                written.add(new.path)
        return written

    with ThreadPoolExecutor() as pool:
        written = set().union(*pool.map(write, "xy"))
    assert len(written) > 40
    assert {*LiveCatalog(tmp_path / "alttext.yml", root=tmp_path).entries} == written


def test_what_somebody_writes_while_the_new_file_is_written_stays(tmp_path: Path) -> None:
    """The last look at the file comes when nothing is left to do but to replace it."""
    path = tmp_path / "alttext.yml"
    path.write_bytes(b"old")

    def check() -> None:
        assert [each for each in tmp_path.iterdir() if each.read_bytes() == b"new"]
        path.write_bytes(b"theirs")
        raise CatalogError(str(path), "changed")

    with pytest.raises(CatalogError, match="changed"):
        replace_file(path, b"new", check=check)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"theirs"]
