"""A status for each language: what is approved stays so when a site gets another language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from built_site import picture
from hypothesis import given
from hypothesis import strategies as st
from test_catalog import CAPTIONS, LANGUAGES, NEW, OLD, drafted, parsed, seen
from test_catalog_builds import alts, asked, catalog, run, site

from mkdocs_alttext.catalog.blocks import quoted, word
from mkdocs_alttext.catalog.drafting import PictureTexts, without_texts
from mkdocs_alttext.catalog.entries import Entry, Status, draft_origin
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

REVIEWED = f"""\
a.png: # the door
  alt:
    en: "A door" # by Kim
  status: reviewed # on Monday
  # Ask Kim.
  sha256: {OLD}
"""


def test_a_new_language_is_a_draft_beside_the_reviewed_text() -> None:
    """Nothing but its text, the word on it and its origin is added."""
    after = drafted(REVIEWED, {"a.png": seen(en="Machine", de="Tür")})
    origin = draft_origin("alttextai", {"de": "Tür"})
    assert after == REVIEWED.replace("    en:", '    de: "Tür"\n    en:').replace(
        "reviewed #", "{de: draft, en: reviewed} #"
    ).replace(f"{OLD}\n", f"{OLD}\n  origin: {origin}\n")
    (entry,) = parsed(after).values()
    assert (entry.drafts, entry.reviewed) == ({"de": "Tür"}, {"en": "A door"})
    assert entry.is_untouched
    assert not entry.is_draft


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("{en: reviewed}", "{de: draft, en: reviewed}"),
        ("{ en: reviewed } # hm", "{de: draft, en: reviewed} # hm"),
        ("\n    en: reviewed # hm", "\n    de: draft\n    en: reviewed # hm"),
        ("{en: decorative}", "{de: draft, en: decorative}"),
        ("{de: draft, en: reviewed}", "{de: draft, en: reviewed}"),
    ],
)
def test_statuses_are_added_in_whatever_way_they_are_written(status: str, after: str) -> None:
    """With the comments behind them."""
    text = REVIEWED.replace("reviewed # on Monday", status)
    new = drafted(text, {"a.png": seen(de="Tür")})
    assert f"  status: {after}\n  # Ask Kim.\n".replace(": \n", ":\n") in new.replace(": \n", ":\n")


@pytest.mark.parametrize(
    "text",
    [
        REVIEWED.replace("reviewed #", "decorative #"),
        f"a.png:\n  alt: A door\n  status: reviewed\n  sha256: {OLD}\n",
        f"a.png:\n  pages: {{a.md: A door}}\n  status: reviewed\n  sha256: {OLD}\n",
    ],
)
def test_what_serves_all_languages_needs_no_draft(text: str) -> None:
    """Nor what is approved for single pages only, of which one word speaks."""
    assert drafted(text, {"a.png": seen(de="Tür")}) == text


def test_an_origin_that_a_person_wrote_stays() -> None:
    """The draft beside it counts as changed then, and is never refreshed."""
    text = REVIEWED + "  origin: Kim\n"
    after = drafted(text, {"a.png": seen(de="Tür")})
    assert "  origin: Kim\n" in after
    assert not parsed(after)["a.png"].is_untouched


def test_a_changed_picture_takes_the_drafts_and_leaves_the_approved() -> None:
    """The approved text waits for a person; once it is checked, drafts of the new picture come."""
    two = drafted(REVIEWED, {"a.png": seen(de="Tür")})
    stale = drafted(two, {"a.png": seen(NEW, de="Neue Tür", en="New door")})
    assert parsed(stale)["a.png"].texts == {"en": "A door"}
    assert 'en: "A door" # by Kim' in stale
    checked = drafted(stale.replace(f"  sha256: {OLD}\n", ""), {"a.png": seen(NEW, de="Neue Tür")})
    (entry,) = parsed(checked).values()
    assert entry.texts == {"en": "A door", "de": "Neue Tür"}
    assert (entry.sha256, entry.status("de"), entry.status("en")) == (
        NEW,
        Status.DRAFT,
        Status.REVIEWED,
    )


def test_one_of_two_drafts_may_be_approved() -> None:
    """The other is still known as nobody's, and may be forgotten alone."""
    both = drafted("", {"a.png": seen(en="A door", de="Tür")})
    text = both.replace("status: draft", "status: {en: reviewed, de: draft}")
    assert parsed(text)["a.png"].is_untouched
    left = without_texts(text, {"a.png": ["de", "en"]}, name="").text
    assert parsed(left)["a.png"].texts == {"en": "A door"}
    assert parsed(left)["a.png"].statuses == {"en": Status.REVIEWED}


@pytest.mark.parametrize(
    ("statuses", "language", "expected"),
    [
        ({"": "draft"}, "en", "draft"),
        ({"en": "reviewed", "de": "draft"}, "de-AT", "draft"),
        ({"en": "reviewed", "de": "draft"}, "en-GB", "reviewed"),
        ({"en": "reviewed", "de": "decorative"}, "de", "decorative"),
        ({"en": "reviewed"}, "fr", None),
    ],
)
def test_a_page_has_the_status_of_its_language(
    statuses: dict[str, str], language: str, expected: str | None
) -> None:
    """Found as its text is."""
    entry = Entry("a.png", {tag: Status(each) for tag, each in statuses.items()}, {"en": "A"})
    entry = entry._replace(texts={"en": "A", "de": "B"} if "de" in statuses else {"en": "A"})
    assert entry.status(entry.tag(language)) == expected


NOTED = """\
  context: guide.md # where it was
  refused: answer-too-long
  suggestion: {de: decorative}
  long: "A door, and more of it."
"""


def test_notes_are_read_and_kept_through_edits() -> None:
    """Of the same text; a draft with a reason or a suggestion is never published."""
    text = drafted("", {"a.png": seen(de="Tür")}).replace(
        "status: draft\n", f"status: draft\n{NOTED}"
    )
    text = text.replace("  refused: answer-too-long\n", "")
    (entry,) = parsed(text).values()
    assert entry.refusal("de") is Reason.SUGGESTED_DECORATIVE
    assert (entry.note("context", "de"), entry.note("long", "de")) == (
        "guide.md",
        "A door, and more of it.",
    )
    after = drafted(text, {"a.png": seen(en="A door", de="Tür")})
    assert 'suggestion: {de: decorative}\n  long: {de: "A door' in after
    assert "  context: {de: guide.md} # where it was\n" in after
    (entry,) = parsed(after).values()
    assert entry.note("long", "de") == "A door, and more of it."
    assert entry.note("long", "en") is None
    # They were about the picture as it was.
    text = text.replace(" # where it was", "")
    (entry,) = parsed(drafted(text, {"a.png": seen(NEW, de="Tor")})).values()
    assert (entry.texts, entry.notes) == ({"de": "Tor"}, {})


def test_notes_of_a_service_are_written() -> None:
    """In their order, by language where they differ."""
    notes = {
        "suggestion": {"en": "redundant"},
        "long": {"en": "Long: a door", "de": "Lang"},
        "context": {"en": "guide.md", "de": "guide.md"},
    }
    after = drafted("", {"a.png": PictureTexts(OLD, {"en": "A door", "de": "Tür"}, notes)})
    assert after.endswith(
        "  context: guide.md\n  suggestion: {en: redundant}\n"
        '  long: {de: Lang, en: "Long: a door"}\n'
    )
    assert parsed(after)["a.png"].refusal("en") is Reason.SUGGESTED_REDUNDANT
    assert parsed(after)["a.png"].refusal("de") is None


def test_a_reviewed_text_with_a_suggestion_is_published(tmp_path: Path) -> None:
    """A person has the last word; a draft with it is not, and asks nobody."""
    entry = {"alt": {"en": "A door"}, "suggestion": "decorative", "sha256": "…"}
    for status, outcome in (
        ("reviewed", "use-stored filled catalog None"),
        ("draft", "ask-service missing None suggested-decorative"),
    ):
        tiny = site(tmp_path, docs={"index.md": "![](a.png)", "a.png": picture(1)})
        catalog(tiny, {"a.png": {**entry, "status": status}})
        assert tiny.build().outcomes[-1] == f"a.png {outcome}"


def test_a_site_that_becomes_german(tmp_path: Path, server: ApiServer) -> None:
    """A build without a cache names what lacks German; the command drafts it, and says so."""
    docs = {"index.md": "![](a.png) ![](b.png)", "a.png": picture(1), "b.png": picture(2)}
    tiny = site(tmp_path, server, docs=docs, options={"language": "de", "generate": "never"})
    entry = {"alt": {"en": "A door"}, "status": "reviewed", "sha256": "…"}
    catalog(tiny, {"a.png": dict(entry), "b.png": {**entry, "alt": {"en": "B", "de": "Bé"}}})
    (line,) = (text for text in tiny.build().messages() if "no approved text" in text)
    assert "1 reviewed entry has no approved text in de: a.png." in line
    tiny.options["generate"] = "always"
    german = alts(tiny.build().page())
    assert asked(server) == 1
    output = run(tiny)
    assert "0 added, 1 refreshed, 0 stale" in output
    assert "1 reviewed entry has no approved text in de: a.png." in output
    (entry_a, _) = parsed((tmp_path / "alttext.yml").read_text(encoding="utf-8")).values()
    assert entry_a.statuses == {"en": Status.REVIEWED, "de": Status.DRAFT}
    assert entry_a.texts == {"en": "A door", "de": german[0]}
    # English pages keep what was approved, also where drafts are not published.
    tiny.options |= {"language": "en", "publish": "reviewed"}
    assert alts(tiny.build().page()) == ["A door", "B"]
    tiny.options["language"] = "de"
    assert alts(tiny.build().page()) == ["", "Bé"]
    assert asked(server) == 1


def test_texts_of_pages_stay_approved_beside_a_draft(tmp_path: Path, server: ApiServer) -> None:
    """They were approved with the entry."""
    docs = {"index.md": "![](a.png)", "more.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs, options={"language": "de"})
    pages = {"index.md": "Nur hier"}
    entry: dict[str, Any] = {"alt": {"en": "A"}, "status": "reviewed", "pages": pages}
    catalog(tiny, {"a.png": {**entry, "sha256": "…"}})
    tiny.build()
    run(tiny)
    assert parsed((tmp_path / "alttext.yml").read_text())["a.png"].drafts.keys() == {"de"}
    tiny.options["publish"] = "reviewed"
    assert alts(tiny.build().page()) == ["Nur hier"]


def test_a_draft_needs_no_text(tmp_path: Path, server: ApiServer) -> None:
    """It is asked for, and takes what comes."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    path = tmp_path / "alttext.yml"
    for before in ("a.png:\n  # hm\n  status: draft # later\n", "a.png: {status: draft}\n"):
        path.write_text(before, encoding="utf-8")
        assert json.dumps(alts(tiny.build().page())[0]) in (run(tiny), path.read_text())[1]
        assert parsed(path.read_text())["a.png"].is_untouched
    assert asked(server) == 1


@given(
    st.dictionaries(LANGUAGES, st.tuples(st.sampled_from(Status), CAPTIONS), min_size=1),
    st.lists(st.dictionaries(LANGUAGES, CAPTIONS), max_size=3),
    st.booleans(),
)
def test_no_writing_changes_what_is_approved(
    entry: dict[str, tuple[Status, str]],
    builds: list[dict[str, str]],
    is_changed: bool,  # noqa: FBT001 - a parameter of the property
) -> None:
    """Whichever languages are approved, and whatever comes from the cache later."""
    statuses = "".join(f"    {word(tag)}: {each}\n" for tag, (each, _) in entry.items())
    alts_ = "".join(f"    {word(tag)}: {quoted(alt)} # hm\n" for tag, (_, alt) in entry.items())
    head = "a.png: # Kim\n  status: # of each\n"
    text = f"{head}{statuses}  alt:\n{alts_}  sha256: {OLD}\n"
    approved = {tag: alt for tag, (status, alt) in entry.items() if status is Status.REVIEWED}
    after = text
    for texts in builds:
        after = drafted(after, {"a.png": PictureTexts(NEW if is_changed else OLD, texts)})
        (now,) = parsed(after).values()
        assert now.reviewed == approved
        assert {tag for tag, (status, _) in entry.items() if status is Status.DECORATIVE} == {
            tag for tag in now.statuses if now.is_decoration(tag)
        }
        if not is_changed:
            known = entry.keys() | {tag for each in builds for tag in each}
            assert now.texts.keys() <= known
            assert now.texts.keys() >= entry.keys() | texts.keys()
    assert after.startswith(head)
