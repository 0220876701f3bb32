"""What the review is to show, taken from a site while what looked at it is there."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.cli.catalog import picture_texts
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.exceptions import ImageError, PageError
from mkdocs_alttext.filling.report import same_address
from mkdocs_alttext.folder.files import MOST_PAGE_BYTES
from mkdocs_alttext.folder.run import FALLBACK_LANGUAGE, FolderRun
from mkdocs_alttext.html.attributes import has_text, image_address
from mkdocs_alttext.html.decisions import (
    Case,
    EmptyAlt,
    LinkTarget,
    Policy,
    decide,
    is_control,
    link_around,
)
from mkdocs_alttext.html.edits import apply_edits, set_attribute
from mkdocs_alttext.html.page_text import PageText
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason, Result
from mkdocs_alttext.pages.fill import language_around
from mkdocs_alttext.review.site import Occurrence, SeenPage, SeenPicture, SeenSite
from mkdocs_alttext.site.pages import page_facts, template_facts
from mkdocs_alttext.system.files import read_regular, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.cli.building import BuiltSite
    from mkdocs_alttext.cli.folder_site import FolderSite
    from mkdocs_alttext.cli.sites import Site
    from mkdocs_alttext.html.scanner import Element, ImageTag
    from mkdocs_alttext.site.build import Build

_WITHOUT_NEED = (Decision.ICON, Decision.SPACER)
"""What is decoration by its size and place, though its file was looked at."""
_OWN_TEXT = (Decision.KEEP_TEXT, Decision.KEEP_EMPTY)
_KEEPS_EMPTY = Policy(EmptyAlt.KEEP)


class _Page(NamedTuple):
    """What is to be seen of one page."""

    name: str
    """As in `SeenPage`."""
    title: str
    language: str
    article: str
    """The HTML from which the words around pictures are read."""
    run: Build | FolderRun
    """What looked at it."""
    file_of: Callable[[str, str], Path]
    """Returns where a picture will be while a person reviews, by its path and digest."""
    published: str = ""
    """The whole page, where the article is not; plugins put links around pictures there."""
    lines: Mapping[int, int | None] = {}
    """Of its source, by the numbers of outcomes; where it is none, those of the page count."""
    reads_lang: bool = False
    """Whether elements around its pictures say their languages."""
    is_withheld: bool = False
    """Whether its author may have meant to keep pictures back."""


class _Around(NamedTuple):
    """What a picture stands in."""

    is_in_link: bool = False
    is_in_button: bool = False
    fault: str | None = None
    """As in `Occurrence.fault_if_empty`."""


class ReviewInput:
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

    def add_build(self, build: Build, config: MkDocsConfig, site: BuiltSite) -> None:
        """Take in one build that is over: translations are builds of their own."""
        locator = Locator.of(config)

        def file_of(path: str, sha256: str) -> Path:
            place = build.files.source(path)
            if place and site.is_by_author(place):
                return Path(place)
            copy = self._folder / sha256
            with suppress(OSError, ImageError):
                replace_file(copy, build.files.read(path))
            return copy

        for path, outcomes in sorted(build.report.pages.items()):
            page = build.files.page(path)
            facts = (
                page_facts(page, config, build.language, is_whole=False)
                if page
                else template_facts(path, config, build.language)
            )
            shows = any(each.sha256 for each in outcomes)
            source = site.source(path) if shows else None
            places = locator.places(outcomes, source) if source else {}
            published = ""
            if shows:
                with suppress(OSError):
                    file = Path(config.site_dir, path)
                    published = read_regular(file, MOST_PAGE_BYTES).decode(errors="replace")
            shown = _Page(
                facts.source or path,
                build.files.title(path, now=False) or "" if page else "",
                facts.language,
                str(page.content or "") if page else "",
                build,
                file_of,
                published,
                {at: place.line for at, place in places.items() if place.file == source},
                is_withheld=bool(facts.withheld),
            )
            self._take(outcomes, shown)

    def add_folder(self, site: FolderSite) -> None:
        """Take in a folder of built pages."""
        run = site.run
        is_auto = site.options.language == "auto"
        for path, outcomes in sorted(run.report.pages.items()):
            with suppress(PageError):
                page = _Page(
                    path,
                    run.files.title(path, now=True) or "",
                    FALLBACK_LANGUAGE if is_auto else site.options.language,
                    run.files.read_page(path).text(),
                    run,
                    lambda path, _: run.files.root / path,
                    reads_lang=is_auto,
                )
                self._take(outcomes, page)

    def _take(self, outcomes: Sequence[Outcome], page: _Page) -> None:
        """Take in the images of one page."""
        is_whole = isinstance(page.run, FolderRun)
        article = PageText(page.article, is_whole=is_whole)
        tags = _found(outcomes, article)
        published = PageText(page.published, is_whole=True) if page.published else article
        around = _around(outcomes, published)
        if not tags.keys() <= around.keys():  # other plugins gave images other addresses there
            around = _around(outcomes, article) | around
        # Those of one page count as several, where parts of it are in other languages.
        numbers: dict[str, int] = {}
        has_own = False
        for at, outcome in enumerate(outcomes):
            tag, own_language = tags.get(at), ""
            if tag and page.reads_lang:
                own_language = language_around(tag, article)
            language = own_language or page.language
            number = numbers.setdefault(language, len(self._pages) + len(numbers))
            new = Occurrence(
                number,
                outcome.decision,
                outcome.written if outcome.decision in _OWN_TEXT else outcome.alt,
                tag.start if tag else -1,
                page.article.count("\n", 0, tag.start) + 1
                if tag and is_whole
                else page.lines.get(at),
                *around.get(at, _Around()),
                may_be_sent=not (page.is_withheld or outcome.doubt),
            )
            code = page.run.site.service.language_code(language)
            has_own |= self._add(outcome, new, page, language, code)
        html = page.article if has_own else ""
        for language in numbers:
            code = page.run.site.service.language_code(language)
            self._pages.append(SeenPage(page.name, page.title, language, code, html))

    def _add(
        self, outcome: Outcome, new: Occurrence, page: _Page, language: str, code: str | None
    ) -> bool:
        """Note one image; return whether its place may be shown."""
        if outcome.reason is Reason.EXCLUDED and outcome.file:
            self._excluded.add(outcome.file)
            return False
        if outcome.sha256 is None or outcome.file is None or not _is_own(outcome):
            with suppress(ImageError):
                path = outcome.file or page.run.site.resolver.resolve(outcome.src, outcome.page)
                self._elsewhere[path].append(new)
                return True
            return False
        picture = self._pictures.get(outcome.file)
        if picture is None:
            file = page.file_of(outcome.file, outcome.sha256)
            picture = SeenPicture(outcome.file, outcome.sha256, file)
            self._pictures[outcome.file] = picture
        picture.add(new)
        picture.languages.setdefault(language, code)
        if outcome.origin is Origin.SVG_TITLE:
            picture.own_name = outcome.alt or ""
        if outcome.model:
            picture.models[outcome.language or ""] = outcome.model
        if outcome.result is Result.MISSING and outcome.reason:
            # That this very build may not ask is no news.
            is_news = outcome.reason is not Reason.NOT_ASKED or not new.may_be_sent
            picture.reasons[language] = outcome.reason, outcome.detail if is_news else ""
        return True

    def site(self, site: Site, name: str) -> SeenSite:
        """Return what all builds showed.

        Args:
            site: What was looked at.
            name: The site's.
        """
        for path, occurrences in self._elsewhere.items():
            if picture := self._pictures.get(path):
                for each in occurrences:
                    picture.add(each)
        options = site.options
        return SeenSite(
            name,
            self._pages,
            self._pictures,
            picture_texts(site.outcomes, adds_all=True),
            [each.path for each in site.unknown],
            sorted(self._excluded - self._pictures.keys()),
            options.service,
            options.max_length,
            Path(options.catalog),
            site.root,
            site.words,
        )


def _is_own(outcome: Outcome) -> bool:
    """Tell whether an image's text is that of its picture, and not the page's own."""
    if outcome.decision is Decision.CONTROL:  # which an approved text would name
        return True
    return outcome.sha256 is not None and outcome.decision not in _WITHOUT_NEED


def _found(outcomes: Sequence[Outcome], page: PageText) -> dict[int, ImageTag]:
    """Find the images of a page in its HTML.

    Args:
        outcomes: All outcomes of the page, in its order.
        page: The page or its article, as it is now: other plugins may have changed it.

    Returns:
        The tags, by their place in `outcomes`.
    """
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for at, outcome in enumerate(outcomes):
        if page.is_whole or not outcome.is_around:
            waiting[same_address(outcome.src)].append(at)
    found = {}
    with suppress(PageError):
        for tag in page.images:
            if same := waiting[same_address(image_address(tag.attributes))]:
                found[same.popleft()] = tag
    return found


def _around(outcomes: Sequence[Outcome], page: PageText) -> dict[int, _Around]:
    """Tell what the images of a page stand in, by their place in `outcomes`."""

    def element(tag: ImageTag) -> Element | None:
        return link_around(tag, page) or page.nearest(tag, is_control)

    found = _found(outcomes, page)
    own = {at: tag for at, tag in found.items() if _is_own(outcomes[at]) and element(tag)}
    from_markdown = {at for at in own if outcomes[at].is_markdown}
    faults = _faults(own, from_markdown, page, element) if own else {}
    return {
        at: _Around(
            link_around(tag, page) is not None,
            page.nearest(tag, is_control) is not None,
            faults.get(at),
        )
        for at, tag in found.items()
    }


def _faults(
    own: Mapping[int, ImageTag],
    from_markdown: Container[int],
    page: PageText,
    element: Callable[[ImageTag], Element | None],
) -> dict[int, str | None]:
    """Return what would be said of the links and buttons of images that had no text.

    A copy of the page tells, in which they have none.

    Args:
        own: The images, by any number.
        from_markdown: The numbers of those that are written as Markdown's `![]()`.
        page: Where they stand.
        element: Returns the link or button around one.
    """
    named = Counter(element(tag) for tag in page.images if has_text(tag.attributes))
    edits = [
        edit
        for tag in own.values()
        if named[element(tag)] <= has_text(tag.attributes)  # by no other image
        for edit in set_attribute(tag, "alt", "")
    ]
    copy = PageText(apply_edits(page.html, edits), is_whole=page.is_whole)
    places = {tag.start: at for at, tag in own.items()}
    faults = {}
    for tag, emptied in zip(page.images, copy.images, strict=False):
        if tag.start in places:
            at = places[tag.start]
            case = Case(emptied, copy, _KEEPS_EMPTY, at in from_markdown, lambda _: LinkTarget())
            verdict = decide(case)
            faults[at] = verdict.detail if verdict.reason is Reason.EMPTY_LINK else None
    return faults
