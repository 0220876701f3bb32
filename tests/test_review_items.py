"""What a review shows of each picture: its state, its places, and where its text is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from built_site import picture
from review_site import DOCS, OPTIONS, STATES, digest, item_of, opened, save, unit_of

from mkdocs_alttext.catalog.drafting import HEADER
from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, draft_origin
from mkdocs_alttext.review.items import Filter, Part

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mkdocs_alttext.review.session import Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A review of the usual site."""
    with opened(tmp_path / "site") as found:
        yield found


def test_each_picture_has_its_state(session: Session) -> None:
    """What is excluded is named by its number, and shown nowhere."""
    found = {each.path: each.state.value for each in session.items()}
    assert found == STATES
    assert session.site.excluded == ["private/key.png"]
    assert session.chrome().excluded == 1


def test_the_queue_begins_with_what_is_open(session: Session) -> None:
    """Five of seven are to be looked at; the SVG says by itself what it is."""
    page = session.item_page(unit_of(session, "img/draft.png"), Filter())
    assert page.chrome.progress == (2, 7, 0)
    assert {each.value: each.number for each in page.queue.shows} == {
        **dict.fromkeys(("stale", "refused", "suggested", "missing", "draft"), 1),
        **dict.fromkeys(("given", "decorative", "reviewed"), 1),
        "open": 5,
        "all": 8,
        "skipped": 0,
    }
    assert (page.queue.position, page.queue.number) == (1, 5)
    assert page.queue.previous_url is None
    assert (
        page.queue.next_url
        == session.item_page(unit_of(session, "img/missing.png"), Filter()).item.url
    )


def test_a_place_has_the_words_around_the_picture(session: Session) -> None:
    """As a reader meets it, with the line to be opened in an editor."""
    item = item_of(session, "img/draft.png")
    first = item.places[0]
    assert (first.page, first.title, first.line, first.heading) == ("index.md", "Home", 3, "Home")
    assert (first.before, first.after) == ("The form", "has two fields.")
    assert first.heard == (
        Part("The form", "page"),
        Part("image", "role"),
        Part("A form", "alt"),
        Part("has two fields.", "page"),
    )
    assert [(each.page, each.alt, each.is_own) for each in item.places] == [
        ("index.md", "A form", True),
        ("sub/page.md", "A form", True),
        ("sub/page.md", "By hand", False),
    ]


def test_long_words_around_a_picture_are_cut_away_from_it(tmp_path: Path) -> None:
    """What stands next to it is shown, and words are whole; a list shows fewer."""
    words = " ".join(str(number) for number in range(1000, 1202))
    docs = {"index.md": f"# Home\n\n{words}\n\n![](a.png)\n\n{words}\n", "a.png": picture(1)}
    with opened(tmp_path / "site", docs=docs, catalog="") as session:
        place = item_of(session, "a.png").places[0]
        listed = session.list_page(Filter(), 0).rows[0].place
    assert place.before == f"… {words[-199:]}"
    assert place.after == f"{words[:199]} …"
    assert listed
    assert listed.before == f"… {words[-89:]}"
    assert listed.after == f"{words[:89]} …"


def test_a_picture_in_a_link_is_heard_as_one(session: Session) -> None:
    """Where it leads is said, too."""
    place = item_of(session, "img/missing.png").places[0]
    assert (place.is_in_link, place.link, place.heading) == (True, "https://example.org/a", "Links")
    assert place.heard == (Part("link", "role"), Part("image without a text", "role"))


def test_decoration_is_not_heard(session: Session) -> None:
    """Only the words around it are."""
    heard = item_of(session, "img/decorative.png").places[0].heard
    assert {part.kind for part in heard if part.text} <= {"page"}


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("img/stale.png", "stale", "stale-caption"),
        ("img/refused.png", "refused", "answer-too-long"),
        ("img/suggested.png", "suggested", "suggested-decorative"),
        ("img/missing.png", "missing", "not-asked"),
    ],
)
def test_a_note_says_why_it_is_to_be_looked_at(
    session: Session, path: str, kind: str, reason: str
) -> None:
    """In the sentences of the report's reasons."""
    (note,) = item_of(session, path).notes
    assert (note.kind, note.reason, note.detail) == (kind, reason, "")
    assert note.meaning.endswith(".")
    assert note.action.endswith(".")


def test_an_svg_says_that_it_names_itself(session: Session) -> None:
    """Nothing has to be done about it."""
    item = item_of(session, "img/given.svg", "")
    assert (item.text, item.language) == ("A circle", "en")
    assert "own name" in item.origin


def test_a_draft_says_who_wrote_it(session: Session) -> None:
    """By the origin in the catalog."""
    item = item_of(session, "img/draft.png")
    assert (item.origin, item.service) == ("changed since, first by alttextai", "alttextai")


@pytest.mark.parametrize(
    ("texts", "approved", "words"),
    [
        ({"en": "A door"}, {}, {"en": "by ocr"}),
        ({"en": "A door"}, {"en": "A door"}, {"en": "by ocr"}),
        ({"en": "A door"}, {"en": "A red door"}, {"en": "changed since, first by ocr"}),
        (
            {"en": "A door", "de": "Tür"},
            {"en": "A red door"},
            {"en": "changed since, first by ocr", "de": "by ocr"},
        ),
        (
            {"en": "A door", "de": "Tür"},
            {"en": "A red door", "de": "Tür"},
            {"en": "changed since, first by ocr", "de": "by ocr"},
        ),
        (
            {"en": "A door", "de": "Tür"},
            {"en": "A red door", "de": "Rote Tür"},
            {"en": "first by ocr", "de": "first by ocr"},
        ),
    ],
)
def test_a_text_that_a_person_changed_is_not_the_services(
    tmp_path: Path, texts: dict[str, str], approved: dict[str, str], words: dict[str, str]
) -> None:
    """Where the file tells which of several texts were changed."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)", "a.png": picture()}
    entry = Entry(
        "a.png",
        {ANY_LANGUAGE: Status.DRAFT},
        texts,
        digest(docs["a.png"]),
        draft_origin("ocr", texts),
    )
    catalog = CatalogText(HEADER, "")
    catalog.add(entry)
    with opened(tmp_path / "site", docs=docs, catalog=catalog.edited("")) as session:
        for language, text in approved.items():
            save(session, "a.png", "approve", text, language=language)
        found = {tag: item_of(session, "a.png", tag).origin for tag in texts}
    assert found == words


def test_a_name_of_plain_words_is_remarked_until_it_is_approved(tmp_path: Path) -> None:
    """A person may mean it; what is no words is no text whoever says so."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](warning.png) ![](img_12.png)",
        "warning.png": picture(),
        "img_12.png": picture(1),
    }
    with opened(tmp_path / "site", docs=docs, catalog="") as session:
        for action in ("draft", "approve"):
            save(session, "warning.png", action, "Warning")
            save(session, "img_12.png", action, "img_12")
            notes = [item_of(session, name).notes for name in ("warning.png", "img_12.png")]
            found = ["filename-alt" in [each.reason for each in own] for own in notes]
            assert found == [action == "draft", True]


def test_a_picture_is_described(session: Session) -> None:
    """Its extent keeps the page from jumping when it comes."""
    found = item_of(session, "img/draft.png").picture
    assert (found.width, found.height, found.format, found.fault) == (25, 18, "PNG", "")
    assert found.size == len(DOCS["img/draft.png"])
    assert found.url == f"/picture/{digest(DOCS['img/draft.png'])}"


def test_a_picture_that_changes_meanwhile_is_not_shown(session: Session) -> None:
    """The text would be approved for another one than the person saw."""
    item = item_of(session, "img/draft.png")
    file = session.site.pictures["img/draft.png"].file
    file.write_bytes(picture(50))
    session.pictures._kept.clear()  # noqa: SLF001 - as if many others had been looked at
    assert "begin again" in item_of(session, "img/draft.png").picture.fault
    assert item.picture.fault == ""


def test_a_picture_in_two_languages_is_two_items(tmp_path: Path) -> None:
    """Each page says its language; a text for all languages is one item."""
    docs = {
        "index.md": "![](a.png) ![](b.png)\n",
        "de.md": "---\nalttext:\n  lang: de\n---\n![](a.png) ![](b.png)\n",
        "a.png": picture(1),
        "b.png": picture(2),
    }
    catalog = (
        'a.png:\n  alt:\n    en: "A"\n    de: "Ä"\n  status: {en: reviewed, de: draft}\n'
        'b.png:\n  alt: "B"\n  status: draft\n'
    )
    with opened(tmp_path / "site", docs=docs, catalog=catalog, options={}) as session:
        found = [(each.path, each.language, each.state) for each in session.items()]
        assert sorted(found) == [
            ("a.png", "de", "draft"),
            ("a.png", "en", "reviewed"),
            ("b.png", "", "draft"),
        ]
        german = item_of(session, "a.png", "de")
        assert [(each.language, each.text) for each in german.texts] == [("en", "A")]
        assert [place.page for place in german.places] == ["de.md"]
        page = session.item_page(unit_of(session, "a.png", "de"), Filter(language="de"))
        assert page.queue.number == 1
        assert [each.value for each in page.queue.languages] == ["", "de", "en"]


def test_a_copy_of_an_approved_picture_needs_nothing(tmp_path: Path) -> None:
    """Builds take the word for the same bytes."""
    docs = {"index.md": "![](a.png) ![](b.png)\n", "a.png": picture(1), "b.png": picture(1)}
    catalog = f'a.png:\n  alt:\n    en: "A"\n  status: reviewed\n  sha256: {digest(picture(1))}\n'
    with opened(tmp_path / "site", docs=docs, catalog=catalog, options={}) as session:
        assert {each.path: each.state for each in session.items()} == {
            "a.png": "reviewed",
            "b.png": "reviewed",
        }


def test_pictures_of_plugins_are_there_after_the_build(tmp_path: Path) -> None:
    """They may lie in a folder that is gone by then."""
    hook = (
        "import tempfile, pathlib\n"
        "from mkdocs.structure.files import File\n"
        "def on_files(files, config):\n"
        "    with open(config.docs_dir + '/own.png', 'rb') as one:\n"
        "        data = one.read()\n"
        "    files.append(File.generated(config, 'made.png', content=data + b'more'))\n"
    )
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "hook.py").write_text(hook, encoding="utf-8")
    docs = {"index.md": "![](made.png)\n", "own.png": picture(1)}
    config = {"hooks": ["hook.py"]}
    with opened(folder, docs=docs, catalog="", options={}, config=config) as session:
        item = item_of(session, "made.png")
        assert (item.path, item.picture.fault, item.picture.width) == ("made.png", "", 25)


def test_a_hostile_page_is_only_text(tmp_path: Path) -> None:
    """Names and captions may hold HTML."""
    name = "a<b>&'.png"
    docs = {
        "index.md": '# <script>alert(1)</script>\n\n<figure><img src="a%3Cb%3E%26\'.png">'
        "<figcaption>&lt;b&gt; x</figcaption></figure>\n",
        name: picture(1),
    }
    with opened(tmp_path / "site", docs=docs, catalog="", options=OPTIONS) as session:
        (item,) = session.items()
        assert item.path == name
        assert item.places[0].caption == "<b> x"


LIGHTBOX = """
import re


def on_post_page(output, *, page, config):
    images = r'(<img (?![^>]*off-glb)[^>]*src="([^"]*)"[^>]*>)'
    return re.sub(images, r'<a class="glightbox" href="\\2">\\1</a>', output)
"""
MEANING = "A link or button has no name, as all it holds is an image without text."
GIVEN = """\
a.png:
  alt: {{en: "A form"}}
  status: {status}
  sha256: {sha256}
"""


@pytest.mark.parametrize(
    ("source", "is_said"),
    [
        ("[![](a.png)](https://example.org/)", True),
        ("<button><img src='a.png'></button>", True),
        ("[![](a.png) Read on](https://example.org/)", False),
        ("[![](a.png)](https://example.org/){ title='Read on' }", False),
        ("[![](a.png) ![A tree](b.png)](https://example.org/)", False),
        ("[![By hand](a.png)](https://example.org/) and ![](a.png)", False),
        ("![](a.png)", False),
    ],
)
@pytest.mark.parametrize("status", ["draft", "reviewed", "decorative"])
def test_a_link_that_decoration_leaves_without_a_name_is_said(
    tmp_path: Path, source: str, status: str, *, is_said: bool
) -> None:
    """Beside the key before, and as the report says it after."""
    docs: dict[str, str | bytes] = {"index.md": source, "a.png": picture(), "b.png": picture(1)}
    catalog = GIVEN.format(status=status, sha256=digest(docs["a.png"]))
    with opened(tmp_path / "site", docs=docs, catalog=catalog) as session:
        item = item_of(session, "a.png")
        assert bool(item.if_decorative) == is_said
        assert not item.if_decorative or item.if_decorative.meaning == MEANING
        notes = [each.reason for each in item.notes]
        assert ("empty-link" in notes) == (is_said and status == "decorative")
        result = save(session, "a.png", "decorative")
        said = result.location.partition("said=")[2]
        words = session.list_page(Filter(), 0, said).chrome.messages[0].text
        assert words.endswith(MEANING) == is_said
        assert (
            "empty-link" in [each.reason for each in item_of(session, "a.png").notes]
        ) == is_said


def test_a_link_that_a_plugin_puts_around_a_picture_counts(tmp_path: Path) -> None:
    """With what keeps it from doing so. That a missing text leaves it nameless is no news."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "hook.py").write_text(LIGHTBOX, encoding="utf-8")
    docs: dict[str, str | bytes] = {
        "index.md": "Look at ![](a.png) here. ![](b.png){ .off-glb }",
        "html.md": '<img src="../c.png">',
        "a.png": picture(),
        "b.png": picture(1),
        "c.png": picture(2),
    }
    config = {"hooks": ["hook.py"]}
    with opened(folder, docs=docs, catalog="", config=config) as session:
        item = item_of(session, "a.png")
        assert item.if_decorative
        assert "{ .decorative .off-glb }" in item.if_decorative.detail
        assert "HTML" not in item.if_decorative.detail
        in_html = item_of(session, "c.png").if_decorative
        assert in_html
        assert 'class="decorative off-glb"' in in_html.detail
        assert item.places[0].heard == (
            Part("Look at", "page"),
            Part("link", "role"),
            Part("image without a text", "role"),
            Part("here. [another picture]", "page"),
        )
        assert [each.detail for each in item.notes] == [""]
        assert item_of(session, "b.png").if_decorative is None
