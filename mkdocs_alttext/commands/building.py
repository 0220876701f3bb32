"""Building a site for what it says, not for its pages.

Owns a build into a temporary folder with some of the plugin's options replaced. It must not know
what a command makes of the report.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, ConfigurationError

from mkdocs_alttext.plugin import AltTextPlugin

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.assembly import Build
    from mkdocs_alttext.captions import Outcome
    from mkdocs_alttext.config import AltTextConfig
    from mkdocs_alttext.report import BuildReport

_QUIET = {"enabled": True, "on_missing": "ignore", "report": None}


class CommandError(click.ClickException):
    """Something has to be put right before the command can do its work."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a build said of a site."""

    config: AltTextConfig
    reports: tuple[BuildReport, ...]
    """One for each build: translations are builds of their own."""
    unknown: list[str]
    """Paths of the catalog that are no file of the site."""

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return [outcome for report in self.reports for outcome in report.outcomes]


def build_for_report(config_file: str | None, **options: object) -> SiteReport:
    """Build a site into a temporary folder.

    Args:
        config_file: Path of `mkdocs.yml`; `None` for the one in the current folder.
        options: Of the plugin, in place of those in the file.

    Returns:
        What the build said.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
    """
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as folder:
        try:
            config = load_config(config_file, site_dir=folder, strict=False)
            plugin = _plugin_of(config)
            for name, value in {**_QUIET, **options}.items():
                plugin.config[name] = value
            return _build(config, plugin)
        except ConfigurationError as error:
            raise CommandError(str(error)) from None
        except Abort as error:
            raise CommandError(f"The site cannot be built: {error}") from None


def _build(config: MkDocsConfig, plugin: AltTextPlugin) -> SiteReport:
    builds: list[Build] = []
    plugin.take_build = builds.append
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
    catalog = builds[-1].site.catalog if builds else {}
    unknown = [path for path in catalog if not any(each.files.exists(path) for each in builds)]
    return SiteReport(plugin.config, tuple(each.report for each in builds), unknown)


def _plugin_of(config: MkDocsConfig) -> AltTextPlugin:
    for plugin in config.plugins.values():
        if isinstance(plugin, AltTextPlugin):
            return plugin
    raise CommandError(f"{config.config_file_path} does not list the plugin alttext.")
