"""Rendering one page once more, as the site's build does.

Owns how MkDocs makes an article of another source, with the site's Markdown settings and with what
plugins and hooks do to its Markdown. It must not know why.

What the catalog's texts change in the Markdown sources.

Owns the plan: for each source its new text, what was written where, and what could not be. It must
not know how files are written, nor how a plan is shown.
"""

from __future__ import annotations

import copy
import logging
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import mkdocs
from mkdocs.utils import is_markdown_file
from mkdocs.utils.meta import get_data

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.exceptions import ImageError, RenderingError
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Decision, Origin, Reason
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.site.pages import page_facts
from mkdocs_alttext.sources.proof import NOT_WRITTEN_HERE, SHOWN_TWICE, Rendering, write_texts
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.system.printable import same_form
from mkdocs_alttext.system.processes import TerminatedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.cli.building import Authorship
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.site.build import Build

_BYTE_ORDER_MARK = "\ufeff"


class Renderer:
    """Renders one page of a build that is over, again and again; the page stays as it is."""

    def __init__(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Take the page.

        Args:
            page: As the build made it.
            config: The site's configuration.
            files: The site's files, which links are looked up in.
        """
        self._page = page
        self._config = config
        self._files = files

    def again(self, source: str) -> Rendering:
        """Render the source that the build rendered.

        Args:
            source: The whole text of the page's file with its line ends.

        Raises:
            RenderingError: It cannot be rendered, or plugins make something else of it than they
                did before: what another text would change cannot be told then.
        """
        scratch = self._rendered(source)
        if scratch.markdown != self._page.markdown:
            raise RenderingError(
                "the page cannot be compared: plugins make other Markdown of its file each time"
            )
        return _rendering(scratch)

    def render(self, source: str) -> Rendering:
        """Render another source.

        Args:
            source: The whole text of a file with its line ends.

        Raises:
            RenderingError: It cannot be rendered.
        """
        return _rendering(self._rendered(source))

    def _rendered(self, source: str) -> Page:
        lines = source.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
        config, files = self._config, self._files
        scratch = copy.copy(self._page)
        scratch.content = None  # as it is before a page is rendered
        markdown, scratch.meta = get_data(lines)
        scratch.markdown = markdown
        with _silence(), _current(scratch, config):
            try:
                scratch.markdown = config.plugins.on_page_markdown(
                    markdown, page=scratch, config=config, files=files
                )
                scratch.render(config, files)
            except TerminatedError:
                raise
            except (Exception, SystemExit) as error:  # macros ends the process where one fails
                cause = " ".join(f"{type(error).__name__}: {error}".split())
                raise RenderingError(f"the page cannot be rendered once more ({cause})") from error
        return scratch


def _rendering(page: Page) -> Rendering:
    return Rendering(page.content or "", str(page.title or ""))


@contextmanager
def _current(page: Page, config: MkDocsConfig) -> Iterator[None]:
    """Have paths of the configuration that are relative to a page be relative to this one."""
    before = config._current_page  # noqa: SLF001 - as MkDocs' own build does
    config._current_page = page  # noqa: SLF001
    try:
        yield
    finally:
        config._current_page = before  # noqa: SLF001


@contextmanager
def _silence() -> Iterator[None]:
    """Keep the log from saying again what the build said of the page's links."""
    logger = logging.getLogger(mkdocs.__name__)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


_OWN_TEXT = (Decision.KEEP_TEXT, Decision.KEEP_EMPTY)
_NO_FILE = "a plugin generates this page; it has no file"
_NOT_KEPT = (
    "its file is a copy that a plugin made for this build: write the text where the plugin takes "
    "it from"
)
_ELSEWHERE = "a symbolic link makes of it a file outside of the project"
_NO_MARKDOWN = "this page's source is not Markdown"
_UNREADABLE = "the file cannot be read as UTF-8"
_STALE = "the picture changed after the text was approved: check the text"


@dataclass(frozen=True, slots=True)
class Written:
    """A text that goes into a source."""

    line: int
    image: str
    """The image's file inside the built site."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that does not go into a source."""

    image: str
    why: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What becomes of one source."""

    name: str
    """As MkDocs knows it, inside `docs_dir`."""
    path: Path | None
    """`None` when it is no file."""
    before: str = ""
    after: str = ""
    written: tuple[Written, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether the file is to change."""
        return self.after != self.before


class Plans:
    """The plans for a site: translations are builds of their own, and may share sources."""

    def __init__(self) -> None:
        """Begin with none."""
        self.catalog: Mapping[str, Entry] = {}
        """What the builds read."""
        self._plans: dict[str, SourcePlan] = {}
        self._elsewhere: set[str] = set()
        self._with_text: set[str] = set()

    def add_build(self, build: Build, config: MkDocsConfig, authors: Authorship) -> None:
        """Plan for what one build filled from the catalog.

        Args:
            build: A build that is over, with its parts open.
            config: Its configuration.
            authors: Tells the author's files.
        """
        self.catalog = build.catalog
        texts = [outcome for outcome in build.report.outcomes if _is_text(outcome)]
        self._elsewhere |= {outcome.file for outcome in texts if outcome.file}
        self._with_text |= _with_text(build)
        for path in dict.fromkeys(outcome.page for outcome in texts):
            page = build.files.page(path)
            if page is not None:
                self._add(_plan(page, build, config, authors))

    def _add(self, plan: SourcePlan) -> None:
        known = self._plans.get(plan.name, plan)
        if known.after != plan.after:
            images = {each.image for one in (known, plan) for each in one.written}
            refused = [Refused(image, SHOWN_TWICE) for image in sorted(images)]
            plan = replace(plan, after=plan.before, written=(), refused=(*plan.refused, *refused))
        self._plans[plan.name] = plan

    @property
    def all(self) -> list[SourcePlan]:
        """The plans, in the order of their names."""
        return [self._plans[name] for name in sorted(self._plans)]

    @property
    def elsewhere(self) -> list[str]:
        """Images that have their text from the catalog and stand in no article."""
        named = {each.image for plan in self.all for each in plan.written}
        named |= {each.image for plan in self.all for each in plan.refused}
        return sorted(self._elsewhere - named)

    @property
    def unused(self) -> list[str]:
        """Images of the catalog, drafts aside, that no page shows where a text could be."""
        approved = {path for path, each in self.catalog.items() if each.status is not Status.DRAFT}
        return sorted(approved - set(map(same_form, self._elsewhere | self._with_text)))

    def has_in_place(self, *, drafts: bool) -> bool:
        """Tell whether the Markdown of a page has a text for an image of the catalog.

        Args:
            drafts: Whether drafts count.
        """
        meant = {
            path for path, each in self.catalog.items() if drafts or each.status is not Status.DRAFT
        }
        return bool(meant & set(map(same_form, self._with_text)))


def _plan(page: Page, build: Build, config: MkDocsConfig, authors: Authorship) -> SourcePlan:
    """Plan for one page."""
    name, path = page.file.src_uri, build.files.source(page.file.dest_uri)
    files, source = build.files.collection, _read(path)
    why = _unfit(page, path, source, authors)
    if path is None or source is None or files is None or why:
        return _refusal(name, build, why)
    facts = page_facts(page, config, build.language, is_whole=True)
    renderer = Renderer(page, config, files)
    try:
        before = renderer.again(source)
    except RenderingError as error:
        return _refusal(name, build, str(error))
    html = before.html
    # The very function that fills the pages, so that both write the same.
    outcomes = fill_page(html, facts, build.site, wait=True).outcomes
    wanted = {
        number: outcome
        for number, (outcome, tag) in enumerate(zip(outcomes, scan(html), strict=True))
        if _is_text(outcome) and outcome.alt != tag.attributes.as_dict().get("alt")
    }
    texts = {
        number: outcome.alt or ""
        for number, outcome in wanted.items()
        if outcome.reason is not Reason.STALE_CAPTION
    }
    writing = write_texts(source, texts, before, renderer.render)
    whys = dict.fromkeys(wanted.keys() - texts.keys(), _STALE) | dict(writing.refused)
    whys |= _included(whys, outcomes, Path(path), config)
    return SourcePlan(
        name,
        Path(path),
        before=source,
        after=writing.text,
        written=tuple(
            Written(line, _image(outcomes[number])) for number, line in writing.lines.items()
        ),
        refused=tuple(Refused(_image(outcomes[number]), whys[number]) for number in sorted(whys)),
    )


def _refusal(name: str, build: Build, why: str) -> SourcePlan:
    """Refuse all texts of a page."""
    own = (each for each in build.report.outcomes if each.source == name and _is_text(each))
    refused = tuple(Refused(image, why) for image in dict.fromkeys(map(_image, own)))
    return SourcePlan(name, None, refused=refused)


def _included(
    whys: Mapping[int, str], outcomes: Sequence[Outcome], path: Path, config: MkDocsConfig
) -> dict[int, str]:
    """Name the included files that write what a page's own source does not."""
    wanted = [number for number, why in whys.items() if why == NOT_WRITTEN_HERE]
    places = Locator.of(config).places(outcomes, wanted, path) if wanted else {}
    names = {number: Path(os.path.relpath(place.file)) for number, place in places.items()}
    return {
        number: f"{names[number].as_posix()}, line {place.line}, which the page includes, writes it"
        for number, place in places.items()
        if place.file != path
    }


def _read(path: str | None) -> str | None:
    """Return a file's text with its line ends and its byte order mark, if it can be read."""
    try:
        return None if path is None else read_regular(Path(path)).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _unfit(page: Page, path: str | None, source: str | None, authors: Authorship) -> str:
    if path is None or page.file.generated_by:
        return _NO_FILE
    if not authors.has(path):
        return _NOT_KEPT
    if authors.leads_out(path):
        return _ELSEWHERE
    if not is_markdown_file(page.file.src_uri):
        return _NO_MARKDOWN
    return _UNREADABLE if source is None else ""


def _with_text(build: Build) -> set[str]:
    """Return the images that have a text of the Markdown's own, or are marked as decoration."""
    found = set()
    for outcome in build.report.outcomes:
        if outcome.decision in _OWN_TEXT:
            with suppress(ImageError):
                found.add(build.site.resolver.resolve(outcome.src, outcome.page))
    return found


def _is_text(outcome: Outcome) -> bool:
    """Tell whether an image has what the catalog says of it."""
    is_decoration = outcome.decision == Decision.USE_STORED and outcome.alt == ""
    return outcome.origin is Origin.CATALOG or is_decoration


def _image(outcome: Outcome) -> str:
    return outcome.file or outcome.src
