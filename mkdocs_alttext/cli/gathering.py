"""What the review is to show, taken from the builds of a site while their parts are open."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_alttext.cli.catalog import seen_in
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.exceptions import ImageError, PageError
from mkdocs_alttext.filling.report import same_address
from mkdocs_alttext.html.attributes import image_address
from mkdocs_alttext.html.context import PageText
from mkdocs_alttext.html.decisions import is_control, link_around
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.review.site import (
    MOST_PLACES,
    Occurrence,
    SeenPage,
    SeenPicture,
    SeenSite,
    packed,
)
from mkdocs_alttext.site.pages import page_facts, template_facts
from mkdocs_alttext.system.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.cli.building import SiteReport
    from mkdocs_alttext.site.build import Build

_WITHOUT_NEED = (Decision.ICON, Decision.SPACER)
"""What is decoration by its size and place, though its file was looked at."""
_OWN_TEXT = (Decision.KEEP_TEXT, Decision.KEEP_EMPTY)


class Gathering:
    """Takes in builds; `site` returns what they showed."""

    def __init__(self, folder: Path) -> None:
        """Begin with nothing.

        Args:
            folder: Where pictures are copied to that plugins made for the build only.
        """
        self._folder = folder
        self._pages: list[SeenPage] = []
        self._pictures: dict[str, SeenPicture] = {}
        self._elsewhere: dict[str, list[Occurrence]] = defaultdict(list)
        """Places with a text of their own, by the picture, which another place may lack one of."""
        self._excluded: set[str] = set()

    def add_build(self, build: Build, config: MkDocsConfig, site: SiteReport) -> None:
        """Take in one build that is over: translations are builds of their own."""
        locator = Locator.of(config)
        for path, outcomes in sorted(build.report.pages.items()):
            if not outcomes:
                continue
            page = build.files.page(path)
            facts = (
                page_facts(page, config, build.language, is_whole=False)
                if page
                else template_facts(path, config, build.language)
            )
            article = str(page.content or "") if page else ""
            source = site.source(path) if any(each.sha256 for each in outcomes) else None
            lines = locator.places(outcomes, source) if source else {}
            places = _places(outcomes, article)
            has_own = False
            for at, outcome in enumerate(outcomes):
                place = lines.get(at)
                is_on_page = place and place.file == source
                new = Occurrence(
                    len(self._pages),
                    outcome.decision,
                    outcome.written if outcome.decision in _OWN_TEXT else outcome.alt,
                    line=place.line if place and is_on_page else None,
                    may_be_sent=not (facts.withheld or outcome.doubt),
                )
                if at in places:
                    start, is_in_link, is_in_button = places[at]
                    new = new._replace(
                        start=start, is_in_link=is_in_link, is_in_button=is_in_button
                    )
                code = build.site.service.language_code(facts.language)
                has_own |= self._add(outcome, new, build, site, (facts.language, code))
            title = build.files.title(path, now=False) or "" if page else ""
            self._pages.append(
                SeenPage(
                    facts.source or path,
                    title,
                    facts.language,
                    build.site.service.language_code(facts.language),
                    packed(article) if has_own else b"",
                )
            )

    def _add(
        self,
        outcome: Outcome,
        new: Occurrence,
        build: Build,
        site: SiteReport,
        language: tuple[str, str | None],
    ) -> bool:
        """Note one image; return whether its place may be shown."""
        if outcome.reason is Reason.EXCLUDED and outcome.file:
            self._excluded.add(outcome.file)
            return False
        if outcome.sha256 is None or outcome.file is None or outcome.decision in _WITHOUT_NEED:
            with suppress(ImageError):
                path = outcome.file or build.site.resolver.resolve(outcome.src, outcome.page)
                self._elsewhere[path].append(new)
                return True
            return False
        picture = self._pictures.get(outcome.file)
        if picture is None:
            file = self._file(outcome.file, outcome.sha256, build, site)
            picture = SeenPicture(outcome.file, outcome.sha256, file)
            self._pictures[outcome.file] = picture
        _note(picture, new)
        picture.languages.setdefault(*language)
        if outcome.origin is Origin.SVG_TITLE:
            picture.own_name = outcome.alt or ""
        if outcome.model:
            picture.models[outcome.language or ""] = outcome.model
        if outcome.result is Result.MISSING and outcome.reason:
            # That this very build may not ask is no news.
            is_news = outcome.reason is not Reason.NOT_ASKED or not new.may_be_sent
            picture.reasons[language[0]] = outcome.reason, outcome.detail if is_news else ""
        return True

    def _file(self, path: str, sha256: str, build: Build, site: SiteReport) -> Path:
        """Return where a picture's bytes will be when the build's temporary files are gone."""
        place = build.files.source(path)
        if place and site.is_by_author(place):
            return Path(place)
        copy = self._folder / sha256
        with suppress(OSError, ImageError):
            replace_file(copy, build.files.read(path))
        return copy

    def site(self, site: SiteReport) -> SeenSite:
        """Return what all builds showed."""
        for path, occurrences in self._elsewhere.items():
            if picture := self._pictures.get(path):
                for each in occurrences:
                    _note(picture, each)
        options = site.options
        return SeenSite(
            str(site.config.site_name),
            self._pages,
            self._pictures,
            seen_in(site.outcomes, adds_all=True),
            [each.path for each in site.unknown],
            sorted(self._excluded - self._pictures.keys()),
            options.service,
            options.max_length,
            Path(options.catalog),
            site.root,
        )


def _note(picture: SeenPicture, new: Occurrence) -> None:
    picture.count += 1
    picture.pages.add(new.page)
    if len(picture.occurrences) < MOST_PLACES:
        picture.occurrences.append(new)


def _places(outcomes: Sequence[Outcome], article: str) -> dict[int, tuple[int, bool, bool]]:
    """Find the images of a page in its article.

    Args:
        outcomes: All outcomes of the page, in its order.
        article: As it is now: other plugins may have changed it.

    Returns:
        By their place in `outcomes`, where the tag begins, and whether it is in a link or a button.
    """
    text = PageText(article, is_whole=False)
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for at, outcome in enumerate(outcomes):
        if not outcome.is_around:
            waiting[same_address(outcome.src)].append(at)
    found = {}
    with suppress(PageError):
        for tag in text.images:
            if same := waiting[same_address(image_address(tag.attributes))]:
                is_in_link = link_around(tag, text) is not None
                is_in_button = text.nearest(tag, is_control) is not None
                found[same.popleft()] = tag.start, is_in_link, is_in_button
    return found
