"""What a page says around a picture that is asked for, as a model may be told it.

BeautifulSoup reads a part of the source, in the thread that asks: on most pages nothing is asked
for, and what is asked for takes a service seconds. All of it is data, and bounded.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mkdocs_alttext.html.scanner import markup_of
from mkdocs_alttext.models import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bs4 import Tag
    from bs4.element import PageElement

    from mkdocs_alttext.html.scanner import ImageTag

OTHER_PICTURE = "[another picture]"
"""Stands in the text where another picture is, so that the text beside it is not taken for this
one's."""

_BEFORE, _AFTER = 50_000, 20_000
"""Characters of the source that are read before and behind the picture."""
_MOST_PARTS = 2000
"""Texts of one element that are looked at."""
_MOST_CHARACTERS = 1000
"""Of each text; what is sent of it is less."""
_MARK = "data-alttext-asked"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("p", "li", "td", "th", "dd", "dt", *_HEADINGS)
_CONTROLS = ("button", "summary")
_UNHEARD = frozenset({"metadata", "noscript", "template"})


def surroundings(
    html: str,
    tag: ImageTag,
    *,
    title: str = "",
    target_of: Callable[[str], str | None],
    reaches_on: bool = False,
) -> Context:
    """Read what surrounds a picture.

    Args:
        html: The source of its page or article.
        tag: The picture's tag.
        title: The page's title.
        target_of: Returns the title of the page that an address leads to, if it leads to one.
        reaches_on: Whether a picture that is alone in its paragraph has the text of those before
            and behind it instead, as far as the next heading: for a person, who sees more of the
            page than is sent.

    Returns:
        The nearest heading before it; the text of its paragraph, list item or cell; its figure's
        caption; where its link leads; and whether it is in a button.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415 - heavy

    before = markup_of(html, max(0, tag.start - _BEFORE), tag.start)
    after = markup_of(html, tag.end, tag.end + _AFTER, first=tag.end)
    # Marked, so that it is found however the rest is read.
    # As a part of HTML, though it should begin as XML does, over which the library would warn.
    part = f'<html>{before}{html[tag.start : tag.name_end]} {_MARK}="{tag.start}"'
    part += html[tag.name_end : tag.end] + after
    soup = BeautifulSoup(part, "html.parser", on_duplicate_attribute="ignore")
    image = soup.find("img", attrs={_MARK: str(tag.start)})
    if image is None:  # in what this parser takes for a text
        return Context(title)
    before, after = _around(image)
    if reaches_on and not (before or after):
        before = _nearest_text(image.previous_elements)[-_MOST_CHARACTERS:]
        after = _nearest_text(image.next_elements)[:_MOST_CHARACTERS]
    heading = image.find_previous(_HEADINGS)
    figure = image.find_parent("figure")
    caption = figure.find("figcaption") if figure else None
    link = image.find_parent("a", href=True)
    return Context(
        title,
        _text_of(heading) if heading else "",
        before,
        after,
        _text_of(caption) if caption else "",
        _led_to(str(link["href"]), target_of) if link else "",
        is_in_button=_is_in_button(image),
    )


def _around(image: Tag) -> tuple[str, str]:
    """Return the text before and behind a picture, in the innermost block that has any."""
    for block in image.find_parents(_BLOCKS):
        before: list[str] = []
        after: list[str] = []
        texts = before
        for part in _parts(block):
            if part is image:
                texts = after
            else:
                texts.append(OTHER_PICTURE if not isinstance(part, str) else part)
        if any(text.strip() and text is not OTHER_PICTURE for text in before + after):
            return _joined(before)[-_MOST_CHARACTERS:], _joined(after)[:_MOST_CHARACTERS]
    return "", ""


def _nearest_text(elements: Iterable[PageElement]) -> str:
    """Return the text of the first block that has any, unless a heading comes first."""
    from bs4 import Tag  # noqa: PLC0415 - heavy

    for each in islice(elements, _MOST_PARTS):
        if isinstance(each, Tag) and each.name in _BLOCKS:
            if each.name in _HEADINGS:
                break
            if text := _whole_text_of(each):
                return text
    return ""


def _parts(element: Tag) -> Iterator[str | Tag]:
    """Yield the texts and the pictures inside an element, in their order."""
    from bs4.element import NavigableString, Tag  # noqa: PLC0415 - heavy

    # The next of its kind: this parser does not know that it ends the one before it.
    own_name = element.name if element.name in _BLOCKS else None
    skipped: Tag | None = None
    for inner in islice(element.descendants, _MOST_PARTS):
        if skipped is not None and any(each is skipped for each in inner.parents):
            continue
        skipped = None
        if isinstance(inner, Tag):
            if inner.name == "img":
                yield inner
            elif (
                inner.name == own_name
                or inner.name in _UNHEARD
                or "headerlink" in inner.get_attribute_list("class")
            ):
                skipped = inner
        elif type(inner) is NavigableString:  # no comment, and nothing else that is not read out
            yield str(inner)


def _text_of(element: Tag) -> str:
    return _whole_text_of(element)[:_MOST_CHARACTERS]


def _whole_text_of(element: Tag) -> str:
    return _joined([part for part in _parts(element) if isinstance(part, str)])


def _joined(texts: list[str]) -> str:
    return " ".join("".join(f" {t} " if t is OTHER_PICTURE else t for t in texts).split())


def _led_to(address: str, target_of: Callable[[str], str | None]) -> str:
    """Return where a link leads: a page's title, else the host."""
    if title := target_of(address.strip()):
        return title
    try:
        return urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""


def _is_in_button(image: Tag) -> bool:
    parents = islice(image.parents, _MOST_PARTS)
    return any(each.name in _CONTROLS or each.get("role") == "button" for each in parents)
