"""`mkdocs-alttext apply`: approved texts, written into the Markdown sources."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.changes import print_diff, require_committed, write_changes
from mkdocs_alttext.cli.output import CommandError, config_file_option, here, say
from mkdocs_alttext.cli.plans import Plans
from mkdocs_alttext.filling.messages import listed, nameless_lines, untranslated_lines
from mkdocs_alttext.filling.report import in_parentheses
from mkdocs_alttext.models import Result
from mkdocs_alttext.sources.writing import DECORATIVE, DECORATIVE_CLASS
from mkdocs_alttext.system.printable import counted, same_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mkdocs_alttext.cli.plans import SourcePlan


@click.command("apply")
@config_file_option
@click.option("--drafts", is_flag=True, help="Write texts that nobody has approved, too.")
@click.option(
    "--free",
    is_flag=True,
    help="Write what links and SVGs say, too, as builds do: for a site that is to do without the "
    "plugin.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, and print what would change.")
@click.option("--allow-dirty", is_flag=True, help="Change files with uncommitted changes, too.")
def command(
    *, config_file: str | None, drafts: bool, free: bool, dry_run: bool, allow_dirty: bool
) -> int:
    """Write the catalog's approved texts into the Markdown sources.

    Each page is rendered before and after; a text that would change anything but the alt text of
    its image is not written. Nothing is asked of the service.

    Exit status: 0 when every text is written, 1 when some are not, 2 when nothing could be done.
    """
    plans = Plans(free=free)
    publish = "all" if drafts else "reviewed"
    # Without a report, images that have text are only counted.
    site = build_for_report(config_file, visit=plans.add_build, publish=publish, report=os.devnull)
    if not (plans.catalog or free):
        raise CommandError(
            f"There is no text in {here(Path(site.options.catalog))}. `mkdocs-alttext catalog` "
            "writes drafts there."
        )
    name = Path(site.options.catalog).name
    changes = {plan.path: (plan.before, plan.after) for plan in plans.all if plan.is_change}
    if dry_run:
        print_diff(changes)
    else:
        if not allow_dirty:
            require_committed(changes, site.root)
        write_changes(changes, site.root)
    for line in _report(plans, name, drafts=drafts, dry_run=dry_run):
        say(line, err=dry_run)
    return 1 if any(plan.refused for plan in plans.all) else 0


def _report(plans: Plans, name: str, *, drafts: bool, dry_run: bool) -> Iterator[str]:
    """Say what was written, what was not, and what to do next."""
    changes = [plan for plan in plans.all if plan.is_change]
    yield from _written(changes, dry_run=dry_run)
    refused: dict[tuple[str, str], list[str]] = defaultdict(list)
    for plan in plans.all:
        for each in plan.refused:
            refused[plan.name, each.why].append(each.image)
    for (source, why), images in refused.items():
        yield f"Not written: {source}, {', '.join(dict.fromkeys(images))}: {why}."
    yield from _left(plans)
    yield from nameless_lines(plans.outcomes, name)
    waiting = sum(plans.waits(each) for each in plans.catalog.values())
    if waiting and not drafts:
        yield (
            f"{counted(waiting, 'draft waits', 'drafts wait')} for approval: set "
            "`status: reviewed` in the catalog, or use --drafts."
        )
    yield from _lost(plans, name)
    if changes or not (refused or plans.unmarked):
        yield _next(plans, is_changed=bool(changes), drafts=drafts, dry_run=dry_run)


def _written(changes: Sequence[SourcePlan], *, dry_run: bool) -> Iterator[str]:
    written = [(plan.name, each.text == DECORATIVE) for plan in changes for each in plan.written]
    texts = [name for name, is_mark in written if not is_mark]
    marks = len(written) - len(texts)
    would = "would be " if dry_run else ""
    if texts:
        files = counted(len({*texts}), "file")
        yield f"{counted(len(texts), 'text')} {would}written into {files}."
    if marks:
        are = "would be" if dry_run else "is" if marks == 1 else "are"
        yield (
            f"{counted(marks, 'image')} {are} marked as decoration, with "
            f"`{{ .{DECORATIVE_CLASS} }}`."
        )
    for plan in changes if not dry_run else ():
        places = ", ".join(
            f"line {each.line} ({each.image}{', decoration' * (each.text == DECORATIVE)})"
            for each in plan.written
        )
        yield f"  {here(plan.path)}: {places}"


def _left(plans: Plans) -> Iterator[str]:
    """Say what the catalog has and no Markdown gets."""
    in_sources = [plan.images for plan in plans.all]
    elsewhere = plans.to_write.difference(*in_sources, plans.unmarked)
    elsewhere = {image for image in elsewhere if same_form(image) not in plans.with_text}
    if around := plans.around - elsewhere:
        yield (
            "Around articles, too (the theme or a plugin shows them there): "
            f"{listed(sorted(around))}. Where they are not taken from an article, as a blog's list "
            "takes them, they have a text from the plugin only."
        )
    if elsewhere:
        yield (
            "In no page's Markdown, but on pages (the theme or a plugin shows them): "
            f"{listed(sorted(elsewhere))}. The plugin goes on filling them; without it, they "
            "have no text."
        )
    if plans.unmarked:
        what = ", and ".join(sorted({*plans.unmarked.values()}))
        yield (
            f"Decoration, which only the catalog says: {listed(sorted(plans.unmarked))}. Keep "
            f"these entries; or {what}, and run the command again: it marks the images then."
        )
    approved = plans.paths(drafts=False)
    filled = {same_form(each.file or "") for each in plans.texts}
    digests = {each.sha256 for each in plans.texts} - {None}  # maybe those of another path
    used = {path for path, each in plans.catalog.items() if each.sha256 in digests}
    if unused := approved - used - filled - plans.with_text:
        yield (
            f"In the catalog, but of use on no page: {listed(sorted(unused))}. No page shows the "
            "image, or it takes no such text there; the option `report` says why."
        )


def _lost(plans: Plans, name: str) -> Iterator[str]:
    """Say what only the plugin gives the pages."""
    left = (each for each in plans.outcomes if each.result is Result.MISSING)
    yield from untranslated_lines(left, name)
    if plans.blank:
        its = "its" if len(plans.blank) == 1 else "each"
        yield (
            f"{counted(len(plans.blank), 'picture has', 'pictures have')} neither an approved text "
            f"nor a draft: {listed(sorted(plans.blank))}. Write {its} `alt` in {name}, or mark it "
            "as decorative (`status: decorative`)."
        )
    if plans.unlisted:
        yield (
            f"{counted(len(plans.unlisted), 'picture has', 'pictures have')} neither an approved "
            f"text nor an entry in {name}: {listed(sorted(plans.unlisted))}. "
            "`mkdocs-alttext catalog` writes what the cache holds as drafts; with --all, it adds "
            "an entry for each of the others."
        )
    if lost := sum(plans.lost.values()):
        yield (
            f"Without the plugin, {counted(lost, 'image')} would lose what it fills at no cost"
            f"{in_parentheses(plans.lost)}; --free writes that, too."
        )


def _next(plans: Plans, *, is_changed: bool, drafts: bool, dry_run: bool) -> str:
    if is_changed and dry_run:
        return "Nothing was written, as this was a dry run."
    if is_changed:
        return (
            "Next: look at the changes (`git diff`) and commit them. The texts are yours now; "
            "the catalog need not hold them any more."
        )
    if plans.paths(drafts=drafts) & plans.with_text:
        return (
            "Nothing to write: what the catalog says of the images stands in the Markdown already."
        )
    what = "text" if drafts else "approved text"
    return f"Nothing to write: the catalog has no {what} for an image in the Markdown."
