"""The file that shows all pictures and texts: what comes first, what stays out, and how large."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from built_site import picture as picture_bytes
from click.testing import CliRunner
from PIL import Image
from review_items import MARKUP, item, note
from review_site import DOCS, STATES, write_site

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.models import Picture
from mkdocs_alttext.review.export import export, is_export
from mkdocs_alttext.review.items import State

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from mkdocs_alttext.review.items import Item

SHOWN = Picture(picture_bytes(), "image/png", 20, 10)
FOUR = (
    item(State.REVIEWED, "Approved", path="a.png"),
    item(State.MISSING, "", path="b.png"),
    item(State.DRAFT, "A draft", path="c.png"),
    item(State.STALE, "Old", path="d.png"),
)


def read(html: str) -> BeautifulSoup:
    """Read the file."""
    return BeautifulSoup(html, "html.parser")


def exported(*items: Item, excluded: tuple[str, ...] = (), shown: Picture | str = SHOWN) -> str:
    """Export with the same picture for all."""
    return export("Site", items, excluded, lambda _: shown)


def test_drafts_come_first() -> None:
    """Then what else waits for a person, and last what is done."""
    page = read(exported(*FOUR))
    assert [each.text for each in page.select("article h3")] == ["c.png", "d.png", "b.png", "a.png"]
    titles = [" ".join(each.text.split()) for each in page.select("h2")]
    assert titles == ["Drafts 1", "Picture changed 1", "No text 1", "Reviewed 1"]
    links = [each["href"] for each in page.select("nav a")]
    assert links == [f"#{each['id']}" for each in page.select("section")]


def test_the_languages_of_a_picture_stand_together() -> None:
    """The picture is in the file once, with what has to be looked at first."""
    page = read(
        exported(
            item(State.REVIEWED, "Approved", path="a.png"),
            item(State.DRAFT, "Entwurf", path="a.png", language="de"),
        )
    )
    assert len(page.select("img")) == 1
    texts = page.select("#draft .text")
    assert [(each.text, each["lang"]) for each in texts] == [("Approved", "en"), ("Entwurf", "de")]


def test_pictures_are_in_the_file() -> None:
    """Nothing is fetched, and nothing can run."""
    html = exported(*FOUR)
    page = read(html)
    image = page.select_one("img")
    assert image
    head, _, data = str(image["src"]).partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data) == SHOWN.data
    policy = page.select_one("meta[http-equiv]")
    assert policy
    assert str(policy["content"]).startswith("default-src 'none'")
    assert not page.select("script, link, iframe, [src]:not(img)")
    assert "http://" not in html
    assert "https://" not in html


def test_excluded_pictures_are_named_only() -> None:
    """Nobody sees them, in a section of their own."""
    page = read(exported(*FOUR, excluded=("private/a.png", f"{MARKUP}.png")))
    names = [each.text for each in page.select("#excluded li")]
    assert names == ["private/a.png", f"{MARKUP}.png"]
    assert not page.select("#excluded img")


def test_texts_and_names_are_no_markup() -> None:
    """Everything that a pull request can write is text."""
    hostile = item(text=MARKUP, path=f"{MARKUP}.png", origin=MARKUP, notes=note("refused", MARKUP))
    page = read(export(MARKUP, [hostile], [MARKUP], lambda _: SHOWN))
    assert not page.select("script, [onerror]")
    assert [each.text for each in page.select(".text")] == [MARKUP]
    assert page.title
    assert page.title.text == f"Alt texts of {MARKUP}"


def test_the_file_is_bounded() -> None:
    """What is looked at first has its picture; the others have their texts, and it is said."""
    page = read(export("Site", FOUR, (), lambda _: SHOWN, most_bytes=2 * len(SHOWN.data)))
    have = [each.h3.text for each in page.select("article:has(img)") if each.h3]
    assert have == ["c.png", "d.png"]
    assert [each.text for each in page.select(".picture p")] == [
        "Not in this file, which would be too large."
    ] * 2
    said = page.select_one("header p")
    assert said
    assert said.text == "4 pictures. 2 pictures are named only, as this file would be too large."


def test_a_picture_that_cannot_be_shown_is_named() -> None:
    """With its fault."""
    page = read(exported(item(path="a.png"), shown="The file is damaged."))
    assert [each.text for each in page.select(".picture")] == ["The file is damaged."]


def test_an_earlier_file_is_known_by_its_beginning() -> None:
    """Nothing else is replaced."""
    assert is_export(exported(*FOUR).encode()[:1000])
    assert not is_export(b"<!doctype html><title>Mine</title>")


def run(folder: Path, *arguments: str) -> Result:
    """Run the command in a site."""
    config = str(folder / "mkdocs.yml")
    return CliRunner().invoke(main, ["review", "-f", config, *arguments])


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    """With the site's pictures made small, the excluded one by its name, and none of it twice."""
    wide = io.BytesIO()
    Image.new("RGB", (1600, 400), "teal").save(wide, "PNG")
    write_site(tmp_path, docs={**DOCS, "img/draft.png": wide.getvalue()})
    target = tmp_path / "out/all.html"
    done = run(tmp_path, "--export", str(target))
    assert (done.exit_code, done.output.startswith(str(target))) == (0, True)
    page = read(target.read_text(encoding="utf-8"))
    shown = {each.h3.text: each.img for each in page.select("article") if each.h3}
    assert {*shown} == {*STATES}
    draft = shown["img/draft.png"]
    assert draft
    assert (draft["width"], draft["height"]) == ("640", "160")
    assert [each.text for each in page.select("#excluded li")] == ["private/key.png"]
    before = target.read_bytes()
    assert run(tmp_path, "--export", str(target)).exit_code == 0
    assert target.read_bytes() == before


def test_the_command_replaces_nothing_else(tmp_path: Path) -> None:
    """Such as a page that somebody wrote."""
    write_site(tmp_path)
    target = tmp_path / "mine.html"
    target.write_text("<!doctype html><title>Mine</title>", encoding="utf-8")
    done = run(tmp_path, "--export", str(target))
    assert done.exit_code == 2
    assert "is in the way" in done.output
    assert "Mine" in target.read_text(encoding="utf-8")
