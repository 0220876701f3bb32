"""`mkdocs-alttext apply`: approved texts, written into the Markdown sources."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from mkdocs.utils import is_markdown_file

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.cli.building import Renderer, build_for_report
from mkdocs_alttext.cli.formats import as_diff
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.output import (
    CommandError,
    config_file_option,
    here,
    put,
    relative,
    say,
    verbose_option,
)
from mkdocs_alttext.cli.version_control import require_committed
from mkdocs_alttext.exceptions import ImageError, PageError, RenderingError
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Decision, Origin, Reason
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.site.messages import listed
from mkdocs_alttext.site.pages import page_facts
from mkdocs_alttext.sources.proof import NOT_WRITTEN_HERE, SHOWN_TWICE, write_texts
from mkdocs_alttext.system.files import leads_out, read_regular, replace_file, repository
from mkdocs_alttext.system.printable import counted, same_form, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.cli.building import Authorship
    from mkdocs_alttext.models import Outcome
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


class Plans:
    """The plans for a site: translations are builds of their own, and may share sources."""

    def __init__(self) -> None:
        """Start without plans."""
        self.catalog: Mapping[str, Entry] = {}
        """What the builds read."""
        self._plans: dict[str, SourcePlan] = {}
        self._filled: set[str] = set()
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
        self._filled |= {outcome.file for outcome in texts if outcome.file}
        for outcome in build.report.outcomes:
            if outcome.decision in _OWN_TEXT:
                with suppress(ImageError):
                    path = build.site.resolver.resolve(outcome.src, outcome.page)
                    self._with_text.add(same_form(path))
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
        """Images that have their text from the catalog and are in no article."""
        named = {each.image for plan in self.all for each in plan.written}
        named |= {each.image for plan in self.all for each in plan.refused}
        return sorted(self._filled - named)

    @property
    def unused(self) -> list[str]:
        """Images of the catalog, drafts aside, that no page shows where a text could be."""
        return sorted(self._paths(drafts=False) - {*map(same_form, self._filled)} - self._with_text)

    def has_in_place(self, *, drafts: bool) -> bool:
        """Tell whether the Markdown of a page has a text for an image of the catalog.

        Args:
            drafts: Whether drafts count.
        """
        return bool(self._paths(drafts=drafts) & self._with_text)

    def _paths(self, *, drafts: bool) -> set[str]:
        return {
            path for path, each in self.catalog.items() if drafts or each.status is not Status.DRAFT
        }


@click.command("apply")
@config_file_option
@verbose_option
@click.option("--drafts", is_flag=True, help="Write texts that nobody has approved, too.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and print what would change.")
@click.option("--allow-dirty", is_flag=True, help="Change files with uncommitted changes, too.")
@click.pass_context
def command(
    context: click.Context,
    *,
    config_file: str | None,
    drafts: bool,
    dry_run: bool,
    allow_dirty: bool,
) -> None:
    """Write the catalog's approved texts into the Markdown sources.

    Each page is rendered before and after; a text that would change anything but the alt text of
    its image is not written. Nothing is asked of the service.

    Exit status: 0 when every text is written, 1 when some are not, 2 when nothing could be done.
    """
    plans = Plans()
    site = build_for_report(
        config_file,
        visitor=plans,
        generate="never",
        publish="all" if drafts else "reviewed",
        report=os.devnull,  # without one, images that have text are only counted
    )
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
    context.exit(1 if any(plan.refused for plan in plans.all) else 0)


def _plan(page: Page, build: Build, config: MkDocsConfig, authors: Authorship) -> SourcePlan:
    """Plan for one page."""
    name, path = page.file.src_uri, build.files.source(page.file.dest_uri)
    files, source = build.files.collection, _read(path)
    why = _unfit(page, path, source, authors)
    if path is None or source is None or files is None or why:
        return _refusal(name, build, why)
    renderer = Renderer(page, config, files)
    try:
        before = renderer.render(source, is_original=True)
        tags = scan(before.html)
    except (RenderingError, PageError) as error:
        return _refusal(name, build, str(error))
    facts = page_facts(page, config, build.language, is_whole=True)
    # The very function that fills the pages, so that both write the same.
    outcomes = fill_page(before.html, facts, build.site, wait=True).outcomes
    wanted = {
        number: outcome
        for number, (outcome, tag) in enumerate(zip(outcomes, tags, strict=True))
        if _is_text(outcome) and outcome.alt != tag.attributes.values.get("alt")
    }
    texts = {
        number: outcome.alt or ""
        for number, outcome in wanted.items()
        if outcome.reason is not Reason.STALE_CAPTION
    }
    writing = write_texts(source, texts, before, renderer.render)
    whys = dict.fromkeys(wanted.keys() - texts.keys(), _STALE) | dict(writing.refused)
    whys |= _included(whys, outcomes, Path(path), config)
    images = [outcome.file or outcome.src for outcome in outcomes]
    return SourcePlan(
        name,
        Path(path),
        before=source,
        after=writing.text,
        written=tuple(Written(writing.lines[each], images[each]) for each in writing.lines),
        refused=tuple(Refused(images[number], whys[number]) for number in sorted(whys)),
    )


def _unfit(page: Page, path: str | None, source: str | None, authors: Authorship) -> str:
    """Say why nothing can be written into a page's source, when that is so."""
    if path is None or page.file.generated_by:
        return "a plugin generates this page; it has no file"
    if not authors.has(path):
        return (
            "its file is a copy that a plugin made for this build: write the text where the plugin "
            "takes it from"
        )
    if leads_out(Path(path), authors.repository):
        return "a symbolic link makes of it a file outside of the project"
    if not is_markdown_file(page.file.src_uri):
        return "this page's source is not Markdown"
    return "the file cannot be read as UTF-8" if source is None else ""


def _refusal(name: str, build: Build, why: str) -> SourcePlan:
    """Refuse all texts of a page."""
    own = (each for each in build.report.outcomes if each.source == name and _is_text(each))
    images = dict.fromkeys(each.file or each.src for each in own)
    return SourcePlan(name, refused=tuple(Refused(image, why) for image in images))


def _included(
    whys: Mapping[int, str], outcomes: Sequence[Outcome], path: Path, config: MkDocsConfig
) -> dict[int, str]:
    """Name the included files that write what a page's own source does not."""
    wanted = [number for number, why in whys.items() if why == NOT_WRITTEN_HERE]
    places = Locator.of(config).places(outcomes, wanted, path) if wanted else {}
    return {
        number: f"{here(place.file)}, line {place.line}, which the page includes, writes it"
        for number, place in places.items()
        if place.file != path
    }


def _is_text(outcome: Outcome) -> bool:
    """Tell whether an image has what the catalog says of it."""
    is_decoration = outcome.decision == Decision.USE_STORED and outcome.alt == ""
    return outcome.origin is Origin.CATALOG or is_decoration


def _read(path: str | None) -> str | None:
    """Return a file's text with its line ends and its byte order mark, if it can be read."""
    try:
        return None if path is None else read_regular(Path(path)).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _print_diff(changes: Mapping[Path, SourcePlan]) -> None:
    """Print a diff, which `git apply` takes: its lines are what the sources hold."""
    files = {path: path.resolve() for path in changes}  # a link is no file to Git
    diff = "".join(
        as_diff(
            relative(file, repository(file.parent) or Path.cwd()),
            changes[path].before,
            changes[path].after,
        )
        for path, file in files.items()
    )
    if not diff:
        return
    if sys.stdout.isatty():
        # A person reads it, and what moves the cursor could hide a change.
        lines = (line.removesuffix("\r") for line in diff.removesuffix("\n").split("\n"))
        put("\n".join("\t".join(map(visible, line.split("\t"))) for line in lines))
        return
    # A source can have lines that are commands to GitHub; `git apply` skips what is around a diff.
    word = secrets.token_hex(16) if "GITHUB_ACTIONS" in os.environ else ""
    before, after = (f"::stop-commands::{word}\n", f"::{word}::\n") if word else ("", "")
    # In UTF-8, as the sources are, and with their line ends.
    click.echo(f"{before}{diff}{after}".encode(), nl=False)


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
        places = ", ".join(
            f"line {each.line} ({each.image})"
            for each in sorted(plan.written, key=lambda each: each.line)
        )
        yield f"  {here(plan.path)}: {places}"
    refused = [(plan.name, each) for plan in plans.all for each in plan.refused]
    for name, each in refused:
        yield f"Not written: {name}, {each.image}: {each.why}."
    if elsewhere := plans.elsewhere:
        yield (
            "In no page's Markdown, but on pages (the theme or a plugin shows them): "
            f"{listed(elsewhere)}. The catalog goes on filling them."
        )
    if unused := plans.unused:
        yield (
            f"In the catalog, but of use on no page: {listed(unused)}. No page shows the image, or "
            "it takes no such text there; the option `report` says why."
        )
    waiting = sum(entry.status is Status.DRAFT for entry in plans.catalog.values())
    if waiting and not drafts:
        yield (
            f"{counted(waiting, 'draft waits', 'drafts wait')} for approval: set "
            "`status: reviewed` in the catalog, or use --drafts."
        )
    if written or not refused:
        yield _next(plans, written, drafts=drafts, dry_run=dry_run)


def _next(plans: Plans, written: int, *, drafts: bool, dry_run: bool) -> str:
    if not written and plans.has_in_place(drafts=drafts):
        return "Nothing to write: the images of the pages have their texts in the Markdown already."
    if not written:
        approved = "" if drafts else "approved "
        return f"Nothing to write: the catalog has no {approved}text for an image in the Markdown."
    if dry_run:
        return "Nothing was written, as this was a dry run."
    return (
        "Next: look at the changes (`git diff`) and commit them. The texts are yours now; their "
        "entries in the catalog are no longer needed."
    )
