"""A page is read as often as there are answers to find, and not for each image that asks."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.html import context as page_text
from mkdocs_alttext.html.context import PageText
from mkdocs_alttext.html.reading import read_ids
from mkdocs_alttext.html.scanner import scan

if TYPE_CHECKING:
    from _collections_abc import dict_keys
    from collections.abc import Callable, Iterator

    from mkdocs_alttext.html.elements import Element

IMAGES = 40


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what takes long: readings for ids, and uses of a parser."""
    counter: Counter[str] = Counter()

    def count(name: str) -> None:
        function = getattr(page_text, name)

        def counted(*args: object) -> object:
            counter[name] += 1
            return function(*args)

        monkeypatch.setattr(page_text, name, counted)

    count("read_ids")
    count("_parse")
    return counter


@pytest.mark.parametrize("target", ["<i id=c{0}>Leaf {0}</i>", ""])
def test_ids_are_looked_up_together(calls: Counter[str], target: str) -> None:
    """Whether they are there or not."""
    image = "<img src=x.png aria-labelledby='c{0} d&amp;{0}'>"
    html = "".join((image + target).format(number) for number in range(IMAGES))
    page = PageText(html, is_whole=True)
    answers = {page.names(tag.attributes.get("aria-labelledby").split()) for tag in scan(html)}
    assert answers == {bool(target)}
    assert calls["read_ids"] <= 2


def test_one_question_reads_no_further_than_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Themes refer to ids at the end of a page, which no image asks for."""
    wanted: list[frozenset[str]] = []

    def read_ids(_: str, ids: frozenset[str]) -> list[Element]:
        wanted.append(ids)
        return []

    monkeypatch.setattr(page_text, "read_ids", read_ids)
    html = "<i id=a>A</i><img src=x.png aria-labelledby=a><nav aria-labelledby=n></nav>"
    assert not PageText(html, is_whole=True).names(["a"])
    assert wanted == [{"a"}]


@pytest.mark.parametrize("opening", ["<a href=y.html>", "<button>", "<div role=button>"])
def test_an_element_is_parsed_once(calls: Counter[str], opening: str) -> None:
    """However many images ask for its text, and though it never ends."""
    html = opening + "<img src=x.png>&nbsp;" * IMAGES
    page = PageText(html, is_whole=True)
    assert {page.has_name(tag.ancestors[-1]) for tag in scan(html)} == {False}
    assert calls == {"_parse": 1}


def test_a_caption_is_parsed_once(calls: Counter[str]) -> None:
    """Though its figure never ends."""
    html = "<figure>" + "<img src=x.png><p>A &amp; B</p>" * IMAGES + "<figcaption>C &amp; D"
    page = PageText(html, is_whole=True)
    assert {page.caption_around(tag.start) for tag in scan(html)} == {"C & D"}
    assert calls == {"_parse": 1}


class CountedIds(dict[str, object]):
    """What is known of a page's ids, which counts how often all of it is gone through."""

    walks = 0

    def keys(self) -> dict_keys[str, object]:
        """Count, and return the keys."""
        self.walks += 1
        return super().keys()

    def __iter__(self) -> Iterator[str]:
        """Count, and begin."""
        self.walks += 1
        return super().__iter__()


@pytest.mark.parametrize(
    "image",
    [
        "<img src=x.png aria-labelledby='i{0} j{0}'>",
        # The first quote seems to open a value that ends inside the next tag.
        "<img src=x.png title=\"aria-labelledby='\" aria-labelledby='i{0}'>",
    ],
)
def test_many_questions_go_through_what_is_known_once(calls: Counter[str], image: str) -> None:
    """An image asks for its own ids, and does not look at those of all others."""
    html = "".join(image.format(number) for number in range(IMAGES))
    page = PageText(html, is_whole=True)
    known = page._ids = CountedIds()  # type: ignore[assignment] # noqa: SLF001 - counts work
    assert not any(page.names(tag.attributes.get("aria-labelledby").split()) for tag in scan(html))
    assert calls["read_ids"] <= 2
    assert known.walks <= 2


def steps(function: Callable[[], object]) -> int:
    """Count the calls of a function, and all that they call, generators' steps among them."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def test_an_element_that_stays_open_is_waited_for_at_no_cost() -> None:
    """The ends of those before it are not looked at again with each tag that follows."""

    def reading(size: int) -> int:
        ids = frozenset(str(number) for number in range(size))
        html = "".join(f"<i id={each}></i>" for each in sorted(ids - {"0"}))
        return steps(lambda: read_ids(f"{html}<b id=0>{'<u></u>' * size}", ids))

    assert reading(400) < 8 * reading(100)


@pytest.mark.parametrize(
    "html",
    [
        "<figure><img src=x.png>" * 1000 + "<figcaption>a &amp; b</figcaption>",
        "<figure><figcaption><img src=x.png>" * 1000 + "a &amp; b</figcaption></figure>",
        "".join(f"<div id=i{n}><img src=x.png aria-labelledby=i{n}>" for n in range(1000)),
    ],
)
def test_parts_inside_each_other_are_not_each_read_to_their_end(
    monkeypatch: pytest.MonkeyPatch, html: str
) -> None:
    """A page whose figures or named elements are never closed is read a few times over."""
    read = 0

    def counted(name: str) -> None:
        function = getattr(page_text, name)

        def wrapped(source: str) -> object:
            nonlocal read
            read += len(source)
            return function(source)

        monkeypatch.setattr(page_text, name, wrapped)

    counted("_parse")
    counted("plain_text")
    page = PageText(html, is_whole=True)
    for tag in scan(html):
        page.caption_around(tag.start)
        page.names(tag.attributes.get("aria-labelledby").split())
    assert read <= 12 * len(html) + 2 * 65536


def test_captions_and_names_of_a_usual_page_are_all_read() -> None:
    """However many figures, links and ids there are, one behind the other."""
    part = (
        "<figure><a id=i{0} href=#><img src=x.png aria-labelledby=i{0}>{0}</a>"
        "<figcaption>F &amp; {0}</figcaption></figure>"
    )
    html = "".join(part.format(number) for number in range(2000))
    page = PageText(html, is_whole=True)
    tags = scan(html)
    assert [page.caption_around(tag.start) for tag in tags] == [f"F & {n}" for n in range(2000)]
    assert not page.names(["none"])
    assert all(page.has_name(tag.ancestors[-1]) for tag in tags)
    assert all(page.names([f"i{number}"]) for number in range(2000))
