"""`mkdocs-alttext apply`: approved texts, written into the Markdown sources."""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from mkdocs.structure.files import Files
from mkdocs.utils import is_markdown_file

from mkdocs_alttext.catalog.entries import Entry, Status
from mkdocs_alttext.cli.building import SiteReport, build_for_report, render_page
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.output import CommandError, config_file_option, here, put, relative, say
from mkdocs_alttext.cli.version_control import require_committed
from mkdocs_alttext.exceptions import ImageError, PageError, RenderingError
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Decision, Origin, Outcome, Reason
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.site.messages import listed
from mkdocs_alttext.site.pages import page_facts
from mkdocs_alttext.site.plugin_compat import makes_captions_late
from mkdocs_alttext.sources.proof import NOT_WRITTEN_HERE, SHOWN_TWICE, write_texts
from mkdocs_alttext.system.files import leads_out, read_regular, replace_file, repository
from mkdocs_alttext.system.printable import counted, same_form, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.site.build import Build

_OWN_TEXT = (Decision.KEEP_TEXT, Decision.KEEP_EMPTY)
_STALE = "the picture changed after the text was approved: check the text"


class Written(NamedTuple):
    """A text that goes into a source."""

    line: int
    image: str
    """The image's file inside the built site."""


class Refused(NamedTuple):
    """A text that does not go into a source."""

    image: str
    why: str


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

    def __init__(self) -> None:
        """Start without plans."""
        self.catalog: Mapping[str, Entry] = {}
        """What the builds read."""
        self.filled: set[str] = set()
        """Images that have their text from the catalog."""
        self.digests: set[str] = set()
        """Of their pictures: one may have the entry of another path."""
        self.with_text: set[str] = set()
        """Images that have a text in the Markdown of a page, in the form of `same_form`."""
        self._plans: dict[str, SourcePlan] = {}

    def add_build(self, build: Build, config: MkDocsConfig, site: SiteReport) -> None:
        """Plan for what one build filled from the catalog.

        Args:
            build: A build that is over, with its parts open.
            config: Its configuration.
            site: The site, which tells the author's files.
        """
        self.catalog = build.catalog
        texts = [outcome for outcome in build.report.outcomes if _is_text(outcome)]
        self.filled |= {outcome.file for outcome in texts if outcome.file}
        self.digests |= {outcome.sha256 for outcome in texts if outcome.sha256}
        for outcome in build.report.outcomes:
            if outcome.decision in _OWN_TEXT:
                with suppress(ImageError):
                    path = build.site.resolver.resolve(outcome.src, outcome.page)
                    self.with_text.add(same_form(path))
        for path in dict.fromkeys(outcome.page for outcome in texts):
            if page := build.files.page(path):
                self._add(_plan(page, build, config, site))

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

    def paths(self, *, drafts: bool) -> set[str]:
        """Return the images of the catalog; `drafts` tells whether drafts count."""
        return {path for path, each in self.catalog.items() if drafts or not each.is_draft}


@click.command("apply")
@config_file_option
@click.option("--drafts", is_flag=True, help="Write texts that nobody has approved, too.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and print what would change.")
@click.option("--allow-dirty", is_flag=True, help="Change files with uncommitted changes, too.")
def command(*, config_file: str | None, drafts: bool, dry_run: bool, allow_dirty: bool) -> int:
    """Write the catalog's approved texts into the Markdown sources.

    Each page is rendered before and after; a text that would change anything but the alt text of
    its image is not written. Nothing is asked of the service.

    Exit status: 0 when every text is written, 1 when some are not, 2 when nothing could be done.
    """
    plans = Plans()
    publish = "all" if drafts else "reviewed"
    # Without a report, images that have text are only counted.
    site = build_for_report(config_file, visitor=plans, publish=publish, report=os.devnull)
    if not plans.catalog:
        raise CommandError(
            f"There is no text in {here(Path(site.options.catalog))}. `mkdocs-alttext catalog` "
            "writes drafts there."
        )
    changes = {plan.path: plan for plan in plans.all if plan.is_change}
    if dry_run:
        _print_diff(changes)
    else:
        if not allow_dirty:
            require_committed(changes, site.root)
        _write(changes, site.root)
    for line in _report(plans, drafts=drafts, dry_run=dry_run):
        say(line, err=dry_run)
    return 1 if any(plan.refused for plan in plans.all) else 0


def _plan(page: Page, build: Build, config: MkDocsConfig, site: SiteReport) -> SourcePlan:
    """Plan for one page."""
    name = page.file.src_uri
    facts = page_facts(page, config, build.language, is_whole=True)

    def fill(article: str) -> str:
        return fill_page(article, facts._replace(is_whole=False), build.site, wait=True).html

    render = partial(render_page, page, config, build.files.collection or Files([]), fill)
    try:
        path, source = _source(page, build, site)
        before = render(source, is_original=True)
        tags = scan(before.html)
    except (RenderingError, PageError) as error:
        own = [each for each in build.report.outcomes if each.source == name and _is_text(each)]
        images = dict.fromkeys(each.file or each.src for each in own)
        return SourcePlan(name, refused=tuple(Refused(image, str(error)) for image in images))
    # The very function that fills the pages, so that both write the same.
    outcomes = fill_page(before.html, facts, build.site, wait=True).outcomes
    texts, whys = dict[int, str](), dict[int, str]()
    for number, (outcome, tag) in enumerate(zip(outcomes, tags, strict=True)):
        if _is_text(outcome) and outcome.alt != tag.attributes.values.get("alt"):
            if outcome.reason is Reason.STALE_CAPTION:
                whys[number] = _STALE
            else:
                texts[number] = outcome.alt or ""
    writing = write_texts(source, texts, before, render)
    whys |= writing.refused
    if NOT_WRITTEN_HERE in whys.values():
        for number, place in Locator.of(config).places(outcomes, path).items():
            if whys.get(number) == NOT_WRITTEN_HERE and place.file != path:
                whys[number] = (
                    f"{here(place.file)}, line {place.line}, which the page includes, writes it"
                )
    shown = [outcome.file or outcome.src for outcome in outcomes]
    written = sorted(Written(line, shown[number]) for number, line in writing.lines.items())
    refused = [Refused(shown[number], whys[number]) for number in sorted(whys)]
    return SourcePlan(name, path, source, writing.text, tuple(written), tuple(refused))


def _source(page: Page, build: Build, site: SiteReport) -> tuple[Path, str]:
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


def _is_text(outcome: Outcome) -> bool:
    """Tell whether an image has what the catalog says of it."""
    is_decoration = outcome.decision == Decision.USE_STORED and outcome.alt == ""
    return outcome.origin is Origin.CATALOG or is_decoration


def _print_diff(changes: Mapping[Path, SourcePlan]) -> None:
    """Print a diff, which `git apply` takes: its lines are what the sources hold."""
    diff = ""
    for path, plan in changes.items():
        file = path.resolve()  # a link is no file to Git
        name = relative(file, repository(file.parent) or Path.cwd())
        diff += as_diff(name, plan.before, plan.after)
    if not diff:
        return
    if sys.stdout.isatty():
        # A person reads it, and what moves the cursor could hide a change.
        lines = (line.removesuffix("\r") for line in diff.removesuffix("\n").split("\n"))
        put("\n".join("\t".join(map(visible, line.split("\t"))) for line in lines))
        return
    if "GITHUB_ACTIONS" in os.environ:
        # A source can have lines that are commands to GitHub. Git skips what is around a diff.
        word = secrets.token_hex(16)
        diff = f"::stop-commands::{word}\n{diff}::{word}::\n"
    # In UTF-8, as the sources are, and with their line ends.
    click.echo(diff.encode(), nl=False)


def as_diff(name: str, before: str, after: str) -> str:
    """Return the diff of one file.

    Args:
        name: The file's path as both sides show it, from the root of its repository.
        before: Its text with its line ends.
        after: Its new text.
    """
    # Only a line feed ends a line to these programs, whatever `str.splitlines` thinks of others.
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    sides = [_quoted(f"{side}/{name}") for side in "ab"]
    # A name with spaces ends with a tab, as a date may follow it.
    before_name, after_name = (f"{side}\t" if " " in side else side for side in sides)
    lines = unified_diff(old, new, before_name, after_name)
    body = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    # With this line, Git takes the names from the repository's root wherever it is called.
    return "".join([f"diff --git {' '.join(sides)}\n", *body])


def _quoted(name: str) -> str:
    """Return a name as Git writes it: in quotes, with odd bytes as numbers, where it has to be."""
    if visible(name) == name and not re.search(r'["\\]', name):
        return name
    quoted = re.sub(rb'[^ -~]|["\\#:]', lambda odd: b"\\%03o" % odd[0][0], os.fsencode(name))
    return f'"{quoted.decode()}"'


def _write(changes: Mapping[Path, SourcePlan], root: Path) -> None:
    """Write new sources.

    Raises:
        CommandError: A file cannot be written, or changed since it was read.
    """
    for path, plan in changes.items():
        try:
            # Of a link that stays in the project, the file behind it changes.
            target = path.resolve()
            if read_regular(target) != plan.before.encode() or leads_out(target, root):
                raise CommandError(f"{here(path)} changed just now. Run the command again.")
            replace_file(target, plan.after.encode())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise CommandError(
                f"{here(path)} cannot be written ({why}). Files before it are written; run the "
                "command again when that is put right."
            ) from None


def _report(plans: Plans, *, drafts: bool, dry_run: bool) -> Iterator[str]:
    """Say what was written, what was not, and what to do next."""
    changes = [plan for plan in plans.all if plan.is_change]
    written = sum(len(plan.written) for plan in changes)
    if written:
        done = "would be written" if dry_run else "written"
        yield f"{counted(written, 'text')} {done} into {counted(len(changes), 'file')}."
    for plan in changes if not dry_run else ():
        places = ", ".join(f"line {each.line} ({each.image})" for each in plan.written)
        yield f"  {here(plan.path)}: {places}"
    refused = [(plan.name, each) for plan in plans.all for each in plan.refused]
    for name, each in refused:
        yield f"Not written: {name}, {each.image}: {each.why}."
    if elsewhere := plans.filled.difference(*(plan.images for plan in plans.all)):
        yield (
            "In no page's Markdown, but on pages (the theme or a plugin shows them): "
            f"{listed(sorted(elsewhere))}. The catalog goes on filling them."
        )
    approved = plans.paths(drafts=False)
    used = {path for path, each in plans.catalog.items() if each.sha256 in plans.digests}
    if unused := approved - used - {*map(same_form, plans.filled)} - plans.with_text:
        yield (
            f"In the catalog, but of use on no page: {listed(sorted(unused))}. No page shows the "
            "image, or it takes no such text there; the option `report` says why."
        )
    waiting = sum(Status.DRAFT in each.statuses.values() for each in plans.catalog.values())
    if waiting and not drafts:
        yield (
            f"{counted(waiting, 'draft waits', 'drafts wait')} for approval: set "
            "`status: reviewed` in the catalog, or use --drafts."
        )
    if written or not refused:
        yield _next(plans, written, drafts=drafts, dry_run=dry_run)


def _next(plans: Plans, written: int, *, drafts: bool, dry_run: bool) -> str:
    if written and dry_run:
        return "Nothing was written, as this was a dry run."
    if written:
        return (
            "Next: look at the changes (`git diff`) and commit them. The texts are yours now; "
            "their entries in the catalog are no longer needed."
        )
    if plans.paths(drafts=drafts) & plans.with_text:
        return "Nothing to write: the images of the pages have their texts in the Markdown already."
    what = "text" if drafts else "approved text"
    return f"Nothing to write: the catalog has no {what} for an image in the Markdown."
