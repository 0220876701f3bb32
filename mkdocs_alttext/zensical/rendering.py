"""Filling the articles of a Zensical site from the catalog and the cache, while it renders them."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.cache.base import NoCache
from mkdocs_alttext.cache.read_only import StoredAnswers
from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.catalog.entries import Catalog, language_tag
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.filling.assembly import catalog_entries, put_together
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.html.marks import Mark
from mkdocs_alttext.html.prefilter import needs_work
from mkdocs_alttext.models import Failure, Origin, Reason
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.pages.include_exclude import Selection, docs_dir_names
from mkdocs_alttext.pages.records import FilledPage, Page
from mkdocs_alttext.site.author_texts import AuthorTexts
from mkdocs_alttext.site.cache_in_docs_dir import fault_of_cache_dir
from mkdocs_alttext.site.files import SiteFilter
from mkdocs_alttext.site.pages import page_language, wish_of
from mkdocs_alttext.system.printable import visible
from mkdocs_alttext.zensical.files import FilesOnDisk
from mkdocs_alttext.zensical.project import Project, read_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult
    from mkdocs_alttext.catalog.entries import Entry
    from mkdocs_alttext.pages.records import Site
    from mkdocs_alttext.site.files import SiteFiles

_log = logging.getLogger("mkdocs_alttext")
"""Zensical has no log: Python prints warnings to standard error where nobody takes them."""
_OWN_FOLDER = ".cache"
"""Zensical's, beside its configuration."""


@cache
def mark() -> Mark:
    """Return the mark of `![]()` in all pages that this process renders."""
    return Mark.new()


@cache
def say(text: str) -> None:
    """Say something, once."""
    _log.warning("mkdocs_alttext: %s", visible(text))


class RenderedPage:
    """A page that Zensical is rendering."""

    def __init__(self, context: Any, written: str) -> None:  # noqa: ANN401 - see below
        """Take what Zensical tells.

        Args:
            context: Zensical's preprocessor `rendering_context`, which has no type that is public:
                its `page` has the path of the source and the front matter, and `config` is the
                site's configuration.
            written: The options of the extension, in JSON.
        """
        self._context = context
        self._written = written
        self._options = read_options(written, None)

    def fill(self, html: str) -> FilledPage | None:
        """Fill what is known of an article.

        Args:
            html: The article, or a part of it.

        Returns:
            The article and what became of its images; `None` where nothing is to be done.
        """
        if not needs_work(html, mark(), names_may_lack=self._options.replace_filenames):
            return None
        site = _site(Project.of(self._context.config), self._written)
        return site.fill(html, str(self._context.page.path), self._context.page.meta)


@lru_cache(maxsize=2)  # `zensical serve` reads a configuration that was changed
def _site(project: Project, written: str) -> _ZensicalSite:
    return _ZensicalSite(project, written)


class _StoredCaptions:
    """Answers from the cache; nobody is asked."""

    def __init__(self, answers: StoredAnswers | None) -> None:
        self._answers = answers

    def ask(self, request: CaptionRequest) -> Future[CaptionResult]:
        answer = self._answers and self._answers.get(request.key)
        future: Future[CaptionResult] = Future()
        future.set_result(
            CaptionResponse(answer, Origin.STORE)
            if answer
            else request.refusal or Failure(Reason.NOT_ASKED)
        )
        return future

    def look_up(self) -> bool:
        return False

    def wait_for(self, future: Future[CaptionResult]) -> CaptionResult:
        return future.result()


class _ZensicalSite:
    """One site, for as long as its configuration is the same."""

    def __init__(self, project: Project, written: str) -> None:
        self._project = project
        self._config = project.config()
        options = self._options = read_options(written, project.file)
        self._chosen = choose_service(options, is_serving=False)
        self._disk = FilesOnDisk(self._config, dict(project.titles))
        self._catalog_path = Path(options.catalog)
        self._catalog: tuple[object, Mapping[str, Entry] | None] = None, {}
        self._answers: StoredAnswers | None = None
        if fault := fault_of_cache_dir(options.cache_dir, self._config):
            say(fault)
        else:
            self._answers = StoredAnswers(Path(options.cache_dir))
        self._parts: Site | None = None
        self._explain()

    def fill(self, html: str, source: str, meta: Mapping[str, object]) -> FilledPage:
        """Fill one article.

        Args:
            html: The article.
            source: The page's path from `docs_dir`.
            meta: Its front matter.
        """
        site = self._site()
        if site is None:
            return FilledPage(html, (), is_settled=True)
        wish = wish_of(meta, None)
        language = wish.language or page_language(self._config, self._options.language)
        page = Page(source, source, language, is_whole=False, opted_out=wish.opts_out)
        try:
            return fill_page(html, page, site, wait=True)
        finally:
            if self._answers:
                self._answers.close()
                if self._answers.problem:
                    say(self._answers.problem)

    def _site(self) -> Site | None:
        """Return the parts that fill pages, as the disk is now.

        Returns:
            `None` while the catalog cannot be read: it may say that a text must not be published.
        """
        entries, files = self._entries(), self._disk.now()
        if entries is None:
            return None
        if self._parts is None or self._parts.pages is not files:
            self._parts = self._made(files)
        if self._parts.catalog.entries is not entries:
            self._parts = self._parts._replace(catalog=Catalog(entries, self._parts.catalog.shows))
        return self._parts

    def _entries(self) -> Mapping[str, Entry] | None:
        try:
            facts = self._catalog_path.stat()
            now: object = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
        except OSError:
            now = None
        if now != self._catalog[0]:
            try:
                self._catalog = now, catalog_entries(self._catalog_path)
            except CatalogError as error:
                self._catalog = now, None
                say(f"{error} Until then, pages are rendered without texts.")
        return self._catalog[1]

    def _made(self, files: SiteFiles) -> Site:
        options, config = self._options, self._config
        folders = docs_dir_names(config.docs_dir, config.config_file_path)
        selection = Selection(options.include, options.exclude, folders=folders)
        selection.note(files.names())
        parts = put_together(
            options,
            self._chosen,
            NoCache(),
            files=files,
            filter_=SiteFilter((), files, selection),
            entries={},
            site_url=self._project.site_url,
            on_progress=lambda *_: None,
        )
        site = parts.site
        return site._replace(
            mark=mark(),
            captions=_StoredCaptions(self._answers),
            author_texts=AuthorTexts(
                files,
                site.resolver,
                site.images,
                config=config,
                language=options.language,
                code_of=lambda tag: site.service.language_code(tag) or language_tag(tag),
            ),
        )

    def _explain(self) -> None:
        """Say what Zensical does with pages and folders that would surprise."""
        if self._project.is_alone:
            say(
                "Zensical leaves out the Markdown extensions that a site has which lists none, as "
                "this one is listed alone. List those that your pages use, too."
            )
        root, path = Path(self._project.root), self._catalog_path
        # Not the cache: Zensical takes no file to watch that is not there, as in a new checkout.
        if path.exists() and not self._project.watches(path):
            name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path
            say(
                f'Zensical does not watch "{name}": a page that is built already stays as it is '
                f'when that changes. Add to the site\'s configuration: watch = ["{name}"]'
            )
        own = root / _OWN_FOLDER
        if self._answers and self._answers.path.exists() and self._answers.path.is_relative_to(own):
            say(
                f"`zensical build --clean` removes {own}, and with it the texts in "
                f"{self._answers.path.parent} that were paid for. Move that folder, and say where "
                "it is with the option cache_dir."
            )
