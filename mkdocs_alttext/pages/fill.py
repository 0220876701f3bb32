"""One page: HTML in, new HTML and one outcome for each image out.

The way of an image: scan, decide, resolve, look up, write. The plugin and the commands both call
`fill_page`, so a report and a build can never disagree.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import ImageError, PageError
from mkdocs_alttext.html.attributes import image_address, leads_to_picture
from mkdocs_alttext.html.context import PageText
from mkdocs_alttext.html.decisions import Case, LinkTarget, decide, doubt_of, link_around
from mkdocs_alttext.html.edits import Edit, apply_edits, remove_attribute, set_attribute
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE, OPT_OUT_ATTRIBUTE
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.pages.lookup import PictureLookup, emptied, missing
from mkdocs_alttext.pages.records import FilledPage, Page, Site
from mkdocs_alttext.pages.remarks import Shown, remarks_on
from mkdocs_alttext.system.printable import plain

if TYPE_CHECKING:
    from mkdocs_alttext.html.scanner import Element, ImageTag

_LACKING = (Decision.ASK_SERVICE, Decision.LINK_TITLE)
_LEFT = (Reason.CONTROL, Reason.EXCLUDED)
"""Why an image that lacks text is left as it was, beside what is missing."""

PROVENANCE_ATTRIBUTE = "data-alt-source"


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
        images = [_Image(tag, page, site, text) for tag in text.images]
    except PageError as error:
        # One outcome for the whole page: which of its tags are images, nobody knows.
        known = Outcome(page.path, page.source, "", Decision.SKIP, Result.KEPT)
        outcome = missing(known, Decision.UNAVAILABLE, error)
        left = () if page.opted_out else (outcome,)
        unmarked = site.mark.remove(html)
        return FilledPage(unmarked, left, is_settled=True, starts=(0,) * len(left))
    # Every picture of the page is asked for before any answer is waited for.
    outcomes = [image.outcome(wait=False) for image in images]
    if wait:
        outcomes = [
            image.outcome(wait=True) if outcome is None else outcome
            for image, outcome in zip(images, outcomes, strict=True)
        ]
    return _written(text, list(zip(images, outcomes, strict=True)), site)


def _written(
    text: PageText, results: list[tuple[_Image, Outcome | None]], site: Site
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


def _empty_redundant(decided: list[tuple[_Image, Outcome]]) -> None:
    """Empty what stays without text in a link that another image names by the text it got.

    Another pass over what was written would find a link with a text (row 8 of docs/decisions.md).
    """
    named = {image.link for image, outcome in decided if outcome.alt} - {None}
    for place, (image, outcome) in enumerate(decided):
        is_left = outcome.result is Result.MISSING or outcome.reason in _LEFT
        if is_left and image.link in named:
            decided[place] = (image, emptied(image.known, Decision.REDUNDANT_IN_LINK))


class _Image(NamedTuple):
    """One image on its way down the decision table."""

    tag: ImageTag
    page: Page
    site: Site
    text: PageText

    @property
    def link(self) -> Element | None:
        """The link around it, when it is in one."""
        return link_around(self.tag, self.text)

    @property
    def known(self) -> Outcome:
        """What is known of it before anything is decided."""
        page, attributes = self.page, self.tag.attributes
        return Outcome(
            page.path,
            page.source,
            image_address(attributes),
            Decision.SKIP,
            Result.KEPT,
            written=attributes.values.get("alt"),
            is_markdown=self.site.mark.is_on(attributes),
        )

    def outcome(self, *, wait: bool) -> Outcome | None:
        """Return what becomes of the image, or `None` while that is not known."""
        known = self.known
        if self.page.opted_out:
            return known
        target_of = partial(self._target_of, now=wait)
        verdict = decide(Case(self.tag, self.text, self.site.policy, known.is_markdown, target_of))
        lacks_text = verdict.decision in _LACKING
        waits = verdict.needs_whole_page or (
            lacks_text and not self.page.is_whole and self.site.filter.is_replaced(known.src)
        )
        if waits or (verdict.needs_titles and not wait):
            return None
        if verdict.text:
            return known._replace(
                decision=Decision.LINK_TITLE,
                result=Result.FILLED,
                alt=verdict.text,
                origin=Origin.LINK_TITLE,
            )
        if verdict.empties:
            return emptied(known, verdict.decision, verdict.reason)
        if not lacks_text:
            return known._replace(decision=verdict.decision, reason=verdict.reason)
        outcome = self._looked_up(wait=wait)
        return outcome and outcome._replace(reason=outcome.reason or verdict.reason)

    def _looked_up(self, *, wait: bool) -> Outcome | None:
        """Look for a text of the picture that the image shows."""
        classes = self.site.policy.skip_classes
        known = self.known._replace(doubt=doubt_of(self.tag, self.text, classes))
        try:
            path = self.site.resolver.resolve(known.src, self.page.path)
            known = known._replace(file=path)
            if not self.site.filter.includes(path):
                return known._replace(reason=Reason.EXCLUDED)
            facts = self.site.images.facts(path)
        except ImageError as error:
            if error.reason in {Reason.MISSING_FILE, Reason.OUTSIDE_SITE} and known.file is None:
                source = self.page.source if known.is_markdown else None
                hint = self.site.resolver.hint(known.src, self.page.path, source)
                error = ImageError(error.reason, hint or error.detail)
            return missing(known, Decision.UNAVAILABLE, error)
        known = known._replace(sha256=facts.sha256)
        return PictureLookup(path, facts, known, self.page, self.text.html, self.site).outcome(
            wait=wait
        )

    def edits(self, outcome: Outcome) -> list[Edit]:
        """Return the changes that an outcome makes to the tag."""
        attributes = self.tag.attributes
        edits: list[Edit] = []
        if self.page.opted_out:
            return edits
        if outcome.alt is not None and not (outcome.alt == "" == attributes.get("alt", " ")):
            edits += set_attribute(self.tag, "alt", outcome.alt)
            if self.site.rules.shows_provenance and outcome.is_generated:
                edits += set_attribute(self.tag, PROVENANCE_ATTRIBUTE, "ai")
        edits += remove_attribute(self.text.html, self.tag, MARK_ATTRIBUTE)
        # An article's images are met again on the whole page, and the author's word holds there.
        if outcome.decision is Decision.SKIP and self.page.is_whole:
            edits += remove_attribute(self.text.html, self.tag, OPT_OUT_ATTRIBUTE)
        return edits

    def _target_of(self, address: str, *, now: bool) -> LinkTarget:
        """Return where a link leads.

        Args:
            address: As the page writes it.
            now: Whether a page's title is needed now, though the page may not be rendered.
        """
        path = self.site.resolver.follow(address, self.page.path)
        if path is not None and self.site.pages.is_page(path):
            title = self.site.pages.title(path, now=now)
            return LinkTarget(is_page=True, title=title and plain(title))
        return LinkTarget(is_picture=leads_to_picture(path or address))
