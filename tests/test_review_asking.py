"""Asking for another text in a review: on purpose, within the limits, paid for once."""

from __future__ import annotations

import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from api_server import alt_text, faults
from built_site import TinySite, picture
from PIL import Image
from review_site import item_of, opened, save, served, unit_of
from vision_server import MODEL, OPENAI, VISION_KEY, VisionServer

from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.review.items import Filter, Message, State
from mkdocs_alttext.review.session import Done

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from api_server import ApiServer

    from mkdocs_alttext.review.session import Session

DOCS: dict[str, str | bytes] = {
    "index.md": "# Doors\n\nThe door ![](a.png) is red.\n\n![](b.png)\n",
    "a.png": picture(1),
    "b.png": picture(2),
}

PLAIN = {"a.png": picture(1), "b.png": picture(2)}
"""Nothing is written in them."""


@contextmanager
def asking(
    folder: Path,
    server: ApiServer,
    docs: Mapping[str, str | bytes] = DOCS,
    *,
    builds: bool = True,
    **options: Any,  # noqa: ANN401 - of any type
) -> Iterator[Session]:
    """Open a review of a site that was built with a server."""
    options = {"base_url": server.base_url, "max_retries": 0, **options}
    folder.mkdir()
    if builds:
        TinySite(folder, docs, dict(options)).build()
    with opened(folder, docs=docs, catalog="", options=options) as session:
        yield session


def ask(session: Session, path: str = "a.png", hint: str = "", price: int = 1) -> Message:
    """Ask for another text, and return what the next page says."""
    unit = unit_of(session, path)
    another = item_of(session, path).another
    result = session.ask(unit, hint, price, another.asked if another else 0, Filter())
    assert isinstance(result, Done)
    said = result.location.rpartition("said=")[2]
    return session.item_page(unit, Filter(), said).chrome.messages[-1]


def requests(server: ApiServer) -> int:
    """Return how many texts the server was asked for."""
    return sum(call.image is not None for call in server.calls)


def test_the_price_is_said_before(tmp_path: Path, server: ApiServer) -> None:
    """And how much is left of the limit; opening a review asks for nothing."""
    with asking(tmp_path / "site", server, max_credits=5) as session:
        asked = len(server.calls)
        found = item_of(session, "a.png").another
        assert found
        assert (found.service, found.price) == ("alttextai", 1)
        assert found.price_words == ("Asking takes 1 credit; the limit of this review leaves 5.")
        assert (found.refusal, found.text, found.takes_hint) == ("", "", False)
        assert len(server.calls) == asked


def test_another_text_replaces_the_one_of_the_cache(tmp_path: Path, server: ApiServer) -> None:
    """The old one is shown until the new one is accepted; the next build has the new one."""
    folder = tmp_path / "site"
    with asking(folder, server) as session:
        old = item_of(session, "a.png").text
        server.script(None, faults.text("A red door with a brass knob"))
        message = ask(session)
        assert (message.level, message.text) == ("done", "Another text is there. It took 1 credit.")
        item = item_of(session, "a.png")
        assert (item.text, item.state) == (old, State.DRAFT)
        assert item.another
        assert item.another.text == "A red door with a brass knob"
        assert not (folder / "alttext.yml").exists()
        assert requests(server) == 3
        save(session, "a.png", "approve", item.another.text)
        assert item_of(session, "a.png").another.text == ""  # type: ignore[union-attr]
    built = TinySite(folder, DOCS, {"base_url": server.base_url}).build()
    assert 'alt="A red door with a brass knob"' in built.page()
    assert requests(server) == 3


def test_a_build_takes_the_new_text_though_nobody_accepted_it(
    tmp_path: Path, server: ApiServer
) -> None:
    """What was paid for last is the cache's."""
    with asking(tmp_path / "site", server) as session:
        server.script(None, faults.text("A red door with a brass knob"))
        ask(session)
    built = TinySite(tmp_path / "site", DOCS, {"base_url": server.base_url}).build()
    assert 'alt="A red door with a brass knob"' in built.page()


def test_a_picture_without_a_text_gets_its_first_one(tmp_path: Path, server: ApiServer) -> None:
    """Nothing was built before."""
    with asking(tmp_path / "site", server, builds=False) as session:
        assert ask(session).level == "done"
        item = item_of(session, "a.png")
        assert item.state is State.MISSING
        assert item.another
        data = next(call.image for call in server.calls if call.image)
        assert item.another.text == clean(alt_text(data, "en"))


def test_a_button_that_is_pressed_twice_asks_once(tmp_path: Path, server: ApiServer) -> None:
    """Without a script, a browser sends the form as often; asking again is for the next page."""
    with asking(tmp_path / "site", server) as session, served(session) as browser:
        browser.open()
        unit, spent = unit_of(session, "a.png"), requests(server)
        address = f"/item/{unit.id}?show=all"
        form = hidden_fields(browser.get(address), "/ask")
        with ThreadPoolExecutor() as pool:
            answers = [*pool.map(lambda _: browser.post("/ask", **form), range(2))]
        assert [status for status, *_ in answers] == [303, 303]
        assert requests(server) == spent + 1
        pages = [browser.get(headers["location"]) for _, headers, _ in answers]
        assert sum("Asked once." in page for page in pages) == 1
        assert all(item_of(session, "a.png").another.text in page for page in pages)  # type: ignore[union-attr]
        browser.post("/ask", **hidden_fields(browser.get(address), "/ask"))
        assert requests(server) == spent + 2
        browser.post("/ask", **{**form, "asked": "9" * 5000})
        assert requests(server) == spent + 2


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return what a form of a page sends that nobody typed."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_no_more_is_spent_than_allowed(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the option, or by the environment, whatever the option says."""
    with asking(tmp_path / "one", server, max_credits=2) as session:
        spent = requests(server)
        assert [ask(session).level for _ in range(3)] == ["done", "done", "error"]
        assert requests(server) == spent + 2
        another = item_of(session, "b.png").another
        assert another
        assert another.price_words.endswith("leaves 0.")
        assert "allows no more" in another.refusal
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", "0")
    with asking(tmp_path / "two", server, builds=False, max_credits=9) as session:
        spent = requests(server)
        assert ask(session).level == "error"
        assert requests(server) == spent


def test_nothing_is_asked_for_another_price_than_was_shown(
    tmp_path: Path, server: ApiServer
) -> None:
    """The form says what the person agreed to."""
    with asking(tmp_path / "site", server) as session:
        spent = requests(server)
        for price in (0, 2, -1):
            assert "price" in ask(session, price=price).text
        assert requests(server) == spent


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"generate": "never"}, "generate: never"),
        ({"publish": "reviewed"}, "publish: reviewed"),
        ({"base_url": "https://attacker.example"}, "attacker.example"),
    ],
)
def test_what_the_options_forbid_is_not_asked(
    tmp_path: Path, server: ApiServer, options: dict[str, Any], words: str
) -> None:
    """The page says so in place of a button."""
    with asking(tmp_path / "site", server, builds=False, **options) as session:
        another = item_of(session, "a.png").another
        assert another
        assert words in another.refusal
        assert ask(session).level == "error"
        assert requests(server) == 0


def test_without_a_key_the_page_names_its_variable(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked."""
    monkeypatch.delenv("ALTTEXTAI_API_KEY")
    with asking(tmp_path / "site", server, builds=False) as session:
        another = item_of(session, "a.png").another
        assert another
        assert "ALTTEXTAI_API_KEY" in another.refusal
        assert ask(session).level == "error"


def test_a_failure_keeps_the_old_text(tmp_path: Path, server: ApiServer) -> None:
    """In the cache, too; what may have been charged is said."""
    with asking(tmp_path / "site", server) as session:
        old = item_of(session, "a.png").text
        server.script(None, faults.status(500))
        message = ask(session)
        assert message.level == "error"
        assert "There is no other text." in message.text
        server.script(None, faults.html())
        assert "1 credit may have been charged." in ask(session).text
        another = item_of(session, "a.png").another
        assert another
        assert another.text == ""
    built = TinySite(tmp_path / "site", DOCS, {"base_url": server.base_url}).build()
    assert f'alt="{old}"' in built.page()


def test_an_unfit_answer_is_shown_with_what_is_against_it(
    tmp_path: Path, server: ApiServer
) -> None:
    """A person decides: it was paid for."""
    with asking(tmp_path / "site", server) as session:
        server.script(None, faults.text("I'm sorry, I cannot describe this picture."))
        assert ask(session).level == "done"
        another = item_of(session, "a.png").another
        assert another
        assert another.text == "I'm sorry, I cannot describe this picture."
        assert [note.reason for note in another.notes] == ["answer-refusal"]


def test_a_page_that_keeps_its_pictures_back_keeps_them_back_here(
    tmp_path: Path, server: ApiServer
) -> None:
    """Its front matter is not understood, and may have meant that."""
    docs: dict[str, str | bytes] = {
        "index.md": "---\nalttext: maybe\n---\n![](c.png)\n",
        "c.png": picture(1),
    }
    with asking(tmp_path / "site", server, docs, builds=False) as session:
        assert "may not want" in ask(session, "c.png").text
        assert requests(server) == 0


def test_a_hint_goes_with_this_request_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the site's own words, with what the page says around the picture."""
    monkeypatch.setenv("OPENAI_API_KEY", VISION_KEY)
    with VisionServer(OPENAI) as server:
        options: dict[str, Any] = {
            "service": "openai",
            "model": MODEL,
            "instructions": "Say knob, not handle.",
        }
        with asking(tmp_path / "site", server, builds=False, **options) as session:
            another = item_of(session, "a.png").another
            assert another
            assert another.takes_hint
            assert "the provider charges" in another.price_words
            assert ask(session, hint="It is the\nback door.").level == "done"
            said = json.dumps(server.asked[-1].body)
            assert "It is the back door." in said
            assert "Say knob, not handle." in said
            assert "The door [[IMAGE]] is red." in said
            # The person sees the paragraph before a picture that is alone; it is not sent.
            assert item_of(session, "b.png").places[0].before == "The door is red."
            ask(session, "b.png")
            assert "is red" not in json.dumps(server.asked[-1].body)


def test_what_is_sent_is_what_builds_send(tmp_path: Path, server: ApiServer) -> None:
    """Without metadata, and not the file."""
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    Image.new("RGB", (30, 20), (9, 9, 9)).save(buffer, "JPEG", exif=exif)
    docs: dict[str, str | bytes] = {"index.md": "![](a.jpg)\n", "a.jpg": buffer.getvalue()}
    with asking(tmp_path / "site", server, docs, builds=False) as session:
        ask(session, "a.jpg")
        sent = next(call.image for call in server.calls if call.image)
        assert b"secret" not in sent
        assert server.double_charges == 0


def test_nobody_is_asked_again_who_has_no_text_of_a_picture(tmp_path: Path) -> None:
    """As a build heard, or this review; another service may say something the next time."""
    pytest.importorskip("rapidocr")
    docs: dict[str, str | bytes] = {"index.md": "![](a.png) ![](b.png)\n", **PLAIN}
    with opened(tmp_path / "a", docs=docs, catalog="", options={"service": "ocr"}) as session:
        said = ask(session, price=0)
        assert said.text == (
            "There is no other text. The picture holds no text to read. "
            "Write it here, or mark the picture as decorative."
        )
        assert item_of(session, "a.png").another is None
        assert item_of(session, "b.png").another
    shutil.rmtree(tmp_path / "a" / "own")
    with opened(tmp_path / "a", docs=docs, catalog="", options={"service": "ocr"}) as session:
        assert [note.reason for note in item_of(session, "a.png").notes] == ["no-text-found"]
        assert item_of(session, "a.png").another is None


def test_a_service_that_rejected_a_picture_may_be_asked_again(
    tmp_path: Path, server: ApiServer
) -> None:
    """Unless it would say the same."""
    with asking(tmp_path / "site", server, builds=False) as session:
        server.script(None, faults.success_false())
        assert "does not take this picture. Write it here" in ask(session).text
        assert item_of(session, "a.png").another


def test_nobody_is_asked_again_who_would_say_the_same(tmp_path: Path) -> None:
    """The embedded service has one text for a picture; another service may have another."""
    draft = f"a.png:\n  alt: A door\n  status: {{status}}\n  origin: {{service}} {'0' * 8}\n"
    offers = {}
    for service, status in product(("ocr", "alttextai"), ("draft", "reviewed")):
        folder = tmp_path / f"{service} {status}"
        catalog = draft.format(status=status, service=service)
        options = {"service": "ocr"}
        with opened(folder, docs=DOCS, catalog=catalog, options=options) as session:
            offers[service, status] = item_of(session, "a.png").another is not None
            assert item_of(session, "b.png").another  # which has none yet
    assert offers == {
        ("ocr", "draft"): False,
        ("ocr", "reviewed"): False,
        ("alttextai", "draft"): True,
        ("alttextai", "reviewed"): True,
    }
