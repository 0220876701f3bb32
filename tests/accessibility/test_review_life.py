"""A person reviews a site in a browser, with keys only; the catalog is compared as bytes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from accessibility.chromium import Chromium, find_chromium
from accessibility.test_review_states import found
from bs4 import BeautifulSoup
from built_site import TinySite, picture
from test_serve import Session

from mkdocs_alttext.images.collection import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_PATIENCE = 20
"""Seconds."""
_SEEN = """[...'heading count said live'.split(' ').map(id =>
  (document.getElementById(id)?.textContent || '').replace(/\\s+/g, ' ').trim()),
  document.getElementById('text')?.value || '', document.activeElement.id]"""
_IDLE = """new Promise(done => {
  const look = () => document.querySelector('#page[aria-busy]') ? setTimeout(look, 5) : done();
  look();
})"""
PICTURES = [f"img/p{number:02}.png" for number in range(30)]
BILINGUAL = PICTURES[:5]


def site(folder: Path) -> TinySite:
    """Write a site of 30 pictures, five of them on pages of two languages, and its catalog."""
    shown = "\n\n".join(
        f"## Part {at}\n\nBefore ![]({each}) after." for at, each in enumerate(PICTURES)
    )
    german = "\n\n".join(f"Davor ![]({each}) danach." for each in BILINGUAL)
    docs: dict[str, str | bytes] = {
        "index.md": f"# Start\n\n{shown}\n",
        "de.md": f"---\nalttext: {{language: de}}\n---\n# Deutsch\n\n{german}\n",
        **{each: picture(at) for at, each in enumerate(PICTURES)},
    }
    tiny = TinySite(folder, docs, {"review_overlay": True})
    tiny.write()
    lines = ["# Texts of the site. Ask Ann before you change them."]
    for at, each in enumerate(PICTURES):
        lines.append(f"{each}:")
        if each in BILINGUAL:
            lines += ["  alt:", f'    en: "Draft {at}"', f'    de: "Entwurf {at}"  # by hand']
        else:
            lines += [f'  alt: "Draft {at}"']
        lines += ["  status: draft", f"  sha256: {sha256_of(picture(at))}", ""]
    (folder / "alttext.yml").write_bytes("\n".join(lines).encode())
    return tiny


@contextmanager
def review(
    folder: Path, *, unsaved: Sequence[str] = ()
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the command; yield the address that it prints, and its process.

    Args:
        folder: The site's.
        unsaved: What it says in the end.
    """
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "review", "--no-browser"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=_PATIENCE)
        lines = said.splitlines()[1:]
        if lines and re.fullmatch(
            r"\d+ reviewed\. Next: commit alttext\.yml, and build\.", lines[0]
        ):
            del lines[0]
        assert lines == [*unsaved]


class Person:
    """Presses keys, and sees what the page shows then."""

    def __init__(self, browser: Chromium, address: str) -> None:
        """Open the review."""
        self.browser = browser
        browser.look(1440, 900, prefers_color_scheme="light")
        browser.visit(address)

    def press(self, *keys: str) -> None:
        """Press one key after the other, each when the page is there."""
        for key in keys:
            name = key.removeprefix("Ctrl+")
            self.browser.press(name, control=name != key)
            self.browser.evaluate(_IDLE)

    def write(self, text: str) -> None:
        """Type a text at the end of the field."""
        self.press("e")
        self.browser.type(text)

    def _seen(self, at: int) -> str:
        return str(self.browser.evaluate(_SEEN)[at])

    @property
    def heading(self) -> str:
        """The page's heading: which picture, and which language."""
        return self._seen(0)

    @property
    def said(self) -> str:
        """What was done, or not."""
        return self._seen(2)

    @property
    def text(self) -> str:
        """What is in the field."""
        return self._seen(4)

    @property
    def focus(self) -> str:
        """The id of what has the focus."""
        return self._seen(5)

    def hears(self, words: str) -> None:
        """Wait until a screen reader is told something."""
        self.until(lambda: words in self._seen(3))

    @staticmethod
    def until(is_so: Callable[[], object]) -> None:
        """Look until something is so."""
        end = time.monotonic() + _PATIENCE
        while not is_so():
            assert time.monotonic() < end


@pytest.fixture(name="browser")
def own_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Start a browser for one test: it keeps a cookie, and asks before it leaves typed text."""
    program = find_chromium()
    assert program
    with Chromium(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the site is."""
    site(tmp_path)
    return tmp_path


def test_a_whole_review(folder: Path, browser: Chromium, axe: str) -> None:  # noqa: PLR0915 - one after the other
    """30 pictures with keys only: approve, correct, decorate, skip, undo, search, and all at once.

    Another person edits the file meanwhile: elsewhere, which is kept, and in the entry that is
    shown, which is said.
    """
    catalog = folder / "alttext.yml"
    expected = catalog.read_text(encoding="utf-8")

    def becomes(old: str, new: str) -> None:
        nonlocal expected
        assert expected.count(old) == 1
        expected = expected.replace(old, new)

    def status(at: int, new: str) -> None:
        digest = sha256_of(picture(at))
        becomes(f"status: draft\n  sha256: {digest}", f"status: {new}\n  sha256: {digest}")

    with review(folder) as (address, process):
        person = Person(browser, address)
        assert "token" not in browser.evaluate("location.href")
        assert person.heading == "p00.png de"
        assert found(browser, axe) == []

        # Two languages of a picture, of which one is corrected, and the way between them.
        person.press("l")
        assert (person.heading, person.text) == ("p00.png en", "Draft 0")
        person.press("l")
        assert (person.heading, person.text) == ("p00.png de", "Entwurf 0")
        person.write(", von Hand")
        person.press("Ctrl+Enter")
        assert (person.heading, person.focus) == ("p00.png en", "heading")
        person.hears("Approved: img/p00.png. p00.png en. Draft. Draft 0.")
        person.press("a")
        becomes('"Entwurf 0"', '"Entwurf 0, von Hand"')
        status(0, "reviewed")

        # One by mistake, which is taken back.
        person.press("d")
        assert person.said.startswith("Marked as decorative: img/p01.png")
        person.press("u")
        assert person.heading == "p01.png de"
        assert catalog.read_text(encoding="utf-8") == expected
        person.press("a", "a")
        status(1, "reviewed")

        # Decoration in both languages; one is left for later; what is typed is kept as a draft.
        person.press("d", "d")
        status(2, "decorative")
        person.press("s", "s")
        assert person.heading == "p04.png de"
        person.write(" neu")
        person.press("Escape", "n")
        assert person.heading == "p04.png en"
        person.press("p")
        assert (person.heading, person.text) == ("p04.png de", "Entwurf 4 neu")
        person.press("a", "a")
        becomes('"Entwurf 4"', '"Entwurf 4 neu"')
        status(4, "reviewed")

        # Somebody else works on another entry, and that is kept.
        becomes('"Draft 29"', '"By somebody else"')
        becomes("# Texts of the site.", "# Texts of our site.")
        catalog.write_text(expected, encoding="utf-8")
        person.press("a")
        status(5, "reviewed")
        assert catalog.read_text(encoding="utf-8") == expected

        # And then on the very entry that is shown.
        assert person.heading == "p06.png"
        person.write(" of mine")
        becomes('"Draft 6"', '"Theirs"')
        catalog.write_text(expected, encoding="utf-8")
        person.press("Ctrl+Enter")
        assert catalog.read_text(encoding="utf-8") == expected
        assert "Theirs" in person.said
        assert (person.text, person.focus) == ("Draft 6 of mine", "text")
        assert found(browser, axe) == []
        person.press("Ctrl+Enter")
        becomes('"Theirs"', '"Draft 6 of mine"')
        status(6, "reviewed")

        # All that a search shows, at once, and back, and again.
        person.press("/")
        browser.type("p2")
        person.press("Enter")
        assert (person.heading, person.focus) == ("p20.png", "heading")
        person.press("v")
        assert person.heading == "10 shown"
        assert found(browser, axe) == []
        person.press(*["a"] * 5)  # on through the list, and at its end all of them
        assert person.said.startswith("Approved 10 texts")
        person.press("u")
        assert catalog.read_text(encoding="utf-8") == expected
        assert person.heading == "10 shown"
        person.press(*["a"] * 5)
        for at in range(20, 30):
            status(at, "reviewed")
        assert catalog.read_text(encoding="utf-8") == expected

        # The rest, one by one, until nothing is left.
        browser.visit(browser.evaluate("location.origin + '/'"))
        for at in range(7, 20):
            if person.heading == "p03.png de":
                person.press("n", "n")
            assert person.text == f"Draft {at}"
            person.press("a")
            status(at, "reviewed")
        assert person.heading == "p03.png de"
        person.press("a", "a")
        status(3, "reviewed")
        assert person.heading == "Nothing left here"
        assert found(browser, axe) == []
        assert "35 of 35, 35 today" in browser.evaluate("document.body.innerText")
    assert process.returncode == 0
    assert catalog.read_bytes() == expected.encode()

    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "review", "--export", "all.html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    browser.open(folder / "all.html")
    assert found(browser, axe) == []
    page = BeautifulSoup((folder / "all.html").read_bytes(), "html.parser")
    assert len(page.select("article")) == len(page.select("img")) == 30
    assert "By somebody else" in {each.text for each in page.select(".text")}


def test_several_at_once(  # noqa: PLR0915 - one after the other
    folder: Path, browser: Chromium, axe: str
) -> None:
    """In the list, with keys only: some by themselves, and the others together at its end."""
    catalog = folder / "alttext.yml"
    before = catalog.read_text(encoding="utf-8")
    focused = "document.activeElement.id.replace(/-.*/, '')"
    with review(folder) as (address, _):
        person = Person(browser, address)
        browser.visit(browser.evaluate("location.origin + '/list?search=p2'"))
        assert person.heading == "10 shown"
        browser.evaluate("document.getElementById('heading').focus()")

        # Behind the button at the top come the first picture and its field.
        person.press("Tab", "Tab", "Tab", "End")
        assert browser.evaluate(focused) == "text"
        browser.type("!a")
        person.press("Ctrl+Enter")
        assert person.said.startswith("Approved 1 text")
        assert (person.heading, browser.evaluate(focused)) == ("9 shown", "row")
        text = before.replace('"Draft 20"', '"Draft 20!a"')
        digest = sha256_of(picture(20))
        text = text.replace(
            f"status: draft\n  sha256: {digest}", f"status: reviewed\n  sha256: {digest}"
        )
        assert catalog.read_text(encoding="utf-8") == text

        # The next one is in its place: decoration, and the one behind is left for later.
        person.press("Tab", "Tab", "Tab", "Enter")
        assert person.said.startswith("Marked as decorative: 1 picture")
        person.press("Tab", "Tab", "Tab", "Tab", "Enter")
        assert person.said.startswith("Left for later: img/p22.png")
        person.hears("Left for later")
        assert (person.heading, browser.evaluate(focused)) == ("8 shown", "row")

        # What is typed is kept, whatever is done then; the key goes on, and approves at the end.
        person.press("Tab", "End")
        browser.type(" of mine")
        person.press("Escape", "a")
        text = catalog.read_text(encoding="utf-8")
        assert (text.count("status: reviewed"), text.count("status: decorative")) == (1, 1)
        person.press(*["a"] * 5)
        assert person.said.startswith("Approved 7 texts. Saved, and not approved: 1 text")
        text = catalog.read_text(encoding="utf-8")
        assert (text.count("status: reviewed"), text.count("status: decorative")) == (8, 1)
        assert (person.heading, person.focus) == ("1 shown", "heading")
        assert person.browser.evaluate("document.querySelector('.row .tag').innerText") == "Skipped"
        person.press("a")  # which nothing is meant by now
        assert catalog.read_text(encoding="utf-8") == text
        person.press("u", "u", "u")
        assert catalog.read_text(encoding="utf-8") == before
        assert person.heading == "10 shown"

        # What cannot be kept is on the page, alone, with the reason.
        person.press("Tab", "Tab", "Tab", "End")
        browser.type(" again")
        catalog.write_text(before.replace('"Draft 20"', '"Theirs"'), encoding="utf-8")
        person.press("Escape", "v")
        assert (person.heading, browser.evaluate(focused)) == ("1 not saved", "text")
        assert "Not saved: img/p20.png" in person.said
        fields = "[...document.querySelectorAll('textarea')].map(each => each.value)"
        assert browser.evaluate(fields) == ["Draft 20 again"]
        assert found(browser, axe) == []
        person.press("Escape", "n", " ")  # nobody leaves, and nothing is pressed by going on
        assert "What you typed is not saved" in person.said
        assert '"Theirs"' in catalog.read_text(encoding="utf-8")
        person.press("e", "Ctrl+Enter")
        assert '"Draft 20 again"' in catalog.read_text(encoding="utf-8")


def test_what_is_typed_while_a_page_is_on_its_way(folder: Path, browser: Chromium) -> None:
    """It stays in its field; and a second click is not meant for what came under the pointer."""
    catalog = folder / "alttext.yml"
    with review(folder) as (address, _):
        person = Person(browser, address)
        browser.visit(browser.evaluate("location.origin + '/list?search=p2'"))
        fields = "[...document.querySelectorAll('textarea')]"
        typed = f"{fields}[3].value += ' late'"
        button = "document.querySelector('.row button')"
        browser.evaluate(f"{button}.click(), {typed}")
        browser.evaluate(_IDLE)
        assert person.said.startswith("Approved 1 text")
        assert browser.evaluate(f"{fields}[2].value") == "Draft 23 late"
        second = "new MouseEvent('click', {bubbles: true, cancelable: true, detail: 2})"
        browser.evaluate(f"{button}.click()")
        browser.evaluate(_IDLE)
        browser.evaluate(f"{button}.dispatchEvent({second})")
        browser.evaluate(_IDLE)
        text = catalog.read_text(encoding="utf-8")
        assert text.count("reviewed") == 2
        browser.evaluate("document.querySelector('.skip').click()")
        browser.evaluate(_IDLE)
        assert catalog.read_text(encoding="utf-8") == text


def test_nothing_is_decided_of_what_is_out_of_view(folder: Path, browser: Chromium) -> None:
    """At 400 % zoom, texts are whole, and a key shows the picture before it decides of it."""
    catalog = folder / "alttext.yml"
    text = catalog.read_text(encoding="utf-8").replace('"Draft 20"', f'"{"Long words. " * 12}"')
    catalog.write_text(text, encoding="utf-8")
    with review(folder) as (address, _):
        person = Person(browser, address)
        browser.look(320, 256, prefers_color_scheme="light")
        browser.visit(browser.evaluate("location.origin + '/list?search=p2'"))
        cut = "each => each.scrollHeight > each.clientHeight + 1"
        assert not browser.evaluate(f"[...document.querySelectorAll('textarea')].some({cut})")
        third = "document.querySelectorAll('.row')[2].querySelector('{0}')"
        link, field = (third.replace("{0}", name) for name in ("a", "textarea"))
        browser.evaluate(f"{link}.focus({{preventScroll: true}})")
        person.press("d")
        assert catalog.read_text(encoding="utf-8") == text
        top, bottom = browser.evaluate(
            f"(box => [box.top, box.bottom])({field}.getBoundingClientRect())"
        )
        assert 0 <= top < bottom <= 256
        person.press("d")
        assert person.said.startswith("Marked as decorative: 1 picture")


def test_what_was_not_seen_is_not_approved(tmp_path: Path, browser: Chromium) -> None:
    """A picture that cannot be shown, and one that is on its way."""
    site(tmp_path)
    damaged = b"\x89PNG\r\n\x1a\nno more"
    (tmp_path / "docs" / "img" / "p20.png").write_bytes(damaged)
    catalog = tmp_path / "alttext.yml"
    text = catalog.read_text(encoding="utf-8")
    text = text.replace(sha256_of(picture(20)), sha256_of(damaged))
    catalog.write_text(text, encoding="utf-8")
    with review(tmp_path) as (address, _):
        person = Person(browser, address)
        browser.visit(browser.evaluate("location.origin + '/list?search=p2'"))
        button = "document.getElementById('approve').innerText"
        person.until(lambda: browser.evaluate(button).startswith("Approve the other plain drafts"))
        assert "cannot be shown" in browser.evaluate("document.querySelector('.row a').innerText")
        waits = "Object.defineProperty(document.querySelectorAll('.row img')[3], 'complete', {0})"
        browser.evaluate(waits.replace("{0}", "{value: false, configurable: true}"))
        person.press(*["a"] * 5)
        assert "on their way" in browser.evaluate("document.getElementById('wait').textContent")
        assert "reviewed" not in catalog.read_text(encoding="utf-8")
        browser.evaluate(waits.replace("{0}", "{value: true}"))
        person.press("a")
        assert person.said.startswith("Approved 9 texts")


def test_without_a_script(folder: Path, browser: Chromium) -> None:
    """Everything is a link or a form."""
    with review(folder) as (address, _):
        person = Person(browser, address)
        browser.script(runs=False)
        try:
            browser.visit(browser.evaluate("location.href"))
            assert browser.evaluate("document.getElementById('show-keys').hidden")
            assert activated(person, "approve") == "p00.png en"
            assert person.said.startswith("Approved: img/p00.png")
            assert activated(person, "undo") == "p00.png de"
            assert activated(person, "decorative") == "p00.png en"
            assert activated(person, "skip") == "p01.png de"
            assert activated(person, "list") == "1 to 12 of 34"
        finally:
            browser.script(runs=True)
    text = (folder / "alttext.yml").read_text(encoding="utf-8")
    assert text.count("decorative") == 1


def activated(person: Person, name: str) -> str:
    """Focus something, press Enter, and return the heading of the page that comes."""
    before = person.browser.evaluate(f"document.getElementById('{name}').focus(), location.href")
    person.browser.press("Enter")
    person.until(lambda: is_there(person.browser, before))
    return person.heading


def is_there(browser: Chromium, before: str) -> bool:
    """Tell whether another page than before is there."""
    try:
        state: list[Any] = browser.evaluate("[location.href, document.readyState]")
    except RuntimeError:  # between two pages
        return False
    address, progress = state
    return bool(address != before and progress == "complete")


def test_single_keys_can_be_switched_off(folder: Path, browser: Chromium) -> None:
    """WCAG 2.1.4; it is remembered, and Ctrl+Enter works all the same."""
    with review(folder) as (address, _):
        person = Person(browser, address)
        assert browser.evaluate("document.getElementById('approve').ariaKeyShortcuts") == "a"
        person.press("?", "Tab", " ", "Escape", "a", "d", "s", "?")
        assert person.heading == "p00.png de"
        browser.visit(browser.evaluate("location.href"))
        assert browser.evaluate("document.getElementById('approve').ariaKeyShortcuts") is None
        person.press("a")
        assert person.heading == "p00.png de"
        browser.evaluate("document.getElementById('text').focus()")
        person.press("Ctrl+Enter")
        assert person.heading == "p00.png en"
        browser.evaluate("document.getElementById('single-keys').click()")
        person.press("a")
        assert person.heading == "p01.png de"


def test_keys_are_letters_in_fields(folder: Path, browser: Chromium) -> None:
    """Nothing happens but that they are typed."""
    with review(folder) as (address, _):
        person = Person(browser, address)
        person.write("")
        for letter in "adsnpuvl/?":
            person.press(letter)
        assert (person.heading, person.text) == ("p00.png de", "Entwurf 0adsnpuvl/?")
        heard = browser.evaluate("document.querySelector('[data-heard]').textContent")
        assert heard == "Entwurf 0adsnpuvl/?"


def test_keys_of_another_script_work_by_their_place(folder: Path, browser: Chromium) -> None:
    """A Cyrillic keyboard has another letter on the key `A`."""
    with review(folder) as (address, _):
        person = Person(browser, address)
        pressed = "new KeyboardEvent('keydown', {key: 'ф', code: 'KeyA', bubbles: true})"
        browser.evaluate(f"document.body.dispatchEvent({pressed})")
        browser.evaluate(_IDLE)
        assert person.heading == "p00.png en"


def test_what_cannot_be_saved_is_kept_and_said(folder: Path, browser: Chromium, axe: str) -> None:
    """A file that is damaged meanwhile, and a server that is gone."""
    catalog = folder / "alttext.yml"
    before = catalog.read_bytes()
    unsaved = ["Error: Not saved, as the catalog could not be written: img/p00.png."]
    with review(folder, unsaved=unsaved) as (address, process):
        person = Person(browser, address)
        person.write(" neu")
        catalog.write_bytes(b"img/p00.png: [\n")
        person.press("Ctrl+Enter")
        assert (person.heading, person.text, person.focus) == (
            "p00.png de",
            "Entwurf 0 neu",
            "text",
        )
        assert "alttext.yml" in person.said
        assert found(browser, axe) == []
        catalog.write_bytes(before)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=_PATIENCE)
        person.press("Ctrl+Enter")
        assert "does not answer" in person.said
        person.hears("does not answer")
        assert person.text == "Entwurf 0 neu"
        browser.evaluate("document.getElementById('text').value = 'Entwurf 0'")  # no question
    assert process.returncode == 2
    assert catalog.read_bytes() == before


def test_decoration_is_shown_as_it_is_heard(folder: Path, browser: Chromium) -> None:
    """Not at all, in the place where a text would be heard as it is typed."""
    heard = "document.querySelector('.heard').innerText.replace(/\\s+/g, ' ').trim()"
    with review(folder) as (address, _):
        person = Person(browser, address)
        person.press("d", "l")
        assert (person.heading, person.text) == ("p00.png de", "Entwurf 0")
        assert browser.evaluate(heard) == "Davor danach."
        person.write("!")
        assert browser.evaluate(heard) == "Davor image Entwurf 0! danach."


def test_a_catalog_that_is_gone_is_said(folder: Path, browser: Chromium, axe: str) -> None:
    """Nothing is saved unseen; then all of it is written again."""
    catalog = folder / "alttext.yml"
    before = catalog.read_bytes()
    with review(folder) as (address, _):
        person = Person(browser, address)
        catalog.unlink()
        person.press("a")
        assert person.heading == "p00.png de"
        assert "The file is gone" in person.said
        assert not catalog.exists()
        assert found(browser, axe) == []
        person.browser.evaluate("document.getElementById('heading').focus()")
        person.press("d")
        assert "alttext.yml is written again" in person.said
        person.press("u")
    assert catalog.read_bytes() == before


def test_the_page_that_ends_it_has_its_style(folder: Path, browser: Chromium, axe: str) -> None:
    """Though nobody answers any more."""
    style = "getComputedStyle(document.body).backgroundColor"
    with review(folder) as (address, process):
        person = Person(browser, address)
        styled = browser.evaluate(style)
        before = browser.evaluate("location.href")
        browser.evaluate("document.querySelector('[action=\"/end\"] button').click()")
        process.wait(timeout=_PATIENCE)
        person.until(lambda: is_there(browser, before))
        assert person.heading == "The review has ended"
        assert browser.evaluate(style) == styled
        assert found(browser, axe) == []


def test_what_is_typed_is_not_lost(folder: Path, browser: Chromium) -> None:
    """Nobody goes on after a conflict unsaid; and the first undo takes back what was typed."""
    catalog = folder / "alttext.yml"
    with review(folder) as (address, _):
        person = Person(browser, address)
        person.write(" neu")
        text = catalog.read_text(encoding="utf-8").replace('"Entwurf 0"', '"Theirs"')
        catalog.write_text(text, encoding="utf-8")
        person.press("Ctrl+Enter")
        assert person.text == "Entwurf 0 neu"
        person.press("Escape", "n", "v")
        assert (person.heading, person.text) == ("p00.png de", "Entwurf 0 neu")
        assert person.said.startswith("What you typed is not saved")
        assert catalog.read_text(encoding="utf-8") == text
        person.press("e", "Ctrl+Enter", "a")
        assert person.heading == "p01.png de"
        person.write(" x")
        person.press("Escape", "u")
        assert (person.heading, person.text) == ("p01.png de", "Entwurf 1")
        person.press("u")
        assert person.heading == "p00.png en"
    assert '"Entwurf 0 neu"' in catalog.read_text(encoding="utf-8")


def test_the_next_picture_is_there_ahead(folder: Path, browser: Chromium) -> None:
    """It has come before the person goes on, and is not fetched again."""
    with review(folder) as (address, _):
        person = Person(browser, address)
        person.press("l")
        ahead = browser.evaluate("document.getElementById('page').dataset.ahead")
        fetched = (
            "performance.getEntriesByType('resource')"
            f".filter(each => each.name.endsWith('{ahead}') && each.transferSize > 0).length"
        )
        person.until(lambda: browser.evaluate(fetched))
        person.press("n")
        shown = browser.evaluate("document.querySelector('.shown img').getAttribute('src')")
        assert shown == ahead
        assert browser.evaluate("document.querySelector('.shown img').complete")
        assert browser.evaluate(fetched) == 1


def test_the_overlay_leads_to_the_picture(folder: Path, browser: Chromium) -> None:
    """From a page of `mkdocs serve`, on another port, in the browser that has the review open."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with (
        review(folder) as (address, _),
        Session(site(folder)) as session,
        ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
    ):
        Person(browser, address)
        session.build()
        Thread(target=server.serve_forever).start()
        try:
            browser.visit(f"http://127.0.0.1:{server.server_port}/index.html")
            link = "document.querySelectorAll('#alttext-review a')[7]"
            assert browser.evaluate(f"{link}.textContent") == "img/p07.png"
            before = browser.evaluate("location.href")
            browser.evaluate(f"{link}.target = '', {link}.click()")
            Person.until(lambda: is_there(browser, before))
        finally:
            server.shutdown()
        assert browser.evaluate("document.getElementById('heading').textContent") == "p07.png"
