"""Which files are the author's, and not what a plugin made for one build.

Owns where an author's files lie. It must not know what is done with them. Plugins copy and generate
sources in temporary folders, where a text would be lost and nobody finds a line.

The plugin inside a group of plugins, which Material for MkDocs has.

Owns taking its options out of the groups of a configuration. It must not know what they mean. A
group makes its plugins when a build begins, which is too late for a command that replaces some of
their options, or that builds nothing.

Building a site for what it says, not for its pages.

Owns reading `mkdocs.yml`, a build into a temporary folder with some of the plugin's options
replaced, and what of MkDocs' log is shown. It must not know what a command makes of the report.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import mkdocs
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from mkdocs_alttext.cli.output import put, say
from mkdocs_alttext.plugin import AltTextPlugin
from mkdocs_alttext.system.environment import MAX_CREDITS
from mkdocs_alttext.system.printable import visible, visible_lines
from mkdocs_alttext.system.processes import TerminatedError
from mkdocs_alttext.system.project import absolute, leads_out, project_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.plugins import PluginCollection

    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.site.build import Build
    from mkdocs_alttext.site.report import BuildReport, Credits


@dataclass(frozen=True, slots=True)
class Authorship:
    """Tells the author's files by the folders that they lie in."""

    folders: tuple[Path, ...]
    """The site's own."""
    repository: Path
    """Which may hold other folders of sources; the folder of `mkdocs.yml` where there is none."""

    @classmethod
    def of(cls, site: MkDocsConfig) -> Authorship:
        """Make one for a site.

        Args:
            site: Its configuration before a build: plugins let `docs_dir` be another folder.
        """
        own = absolute(site.config_file_path or "mkdocs.yml").parent
        return cls((absolute(site.docs_dir), own), project_root(site.config_file_path))

    def has(self, file: str | Path) -> bool:
        """Tell whether a file of the disk is the author's."""
        path = absolute(file)
        if any(path.is_relative_to(folder) for folder in self.folders):
            return True
        is_temporary = path.is_relative_to(tempfile.gettempdir())
        return path.is_relative_to(self.repository) and not is_temporary

    def leads_out(self, file: str | Path) -> bool:
        """Tell whether links make of a file of the project one that lies elsewhere."""
        return leads_out(Path(file), self.repository)


if TYPE_CHECKING:
    Visit = Callable[[Build, MkDocsConfig, Authorship], object]


_PARTS_OF_NAME = re.compile(r"[/ ]")
"""`material/group #2` is a group, too."""


def take_from_groups(plugins: PluginCollection, wanted: str) -> dict[str, Any] | None:
    """Take a plugin out of the groups, whether they are enabled or not.

    Args:
        plugins: Those of the configuration; none of their groups makes the plugin any more.
        wanted: Its name.

    Returns:
        Its options; `None` when no group holds it.
    """
    groups = (plugin.config for name, plugin in plugins.items() if _is_group(name))
    found = [options for group in groups for options in _taken(group.get("plugins"), wanted)]
    return found[0] if found else None


def _taken(members: object, wanted: str) -> list[dict[str, Any]]:
    """Return the options of each, after taking it out of a group's members, and theirs."""
    found: list[dict[str, Any]] = []
    # As MkDocs itself, a group takes a list of names and of mappings, or one mapping.
    lists = members if isinstance(members, list) else [members]
    for entry in [*lists]:
        if entry == wanted:
            lists.remove(entry)
            found.append({})
        elif isinstance(entry, dict):
            if wanted in entry:
                found.append(entry.pop(wanted) or {})
            for name, options in entry.items():
                if _is_group(name) and isinstance(options, dict):
                    found += _taken(options.get("plugins"), wanted)
            if not entry and lists is members:
                lists.remove(entry)
    return found


def _is_group(name: object) -> bool:
    return isinstance(name, str) and "group" in _PARTS_OF_NAME.split(name)


_NAME = "alttext"
_QUIET = {"enabled": True, "on_missing": "ignore", "report": None}


class CommandError(click.ClickException):
    """Something has to be put right before the command can do its work."""

    exit_code = 2

    def __init__(self, message: str, *more: str) -> None:
        """Take what to say.

        Args:
            message: One line; may hold names that anybody chose.
            more: What others say about it, each in one line or several.
        """
        super().__init__("\n".join([visible(message), *map(visible_lines, more)]))


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a build said of a site."""

    config: AltTextConfig
    site: MkDocsConfig
    reports: tuple[BuildReport, ...]
    """One for each build: translations are builds of their own."""
    costs: tuple[Credits, ...]
    """What each build cost."""
    root: Path
    """The project's folder: its repository, else that of `mkdocs.yml`."""
    unknown: list[str]
    """Paths of the catalog that are no file of the site."""
    would_spend: int
    """Credits that filling what is missing would cost at most, where `generate` is `never`."""
    sources: dict[str, Path]
    """The author's file that each page with images was made from, by the page's path."""
    problems: list[str]
    """What was wrong with the cache, as it was shown already."""

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return [outcome for report in self.reports for outcome in report.outcomes]


def build_for_report(
    config_file: str | None,
    *,
    adds_plugin: bool = False,
    is_quick: bool = False,
    visit: Visit | None = None,
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
        visit: Called with each build that is over, while its parts are open, its configuration,
            and what tells the author's files.
        options: Of the plugin, in place of those in the file. With `generate="never"`, nothing is
            spent and no key is needed.

    Returns:
        What the build said.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
    """
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as folder:
        config, plugin = load_site(config_file, adds_plugin=adds_plugin, site_dir=folder)
        for name, value in {**_QUIET, **options}.items():
            plugin.config[name] = value
        with _spoken_log("The site cannot be built"), _limited_children(plugin):
            report = _build(config, plugin, visit, is_quick=is_quick)
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
    with _spoken_log("The configuration cannot be used"):
        config = load_config(config_file, strict=False, **settings)
    plugins = [each for each in config.plugins.values() if isinstance(each, AltTextPlugin)]
    if plugins:
        return config, next((each for each in plugins if each.config.enabled), plugins[0])
    options = take_from_groups(config.plugins, _NAME)
    if options is None and not adds_plugin:
        raise CommandError(f"{config.config_file_path} does not list the plugin {_NAME}.")
    plugin = AltTextPlugin()
    errors, _ = plugin.load_config(options or {}, config_file_path=config.config_file_path)
    if errors:
        what = "; ".join(f"{name}: {error}" for name, error in errors)
        raise CommandError(f"The configuration cannot be used. Plugin {_NAME}, {what}")
    config.plugins[_NAME] = plugin
    return config, plugin


def _build(
    config: MkDocsConfig, plugin: AltTextPlugin, visit: Visit | None, *, is_quick: bool
) -> SiteReport:
    builds: list[Build] = []
    authors = Authorship.of(config)

    def take(build: Build, config: MkDocsConfig) -> None:
        builds.append(build)
        if visit:
            visit(build, config, authors)

    plugin.take_build = take
    plugin.is_quick = is_quick
    if is_quick:
        _leave_out_search(config)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
        plugin.take_build, plugin.is_quick = None, False  # MkDocs keeps the object
    catalog = builds[-1].catalog if builds else {}
    known = {path for each in builds if catalog for path in each.files.forms()}
    return SiteReport(
        plugin.config,
        config,
        tuple(each.report for each in builds),
        tuple(each.credits for each in builds),
        authors.repository,
        [path for path in catalog if path not in known],
        sum(each.would_spend for each in builds),
        _sources(builds, authors),
        # Translations are builds of their own, with the same cache.
        [*dict.fromkeys(problem for each in builds for problem in each.problems())],
    )


def _leave_out_search(config: MkDocsConfig) -> None:
    """Have no page indexed for search, which takes a tenth of a build and shows no image."""
    # Material's has the name `material/search`.
    named = {name: name.rpartition("/")[2] for name in config.plugins}
    search = [config.plugins[name] for name, own in named.items() if own == "search"]
    methods = config.plugins.events["page_context"]
    methods[:] = [each for each in methods if getattr(each, "__self__", None) not in search]


def _sources(builds: list[Build], authors: Authorship) -> dict[str, Path]:
    found = {}
    for each in builds:
        for page in {outcome.page for outcome in each.report.outcomes}:
            path = each.files.source(page)
            if path and authors.has(path):
                found[page] = Path(path)
    return found


@contextmanager
def _limited_children(plugin: AltTextPlugin) -> Iterator[None]:
    """Have other processes spend nothing where this one does not.

    Plugins build other sites in processes of their own (Material's `projects`), to which the
    options that a command replaces do not come.
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
def _spoken_log(what_failed: str) -> Iterator[None]:
    """Show warnings of MkDocs and its plugins, and make whatever they raise a `CommandError`."""
    errors: list[str] = []
    handler = _Handler(errors)
    logger = logging.getLogger(mkdocs.__name__)  # ProperDocs takes its place
    logger.addHandler(handler)
    try:
        yield
    except (Abort, MkDocsException) as error:
        raise CommandError(f"{what_failed}.", *(errors or [str(error)])) from None
    except TerminatedError:
        raise
    except (Exception, SystemExit) as error:  # another plugin's fault must not look like status 1
        cause = f"{type(error).__name__}: {error}"
        raise CommandError(f"{what_failed}.", *errors, cause) from error
    else:
        for message in errors:
            put(visible_lines(f"ERROR: {message}"), err=True)
    finally:
        logger.removeHandler(handler)


class _Handler(logging.Handler):
    """Shows warnings, and keeps errors: a build that logs one mostly ends with it."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self._errors.append(record.getMessage())
        else:
            put(visible_lines(f"{record.levelname}: {record.getMessage()}"), err=True)
