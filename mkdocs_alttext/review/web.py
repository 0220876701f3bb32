"""The addresses of the review, as `items.py` lists them: requests in, pages out."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.review.editing import Wanted, text_digest
from mkdocs_alttext.review.guard import SVG_POLICY
from mkdocs_alttext.review.items import ROWS, Filter, ListPage, Message
from mkdocs_alttext.review.pictures import SVG_TYPE
from mkdocs_alttext.review.session import Done, Listed, NotDone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.review.collection import Unit
    from mkdocs_alttext.review.pictures import Shown
    from mkdocs_alttext.review.session import Session

MOST_BYTES = 1024 * 1024
"""Of a request's body: a list of the longest texts takes less in any script."""
_LONGEST_VALUE = 500
"""Characters of a part of a filter."""
_MOST_DIGITS = 9
_STATUSES = {"approve": Status.REVIEWED, "decorative": Status.DECORATIVE}
_STATIC_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": SVG_TYPE,
}
_LASTING = "private, max-age=3600, immutable"
"""Of what has its digest in its address: the next picture is fetched ahead, and the page that says
that the review has ended has its style, though nobody answers any more."""


class Pages:
    """Makes pages and answers of a session; `application` is what a server calls."""

    def __init__(self, session: Session, end: Callable[[], object]) -> None:
        """Make the application.

        Args:
            session: The review.
            end: Ends the server.
        """
        import bottle  # noqa: PLC0415 - an extra

        self._session = session
        self._end = end
        bottle.BaseRequest.MEMFILE_MAX = MOST_BYTES  # of a form, which is bottle's only way to say
        self._bottle = bottle
        self._static = _static_files()
        self._templates = Environment(
            loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined
        )
        version = hashlib.sha256(b"".join(data for data, _ in self._static.values())).hexdigest()
        self._templates.globals["version"] = version[:16]
        self.application = bottle.Bottle()
        self.application.default_error_handler = self._error
        for method, address, callback in (
            ("GET", "/", self._first),
            ("GET", "/item/<identifier:re:[0-9a-f]{16}>", self._item),
            ("GET", "/list", self._list),
            ("GET", "/file", self._file),
            ("GET", "/picture/<digest:re:[0-9a-f]{64}>", self._picture),
            ("GET", "/old/<identifier:re:[0-9a-f]{16}>", self._old),
            ("GET", "/static/<name>", self._static_file),
            ("POST", "/save", self._save),
            ("POST", "/undo", self._undo),
            ("POST", "/save-listed", self._save_listed),
            ("POST", "/approve-all", self._approve_all),
            ("POST", "/ask", self._ask),
            ("POST", "/end", self._ended),
        ):
            self.application.route(address, method, callback)

    def _first(self) -> object:
        return self._see(self._session.start(self._filter(), self._asked("said")))

    def _item(self, identifier: str) -> object:
        unit = self._session.unit(identifier)
        if unit is None:
            return self._nothing()
        page = self._session.item_page(unit, self._filter(), self._asked("said"))
        return self._page("item.html", page._asdict())

    def _list(self) -> object:
        start = max(0, _number(self._asked("from")))
        page = self._session.list_page(self._filter(), start, self._asked("said"))
        return self._page("list.html", page._asdict())

    def _file(self) -> object:
        found = self._session.find(self._asked("path"), self._asked("language"))
        return self._see(found) if found else self._nothing()

    def _picture(self, digest: str) -> object:
        pictures = self._session.pictures
        return self._bytes(pictures.shown(digest) if pictures.has(digest) else None, _LASTING)

    def _old(self, identifier: str) -> object:
        unit = self._session.unit(identifier)
        return self._bytes(self._session.old_picture(unit) if unit else None)

    def _static_file(self, name: str) -> object:
        if name not in self._static:
            return self._nothing()
        data, media_type = self._static[name]
        return self._answer(200, data, {"Content-Type": media_type, "Cache-Control": _LASTING})

    def _save(self) -> object:
        unit = self._named_unit()
        if unit is None:
            return self._nothing()
        action = self._sent("action")
        if action not in {"approve", "decorative", "draft", "skip"}:
            return self._message(400, Message("error", "This cannot be done."))
        return self._result(
            self._session.save(
                unit,
                action,
                text=self._sent("text"),
                revision=self._sent("revision"),
                wanted=self._sent_filter(),
            )
        )

    def _save_listed(self) -> object:
        action, _, identifier = self._sent("action").partition("-")
        known = {"approve", "decorative", "later"} if identifier else {"approve", "draft"}
        if action not in known:
            return self._message(400, Message("error", "This cannot be done."))
        listed = self._listed(action, identifier)
        return self._result(self._session.save_listed(listed, self._sent_filter()))

    def _approve_all(self) -> object:
        wanted, mark = self._sent_filter(), self._sent("mark")
        return self._result(self._session.approve_all(wanted, mark, self._listed("approve", "")))

    def _listed(self, action: str, identifier: str) -> Listed:
        """Read the form of a list.

        Args:
            action: `approve`, `decorative`, `later` or `draft`.
            identifier: Of the one item that this is about; empty for all in `among`.
        """
        forms = self._bottle.request.forms
        among = {identifier} if identifier else {*forms.getall("among")}
        is_unsaved = bool(self._sent("unsaved"))
        names = [name.removeprefix("text-") for name in forms if name.startswith("text-")][:ROWS]
        items: list[Wanted] = []
        waiting: list[Wanted] = []
        lost, unseen = [], []
        for name in names:
            text, revision = self._sent(f"text-{name}"), self._sent(f"revision-{name}")
            is_typed = text_digest(text) != self._sent(f"shown-{name}")
            unit = self._session.unit(name)
            if unit is None:
                lost += [text] if is_typed else []
                continue
            # Together with others, no text is approved whose picture nobody can have seen.
            is_among = name in among
            if is_among and not identifier and self._session.picture_fault(unit):
                unseen.append(unit.path)
                is_among = False
            status = _STATUSES.get(action, Status.DRAFT) if is_among else Status.DRAFT
            wanted = Wanted(unit, text, revision, status, is_typed)
            # A decision about one says nothing of the others that somebody else changed.
            is_waiting = is_unsaved and identifier and is_typed and status is Status.DRAFT
            (waiting if is_waiting else items).append(wanted)
        return Listed(
            items,
            max(0, self._sent_number("from")),
            goes_on=action == "approve" and not identifier,
            one=identifier,
            later=identifier if action == "later" else "",
            lost=lost,
            waiting=waiting,
            unseen=unseen,
        )

    def _undo(self) -> object:
        return self._result(self._session.undo(self._sent_filter(), self._sent_number("step")))

    def _ask(self) -> object:
        unit = self._named_unit()
        if unit is None:
            return self._nothing()
        price, asked = self._sent_number("price"), self._sent_number("asked")
        hint, wanted = self._sent("hint"), self._sent_filter()
        return self._result(self._session.ask(unit, hint, price, asked, wanted))

    def _ended(self) -> object:
        answer = self._page("ended.html", {"chrome": None, "catalog": self._session.catalog_name})
        self._end()
        return answer

    def _named_unit(self) -> Unit | None:
        return self._session.unit(self._sent("id"))

    def _result(self, result: Done | NotDone) -> object:
        """Answer a change: go on, or say why not."""
        wants_json = "application/json" in self._bottle.request.get_header("Accept", "")
        if isinstance(result, Done):
            if wants_json:
                return self._json(200, {"location": result.location})
            return self._see(result.location)
        status = result.status
        if wants_json:
            return self._json(status, {"messages": [result.message._asdict()]})
        if result.page is None:
            return self._message(status, result.message)
        chrome, messages = result.page.chrome, [result.message]
        if status != HTTPStatus.INSUFFICIENT_STORAGE:  # which says why already
            messages[:0] = chrome.messages
        chrome = chrome._replace(messages=tuple(messages))
        name = "list.html" if isinstance(result.page, ListPage) else "item.html"
        return self._page(name, {**result.page._asdict(), "chrome": chrome}, status)

    def _asked(self, name: str) -> str:
        """Return a value of the query; empty where there is none."""
        return str(self._bottle.request.query.getunicode(name, ""))[:_LONGEST_VALUE]

    def _sent(self, name: str) -> str:
        """Return a value of a form; empty where there is none."""
        return str(self._bottle.request.forms.getunicode(name, ""))

    def _sent_number(self, name: str) -> int:
        """Return a number of a form; -1 where there is none."""
        return _number(self._sent(name))

    def _filter(self) -> Filter:
        return Filter(*(self._asked(name) for name in Filter._fields))

    def _sent_filter(self) -> Filter:
        """Return the filter that a form has in its field `query`."""
        query = parse_qs(self._sent("query").removeprefix("?")[: 10 * _LONGEST_VALUE])
        values = (query.get(name, [""])[0] for name in Filter._fields)
        return Filter(*(value[:_LONGEST_VALUE] for value in values))

    def _page(self, name: str, values: Mapping[str, Any], status: int = 200) -> object:
        query = values["queue"].filter.query if "queue" in values else ""
        text = self._templates.get_template(name).render({"query": query, **values})
        return self._answer(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _message(self, status: int, message: Message) -> object:
        if "application/json" in self._bottle.request.get_header("Accept", ""):
            return self._json(status, {"messages": [message._asdict()]})
        values = {"chrome": self._session.chrome(), "message": message}
        return self._page("message.html", values, status)

    def _nothing(self) -> object:
        return self._message(404, Message("error", "There is nothing at this address."))

    def _error(self, error: Any) -> object:  # noqa: ANN401 - bottle's own
        """Answer what went wrong in bottle, or in a page: without its words."""
        status = error.status_code
        said = {404: "There is nothing at this address.", 413: "This is too much at once."}
        words = said.get(status, "This cannot be answered.")
        values = {"chrome": None, "message": Message("error", words)}
        return self._page("message.html", values, status)

    def _json(self, status: int, content: object) -> object:
        return self._answer(
            status, json.dumps(content).encode(), {"Content-Type": "application/json"}
        )

    def _see(self, location: str) -> object:
        return self._answer(303, b"", {"Location": location})

    def _bytes(self, shown: Shown | None, caching: str = "no-store") -> object:
        if shown is None or shown.fault:
            return self._nothing()
        headers = {"Content-Type": shown.media_type, "Cache-Control": caching}
        if shown.media_type == SVG_TYPE:
            headers["Content-Security-Policy"] = SVG_POLICY
        return self._answer(200, shown.data, headers)

    def _answer(self, status: int, data: bytes, headers: Mapping[str, str]) -> object:
        return self._bottle.HTTPResponse(data, status, dict(headers))


def _number(text: str) -> int:
    """Read a number of few digits; -1 where there is none."""
    text = text[:_MOST_DIGITS]
    return int(text) if text.isascii() and text.isdigit() else -1


def _static_files() -> dict[str, tuple[bytes, str]]:
    """Read the files that every page needs: there are few, and no name is looked up on a disk."""
    found = {}
    for file in files(__package__).joinpath("static").iterdir():
        ending = file.name[file.name.rfind(".") :]
        if ending in _STATIC_TYPES:
            found[file.name] = file.read_bytes(), _STATIC_TYPES[ending]
    return found
