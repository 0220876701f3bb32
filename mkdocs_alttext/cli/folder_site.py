"""A folder of built pages, looked at for a report: what `--site` gives to commands."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.output import CommandError, say
from mkdocs_alttext.cli.places import Place
from mkdocs_alttext.exceptions import ConfigurationError, PageError
from mkdocs_alttext.filling.cache import fault_of_place
from mkdocs_alttext.filling.option_files import SiteOptions, read_options
from mkdocs_alttext.filling.progress import Progress
from mkdocs_alttext.filling.words import MKDOCS, Words, words_for
from mkdocs_alttext.folder.run import FolderRun
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mkdocs_alttext.cli.building import SiteReport
    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.models import Outcome

site_option = click.option(
    "--site",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that any generator built, in place of a site that MkDocs builds; options are "
    "read as by `fill`.",
)
"""The folder; `None` has MkDocs build the site."""


CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
"""What MkDocs or ProperDocs finds in the current folder."""


class FolderSite:
    """What was found in a folder, as `SiteReport` has it for a site that MkDocs builds."""

    lists_plugin = True

    def __init__(self, said: SiteOptions, run: FolderRun, asks_nothing: str, words: Words) -> None:
        """Take a folder that was looked at.

        Args:
            said: The user's options, as a command has them.
            run: What was found.
            asks_nothing: As in the user's own options.
            words: What messages call its things.
        """
        self.words = words
        self.asks_nothing = asks_nothing
        self.options = said.options
        self.root = said.root
        self.builds = [run]
        self.config_file = said.file or Path("alttext.toml")
        self.name = self.config_file.name
        """Of the file that configures it."""
        self.cache_fault: str | None = None
        """Why the cache must not be used; what is wrong with it ended the command before."""
        self._files = run.files

    @property
    def outcomes(self) -> list[Outcome]:
        """All outcomes."""
        return self.builds[0].report.outcomes

    @property
    def problems(self) -> list[str]:
        """What is wrong with the cache."""
        return [*self.builds[0].cache.problems()]

    @property
    def page_names(self) -> set[str]:
        """What the catalog may call pages."""
        return {same_form(page) for page in self._files.pages()}

    @property
    def unknown(self) -> list[UnknownPath]:
        """Entries of the catalog that name no picture of the folder."""
        return self.builds[0].unknown_paths()

    @property
    def outdated(self) -> int:
        """How many texts that were filled in before are others in the catalog by now."""
        return self.builds[0].outdated

    def places(
        self, outcomes: Sequence[Outcome], wanted: Collection[int]
    ) -> tuple[Path | None, dict[int, Place]]:
        """Return where images are written: in their page itself.

        Args:
            outcomes: Of one page, in its order.
            wanted: Which of them are asked for.

        Returns:
            The page's file, and the places by the numbers of outcomes.
        """
        if not wanted:
            return None, {}
        page = outcomes[0].page
        file = self._files.root / page
        try:
            text = self._files.read_page(page).text()
            starts = [tag.start for tag in scan(text, is_whole=True)]
        except PageError:
            text, starts = "", []
        if len(starts) != len(outcomes):  # the page as a whole was left
            return file, {at: Place(file) for at in wanted}
        return file, {at: Place(file, text.count("\n", 0, starts[at]) + 1) for at in wanted}


def words_of(site: SiteReport | FolderSite) -> Words:
    """Return what messages call the things of a site."""
    return site.words if isinstance(site, FolderSite) else MKDOCS._replace(asking=site.asking)


def options_without_mkdocs(config_file: str | None) -> SiteOptions | None:
    """Read the options of a site that MkDocs does not build, for what needs nothing of the site.

    Args:
        config_file: As on the command line.

    Returns:
        `None` where the file is MkDocs', or the current folder has one of MkDocs' or none at all.

    Raises:
        CommandError: They cannot be used.
    """
    is_toml = config_file is not None and Path(config_file).suffix == ".toml"
    if not is_toml and (config_file or any(map(os.path.lexists, CONFIG_FILES))):
        return None
    try:
        said = read_options(config_file, {})
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
    if fault := fault_of_place(said.options.cache_dir, said.root):
        raise CommandError(fault)
    return said if said.file else None


def site_options(config_file: str | None, flags: Mapping[str, object], folder: Path) -> SiteOptions:
    """Read the options of a site that is in a folder.

    Args:
        config_file: As on the command line.
        flags: What the command line says, by the names of options.
        folder: The site's.

    Raises:
        CommandError: They cannot be used.
    """
    try:
        said = read_options(config_file, flags)
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
    if fault := fault_of_place(said.options.cache_dir, said.root, "your site", str(folder)):
        raise CommandError(fault)
    return said


def look_at_folder(
    folder: Path, config_file: str | None, *, is_quick: bool = False, **options: object
) -> FolderSite:
    """Find out what filling a folder would do; nothing is asked, paid for or written.

    Args:
        folder: The site's.
        config_file: As on the command line.
        is_quick: Whether pictures are only inspected, and texts that were filled in before are
            taken for the author's.
        options: In place of those in the file.

    Raises:
        CommandError: The options cannot be used.
    """
    flags = {"generate": "never", "on_missing": "ignore", **options}
    asks_nothing = site_options(config_file, {}, folder).options.asks_nothing
    said = site_options(config_file, flags, folder)
    words = words_for(folder, config_file)
    progress = Progress(partial(say, err=True), words=words)
    run = FolderRun(
        said,
        folder,
        words=words,
        on_progress=progress.show,
        is_dry_run=True,
        is_quick=is_quick,
        lists_all=True,
        looks_behind=not is_quick,
    )
    try:
        run.fill()
    finally:
        progress.close()
        run.close()
    site = FolderSite(said, run, asks_nothing, words)
    for problem in site.problems:
        say(problem, err=True)
    return site
