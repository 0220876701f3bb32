"""`mkdocs-alttext forget`: texts that are asked for anew by the next build."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.catalog.drafting import without_texts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Entry, language_tag
from mkdocs_alttext.catalog.reading import decode, parse_catalog, read_bytes
from mkdocs_alttext.cli.building import build_for_report, load_site
from mkdocs_alttext.cli.folder_site import look_at_folder, site_option
from mkdocs_alttext.cli.output import CommandError, config_file_option, say
from mkdocs_alttext.exceptions import AnswerError, CatalogError, ImageError, StoreError
from mkdocs_alttext.filling.cache import open_cache
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.pages.include_exclude import Selection
from mkdocs_alttext.services.model_list import is_model
from mkdocs_alttext.system.printable import counted, same_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_alttext.cache.disk import DiskCache
    from mkdocs_alttext.cache.shared import SharedCache
    from mkdocs_alttext.cli.sites import Site
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.folder.run import FolderRun
    from mkdocs_alttext.models import CaptionKey, StoredAnswer
    from mkdocs_alttext.site.build import Build


@dataclass(slots=True)
class Wanted:
    """Which texts are meant, of which pictures of the site."""

    patterns: Sequence[str]
    """As in `exclude`; all pictures, of this site or not, where there are none."""
    service: str | None
    model: str | None
    refused: bool
    """Whether only answers are meant that are not published."""
    names: dict[str, str] = field(default_factory=dict)
    """By the digest of a picture that is meant, one of its paths inside the built site."""
    paths: set[str] = field(default_factory=set)
    """Of all of them, in the form in which names are compared."""

    def add_pictures(self, build: Build | FolderRun) -> None:
        """Take in the pictures of a folder, or of one build: translations have their own."""
        selection = Selection((), self.patterns, folders=build.folders)
        selection.note(build.files.names())
        for path in build.files.media():
            if all(selection.allows(*each) for each in build.files.called(path)):
                continue
            self.paths.add(same_form(path))
            try:
                self.names.setdefault(build.site.images.facts(path).sha256, path)
            except ImageError:  # it has no text that could be forgotten
                continue

    def has_answer(self, key: CaptionKey, answer: StoredAnswer, max_length: int) -> bool:
        """Tell whether a text of the cache is meant.

        Args:
            key: What it was paid for.
            answer: What was answered.
            max_length: The option: longer texts are not published.
        """
        return (
            (key.sha256 in self.names or not self.patterns)
            and self._has_service(key.service)
            and (not self.model or is_model(answer.model, self.model))
            and not (self.refused and self._is_published(key, answer, max_length))
        )

    def has_picture(self, entry: Entry) -> bool:
        """Tell whether the picture of an entry is meant."""
        is_named = same_form(entry.path) in self.paths or entry.sha256 in self.names
        return is_named or not self.patterns

    def has_draft(self, entry: Entry, language: str) -> bool:
        """Tell whether a text of a draft is meant, whatever the cache of this machine knows."""
        return not (
            self.model  # of which a catalog says nothing
            or not self._has_service(_service_of(entry))
            or (self.refused and not entry.refusal(language))
        )

    def _has_service(self, service: str) -> bool:
        """Tell whether a service is meant, whatever its version."""
        name = self.service
        return not name or service == name or service.startswith((f"{name}/", f"{name} "))

    def _is_published(self, key: CaptionKey, answer: StoredAnswer, max_length: int) -> bool:
        """Tell whether an answer is published, as far as can be told without a page."""
        name = posixpath.basename(self.names.get(key.sha256, ""))
        try:
            # What the page says is not known here, nor whether anybody looked: it is no reason.
            published(
                answer,
                language=key.language,
                file_name=name,
                max_length=max_length,
                page_text=answer.text.__str__,
            )
        except AnswerError:
            return False
        return True


class Matches(NamedTuple):
    """What is to be forgotten."""

    keys: list[CaptionKey]
    drafts: dict[str, list[str]]
    """By the path of a draft that nobody changed, the languages of its texts that are meant."""
    kept: list[str]
    """Paths of entries that a person wrote, changed or approved."""


@click.command("forget")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@config_file_option
@site_option
@click.option("--service", help="Only texts of this service, such as alttextai or ocr.")
@click.option("--model", help="Only texts that this model wrote: `scan` names them.")
@click.option("--refused", is_flag=True, help="Only answers that are not published.")
@click.option("--all", "is_all", is_flag=True, help="All texts, of other sites' pictures, too.")
@click.option("--dry-run", is_flag=True, help="Forget nothing, and list what would be forgotten.")
def command(
    patterns: tuple[str, ...],
    *,
    config_file: str | None,
    folder: Path | None,
    service: str | None,
    model: str | None,
    refused: bool,
    is_all: bool,
    dry_run: bool,
) -> int:
    """Forget texts, so that the next build asks for them anew. That may cost credits.

    PATTERN names pictures of the site, as in the option exclude. Texts of all languages are removed
    from the cache, and drafts that nobody changed from the catalog. What a person approved, wrote
    or changed stays, and is listed.

    Exit status: 0 when something was forgotten, 1 when nothing matched, 2 when it could not be
    done.
    """
    if is_all and patterns:
        raise click.UsageError("--all means all texts: leave the patterns out.")
    if not (is_all or patterns or service or model or refused):
        raise click.UsageError(
            "Name pictures by a pattern, or texts by --service, --model, --refused or --all."
        )
    wanted = Wanted(patterns, service, model, refused)
    site: Site
    if folder:
        site = looked_at = look_at_folder(folder, config_file, is_quick=True)
        wanted.add_pictures(looked_at.run)
    elif patterns:
        site = build_for_report(
            config_file, visit=lambda build, *_: wanted.add_pictures(build), is_quick=True
        )
    else:
        site = load_site(config_file)
    if site.cache_fault:
        raise CommandError(site.cache_fault)
    cache = open_cache(site.options)
    try:
        matches = _forget(wanted, site, cache, is_dry_run=dry_run)
    finally:
        problems = [problem for problem in cache.problems() if problem not in site.problems]
        cache.close()
        for problem in problems:
            say(problem, err=True)
    _say_what_was_done(
        matches,
        wanted.names,
        Path(site.options.catalog).name,
        words=site.words,
        is_dry_run=dry_run,
        asks_for_model=bool(model),
    )
    return 0 if matches.keys or matches.drafts else 1


def _forget(
    wanted: Wanted, site: Site, cache: DiskCache | SharedCache, *, is_dry_run: bool
) -> Matches:
    """Forget what is meant.

    Returns:
        What was forgotten, or would be.

    Raises:
        CommandError: The cache cannot be read or written, or the catalog not after the cache was.
        CatalogError: The catalog cannot be read, or not be edited.
    """
    path = Path(site.options.catalog)
    before = read_bytes(path)
    text = decode(before or b"", str(path))
    entries = parse_catalog(text, str(path)).values()
    try:
        most = site.options.max_length
        meant = {key: each for key, each in cache.entries() if wanted.has_answer(key, each, most)}
        # What was sent of a picture has the answer, too, under a digest that no file has.
        sent = {key._replace(sha256=each.sent) for key, each in meant.items() if each.sent}
        keys = [key for key in meant if key not in sent]
        matches = _matches(wanted, keys, entries)
        removal = without_texts(text, matches.drafts, name=str(path))
        # The cache first: a draft that stays is found by the next `forget`, a text is not.
        if meant and not is_dry_run:
            cache.forget({*keys, *sent})
    except StoreError:
        raise CommandError("Nothing was forgotten of the cache.") from None
    if removal.removed and not is_dry_run:
        try:
            write_catalog(path, removal.text.encode(), before=before, root=site.root)
        except CatalogError as error:
            texts = counted(len(keys), "text")
            what = f"{texts} of the cache are forgotten, and no draft of {path.name} is."
            raise CommandError(str(error), what) from None
    drafts = {path: matches.drafts[path] for path in removal.removed}
    return Matches(keys, drafts, [*matches.kept, *removal.stuck])


def _matches(wanted: Wanted, keys: list[CaptionKey], entries: Iterable[Entry]) -> Matches:
    """Find what is meant in the catalog.

    Args:
        wanted: What is meant.
        keys: What is meant in the cache; drafts of the same texts are, too.
        entries: The catalog's.
    """
    forgotten = {(key.sha256, key.service, language_tag(key.language)) for key in keys}
    pictures = {key.sha256 for key in keys}
    drafts, kept = {}, []
    for entry in filter(wanted.has_picture, entries):
        meant = [
            language
            for language in entry.texts
            if (entry.sha256, _service_of(entry), language) in forgotten
            or wanted.has_draft(entry, language)
        ]
        own = entry.drafts if entry.is_untouched and not entry.pages else {}
        if drafted := [language for language in meant if language in own]:
            drafts[entry.path] = drafted
        if own.keys() < entry.texts.keys() | entry.pages.keys() and (
            meant or entry.sha256 in pictures
        ):
            kept.append(entry.path)
    return Matches(keys, drafts, kept)


def _service_of(entry: Entry) -> str:
    return (entry.origin or "").rpartition(" ")[0]


def _say_what_was_done(
    matches: Matches,
    names: Mapping[str, str],
    catalog: str,
    *,
    words: Words,
    is_dry_run: bool,
    asks_for_model: bool,
) -> None:
    """Say what was forgotten, what stays, and what to do next."""
    if not (matches.keys or matches.drafts):
        hint = f" `{words.command('scan')}` names the models." if asks_for_model else ""
        say(f"Nothing matched: there is no such text in the cache, and no such draft.{hint}")
    else:
        texts, drafts = counted(len(matches.keys), "text"), counted(len(matches.drafts), "draft")
        are = "would be" if is_dry_run else "are"
        say(f"{texts} of the cache and {drafts} of {catalog} {are} forgotten:")
        for name, language, service in sorted(
            (names.get(key.sha256, key.sha256[:12]), key.language, key.service)
            for key in matches.keys
        ):
            say(f"  {name} ({language or 'no language'}, {service})")
        for path, languages in matches.drafts.items():
            say(
                f"  {path} ({', '.join([*filter(None, sorted(languages)), f'draft in {catalog}'])})"
            )
        if not is_dry_run:
            say(f"The next {words.build} that may ask the service asks for them anew.")
    if matches.kept:
        say(
            f"Left in {catalog}, as a person approved, wrote or changed them: "
            f"{listed(matches.kept)}. {words.build.capitalize()}s go on using them; remove an "
            "entry to have its text asked for anew."
        )
