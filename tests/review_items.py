"""Pages of a review in every state, made without a site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

import mkdocs_alttext.review
from mkdocs_alttext.review.items import (
    STATE_LABELS,
    Another,
    Choice,
    Chrome,
    Filter,
    Item,
    Message,
    Note,
    OtherText,
    Part,
    PictureView,
    Place,
    Progress,
    Queue,
    Row,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(mkdocs_alttext.review.__file__).parent
TEXT = "Settings page with the fields site name and time zone"
LONG = "Settings page with more fields than anybody wants to hear of, one behind the other. " * 5
ARABIC = "صفحة الإعدادات مع حقلي اسم الموقع والمنطقة الزمنية"
CHINESE = "设置页面、包含站点名称和时区字段、用户可以在此处修改显示的语言和保存更改的按钮。" * 2
LONG_PATH = "a/folder/that/is/deep/" * 6 + "name-without-any-place-to-break-it-" * 4 + ".png"
MARKUP = "</textarea></script><script>document.title='run'</script><img src=x onerror=alert(1)>"


def picture(name: str = "large.png", width: int = 1280, height: int = 800) -> PictureView:
    """Return a picture as a page shows it."""
    url = f"/picture/{name}"
    return PictureView(url, width, height, "PNG", 48_211, (width, height), "")


def place(text: str = TEXT, **fields: Any) -> Place:  # noqa: ANN401 - any field
    """Return a place in a link, with words around it."""
    before, after = "Open the menu and choose Settings.", "Press Save when you are done."
    known = Place(
        page="guide/start.md",
        title="Getting started",
        line=41,
        language="en",
        decision="ask-service",
        alt=text or None,
        is_own=True,
        heading="First settings",
        before=before,
        after=after,
        caption="",
        link="Settings reference",
        is_in_link=True,
        is_in_button=False,
        heard=(
            Part(before, "page"),
            Part("link", "role"),
            *_spoken(text),
            Part(after, "page"),
        ),
    )
    return known._replace(**fields)


def _spoken(text: str) -> list[Part]:
    if not text:
        return [Part("image without a text", "role")]
    return [Part("image", "role"), Part(text, "alt")]


def item(state: State = State.DRAFT, text: str = TEXT, **fields: Any) -> Item:  # noqa: ANN401 - any field
    """Return an item that is shown in two places."""
    path = fields.get("path", "img/settings.png")
    elsewhere = place(text, page="reference.md", title="Options", line=None, heading="", link="")
    known = Item(
        id="2",
        url="/item/2",
        revision="r",
        path=path,
        folder=path.rpartition("/")[0],
        name=path.rpartition("/")[2],
        language="en",
        text=text,
        state=state,
        label=STATE_LABELS[state],
        notes=(),
        origin="from the cache",
        service="openai",
        model="gpt-4o-mini",
        context_page="",
        long="",
        sha256="0" * 64,
        picture=picture(),
        old_picture=None,
        old_note="",
        places=(place(text), elsewhere),
        more_places=0,
        texts=(),
        page_texts=(),
        if_decorative=None,
        max_length=300,
        another=None,
    )
    return known._replace(**fields)


def note(kind: str, meaning: str, action: str = "Shorten it, and approve it.") -> tuple[Note]:
    """Return one note."""
    return (Note(kind, "answer-too-long", meaning, action, "420 characters"),)


def queue(**fields: Any) -> Queue:  # noqa: ANN401 - any field
    """Return a queue in the middle of its items."""
    known: dict[str, Any] = {
        "filter": Filter(),
        "shows": _choices(["Open", *STATE_LABELS.values(), "All"], ["", *State, "all"]),
        "folders": _choices(["All folders", "img", "guide/img"]),
        "pages": _choices(["All pages", "guide/start.md"]),
        "languages": _choices(["All languages", "en", "de"]),
        "services": _choices(["All services", "ocr"]),
        "orders": _choices(["Path", "State", "Page"]),
        "number": 53,
        "position": 3,
        "previous_url": "/item/1",
        "next_url": "/item/3",
        "next_picture_url": "/picture/next",
        "list_url": "/list",
        "first_url": "/item/1",
        **fields,
    }
    return Queue(**known)


def _choices(labels: list[str], values: list[Any] | None = None) -> tuple[Choice, ...]:
    pairs = zip(values or labels, labels, strict=True)
    return tuple(
        Choice(str(value), label, 50 - at, at == 0, f"/?show={value}")
        for at, (value, label) in enumerate(pairs)
    )


def chrome(*messages: Message, undo: str = "approval of img/login.png") -> Chrome:
    """Return what is around the content."""
    return Chrome("Acme docs", "alttext.yml", Progress(212, 524, 38), messages, undo, 1, 3)


OTHERS = (
    OtherText("de", "Einstellungen", State.REVIEWED, "Reviewed", "/item/9"),
    OtherText("zh", CHINESE, State.DRAFT, "Draft", "/item/10"),
)
ANOTHER = Another("openai", 1, "One credit; OpenAI takes about $0.0004.", takes_hint=True)
FILTERED = Filter("draft", "guide/img", "guide/start.md", "de", "ocr", "settings", "page")


def _item_page(item: Item, *messages: Message, typed: str | None = None, **fields: Any) -> Any:  # noqa: ANN401 - a template's name and variables
    variables = {
        "chrome": chrome(*messages),
        "queue": queue(**fields),
        "item": item,
        "typed": typed,
    }
    return "item.html", variables


def _list_page(rows: tuple[Row, ...], *, are_unsaved: bool = False, **fields: Any) -> Any:  # noqa: ANN401 - as above
    return "list.html", {
        "chrome": chrome(),
        "queue": queue(position=0, **fields),
        "rows": rows,
        "are_unsaved": are_unsaved,
        "start": 12,
        "previous_url": "/list",
        "next_url": "/list?from=24",
        "approvable": len(rows),
        "mark": "m",
    }


_ROWS = tuple(
    Row(
        str(at),
        f"/item/{at}",
        "r",
        f"img/{state}.png",
        "en",
        "" if state in {State.MISSING, State.DECORATIVE} else (TEXT, LONG)[at % 2],
        state,
        STATE_LABELS[state],
        f"/picture/{('large', 'tall', 'wide', 'tiny')[at % 4]}.png",
        place() if at else None,
        is_skipped=state is State.GIVEN,
        notes=() if state is State.DRAFT else (f"This is {state}.",),
        typed=None,
        fault="",
        is_among=state is State.DRAFT,
    )
    for at, state in enumerate(State)
)
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "draft": _item_page(item(another=ANOTHER), Message("done", "Approved img/login.png.")),
    "refused": _item_page(
        item(State.REFUSED, LONG, notes=note("refused", "The text is too long."), texts=OTHERS)
    ),
    "stale": _item_page(
        item(
            State.STALE,
            old_picture=picture("wide.png", 2000, 160),
            notes=note("stale", "The picture is another than the one that the text is about."),
        )
    ),
    "stale, the old picture is not known": _item_page(
        item(State.STALE, old_note="The repository does not have the picture of before.")
    ),
    "without text": _item_page(
        item(State.MISSING, "", picture=picture("tiny.png", 16, 16), origin="", model="")
    ),
    "suggested, Chinese": _item_page(
        item(
            State.SUGGESTED,
            CHINESE,
            language="zh",
            picture=picture("wide.png", 2000, 160),
            notes=note("suggested", "The model takes the picture for decoration."),
        )
    ),
    "Arabic, many filters": _item_page(
        item(text=ARABIC, language="ar", texts=OTHERS, picture=picture("tall.png", 300, 1900)),
        filter=FILTERED,
    ),
    "in a lightbox": _item_page(
        item(if_decorative=note("remark", "The link has no name.", "It is a lightbox's")[0]),
        Message("error", "alttext.yml is gone. Put it back, or go on."),
    ),
    "decorative": _item_page(
        item(State.DECORATIVE, notes=note("remark", "The link has no name."), places=(place(""),))
    ),
    "not saved": _item_page(
        item(), Message("error", "alttext.yml cannot be written: no space left."), typed="Mine"
    ),
    "conflict": _item_page(
        item(), Message("conflict", "Somebody changed it.", theirs=MARKUP), typed="Mine"
    ),
    "damaged, long names": _item_page(
        item(
            State.REVIEWED,
            path=LONG_PATH,
            picture=PictureView("", 0, 0, "", 0, None, "", "The file is damaged."),
            another=ANOTHER._replace(text="Another text", notes=note("refused", "Too long.")),
            places=tuple(place(heading=f"Part {at}") for at in range(4)),
            more_places=3,
            page_texts=(("guide/errors.md", "Sign-in form that says: wrong password"),),
            long=LONG,
            context_page="guide/start.md",
        ),
        position=0,
        previous_url=None,
        next_url=None,
    ),
    "markup everywhere": _item_page(
        item(
            text=MARKUP,
            path=f"img/{MARKUP}.png",
            origin=MARKUP,
            places=(place(MARKUP, title=MARKUP, heading=MARKUP, page=MARKUP, caption=MARKUP),),
            notes=note("remark", MARKUP, MARKUP),
            long=MARKUP,
        ),
        Message("error", MARKUP),
    ),
    "list": _list_page(_ROWS),
    "list, not saved": _list_page(
        tuple(
            row._replace(path=LONG_PATH, text=ARABIC, typed=MARKUP, fault="x", notes=("x", MARKUP))
            for row in _ROWS
        ),
        are_unsaved=True,
    ),
    "nothing left": _list_page((), number=0),
    "message": ("message.html", {"chrome": None, "message": Message("error", "No such page.")}),
    "ended": ("ended.html", {"chrome": None, "catalog": "alttext.yml"}),
}
"""Templates and their variables, by what the page shows."""


def rendered(state: str) -> str:
    """Return the page of a state, as the server would send it."""
    name, variables = STATES[state]
    loader = jinja2.FileSystemLoader(FOLDER / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals["version"] = "1"
    return environment.get_template(name).render(**variables)


def on_disk(page: str, folder: Path, pictures: Callable[[str], bytes]) -> Path:
    """Write a page that a browser can open without a server.

    Args:
        page: What `rendered` returned.
        folder: Where to.
        pictures: Returns a picture by the name in its address.
    """
    for name in ("large.png", "tall.png", "wide.png", "tiny.png"):
        (folder / name).write_bytes(pictures(name))
    static = (FOLDER / "static").as_uri()
    page = page.replace('"/static/', f'"{static}/').replace('"/picture/', f'"{folder.as_uri()}/')
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    return path
