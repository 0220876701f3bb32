"""A site whose pictures are in every state that a review shows, and a review of it.

Owns the site, opening a review in the process, and a browser that only speaks HTTP. Judges nothing.
"""

from __future__ import annotations

import hashlib
import http.client
import json
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from built_site import TinySite, picture

from mkdocs_alttext.cli.review import open_session
from mkdocs_alttext.review.items import Filter
from mkdocs_alttext.review.server import ReviewServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mkdocs_alttext.review.collection import Unit
    from mkdocs_alttext.review.items import Item
    from mkdocs_alttext.review.session import Session

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
DOCS: dict[str, str | bytes] = {
    "index.md": "# Home\n\nThe form ![](img/draft.png) has two fields.\n\n"
    "## Links\n\n[![](img/missing.png)](https://example.org/a)\n\n"
    "![](img/stale.png) ![](img/refused.png) ![](img/suggested.png)\n\n"
    "![](img/given.svg) ![](img/decorative.png) ![](img/reviewed.png)\n\n![](private/key.png)\n",
    "sub/page.md": "# Sub\n\nAgain ![](../img/draft.png), and ![By hand](../img/draft.png).\n",
    "img/draft.png": picture(1),
    "img/missing.png": picture(2),
    "img/stale.png": picture(3),
    "img/refused.png": picture(4),
    "img/suggested.png": picture(5),
    "img/given.svg": SVG.format("<title>A circle</title>"),
    "img/decorative.png": picture(6),
    "img/reviewed.png": picture(7),
    "private/key.png": picture(8),
}
OPTIONS: dict[str, Any] = {"exclude": ["private/*"]}
STATES = {
    "img/decorative.png": "decorative",
    "img/draft.png": "draft",
    "img/given.svg": "given",
    "img/missing.png": "missing",
    "img/refused.png": "refused",
    "img/reviewed.png": "reviewed",
    "img/stale.png": "stale",
    "img/suggested.png": "suggested",
}
CATALOG = """\
# Texts of this site.

img/decorative.png:
  status: decorative
  sha256: {decorative}

# The form, as it was in May.
img/draft.png:
  alt:
    en: "A form"  # two fields
  status: draft
  sha256: {draft}
  origin: alttextai 00000000

img/refused.png:
  alt:
    en: "Two long sentences"
  status: draft
  sha256: {refused}
  refused: answer-too-long

img/reviewed.png:
  alt:
    en: "A red door"
  status: reviewed
  sha256: {reviewed}

img/stale.png:
  alt:
    en: "Of another picture"
  status: reviewed
  sha256: {old}

img/suggested.png:
  alt:
    en: "A line"
  status: draft
  sha256: {suggested}
  suggestion: decorative
"""


def digest(content: str | bytes) -> str:
    """Return a picture's digest."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def catalog_text(docs: Mapping[str, str | bytes] = DOCS) -> str:
    """Return the catalog of the site."""
    names = ("decorative", "draft", "refused", "reviewed", "suggested")
    digests = {name: digest(docs[f"img/{name}.png"]) for name in names}
    return CATALOG.format(old=digest(picture(99)), **digests)


def write_site(
    folder: Path,
    *,
    docs: Mapping[str, str | bytes] = DOCS,
    catalog: str | None = None,
    options: Mapping[str, Any] = OPTIONS,
    **named: Any,  # noqa: ANN401 - fields of a site
) -> Path:
    """Write a site; return the path of `mkdocs.yml`."""
    folder.mkdir(exist_ok=True)
    config = TinySite(folder, docs, dict(options), **named).write()
    text = catalog_text(docs) if catalog is None else catalog
    if text:
        (folder / "alttext.yml").write_bytes(text.encode())
    return config


@contextmanager
def opened(folder: Path, **named: Any) -> Iterator[Session]:  # noqa: ANN401 - of `write_site`
    """Open a review of a site."""
    config = write_site(folder, **named)
    own = folder / "own"
    own.mkdir()
    session = open_session(str(config), own)
    try:
        yield session
    finally:
        session.close()


def unit_of(session: Session, path: str, language: str = "en") -> Unit:
    """Return the item of a picture."""
    address = session.find(path, language)
    assert address
    unit = session.unit(address.removeprefix("/item/").partition("?")[0])
    assert unit
    return unit


def item_of(session: Session, path: str, language: str = "en") -> Item:
    """Return what the page of a picture shows."""
    return session.item_page(unit_of(session, path, language), Filter(show="all")).item


def save(
    session: Session,
    path: str,
    action: str,
    text: str = "",
    *,
    language: str = "en",
    revision: str | None = None,
) -> Any:  # noqa: ANN401 - what a session returns
    """Decide about a picture as its page shows it."""
    unit = unit_of(session, path, language)
    seen = item_of(session, path, language).revision if revision is None else revision
    return session.save(unit, action, text=text, revision=seen, wanted=Filter())


class Browser:
    """Speaks HTTP with a review as a browser does that runs no script."""

    def __init__(self, address: str) -> None:
        """Take the first address."""
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.port
        self.host, self.port = parts.hostname, parts.port
        self.first = f"{parts.path}?{parts.query}"
        self.cookie = ""

    @property
    def origin(self) -> str:
        """The origin of the pages."""
        return f"http://{self.host}:{self.port}"

    def open(self) -> Browser:
        """Get the cookie."""
        status, headers, _ = self.ask("GET", self.first)
        assert status == 303
        assert headers["location"] == "/"
        self.cookie = headers["set-cookie"].partition(";")[0]
        return self

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; headers that are `None` are left out."""
        own: dict[str, str | None] = {"Host": f"{self.host}:{self.port}"}
        if self.cookie:
            own["Cookie"] = self.cookie
        if method == "POST":
            own["Origin"] = self.origin
            own["Content-Type"] = "application/x-www-form-urlencoded"
        own |= headers or {}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in own.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, names, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> str:
        """Return a page, following where it leads."""
        status, found, data = self.ask("GET", path, headers=headers)
        if status == 303:
            return self.get(found["location"], **headers)
        assert status == 200, data
        return data.decode()

    def post(self, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        """Send a form."""
        status, headers, data = self.ask("POST", path, urlencode(fields).encode())
        return status, headers, data.decode()

    def post_json(self, path: str, **fields: str) -> tuple[int, Any]:
        """Send a form as a script does."""
        body, headers = urlencode(fields).encode(), {"Accept": "application/json"}
        status, _, data = self.ask("POST", path, body, headers)
        return status, json.loads(data)


@contextmanager
def served(session: Session) -> Iterator[Browser]:
    """Serve a review; yield a browser that has the first address, and has not opened it."""
    server = ReviewServer(session)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield Browser(server.address)
    finally:
        server.end()
        thread.join()
