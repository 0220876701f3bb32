"""Writing texts into a source, and the proof that nothing else changes.

Owns finding out which of a source's images are those of the rendered page, and the comparison of
the page before and after. It must not know how a page is rendered, nor why an image gets a text.

Python-Markdown is the judge: each image of the source gets a text that nothing else has, and where
that text turns up on the rendered page, that image is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import PageError, RenderingError
from mkdocs_alttext.html.edits import apply_edits, remove_attribute
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.sources.images import find_images
from mkdocs_alttext.sources.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mkdocs_alttext.html.edits import Edit
    from mkdocs_alttext.sources.images import SourceImage

_PROBE = "altprobe{}x"

NOT_WRITTEN_HERE = "an included file, a macro or a plugin writes it, not this file"
SHOWN_TWICE = "it is shown in several places that are to have different texts"
CHANGES_MORE = "writing it would change more of the page than its alt text"
CHANGES_TITLE = (
    "the page's title would change, as its heading shows the image: give the page a `title` in its "
    "front matter"
)
NOT_COMPARABLE = "the page cannot be compared: it comes out otherwise each time, or with any text"


class Rendering(NamedTuple):
    """What a source is rendered to."""

    html: str
    """The article."""
    title: str = ""
    """The page's title, which other pages show, too."""


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
        texts: What to write, by the number of the image on the rendered page, from 0.
        before: The rendered page.
        render: Renders a source, or raises `RenderingError`; `render(source)` has given `before`.

    Returns:
        A source that renders to the same page but for those texts.
    """
    if not texts:
        return Writing(source, {}, {})
    images = find_images(source)
    shown = _shown(source, images, before.html, render)
    if shown is None:
        return Writing(source, {}, dict.fromkeys(texts, NOT_COMPARABLE))
    wanted: dict[int, dict[int, str]] = defaultdict(dict)
    refused: dict[int, str] = {}
    for number, text in texts.items():
        if number in shown:
            wanted[shown[number]][number] = text
        else:
            refused[number] = NOT_WRITTEN_HERE
    for image, places in [*wanted.items()]:
        everywhere = [number for number, its in shown.items() if its == image]
        if {*places} != {*everywhere} or len({*places.values()}) > 1:
            refused |= dict.fromkeys(wanted.pop(image), SHOWN_TWICE)
    trial = _Trial(source, images, wanted, before, render)
    edits = trial.edits()
    for image in wanted.keys() - edits.keys():
        refused |= dict.fromkeys(wanted[image], trial.why_not(image))
    lines = {number: images[image].line for image in edits for number in wanted[image]}
    return Writing(_edited(source, edits), lines, refused)


def _shown(
    source: str, images: Sequence[SourceImage], html: str, render: Callable[[str], Rendering]
) -> dict[int, int] | None:
    """Return which image of the source each image of the page is; `None` when that is not clear."""
    probes = {_PROBE.format(number): number for number in range(len(images))}
    edits = {number: spellings(images[number], probe)[0] for probe, number in probes.items()}
    try:
        probed = scan(render(_edited(source, edits)).html)
    except (RenderingError, PageError):
        return None
    before = scan(html)
    if [tag.attributes.get("src") for tag in probed] != [
        tag.attributes.get("src") for tag in before
    ]:
        return None
    texts = [tag.attributes.get("alt") for tag in probed]
    return {place: probes[text] for place, text in enumerate(texts) if text in probes}


def _edited(source: str, edits: Mapping[int, list[Edit]]) -> str:
    return apply_edits(source, [edit for each in edits.values() for edit in each])


class _Trial:
    """Tries spellings until the page is what it should be."""

    def __init__(
        self,
        source: str,
        images: Sequence[SourceImage],
        wanted: Mapping[int, Mapping[int, str]],
        before: Rendering,
        render: Callable[[str], Rendering],
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._render = render
        self._before = _Page(before)
        self._ways = {
            image: spellings(images[image], next(iter(texts.values())))
            for image, texts in wanted.items()
        }

    def edits(self) -> dict[int, list[Edit]]:
        """Return edits, by image of the source, that together change nothing but their texts."""
        chosen = self._together(dict.fromkeys(self._ways, 0))
        if chosen is None:
            chosen = self._one_by_one()
        return {image: self._ways[image][way] for image, way in chosen.items()}

    def why_not(self, image: int) -> str:
        """Return why an image of the source has no edits."""
        pages = (self._page({image: way}) for way in range(len(self._ways[image])))
        before = self._before
        is_title = any(
            page and page.rest == before.rest and page.title != before.title for page in pages
        )
        return CHANGES_TITLE if is_title else CHANGES_MORE

    def _together(self, chosen: dict[int, int]) -> dict[int, int] | None:
        """Try all at once; `None` when they change more than texts."""
        while chosen:
            wrong = self._wrong(chosen)
            if wrong is None:
                return None
            if not wrong:
                break
            for image in wrong:
                chosen[image] += 1
                if chosen[image] == len(self._ways[image]):
                    del chosen[image]
        return chosen

    def _one_by_one(self) -> dict[int, int]:
        chosen = {}
        for image, ways in self._ways.items():
            rights = (way for way in range(len(ways)) if self._wrong({image: way}) == set())
            way = next(rights, None)
            if way is not None:
                chosen[image] = way
        return chosen if self._wrong(chosen) == set() else {}

    def _wrong(self, chosen: Mapping[int, int]) -> set[int] | None:
        """Return the images whose text does not come out; `None` when anything else changes."""
        after = self._page(chosen)
        if after is None or (after.title, after.rest) != (self._before.title, self._before.rest):
            return None
        wrong, meant = set(), list(self._before.texts)
        for image in chosen:
            for number, text in self._wanted[image].items():
                meant[number] = text
                if after.texts[number] != text:
                    wrong.add(image)
        return wrong if wrong or after.texts == meant else None

    def _page(self, chosen: Mapping[int, int]) -> _Page | None:
        """Return the page with these spellings; `None` where it cannot be rendered."""
        edits = {image: self._ways[image][way] for image, way in chosen.items()}
        try:
            return _Page(self._render(_edited(self._source, edits)))
        except (RenderingError, PageError):
            return None


class _Page:
    """A rendered page, cut into alt texts and everything else."""

    def __init__(self, rendering: Rendering) -> None:
        self.title, html = rendering.title, rendering.html
        tags = scan(html)
        self.texts = [
            tag.attributes.get("alt") if "alt" in tag.attributes else None for tag in tags
        ]
        edits = [
            edit
            for tag in tags
            for name in ("alt", MARK_ATTRIBUTE)
            for edit in remove_attribute(html, tag, name)
        ]
        self.rest = apply_edits(html, edits)
