"""`mkdocs-alttext catalog`: drafts of what the cache knows, for people to correct and approve."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.catalog.drafting import Changes, Seen, write_drafts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.output import config_file_option, say
from mkdocs_alttext.filling.messages import filling_hint, listed, unknown_line, untranslated_lines
from mkdocs_alttext.models import GENERATED, SUGGESTIONS, Origin, Outcome, Result
from mkdocs_alttext.system.printable import counted, same_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_alttext.filling.catalog_paths import UnknownPath

_DRAFTED = GENERATED | {Origin.AUTHOR}
"""Where texts come from that become drafts."""
_NOTED = ("context", "refused", "suggestion", "long")
"""Keys of the catalog under which a build says more of a text: where it is from, and why it is not
published."""
_SUGGESTIONS = {reason: ("suggestion", word) for word, reason in SUGGESTIONS.items()}
"""The key and the value that the catalog has in place of a reason."""


@click.command("catalog")
@config_file_option
@click.option(
    "--all", "adds_all", is_flag=True, help="Add entries for pictures that have no text yet, too."
)
def command(config_file: str | None, *, adds_all: bool) -> None:
    """Write drafts of generated texts into the catalog (alttext.yml), to be reviewed.

    Nothing is asked of the service and nothing is paid for. Your words and comments stay as they
    are, and nothing is marked as reviewed.
    """
    built = build_for_report(config_file, publish="all")
    outcomes, service = built.outcomes, built.options.service
    unknown = built.unknown
    path = Path(built.options.catalog)
    before = read_bytes(path)
    text = decode(before or b"", str(path))
    changes = write_drafts(
        text,
        _seen_in(outcomes, adds_all=adds_all),
        service=service,
        name=str(path),
        gone=[each.path for each in unknown],
    )
    if changes.text != text:
        write_catalog(path, changes.text, before=before, root=built.root)
    entries = parse_catalog(changes.text, str(path))
    stale = len(changes.stale) + len(changes.outdated) + len(changes.stuck)
    say(
        f"{path.name}: {counted(len(entries), 'entry', 'entries')}: {len(changes.added)} added, "
        f"{len(changes.refreshed)} refreshed, {stale} stale."
    )
    for line in _news(changes, unknown, path.name, built.asking):
        say(line)
    for line in untranslated_lines(outcomes, path.name):
        say(line)
    missing = {each.file for each in outcomes if each.result is Result.MISSING and each.sha256}
    if files := missing - {None}:
        hint = "" if adds_all else " `mkdocs-alttext catalog --all` adds entries for them."
        say(
            f"{counted(len(files), 'image has', 'images have')} no text yet. "
            f"{filling_hint(outcomes, built.builds[-1].key_variable, built.asking)}{hint}"
        )
    drafts = sum(Status.DRAFT in entry.statuses.values() for entry in entries.values())
    if drafts:
        say(
            f"Next: review {counted(drafts, 'draft')} in {path.name}. Correct each text, set "
            "`status: reviewed` or `status: decorative`, and commit the file."
        )
    elif entries and not changes.stale:
        say(
            f"Everything in {path.name} is reviewed. Builds use it without a key, and "
            "`mkdocs-alttext apply` writes it into the Markdown."
        )


def _news(
    changes: Changes, unknown: Sequence[UnknownPath], name: str, asking: str
) -> Iterator[str]:
    """Say what was done, and what a person has to do.

    Args:
        changes: What was done.
        unknown: Entries whose path was no file of the site before.
        name: The catalog's file name.
        asking: The command that asks for texts.
    """
    if changes.moved:
        moved = [f"{old} is {new} now" for old, new in sorted(changes.moved.items())]
        yield f"Moved, as the same picture has another path now: {listed(moved)}."
    if changes.blank:
        yield (
            f"Added without a text: {listed(changes.blank)}. Write each `alt`, or let "
            f"`{asking}` with a key write it."
        )
    if changes.completed:
        yield f"The digest of the picture was added to: {listed(changes.completed)}."
    if changes.stale:
        yield (
            f"Stale, as the picture is another now: {listed(changes.stale)}. Check each text, and "
            "correct it. Then remove its sha256 and run this command again."
        )
    if changes.outdated:
        yield (
            f"Stale drafts without a new text yet: {listed(changes.outdated)}. `{asking}` asks "
            "for one; then run this command again."
        )
    if changes.stuck:
        yield (
            "Stale drafts that are left, as a comment or braces are in the way of new texts: "
            f"{listed(changes.stuck)}. Write each text on a line of its own, without a comment, or "
            "remove the entry; then run this command again."
        )
    moved_paths = {same_form(path) for path in changes.moved}
    left = [each for each in unknown if each.path not in moved_paths]
    twice = [f"{each.path} ({each.moved_to})" for each in left if each.moved_to]
    if twice:
        yield (
            f"Left, as another entry has the path of the same picture: {listed(twice)}. Keep the "
            "better text there, and remove these entries."
        )
    if line := unknown_line(left, name):
        yield line


def _seen_in(outcomes: Iterable[Outcome], *, adds_all: bool) -> dict[str, Seen]:
    """Return what a build says of the site's images, by path.

    Args:
        outcomes: Of all images.
        adds_all: Whether pictures that have no text yet get an entry.
    """
    digests: dict[str, str] = {}
    # A text is one of bytes: a copy of a picture shares its entry until it has its own.
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    notes: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    authored: dict[str, set[str]] = defaultdict(set)
    pages: dict[str, list[str]] = defaultdict(list)
    for each in outcomes:
        if each.file is None or each.sha256 is None:
            continue
        digests[each.file] = each.sha256
        if adds_all and each.result is Result.MISSING:
            pages[each.file].append(each.source or each.page)
        if each.language and each.alt and each.origin in _DRAFTED:
            texts[each.sha256][each.language] = each.alt
            if each.origin is Origin.AUTHOR:
                authored[each.sha256].add(each.language)
        elif each.language and each.refused and each.reason:
            texts[each.sha256][each.language] = each.refused
            key, note = _SUGGESTIONS.get(each.reason, ("refused", each.reason.value))
            notes[each.sha256][key][each.language] = note
        else:
            continue
        for key, said in (("context", each.context_page), ("long", each.long_description)):
            if said:
                notes[each.sha256][key][each.language] = said
    return {
        path: Seen(
            sha256,
            texts[sha256],
            {name: notes[sha256][name] for name in _NOTED},
            frozenset(authored[sha256]),
            tuple(dict.fromkeys(pages[path])),
        )
        for path, sha256 in digests.items()
    }
