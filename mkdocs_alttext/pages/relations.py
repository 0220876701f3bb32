"""What the images of a page are to each other: one picture in two colours, links of one name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.html.attributes import colour_scheme
from mkdocs_alttext.html.context import is_next, spoken
from mkdocs_alttext.html.decisions import leading_link
from mkdocs_alttext.models import Decision, Origin, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_alttext.html.context import PageText
    from mkdocs_alttext.html.scanner import Element, ImageTag


def followers(
    tags: Sequence[ImageTag], page: PageText, rank: Callable[[int], int]
) -> dict[int, int]:
    """Find pairs of images that show one picture in light and in dark colours.

    A reader meets one of the two, so both are to say the same, and one text is paid for. Among
    images with no words between them, the first light one belongs to the first dark one, and so on;
    where there is another number of either, nothing tells which belong together.

    Args:
        tags: The page's images.
        page: Where they stand.
        rank: Returns how little a person said of the image at a place.

    Returns:
        By the place of an image, that of the one whose text it is to have: of which more is said,
        or which comes first.
    """
    pairs: dict[int, int] = {}
    runs: list[list[int]] = []
    for place, tag in enumerate(tags):
        if not colour_scheme(tag.attributes):
            continue
        last = runs[-1][-1] if runs else -2
        is_run = (
            last == place - 1
            and is_next(tags[last], tag, page.html)
            and leading_link(tags[last], page) is leading_link(tag, page)
        )
        if is_run:
            runs[-1].append(place)
        else:
            runs.append([place])
    for run in runs:
        light, dark = (
            [place for place in run if colour_scheme(tags[place].attributes) == colours]
            for colours in ("light", "dark")
        )
        for pair in zip(light, dark, strict=True) if len(light) == len(dark) else ():
            first, second = sorted(pair, key=lambda place: (rank(place), place))
            pairs[second] = first
    return pairs


def shared_text(outcome: Outcome, tag: ImageTag) -> Outcome | None:
    """Return what another image takes over of what became of one, if that has a text.

    Args:
        outcome: What became of it.
        tag: Its tag.
    """
    if outcome.result is Result.FILLED and outcome.alt:
        return outcome
    if outcome.decision is not Decision.KEEP_TEXT or outcome.reason:
        return None
    return outcome._replace(
        decision=Decision.USE_STORED,
        result=Result.FILLED,
        origin=Origin.AUTHOR,
        alt=tag.attributes.get("alt"),
    )


def links_of_one_name(
    links: Sequence[Element | None],
    texts: Sequence[str],
    page: PageText,
    target_of: Callable[[str], str | None],
) -> set[int]:
    """Find links of which images are all that is heard, with one name and several targets.

    Args:
        links: By image, the link that it stands in, if it does.
        texts: By image, what it says.
        page: Where they stand.
        target_of: Returns where an address leads, but nothing for a picture: what shows it larger
            is called as the picture is.

    Returns:
        The places of the images in such links.
    """
    said: dict[Element, list[str]] = defaultdict(list)
    for link, text in zip(links, texts, strict=True):
        if link is not None and text and spoken(text) not in said[link]:
            said[link].append(spoken(text))
    targets: dict[str, set[str]] = defaultdict(set)
    names: dict[Element, str] = {}
    for link, words in said.items():
        target = target_of(link.attributes.get("href").strip())
        if words and target is not None and page.holds_only_images(link):
            names[link] = " ".join(words)
            targets[names[link]].add(target)
    unclear = {name for name, found in targets.items() if len(found) > 1}
    return {
        place
        for place, link in enumerate(links)
        if link is not None and texts[place] and names.get(link) in unclear
    }
