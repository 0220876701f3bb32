"""`mkdocs-alttext forget`: texts that are asked for anew by the next build.

Owns the command: which texts it means, what it does to cache and catalog, its words and its exit
status.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.catalog.drafting import without_texts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import language_tag
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import CommandError, build_for_report, load_site
from mkdocs_alttext.cli.output import config_file_option, say, verbose_option
from mkdocs_alttext.exceptions import AnswerError, CatalogError, ImageError, StoreError
from mkdocs_alttext.pages.selection import Selection, docs_dir_names
from mkdocs_alttext.site.cache_place import fault_of_cache_dir
from mkdocs_alttext.site.messages import counted, listed
from mkdocs_alttext.system.printable import same_form
from mkdocs_alttext.system.project import project_root

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.cli.building import Authorship
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.models import CaptionKey, StoredAnswer
    from mkdocs_alttext.site.build import Build

NOTHING_MATCHED = 1
"""Exit status where there was nothing to be forgotten."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which texts are meant, of the pictures that are."""

    service: str | None
    model: str | None
    refused: bool


@dataclass(slots=True)
class Pictures:
    """The pictures of the site that are meant."""

    patterns: Sequence[str]
    """As in `exclude`; all pictures, of this site or not, where there are none."""
    names: dict[str, str] = field(default_factory=dict)
    """By the digest of a picture, one of its paths inside the built site."""
    paths: set[str] = field(default_factory=set)
    """Of all of them, in the form in which names are compared."""

    def add_build(self, build: Build, config: MkDocsConfig, authors: Authorship) -> None:
        """Take in the pictures of one build: translations are builds of their own."""
        del authors
        folders = docs_dir_names(config.docs_dir, config.config_file_path)
        selection = Selection((), self.patterns, folders=folders)
        selection.note(build.files.names())
        images = build.site.images
        for path in build.files.media():
            if all(selection.allows(*each) for each in build.files.called(path)):
                continue
            self.paths.add(same_form(path))
            try:
                self.names.setdefault(images.facts(path).sha256, path)
            except ImageError:  # it has no text that could be forgotten
                continue

    def has(self, path: str, sha256: str | None) -> bool:
        """Tell whether a picture is meant, by its path or its digest."""
        return not self.patterns or same_form(path) in self.paths or sha256 in self.names


@dataclass(frozen=True, slots=True)
class Matches:
    """What is to be forgotten."""

    keys: list[CaptionKey]
    drafts: Mapping[str, Collection[str]]
    """By the path of a draft that nobody changed, the languages of its texts that are meant."""
    kept: list[str]
    """Paths of entries that a person wrote, changed or approved."""

    def lines(self, pictures: Pictures, catalog: str) -> list[str]:
        """Say what it is, one text on a line."""
        texts = sorted(
            (pictures.names.get(key.sha256, key.sha256[:12]), key.language, key.service)
            for key in self.keys
        )
        lines = [f"  {path} ({language or 'no language'}, {by})" for path, language, by in texts]
        return lines + [
            f"  {path} ({', '.join(filter(None, [*sorted(languages), f'draft in {catalog}']))})"
            for path, languages in self.drafts.items()
        ]


@click.command("forget")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@config_file_option
@verbose_option
@click.option("--service", help="Only texts of this service, such as alttextai or ocr.")
@click.option("--model", help="Only texts that this model wrote.")
@click.option("--refused", is_flag=True, help="Only answers that are not published.")
@click.option("--all", "is_all", is_flag=True, help="All texts, of other sites' pictures, too.")
@click.option("--dry-run", is_flag=True, help="Forget nothing, and list what would be forgotten.")
@click.pass_context
def command(
    context: click.Context,
    patterns: tuple[str, ...],
    *,
    config_file: str | None,
    service: str | None,
    model: str | None,
    refused: bool,
    is_all: bool,
    dry_run: bool,
) -> None:
    """Forget texts, so that the next build asks for them anew. That may cost credits.

    PATTERN names pictures of the site, as in the option exclude. Texts of all languages are removed
    from the cache, and drafts that nobody changed from the catalog. What a person approved, wrote
    or changed stays, and is listed.

    Exit status: 0 when something was forgotten, 1 when nothing matched, 2 when it could not be
    done.
    """
    filters = Filters(service, model, refused)
    if is_all and patterns:
        raise click.UsageError("--all means all texts: leave the patterns out.")
    if not (is_all or patterns or service or model or refused):
        raise click.UsageError(
            "Name pictures by a pattern, or texts by --service, --model, --refused or --all."
        )
    pictures = Pictures(patterns)
    if patterns:
        built = build_for_report(
            config_file, visit=pictures.add_build, is_quick=True, generate="never"
        )
        config, root, site = built.config, built.root, built.site
        told = built.problems
    else:
        told = []
        site, plugin = load_site(config_file)
        config, root = plugin.config, project_root(site.config_file_path)
    if fault := fault_of_cache_dir(config.cache_dir, site):
        raise CommandError(fault)
    cache = DiskCache(Path(config.cache_dir))
    try:
        matches = _forget(config, cache, pictures, filters, root=root, is_dry_run=dry_run)
    finally:
        problems = [problem for problem in cache.problems() if problem not in told]
        cache.close()
        for problem in problems:
            say(problem, err=True)
    context.exit(0 if matches.keys or matches.drafts else NOTHING_MATCHED)


def _forget(
    config: AltTextConfig,
    cache: DiskCache,
    pictures: Pictures,
    filters: Filters,
    *,
    root: Path,
    is_dry_run: bool,
) -> Matches:
    """Forget what is meant, and say so.

    Raises:
        CommandError: The cache or the catalog cannot be read or written.
    """
    path = Path(config.catalog)
    try:
        before = read_bytes(path)
        text = decode(before or b"", str(path))
        matches = _matches(config, cache, pictures, filters, parse_catalog(text, str(path)))
        removal = without_texts(text, matches.drafts, name=str(path))
        # The cache first: a draft that stays is found by the next `forget`, a text is not.
        if matches.keys and not is_dry_run:
            cache.forget(matches.keys)
    except CatalogError as error:
        raise CommandError(str(error)) from None
    except StoreError:
        raise CommandError("Nothing was forgotten of the cache.") from None
    if removal.removed and not is_dry_run:
        try:
            write_catalog(path, removal.text, before=before, root=root)
        except CatalogError as error:
            texts = counted(matches.keys, "text", "texts")
            what = f"{texts} of the cache are forgotten, and no draft of {path.name} is."
            raise CommandError(str(error), what) from None
    drafts = {path: matches.drafts[path] for path in removal.removed}
    done = Matches(matches.keys, drafts, [*matches.kept, *removal.stuck])
    for line in report_lines(done, pictures, path.name, is_dry_run=is_dry_run):
        say(line)
    return done


def _matches(
    config: AltTextConfig,
    cache: DiskCache,
    pictures: Pictures,
    filters: Filters,
    entries: Mapping[str, Entry],
) -> Matches:
    keys = []
    for key, answer in cache.entries():
        if pictures.patterns and key.sha256 not in pictures.names:
            continue
        name = posixpath.basename(pictures.names.get(key.sha256, ""))
        if _is_meant(filters, key.service, answer, name, config.max_length):
            keys.append(key)
    forgotten = {(key.sha256, key.service, language_tag(key.language)) for key in keys}
    pictures_forgotten = {key.sha256 for key in keys}
    drafts, kept = {}, []
    for entry in entries.values():
        if not pictures.has(entry.path, entry.sha256):
            continue
        meant = [each for each in entry.texts if _is_meant_draft(filters, entry, each, forgotten)]
        if not entry.is_untouched or entry.pages:
            if meant or entry.sha256 in pictures_forgotten:
                kept.append(entry.path)
        elif meant:
            drafts[entry.path] = meant
    return Matches(keys, drafts, kept)


def _is_meant(
    filters: Filters, service: str, answer: StoredAnswer, file_name: str, max_length: int
) -> bool:
    if filters.service and not _is_of(filters.service, service):
        return False
    if filters.model and answer.model != filters.model:
        return False
    if not filters.refused:
        return True
    try:
        # What the page says is not known here, nor whether anybody looked: it is no reason.
        published(answer, file_name=file_name, max_length=max_length, page_text=answer.text.__str__)
    except AnswerError:
        return True
    return False


def _is_meant_draft(
    filters: Filters, entry: Entry, language: str, forgotten: Collection[tuple[str, str, str]]
) -> bool:
    """Tell whether a text of a draft is meant.

    Args:
        filters: What is to be forgotten.
        entry: The draft.
        language: Of one of its texts.
        forgotten: The pictures, services and languages of what the cache forgets. The cache of
            this machine need not know a draft.
    """
    service = (entry.origin or "").rpartition(" ")[0]
    if (entry.sha256, service, language) in forgotten:
        return True
    return not (
        filters.model  # of which a catalog says nothing
        or (filters.service and not _is_of(filters.service, service))
        or (filters.refused and not entry.refusal(language))
    )


def _is_of(name: str, service: str) -> bool:
    """Tell whether a service has a name, whatever its version."""
    return service == name or service.startswith((f"{name}/", f"{name} "))


def report_lines(
    matches: Matches, pictures: Pictures, catalog: str, *, is_dry_run: bool
) -> list[str]:
    """Say what was forgotten, what stays, and what to do next."""
    if not (matches.keys or matches.drafts):
        lines = ["Nothing matched: there is no such text in the cache, and no such draft."]
    else:
        texts = counted(matches.keys, "text", "texts")
        drafts = counted(list(matches.drafts), "draft", "drafts")
        what = f"{texts} of the cache and {drafts} of {catalog}"
        lines = [f"{what} {'would be' if is_dry_run else 'are'} forgotten:"]
        lines += matches.lines(pictures, catalog)
        if not is_dry_run:
            lines.append("The next build that may ask the service asks for them anew.")
    if matches.kept:
        lines.append(
            f"Left in {catalog}, as a person approved, wrote or changed them: "
            f"{listed(matches.kept)}. Builds go on using them; remove an entry to have its text "
            "asked for anew."
        )
    return lines
