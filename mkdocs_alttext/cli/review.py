"""`mkdocs-alttext review`: texts beside their pictures, in a browser, saved into the catalog."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.building import build_for_report, load_site
from mkdocs_alttext.cli.folder_site import look_at_folder, site_option
from mkdocs_alttext.cli.output import CommandError, config_file_option, put, say, write_file
from mkdocs_alttext.cli.review_input import ReviewInput
from mkdocs_alttext.filling.cache import open_cache
from mkdocs_alttext.filling.messages import listed
from mkdocs_alttext.models import Picture
from mkdocs_alttext.review.asking import Asking
from mkdocs_alttext.review.export import LONGEST_SIDE, export, is_export
from mkdocs_alttext.review.history import History
from mkdocs_alttext.review.pictures import Pictures, reduced
from mkdocs_alttext.review.server import ReviewServer
from mkdocs_alttext.review.session import Session
from mkdocs_alttext.site.running_review import announced
from mkdocs_alttext.system.files import absolute
from mkdocs_alttext.system.processes import Termination, reduced_environment, trusted_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mkdocs_alttext.options import Options
    from mkdocs_alttext.review.items import Item
    from mkdocs_alttext.review.site import SeenSite

_LIBRARIES = ("bottle", "waitress")
_LACKS_EXTRA = 'The review needs two more packages: pip install "mkdocs-alttext[review]"'
_OF_DESKTOP = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")
_OF_DESKTOP_BEGIN = ("DBUS_", "XDG_")
"""Variables by which a browser is found and reaches the screen."""


@click.command("review")
@config_file_option
@site_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port to listen on; by default any that is free.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser, and only print the address.")
@click.option(
    "--export",
    "export_file",
    type=click.Path(dir_okay=False),
    metavar="FILE.html",
    help="Write one file with all pictures and texts, for others to read, and start no server.",
)
def command(
    *,
    config_file: str | None,
    folder: Path | None,
    port: int,
    no_browser: bool,
    export_file: str | None,
) -> int:
    """Review texts beside their pictures in a browser, and save them into the catalog.

    The site is built once, as `catalog` does: nothing is asked of the service unless you ask for
    another text, which says what it costs. The first line of the output is the address, when it
    answers; it works on this machine only. Ctrl-C ends the review.

    Exit status: 0 when you ended it, 2 when it could not start, or not save what you decided.
    """
    if not export_file and not all(map(find_spec, _LIBRARIES)):
        raise CommandError(_LACKS_EXTRA)
    with tempfile.TemporaryDirectory(prefix="mkdocs_alttext_") as own_folder:
        if folder:
            session = open_folder(folder, config_file, Path(own_folder))
        else:
            session = open_session(config_file, Path(own_folder))
        try:
            if export_file:
                _export(session, Path(export_file))
                return 0
            site = None if folder else load_site(config_file)
            # `mkdocs serve` is told the port while the review runs.
            tell = partial(announced, site.options.cache_dir, site.config) if site else nullcontext
            _serve(session, port, tell, opens=not no_browser)
        finally:
            session.close()
    if session.reviewed:
        words, file = session.site.words, session.catalog_name
        following = words.told(words.after_review, file=file)
        say(f"{session.reviewed} reviewed. Next: {following}", err=True)
    if session.unsaved:
        raise CommandError(
            f"Not saved, as the catalog could not be written: {listed(sorted(session.unsaved))}."
        )
    return 0


def open_session(config_file: str | None, folder: Path) -> Session:
    """Build the site, and take what a review needs of it.

    Args:
        config_file: Path of `mkdocs.yml`; `None` for the one in the current folder.
        folder: Where copies of pictures go that plugins make for a build only.

    Raises:
        CommandError: The site cannot be built, or does not use the plugin.
        ConfigurationError: Its options cannot work, or its catalog cannot be read.
    """
    fault = load_site(config_file).cache_fault  # which depends on `site_dir`
    collected = ReviewInput(folder)
    # Without a report, images that have text are only counted.
    built = build_for_report(
        config_file, visit=collected.add_build, publish="all", report=os.devnull
    )
    site = collected.site(built, str(built.config.site_name))
    return _session(site, built.written, folder, refusal=fault or "")


def open_folder(site_folder: Path, config_file: str | None, folder: Path) -> Session:
    """Look at a folder of built pages, and take what a review needs of it.

    Args:
        site_folder: The site's.
        config_file: As for `fill`.
        folder: As for `open_session`.

    Raises:
        CommandError: The cache must not lie where its options say.
        ConfigurationError: They cannot work, or its catalog cannot be read.
    """
    built = look_at_folder(site_folder, config_file, publish="all")
    collected = ReviewInput(folder)
    collected.add_folder(built)
    name = built.run.files.title("index.html", now=True) or absolute(site_folder).name
    site = collected.site(built, name)
    if not site.pictures:
        say(f"No image of {site_folder} lacks a text, or has one that was filled in.", err=True)
    return _session(site, built.written, folder, refusal=built.cache_fault or "")


def _session(site: SeenSite, options: Options, folder: Path, *, refusal: str) -> Session:
    pictures = Pictures(site, folder)
    asking = Asking(options, pictures, open_cache, refusal=refusal, words=site.words)
    return Session(site, pictures, asking=asking, history=History(site, pictures))


def _export(session: Session, path: Path) -> None:
    """Write what others read."""

    def picture_of(item: Item) -> Picture | str:
        shown = reduced(session.pictures.shown(item.sha256), LONGEST_SIDE)
        if shown.fault or not shown.width:
            return shown.fault or "It cannot be drawn here."
        return Picture(shown.data, shown.media_type, shown.width, shown.height)

    site = session.site
    html = export(site.name, session.items(), site.excluded, picture_of)
    write_file(path, html, is_own=is_export, root=site.root)
    say(f"{path}: {len(html.encode()) / 1e6:.1f} MB, to be opened in any browser.")


def _serve(
    session: Session,
    port: int,
    announce: Callable[[int], AbstractContextManager[object]],
    *,
    opens: bool,
) -> None:
    """Serve until the person ends it."""
    try:
        server = ReviewServer(session, port)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CommandError(
            f"The port {port} cannot be listened on ({why}). Name another one with --port."
        ) from None
    termination = Termination()
    termination.begin()
    try:
        put(server.address)
        say("Ctrl-C ends the review. What you approve is saved at once.", err=True)
        if opens:
            _open_browser(server.address_for_once(), session.site.root)
        with announce(server.port):
            server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        termination.end()


def _open_browser(address: str, root: Path) -> None:
    """Have Python's own program open a browser, which it finds as the user's settings say.

    It gets no key, and no program of the project's is taken for a browser.
    """
    desktop = {
        name: value
        for name, value in os.environ.items()
        if name in _OF_DESKTOP or name.startswith(_OF_DESKTOP_BEGIN)
    }
    try:
        subprocess.Popen(  # noqa: S603 - our own interpreter; no shell
            [sys.executable, "-P", "-m", "webbrowser", address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**reduced_environment(), **desktop, "PATH": trusted_path(outside=root)},
        )
    except OSError:
        say("No browser could be started: open the address above.", err=True)
