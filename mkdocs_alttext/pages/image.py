"""One image of a page: its way down the decision table, and what that changes of its tag.

Decide, resolve, look up, write. `pages.fill` knows the other images of the page.
"""

from __future__ import annotations

import math
import posixpath
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from mkdocs_alttext.captioning.request import ContextSource
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.html.attributes import (
    colour_scheme,
    file_name_in,
    has_text,
    image_address,
    leads_to_picture,
)
from mkdocs_alttext.html.decisions import (
    Case,
    EmptyAlt,
    LinkTarget,
    decide,
    doubt_of,
    link_around,
)
from mkdocs_alttext.html.edits import (
    Edit,
    insert_quoted,
    quote_attribute,
    remove_attribute,
    set_attribute,
)
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE, OPT_OUT_ATTRIBUTE
from mkdocs_alttext.html.page_text import PageText, spoken, texts_beside
from mkdocs_alttext.html.surroundings import surroundings
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.pages.lookup import (
    PictureLookup,
    emptied,
    missing,
    shared_text,
    taken_over,
)
from mkdocs_alttext.pages.overlay import REVIEW_ATTRIBUTE, review_state
from mkdocs_alttext.pages.records import NAMELESS_LINK, Page, Site
from mkdocs_alttext.system.printable import plain

if TYPE_CHECKING:
    from mkdocs_alttext.html.decisions import Verdict
    from mkdocs_alttext.html.scanner import Element, ImageTag
    from mkdocs_alttext.models import Context

_LACKING = (Decision.ASK_SERVICE, Decision.LINK_TITLE)
_ICON_SIDE = 32
"""Pixels of the longest side, as it is shown."""

PROVENANCE_ATTRIBUTE = "data-alt-source"


class PageImage(NamedTuple):
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
    def colours(self) -> str:
        """The only colours in which it is shown, or nothing."""
        return colour_scheme(self.tag.attributes)

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

    def outcome(
        self, *, wait: bool, shared: tuple[PageImage, Outcome | None] | None = None
    ) -> Outcome | None:
        """Return what becomes of the image, or `None` while that is not known.

        Args:
            wait: Whether to wait for an answer that is under way.
            shared: The same picture in other colours, and what became of it.
        """
        known = self.known
        if self.page.opted_out:
            return known
        target_of = partial(self._target_of, now=wait)
        verdict = decide(Case(self.tag, self.text, self.site.policy, known.is_markdown, target_of))
        lacks_text = verdict.decision in _LACKING
        waits = verdict.needs_whole_page or (
            lacks_text and not self.page.is_whole and self.site.filter.is_replaced(known.src)
        )
        # The same picture in other colours may get the text of both yet.
        waits = waits or bool(lacks_text and not verdict.text and shared and shared[1] is None)
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
            known = known._replace(detail=verdict.detail)
            return emptied(known, verdict.decision, verdict.reason)
        is_control = verdict.decision is Decision.CONTROL
        if not (lacks_text or is_control):
            unexplained = Reason.EMPTY_ALT_UNEXPLAINED if self._is_unexplained(verdict) else None
            return known._replace(
                decision=verdict.decision,
                reason=verdict.reason or unexplained,
                detail=verdict.detail,
                counts_if_empty=self._counts_if_empty(verdict),
            )
        text = shared and shared[1] and shared_text(shared[1], shared[0].tag)
        outcome = self._looked_up(text, wait=wait, needs_function=is_control)
        if is_control and outcome and not outcome.alt:
            outcome = known._replace(decision=verdict.decision)
        elif outcome and outcome.result is Result.MISSING and self._leaves_link_nameless():
            detail = ", ".join(filter(None, (outcome.detail, NAMELESS_LINK)))
            outcome = outcome._replace(detail=detail)
        return outcome and outcome._replace(reason=outcome.reason or verdict.reason)

    @property
    def rank(self) -> int:
        """How little a person said of it: a text here; one of its picture elsewhere; nothing."""
        here, elsewhere, nothing = range(3)
        if self.page.opted_out or has_text(self.tag.attributes):
            return here
        known = self.known
        with suppress(ImageError):
            path = self._resolved(known.src)
            if self.site.filter.includes(path):
                facts, html = self.site.images.facts(path), self.text.html
                lookup = PictureLookup(path, facts, known, self.page, html, self.site)
                return elsewhere if lookup.is_described() else nothing
        return nothing

    def _leaves_link_nameless(self) -> bool:
        """Tell whether its link has no name, and leads elsewhere than to the picture itself."""
        link = self.link
        if link is None or self.text.has_name(link, colours=self.colours):
            return False
        return not self._target_of(link.attributes.get("href").strip(), now=False).is_picture

    def _is_unexplained(self, verdict: Verdict) -> bool:
        """Tell whether it has an empty text that the page's source does not have.

        The mark tells `![]()` of the page's own Markdown only: what a plugin renders, or writes as
        HTML before, looks like an author's decision.
        """
        is_kept = verdict.decision is Decision.KEEP_EMPTY
        if not (is_kept and self.page.emptied and self.site.policy.empty_alt is EmptyAlt.MARKDOWN):
            return False
        emptied_names = self.page.emptied()
        name = file_name_in(image_address(self.tag.attributes))
        link = self.link
        return (
            emptied_names is not None
            and name not in emptied_names
            and not (link and self.text.has_name(link))
        )

    def _counts_if_empty(self, verdict: Verdict) -> bool:
        """Tell whether an empty text that is kept would count as missing with `empty_alt: fill`."""
        policy = self.site.policy
        if not (verdict.decision is Decision.KEEP_EMPTY and policy.empty_alt is EmptyAlt.KEEP):
            return False
        policy = policy._replace(empty_alt=EmptyAlt.FILL)
        target_of = partial(self._target_of, now=True)
        case = Case(self.tag, self.text, policy, from_markdown=False, target_of=target_of)
        if decide(case).decision not in _LACKING:
            return False
        with suppress(ImageError):
            return self.site.filter.includes(self._resolved(image_address(self.tag.attributes)))
        return False

    def _resolved(self, address: str) -> str:
        """Return the path of the file that an address of this page means; raises `ImageError`."""
        return self.site.resolver.resolve(self.page.from_base(address), self.page.path)

    def completed(
        self, outcome: Outcome | None, other: PageImage, its: Outcome | None
    ) -> Outcome | None:
        """Return what becomes of the image where the same picture in other colours has a text."""
        text = its and shared_text(its, other.tag)
        lacks_text = outcome and outcome.result is Result.MISSING and outcome.sha256
        return taken_over(outcome, text) if outcome and lacks_text and text else outcome

    def _looked_up(
        self, shared: Outcome | None, *, wait: bool, needs_function: bool
    ) -> Outcome | None:
        """Look for a text of the picture that the image shows.

        Args:
            shared: What has the text of the same picture in other colours.
            wait: Whether to wait for an answer that is under way.
            needs_function: Whether the text is to name a button.
        """
        classes = self.site.policy.skip_classes
        known = self.known._replace(doubt=doubt_of(self.tag, self.text, classes))
        try:
            path = self._resolved(known.src)
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
        lookup = PictureLookup(
            path, facts, known, self.page, self.text.html, self.site, needs_function, shared=shared
        )
        if self.site.sends_context:
            read = partial(_context_of, self.text.html, self.tag, self.page, self.site)
            lookup = lookup._replace(
                context=ContextSource(self.page.source or self.page.path, read)
            )
        # Alone in a link, it is the link's name.
        beside = set() if self.link else texts_beside(self.tag, self.text)
        is_named_so = not beside.isdisjoint(_names_of(path)) and not self.site.catalog.entry(
            path, facts.sha256
        )
        if is_named_so and self._is_small(path):
            return emptied(known, Decision.ICON)
        outcome = lookup.outcome(wait=wait)
        if outcome and outcome.alt and spoken(outcome.alt) in beside and self._is_small(path):
            return emptied(known, Decision.ICON)
        return outcome

    def _is_small(self, path: str) -> bool:
        """Tell whether both sides are those of an icon, as the tag says or the file."""
        said = [self.tag.attributes.get(name).strip() for name in ("width", "height")]
        sides = [float(each) for each in said if re.fullmatch(r"[0-9]{1,6}", each)]
        if len(sides) < len(said):
            width, height = self.site.images.extent(path) or (math.inf, math.inf)
            if sides:  # the other keeps to the picture's form
                ratio = height / width if said[0] else width / height
                sides += [sides[0] * ratio]
            else:
                sides = [width, height]
        return max(sides) <= _ICON_SIDE

    def edits(self, outcome: Outcome) -> list[Edit]:
        """Return the changes that an outcome makes to the tag."""
        attributes = self.tag.attributes
        edits: list[Edit] = []
        if self.page.opted_out:
            return edits
        if outcome.alt is not None and not (outcome.alt == "" == attributes.get("alt", " ")):
            quoted = quote_attribute(outcome.alt)
            if self.page.is_ascii:
                quoted = quoted.encode("ascii", "xmlcharrefreplace").decode()
            edits += insert_quoted(self.tag, "alt", quoted)
            if self.site.rules.shows_provenance and outcome.is_generated:
                edits += set_attribute(self.tag, PROVENANCE_ATTRIBUTE, "ai")
        if self.site.rules.marks_review and (state := review_state(outcome)):
            edits += set_attribute(self.tag, REVIEW_ATTRIBUTE, state)
        edits += remove_attribute(self.text.html, self.tag, MARK_ATTRIBUTE)
        # An article's images are met again on the whole page, and the author's word holds there.
        is_last = self.page.is_whole and not self.page.is_changed_in_place
        if outcome.decision is Decision.SKIP and is_last:
            edits += remove_attribute(self.text.html, self.tag, OPT_OUT_ATTRIBUTE)
        return edits

    def _target_of(self, address: str, *, now: bool) -> LinkTarget:
        """Return where a link leads.

        Args:
            address: As the page writes it.
            now: Whether a page's title is needed now, though the page may not be rendered.
        """
        path = self._followed(address)
        part = unquote(address.partition("#")[2])
        if address.startswith("#") and part.lower() in {"", "top"}:
            return LinkTarget()  # to where this page begins, which is nothing's name
        if path is not None and self.site.pages.is_page(path):
            pages = self.site.pages
            title = pages.heading(path, part, now=now) if part else pages.title(path, now=now)
            return LinkTarget(is_page=True, title=title and plain(title), is_part=bool(part))
        return LinkTarget(is_picture=leads_to_picture(path or address))

    def _followed(self, address: str) -> str | None:
        """Return the path of the file that a link of this page leads to, if it is of the site."""
        return self.site.resolver.follow(self.page.from_base(address), self.page.path)

    def link_target(self, address: str) -> str | None:
        """Return one form of where a link of this page leads; `None` for a picture."""
        path = self._followed(address)
        if leads_to_picture(path or address):
            return None
        return address if path is None else f"{path}#{unquote(address.partition('#')[2])}"


def _names_of(path: str) -> set[str]:
    """Return what an icon's file may be called after, as `spoken` does: `linux-logo.png`."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    words = re.split(r"[-_. ]+", spoken(stem))
    bare = [
        word for word in words if not re.fullmatch(r"icon|logo|\d{1,3}(?:x\d{1,3})?(?:px)?", word)
    ]
    return {" ".join(words), " ".join(bare)} - {""}


def _context_of(html: str, tag: ImageTag, page: Page, site: Site) -> Context:
    """Read what surrounds an image; no page is rendered for it."""

    def title_at(path: str | None) -> str | None:
        if path is None or not site.pages.is_page(path):
            return None
        return plain(site.pages.title(path, now=False) or "")

    title = title_at(page.path) or ""
    return surroundings(
        html,
        tag,
        title=title,
        target_of=lambda address: title_at(
            site.resolver.follow(page.from_base(address), page.path)
        ),
    )
