"""Several items at once: what a person does in the list is one step in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from built_site import picture
from review_site import DOCS, Browser, catalog_text, digest, item_of, opened, served, unit_of
from test_review_saving import APPROVED, DRAFT, changed, largest_file, text_of

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.review.editing import Wanted, text_digest
from mkdocs_alttext.review.items import Filter, ListPage, State
from mkdocs_alttext.review.session import Done, Listed, NotDone, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = Filter(show="all")
IN_GERMAN = {
    **DOCS,
    "de.md": "---\nalttext: {language: de}\n---\n# Deutsch\n\n"
    "Das ![](img/draft.png) da, und ![](img/stale.png) dort.\n",
}
APPROVE = Status.REVIEWED
SUGGESTED = (
    f"status: draft\n  sha256: {digest(DOCS['img/suggested.png'])}\n  suggestion: decorative\n"
)
DECORATIVE = f"status: decorative\n  sha256: {digest(DOCS['img/suggested.png'])}\n"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A review of the usual site."""
    with opened(tmp_path / "site") as found:
        yield found


@pytest.fixture
def own(session: Session) -> Iterator[Browser]:
    """The person's browser, which runs no script."""
    with served(session) as found:
        yield found.open()


def many(number: int, text: str = "A hill") -> tuple[dict[str, str | bytes], str]:
    """Return the sources of a site with some pictures, and a catalog with a draft of each."""
    names = [f"p{at:02}.png" for at in range(number)]
    docs: dict[str, str | bytes] = {"index.md": "".join(f"![]({name})\n\n" for name in names)}
    docs |= {name: picture(at) for at, name in enumerate(names)}
    return docs, "".join(
        f'{name}:\n  alt: "{text}"\n  status: draft\n  sha256: {digest(docs[name])}\n'
        for name in names
    )


def form(page: str) -> dict[str, str]:
    """Return the fields of a list's form, of which one item would be approved with the others."""
    found = BeautifulSoup(page, "html.parser").select_one("form#save")
    assert found
    sent = {str(each["name"]): str(each["value"]) for each in found.select("input[type=hidden]")}
    for field in found.select("textarea"):
        sent[str(field["name"])] = field.text.removeprefix("\n")  # as browsers read it
    return sent


def save(
    session: Session, texts: dict[str, str], wanted: Filter = ALL, start: int = 0, **decided: Status
) -> Done | NotDone:
    """Send the list with some texts changed and something decided, by the pictures' names."""
    rows = session.list_page(wanted, start).rows
    listed = []
    for row in rows:
        unit = session.unit(row.id)
        assert unit
        name = row.path.removeprefix("img/").partition(".")[0]
        status = decided.get(name, Status.DRAFT)
        text = texts.get(name, row.text)
        is_typed = text_digest(text) != row.shown
        listed.append(Wanted(unit, text, row.revision, status, is_typed))
    return session.save_listed(Listed(listed, start, goes_on=bool(decided)), wanted)


def words(session: Session, result: Done | NotDone) -> str:
    """Return what is said of it."""
    if isinstance(result, NotDone):
        return result.message.text
    said = result.location.rpartition("said=")[2]
    return session.list_page(ALL, 0, said).chrome.messages[0].text


def left(result: Done | NotDone) -> dict[str, tuple[str | None, str]]:
    """Return what could not be saved: what is in the field, and why, by the picture's path."""
    assert isinstance(result, NotDone)
    assert isinstance(result.page, ListPage)
    assert result.page.are_unsaved
    return {row.path: (row.typed, row.fault) for row in result.page.rows}


def test_only_plain_drafts_are_approved_together(own: Browser, session: Session) -> None:
    """The others say why they are not."""
    rows = session.list_page(ALL, 0).rows
    assert [row.path for row in rows if row.is_among] == ["img/draft.png"]
    assert {row.path for row in rows if row.notes} == {
        f"img/{name}.png" for name in ("missing", "refused", "stale", "suggested")
    }
    sent = form(own.get("/list?show=all"))
    assert len([name for name in sent if name.startswith("text-")]) == 8
    assert sent[f"text-{sent['among']}"] == "A form"


@pytest.mark.parametrize("text", ["draft.png", "Image of a form", "x" * 200])
def test_a_draft_with_a_remark_is_looked_at_on_its_own(tmp_path: Path, text: str) -> None:
    """As its own page has the remark."""
    catalog = catalog_text().replace('"A form"', f'"{text}"')
    with opened(tmp_path / "site", catalog=catalog) as session:
        row = next(each for each in session.list_page(ALL, 0).rows if each.text == text)
        assert row.state is State.DRAFT
        assert not row.is_among
        assert row.notes


def test_a_picture_that_cannot_be_shown_is_not_approved_with_others(tmp_path: Path) -> None:
    """Nobody can have compared its text; on its own, it can be."""
    docs = {**DOCS, "img/draft.png": b"\x89PNG\r\n\x1a\nno more of it"}
    with opened(tmp_path / "site", docs=docs) as session, served(session) as browser:
        sent = form(browser.open().get("/list?show=all"))
        assert browser.ask("GET", f"/picture/{digest(docs['img/draft.png'])}")[0] == 404
        mark = session.list_page(ALL, 0).mark
        for place in ("save-listed", "approve-all"):
            _, headers, _ = browser.post(f"/{place}", action="approve", mark=mark, **sent)
            said = "Not approved, as they cannot be shown: img/draft.png"
            assert said in browser.get(headers["location"])
        assert item_of(session, "img/draft.png").state is State.DRAFT
        row = next(e for e in session.list_page(ALL, 0).rows if e.path == "img/draft.png")
        assert (row.is_among, len(row.notes)) == (False, 1)
        browser.post("/save-listed", action=f"approve-{row.id}", **sent)
        assert item_of(session, "img/draft.png").state is State.REVIEWED


@pytest.mark.parametrize("show", ["stale", "refused", "suggested"])
def test_a_kind_that_was_asked_for_is_approved_together(session: Session, show: str) -> None:
    """Whoever chose to see it has looked for it."""
    page = session.list_page(Filter(show=show), 0)
    assert [(row.is_among, bool(row.notes)) for row in page.rows] == [(True, True)]
    assert page.approvable == 1


def test_deciding_of_one_leaves_the_others_that_somebody_changed(
    own: Browser, session: Session
) -> None:
    """Their texts stay in the file, and what was typed stays on the page."""
    sent = form(own.get("/list?show=all"))
    draft, refused = sent["among"], item_of(session, "img/refused.png").id
    sent |= {f"text-{draft}": "Mine", f"text-{refused}": "Short"}
    text = catalog_text().replace('"A form"', '"Theirs"').replace("Two long sentences", "Their own")
    session.site.catalog.write_text(text, encoding="utf-8")
    status, _, page = own.post("/save-listed", action="draft", **sent)
    assert status == 409
    for action in (f"later-{draft}", f"decorative-{refused}"):
        status, _, page = own.post("/save-listed", action=action, **form(page))
        assert status == 409
        assert '"Theirs"' in text_of(session)
    sent = form(page)
    assert [name for name in sent if name.startswith("text-")] == [f"text-{draft}"]
    status, _, _ = own.post("/save-listed", action="draft", **sent)
    assert status == 303
    assert '"Mine"' in text_of(session)


def test_the_words_around_each_picture_are_shown(own: Browser) -> None:
    """And what it stands in."""
    page = BeautifulSoup(own.get("/list?show=all"), "html.parser")
    around = [" ".join(each.text.split()) for each in page.select(".around")]
    assert "The form image has two fields." in around
    assert "link image" in around


def test_a_form_approves_what_was_changed_in_place(own: Browser, session: Session) -> None:
    """In one step, which is taken back in one; the other bytes stay."""
    sent = form(own.get("/list?show=all"))
    sent[f"text-{sent['among']}"] = "A form with two fields"
    status, headers, _ = own.post("/save-listed", action="approve", **sent)
    assert status == 303
    page = own.get(headers["location"])
    assert "Approved 1 text" in page
    assert "Undo<span" in page
    assert text_of(session) == changed(DRAFT, APPROVED.replace("A form", "A form with two fields"))
    _, headers, _ = own.post("/undo", query="?show=all", step="1")
    assert headers["location"].startswith("/list?show=all&from=0")
    assert text_of(session) == catalog_text()


@pytest.mark.parametrize("action", ["approve", "decorative", "later"])
def test_one_picture_of_the_list_is_decided(own: Browser, session: Session, action: str) -> None:
    """And what was typed elsewhere is kept; nothing else is approved."""
    sent = form(own.get("/list?show=all"))
    unit = item_of(session, "img/suggested.png")
    refused = item_of(session, "img/refused.png")
    sent |= {f"text-{refused.id}": "Short", "action": f"{action}-{unit.id}"}
    status, headers, _ = own.post("/save-listed", **sent)
    place, _, following = headers["location"].partition("#row-")
    assert (status, place) == (303, "/list?show=all&from=0&said=1")
    assert following == ""  # it is the last one
    written = catalog_text().replace("Two long sentences", "Short")
    new = {"approve": DECORATIVE.replace("decorative", "reviewed"), "decorative": DECORATIVE}
    assert text_of(session) == changed(SUGGESTED, new.get(action, SUGGESTED), written)
    skipped = [row.path for row in session.list_page(ALL, 0).rows if row.is_skipped]
    assert skipped == (["img/suggested.png"] if action == "later" else [])


def test_what_was_left_for_later_is_not_approved_with_others(session: Session) -> None:
    """Neither on its page of the list nor with all; and there where it was looked for."""
    unit = unit_of(session, "img/draft.png")
    session.save_listed(Listed([], 0, later=unit.id), ALL)
    assert not any(row.is_among for row in session.list_page(ALL, 0).rows)
    assert session.list_page(ALL, 0).approvable == 0
    page = session.list_page(Filter(show="skipped"), 0)
    assert ([row.is_among for row in page.rows], page.approvable) == ([True], 1)


def test_what_is_changed_and_not_approved_is_kept_as_a_draft(session: Session) -> None:
    """Nothing that was typed is lost; what is neither stays."""
    result = save(session, {"refused": "Short", "draft": "A sign-in form"}, draft=APPROVE)
    assert words(session, result) == "Approved 1 text. Saved, and not approved: 1 text"
    assert item_of(session, "img/draft.png").state is State.REVIEWED
    refused = item_of(session, "img/refused.png")
    assert (refused.text, refused.state is State.REVIEWED) == ("Short", False)
    assert session.chrome().undo == "saving 2 texts"
    session.undo(ALL)
    assert text_of(session) == catalog_text()


def test_a_link_that_has_no_name_then_is_said(session: Session) -> None:
    """As beside one picture."""
    said = words(session, save(session, {}, missing=Status.DECORATIVE))
    assert said.startswith("Marked as decorative: 1 picture. img/missing.png: A link or button has")
    assert ".." not in said


def test_drafts_alone_decide_nothing(own: Browser, session: Session) -> None:
    """The same list is shown again."""
    sent = form(own.get("/list?show=all"))
    sent[f"text-{sent['among']}"] = "A sign-in form"
    status, headers, _ = own.post("/save-listed", action="draft", **sent)
    assert (status, headers["location"]) == (303, "/list?show=all&from=0&said=1")
    assert text_of(session) == changed('"A form"', '"A sign-in form"')


@pytest.mark.parametrize(
    "alt",
    ['"A  form "', '"A\\u00AD form"', "|\n      A form\n      of two lines", '"\\n\\nA form"'],
)
def test_nothing_changed_writes_nothing(tmp_path: Path, alt: str) -> None:
    """However odd a text is; approving it changes its status only."""
    catalog = catalog_text().replace('"A form"  # two fields', alt)
    with opened(tmp_path / "site", catalog=catalog) as session, served(session) as browser:
        own = browser.open()
        for action, expected in (
            ("draft", catalog),
            ("approve", catalog.replace(f"{alt}\n  status: draft", f"{alt}\n  status: reviewed")),
        ):
            sent = form(own.get("/list?show=all"))
            status, headers, _ = own.post("/save-listed", action=action, **sent)
            assert status == 303
            assert text_of(session) == expected
            assert ("Nothing was changed" in own.get(headers["location"])) == (action == "draft")


def test_what_somebody_else_changed_is_left_and_said(own: Browser, session: Session) -> None:
    """The others are saved; it is shown alone, with what was typed beside their text."""
    sent = form(own.get("/list?show=all"))
    text = catalog_text().replace('"A form"', '"Theirs"')
    session.site.catalog.write_text(text, encoding="utf-8")
    draft, refused = sent["among"], item_of(session, "img/refused.png").id
    sent |= {f"text-{draft}": "Mine", f"text-{refused}": "Short"}
    status, _, page = own.post("/save-listed", action="approve", **sent)
    assert status == 409
    assert "Saved, and not approved: 1 text. Not saved: img/draft.png" in page
    assert "Somebody else changed it since." in page
    assert "Theirs" in page
    assert text_of(session) == text.replace("Two long sentences", "Short")
    sent = form(page)
    assert [name for name in sent if name.startswith("text-")] == [f"text-{draft}"]
    assert (sent[f"text-{draft}"], "among" in sent) == ("Mine", False)
    status, _, _ = own.post("/save-listed", action=f"approve-{draft}", **sent)
    assert status == 303
    assert '"Mine"' in text_of(session)


def test_their_text_is_approved_by_nobody_who_did_not_see_it(session: Session) -> None:
    """Where nothing was typed, their text is in the field."""
    rows = session.list_page(ALL, 0).rows
    revisions = {row.id: row.revision for row in rows}
    unit = unit_of(session, "img/draft.png")
    text = catalog_text().replace('"A form"', '"Theirs"')
    session.site.catalog.write_text(text, encoding="utf-8")
    asked = Wanted(unit, "A form", revisions[unit.id], APPROVE, is_typed=False)
    result = session.save_listed(Listed([asked], 0), ALL)
    assert text_of(session) == text
    assert isinstance(result, NotDone)
    assert isinstance(result.page, ListPage)
    assert [(row.text, row.is_among) for row in result.page.rows] == [("Theirs", False)]


def test_what_somebody_else_approved_keeps_what_was_typed(session: Session) -> None:
    """Though the filter does not show it any more."""
    unit, revision = unit_of(session, "img/draft.png"), item_of(session, "img/draft.png").revision
    text = changed(DRAFT, APPROVED.replace("A form", "Theirs"))
    session.site.catalog.write_text(text, encoding="utf-8")
    asked = Wanted(unit, "Mine", revision, Status.DRAFT, is_typed=True)
    result = session.save_listed(Listed([asked], 0), Filter())
    assert left(result) == {"img/draft.png": ("Mine", "Somebody else changed it since.")}


def test_a_field_that_nobody_touched_writes_nothing_back(own: Browser, session: Session) -> None:
    """Somebody else corrected and approved the text since, and another page showed it."""
    sent = form(own.get("/list?show=all"))
    text = changed(DRAFT, APPROVED.replace("A form", "Corrected"))
    session.site.catalog.write_text(text, encoding="utf-8")
    own.get("/list?show=all")
    for action in ("draft", f"later-{item_of(session, 'img/stale.png').id}"):
        status, headers, _ = own.post("/save-listed", action=action, **sent)
        assert status == 303
        assert "Not saved" not in own.get(headers["location"])
        assert text_of(session) == text


def test_all_are_approved_with_what_was_typed(own: Browser, session: Session) -> None:
    """On the page as it stands there, elsewhere as it is; where others wrote, nothing is."""
    mark = session.list_page(ALL, 0).mark
    sent = form(own.get("/list?show=all"))
    sent |= {f"text-{sent['among']}": "Mine", "mark": "0"}
    _, headers, _ = own.post("/approve-all", **sent)
    assert "Nothing was approved, as the texts are others" in own.get(headers["location"])
    assert text_of(session) == changed('"A form"', '"Mine"')
    session.undo(ALL)
    mark = session.list_page(ALL, 0).mark
    sent = form(own.get("/list?show=all"))
    sent |= {f"text-{sent['among']}": "Mine", "mark": mark}
    own.post("/approve-all", **sent)
    assert text_of(session) == changed(DRAFT, APPROVED.replace("A form", "Mine"))


def test_a_name_of_its_own_is_approved(session: Session) -> None:
    """As an SVG has it: the catalog has it then."""
    unit = unit_of(session, "img/given.svg")
    asked = session.list_page(Filter(show="given"), 0).rows[0]
    wanted = Wanted(unit, asked.text, asked.revision, APPROVE, is_typed=False)
    assert words(session, session.save_listed(Listed([wanted], 0), ALL)) == "Approved 1 text"
    assert 'en: "A circle"\n  status: reviewed' in text_of(session)


def test_twelve_long_texts_of_another_script_fit(tmp_path: Path) -> None:
    """Nine bytes a letter, as forms are sent."""
    docs, catalog = many(12, "漢" * 4999)
    site = opened(tmp_path / "site", docs=docs, catalog=catalog, options={})
    with site as session, served(session) as browser:
        sent = form(browser.open().get("/list"))
        one = session.list_page(Filter(), 0).rows[0].id
        status, headers, _ = browser.post("/save-listed", action=f"approve-{one}", **sent)
        assert status == 303
        assert headers["location"].endswith(f"#row-{session.list_page(Filter(), 0).rows[0].id}")
        assert text_of(session) == catalog.replace("draft", "reviewed", 1)


@pytest.mark.parametrize("query", ["?show=all&order=state", "?show=all&order=state&search=p"])
def test_no_page_of_the_list_is_passed_over(tmp_path: Path, query: str) -> None:
    """Where those that are approved go to the end of it."""
    docs, catalog = many(30)
    wanted = Filter("all", order="state", search="p" if "search" in query else "")
    with opened(tmp_path / "site", docs=docs, catalog=catalog, options={}) as session:
        start = 0
        for _ in range(3):
            rows = session.list_page(wanted, start).rows
            decided = {row.path.partition(".")[0]: APPROVE for row in rows if row.is_among}
            result = save(session, {}, wanted, start, **decided)
            assert isinstance(result, Done)
            start = int(result.location.partition("from=")[2].partition("&")[0])
        assert "draft" not in text_of(session)


def test_an_item_that_is_none_any_more_is_said(own: Browser, session: Session) -> None:
    """With its text, which is nowhere else."""
    sent = form(own.get("/list?show=all"))
    sent[f"text-{sent['among']}"] = "Mine"
    one = catalog_text().replace('  alt:\n    en: "A form"  # two fields', '  alt: "A form"')
    session.site.catalog.write_text(one, encoding="utf-8")
    own.get("/list")
    status, _, page = own.post("/save-listed", action="approve", **sent)
    assert status == 409
    assert "whose text was: Mine" in page
    assert text_of(session) == one


def test_a_form_that_is_sent_twice_is_done_once(own: Browser, session: Session) -> None:
    """As by a double click without a script."""
    sent = form(own.get("/list?show=all"))
    decorative = item_of(session, "img/suggested.png").id
    for action in ("approve", f"decorative-{decorative}"):
        assert own.post("/save-listed", action=action, **sent)[0] == 303
        once = text_of(session)
        assert own.post("/save-listed", action=action, **sent)[0] == 303
        assert text_of(session) == once


@pytest.mark.parametrize("text", ["", " \u200b", "x" * 6000])
def test_no_text_and_too_much_are_left(session: Session, text: str) -> None:
    """And what was typed is shown again, with the reason."""
    result = save(session, {"missing": text}, missing=APPROVE, draft=APPROVE)
    assert words(session, result) == "Approved 1 text. Not saved: img/missing.png"
    typed, fault = left(result)["img/missing.png"]
    assert typed == (text if text.strip(" \u200b") else None)
    assert fault.startswith("The text has 6000" if typed else "There is no text")
    assert text_of(session) == changed(DRAFT, APPROVED)


def test_a_full_disk_keeps_what_was_typed(session: Session) -> None:
    """In every field; nothing was decided then."""
    texts = {"refused": "Short", "missing": "A map"}
    with largest_file(100):
        result = save(session, texts, draft=APPROVE, missing=APPROVE)
    assert isinstance(result, NotDone)
    assert result.status == 507
    assert "Nothing was saved" in result.message.text
    typed = {path: typed for path, (typed, _) in left(result).items() if typed}
    assert typed == {"img/missing.png": "A map", "img/refused.png": "Short"}
    assert len(left(result)) == 3
    assert text_of(session) == catalog_text()
    assert session.unsaved == {f"img/{name}.png" for name in ("draft", "missing", "refused")}


def test_it_goes_on_behind_what_is_left(tmp_path: Path) -> None:
    """And at the end says so, so that nothing is skipped unseen."""
    docs, catalog = many(30)
    names = [f"p{at:02}.png" for at in range(30)]
    with opened(tmp_path / "site", docs=docs, catalog=catalog, options={}) as session:
        seen = []
        start = 0
        for _ in range(3):
            rows = session.list_page(Filter(), start).rows
            seen += [row.path for row in rows]
            shown = [row.path.partition(".")[0] for row in rows]
            decided = {name: APPROVE for name in shown if name != "p03"}
            result = save(session, {}, Filter(), start, **decided)
            assert isinstance(result, Done)
            start = int(result.location.partition("from=")[2].partition("&")[0])
        assert seen == names
        assert start == 0
        assert "That was the end of the list" in words(session, result)
        assert [row.path for row in session.list_page(Filter(), 0).rows] == ["p03.png"]


def test_the_way_from_a_picture_to_the_list_leads_to_its_page(tmp_path: Path) -> None:
    """And from the list to the first picture that it shows."""
    docs, _ = many(30)
    with opened(tmp_path / "site", docs=docs, catalog="", options={}) as session:
        page = session.item_page(unit_of(session, "p14.png"), Filter())
        assert page.queue.list_url == "/list?from=12"
        first = session.list_page(Filter(), 12).queue.first_url
        assert first == f"/item/{unit_of(session, 'p12.png').id}"


def test_two_languages_of_a_picture_are_two_items(tmp_path: Path) -> None:
    """Which are approved together."""
    german = '"A form"  # two fields\n    de: "Ein Formular"'
    catalog = catalog_text().replace('"A form"  # two fields', german)
    with opened(tmp_path / "site", docs=IN_GERMAN, catalog=catalog) as session:
        assert words(session, save(session, {}, draft=APPROVE)) == "Approved 2 texts"
        assert text_of(session) == catalog.replace(
            f"{german}\n  status: draft", f"{german}\n  status: reviewed"
        )


@pytest.mark.parametrize("action", ["approve", "decorative", "draft"])
def test_the_other_language_of_a_changed_picture_stays_to_be_looked_at(
    tmp_path: Path, action: str
) -> None:
    """What was approved is about the picture of before; both at once are no conflict."""
    old = 'en: "Of another picture"'
    catalog = catalog_text().replace(old, f'{old}\n    de: "Ein anderes Bild"')
    with opened(tmp_path / "site", docs=IN_GERMAN, catalog=catalog) as session:
        german, english = session.list_page(Filter(show="stale"), 0).rows
        assert (german.language, english.language) == ("de", "en")
        unit = session.unit(german.id)
        assert unit
        session.save(unit, action, text="Neu", revision=german.revision, wanted=ALL)
        found = session.unit(english.id)
        assert found
        assert found.state is State.DRAFT
        session.undo(ALL)
        assert text_of(session) == catalog
        both = [
            Wanted(unit, row.text, row.revision, APPROVE, is_typed=False)
            for row in (german, english)
            if (unit := session.unit(row.id))
        ]
        assert words(session, session.save_listed(Listed(both, 0), ALL)) == "Approved 2 texts"


def test_what_no_list_sends_changes_nothing(own: Browser, session: Session) -> None:
    """Other actions, other items, and no revision."""
    sent = form(own.get("/list?show=all"))
    draft = sent["among"]
    path = "../../alttext.yml"
    for wrong in (
        {"action": "save"},
        {"action": "decorative"},
        {"action": "later-"},
        {"action": f"approve-{path}"},
        {"action": "approve", "among": path, f"text-{path}": "x"},
        {"action": "approve", f"revision-{draft}": ""},
        {"action": "draft", f"text-{draft}": "x", f"revision-{draft}": "0" * 16},
    ):
        status, _, _ = own.post("/save-listed", **{**sent, **wrong})
        assert status in {303, 400, 409}
        assert text_of(session) == catalog_text()
