"""One page: HTML in, new HTML and one outcome for each image out.

Owns what the images of a page have to do with each other; the way of one is in `pages.image`. The
plugin and the commands both call `fill_page`, so a report and a build can never disagree.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.html.attributes import colour_scheme, language_of
from mkdocs_alttext.html.decisions import leading_link
from mkdocs_alttext.html.edits import Edit, apply_edits
from mkdocs_alttext.html.page_text import PageText, is_next, spoken
from mkdocs_alttext.models import Decision, Outcome, Reason, Result
from mkdocs_alttext.pages.image import PageImage
from mkdocs_alttext.pages.lookup import emptied, missing
from mkdocs_alttext.pages.records import FilledPage, Page, Site
from mkdocs_alttext.pages.remarks import Shown, remarks_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_alttext.html.scanner import Element, ImageTag

_LEFT = (Reason.CONTROL, Reason.EXCLUDED)
"""Why an image that lacks text is left as it was, beside what is missing."""


def fill_page(html: str, page: Page, site: Site, *, wait: bool) -> FilledPage:
    """Fill the missing alt text of one page or article.

    Args:
        html: The source.
        page: What is to be known of it.
        site: The parts of this build.
        wait: Whether to wait for answers that are under way. Without it, images that wait keep
            their mark, so that a later pass finds them.

    Returns:
        The source with alt text spliced in, and what became of each image.
    """
    text = PageText(html, is_whole=page.is_whole, replaces_file_names=site.policy.replace_filenames)
    try:
        images = [PageImage(tag, _around(tag, page, text), site, text) for tag in text.images]
    except PageError as error:
        # One outcome for the whole page: which of its tags are images, nobody knows.
        known = Outcome(page.path, page.source, "", Decision.SKIP, Result.KEPT)
        outcome = missing(known, Decision.UNAVAILABLE, error)
        left = () if page.opted_out else (outcome,)
        unmarked = site.mark.remove(html)
        return FilledPage(unmarked, left, is_settled=True, starts=(0,) * len(left))
    leaders = _followers(text.images, text, lambda place: images[place].rank)
    outcomes: list[Outcome | None] = [None] * len(images)
    # Every picture of the page is asked for before any answer is waited for.
    for is_second in (False, True):
        # What the page's images lack is looked up in one go before the second pass.
        if is_second and not (site.captions.look_up() or wait):
            break
        for place in sorted(range(len(images)), key=leaders.__contains__):
            if outcomes[place] is None:
                leader = leaders.get(place)
                outcomes[place] = images[place].outcome(
                    wait=is_second and wait,
                    shared=None if leader is None else (images[leader], outcomes[leader]),
                )
    for place, leader in leaders.items():
        outcomes[leader] = images[leader].completed(
            outcomes[leader], images[place], outcomes[place]
        )
    return _written(text, list(zip(images, outcomes, strict=True)), site)


def _around(tag: ImageTag, page: Page, text: PageText) -> Page:
    """Return what is known of the page, in the language in which an image stands."""
    own = language_around(tag, text) if page.reads_lang else ""
    return page._replace(language=own) if own else page


def language_around(tag: ImageTag, text: PageText) -> str:
    """Return the language that an image or the nearest element around it says, or nothing."""
    outer = text.nearest_with(tag, language_of)
    return language_of(tag.attributes) or (language_of(outer.attributes) if outer else "")


def _written(
    text: PageText, results: list[tuple[PageImage, Outcome | None]], site: Site
) -> FilledPage:
    """Write what became of the images of one page."""
    # The images of one link are filled together: the text of one would name the link, and decide
    # over the others by the order in which answers come.
    open_links = {image.link for image, outcome in results if outcome is None} - {None}
    decided = [
        (image, outcome)
        for image, outcome in results
        if outcome is not None and not (open_links and image.link in open_links)
    ]
    _empty_redundant(decided)
    remarks = remarks_on([Shown(image.tag, outcome) for image, outcome in decided], text)
    decided = [
        (image, outcome._replace(reason=outcome.reason or remark))
        for (image, outcome), remark in zip(decided, remarks, strict=True)
    ]
    _name_links(decided, text)
    edits: list[Edit] = []
    for image, outcome in decided:
        edits += image.edits(outcome)
    filled = apply_edits(text.html, edits)
    is_settled = len(decided) == len(results)
    # What waits for the whole page is still to be told from an author's `alt=""` then.
    if is_settled:
        filled = site.mark.remove(filled)
    outcomes = tuple(outcome for _, outcome in decided)
    return FilledPage(filled, outcomes, is_settled, tuple(image.tag.start for image, _ in decided))


def _empty_redundant(decided: list[tuple[PageImage, Outcome]]) -> None:
    """Empty what stays without text in a link that another image names by the text it got.

    Another pass over what was written would find a link with a text (row 8 of docs/decisions.md).
    """
    named = {
        (image.link, image.colours) for image, outcome in decided if outcome.alt and image.link
    }
    for place, (image, outcome) in enumerate(decided):
        is_left = outcome.result is Result.MISSING or outcome.reason in _LEFT
        # What is shown in other colours names no link where this image is shown.
        with_it = {"", image.colours} if image.colours else {"", "light", "dark"}
        is_left = is_left and not outcome.alt
        if is_left and any((image.link, colours) in named for colours in with_it):
            decided[place] = (image, emptied(image.known, Decision.REDUNDANT_IN_LINK))


def _name_links(decided: list[tuple[PageImage, Outcome]], page: PageText) -> None:
    """Remark on links of one name that lead to several places, where there is no other reason.

    Of such links, images are all that is heard. What shows a picture larger is called as the
    picture is.
    """
    texts = [Shown(image.tag, outcome).text for image, outcome in decided]
    said: dict[Element, list[str]] = defaultdict(list)
    for (image, _), text in zip(decided, texts, strict=True):
        if image.link and text and spoken(text) not in said[image.link]:
            said[image.link].append(spoken(text))
    names: dict[Element | None, str] = {}
    targets: dict[str, set[str]] = defaultdict(set)
    for link, words in said.items():
        target = decided[0][0].link_target(link.attributes.get("href").strip())
        if target is not None and page.holds_only_images(link):
            names[link] = " ".join(words)
            targets[names[link]].add(target)
    for place, (image, outcome) in enumerate(decided):
        if texts[place] and image.link in names and len(targets[names[image.link]]) > 1:
            reason = outcome.reason or Reason.SAME_LINK_NAME
            decided[place] = (image, outcome._replace(reason=reason))


def _followers(
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
