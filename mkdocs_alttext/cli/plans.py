"""What `apply` writes into each Markdown source, and what it cannot write there.

A plan is made while a build's parts are open, by the function that fills its pages. Nothing is
written here, and nothing is said of it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs.structure.files import Files
from mkdocs.utils import is_markdown_file

from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.output import here
from mkdocs_alttext.cli.rendering import render_page
from mkdocs_alttext.exceptions import ImageError, RenderingError
from mkdocs_alttext.models import GENERATED, Decision, Origin, Outcome, Reason
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.site.pages import (
    has_attribute_lists,
    page_facts,
    page_language,
    shows_other_language,
    wish_of,
)
from mkdocs_alttext.site.plugin_compat import makes_captions_late
from mkdocs_alttext.sources.writing import (
    DECORATIVE,
    DECORATIVE_CLASS,
    NOT_WRITTEN_HERE,
    SHOWN_TWICE,
    write_texts,
)
from mkdocs_alttext.system.files import absolute, leads_out, read_regular
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.cli.building import BuiltSite
    from mkdocs_alttext.site.build import Build

_OWN_WORD = (Decision.KEEP_TEXT, Decision.KEEP_EMPTY, Decision.SKIP)
_FREE = frozenset(Origin) - GENERATED - {Origin.CATALOG}
"""Where texts come from that nobody has to write or to pay for."""
_STALE = (
    "the picture changed after the text was approved: check the text in the catalog, and remove "
    "its sha256"
)

_OTHER_LANGUAGE = (
    "this Markdown is that of another language, where another picture is shown: a translation of "
    "the page can have the text"
)


class Written(NamedTuple):
    """A text that goes into a source."""

    line: int
    image: str
    """The image's file inside the built site."""
    text: str
    """`DECORATIVE` for a mark in place of a text."""


class Refused(NamedTuple):
    """A text that does not go into a source."""

    image: str
    why: str
    elsewhere: tuple[Path, int | None, str] | None = None
    """The included file and its line that show the image, with the text."""


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What becomes of one source."""

    name: str
    """As MkDocs knows it, inside `docs_dir`."""
    path: Path = Path()
    """Where it is on the disk, when something is to be written into it."""
    before: str = ""
    after: str = ""
    written: tuple[Written, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether the file is to change."""
        return self.after != self.before

    @property
    def images(self) -> set[str]:
        """The images that it is about."""
        return {each.image for each in self.written} | {each.image for each in self.refused}


class Plans:
    """The plans for a site: translations are builds of their own, and may share sources."""

    def __init__(self, *, free: bool) -> None:
        """Start without plans.

        Args:
            free: Whether what links and SVGs say is written, too.
        """
        self.free = free
        self.lost = Counter[Origin]()
        """Images that have a text from the plugin alone, by where it is from."""
        self.unlisted: set[str] = set()
        """Pictures without an approved text, of which the catalog has no entry."""
        self.blank: set[str] = set()
        """Those that have one without a draft."""
        self.unmarked: dict[str, str] = {}
        """Images whose decoration only the catalog can tell, and why."""
        self.outcomes: list[Outcome] = []
        """Of all builds."""
        self.catalog: Mapping[str, Entry] = {}
        """What the builds read."""
        self.texts: list[Outcome] = []
        """Of all images whose text belongs into a source."""
        self.languages: set[str] = set()
        """Of the pages."""
        self.to_write: set[str] = set()
        """Images whose text belongs into a source."""
        self.around: set[str] = set()
        """Those that are shown around articles, too."""
        self.with_text: set[str] = set()
        """Images of which the Markdown of a page says something, in the form of `same_form`."""
        self._plans: dict[str, SourcePlan] = {}
        self._translated: list[SourcePlan] = []
        """For pages that a translation shows in the language of another, as it has none."""
        self._own: set[str] = set()
        """The sources that are shown in their own language."""

    def add_build(self, build: Build, config: MkDocsConfig, site: BuiltSite) -> None:
        """Plan for what one build filled from the catalog.

        Args:
            build: A build that is over, with its parts open.
            config: Its configuration.
            site: The site, which tells the author's files.
        """
        self.catalog = build.catalog
        self.outcomes += build.report.outcomes
        texts = [each for each in build.report.outcomes if self._is_text(each)]
        self.texts += texts
        self.languages.add(page_language(config, build.language))
        self.to_write |= {_name(outcome, build) for outcome in texts}
        self.around |= {_name(outcome, build) for outcome in texts if outcome.is_around}
        for outcome in build.report.outcomes:
            if outcome.reason is Reason.NOT_REVIEWED and not outcome.untranslated:
                entry = build.site.catalog.entry(outcome.file or "", outcome.sha256 or "")
                if entry is None:
                    self.unlisted.add(_name(outcome, build))
                elif not entry.drafts:
                    self.blank.add(_name(outcome, build))
            if outcome.origin in _FREE and not self.free and _changes(outcome):
                self.lost[outcome.origin] += 1
            if outcome.decision in _OWN_WORD and outcome.reason is not Reason.EXCLUDED:
                with suppress(ImageError):
                    path = build.site.resolver.resolve(outcome.src, outcome.page)
                    self.with_text.add(same_form(path))
        sources = build.files.sources()
        self._own |= {each.src_uri for each in sources if not shows_other_language(each)}
        wishes = (wish_of(each.page.meta, None).language for each in sources if each.page)
        self.languages |= {language for language in wishes if language}
        for path in dict.fromkeys(outcome.page for outcome in texts):
            if page := build.files.page(path):
                plan = self._plan(page, build, config, site)
                if shows_other_language(page.file):
                    self._translated.append(plan)
                else:
                    self._plans[plan.name] = _agreed(self._plans.get(plan.name), plan)

    @property
    def all(self) -> list[SourcePlan]:
        """The plans, in the order of their names."""
        by_name = dict(self._plans)
        for plan in self._translated:
            known = by_name.get(plan.name)
            is_own = plan.name in self._own
            by_name[plan.name] = _extended(known, plan) if is_own else _agreed(known, plan)
        plans = [by_name[name] for name in sorted(by_name)]
        # What a page includes is written there, where that file is a page, too.
        written = {
            (absolute(plan.path), each.line, each.text) for plan in plans for each in plan.written
        }
        return [
            replace(
                plan, refused=tuple(each for each in plan.refused if each.elsewhere not in written)
            )
            for plan in plans
        ]

    def waits(self, entry: Entry) -> bool:
        """Tell whether a draft of an entry would be written if it were approved."""
        tags = (entry.tag(language) for language in self.languages)
        return any(tag in entry.drafts for tag in tags)

    def paths(self, *, drafts: bool) -> set[str]:
        """Return the images of the catalog; `drafts` tells whether drafts count."""
        return {path for path, each in self.catalog.items() if drafts or not each.is_draft}

    def _plan(self, page: Page, build: Build, config: MkDocsConfig, site: BuiltSite) -> SourcePlan:
        """Plan for one page."""
        name = page.file.src_uri
        facts = page_facts(page, config, build.language, is_whole=True)

        def fill(article: str) -> str:
            return fill_page(article, facts._replace(is_whole=False), build.site, wait=True).html

        render = partial(render_page, page, config, build.files.collection or Files([]), fill)
        try:
            path, source = _source(page, build, site)
            before = render(source, is_original=True)
        except RenderingError as error:
            own = [
                each
                for each in build.report.outcomes
                if each.source == name and self._is_text(each) and not each.is_around
            ]
            images = dict.fromkeys(_name(each, build) for each in own)
            return SourcePlan(name, refused=tuple(Refused(image, str(error)) for image in images))
        # The very function that fills the pages, so that both write the same.
        outcomes = fill_page(before.html, facts, build.site, wait=True).outcomes
        shown = [_name(outcome, build) for outcome in outcomes]
        # What is to be written, by the number of the image on its page.
        texts = {
            number: DECORATIVE if outcome.alt == "" == outcome.written else outcome.alt or ""
            for number, outcome in enumerate(outcomes)
            if self._is_text(outcome)
            and (outcome.alt != outcome.written or _is_catalog_decoration(outcome))
        }
        whys = {at: _STALE for at in texts if outcomes[at].reason is Reason.STALE_CAPTION}
        unmarkable = _why_no_mark(config, build)
        for number in [each for each in texts if unmarkable and texts[each] == DECORATIVE]:
            self.unmarked[shown[number]] = unmarkable
            del texts[number]
        open_ = {number: text for number, text in texts.items() if number not in whys}
        writing = write_texts(source, open_, before, render)
        whys |= writing.refused
        foreign = {at: outcomes[at] for at in sorted(whys) if whys[at] == NOT_WRITTEN_HERE}
        places = Locator.of(config).included(foreign, absolute(path)) if foreign else {}
        refused = []
        for number in sorted(whys):
            why, place, elsewhere = whys[number], places.get(number), None
            if place:
                why = f"{here(place.file)}, line {place.line}, which the page includes, writes it"
                elsewhere = (place.file, place.line, texts[number])
            refused.append(Refused(shown[number], why, elsewhere))
        written = [Written(line, shown[at], texts[at]) for at, line in writing.lines.items()]
        return SourcePlan(name, path, source, writing.text, tuple(sorted(written)), tuple(refused))

    def _is_text(self, outcome: Outcome) -> bool:
        """Tell whether an image has what the catalog says of it, or what is free if that counts."""
        is_by_catalog = outcome.origin is Origin.CATALOG or _is_catalog_decoration(outcome)
        return is_by_catalog or (self.free and outcome.origin in _FREE and _changes(outcome))


def _agreed(known: SourcePlan | None, plan: SourcePlan) -> SourcePlan:
    """Return the plan for a source that two builds show: nothing where they differ."""
    if known is None or known.after == plan.after:
        return plan
    images = {each.image for one in (known, plan) for each in one.written}
    refused = [Refused(image, SHOWN_TWICE) for image in sorted(images)]
    return replace(plan, after=plan.before, written=(), refused=(*plan.refused, *refused))


def _extended(own: SourcePlan | None, plan: SourcePlan) -> SourcePlan:
    """Return the plan of the build in a source's own language, and what another cannot have there.

    Args:
        own: That plan; `None` where that build has no text for the source.
        plan: The plan of the other.
    """
    if own is None:
        own = replace(plan, after=plan.before, written=(), refused=())
    refused = [Refused(each.image, _OTHER_LANGUAGE) for each in plan.written]
    known = own.images
    new = [each for each in (*refused, *plan.refused) if each.image not in known]
    return replace(own, refused=(*own.refused, *new))


def _source(page: Page, build: Build, site: BuiltSite) -> tuple[Path, str]:
    """Return the file that a page is made of, and its text with line ends and byte order mark.

    Raises:
        RenderingError: Nothing can be written into it; the message says why.
    """
    place = build.files.source(page.file.dest_uri)
    if place is None or page.file.generated_by:
        raise RenderingError("a plugin generates this page; it has no file")
    path = Path(place)
    if not site.is_by_author(path):
        raise RenderingError(
            "its file is a copy that a plugin made for this build: write the text where the plugin "
            "takes it from"
        )
    if leads_out(path, site.root):
        raise RenderingError("a symbolic link makes of it a file outside of the project")
    if not is_markdown_file(page.file.src_uri):
        raise RenderingError("this page's source is not Markdown")
    if makes_captions_late(site.config):
        raise RenderingError(
            "a hook of the site writes `figcaption` into whole pages, and may show the text to "
            "everybody; the catalog goes on filling it"
        )
    try:
        return path, read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise RenderingError("the file cannot be read as UTF-8") from None


def _is_catalog_decoration(outcome: Outcome) -> bool:
    return outcome.decision is Decision.USE_STORED and outcome.alt == ""


def _changes(outcome: Outcome) -> bool:
    """Tell whether the plugin makes another `alt` of an image than its page has."""
    return outcome.alt != outcome.written and not _is_catalog_decoration(outcome)


def _name(outcome: Outcome, build: Build) -> str:
    """Return the path of an image inside the built site, else its address."""
    with suppress(ImageError):
        return outcome.file or build.site.resolver.resolve(outcome.src, outcome.page)
    return outcome.src


def _why_no_mark(config: MkDocsConfig, build: Build) -> str:
    """Return why the Markdown of a site cannot mark decoration; nothing where it can."""
    if not has_attribute_lists(config):
        return "add `attr_list` to `markdown_extensions`"
    if DECORATIVE_CLASS not in build.site.policy.skip_classes:
        return f"add `{DECORATIVE_CLASS}` to the option `skip_classes`"
    return ""
