"""`mkdocs-alttext catalog`: drafts of what the cache knows, for people to correct and approve."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.catalog.drafting import Changes, PictureTexts, write_drafts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Status, language_tag
from mkdocs_alttext.catalog.reading import NOTES, decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import build_for_report
from mkdocs_alttext.cli.folder_site import look_at_folder, site_option
from mkdocs_alttext.cli.output import config_file_option, say
from mkdocs_alttext.filling import messages
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.models import GENERATED, SUGGESTIONS, Origin, Outcome, Result
from mkdocs_alttext.system.printable import counted, same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.cli.sites import Site
    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.filling.words import Words

_DRAFTED = GENERATED | {Origin.AUTHOR}
"""Where texts come from that become drafts."""
_SUGGESTIONS = {reason: ("suggestion", word) for word, reason in SUGGESTIONS.items()}
"""The key and the value that the catalog has in place of a reason."""


@click.command("catalog")
@config_file_option
@site_option
@click.option(
    "--all", "adds_all", is_flag=True, help="Add entries for pictures that have no text yet, too."
)
def command(config_file: str | None, *, folder: Path | None, adds_all: bool) -> None:
    """Write drafts of generated texts into the catalog (alttext.yml), to be reviewed.

    Nothing is asked of the service and nothing is paid for. Your words and comments stay as they
    are, and nothing is marked as reviewed.
    """
    built: Site
    if folder:
        built = look_at_folder(folder, config_file, publish="all")
    else:
        built = build_for_report(config_file, publish="all")
    words = built.words
    outcomes, service = built.outcomes, built.options.service
    unknown = built.unknown
    path = Path(built.options.catalog)
    before = read_bytes(path)
    text = decode(before or b"", str(path))
    # What an entry with a wrong path means gets no other, which would be in its way.
    meant = {each.meant for each in unknown if not each.is_taken}
    seen = picture_texts(outcomes, adds_all=adds_all)
    seen = {path: picture for path, picture in seen.items() if same_form(path) not in meant}
    changes = write_drafts(
        text, seen, service=service, name=str(path), gone=[each.path for each in unknown]
    )
    if changes.text != text:
        write_catalog(path, changes.text.encode(), before=before, root=built.root)
    entries = parse_catalog(changes.text, str(path))
    stale = len(changes.stale + changes.outdated + changes.kept + changes.stuck)
    say(
        f"{path.name} has {counted(len(entries), 'entry', 'entries')}: {len(changes.added)} added, "
        f"{len(changes.refreshed)} refreshed, {stale} stale."
    )
    for line in _news(changes, unknown, path.name, words, built.outdated):
        say(line)
    if lost := _for_no_page(entries.values(), built.page_names):
        say(
            f"Texts for pages that this site does not have: {listed(lost)}. Correct the name of "
            f"the page in {path.name}, or remove the text."
        )
    for line in messages.untranslated_lines(outcomes, path.name, words):
        say(line)
    for line in messages.nameless_lines(outcomes, path.name, words):
        say(line)
    missing = (each for each in outcomes if each.result is Result.MISSING and each.sha256)
    if files := {each.file for each in missing if each.file}:
        # With `--all`, `_news` has told where to write the texts.
        hint = "" if adds_all else f" {_entry_hint(files, entries, path.name, words)}"
        key, option = built.builds[-1].key_variable, built.written.asks_nothing
        say(
            f"{counted(len(files), 'picture has', 'pictures have')} no text yet. "
            f"{messages.filling_hint(outcomes, key, words, option)}{hint}"
        )
    drafts = sum(Status.DRAFT in entry.statuses.values() for entry in entries.values())
    if drafts:
        say(
            f"Next: `{words.command('review')}` shows {counted(drafts, 'draft')} beside the "
            f"pictures. Or correct each in {path.name} and set `status: reviewed` or "
            f"`status: decorative`. Then {words.told(words.after_review, file=path.name)}"
        )
    elif entries and not changes.stale:
        say(f"Everything in {path.name} is reviewed. {words.when_approved}")


def _news(
    changes: Changes, unknown: Sequence[UnknownPath], name: str, words: Words, outdated: int
) -> Iterator[str]:
    """Say what was done, and what a person has to do.

    Args:
        changes: What was done.
        unknown: Entries whose path was no file of the site before.
        name: The catalog's file name.
        words: Those of the site.
        outdated: Images of a folder that have an earlier text.
    """
    if changes.moved:
        moved = [f"{old} is {new} now" for old, new in sorted(changes.moved.items())]
        yield f"Moved, as the same picture has another path: {listed(moved)}."
    if changes.blank:
        yield f"Added without a text: {listed(changes.blank)}. Write each `alt`."
    if changes.completed:
        yield f"The digest of the picture was added to: {listed(changes.completed)}."
    if changes.stale:
        yield (
            f"Stale, as the picture is another now: {listed(changes.stale)}. Check each text "
            f"in `{words.command('review')}`; or correct it here, remove its sha256 and run this "
            "command again."
        )
    if changes.outdated:
        yield (
            f"Stale drafts without a new text yet: {listed(changes.outdated)}. `{words.asking}` "
            "asks for one; then run this command again."
        )
    if changes.kept:
        yield (
            "Kept for their pictures, whose path another entry has, which is stale: "
            f"{listed(changes.kept)}. Each serves its picture all the same. Check the stale texts, "
            "and run this command again."
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
    yield from messages.unknown_lines(left, name)
    if outdated:
        images = counted(outdated, "image has", "images have")
        yield (
            f"{images} an earlier text in the pages. Have your generator write all pages anew, "
            "then fill them: a page that is filled keeps its texts."
        )


def _entry_hint(
    files: Collection[str], entries: Mapping[str, Entry], name: str, words: Words
) -> str:
    """Say how pictures get entries, or texts where each has an entry.

    Args:
        files: The pictures that have no text.
        entries: The catalog's.
        name: Its file name.
        words: Those of the site.
    """
    is_one = len(files) == 1
    blank = {same_form(path) for path, entry in entries.items() if not entry.texts}
    if blank.issuperset(map(same_form, files)):
        return f"Write {'its' if is_one else 'each'} `alt` in {name}."
    entries_for = "an entry for it" if is_one else "entries for them"
    return f"`{words.command('catalog')} --all` adds {entries_for}."


def _for_no_page(entries: Iterable[Entry], names: Container[str]) -> list[str]:
    """Return the texts for single pages that no page of a site can get.

    Args:
        entries: The catalog's.
        names: What its pages are called.
    """
    return [
        f"{each.path} on {page}"
        for each in entries
        for page in each.pages
        if same_form(page) not in names
    ]


def picture_texts(outcomes: Iterable[Outcome], *, adds_all: bool) -> dict[str, PictureTexts]:
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
    # An author's text comes before others of the same picture, as in a pair of two colours.
    for each in sorted(outcomes, key=lambda outcome: outcome.origin is not Origin.AUTHOR):
        if each.file is None or each.sha256 is None:
            continue
        digests[each.file] = each.sha256
        if adds_all and each.result is Result.MISSING:
            pages[each.file].append(each.source or each.page)
        tag, is_author = language_tag(each.language or ""), each.origin is Origin.AUTHOR
        if not tag or (tag in authored[each.sha256] and not is_author):
            continue
        if each.alt and each.origin in _DRAFTED:
            texts[each.sha256][tag] = each.alt
            if is_author:
                authored[each.sha256].add(tag)
        elif each.refused and each.reason:
            texts[each.sha256][tag] = each.refused
            key, note = _SUGGESTIONS.get(each.reason, ("refused", each.reason.value))
            notes[each.sha256][key][tag] = note
        else:
            continue
        for key, said in (("context", each.context_page), ("long", each.long_description)):
            if said:
                notes[each.sha256][key][tag] = said
    return {
        path: PictureTexts(
            sha256,
            texts[sha256],
            {name: notes[sha256][name] for name in NOTES},
            frozenset(authored[sha256]),
            tuple(dict.fromkeys(pages[path])),
        )
        for path, sha256 in digests.items()
    }
