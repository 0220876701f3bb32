"""The images that are written in a Markdown source, in Markdown or in HTML.

What is code, a comment or front matter is left out, as far as the text alone tells. What is found
may be an image: Python-Markdown decides, and `writing` asks it.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from markdown import Markdown
from markdown.inlinepatterns import LinkInlineProcessor

from mkdocs_alttext.html.attributes import file_name_in, image_address
from mkdocs_alttext.html.scanner import ImageTag, read_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = "\x00"
"""Takes the place of each character of such a span: no syntax has it."""

_WORD = re.compile(r"\S+")
_CONTAINER = re.compile(r"[ \t>]*(?:[-*+][ \t]|\d+[.)][ \t]|!!!|\?\?\?|===|///|:[ \t]|\[\^)")
"""The first line of what may have indented content that is no code."""


def without_code(text: str) -> str:
    """Blank out what is no Markdown.

    Args:
        text: A source.

    Returns:
        A text of the same length and with the same white space, where code, comments and front
        matter hold NUL in place of each other character.
    """
    # front matter, fenced code and what four spaces make code
    text = re.sub(r"(?ms)\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t\r]*$", _blank, text, count=1)
    fenced = r"(?ms)^[ \t>]*(`{3,}+(?=[^`\n]*$)|~{3,}+).*?^[ \t>]*\1[`~]*[ \t\r]*$"
    text = _without_indented(re.sub(fenced, _blank, text))
    # comments, scripts and their like, and what stands between equal runs of backticks in one block
    html_ = r"(?is)<!--.*?-->|<(script|style|template|textarea)\b[^>]*>.*?</\1\s*>"
    span = r"(?s)(?<!\\)(?<![^\\]`)(`++)(?:(?!\n[ \t]*\r?\n).)+?(?<!`)\1(?!`)"
    return re.sub(span, _blank, re.sub(html_, _blank, text))


def _without_indented(text: str) -> str:
    """Blank out blocks that four spaces make code: those that no list or admonition holds."""
    lines = text.splitlines(keepends=True)
    is_code = is_held = False
    after_blank = True
    for number, line in enumerate(lines):
        if not line.strip():
            after_blank = True
            continue
        if not line.startswith(("    ", "\t")):
            # Unindented text after a container's first line belongs to it, too.
            is_held = bool(_CONTAINER.match(line)) or (is_held and not after_blank)
            is_code = False
        elif after_blank and not is_held:
            is_code = True
        if is_code:
            lines[number] = _WORD.sub(_blank_word, line)
        after_blank = False
    return "".join(lines)


def _blank(match: re.Match[str]) -> str:
    return _WORD.sub(_blank_word, match[0])


def _blank_word(match: re.Match[str]) -> str:
    return _BLANK * len(match[0])


_BEGINNING = re.compile(
    r"(?<!\\)(?:\\\\)*(?P<markdown>!\[)"
    r"|(?P<address>\]\(\s*<[^<>\n]*>|\]:\s*<[^<>\s]*>)"  # of a link, of a definition
    r"|(?P<html><img(?=[\s/>]))",
    re.IGNORECASE,
)
_BLOCK_END = re.compile(r"\n[ \t>]*\r?\n")
_ESCAPE = re.compile(r"\\([^\w\s]|_)")
_REFERENCE = re.compile(r"\s?\[([^\]]*)\]")
_ATTRIBUTE_LIST = re.compile(r"\{:?[ ]*[^}\n ][^\n]*?\}")
_ALT_IN_LIST = re.compile(r"""(?<=[\s{:])alt=("[^"\n]*"|'[^'\n]*'|[^\s}"']*)""")


class SourceImage(NamedTuple):
    """What may be an image of a source, and where its text goes."""

    line: int
    """Where it begins, from 1."""
    src: str
    """Its address as it is written; empty when another file defines it."""
    alt: str | None
    """Its text, as nearly as can be told without rendering; `None` when it has no `alt`."""
    start: int
    """Where the text begins that another takes the place of; for `<img>`, where the tag does."""
    end: int
    """Where that ends."""
    ending: str = ""
    """What follows a new text: in `![name]` and `![name][]`, the name is text and reference."""
    is_quoted: bool = False
    """Whether the text is the value of `alt` in an attribute list, `![](…){ alt="…" }`."""
    tag: ImageTag | None = None
    """Of `<img>`."""
    mark_at: tuple[int, bool] = (0, False)
    """For Markdown: where a class goes, and whether into an attribute list that is there."""


def find_images(text: str) -> list[SourceImage]:
    """Find what may be an image.

    Args:
        text: A Markdown source.

    Returns:
        In the order of the source, each `![…](…)`, `![…][…]`, `![…]` with a known name, and
        `<img>`, except in code and comments.
    """
    return list(_Finder(text).images())


def names_emptied(text: str) -> frozenset[str]:
    """Find which images of a source have an empty text that somebody wrote there.

    Args:
        text: A source.

    Returns:
        The names of their files, of `<img alt="">` and of `![](…){ alt="" }`.
    """
    return frozenset(
        file_name_in(image.src)
        for image in find_images(text)
        if image.alt == "" and (image.tag or image.is_quoted)
    )


class _Finder:
    """Looks through one source."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._visible = without_code(text)
        self._grammar = _link_grammar()
        definition = r"(?m)^[ \t>]*\[([^\[\]\n]+)\]:[ \t]*(?:\r?\n[ \t]*)?<?([^\s<>]+)"
        found = re.finditer(definition, self._visible)
        self._definitions = {_name(each[1]): each[2] for each in found}

    def images(self) -> Iterator[SourceImage]:
        position = 0
        while beginning := _BEGINNING.search(self._visible, position):
            position = beginning.end()
            if beginning["address"] is not None:
                continue  # `<img/a.png>` is no tag there
            is_html = beginning["html"] is not None
            start = beginning.start("html" if is_html else "markdown")
            line = self._text.count("\n", 0, start) + 1
            find = self._html_image if is_html else self._markdown_image
            image = find(start, line)
            if image:
                yield image
                position = max(position, image.end)  # its text is none of an image

    def _html_image(self, start: int, line: int) -> SourceImage | None:
        tag = read_tag(self._visible, start)
        if tag is None:
            return None
        alt = tag.attributes.values.get("alt")
        src = image_address(tag.attributes)
        return SourceImage(line, src, alt, start, tag.end, tag=tag)

    def _markdown_image(self, start: int, line: int) -> SourceImage | None:
        block = self._block(start)
        _, after, is_closed = self._grammar.getText(block, len("!["))
        if not is_closed:
            return None
        begin, end = start + len("!["), start + after - 1
        written, ending = self._text[begin:end], ""
        if block.startswith("(", after):
            src, _, behind, is_link = self._grammar.getLink(block, after)
            if not is_link:
                return None
            place = start + block.find(src, after)
            src = _ESCAPE.sub(r"\1", self._text[place : place + len(src)])
        else:
            reference = _REFERENCE.match(block, after)
            behind = reference.end() if reference else after
            name = self._text[start + reference.start(1) : start + behind - 1] if reference else ""
            if not name.strip():
                name, end, ending = written, start + behind - 1, f"][{written}"
            src = self._definitions.get(_name(name), "")
            if not (reference or src):
                return None
        if in_list := _alt_in_list(block, behind):
            begin, end, ending = start + in_list.start(1), start + in_list.end(1), ""
            written = self._text[begin:end].strip("\"'")
        alt = html.unescape(_ESCAPE.sub(r"\1", written))
        attributes = _ATTRIBUTE_LIST.match(block, behind)
        mark = start + (len(attributes[0][:-1].rstrip()) if attributes else 0) + behind
        return SourceImage(
            line,
            src,
            alt,
            begin,
            end,
            ending,
            is_quoted=bool(in_list),
            mark_at=(mark, attributes is not None),
        )

    def _block(self, start: int) -> str:
        """Return the block from a place on as Python-Markdown sees it, without escaped characters.

        It has put them away by then.
        """
        end = _BLOCK_END.search(self._visible, start)
        return _ESCAPE.sub("\x00\x00", self._visible[start : end.start() if end else None])


@cache
def _link_grammar() -> LinkInlineProcessor:
    """Return Python-Markdown's own reading of `(address "title")`, on which nothing could improve.

    It is made once, as that takes longer than reading a page, and only asked.
    """
    markdown = Markdown()
    markdown.convert(".")  # which makes what its parts need
    return LinkInlineProcessor("", markdown)


def _alt_in_list(block: str, end: int) -> re.Match[str] | None:
    """Return the value of `alt` in the attribute list that follows an image, if there is one."""
    attributes = _ATTRIBUTE_LIST.match(block, end)
    return attributes and _ALT_IN_LIST.search(block, attributes.start(), attributes.end())


def _name(written: str) -> str:
    return " ".join(written.split()).lower()
