"""Building a site only for its report, and rendering one of its pages once more."""

from __future__ import annotations

import copy
import logging
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import mkdocs
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.utils.meta import get_data

from mkdocs_alttext.cli.output import CommandError, put, say
from mkdocs_alttext.exceptions import RenderingError
from mkdocs_alttext.plugin import AltTextPlugin
from mkdocs_alttext.site.build import unknown_paths
from mkdocs_alttext.sources.proof import Rendering
from mkdocs_alttext.system.environment import MAX_CREDITS
from mkdocs_alttext.system.files import absolute, project_root
from mkdocs_alttext.system.printable import visible_lines
from mkdocs_alttext.system.processes import TerminatedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.plugins import PluginCollection
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.site.build import Build

_NAME = "alttext"
_QUIET = {"enabled": True, "on_missing": "ignore", "report": None}
_PARTS_OF_NAME = re.compile(r"[/ ]")
"""`material/group #2` is a group of plugins, too."""


class Visitor(Protocol):
    """Takes what a command needs from builds while their parts are open."""

    def add_build(self, build: Build, config: MkDocsConfig, authors: Authorship) -> None:
        """Take in one build that is over: translations are builds of their own.

        Args:
            build: The build.
            config: Its configuration.
            authors: Tells the author's files.
        """


@dataclass(frozen=True, slots=True)
class Authorship:
    """Tells the author's files from those that plugins make for one build in temporary folders."""

    folders: tuple[Path, ...]
    """The site's own."""
    repository: Path
    """Which may hold other folders of sources; the folder of `mkdocs.yml` where there is none."""

    @classmethod
    def of(cls, config: MkDocsConfig) -> Authorship:
        """Make one for a site.

        Args:
            config: Its configuration before a build: plugins let `docs_dir` be another folder.
        """
        own = absolute(config.config_file_path or "mkdocs.yml").parent
        return cls((absolute(config.docs_dir), own), project_root(config.config_file_path))

    def has(self, file: str | Path) -> bool:
        """Tell whether a file of the disk is the author's."""
        path = absolute(file)
        if any(path.is_relative_to(folder) for folder in self.folders):
            return True
        is_temporary = path.is_relative_to(tempfile.gettempdir())
        return path.is_relative_to(self.repository) and not is_temporary


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What the builds of a site said; they are over and closed."""

    options: AltTextConfig
    """The plugin's."""
    config: MkDocsConfig
    authors: Authorship
    builds: tuple[Build, ...]
    """Translations are builds of their own."""

    @property
    def root(self) -> Path:
        """The project's folder: its repository, else that of `mkdocs.yml`."""
        return self.authors.repository

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return [outcome for each in self.builds for outcome in each.report.outcomes]

    @property
    def would_spend(self) -> int:
        """Credits that filling what is missing would cost at most, where `generate` is `never`."""
        return sum(each.engine.would_spend for each in self.builds)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the cache, which all builds share."""
        return [*dict.fromkeys(text for each in self.builds for text in each.cache.problems())]

    @property
    def unknown(self) -> list[str]:
        """Paths of the catalog that are no file of the site."""
        return unknown_paths(self.builds)

    def source(self, page: str) -> Path | None:
        """Return the author's file that a page was made from, if there is one.

        Args:
            page: The page's path inside the built site.
        """
        sources = [each.files.source(page) for each in reversed(self.builds)]
        return next((Path(path) for path in sources if path and self.authors.has(path)), None)


def build_for_report(
    config_file: str | None,
    *,
    adds_plugin: bool = False,
    is_quick: bool = False,
    visitor: Visitor | None = None,
    **options: object,
) -> SiteReport:
    """Build a site into a temporary folder, which is removed.

    Of what the build says, warnings are shown, and what is wrong with the cache.

    Args:
        config_file: Path of `mkdocs.yml`; `None` for the one in the current folder.
        adds_plugin: Whether to build with the plugin where `mkdocs.yml` does not list it.
        is_quick: Whether to leave out what takes time and hardly changes a report: no search index
            is made, and where `generate` is `never`, pictures are only inspected, so that what is
            damaged within counts as sendable.
        visitor: Takes in each build that is over.
        options: Of the plugin, in place of those in the file. With `generate="never"`, nothing is
            spent and no key is needed.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
    """
    builds: list[Build] = []
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as folder:
        site, plugin = load_site(config_file, adds_plugin=adds_plugin, site_dir=folder)
        authors = Authorship.of(site)

        def take(build: Build, config: MkDocsConfig) -> None:
            builds.append(build)
            if visitor:
                visitor.add_build(build, config, authors)

        for name, value in {**_QUIET, **options}.items():
            plugin.config[name] = value
        plugin.take_build, plugin.is_quick = take, is_quick
        if is_quick:
            _leave_out_search(site)
        with _shown_log("The site cannot be built"), _limited_children(plugin):
            site.plugins.on_startup(command="build", dirty=False)
            try:
                build(site)
            finally:
                site.plugins.on_shutdown()
                plugin.take_build, plugin.is_quick = None, False  # MkDocs keeps the object
    report = SiteReport(plugin.config, site, authors, tuple(builds))
    for problem in report.problems:
        say(problem, err=True)
    return report


def load_site(
    config_file: str | None, *, adds_plugin: bool = False, **settings: str
) -> tuple[MkDocsConfig, AltTextPlugin]:
    """Read `mkdocs.yml`.

    Args:
        config_file: Its path; `None` for the one in the current folder.
        adds_plugin: Whether the plugin is added, with its defaults, where the file does not list
            it, be it in a group.
        settings: Of MkDocs, in place of those in the file.

    Raises:
        CommandError: It cannot be read, or does not list the plugin.
    """
    with _shown_log("The configuration cannot be used"):
        config = load_config(config_file, strict=False, **settings)
    plugins = [each for each in config.plugins.values() if isinstance(each, AltTextPlugin)]
    if plugins:
        return config, next((each for each in plugins if each.config.enabled), plugins[0])
    options = _take_from_groups(config.plugins)
    if options is None and not adds_plugin:
        raise CommandError(f"{config.config_file_path} does not list the plugin {_NAME}.")
    plugin = AltTextPlugin()
    errors, _ = plugin.load_config(options or {}, config_file_path=config.config_file_path)
    if errors:
        what = "; ".join(f"{name}: {error}" for name, error in errors)
        raise CommandError(f"The configuration cannot be used. Plugin {_NAME}, {what}")
    config.plugins[_NAME] = plugin
    return config, plugin


def _take_from_groups(plugins: PluginCollection) -> dict[str, Any] | None:
    """Take the plugin out of the groups, which Material for MkDocs has.

    A group makes its plugins when a build begins, which is too late for a command that replaces
    some of their options, or that builds nothing.

    Args:
        plugins: Those of the configuration. Groups that are not enabled count, too.

    Returns:
        The plugin's options; `None` when no group holds it.
    """
    found: list[dict[str, Any]] = []
    for name, plugin in plugins.items():
        if _is_group(name):
            plugin.config["plugins"] = _others(plugin.config.get("plugins"), found)
    return found[0] if found else None


def _others(members: object, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a group's members without the plugin, whose options are added to `found`."""
    others = []
    # As MkDocs itself, a group takes a list of names and of mappings, or one mapping.
    for member in members if isinstance(members, list) else [members or {}]:
        for name, options in (member if isinstance(member, dict) else {member: {}}).items():
            if name == _NAME:
                found.append(options or {})
            elif _is_group(name) and isinstance(options, dict):
                others.append({name: options | {"plugins": _others(options.get("plugins"), found)}})
            else:
                others.append({name: options})
    return others


def _is_group(name: object) -> bool:
    return isinstance(name, str) and "group" in _PARTS_OF_NAME.split(name)


def _leave_out_search(config: MkDocsConfig) -> None:
    """Leave the search index out, which takes a tenth of a build and shows no image."""
    # Material's has the name `material/search`.
    search = [each for name, each in config.plugins.items() if name.split("/")[-1] == "search"]
    methods = config.plugins.events["page_context"]
    methods[:] = [each for each in methods if getattr(each, "__self__", None) not in search]


@contextmanager
def _limited_children(plugin: AltTextPlugin) -> Iterator[None]:
    """Keep other processes from spending where this one does not.

    Plugins build other sites in processes of their own (Material's `projects`), which do not get
    the options that a command replaces.
    """
    before = os.environ.get(MAX_CREDITS)
    if plugin.config.generate == "never":
        os.environ[MAX_CREDITS] = "0"
    try:
        yield
    finally:
        os.environ.pop(MAX_CREDITS, None)
        if before is not None:
            os.environ[MAX_CREDITS] = before


@contextmanager
def _shown_log(what_failed: str) -> Iterator[None]:
    """Show warnings of MkDocs and its plugins, and make whatever they raise a `CommandError`."""
    handler = _Warnings()
    logger = logging.getLogger(mkdocs.__name__)  # ProperDocs takes its place
    logger.addHandler(handler)
    try:
        yield
    except (Abort, MkDocsException) as error:
        raise CommandError(f"{what_failed}.", *(handler.errors or [str(error)])) from None
    except TerminatedError:
        raise
    except (Exception, SystemExit) as error:  # another plugin's fault must not look like status 1
        cause = f"{type(error).__name__}: {error}"
        raise CommandError(f"{what_failed}.", *handler.errors, cause) from error
    else:
        for message in handler.errors:
            put(visible_lines(f"ERROR: {message}"), err=True)
    finally:
        logger.removeHandler(handler)


class _Warnings(logging.Handler):
    """Shows warnings, and keeps errors: a build that logs one mostly ends with it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage())
        else:
            put(visible_lines(f"{record.levelname}: {record.getMessage()}"), err=True)


class Renderer:
    """Renders one page of a build that is over, again and again; the page stays as it is."""

    def __init__(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Take the page.

        Args:
            page: As the build made it.
            config: The site's configuration.
            files: The site's files, which links are looked up in.
        """
        self._page = page
        self._config = config
        self._files = files

    def render(self, source: str, *, is_original: bool = False) -> Rendering:
        """Render a source as the build does: with the site's Markdown settings, plugins and hooks.

        Args:
            source: The whole text of a file with its line ends.
            is_original: Whether the build rendered this very source.

        Raises:
            RenderingError: It cannot be rendered, or plugins make something else of the original
                than they did before: what another text would change cannot be told then.
        """
        lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        config, files = self._config, self._files
        page = copy.copy(self._page)
        page.content = None  # as it is before a page is rendered
        markdown, page.meta = get_data(lines)
        page.markdown = markdown
        with _as_in_a_build(page, config):
            try:
                page.markdown = config.plugins.on_page_markdown(
                    markdown, page=page, config=config, files=files
                )
                page.render(config, files)
            except TerminatedError:
                raise
            except (Exception, SystemExit) as error:  # macros ends the process where one fails
                cause = " ".join(f"{type(error).__name__}: {error}".split())
                raise RenderingError(f"the page cannot be rendered once more ({cause})") from error
        if is_original and page.markdown != self._page.markdown:
            raise RenderingError(
                "the page cannot be compared: plugins make other Markdown of its file each time"
            )
        return Rendering(page.content or "", str(page.title or ""))


@contextmanager
def _as_in_a_build(page: Page, config: MkDocsConfig) -> Iterator[None]:
    """Let paths be relative to a page, and the log not repeat what the build said of its links."""
    logger = logging.getLogger(mkdocs.__name__)
    before = config._current_page, logger.level  # noqa: SLF001 - as MkDocs' own build does
    config._current_page = page  # noqa: SLF001
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        config._current_page = before[0]  # noqa: SLF001
        logger.setLevel(before[1])
