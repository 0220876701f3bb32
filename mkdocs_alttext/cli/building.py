"""Reading a site's configuration, and building the site only for its report."""

from __future__ import annotations

import io
import logging
import os
import re
import tempfile
from collections.abc import MutableMapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mkdocs
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.plugins import BasePlugin

from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.output import CommandError, put, say
from mkdocs_alttext.cli.sites import CONFIG_FILES, Place, Site
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.filling.words import MKDOCS
from mkdocs_alttext.plugin import AltTextPlugin
from mkdocs_alttext.site.build import unknown_paths
from mkdocs_alttext.site.cache_in_docs_dir import fault_of_cache_dir
from mkdocs_alttext.system.environment import MAX_CREDITS
from mkdocs_alttext.system.files import absolute, project_root
from mkdocs_alttext.system.printable import same_form, visible_lines
from mkdocs_alttext.system.processes import TerminatedError
from mkdocs_alttext.zensical.project import EXTENSION
from mkdocs_alttext.zensical.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.site.build import Build

_NAME = "alttext"
_ZENSICAL, _TOML = "zensical.toml", ".toml"
_OPTIONS = {"enabled": True, "generate": "never", "on_missing": "ignore", "report": None}
"""Nothing is spent, no key is needed, and nothing is written."""


class BuiltSite(Site):
    """A site that MkDocs builds."""

    builds: list[Build]

    def __init__(
        self, config: MkDocsConfig, plugin: AltTextPlugin, *, lists_plugin: bool = True
    ) -> None:
        """Take a site that is not built yet.

        Args:
            config: Its configuration. Plugins let `docs_dir` be another folder later.
            plugin: Ours, which is in it.
            lists_plugin: As in `Site`.
        """
        file = Path(config.config_file_path)
        is_toml = file.suffix == _TOML
        words = MKDOCS._replace(asking="mkdocs-alttext fill") if is_toml else MKDOCS
        super().__init__(plugin.config, copy(plugin.config), file, project_root(file), words)
        self.config = config
        self.plugin = plugin
        self.lists_plugin = lists_plugin
        self.builds = []
        self.cache_fault = fault_of_cache_dir(self.options.cache_dir, config)
        self._folders = absolute(config.docs_dir), absolute(file).parent

    @property
    def page_names(self) -> set[str]:
        """As in `Site`; pages are called by their sources."""
        return {same_form(each.src_uri) for build in self.builds for each in build.files.sources()}

    @property
    def unknown(self) -> list[UnknownPath]:
        """As in `Site`."""
        return unknown_paths(self.builds)

    def places(
        self, outcomes: Sequence[Outcome], wanted: Collection[int]
    ) -> tuple[Path | None, dict[int, Place]]:
        """Return where images are written: in their page's source, or in what it includes."""
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
        return any(path.is_relative_to(folder) for folder in self._folders) or (
            path.is_relative_to(self.root) and not path.is_relative_to(tempfile.gettempdir())
        )


def build_for_report(
    config_file: str | None,
    *,
    adds_plugin: bool = False,
    is_quick: bool = False,
    visit: Callable[[Build, MkDocsConfig, BuiltSite], None] | None = None,
    **options: object,
) -> BuiltSite:
    """Build a site into a temporary folder, which is removed.

    Of what the build says, warnings are shown, and what is wrong with the cache.

    Args:
        config_file: Path of `mkdocs.yml`; `None` for the one in the current folder.
        adds_plugin: Whether to build with the plugin where `mkdocs.yml` does not list it.
        is_quick: Whether to leave out what takes time and hardly changes a report: no search index
            is made, and pictures are only inspected, so that what is damaged within counts as
            sendable.
        visit: Takes what a command needs from each build that is over, while its parts are open.
        options: Of the plugin, in place of those in the file, beside `generate: never`.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
    """
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as folder:
        site = load_site(config_file, adds_plugin=adds_plugin, site_dir=folder)
        config, plugin = site.config, site.plugin

        def take(build: Build, config: MkDocsConfig) -> None:
            site.builds.append(build)
            if visit:
                visit(build, config, site)

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
) -> BuiltSite:
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
        return BuiltSite(config, (enabled or plugins)[0])
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
    return BuiltSite(config, plugin, lists_plugin=bool(in_groups))


def _config_of(config_file: str | None, site_dir: str | None) -> MkDocsConfig:
    """Read a site's configuration: MkDocs', or what Zensical's says in its words."""
    path = Path(config_file or _ZENSICAL)
    if path.suffix != _TOML or (not config_file and any(map(os.path.lexists, CONFIG_FILES))):
        return load_config(config_file, strict=False, site_dir=site_dir)
    if not path.exists():
        try:
            return load_config(None, strict=False)
        except MkDocsException as error:  # which says what is missing
            raise ConfigurationError(
                f"{error}\nOf a site that MkDocs does not build, name its folder, as in "
                "`--site public`."
            ) from None
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
