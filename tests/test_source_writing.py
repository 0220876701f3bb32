"""Texts written into Markdown sources, proved by rendering them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import markdown
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from mkdocs_alttext.exceptions import RenderingError
from mkdocs_alttext.sources.writing import (
    CHANGES_MORE,
    CHANGES_TITLE,
    NOT_COMPARABLE,
    NOT_WRITTEN_HERE,
    SHOWN_TWICE,
    Rendering,
    Writing,
    write_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MKDOCS = ["toc", "tables", "fenced_code"]
MATERIAL = [
    *("abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc"),
    *("pymdownx.arithmatex", "pymdownx.betterem", "pymdownx.caret", "pymdownx.details"),
    *("pymdownx.emoji", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys"),
    *("pymdownx.magiclink", "pymdownx.mark", "pymdownx.smartsymbols", "pymdownx.superfences"),
    *("pymdownx.tabbed", "pymdownx.tasklist", "pymdownx.tilde", "smarty"),
]
HARD = (
    "[a](b) ] [ \\ \\\\ \\] | $x$ \\(y\\) \" ' `c` ``d` & &amp; &lt; &#65; <b> </a> <!-- {{ z }} "
    "{% q %} {: .x } *e* _f_ ~~g~~ ==h== ^^i^^ ++ctrl+c++ :smile: www.example.org #12 @me -- ... "
    "(c) ![j](k) [^1] HTML --8<-- \u65e5\u672c \U0001f680"
)
PLACES = {
    "paragraph": "Words ![](x.png) and `code` here.",
    "alone": "![](x.png)",
    "title": '![](x.png "A title (with) brackets")',
    "link": "[![](x.png)](page.md)",
    "reference": "![][r]\n\n[r]: x.png",
    "attributes": "![](x.png){ .wide #id }",
    "attribute": '![](x.png){ .wide alt="" }',
    "list": "* Item ![](x.png)\n\n    ![](y.png)\n* More",
    "table": "| a | b |\n|---|---|\n| ![](x.png) | `x|y` |\n| <img src='x.png'> | c |",
    "heading": "## ![](x.png) Words\n\ntext",
    "quote": "> ![](x.png)\n> more",
    "admonition": '!!! note "T"\n\n    ![](x.png)\n\n    ```\n    ![](x.png)\n    ```',
    "tab": '=== "Tab"\n\n    ![](x.png)',
    "definition": "Term\n:   ![](x.png)",
    "footnote": "Text[^1]\n\n[^1]: Note ![](x.png)",
    "html": "Inline <img src='x.png'> and\n\n<div>\n<img class=a alt='' src=x.png/>\n</div>",
    "html in html": '<div markdown="1">\n\n![](x.png)\n\n</div>',
    "two": "![](x.png)![](x.png)\n![][r] `![](x.png)`\n\n[r]: x.png",
}
NEED_EXTENSIONS = {"admonition", "attribute", "html in html", "tab"}
CASES = [(place, MATERIAL) for place in PLACES] + [
    (place, MKDOCS) for place in PLACES if place not in NEED_EXTENSIONS
]


EMOJIS = import_module("pymdownx.emoji").emojione({}, None)
"""As each renderer would copy it anew: it takes longer than a page."""


def renderer(extensions: list[str]) -> Callable[[str], str]:
    """Return a function that renders with these extensions."""
    options: dict[str, dict[str, Any]] = {
        "pymdownx.tabbed": {"alternate_style": True},
        "pymdownx.arithmatex": {"generic": True},
        "pymdownx.emoji": {"emoji_index": lambda *_: EMOJIS},
    }
    used = {name: options[name] for name in options if name in extensions}
    return lambda text: markdown.markdown(
        text.removeprefix("\ufeff"), extensions=extensions, extension_configs=used
    )


def alts(html: str) -> list[str | None]:
    """Return the alt texts of a page, as BeautifulSoup reads them."""
    images = BeautifulSoup(html, "html.parser").find_all("img")
    return [None if image.get("alt") is None else str(image["alt"]) for image in images]


def rest(html: str) -> str:
    """Return a page without them."""
    soup = BeautifulSoup(html, "html.parser")
    for image in soup.find_all("img"):
        image.attrs.pop("alt", None)
    return str(soup)


def write(source: str, text: str, render: Callable[[str], str]) -> Writing:
    """Write one text into all images of a source."""
    return written(source, dict.fromkeys(range(len(alts(render(source)))), text), render)


def written(source: str, texts: Mapping[int, str], render: Callable[[str], str]) -> Writing:
    """Write texts, where nothing but the article matters."""
    return write_texts(
        source, texts, Rendering(render(source)), lambda text: Rendering(render(text))
    )


@pytest.mark.parametrize(("place", "extensions"), CASES)
def test_the_hardest_text_can_stand_anywhere(place: str, extensions: list[str]) -> None:
    """A reader hears exactly that text, and the page is the same otherwise."""
    source, render = PLACES[place], renderer(extensions)
    writing = write(source, HARD, render)
    html = render(writing.text)
    assert writing.refused == {}
    assert alts(html) == [HARD] * len(alts(html)) != []
    assert rest(html) == rest(render(source))


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1)
NESTED = st.lists(st.sampled_from([*HARD.split(" "), "[", "](", "`", "|", "$", "{", "}"]))


@given(
    text=st.one_of(TEXTS, NESTED.map(" ".join)).map(str.strip).filter(bool),
    case=st.sampled_from(CASES),
)
@example(text="0]", case=("reference", MKDOCS))
def test_any_text_can_stand_anywhere(text: str, case: tuple[str, list[str]]) -> None:
    """The same for whatever a person may approve."""
    place, extensions = case
    source, render = PLACES[place], renderer(extensions)
    writing = write(source, text, render)
    html = render(writing.text)
    assert writing.refused == {}
    assert {*alts(html)} == {text}
    assert rest(html) == rest(render(source))


def test_readable_escapes_are_preferred() -> None:
    """What needs none has none."""
    render = renderer(MATERIAL)
    for text, written in {
        'Q&A | "quotes", 5 < 6': 'Q&A | "quotes", 5 &lt; 6',
        "Form [a]": "Form \\[a\\]",
        "A \\ b": "A \\\\ b",
    }.items():
        assert write("x ![](x.png)", text, render).text == f"x ![{written}](x.png)"
    table = "| a |\n|---|\n| ![](x.png) |"
    assert "![a \\| b](x.png)" in write(table, "a | b", render).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("![][]", "![][]"),
        ("![x.png]\n\n[x.png]: a.png", "![Leaf][x.png]\n\n[x.png]: a.png"),
        ("![x.png][]\n\n[x.png]: a.png", "![Leaf][x.png]\n\n[x.png]: a.png"),
        ("![old text][r]\n\n[r]: a.png", "![Leaf][r]\n\n[r]: a.png"),
        ("![](a.png){ alt='' .b}", '![](a.png){ alt="Leaf" .b}'),
        ("<p><img src=a.png></p>", '<p><img alt="Leaf" src=a.png></p>'),
        ("<p><img src=a.png alt></p>", '<p><img src=a.png alt="Leaf"></p>'),
    ],
)
def test_each_form_is_kept(before: str, after: str) -> None:
    """References stay references."""
    assert write(before, "Leaf", renderer(MATERIAL)).text == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_nothing_else_of_the_file_changes(newline: str, mark: str) -> None:
    """Line ends, byte order mark, spaces at the ends of lines, tabs, no last line end."""
    lines = [mark + "# A\t", "", "text  ", "![](x.png)  ", "\t", "* ![](y.png)", "", " end"]
    source = newline.join(lines)
    writing = write(source, "Leaf", renderer(MKDOCS))
    expected = source.replace("![](", "![Leaf](")
    assert writing.text == expected
    assert writing.lines == {0: 4, 1: 6}


def test_a_second_time_changes_nothing() -> None:
    """Even where the text has escapes."""
    for source in PLACES.values():
        once = write(source, HARD, renderer(MATERIAL)).text
        assert write(once, HARD, renderer(MATERIAL)).text == once


# Refusals


def test_an_image_that_another_file_writes_is_refused() -> None:
    """The others are written."""

    def render(source: str) -> str:
        return renderer(MKDOCS)(f"{source}\n\n![](included.png)")

    source = "![](x.png)"
    writing = written(source, {0: "Leaf", 1: "Tree"}, render)
    assert writing.text == "![Leaf](x.png)"
    assert writing.refused == {1: NOT_WRITTEN_HERE}


def test_an_image_that_is_shown_twice_gets_one_text() -> None:
    """Or none."""

    def render(source: str) -> str:
        return renderer(MKDOCS)(f"{source}\n\n{source}")

    source = "![](x.png)"
    same = written(source, {0: "Leaf", 1: "Leaf"}, render)
    assert same.text == "![Leaf](x.png)"
    for texts in ({0: "Leaf", 1: "Tree"}, {0: "Leaf"}):
        writing = written(source, texts, render)
        assert writing.text == source
        assert writing.refused == dict.fromkeys(texts, SHOWN_TWICE)


def test_what_changes_more_than_the_text_is_refused() -> None:
    """As with an extension that makes a caption of it; the others are written."""

    def render(source: str) -> str:
        html = renderer(MKDOCS)(source)
        caption = "Caption" if "Leaf" in source else ""
        return html + caption

    source = "![](x.png) ![](y.png)"
    writing = written(source, {0: "Leaf", 1: "Tree"}, render)
    assert writing.text == "![](x.png) ![Tree](y.png)"
    assert writing.refused == {0: CHANGES_MORE}


def test_texts_that_only_together_change_more_are_refused() -> None:
    """Nothing is written then: nobody could say which one is to blame."""

    def render(source: str) -> str:
        both = "Leaf" in source and "Tree" in source
        return renderer(MKDOCS)(source) + "!" * both

    source = "![](x.png) ![](y.png)"
    writing = written(source, {0: "Leaf", 1: "Tree"}, render)
    assert writing.text == source
    assert writing.refused == {0: CHANGES_MORE, 1: CHANGES_MORE}


def test_a_text_that_changes_the_title_is_refused() -> None:
    """Every page shows it in its navigation; the others are written."""

    def render(source: str) -> Rendering:
        html = renderer(MKDOCS)(source)
        return Rendering(html, "Leaf" if "Leaf" in source else "")

    source = "# ![](x.png) ![](y.png)"
    writing = write_texts(source, {0: "Leaf", 1: "Tree"}, render(source), render)
    assert writing.text == "# ![](x.png) ![Tree](y.png)"
    assert writing.refused == {0: CHANGES_TITLE}


def test_a_text_that_cannot_be_rendered_is_refused() -> None:
    """As where a quotation mark ends a template's string; another spelling may do."""

    def render(source: str) -> str:
        if source.count('"') % 2 or "Leaf" in source:
            raise RenderingError
        return renderer(MKDOCS)(source)

    source = "![](x.png) ![](y.png)"
    writing = written(source, {0: "Leaf", 1: '12" wide'}, render)
    assert writing.text == "![](x.png) ![12&#34; wide](y.png)"
    assert writing.refused == {0: CHANGES_MORE}


def test_a_text_that_cannot_be_spelt_is_refused() -> None:
    """What an extension changes however it is written."""

    def render(source: str) -> str:
        return renderer(MKDOCS)(source).replace("Leaf", "Leaves")

    source = "![](x.png) ![](y.png)"
    writing = written(source, {0: "Leaf", 1: "Tree"}, render)
    assert writing.text == "![](x.png) ![Tree](y.png)"
    assert writing.refused == {0: CHANGES_MORE}


def test_a_page_that_comes_out_differently_each_time_is_left_alone() -> None:
    """There is nothing to compare."""
    numbers = iter(range(99))

    def render(source: str) -> str:
        return renderer(MKDOCS)(source) + f"<img src='{next(numbers)}.png'>"

    source = "![](x.png)"
    writing = written(source, {0: "Leaf"}, render)
    assert writing.text == source
    assert writing.refused == {0: NOT_COMPARABLE}


def test_a_page_that_takes_no_other_text_is_left_alone() -> None:
    """Which of its images is which cannot be found out."""
    source = "![](x.png)"

    def render(text: str) -> str:
        if text != source:
            raise RenderingError
        return renderer(MKDOCS)(text)

    assert written(source, {0: "Leaf"}, render).refused == {0: NOT_COMPARABLE}
