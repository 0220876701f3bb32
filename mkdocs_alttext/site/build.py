"""One build of a site, from its first hook to its last.

Owns what is known when a build begins, and the moment when the parts that fill pages are made: the
first page that needs one. Most builds of a site whose images have text get by without, and without
importing them. It must not know hooks, nor how parts are put together (`assembly` does).
"""

from __future__ import annotations

from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_alttext.cache.base import LONGEST_NAME
from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.exceptions import ConfigurationError, UnusableKeyError
from mkdocs_alttext.html.marks import Mark
from mkdocs_alttext.images.collection import sha256_of
from mkdocs_alttext.models import Failure, Reason
from mkdocs_alttext.pages.fill import fill_pages
from mkdocs_alttext.pages.occurrence import Terms
from mkdocs_alttext.services.address import endpoint
from mkdocs_alttext.services.base import ServiceSettings
from mkdocs_alttext.services.credentials import read_key
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.site.assembly import assemble
from mkdocs_alttext.site.report import BuildReport, Credits
from mkdocs_alttext.system.environment import UserSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.pages.occurrence import FilledPage, Page
    from mkdocs_alttext.pages.selection import Selection
    from mkdocs_alttext.services.base import CaptionService, ServiceKind
    from mkdocs_alttext.site.assembly import Parts
    from mkdocs_alttext.site.files import SiteFiles

_ASKING = ("mkdocs_alttext.images.prepare", "diskcache")
"""What asking imports, whichever service is asked."""


class Fill(Protocol):
    """Fills pages or articles."""

    def __call__(self, sources: Iterable[tuple[str, Page]], *, wait: bool) -> list[FilledPage]:
        """Do what `pages.fill_pages` does, with the parts of one build."""


class Run(NamedTuple):
    """What a build is a part of: translations are builds of their own."""

    is_serving: bool
    """Whether this is `mkdocs serve`."""
    is_quick: bool
    """Whether the pages are thrown away, and pictures only inspected where `generate` is
    `never`."""
    spent: int
    """Credits that the site's other translations took already."""


class Build:
    """The objects of one build."""

    def __init__(
        self,
        config: AltTextConfig,
        *,
        files: SiteFiles,
        site_url: str,
        has_cache: bool,
        environment: Mapping[str, str],
        selection: Selection,
        is_replaced: Callable[[str], bool],
        on_progress: Callable[[int, int], None],
        run: Run,
    ) -> None:
        """Check the options; nothing is opened, started or asked yet.

        Args:
            config: The options, validated.
            files: The site's files, none so far.
            site_url: MkDocs' `site_url`, or empty.
            has_cache: Whether the cache folder may be used.
            environment: Where the key is looked for.
            selection: What `include` and `exclude` say.
            is_replaced: Tells from an image's address whether another plugin replaces it.
            on_progress: Called while an answer is waited for, with how many there are, and of how
                many.
            run: What the build is a part of.

        Raises:
            ConfigurationError: The options cannot work.
            CatalogError: The catalog cannot be read.
        """
        self._config = config
        kind = service_kind(config.service)
        self.key_variable = config.api_key_env or kind.key_variable
        user = UserSettings.of(environment)
        limit = user.ceiling(config.max_credits)
        self._max_credits = None if limit is None else max(0, limit - run.spent)
        self.complaint: str | None = None
        """What the user should put right in the options, though the build goes on."""
        self._refusal = _refusal(config, serves=run.is_serving)
        settings = ServiceSettings(None, None, float(config.timeout), config.max_length)
        if self._refusal is None:
            settings = self._allowed(kind, settings, user, environment)
        self._service = self._made(kind, settings)
        if len(self._service.identity) > LONGEST_NAME:
            raise ConfigurationError(
                f"The identity of the service {config.service} has more than {LONGEST_NAME} "
                "characters, so that the cache cannot keep its texts. Choose a shorter model name."
            )
        self._site_url = site_url
        self._selection = selection
        self._is_replaced = is_replaced
        self._on_progress = on_progress
        self._is_quick = run.is_quick
        self.language = config.language
        """The option: a code, or `auto`."""
        self.catalog = _catalog(Path(config.catalog))
        self._has_cache = has_cache
        self.mark = Mark.new()
        self.files = files
        self.report = BuildReport(config.service)

    @cached_property
    def parts(self) -> Parts:
        """The parts that fill pages."""
        self._selection.note(self.files.names())
        return assemble(
            self._config,
            service=self._service,
            files=self.files,
            mark=self.mark,
            catalog=self.catalog,
            site_url=self._site_url,
            includes=self._includes,
            is_replaced=self._is_replaced,
            has_cache=self._has_cache,
            terms=Terms(
                self._refusal,
                self._is_quick,
                self._on_progress,
                self._max_credits,
                self._get_ready,
            ),
        )

    def _allowed(
        self,
        kind: ServiceKind,
        settings: ServiceSettings,
        user: UserSettings,
        environment: Mapping[str, str],
    ) -> ServiceSettings:
        """Return the settings with the key and the address, or say why nothing may be asked."""
        key = None
        if self.key_variable:
            try:
                key = read_key(self.key_variable, environment)
            except UnusableKeyError as error:
                self._refusal = Failure(Reason.NO_KEY, str(error))
                return settings
            if key is None:
                self._refusal = Failure(Reason.NO_KEY)
                return settings
        found = endpoint(kind, self._config.base_url, user, has_key=key is not None)
        if found.refusal:
            self._refusal = Failure(Reason.HOST_NOT_ALLOWED, found.host)
            self.complaint = found.refusal
            return settings
        return settings._replace(api_key=key, base_url=found.base_url)

    def _made(self, kind: ServiceKind, settings: ServiceSettings) -> CaptionService:
        """Make the service, without its key where that is none."""
        try:
            return kind.build(settings)
        except UnusableKeyError as error:
            self._refusal = Failure(Reason.NO_KEY, str(error))
            return kind.build(settings._replace(api_key=None))

    def _includes(self, path: str) -> bool:
        # Plugins add files at any time, and what a pattern may mean depends on their names.
        self._selection.note(self.files.names_of(path))
        return not self.files.is_left_out(path) and all(
            self._selection.allows(*each) for each in self.files.called(path)
        )

    @cached_property
    def fill(self) -> Fill:
        """Fills pages or articles."""
        # Where all images have text, most of this package is never imported.

        return partial(fill_pages, site=self.parts.site)

    @property
    def is_warm(self) -> bool:
        """Whether all texts are likely to be in the cache, as far as a build knows that has begun.

        No text had to be asked for yet, and the last build that came to its end had the same files.
        """
        return self._knows_files and not self.parts.desk.has_asked

    def remember(self) -> None:
        """Note, at the end of a build, which files it had, and that its costs were told."""
        if self._has_parts:
            self.parts.desk.tell()
            if self.parts.digests:
                self.parts.digests.note_site(self._files_digest)

    def _get_ready(self) -> None:
        # What has no text though the files are those of the last build can hardly have one: a
        # damaged picture is tried each time, and nothing is sent.
        if not self._knows_files:
            for name in _ASKING:
                import_module(name)

    @property
    def _knows_files(self) -> bool:
        """Whether the last build that came to its end had the same files."""
        if not self._has_parts or self.parts.digests is None:
            return False
        # Digested when the first page is filled, whatever comes of it: plugins add files later.
        return self.parts.digests.site == self._files_digest

    @cached_property
    def _files_digest(self) -> str:
        # Names of files need not be text.
        return sha256_of("\n".join(sorted(self.files.media())).encode(errors="surrogateescape"))

    @property
    def credits(self) -> Credits:
        """What the build cost so far."""
        budget = self.parts.desk.budget if self._has_parts else None
        if budget is None:
            return Credits(0, None)
        return Credits(budget.spent, budget.balance, budget.uncertain)

    @property
    def charged(self) -> int:
        """Credits that this build took of its limit so far."""
        budget = self.parts.desk.budget if self._has_parts else None
        return 0 if budget is None else budget.charged

    @property
    def stopped(self) -> Failure | None:
        """Why the service is not asked, or not any more, when a page needed it and that is so."""
        return self.parts.desk.stopped if self._has_parts else None

    @property
    def would_spend(self) -> int:
        """Credits that filling what is missing would cost, when this is a dry run."""
        return self.parts.desk.would_spend if self._has_parts else 0

    def problems(self) -> tuple[str, ...]:
        """Say what was wrong with the cache, in sentences for a person."""
        return self.parts.cache.problems() if self._has_parts else ()

    def close(self) -> None:
        """Close what is open, and write what is remembered."""
        if self._has_parts:
            self.parts.close()
        else:
            self._service.close()

    @property
    def _has_parts(self) -> bool:
        return "parts" in self.__dict__


def _catalog(path: Path) -> Mapping[str, Entry]:
    """Read what people may correct and approve, by the path of an image."""
    try:
        path.stat()
    except FileNotFoundError:
        return {}
    except OSError:
        pass  # reading says what is wrong

    return read_catalog(path)


def _refusal(config: AltTextConfig, *, serves: bool) -> Failure | None:
    """Say why the service may not be asked in this build, when it may not."""
    if config.generate == "never" or (config.generate == "build" and serves):
        return Failure(Reason.NOT_ASKED, f"generate: {config.generate}")
    return None
