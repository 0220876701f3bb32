"""A folder of built pages, looked at for a report: what `--site` gives to commands."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.output import CommandError, say
from mkdocs_alttext.cli.sites import CONFIG_FILES, Place, Site
from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.filling.cache import fault_of_place
from mkdocs_alttext.filling.option_files import SiteOptions, read_options
from mkdocs_alttext.filling.progress import Progress
from mkdocs_alttext.filling.words import Words, words_for
from mkdocs_alttext.folder.run import FolderRun
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.options import Options

site_option = click.option(
    "--site",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder that any generator built, in place of a site that MkDocs builds; options are "
    "read as by `fill`.",
)
"""The folder; `None` has MkDocs build the site."""


class FolderSite(Site):
    """A folder of pages that any generator built."""

    def __init__(self, said: SiteOptions, written: Options, run: FolderRun, words: Words) -> None:
        """Take a folder that was looked at.

        Args:
            said: The user's options, as a command has them.
            written: As the user has them.
            run: What was found.
            words: What messages call its things.
        """
        file = said.file or Path("alttext.toml")
        super().__init__(said.options, written, file, said.root, words)
        self.builds = [run]
        self.outdated = run.outdated
        self.run = run
        self._files = run.files

    @property
    def page_names(self) -> set[str]:
        """As in `Site`; pages are called by their paths."""
        return {same_form(page) for page in self._files.pages()}

    @property
    def unknown(self) -> list[UnknownPath]:
        """As in `Site`."""
        return self.run.unknown_paths()

    def places(
        self, outcomes: Sequence[Outcome], wanted: Collection[int]
    ) -> tuple[Path | None, dict[int, Place]]:
        """Return where images are written: in their page itself."""
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


def options_without_mkdocs(config_file: str | None) -> SiteOptions | None:
    """Read the options of a site that MkDocs does not build, for what needs nothing of the site.

    Args:
        config_file: As on the command line.

    Returns:
        `None` where the file is MkDocs', or the current folder has one of MkDocs' or none at all.

    Raises:
        ConfigurationError: They cannot work.
        CommandError: The cache must not lie where they say.
    """
    is_toml = config_file is not None and Path(config_file).suffix == ".toml"
    if not is_toml and (config_file or any(map(os.path.lexists, CONFIG_FILES))):
        return None
    said = read_options(config_file, {})
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
        ConfigurationError: They cannot work.
        CommandError: The cache must not lie where they say.
    """
    said = read_options(config_file, flags)
    if fault := fault_of_place(said.options.cache_dir, said.root, "your site", str(folder)):
        raise CommandError(fault)
    return said


@contextmanager
def folder_run(said: SiteOptions, folder: Path, words: Words, **how: bool) -> Iterator[FolderRun]:
    """Open a run over a folder that shows its progress, and close it.

    Args:
        said: The user's options.
        folder: The site's.
        words: What messages call its things.
        how: More for `FolderRun`, by its names.
    """
    with closing(Progress(partial(say, err=True), words=words)) as progress:
        run = FolderRun(said, folder, words=words, on_progress=progress.show, **how)
        with closing(run):
            yield run


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
        ConfigurationError: The options cannot work.
        CommandError: The cache must not lie where they say.
    """
    flags = {"generate": "never", "on_missing": "ignore", **options}
    written = site_options(config_file, {}, folder).options
    said = site_options(config_file, flags, folder)
    words = words_for(folder, config_file)
    how = {"is_quick": is_quick, "looks_behind": not is_quick}
    with folder_run(said, folder, words, is_dry_run=True, lists_all=True, **how) as run:
        run.fill()
    site = FolderSite(said, written, run, words)
    for problem in site.problems:
        say(problem, err=True)
    return site
