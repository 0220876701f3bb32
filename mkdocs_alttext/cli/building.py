"""Building a site only for its report, and rendering one of its pages once more."""

from __future__ import annotations

import copy
import io
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import mkdocs
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.plugins import BasePlugin
from mkdocs.utils.meta import get_data

from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.output import CommandError, put, say
from mkdocs_alttext.cli.places import Place
from mkdocs_alttext.exceptions import ConfigurationError, RenderingError
from mkdocs_alttext.plugin import AltTextPlugin
from mkdocs_alttext.site.build import unknown_paths
from mkdocs_alttext.site.cache_in_docs_dir import fault_of_cache_dir
from mkdocs_alttext.sources.writing import Rendering
from mkdocs_alttext.system.environment import MAX_CREDITS
from mkdocs_alttext.system.files import absolute, project_root
from mkdocs_alttext.system.printable import same_form, visible_lines
from mkdocs_alttext.system.processes import TerminatedError
from mkdocs_alttext.zensical.project import EXTENSION
from mkdocs_alttext.zensical.translation import translated

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.site.build import Build

_NAME = "alttext"
CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
"""What MkDocs or ProperDocs finds in the current folder."""
_ZENSICAL, _TOML = "zensical.toml", ".toml"
_OPTIONS = {"enabled": True, "generate": "never", "on_missing": "ignore", "report": None}
"""Nothing is spent, no key is needed, and nothing is written."""


_OF_OTHERS = "Of a site that MkDocs does not build, name its folder, as in `--site public`."


class SiteReport:
    """A site, and what its builds said; they are over and closed."""

    def __init__(
        self, config: MkDocsConfig, plugin: AltTextPlugin, *, lists_plugin: bool = True
    ) -> None:
        """Take a site that is not built yet.

        Args:
            config: Its configuration. Plugins let `docs_dir` be another folder later.
            plugin: Ours, which is in it.
            lists_plugin: Whether `mkdocs.yml` lists it; else it was added for a command.
        """
        self.config = config
        self.plugin = plugin
        self.lists_plugin = lists_plugin
        self.options = plugin.config
        self.asks_nothing = self.options.asks_nothing
        """As `mkdocs.yml` has it: a command changes options later."""
        self.builds: list[Build] = []
        """Translations are builds of their own."""
        path = config.config_file_path or "mkdocs.yml"
        self.name = Path(path).name
        """Of the file that configures it."""
        self.asking = "mkdocs-alttext fill" if path.endswith(_TOML) else "mkdocs build"
        """The command that asks for texts."""
        self.root = project_root(config.config_file_path)
        """The project's folder: its repository, else that of `mkdocs.yml`."""
        own = absolute(path).parent
        self._folders = absolute(config.docs_dir), own

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return [outcome for each in self.builds for outcome in each.report.outcomes]

    @property
    def problems(self) -> list[str]:
        """What is wrong with the cache, which all builds share."""
        return [*dict.fromkeys(text for each in self.builds for text in each.cache.problems())]

    @property
    def page_names(self) -> set[str]:
        """What the catalog may call pages."""
        return {same_form(each.src_uri) for build in self.builds for each in build.files.sources()}

    @property
    def unknown(self) -> list[UnknownPath]:
        """Entries of the catalog that name no file of the site."""
        return unknown_paths(self.builds)

    @property
    def config_file(self) -> Path:
        """The file that says how it is built."""
        return Path(self.config.config_file_path)

    @property
    def cache_fault(self) -> str | None:
        """Why the cache must not be used, when that is so."""
        return fault_of_cache_dir(self.options.cache_dir, self.config)

    def places(
        self, outcomes: Sequence[Outcome], wanted: Collection[int]
    ) -> tuple[Path | None, dict[int, Place]]:
        """Return where images are written, as far as their page's source shows it.

        Args:
            outcomes: Of one page, in its order.
            wanted: Which of them are asked for.

        Returns:
            The page's source, and the places by the numbers of outcomes.
        """
        file = self.source(outcomes[0].page) if wanted and outcomes[0].source else None
        if file is None:
            return None, {}
        written = Locator.of(self.config).places(outcomes, file)
        return file, {
            at: written.get(at, Place(file)) for at in wanted if not outcomes[at].is_around
        }

    def source(self, page: str) -> Path | None:
        """Return the author's file that a page was made from, if there is one.

        Args:
            page: The page's path inside the built site.
        """
        sources = [each.files.source(page) for each in reversed(self.builds)]
        return next((Path(path) for path in sources if path and self.is_by_author(path)), None)

    def is_by_author(self, file: str | Path) -> bool:
        """Tell whether a file of the disk is the author's.

        Plugins make others for one build, in temporary folders. Beside the site's own folders, the
        repository may hold more sources.
        """
        path = absolute(file)
        if any(path.is_relative_to(folder) for folder in self._folders):
            return True
        return path.is_relative_to(self.root) and not path.is_relative_to(tempfile.gettempdir())


class Visitor(Protocol):
    """Takes what a command needs from builds while their parts are open."""

    def add_build(self, build: Build, config: MkDocsConfig, site: SiteReport) -> None:
        """Take in one build that is over: translations are builds of their own.

        Args:
            build: The build.
            config: Its configuration.
            site: The site, which tells the author's files.
        """


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
            is made, and pictures are only inspected, so that what is damaged within counts as
            sendable.
        visitor: Takes in each build that is over.
        options: Of the plugin, in place of those in the file, beside `generate: never`.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
    """
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as folder:
        site = load_site(config_file, adds_plugin=adds_plugin, site_dir=folder)
        config, plugin = site.config, site.plugin

        def take(build: Build, config: MkDocsConfig) -> None:
            site.builds.append(build)
            if visitor:
                visitor.add_build(build, config, site)

        for name, value in {**_OPTIONS, **options}.items():
            plugin.config[name] = value
        plugin.take_build, plugin.is_quick = take, is_quick
        if is_quick:
            _leave_out_search(config)
        with _shown_log("The site cannot be built"), _no_credits_for_children():
            config.plugins.on_startup(command="build", dirty=False)
            try:
                build(config)
            finally:
                config.plugins.on_shutdown()
                plugin.take_build, plugin.is_quick = None, False  # MkDocs keeps the object
    for problem in site.problems:
        say(problem, err=True)
    return site


def load_site(
    config_file: str | None, *, adds_plugin: bool = False, site_dir: str | None = None
) -> SiteReport:
    """Read `mkdocs.yml` or `zensical.toml`, and build nothing.

    Args:
        config_file: Its path; `None` for the one in the current folder, MkDocs' where both are.
        adds_plugin: Whether the plugin is added, with its defaults, where the file does not list
            it, be it in a group.
        site_dir: Where a build is to go; `None` for what the file says.

    Raises:
        CommandError: It cannot be read, or does not list the plugin.
    """
    with _shown_log("The configuration cannot be used"):
        config = _config_of(config_file, site_dir)
    plugins = [each for each in config.plugins.values() if isinstance(each, AltTextPlugin)]
    if plugins:
        enabled = [each for each in plugins if each.config.enabled]
        return SiteReport(config, (enabled or plugins)[0])
    # A hook is listed, too, and is a module.
    listed = {
        name: plugin.config
        for name, plugin in config.plugins.items()
        if isinstance(plugin, BasePlugin)
    }
    in_groups = _take_from({"plugins": listed})
    if not (in_groups or adds_plugin):
        lacking = f"plugin {_NAME}: add it to `plugins`"
        if config.config_file_path.endswith(_TOML):
            lacking = f'extension: add [project.markdown_extensions."{EXTENSION}"]'
        raise CommandError(f"{config.config_file_path} does not list the {lacking}.")
    plugin = AltTextPlugin()
    options = in_groups[0] if in_groups else {}
    errors, _ = plugin.load_config(options, config_file_path=config.config_file_path)
    if errors:
        what = "; ".join(f"{name}: {error}" for name, error in errors)
        raise CommandError(f"The configuration cannot be used. Plugin {_NAME}, {what}")
    config.plugins[_NAME] = plugin
    return SiteReport(config, plugin, lists_plugin=bool(in_groups))


def _config_of(config_file: str | None, site_dir: str | None) -> MkDocsConfig:
    """Read a site's configuration: MkDocs', or what Zensical's says in its words."""
    path = Path(config_file or _ZENSICAL)
    if path.suffix != _TOML or (not config_file and any(map(os.path.lexists, CONFIG_FILES))):
        return load_config(config_file, strict=False, site_dir=site_dir)
    if not path.exists():
        try:
            return load_config(None, strict=False)
        except MkDocsException as error:  # which says what is missing
            raise ConfigurationError(f"{error}\n{_OF_OTHERS}") from None
    settings, left_out = translated(path)
    if left_out:
        what = ", ".join(left_out[:-1]) + " and " * (len(left_out) > 1) + left_out[-1]
        say(f"{path} is read as a mkdocs.yml, without {what}.", err=True)
    settings |= {} if site_dir is None else {"site_dir": site_dir}
    return load_config(io.BytesIO(), config_file_path=str(absolute(path)), **settings)


def _take_from(group: MutableMapping[str, Any]) -> list[dict[str, Any]]:
    """Take the plugin out of a group, which Material for MkDocs has, and out of those in it.

    A group makes its plugins when a build begins, which is too late for a command that replaces
    some of their options, or that builds nothing. Groups that are not enabled count, too.

    Returns:
        The plugin's options, once for each time that it is listed.
    """
    # As MkDocs itself, a group takes a list of names and of mappings, or one mapping.
    members = group.get("plugins") or {}
    pairs: list[tuple[object, Any]] = []
    for member in members if isinstance(members, list) else [members]:
        pairs += member.items() if isinstance(member, dict) else [(member, {})]
    found = [options or {} for name, options in pairs if name == _NAME]
    group["plugins"] = [{name: options} for name, options in pairs if name != _NAME]
    for name, options in pairs:
        # `material/group #2` is a group, too.
        is_group = isinstance(name, str) and "group" in re.split("[/ ]", name)
        if is_group and isinstance(options, MutableMapping):
            found += _take_from(options)
    return found


def _leave_out_search(config: MkDocsConfig) -> None:
    """Leave the search index out, which takes a tenth of a build and shows no image."""
    # Material's has the name `material/search`.
    search = [each for name, each in config.plugins.items() if name.split("/")[-1] == "search"]
    methods = config.plugins.events["page_context"]
    methods[:] = [each for each in methods if getattr(each, "__self__", None) not in search]


@contextmanager
def _no_credits_for_children() -> Iterator[None]:
    """Keep other processes from spending, as this one does not.

    Plugins build other sites in processes of their own (Material's `projects`), which do not get
    the options that a command replaces.
    """
    before = os.environ.get(MAX_CREDITS)
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
    handler = _Printer(logging.WARNING)
    logger = logging.getLogger(mkdocs.__name__)  # ProperDocs takes its place
    logger.addHandler(handler)
    try:
        yield
    except (Abort, ConfigurationError, MkDocsException) as error:
        raise CommandError(f"{what_failed}.", str(error)) from None
    except TerminatedError:
        raise
    except (Exception, SystemExit) as error:  # another plugin's fault must not look like status 1
        raise CommandError(f"{what_failed}.", f"{type(error).__name__}: {error}") from error
    finally:
        logger.removeHandler(handler)


class _Printer(logging.Handler):
    """Prints each message to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        put(visible_lines(f"{record.levelname}: {record.getMessage()}"), err=True)


def render_page(
    page: Page,
    config: MkDocsConfig,
    files: Files,
    fill: Callable[[str], str],
    source: str,
    *,
    is_original: bool = False,
) -> Rendering:
    """Render a page of a build that is over once more, with the site's Markdown, plugins and hooks.

    Args:
        page: As the build made it; it stays as it is.
        config: The site's configuration.
        files: The site's files, which links are looked up in.
        fill: Fills an article, as the build did where it called our plugin.
        source: The whole text of a file with its line ends.
        is_original: Whether the build rendered this very source.

    Raises:
        RenderingError: It cannot be rendered, or plugins make something else of the original than
            they did before: what another text would change cannot be told then.
    """
    again = copy.copy(page)
    again.content = None  # as it is before a page is rendered
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    markdown, again.meta = get_data(lines)
    again.markdown = markdown
    logger = logging.getLogger(mkdocs.__name__)
    current, level = config._current_page, logger.level  # noqa: SLF001 - as MkDocs' own build does
    config._current_page = again  # noqa: SLF001 - paths may be relative to it
    logger.setLevel(logging.CRITICAL)  # the build said already what is wrong with its links
    try:
        again.markdown = config.plugins.on_page_markdown(
            markdown, page=again, config=config, files=files
        )
        again.render(config, files)
        article, title = again.content or "", str(again.title or "")
        with _filled_by(fill, config):
            shown = config.plugins.on_page_content(article, page=again, config=config, files=files)
    except TerminatedError:
        raise
    except (Exception, SystemExit) as error:  # macros ends the process where one fails
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise RenderingError(f"the page cannot be rendered once more ({cause})") from error
    finally:
        config._current_page = current  # noqa: SLF001
        logger.setLevel(level)
    if is_original and again.markdown != page.markdown:
        raise RenderingError(
            "the page cannot be compared: plugins make other Markdown of its file each time"
        )
    return Rendering(article, title, shown)


@contextmanager
def _filled_by(fill: Callable[[str], str], config: MkDocsConfig) -> Iterator[None]:
    """Have a function fill articles in our plugin's place, whose report would count them twice."""
    methods = config.plugins.events["page_content"]
    before = methods[:]
    methods[:] = [
        (lambda html, **_: fill(html))
        if isinstance(getattr(each, "__self__", None), AltTextPlugin)
        else each
        for each in before
    ]
    try:
        yield
    finally:
        methods[:] = before
