"""Which texts of a page were filled in before, told by what would be filled in now.

Nothing in a page says who wrote its texts. One that is, word for word, what the catalog or the
cache has for its very picture in the language of its place was filled in, or was copied from there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mkdocs_alttext.catalog.entries import Catalog
from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.html.edits import Edit, apply_edits
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Failure, Reason
from mkdocs_alttext.pages.fill import fill_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult
    from mkdocs_alttext.html.scanner import ImageTag
    from mkdocs_alttext.pages.records import Captions, Page, Site

_IN_LINE = re.compile(r"[^\n]")


class KnownCaptions:
    """Answers from the cache, and finds out nothing about what it lacks."""

    def __init__(self, captions: Captions, refusal: Failure) -> None:
        """Take what knows the cache, and the answer where that has none."""
        self._captions = captions
        self._refusal = refusal
        self.look_up = captions.look_up
        self.wait_for = captions.wait_for

    def ask(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Ask with a refusal, so that nobody else is asked."""
        return self._captions.ask(request._replace(refusal=self._refusal))


def filled_before(text: str, page: Page, site: Site) -> dict[int, ImageTag]:
    """Find the images of a page that have texts of ours.

    Args:
        text: The page's source.
        page: What is to be known of it.
        site: The parts that fill it; nobody is asked.

    Returns:
        By where its tag begins, each image whose text would be written if no image of the page had
        one, by the catalog or, where a person corrected it there since, by the cache alone.
    """
    try:
        tags = {tag.start: tag for tag in scan(text, is_whole=True) if tag.attributes.get("alt")}
    except PageError:
        return {}  # filling it says so
    blank = without_texts(text, tags.values())
    site = site._replace(captions=KnownCaptions(site.captions, Failure(Reason.NOT_ASKED)))
    found: dict[int, ImageTag] = {}
    catalogs = [site.catalog, Catalog({})] if site.catalog.entries else [site.catalog]
    for catalog in catalogs if tags else ():
        filled = fill_page(blank, page, site._replace(catalog=catalog), wait=True)
        for start, outcome in zip(filled.starts, filled.outcomes, strict=True):
            if start in tags and outcome.alt == tags[start].attributes.get("alt"):
                found[start] = tags[start]
    return found


def without_texts(text: str, tags: Iterable[ImageTag]) -> str:
    """Return a source with white space in place of the texts of some images.

    Args:
        text: The source.
        tags: The images' tags; all else keeps its place.
    """
    spans = [(each.start, each.end) for tag in tags for each in tag.spans if each.name == "alt"]
    return apply_edits(
        text, [Edit(start, end, _IN_LINE.sub(" ", text[start:end])) for start, end in spans]
    )
