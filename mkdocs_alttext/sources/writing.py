"""Writing texts into a Markdown source, and the proof that nothing else of the page changes.

A text can be spelt in several ways, from the one that people like to read to the one that every
extension leaves alone. Python-Markdown is the judge: each image of the source gets a text that
nothing else has, and the image of the rendered page that shows this text is that image.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import PageError, RenderingError
from mkdocs_alttext.html.edits import (
    Edit,
    apply_edits,
    insert_quoted,
    quote_attribute,
    remove_attribute,
    set_attribute,
)
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.sources.images import SourceImage, find_images

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mkdocs_alttext.html.scanner import ImageTag

_BACKSLASHED = re.compile(r"[\\\[\]`]")
_BACKSLASHED_TOO = re.compile(r"[\\\[\]`|$\"]")
_TEMPLATE = re.compile(r"\{(?=[{%#])|(?<=[}%#])\}")
DECORATIVE_CLASS = "decorative"
"""By which an author marks an image as decoration, where `attr_list` is on."""
DECORATIVE = "\x00"
"""Stands for that mark in place of a text. No text has this character."""
_REFERENCED = re.compile(r"[^\w ,]|_")


def spellings(image: SourceImage, text: str) -> list[list[Edit]]:
    """Return the ways to write a text as an image's.

    Args:
        image: The image.
        text: The text, as a reader is to hear it; `DECORATIVE` for an image of Markdown's.

    Returns:
        The edits for each way, the most readable first. The last has a numeric character reference
        for everything but letters, digits, spaces and commas.
    """
    if text == DECORATIVE:
        at, is_list = image.mark_at
        mark = f" .{DECORATIVE_CLASS}" if is_list else f"{{ .{DECORATIVE_CLASS} }}"
        return [[Edit(at, at, mark)]]
    numeric = _REFERENCED.sub(_reference, text)
    if image.tag:
        written = (quote_attribute(text), f'"{numeric}"')
        return [insert_quoted(image.tag, "alt", each) for each in written]
    if image.is_quoted:
        ways = [f'"{numeric}"']
    else:
        readable = _plain(text)
        ways = [_BACKSLASHED.sub(r"\\\g<0>", readable), _BACKSLASHED_TOO.sub(r"\\\g<0>", readable)]
        ways = list(dict.fromkeys([*ways, numeric]))
    return [[Edit(image.start, image.end, f"{way}{image.ending}")] for way in ways]


def _plain(text: str) -> str:
    """Replace what is markup or a template wherever it stands."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("<", "&lt;")
    return _TEMPLATE.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


_PREFORMATTED = re.compile(
    r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)\s*>)", re.DOTALL | re.IGNORECASE
)
_TEXT = re.compile(r">[^<]*")
_PROBE = "altprobe{}x"

NOT_WRITTEN_HERE = "an included file, a macro or a plugin writes it, not this file"
SHOWN_TWICE = "it is shown in several places that are to have different texts"
CHANGES_MORE = "writing it would change more of the page than its alt text"
CHANGES_TITLE = (
    "the page's title would change, as its heading shows the image: give the page a `title` in its "
    "front matter"
)
SHOWN_AS_TEXT = (
    "a plugin or hook would show it to everybody, as captions do; the catalog goes on filling it"
)
NOT_COMPARABLE = "the page cannot be compared: it comes out otherwise each time, or with any text"


class Rendering(NamedTuple):
    """What a source is rendered to."""

    html: str
    """The article as Markdown gives it."""
    title: str = ""
    """The page's title, which other pages show, too."""
    shown: str = ""
    """The article as plugins make it, with all texts."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A source after texts were written into it."""

    text: str
    """The new source; the old one where nothing could be written."""
    lines: Mapping[int, int]
    """Where texts were written: the source's lines, by the number of the image on the page."""
    refused: Mapping[int, str]
    """Why a text was not written, by the number of the image on the page."""


def write_texts(
    source: str,
    texts: Mapping[int, str],
    before: Rendering,
    render: Callable[[str], Rendering],
) -> Writing:
    """Write texts into a source.

    Args:
        source: All of the file.
        texts: What to write, by the number of the image on the rendered page, from 0; `DECORATIVE`
            for what is to be marked as decoration.
        before: The rendered page.
        render: Renders a source, or raises `RenderingError`; `render(source)` has given `before`.

    Returns:
        A source that renders to the same page but for those texts.
    """
    if not texts:
        return Writing(source, {}, {})
    if "\t" in source:
        before, render = _with_single_spaces(before), _loosely(render)
    images = find_images(source)
    try:
        page = _Page(before)
        shown = _shown(source, images, before.html, render)
    except (RenderingError, PageError):
        shown = None
    if shown is None:
        return Writing(source, {}, dict.fromkeys(texts, NOT_COMPARABLE))
    ways: dict[int, list[list[Edit]]] = {}
    for image in {*shown.values()}:
        asked = {texts.get(number) for number, its in shown.items() if its == image}
        text = asked.pop()
        if text is not None and not asked:  # else its places are to have different texts
            ways[image] = spellings(images[image], text)
    trial = _Trial(source, ways, shown, texts, page, render)
    edits = trial.edits()
    lines = {}
    refused = dict.fromkeys(texts.keys() - shown.keys(), NOT_WRITTEN_HERE)
    for number in texts.keys() & shown.keys():
        image = shown[number]
        if image in edits:
            lines[number] = images[image].line
        else:
            refused[number] = trial.why_not(image) if image in ways else SHOWN_TWICE
    return Writing(_edited(source, edits), lines, refused)


def _shown(
    source: str, images: Sequence[SourceImage], html: str, render: Callable[[str], Rendering]
) -> dict[int, int] | None:
    """Return which image of the source each image of the page is; `None` when that is not clear."""
    probes = {_PROBE.format(number): number for number in range(len(images))}
    edits = {number: spellings(images[number], probe)[0] for probe, number in probes.items()}
    probed = scan(render(_edited(source, edits)).html)
    if [each.attributes.get("src") for each in probed] != [
        each.attributes.get("src") for each in scan(html)
    ]:
        return None
    texts = [tag.attributes.get("alt") for tag in probed]
    return {place: probes[text] for place, text in enumerate(texts) if text in probes}


def _loosely(render: Callable[[str], Rendering]) -> Callable[[str], Rendering]:
    return lambda source: _with_single_spaces(render(source))


def _with_single_spaces(rendering: Rendering) -> Rendering:
    """Return a page with one space for several, where browsers show one.

    Python-Markdown makes spaces of a tab, as many as its column in the line asks for.
    """
    return rendering._replace(
        html=_single_spaced(rendering.html), shown=_single_spaced(rendering.shown)
    )


def _single_spaced(html: str) -> str:
    parts = _PREFORMATTED.split(html)
    parts[::2] = [_TEXT.sub(lambda text: re.sub(" +", " ", text[0]), part) for part in parts[::2]]
    return "".join(parts)


def _edited(source: str, edits: Mapping[int, list[Edit]]) -> str:
    return apply_edits(source, [edit for each in edits.values() for edit in each])


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries spellings until the page is what it should be."""

    source: str
    ways: Mapping[int, list[list[Edit]]]
    """How each image of the source can be written, the best way first."""
    shown: Mapping[int, int]
    """Which image of the source each image of the page is."""
    texts: Mapping[int, str]
    """What images of the page are to say."""
    before: _Page
    render: Callable[[str], Rendering]

    def edits(self) -> dict[int, list[Edit]]:
        """Return edits, by image of the source, that together change nothing but their texts."""
        chosen = self._choose([*self.ways])
        if chosen is None:  # some change more: those that do not are found alone
            chosen = {}
            for image in self.ways:
                chosen |= self._choose([image]) or {}
            if self._wrong(chosen) != set():
                chosen = {}
        return {image: self.ways[image][way] for image, way in chosen.items()}

    def why_not(self, image: int) -> str:
        """Return why an image of the source has no edits."""
        for way in range(len(self.ways[image])):
            page = self._page({image: way})
            if page and page.rest == self.before.rest:
                if page.title != self.before.title:
                    return CHANGES_TITLE
                if page.shown != self.before.shown:
                    again = self._page({})
                    is_same = again and again.shown == self.before.shown
                    return SHOWN_AS_TEXT if is_same else NOT_COMPARABLE
        return CHANGES_MORE

    def _choose(self, images: Sequence[int]) -> dict[int, int] | None:
        """Return the first way to write each text with which it comes out.

        Args:
            images: Of the source, all of which are written at once.

        Returns:
            The number of the way by image, without those that come out in none; `None` when several
            images change more than their texts.
        """
        chosen = dict.fromkeys(images, 0)
        while chosen:
            wrong = self._wrong(chosen)
            if wrong is None and len(images) > 1:
                return None
            if wrong == set():
                break
            for image in [*chosen] if wrong is None else wrong:
                chosen[image] += 1
                if chosen[image] == len(self.ways[image]):
                    del chosen[image]
        return chosen

    def _wrong(self, chosen: Mapping[int, int]) -> set[int] | None:
        """Return the images whose text does not come out; `None` when anything else changes."""
        after = self._page(chosen)
        if after is None or (after.title, after.rest) != (self.before.title, self.before.rest):
            return None
        meant = [
            self.texts[number] if self.shown.get(number) in chosen else text
            for number, text in enumerate(self.before.texts)
        ]
        differing = [number for number, text in enumerate(after.texts) if text != meant[number]]
        if not differing:
            return set() if after.shown == self.before.shown else None
        return {
            self.shown[number] for number in differing if self.shown.get(number) in chosen
        } or None

    def _page(self, chosen: Mapping[int, int]) -> _Page | None:
        """Return the page with these spellings; `None` where it cannot be rendered."""
        edits = {image: self.ways[image][way] for image, way in chosen.items()}
        try:
            return _Page(self.render(_edited(self.source, edits)))
        except (RenderingError, PageError):
            return None


class _Page:
    """A rendered page, cut into alt texts and everything else."""

    def __init__(self, rendering: Rendering) -> None:
        self.title = rendering.title
        tags = scan(rendering.html)
        self.texts = [_heard(tag) for tag in tags]
        self.rest = _without_texts(rendering.html, tags)
        self.shown = _without_texts(rendering.shown, scan(rendering.shown))


def _without_texts(html: str, tags: Sequence[ImageTag]) -> str:
    names = ("alt", MARK_ATTRIBUTE)
    edits = [edit for tag in tags for name in names for edit in remove_attribute(html, tag, name)]
    return apply_edits(html, edits + [edit for tag in tags for edit in _without_mark(html, tag)])


def _heard(tag: ImageTag) -> str | None:
    """Return the value of `alt`, or `DECORATIVE` for an image that is marked so."""
    is_marked = DECORATIVE_CLASS in tag.attributes.get("class").split()
    alt = tag.attributes.values.get("alt")
    return DECORATIVE if is_marked and not alt else alt


def _without_mark(html: str, tag: ImageTag) -> list[Edit]:
    """Return the edits that take the class for decoration out of a tag."""
    classes = tag.attributes.get("class").split()
    if DECORATIVE_CLASS not in classes:
        return []
    left = [each for each in classes if each != DECORATIVE_CLASS]
    if not left:
        return remove_attribute(html, tag, "class")
    return set_attribute(tag, "class", " ".join(left))
