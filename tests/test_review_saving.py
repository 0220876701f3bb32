"""What a person decides is in the catalog at once, and nothing else of the file changes."""

from __future__ import annotations

import resource
import signal
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest
from built_site import picture
from review_site import (
    CATALOG,
    DOCS,
    catalog_text,
    digest,
    item_of,
    opened,
    save,
    unit_of,
    write_site,
)

from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.review.items import Filter, ItemPage, State
from mkdocs_alttext.review.session import Done, Listed, NotDone, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A review of the usual site."""
    with opened(tmp_path / "site") as found:
        yield found


def text_of(session: Session) -> str:
    """Return the catalog as it is on the disk."""
    return session.site.catalog.read_bytes().decode()


def changed(old: str, new: str, text: str | None = None) -> str:
    """Return the usual catalog with one place changed."""
    text = catalog_text() if text is None else text
    assert text.count(old) == 1
    return text.replace(old, new)


NO_FORM = Listed([], 0)
"""Of a list whose page shows nothing."""
DRAFT = 'en: "A form"  # two fields\n  status: draft'
APPROVED = 'en: "A form"  # two fields\n  status: reviewed'


def test_approving_a_text_changes_one_word(session: Session) -> None:
    """Comments and order stay."""
    assert isinstance(save(session, "img/draft.png", "approve", "A form"), Done)
    assert text_of(session) == changed(DRAFT, APPROVED)
    assert item_of(session, "img/draft.png").state is State.REVIEWED


def test_a_corrected_text_is_written_in_its_place(session: Session) -> None:
    """As one line, in quotes."""
    save(session, "img/draft.png", "approve", ' A form\n with "two" fields ')
    new = APPROVED.replace("A form", 'A form with \\"two\\" fields')
    assert text_of(session) == changed(DRAFT, new)


def test_a_text_can_be_saved_without_being_approved(session: Session) -> None:
    """It is the person's draft then, and no build replaces it."""
    save(session, "img/draft.png", "draft", "A sign-in form")
    assert text_of(session) == changed('"A form"', '"A sign-in form"')
    assert not read_catalog(session.site.catalog)["img/draft.png"].is_untouched


def test_decoration_is_a_status(session: Session) -> None:
    """The text stays, so that one word takes it back; the reason is not needed any more."""
    save(session, "img/suggested.png", "decorative")
    assert text_of(session).endswith(
        f'en: "A line"\n  status: decorative\n  sha256: {digest(DOCS["img/suggested.png"])}\n'
    )


def test_what_was_refused_can_be_approved(session: Session) -> None:
    """A person has the last word."""
    save(session, "img/refused.png", "approve", "Two long sentences")
    entry = read_catalog(session.site.catalog)["img/refused.png"]
    assert (entry.reviewed, entry.notes) == ({"en": "Two long sentences"}, {})


def test_a_stale_text_is_about_the_new_picture_then(session: Session) -> None:
    """Its digest is the picture's of today."""
    save(session, "img/stale.png", "approve", "Of this picture")
    old = f'en: "Of another picture"\n  status: reviewed\n  sha256: {digest(picture(99))}'
    new = f'en: "Of this picture"\n  status: reviewed\n  sha256: {digest(DOCS["img/stale.png"])}'
    assert text_of(session) == changed(old, new)


def test_a_picture_without_an_entry_gets_one(session: Session) -> None:
    """Where its path belongs, as `catalog` writes entries."""
    save(session, "img/missing.png", "approve", "A map")
    entry = (
        'img/missing.png:\n  alt:\n    en: "A map"\n  status: reviewed\n'
        f"  sha256: {digest(DOCS['img/missing.png'])}\n\n"
    )
    assert text_of(session) == changed("img/refused.png:", entry + "img/refused.png:")


def test_a_first_text_makes_the_file(tmp_path: Path) -> None:
    """With the words at its top that `catalog` writes."""
    with opened(tmp_path / "site", catalog="") as session:
        save(session, "img/missing.png", "approve", "A map")
        assert text_of(session).startswith("# Alt text of this site's images")
        assert [*read_catalog(session.site.catalog)] == ["img/missing.png"]


def test_nothing_is_written_where_nothing_is_decided(session: Session) -> None:
    """Neither by looking nor by skipping, nor for an empty text."""
    before = session.site.catalog.stat()
    [*session.items()]
    save(session, "img/draft.png", "skip")
    result = save(session, "img/missing.png", "approve", " \u200b\n")
    assert isinstance(result, NotDone)
    assert "There is no text" in result.message.text
    assert session.site.catalog.stat() == before


def test_what_was_typed_is_shown_again_where_it_cannot_be_kept(session: Session) -> None:
    """Nobody types a text twice."""
    result = save(session, "img/missing.png", "approve", "x" * 6000)
    assert isinstance(result, NotDone)
    assert isinstance(result.page, ItemPage)
    assert result.page.typed == "x" * 6000


def test_each_step_is_undone_to_the_same_bytes(session: Session) -> None:
    """One after the other, whatever they were."""
    states = [text_of(session)]
    for path, action, text in (
        ("img/missing.png", "approve", "A map"),
        ("img/draft.png", "decorative", ""),
        ("img/stale.png", "draft", "New"),
        ("img/draft.png", "approve", "Again"),
    ):
        assert isinstance(save(session, path, action, text), Done)
        states.append(text_of(session))
    assert len({*states}) == 5
    while states:
        assert text_of(session) == states.pop()
        session.undo(Filter())
    assert "nothing to undo" in last_words(session, session.undo(Filter()))


def last_words(session: Session, result: object) -> str:
    """Return the message of the page that something led to."""
    assert isinstance(result, Done)
    said = result.location.rpartition("said=")[2]
    page = session.list_page(Filter(), 0, said)
    return page.chrome.messages[0].text


def test_undo_leads_back_to_its_item(session: Session) -> None:
    """And the page says what is undone before it is."""
    unit = unit_of(session, "img/draft.png")
    save(session, "img/draft.png", "approve", "A form")
    assert session.chrome().undo == "approving img/draft.png"
    result = session.undo(Filter())
    assert isinstance(result, Done)
    assert result.location.startswith(f"/item/{unit.id}")
    assert item_of(session, "img/draft.png").state is State.DRAFT


def test_all_that_a_filter_shows_is_approved_and_undone_at_once(session: Session) -> None:
    """What has no text is left, and what needs a look of its own, unless it was looked for."""
    before = text_of(session)
    assert session.list_page(Filter(), 0).queue.number == 5
    for show in ("", "refused", "stale", "suggested"):
        shown = session.list_page(Filter(show=show), 0)
        assert shown.approvable == 1
        result = session.approve_all(Filter(show=show), shown.mark, NO_FORM)
        assert last_words(session, result) == "Approved 1 text"
    found = {each.path: each.state.value for each in session.items()}
    done = {path for path, state in found.items() if state == "reviewed"}
    names = ("draft", "refused", "reviewed", "stale", "suggested")
    assert done == {f"img/{name}.png" for name in names}
    assert session.chrome().progress == (6, 7, 4)
    for _ in range(4):
        session.undo(Filter())
    assert text_of(session) == before
    assert session.chrome().progress == (2, 7, 0)


def test_nothing_is_approved_that_the_list_did_not_show(session: Session) -> None:
    """Somebody else changed a text since."""
    mark = session.list_page(Filter(), 0).mark
    text = text_of(session).replace("Two long sentences", "Rubbish")
    session.site.catalog.write_text(text, encoding="utf-8")
    assert "Nothing was approved" in last_words(
        session, session.approve_all(Filter(), mark, NO_FORM)
    )
    assert text_of(session) == text


def test_what_others_write_is_shown_at_the_next_look(session: Session) -> None:
    """And kept when something else is saved."""
    other = text_of(session).replace("A red door", "A blue door")
    session.site.catalog.write_text(other, encoding="utf-8")
    assert item_of(session, "img/reviewed.png").text == "A blue door"
    save(session, "img/draft.png", "approve", "A form")
    assert text_of(session) == changed(DRAFT, APPROVED, other)


def test_two_who_change_the_same_entry_are_told(session: Session) -> None:
    """Neither loses a word: one is in the file, the other is in the field."""
    revision = item_of(session, "img/draft.png").revision
    other = text_of(session).replace('"A form"', '"A form of theirs"')
    session.site.catalog.write_text(other, encoding="utf-8")
    result = save(session, "img/draft.png", "approve", "A form of mine", revision=revision)
    assert isinstance(result, NotDone)
    assert (result.message.level, result.message.theirs) == ("conflict", "A form of theirs")
    assert isinstance(result.page, ItemPage)
    assert result.page.typed == "A form of mine"
    assert text_of(session) == other
    again = session.save(
        unit_of(session, "img/draft.png"),
        "approve",
        text="A form of mine",
        revision=result.page.item.revision,
        wanted=Filter(),
    )
    assert isinstance(again, Done)
    assert '"A form of mine"' in text_of(session)


def test_a_conflict_is_found_though_another_look_made_the_items_anew(session: Session) -> None:
    """A request may have begun before that."""
    unit = unit_of(session, "img/draft.png")
    revision = item_of(session, "img/draft.png").revision
    other = text_of(session).replace('"A form"', '"A form of theirs"')
    session.site.catalog.write_text(other, encoding="utf-8")
    session.list_page(Filter(), 0)
    result = session.save(unit, "approve", text="Mine", revision=revision, wanted=Filter())
    assert isinstance(result, NotDone)
    assert text_of(session) == other


def vanish(session: Session, left: str | None) -> None:
    """Remove the catalog, or have something of it left."""
    session.site.catalog.unlink()
    if left is not None:
        session.site.catalog.write_text(left, encoding="utf-8")


@pytest.mark.parametrize("left", [None, "", "\n"])
def test_a_catalog_that_vanishes_is_not_begun_anew(session: Session, left: str | None) -> None:
    """Editors move or empty a file before they write it; it is taken as it is put back."""
    item, unit = item_of(session, "img/draft.png"), unit_of(session, "img/draft.png")
    vanish(session, left)
    result = session.save(unit, "approve", text="A form", revision=item.revision, wanted=Filter())
    assert isinstance(result, NotDone)
    assert "The file is gone" in result.message.text
    assert session.site.catalog.exists() == (left is not None)
    assert isinstance(result.page, ItemPage)
    assert result.page.item.state is item.state
    other = catalog_text().replace("A red door", "A blue door")
    session.site.catalog.write_text(other, encoding="utf-8")
    result = save(session, "img/draft.png", "approve", "A form")
    assert "written again" not in last_words(session, result)
    assert text_of(session) == changed(DRAFT, APPROVED, other)


@pytest.mark.parametrize("left", [None, "", "\n"])
@pytest.mark.parametrize("step", ["save", "approve all", "undo"])
def test_a_catalog_that_stays_away_is_written_again(
    session: Session, left: str | None, step: str
) -> None:
    """With all that was in it, once a page said that it is gone."""
    save(session, "img/stale.png", "approve", "Of this picture")
    before = text_of(session)
    vanish(session, left)
    page = session.list_page(Filter(show="draft"), 0)
    assert "alttext.yml is gone, or empty" in page.chrome.messages[0].text
    if step == "save":
        result = save(session, "img/draft.png", "approve", "A form")
    elif step == "undo":
        result = session.undo(Filter())
    else:
        result = session.approve_all(Filter(show="draft"), page.mark, NO_FORM)
    assert "alttext.yml is written again" in last_words(session, result)
    expected = catalog_text() if step == "undo" else changed(DRAFT, APPROVED, before)
    assert text_of(session) == expected
    assert not session.list_page(Filter(), 0).chrome.messages
    result = save(session, "img/reviewed.png", "approve", "A red door")  # as it is
    assert "written again" not in last_words(session, result)


def test_approving_all_does_not_write_a_vanished_catalog_unseen(session: Session) -> None:
    """The list was shown before."""
    page = session.list_page(Filter(show="draft"), 0)
    vanish(session, None)
    for is_there in (False, True):
        result = session.approve_all(Filter(show="draft"), page.mark, NO_FORM)
        assert isinstance(result, Done) == session.site.catalog.exists() == is_there


def test_another_entry_that_others_changed_is_no_conflict(session: Session) -> None:
    """Entries are merged, though the page was opened before."""
    revision = item_of(session, "img/draft.png").revision
    text = text_of(session)
    other = text.replace("A red door", "A blue door") + "\n# The end.\n"
    session.site.catalog.write_text(other, encoding="utf-8")
    assert isinstance(save(session, "img/draft.png", "approve", "A form", revision=revision), Done)
    assert text_of(session) == changed(DRAFT, APPROVED, other)


def test_undo_leaves_what_others_changed_since(session: Session) -> None:
    """Their words count."""
    save(session, "img/draft.png", "approve", "A form")
    other = text_of(session).replace('"A form"', '"Theirs"')
    session.site.catalog.write_text(other, encoding="utf-8")
    assert "it stays: img/draft.png" in last_words(session, session.undo(Filter()))
    assert text_of(session) == other


def test_undo_goes_beside_what_others_wrote_elsewhere(session: Session) -> None:
    """Only this entry is taken back."""
    save(session, "img/draft.png", "approve", "A form")
    other = text_of(session).replace("A red door", "A blue door")
    session.site.catalog.write_text(other, encoding="utf-8")
    session.undo(Filter())
    assert text_of(session) == catalog_text().replace("A red door", "A blue door")


def test_steps_around_a_change_of_others_are_undone_without_losing_it(session: Session) -> None:
    """Bytes are taken back only where they are those of then."""
    save(session, "img/draft.png", "approve", "A form")
    other = text_of(session).replace("# Texts of this site.", "# Texts.")
    session.site.catalog.write_text(other, encoding="utf-8")
    save(session, "img/refused.png", "draft", "Shorter")
    session.undo(Filter())
    session.undo(Filter())
    assert text_of(session) == catalog_text().replace("# Texts of this site.", "# Texts.")


def test_a_file_that_is_half_written_is_left_alone(session: Session) -> None:
    """The page says where it is wrong; nothing of it is lost."""
    session.site.catalog.write_text("img/draft.png: [\n", encoding="utf-8")
    page = session.item_page(unit_of_known(session), Filter())
    assert "alttext.yml, line 1" in page.chrome.messages[0].text
    result = session.save(
        unit_of_known(session), "approve", text="A", revision=page.item.revision, wanted=Filter()
    )
    assert isinstance(result, NotDone)
    assert "alttext.yml, line 1" in result.message.text
    assert text_of(session) == "img/draft.png: [\n"
    session.site.catalog.write_text(catalog_text(), encoding="utf-8")
    assert isinstance(save(session, "img/draft.png", "approve", "A form"), Done)
    assert session.unsaved == set()


def unit_of_known(session: Session):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a unit
    """Return an item without reading the catalog."""
    return next(each for each in session._collection.units.values() if "draft" in each.path)  # noqa: SLF001


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Have a disk on which no file can grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_loses_nothing(session: Session) -> None:
    """What was approved before is there, and what was typed is shown again."""
    save(session, "img/draft.png", "approve", "A form")
    before = text_of(session)
    with largest_file(100):
        result = save(session, "img/refused.png", "approve", "Short")
    assert isinstance(result, NotDone)
    assert "Nothing was saved" in result.message.text
    assert isinstance(result.page, ItemPage)
    assert result.page.typed == "Short"
    assert text_of(session) == before
    assert [*session.site.catalog.parent.glob(".alttext-new-*")] == []
    assert session.unsaved == {"img/refused.png"}
    assert session.chrome().progress.done == 3
    save(session, "img/refused.png", "approve", "Short")
    assert session.unsaved == set()


def test_a_link_in_place_of_the_catalog_is_not_followed(session: Session) -> None:
    """Anybody can commit one."""
    target = session.site.catalog.with_name("other.yml")
    session.site.catalog.rename(target)
    session.site.catalog.symlink_to(target)
    result = save(session, "img/draft.png", "approve", "A form")
    assert isinstance(result, NotDone)
    assert "symbolic link" in result.message.text
    assert target.read_bytes().decode() == catalog_text()


def test_an_entry_in_braces_with_a_comment_is_named_with_its_line(tmp_path: Path) -> None:
    """Nothing is written, and the person knows where to go."""
    text = "img/draft.png:\n  alt: {en: A}\n  status: {en: draft, # no\n    de: draft}\n"
    text = text.replace("alt: {en: A}", "alt: {en: A, de: Ä}")
    with opened(tmp_path / "site", catalog=text) as session:
        result = save(session, "img/draft.png", "approve", "B")
        assert isinstance(result, NotDone)
        assert "line 1" in result.message.text
        assert text_of(session) == text


def test_languages_are_approved_one_by_one(tmp_path: Path) -> None:
    """Each keeps its own status, and one word for all comes back where that is enough."""
    docs = {
        "index.md": "![](a.png)\n",
        "de.md": "---\nalttext:\n  lang: de\n---\n![](a.png)\n",
        "a.png": picture(1),
    }
    text = (
        'a.png:\n  alt:\n    de: "Ä"\n    en: "A"\n  status: draft\n'
        f"  sha256: {digest(picture(1))}\n  origin: alttextai 00000000\n"
    )
    with opened(tmp_path / "site", docs=docs, catalog=text, options={}) as session:
        seen = item_of(session, "a.png", "de").revision
        save(session, "a.png", "approve", "A", language="en")
        assert "status: {de: draft, en: reviewed}\n" in text_of(session)
        result = save(session, "a.png", "approve", "Ä", language="de", revision=seen)
        assert isinstance(result, Done)  # the other language's approval is no conflict
        assert text_of(session) == text.replace("draft", "reviewed")


def test_a_picture_that_was_renamed_keeps_its_entry(tmp_path: Path) -> None:
    """With its comments, where it stands."""
    docs = {"index.md": "![](new.png)\n", "new.png": picture(1)}
    text = (
        "# Above.\n\nold.png:\n  # Said in May.\n"
        f'  alt: "A"\n  status: draft\n  sha256: {digest(picture(1))}\n'
    )
    with opened(tmp_path / "site", docs=docs, catalog=text, options={}) as session:
        save(session, "new.png", "approve", "A", language="")
        assert text_of(session) == text.replace("old", "new").replace("draft", "reviewed")
        session.undo(Filter())
        assert text_of(session) == text


def test_pictures_that_change_names_keep_their_texts(tmp_path: Path) -> None:
    """Whichever of them is looked at first, and though the other is never looked at."""
    docs = {"index.md": "![](a.png) ![](b.png)\n", "a.png": picture(1), "b.png": picture(2)}
    text = "".join(
        f'{name}.png:\n  alt:\n    en: "Of {number}"\n  status: reviewed\n  sha256: {sha256}\n'
        for name, number, sha256 in (
            ("a", 2, digest(picture(2))),
            ("b", 1, digest(picture(1))),
        )
    )
    with opened(tmp_path / "site", docs=docs, catalog=text, options={}) as session:
        found = {each.path: (each.text, each.state.value) for each in session.items()}
        assert found == {"a.png": ("Of 1", "reviewed"), "b.png": ("Of 2", "reviewed")}
        save(session, "a.png", "approve", "All of 1")
        entries = read_catalog(session.site.catalog)
        assert entries["a.png"].texts == {"en": "All of 1"}
        assert entries["b.png"].texts == {"en": "Of 2"}
        assert entries["b.png"].sha256 == digest(picture(2))
        session.undo(Filter())
        assert text_of(session) == text
        assert item_of(session, "b.png").text == "Of 2"


def test_progress_counts_the_day(tmp_path: Path) -> None:
    """What is undone does not count; a new day begins at nothing."""
    days = [date(2026, 5, 1)]
    write_site(tmp_path / "site")
    with opened(tmp_path / "site2") as other:
        session = Session(other.site, other.pictures, today=lambda: days[-1])
        save(session, "img/draft.png", "approve", "A form")
        save(session, "img/missing.png", "decorative")
        assert session.chrome().progress == (4, 7, 2)
        session.undo(Filter())
        assert session.chrome().progress == (3, 7, 1)
        days.append(date(2026, 5, 2))
        assert session.chrome().progress == (3, 7, 0)


def test_the_next_build_publishes_what_was_approved(tmp_path: Path) -> None:
    """The text is in the page."""
    folder = tmp_path / "site"
    with opened(folder) as session:
        save(session, "img/missing.png", "approve", "A map")
        assert CATALOG[:20] in text_of(session)
    with opened(tmp_path / "again", catalog=(folder / "alttext.yml").read_text()) as session:
        assert item_of(session, "img/missing.png").state is State.REVIEWED
        assert item_of(session, "img/missing.png").places[0].alt == "A map"
