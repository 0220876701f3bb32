"""The server of a review is one person's: attacks by pages, users and files reach nothing."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from built_site import picture
from review_site import DOCS, SVG, catalog_text, digest, item_of, opened, served

from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.review.guard import Guard
from mkdocs_alttext.review.items import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from review_site import Browser

    from mkdocs_alttext.review.session import Session

POSTS = ("/save", "/save-listed", "/undo", "/approve-all", "/ask", "/end")
DRAFT = digest(DOCS["img/draft.png"])


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A review of the usual site, which no attack changes."""
    with opened(tmp_path_factory.mktemp("attacked") / "site") as found:
        yield found


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A review of the usual site, to be worked on."""
    with opened(tmp_path / "site") as found:
        yield found


@pytest.fixture
def stranger(attacked: Session) -> Iterator[Browser]:
    """A browser that knows where the server is, and has not been let in."""
    with served(attacked) as found:
        yield found


@pytest.fixture
def own(session: Session) -> Iterator[Browser]:
    """The person's browser, at a review to be worked on."""
    with served(session) as found:
        yield found.open()


@pytest.fixture
def browser(stranger: Browser) -> Browser:
    """The person's browser."""
    return stranger.open()


def fields(session: Session, action: str = "approve", text: str = "A form") -> dict[str, str]:
    """Return what the form of a page sends."""
    item = item_of(session, "img/draft.png")
    return {"id": item.id, "revision": item.revision, "action": action, "text": text, "query": ""}


def is_untouched(session: Session) -> bool:
    """Tell whether nothing was written."""
    return session.site.catalog.read_bytes().decode() == catalog_text()


def test_the_first_address_lets_a_browser_in(stranger: Browser) -> None:
    """The token leaves the address bar, and no script reads the cookie."""
    status, headers, data = stranger.ask("GET", stranger.first)
    assert (status, headers["location"], data) == (303, "/", b"")
    name, *attributes = headers["set-cookie"].split("; ")
    assert name.startswith(f"alttext_review_{stranger.port}=")
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Strict"]
    assert stranger.first.partition("token=")[2] not in headers["set-cookie"]
    assert "img/draft.png" in stranger.open().get("/")


@pytest.mark.parametrize("other", ['prefs={"a": 1}', "a[]=1", '"', "=", "a=b,c", "\xe9=\xff"])
@pytest.mark.parametrize("form", ["{other}; {own}", "{own}; {other}", "{other};{own};{other}"])
def test_cookies_of_others_on_this_machine_lock_nobody_out(
    browser: Browser, other: str, form: str
) -> None:
    """All ports share them, and not all are as the standard has them."""
    cookie = form.format(other=other, own=browser.cookie)
    assert browser.ask("GET", "/list", headers={"Cookie": cookie})[0] == 200


@pytest.mark.parametrize("path", ["/", "/list", f"/picture/{DRAFT}", "/static/review.css", "/no"])
@pytest.mark.parametrize("cookie", [None, "", "alttext_review_{port}=guess", 'a=b; ,=;"'])
def test_nothing_is_told_without_the_cookie(
    stranger: Browser, path: str, cookie: str | None
) -> None:
    """Not even whether there is something."""
    value = cookie and cookie.format(port=stranger.port)
    status, headers, data = stranger.ask("GET", path, headers={"Cookie": value})
    assert status == 403
    assert b"draft.png" not in data
    assert "set-cookie" not in headers


@pytest.mark.parametrize("token", ["", "x", "%00", "é" * 50, "../../etc/passwd"])
def test_a_wrong_token_lets_nobody_in(stranger: Browser, token: str) -> None:
    """Nor a part of the right one."""
    for each in (quote(token), stranger.first[-10:]):
        status, headers, _ = stranger.ask("GET", f"/?token={each}")
        assert status == 403
        assert "set-cookie" not in headers


def test_the_address_that_starts_a_browser_works_once() -> None:
    """Others on the machine may see how a program was started."""
    guard = Guard(lambda *_: [])
    guard.listen_on(8123)
    query = guard.address_for_once().partition("?")[2]
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "QUERY_STRING": query,
        "HTTP_HOST": "127.0.0.1:8123",
    }
    said: list[str] = []
    for _ in range(2):
        guard(dict(environ), lambda status, *_: said.append(status))
    assert said == ["303 See Other", "403 Forbidden"]


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "127.0.0.1", "127.0.0.1.attacker.example:{port}", "127.0.0.1:1", "", None],
)
def test_a_foreign_host_is_refused(browser: Browser, host: str | None) -> None:
    """A name that somebody lets lead to this machine is not ours, though the cookie is."""
    named = host and host.format(port=browser.port)
    for method, path in (("GET", "/"), ("GET", browser.first), ("POST", "/end")):
        headers = {"Host": named, "Origin": f"http://{named}"}
        status, found, _ = browser.ask(method, path, b"" if method == "POST" else None, headers)
        assert status == 403
        assert "set-cookie" not in found


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "null"},
        {"Origin": None},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_change_from_another_page_is_refused(
    browser: Browser, attacked: Session, path: str, headers: dict[str, str | None]
) -> None:
    """Though the browser sends the cookie along."""
    ported = {name: value and value.format(port=browser.port) for name, value in headers.items()}
    body = urlencode(fields(attacked)).encode()
    status, _, _ = browser.ask("POST", path, body, ported)
    assert status == 403
    assert is_untouched(attacked)
    assert browser.get("/list")  # and it has not ended


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_refused(browser: Browser, attacked: Session, method: str) -> None:
    """There is nothing they could mean."""
    status, _, _ = browser.ask(method, "/save", b"", {"Origin": browser.origin})
    assert status in {403, 405}
    assert is_untouched(attacked)


def test_what_other_pages_load_is_refused(browser: Browser) -> None:
    """A link may lead here; a picture, a frame or a script of theirs may not come from here."""
    path = f"/picture/{DRAFT}"
    for site in ("cross-site", "same-site"):
        embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "image"}
        assert browser.ask("GET", path, headers=embedded)[0] == 403
        framed = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "iframe"}
        assert browser.ask("GET", "/list", headers=framed)[0] == 403
        link = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": "document"}
        assert browser.ask("GET", "/list", headers=link)[0] == 200
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"}
    assert browser.ask("GET", path, headers=own)[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/list", "/no", f"/picture/{DRAFT}", "/static/review.css", "/item/0123456789abcdef"],
)
def test_each_answer_says_what_it_may_do(browser: Browser, path: str) -> None:
    """Errors, too."""
    _, headers, _ = browser.ask("GET", path)
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    is_lasting = path.startswith(("/picture/", "/static/"))
    lasting = "private, max-age=3600, immutable"
    assert headers["cache-control"] == (lasting if is_lasting else "no-store")
    assert "server" not in headers


def test_pages_have_nothing_inline(browser: Browser) -> None:
    """The policy would not run it."""
    for path in ("/?show=all", "/list?show=all"):
        page = browser.get(path)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)


@pytest.mark.parametrize(
    "path",
    [
        "/picture/../../../etc/passwd",
        "/picture/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        f"/picture/{'0' * 64}",
        f"/picture/{digest(DOCS['private/key.png'])}",
        "/picture/img/draft.png",
        "/old/..%2f..%2fetc",
        "/static/../web.py",
        "/static/..%2fweb.py",
        "/static/%2e%2e/items.py",
        "/static//etc/passwd",
        "/item/../../etc/passwd",
        "/file?path=../../../etc/passwd",
        "/file?path=private/key.png",
        "/file?path=/etc/passwd&language=../..",
        "/file?path=img/draft.png%00.txt",
    ],
)
def test_no_path_leads_to_a_file(browser: Browser, path: str) -> None:
    """Names are looked up among those that the build saw."""
    status, _, data = browser.ask("GET", path)
    assert status == 404
    assert b"root:" not in data


@pytest.mark.parametrize("value", ["../../../etc/passwd", "\x00", "<script>x</script>", "é" * 999])
def test_no_parameter_leads_to_a_file(browser: Browser, attacked: Session, value: str) -> None:
    """Whatever is put into any of them."""
    names = ("show", "folder", "page", "language", "service", "search", "order", "from", "said")
    for name in names:
        status, _, data = browser.ask("GET", f"/list?{urlencode({name: value})}")
        assert status == 200
        assert b"<script>x" not in data
    for path in POSTS[:-1]:
        for name in ("id", "revision", "action", "query", "mark", "hint", "price"):
            sent = {**fields(attacked, action="approve"), name: value}
            if name in {"query", "hint", "price", "mark"}:
                sent["id"] = "0" * 16
            browser.post(path, **sent)
    assert is_untouched(attacked)


def test_a_picture_is_found_by_its_path(browser: Browser) -> None:
    """As links of other pages name it."""
    status, headers, _ = browser.ask("GET", "/file?path=img/draft.png&language=en")
    assert status == 303
    assert re.fullmatch(r"/item/[0-9a-f]{16}\?show=all", headers["location"])


def test_a_picture_is_served_without_what_is_in_its_file(tmp_path: Path) -> None:
    """Pixels are written anew: no metadata, and no second file behind the first."""
    data = picture(1) + b"<script>alert(1)</script>"
    docs = {"index.md": "![](a.png)\n", "a.png": data}
    with opened(tmp_path / "site", docs=docs, catalog="") as session, served(session) as browser:
        status, headers, sent = browser.open().ask("GET", f"/picture/{digest(data)}")
        assert (status, headers["content-type"]) == (200, "image/png")
        assert b"script" not in sent


HOSTILE_SVG = SVG.format(
    "<script>fetch('/end',{method:'POST'})</script><rect width='9' height='9' onload='x()'/>"
)


def test_an_svg_cannot_run(tmp_path: Path) -> None:
    """It is drawn; what is served are pixels."""
    docs = {"index.md": "![](a.svg)\n", "a.svg": HOSTILE_SVG}
    with opened(tmp_path / "site", docs=docs, catalog="") as session, served(session) as browser:
        status, headers, data = browser.open().ask("GET", f"/picture/{digest(HOSTILE_SVG)}")
        assert (status, headers["content-type"]) == (200, "image/png")
        assert b"script" not in data


def test_an_svg_cannot_run_where_nothing_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are served under a policy of their own, if somebody opens them as a page."""
    monkeypatch.setattr("mkdocs_alttext.review.pictures.can_draw", lambda: False)
    docs = {"index.md": "![](a.svg)\n", "a.svg": HOSTILE_SVG}
    with opened(tmp_path / "site", docs=docs, catalog="") as session, served(session) as browser:
        _, headers, _ = browser.open().ask("GET", f"/picture/{digest(HOSTILE_SVG)}")
        assert headers["content-type"] == "image/svg+xml"
        policy = headers["content-security-policy"]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def test_html_in_names_texts_and_captions_is_text(tmp_path: Path) -> None:
    """On each page that shows them."""
    attack = "<img src=x onerror=alert(1)>"
    name = "a'\"<b>.png"
    docs = {
        "index.md": f'# {attack.replace("<", "&lt;")}\n\n<figure><img src="a\'%22%3Cb%3E.png">'
        f"<figcaption>{attack.replace('<', '&lt;')}</figcaption></figure>\n",
        name: picture(1),
    }
    catalog = f'"a\'\\"<b>.png":\n  alt:\n    en: "{attack}"\n  status: draft\n'
    site = opened(tmp_path / "site", docs=docs, catalog=catalog, options={})
    with site as session, served(session) as browser:
        browser.open()
        for path in ("/", "/list", f"/?{urlencode({'search': attack})}"):
            page = browser.get(path)
            assert attack not in page
            assert "<b>.png" not in page
        sent = browser.post("/save", **{**fields_of(session), "text": attack + "2"})
        assert sent[0] == 303
        assert attack not in browser.get(sent[1]["location"])


def fields_of(session: Session) -> dict[str, str]:
    """Return what the form of the only item sends."""
    (item,) = session.items()
    return {"id": item.id, "revision": item.revision, "action": "draft", "query": ""}


def test_a_huge_request_is_refused(browser: Browser, attacked: Session) -> None:
    """By its length, before it is read."""
    with socket.create_connection((browser.host, browser.port), timeout=30) as connection:
        head = (
            f"POST /save HTTP/1.1\r\nHost: {browser.host}:{browser.port}\r\n"
            f"Origin: {browser.origin}\r\nCookie: {browser.cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {50 << 20}\r\n\r\n"
        )
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(100)
    assert browser.get("/list")
    assert is_untouched(attacked)


def half_open(browser: Browser, number: int) -> socket.socket:
    """Open a connection that asks for nothing to its end, in one of several ways."""
    head = f"Host: {browser.host}:{browser.port}\r\nCookie: {browser.cookie}\r\n"
    beginnings = (
        "",
        "GET / HT",
        f"GET / HTTP/1.1\r\n{head}",
        f"POST /save HTTP/1.1\r\n{head}Content-Length: 100\r\n\r\nid=",
        f"GET /static/review.css HTTP/1.1\r\n{head}\r\n" * 50,  # and reads no answer
    )
    connection = socket.create_connection((browser.host, browser.port), timeout=30)
    connection.sendall(beginnings[number % len(beginnings)].encode())
    return connection


def test_connections_that_are_left_open_lock_nobody_out(own: Browser, session: Session) -> None:
    """Any program of this machine can open them, and the person's own request is not cut off."""
    request = f"GET /list HTTP/1.0\r\nHost: {own.host}:{own.port}\r\nCookie: {own.cookie}\r\n\r\n"
    with ExitStack() as stack:
        with session._lock:  # noqa: SLF001 - no answer is there before the connections are
            first = socket.create_connection((own.host, own.port), timeout=30)
            stack.enter_context(first)
            first.sendall(request.encode())
            for number in range(300):
                stack.enter_context(half_open(own, number))
            # Connections are taken in their order.
            assert own.ask("GET", "/static/review.css")[0] == 200
        with first.makefile("rb") as answer:
            assert b"img/draft.png" in answer.read()
        assert "img/draft.png" in own.get("/list")


def test_a_request_of_unknown_length_is_refused(browser: Browser) -> None:
    """When it has become too long."""
    with socket.create_connection((browser.host, browser.port), timeout=30) as connection:
        head = (
            f"POST /save HTTP/1.1\r\nHost: {browser.host}:{browser.port}\r\n"
            f"Origin: {browser.origin}\r\nCookie: {browser.cookie}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(head.encode())
        # It closes the connection, as more came than it reads.
        with suppress(OSError):
            for _ in range(50):
                connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            assert b" 413 " in connection.recv(100)
    assert browser.get("/list")


def test_a_text_of_a_hundred_kilobytes_is_refused_as_such(
    browser: Browser, attacked: Session
) -> None:
    """It is no text for an image: nothing is written, and it is in the field still."""
    text = "x" * 150_000
    status, _, page = browser.post("/save", **fields(attacked, text=text))
    assert status == 400
    assert "has 150000 characters, and 5000 at most" in page
    assert text in page
    assert is_untouched(attacked)


def test_a_form_works_without_a_script(own: Browser, session: Session) -> None:
    """It is sent, leads on, and says what it did; so does undo."""
    status, headers, _ = own.post("/save", **fields(session))
    assert status == 303
    page = own.get(headers["location"])
    assert "Approved: img/draft.png" in page
    assert "img/missing.png" in page
    status, headers, _ = own.post("/undo", query="", step="1")
    assert status == 303
    assert "Undone: approving img/draft.png" in own.get(headers["location"])
    assert is_untouched(session)


def test_undo_takes_back_what_its_button_names(own: Browser, session: Session) -> None:
    """Not the step before, where it is pressed twice, and no later one of another window."""
    own.post("/save", **fields(session))
    once = session.site.catalog.read_bytes()
    _, headers, _ = own.post("/save", **fields(session, "draft", "Another form"))
    twice = session.site.catalog.read_bytes()
    assert len({once, twice}) == 2
    assert '<input type="hidden" name="step" value="2">' in own.get(headers["location"])
    for step in ("1", "3", "", "two", "9" * 5000):
        _, headers, _ = own.post("/undo", query="", step=step)
        assert "Nothing more was undone" in own.get(headers["location"])
        assert session.site.catalog.read_bytes() == twice
    for _ in range(2):
        own.post("/undo", query="", step="2")
        assert session.site.catalog.read_bytes() == once


def test_the_filter_stays(own: Browser, session: Session) -> None:
    """From item to item."""
    query = Filter(show="all", folder="img").query
    status, headers, _ = own.post("/save", **{**fields(session), "query": query})
    assert status == 303
    assert re.fullmatch(r"/item/[0-9a-f]{16}\?show=all&folder=img&said=1", headers["location"])


def test_a_script_gets_json(own: Browser, session: Session) -> None:
    """With where to go on, or why not."""
    status, found = own.post_json("/save", **fields(session))
    assert status == 200
    assert found["location"].startswith("/item/")
    stale = {**fields(session), "revision": "0" * 16}
    status, found = own.post_json("/save", **stale)
    assert status == 409
    assert found["messages"][0]["level"] == "conflict"
    status, found = own.post_json("/save", id="0" * 16)
    assert (status, found["messages"][0]["level"]) == (404, "error")


def test_a_conflict_is_shown_with_both_texts(own: Browser, session: Session) -> None:
    """The page can be sent again at once."""
    sent = fields(session, text="Mine")
    text = catalog_text().replace('"A form"', '"Theirs"')
    session.site.catalog.write_text(text, encoding="utf-8")
    status, _, page = own.post("/save", **sent)
    assert status == 409
    assert "Theirs" in page
    assert ">\nMine</textarea>" in page


def test_a_list_approves_all_that_it_shows(own: Browser, session: Session) -> None:
    """With the mark of the list."""
    mark = session.list_page(Filter(show="draft"), 0).mark
    status, headers, _ = own.post("/approve-all", query="?show=draft", mark=mark)
    assert status == 303
    assert "Approved 1 text" in own.get(headers["location"])
    assert not is_untouched(session)


def test_the_person_can_end_it(session: Session) -> None:
    """The last page says so, and the server is gone."""
    with served(session) as browser:
        status, _, page = browser.open().post("/end")
        assert status == 200
        assert "has ended" in page
    for address in re.findall(r"/static/[^\"]*", page):
        assert re.fullmatch(r"/static/\S+\?[0-9a-f]{16}", address)  # which the browser has
    with pytest.raises(ConnectionError):
        browser.ask("GET", "/")


def test_it_listens_on_this_machine_only(browser: Browser) -> None:
    """No other address of the machine answers."""
    assert browser.host == "127.0.0.1"
    with socket.socket() as other:
        other.bind(("127.0.0.2", browser.port))  # which would be taken by 0.0.0.0


def test_requests_at_the_same_time_are_all_saved(own: Browser, session: Session) -> None:
    """Each is worked on alone; none writes over another's entry."""
    names = ("draft", "missing", "refused", "stale", "suggested")
    items = [item_of(session, f"img/{name}.png") for name in names]
    forms = [
        {"id": each.id, "revision": each.revision, "action": "approve", "text": f"A {each.name}!"}
        for each in items
    ]
    with ThreadPoolExecutor(len(forms)) as pool:
        answers = [*pool.map(lambda form: own.post("/save", query="", **form)[0], forms)]
    assert answers == [303] * len(forms)
    entries = read_catalog(session.site.catalog)
    found = {path: entry.reviewed.get("en") for path, entry in entries.items()}
    assert {each.path: f"A {each.name}!" for each in items}.items() <= found.items()


def test_two_tabs_do_not_save_the_same_item_twice(own: Browser, session: Session) -> None:
    """One of them is told."""
    form = fields(session)
    forms = [{**form, "text": f"Text {number}"} for number in range(4)]
    with ThreadPoolExecutor(len(forms)) as pool:
        answers = [*pool.map(lambda each: own.post("/save", **each)[0], forms)]
    assert sorted(answers) == [303, 409, 409, 409]
    saved = read_catalog(session.site.catalog)["img/draft.png"].texts["en"]
    assert saved == f"Text {answers.index(303)}"
