"""`mkdocs-alttext apply`: approved texts, written into the Markdown sources.

Owns the command, its words and its exit status. It must not know how a text is written into a
source.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.cli.applying import Plans
from mkdocs_alttext.cli.building import CommandError, build_for_report
from mkdocs_alttext.cli.formats.diff import as_diff
from mkdocs_alttext.cli.formats.scanned import relative
from mkdocs_alttext.cli.output import config_file_option, put, say, verbose_option
from mkdocs_alttext.cli.version_control import elsewhere, uncommitted
from mkdocs_alttext.site.messages import listed
from mkdocs_alttext.system.files import read_regular, replace_file
from mkdocs_alttext.system.printable import counted, visible
from mkdocs_alttext.system.project import leads_out, repository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_alttext.cli.applying import SourcePlan


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
        visit=plans.add_build,
        generate="never",
        publish="all" if drafts else "reviewed",
        report=os.devnull,  # without one, images that have text are only counted
    )
    if not plans.catalog:
        raise CommandError(
            f"There is no text in {_shown(Path(site.config.catalog))}. `mkdocs-alttext catalog` "
            "writes drafts there."
        )
    changes = [plan for plan in plans.all if plan.is_change]
    if dry_run:
        _show(
            "".join(
                as_diff(_name_in_repository(path), plan.before, plan.after)
                for path, plan in _files(changes).items()
            )
        )
    else:
        _write(changes, site.root, allow_dirty=allow_dirty)
    for line in report_lines(plans, drafts=drafts, dry_run=dry_run):
        say(line, err=dry_run)
    context.exit(1 if any(plan.refused for plan in plans.all) else 0)


def _files(changes: Sequence[SourcePlan]) -> dict[Path, SourcePlan]:
    return {plan.path: plan for plan in changes if plan.path}


def _show(diff: str) -> None:
    """Print a diff, which `git apply` takes: its lines are what the sources hold."""
    if not diff:
        return
    if sys.stdout.isatty():
        # A person reads it, and what moves the cursor could hide a change.
        put("\n".join(_as_seen(line) for line in diff.removesuffix("\n").split("\n")))
        return
    # A source can have lines that are commands to GitHub; `git apply` skips what is around a diff.
    word = secrets.token_hex(16) if "GITHUB_ACTIONS" in os.environ else ""
    before, after = (f"::stop-commands::{word}\n", f"::{word}::\n") if word else ("", "")
    # In UTF-8, as the sources are, and with their line ends.
    click.echo(f"{before}{diff}{after}".encode(), nl=False)


def _as_seen(line: str) -> str:
    return "\t".join(visible(part) for part in line.removesuffix("\r").split("\t"))


def _write(changes: Sequence[SourcePlan], root: Path, *, allow_dirty: bool) -> None:
    """Write new sources.

    Raises:
        CommandError: Git does not have some as they are, or a file cannot be written.
    """
    files = _files(changes)
    if not allow_dirty and (others := elsewhere(files, root)):
        raise CommandError(
            f"Nothing was written: {listed([_shown(path) for path in others])} "
            f"{'lies' if len(others) == 1 else 'lie'} in another repository than the project, "
            "which is not asked whether it has them. Commit them there, then use --allow-dirty."
        )
    if not allow_dirty and (dirty := uncommitted(files, root)):
        raise CommandError(
            f"Nothing was written: {listed([_shown(path) for path in dirty])} "
            f"{'has' if len(dirty) == 1 else 'have'} uncommitted changes. Commit them first, or "
            "use --allow-dirty."
        )
    for path, plan in files.items():
        try:
            # Of a link that stays in the project, the file behind it changes.
            target = path.resolve()
            if read_regular(target) != plan.before.encode() or leads_out(target, root):
                raise CommandError(f"{_shown(path)} changed just now. Run the command again.")
            replace_file(target, plan.after.encode())
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise CommandError(
                f"{_shown(path)} cannot be written ({why}). Files before it are written; run the "
                "command again when that is put right."
            ) from None


def report_lines(plans: Plans, *, drafts: bool, dry_run: bool) -> list[str]:
    """Say what was written, what was not, and what to do next."""
    changes = [plan for plan in plans.all if plan.is_change]
    written = [each.image for plan in changes for each in plan.written]
    lines = []
    if written:
        done = "would be written" if dry_run else "written"
        lines.append(
            f"{counted(len(written), 'text')} {done} into {counted(len(changes), 'file')}."
        )
        if not dry_run:
            lines += [f"  {_shown(plan.path)}: {_places(plan)}" for plan in changes]
    refused = [
        f"Not written: {plan.name}, {each.image}: {each.why}."
        for plan in plans.all
        for each in plan.refused
    ]
    lines += refused
    if elsewhere := plans.elsewhere:
        lines.append(
            f"In no page's Markdown, but on pages (the theme or a plugin shows them): "
            f"{listed(elsewhere)}. The catalog goes on filling them."
        )
    if unused := plans.unused:
        lines.append(
            f"In the catalog, but of use on no page: {listed(unused)}. No page shows the image, or "
            "it takes no such text there; the option `report` says why."
        )
    waiting = [path for path, entry in plans.catalog.items() if entry.status is Status.DRAFT]
    if waiting and not drafts:
        lines.append(
            f"{counted(len(waiting), 'draft waits', 'drafts wait')} for approval: set "
            "`status: reviewed` in the catalog, or use --drafts."
        )
    if written or not refused:
        lines.append(_next(plans, written, drafts=drafts, dry_run=dry_run))
    return lines


def _places(plan: SourcePlan) -> str:
    return ", ".join(
        f"line {each.line} ({each.image})" for each in sorted(plan.written, key=lambda it: it.line)
    )


def _next(plans: Plans, written: Sequence[str], *, drafts: bool, dry_run: bool) -> str:
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


def _shown(path: Path | None) -> str:
    """Return a path as seen from the current folder."""
    return "" if path is None else Path(os.path.relpath(path)).as_posix()


def _name_in_repository(path: Path) -> str:
    """Return a path as seen from the root of its repository, else from the current folder."""
    file = path.resolve()  # a link is no file to Git
    return relative(file, repository(file.parent) or Path.cwd())
