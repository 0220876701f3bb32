"""Several items at once: what a person does in the list is one step in the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from built_site import picture
from review_site import DOCS, Browser, catalog_text, digest, item_of, opened, served
from test_review_saving import APPROVED, DRAFT, changed, largest_file, text_of

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.review.editing import Wanted
from mkdocs_alttext.review.items import Filter, ListPage, State
from mkdocs_alttext.review.session import Done, NotDone, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = Filter(show="all")
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


def form(page: str) -> tuple[dict[str, str], str]:
    """Return the fields of a list's form, and the id of the one item that it would approve."""
    found = BeautifulSoup(page, "html.parser").select_one("form#save")
    assert found
    sent = {str(each["name"]): str(each["value"]) for each in found.select("input[type=hidden]")}
    chosen = {str(each["name"]): str(each["value"]) for each in found.select("input[checked]")}
    sent |= chosen
    approved = [name for name, value in chosen.items() if value == "approve"]
    assert len(approved) == 1
    for field in found.select("textarea"):
        sent[str(field["name"])] = field.text
    return sent, approved[0].removeprefix("decision-")


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
        listed.append(Wanted(unit, texts.get(name, row.text), row.revision, status))
    return session.save_listed(listed, wanted, start)


def words(session: Session, result: Done | NotDone) -> str:
    """Return what is said of it."""
    if isinstance(result, NotDone):
        return result.message.text
    said = result.location.rpartition("said=")[2]
    return session.list_page(ALL, 0, said).chrome.messages[0].text


def test_only_plain_drafts_would_be_approved(own: Browser) -> None:
    """What was refused, changed or taken for decoration says why on its own page."""
    sent, approved = form(own.get("/list?show=all"))
    assert len([name for name in sent if name.startswith("text-")]) == 8
    assert sent[f"text-{approved}"] == "A form"


def test_the_words_around_each_picture_are_shown(own: Browser) -> None:
    """And what it stands in."""
    page = BeautifulSoup(own.get("/list?show=all"), "html.parser")
    around = [" ".join(each.text.split()) for each in page.select(".around")]
    assert "The form image has two fields." in around
    assert "link image" in around


def test_a_form_saves_what_was_decided(own: Browser, session: Session) -> None:
    """In one step, which is taken back in one; the other bytes stay."""
    sent, draft = form(own.get("/list?show=all"))
    sent |= {
        f"text-{draft}": "A form with two fields",
        f"decision-{item_of(session, 'img/suggested.png').id}": "decorative",
    }
    status, headers, _ = own.post("/save-listed", action="save", **sent)
    assert status == 303
    page = own.get(headers["location"])
    assert "Approved 1 text. Marked as decorative: 1 picture" in page
    assert "Undo<span" in page
    written = changed(DRAFT, APPROVED.replace("A form", "A form with two fields"))
    assert text_of(session) == changed(SUGGESTED, DECORATIVE, written)
    _, headers, _ = own.post("/undo", query="?show=all", step="1")
    assert headers["location"].startswith("/list?show=all")
    assert text_of(session) == catalog_text()


def test_what_is_changed_for_later_is_kept_as_a_draft(session: Session) -> None:
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


def test_drafts_alone_decide_nothing(own: Browser, session: Session) -> None:
    """The same list is shown again."""
    sent, draft = form(own.get("/list?show=all"))
    sent[f"text-{draft}"] = "A sign-in form"
    status, headers, _ = own.post("/save-listed", action="draft", **sent)
    assert (status, headers["location"]) == (303, "/list?show=all&from=0&said=1")
    assert text_of(session) == changed('"A form"', '"A sign-in form"')


def test_nothing_changed_writes_nothing(session: Session) -> None:
    """Line ends and spaces are no change."""
    before = session.site.catalog.stat()
    assert words(session, save(session, {"draft": " A \r\n form "})) == "Nothing was changed"
    assert session.site.catalog.stat() == before
    assert session.chrome().undo == ""


def test_what_somebody_else_changed_is_left_and_said(own: Browser, session: Session) -> None:
    """The others are saved; what was typed is in its field again, beside their text."""
    sent, draft = form(own.get("/list?show=all"))
    text = catalog_text().replace('"A form"', '"Theirs"')
    session.site.catalog.write_text(text, encoding="utf-8")
    refused = item_of(session, "img/refused.png").id
    sent |= {f"text-{draft}": "Mine", f"text-{refused}": "Short"}
    status, _, page = own.post("/save-listed", action="save", **sent)
    assert status == 409
    assert "Saved, and not approved: 1 text. Left, as they have no text" in page
    assert "Theirs" in page
    assert text_of(session) == text.replace("Two long sentences", "Short")
    sent, again = form(page)
    assert (again, sent[f"text-{draft}"]) == (draft, "Mine")
    status, _, _ = own.post("/save-listed", action="save", **sent)
    assert status == 303
    assert '"Mine"' in text_of(session)


@pytest.mark.parametrize("text", ["", " \u200b", "x" * 6000])
def test_no_text_and_too_much_are_left(session: Session, text: str) -> None:
    """And what was typed is shown again."""
    result = save(session, {"missing": text}, missing=APPROVE, draft=APPROVE)
    assert isinstance(result, NotDone)
    assert result.message.text.startswith("Approved 1 text. Left, as they have no text")
    assert "img/missing.png" in result.message.text
    assert isinstance(result.page, ListPage)
    typed = [row.typed for row in result.page.rows if row.path == "img/missing.png"]
    assert typed == [text if text.strip(" \u200b") else None]
    assert text_of(session) == changed(DRAFT, APPROVED)


def test_a_full_disk_keeps_what_was_typed(session: Session) -> None:
    """In every field."""
    with largest_file(100):
        texts = {"refused": "Short", "missing": "A map"}
        result = save(session, texts, draft=APPROVE, missing=APPROVE, suggested=Status.DECORATIVE)
    assert isinstance(result, NotDone)
    assert result.status == 507
    assert "Nothing was saved" in result.message.text
    assert isinstance(result.page, ListPage)
    typed = {row.path: row.typed for row in result.page.rows if row.typed}
    assert typed == {"img/missing.png": "A map", "img/refused.png": "Short"}
    decided = {row.path: row.decision for row in result.page.rows}
    assert decided["img/missing.png"] == decided["img/draft.png"] == "approve"
    assert decided["img/refused.png"] == "later"
    assert decided["img/suggested.png"] == "decorative"
    assert text_of(session) == catalog_text()
    names = ("draft", "missing", "refused", "suggested")
    assert session.unsaved == {f"img/{name}.png" for name in names}


def test_it_goes_on_behind_what_is_left(tmp_path: Path) -> None:
    """And from the beginning once the end was met, so that nothing is skipped unseen."""
    names = [f"p{number:02}.png" for number in range(30)]
    docs: dict[str, str | bytes] = {"index.md": "".join(f"![]({name})\n\n" for name in names)}
    docs |= {name: picture(at) for at, name in enumerate(names)}
    catalog = "".join(
        f'{name}:\n  alt: "Draft of {name}"\n  status: draft\n  sha256: {digest(docs[name])}\n'
        for name in names
    )
    with opened(tmp_path / "site", docs=docs, catalog=catalog, options={}) as session:
        seen = []
        start = 0
        for _ in range(3):
            rows = session.list_page(Filter(), start).rows
            seen += [row.path for row in rows]
            names_shown = [row.path.partition(".")[0] for row in rows]
            decided = {name: APPROVE for name in names_shown if name != "p03"}
            result = save(session, {}, Filter(), start, **decided)
            assert isinstance(result, Done)
            start = int(result.location.partition("from=")[2].partition("&")[0])
        assert seen == names
        assert start == 0
        assert [row.path for row in session.list_page(Filter(), 0).rows] == ["p03.png"]


def test_two_languages_of_a_picture_are_two_items(tmp_path: Path) -> None:
    """Which are approved together."""
    docs = {
        **DOCS,
        "de.md": "---\nalttext: {language: de}\n---\n# Deutsch\n\nDas ![](img/draft.png) da.\n",
    }
    german = '"A form"  # two fields\n    de: "Ein Formular"'
    catalog = catalog_text().replace('"A form"  # two fields', german)
    with opened(tmp_path / "site", docs=docs, catalog=catalog) as session:
        assert words(session, save(session, {}, draft=APPROVE)) == "Approved 2 texts"
        assert text_of(session) == catalog.replace(
            f"{german}\n  status: draft", f"{german}\n  status: reviewed"
        )


def test_what_no_list_sends_changes_nothing(own: Browser, session: Session) -> None:
    """Other actions and decisions, other items, and no revision."""
    sent, draft = form(own.get("/list?show=all"))
    path = "../../alttext.yml"
    for wrong in (
        {"action": "approve"},
        {"action": "save", f"decision-{draft}": "later"},
        {"action": "save", f"decision-{draft}": "reviewed"},
        {
            "action": "save",
            f"decision-{draft}": "",
            f"text-{path}": "x",
            f"decision-{path}": "approve",
        },
        {"action": "save", f"revision-{draft}": ""},
        {"action": "draft", f"text-{draft}": "x", f"revision-{draft}": "0" * 16},
    ):
        status, _, _ = own.post("/save-listed", **{**sent, **wrong})
        assert status in {303, 400, 409}
        assert text_of(session) == catalog_text()
