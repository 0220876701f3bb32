"""What a filter shows, in which order, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from built_site import picture
from hypothesis import given
from hypothesis import strategies as st
from review_site import item_of, opened, save, unit_of

from mkdocs_alttext.review.collection import Unit
from mkdocs_alttext.review.items import Filter, State
from mkdocs_alttext.review.queue import View
from mkdocs_alttext.review.session import Done

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.review.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A review of the usual site."""
    with opened(tmp_path / "site") as found:
        yield found


def shown(session: Session, wanted: Filter) -> list[str]:
    """Return the names of the pictures that a filter shows, in their order."""
    rows = session.list_page(wanted, 0).rows
    return [row.path.removeprefix("img/").partition(".")[0] for row in rows]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(), "draft missing refused stale suggested"),
        (Filter(show="nonsense"), "draft missing refused stale suggested"),
        (
            Filter(show="all", folder="img"),
            "decorative draft given missing refused reviewed stale suggested",
        ),
        (Filter(show="all", folder="im"), ""),
        (Filter(show="stale"), "stale"),
        (Filter(show="missing"), "missing"),
        (Filter(show="given"), "given"),
        (Filter(page="sub/page.md"), "draft"),
        (Filter(page="nowhere.md"), ""),
        (Filter(language="de"), ""),
        (Filter(show="all", language="en", search="A FORM"), "draft"),
        (Filter(show="all", search="img png form"), "draft"),
        (Filter(service="alttextai"), "draft"),
        (Filter(order="state"), "stale refused suggested missing draft"),
        (
            Filter(show="all", order="page", search="a"),
            "decorative draft given reviewed stale suggested",
        ),
    ],
)
def test_a_filter_shows_what_it_says(session: Session, wanted: Filter, names: str) -> None:
    """All of its parts hold together."""
    assert shown(session, wanted) == names.split()


def test_the_address_says_the_filter() -> None:
    """So that a page can be opened again, or sent to somebody."""
    wanted = Filter(show="all", folder="a&b", search="é /")
    parts = parse_qs(urlsplit(f"/list{wanted.query}").query)
    assert parts == {"show": ["all"], "folder": ["a&b"], "search": ["é /"]}
    assert Filter().query == ""


def test_what_was_done_leaves_the_queue_and_the_next_one_comes(session: Session) -> None:
    """In their order; behind the last one comes the first that is left, and then the list."""
    met = []
    path = "img/draft.png"
    for _ in range(5):
        met.append(path)
        result = save(session, path, "decorative")
        assert isinstance(result, Done)
        if not result.location.startswith("/item/"):
            break
        unit = session.unit(result.location.removeprefix("/item/").partition("?")[0])
        assert unit
        path = unit.path
    names = ("draft", "missing", "refused", "stale", "suggested")
    assert met == [f"img/{name}.png" for name in names]
    assert result.location.startswith("/list?said=")
    assert shown(session, Filter()) == []


def test_what_is_skipped_can_be_found_again(session: Session) -> None:
    """It stays open; deciding about it takes it out."""
    save(session, "img/missing.png", "skip")
    save(session, "img/draft.png", "skip")
    assert shown(session, Filter(show="skipped")) == ["draft", "missing"]
    assert len(shown(session, Filter())) == 5
    save(session, "img/draft.png", "approve", "A form")
    assert shown(session, Filter(show="skipped")) == ["missing"]


def test_skipping_goes_round(session: Session) -> None:
    """Behind the last one comes the first."""
    result = save(session, "img/suggested.png", "skip")
    assert isinstance(result, Done)
    assert result.location == f"/item/{unit_of(session, 'img/draft.png').id}"


def test_an_item_out_of_the_queue_keeps_its_place_in_it(session: Session) -> None:
    """Its neighbours are those of its path."""
    page = session.item_page(unit_of(session, "img/reviewed.png"), Filter())
    assert page.queue.position == 0
    before, after = (item_of(session, f"img/{name}.png") for name in ("refused", "stale"))
    assert page.queue.previous_url == before.url.partition("?")[0]
    assert page.queue.next_url == after.url.partition("?")[0]
    assert page.queue.next_picture_url == after.picture.url


def test_a_search_that_no_longer_fits_goes_on_from_its_place(session: Session) -> None:
    """The corrected text has other words."""
    wanted = Filter(search="a")
    assert shown(session, wanted) == ["draft", "stale", "suggested"]
    unit = unit_of(session, "img/stale.png")
    revision = item_of(session, "img/stale.png").revision
    result = session.save(unit, "draft", text="Xyz", revision=revision, wanted=wanted)
    assert isinstance(result, Done)
    assert unit_of(session, "img/suggested.png").id in result.location


def test_a_list_has_pages(tmp_path: Path) -> None:
    """Each leads to the next; a number beyond the end shows the last."""
    names = [f"p{number:02}.png" for number in range(30)]
    docs: dict[str, str | bytes] = {"index.md": "".join(f"![]({name})\n\n" for name in names)}
    docs |= {name: picture(number) for number, name in enumerate(names)}
    with opened(tmp_path / "site", docs=docs, catalog="", options={}) as session:
        first = session.list_page(Filter(), 0)
        assert (len(first.rows), first.previous_url, first.next_url) == (12, None, "/list?from=12")
        second = session.list_page(Filter(), 10**9)
        assert (len(second.rows), second.start, second.next_url) == (6, 24, None)
        assert second.previous_url == "/list?from=12"
        between = session.list_page(Filter(), 5)
        assert (between.previous_url, between.next_url) == ("/list?from=0", "/list?from=17")


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(State), st.booleans()), max_size=30))
def test_a_view_that_is_brought_up_to_date_is_one_that_is_worked_out(
    changes: list[tuple[int, State, bool]],
) -> None:
    """For each value of `show`, after whatever changes."""
    units = [Unit(f"{number}.png", "en") for number in range(10)]
    for unit in units:
        unit.text = "x"
    shows = ("", "all", "skipped", "draft", "reviewed")
    views = {show: View(units, show) for show in shows}
    for number, state, is_skipped in changes:
        units[number].state, units[number].is_skipped = state, is_skipped
        for view in views.values():
            view.update(units[number])
    for show, view in views.items():
        new = View(units, show)
        assert [*view.shown()] == [*new.shown()]
        assert +view.counts == +new.counts
        assert (view.skipped, view.approvable) == (new.skipped, new.approvable)
        for unit in units:
            assert view.position(unit) == new.position(unit)
            assert (view.next(unit), view.previous(unit)) == (new.next(unit), new.previous(unit))
