"""What a pull request can plant in a project: repositories, links, outputs, names, files, options.

Owns what is planted there. It must not know how a build is judged.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

from api_server import alt_text, faults

from bench.hostile_site import PICTURES, SECRET_VARIABLE
from bench.hostile_trial import COMPLETE, SECRETS
from bench.stress_site import picture
from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.images.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from api_server import Call, Fault, Turn

    from bench.hostile_trial import World

_CATALOG = "a.png:\n  alt: A leaf\n  status: reviewed\n"
_MIB = 1024 * 1024
_SOON = 10.0
"""Seconds for a build that has only to say why it ends, on a busy machine."""
NAME = "::error::a\n::error file=x::b\r##[error]c ##vso[d]e\x1b[31m\u202e\x9b\u2028f"
_STOLEN = "A text of somebody else's"
_TEXT_PAGE = "# A page\n\n![](/a.png)\n"


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=N", "-c", "user.email=n@example.org")
    command = ["git", *who, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _commit(world: World) -> None:
    _git(world.project, "init", "--quiet")
    _git(world.project, "add", "--all")
    _git(world.project, "commit", "--quiet", "--message", "Begin")


def _program(world: World) -> str:
    """Return a command that notes that it ran, and with which variables."""
    return f"env > {shlex.quote(str(world.markers / 'ran'))}; false"


def _plant_repository(folder: Path, world: World) -> None:
    """Make of a folder what Git takes for a repository without `.git`: it can be committed."""
    for name in ("objects", "refs", "info"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "keep").touch()  # Git keeps no empty folders
    (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (folder / "info" / "attributes").write_text("* filter=planted diff=planted\n", "utf-8")
    quoted = _program(world).replace("\\", "\\\\").replace('"', '\\"')
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f'\tfsmonitor = "{quoted}"\n\tpager = "{quoted}"\n\tsshCommand = "{quoted}"\n'
        f'[filter "planted"]\n\tclean = "{quoted}"\n\tprocess = "{quoted}"\n'
        f'[diff "planted"]\n\ttextconv = "{quoted}"\n[alias]\n\tstatus = "!{quoted}"\n',
        encoding="utf-8",
    )


def _apply(world: World, *pages: str) -> None:
    """Run all that may ask Git; only the texts of some pages are written."""
    changes = _pages("index.md", *pages)
    world.command("apply", "--dry-run", status=None)
    world.command("scan", status=None)
    world.command("apply", status=None, changes=changes)
    world.build()


def bare_repository(world: World) -> None:
    """Let a folder of pages be a bare repository whose settings run a program."""
    world.site.add_page("evil/page.md", "# Evil\n\n![](../a.png)\n")
    (world.project / "alttext.yml").write_text(_CATALOG, encoding="utf-8")
    _plant_repository(world.docs / "evil", world)
    _commit(world)
    _plain_git_runs_it(world, "evil")
    _apply(world, "evil/page.md")
    world.command("apply", "--allow-dirty", status=None)


def _pages(*names: str) -> frozenset[str]:
    return frozenset(f"project/docs/{name}" for name in names)


def _plain_git_runs_it(world: World, folder: str) -> None:
    """Make sure that what was planted would do harm, and remove the mark of that."""
    command = ["git", "-C", f"docs/{folder}", "status"]
    subprocess.run(command, cwd=world.project, check=False, capture_output=True)
    mark = world.markers / "ran"
    if not mark.exists():
        raise RuntimeError("the planted repository runs nothing")
    mark.unlink()


def nested_repository(world: World) -> None:
    """Let a folder of pages hold a `.git` whose settings run a program."""
    world.site.add_page("nested/page.md", "# Nested\n\n![](../a.png)\n")
    (world.project / "alttext.yml").write_text(_CATALOG, encoding="utf-8")
    _commit(world)
    _plant_repository(world.docs / "nested" / ".git", world)
    _plain_git_runs_it(world, "nested")
    _apply(world)
    world.command(
        "apply", "--allow-dirty", status=None, changes=_pages("index.md", "nested/page.md")
    )


def own_git(world: World) -> None:
    """Let the current folder, and `PATH`, hold a `git` of the project's own."""
    (world.project / "alttext.yml").write_text(_CATALOG, encoding="utf-8")
    for folder in (world.project, world.project / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text(f"#!/bin/sh\n{_program(world)}\n", encoding="utf-8")
        (folder / "git").chmod(0o755)
    _commit(world)
    folders = (".", str(world.project / "bin"), os.environ["PATH"])
    world.variables["PATH"] = os.pathsep.join(folders)
    _apply(world)


def page_behind_a_link(world: World) -> None:
    """Let a folder of pages be a link out of the repository."""
    (world.precious / "page.md").write_text("# Theirs\n\n![](../a.png)\n", encoding="utf-8")
    (world.docs / "theirs").symlink_to(world.precious)
    (world.project / "alttext.yml").write_text(_CATALOG, encoding="utf-8")
    _commit(world)
    _apply(world)
    world.command("apply", "--allow-dirty", status=None)


def report_in_place(name: str, content: str | None = None) -> Callable[[World], None]:
    """Return a build whose `report` names a file that is none.

    Args:
        name: In the project.
        content: What is there, when it is nothing of the project's own.
    """

    def run(world: World) -> None:
        if content is not None:
            (world.project / name).write_text(content, encoding="utf-8")
        world.options["report"] = name
        world.build(says="is in the way")

    return run


def report_through_a_link(world: World) -> None:
    """Let the report be a link to a precious file, then a file in a folder that is one."""
    (world.precious / "empty.json").touch()
    (world.project / "link.json").symlink_to(world.precious / "empty.json")
    (world.project / "out").symlink_to(world.precious)
    for name in ("link.json", "out/empty.json", "out/new.json"):
        world.options["report"] = name
        world.build(says="The report is not written")


def outputs_in_place(world: World) -> None:
    """Let commands write where the catalog, a source or a link is."""
    (world.project / "alttext.yml").write_text(_CATALOG, encoding="utf-8")
    (world.precious / "empty").touch()
    (world.project / "link").symlink_to(world.precious / "empty")
    (world.project / "out").symlink_to(world.precious)
    for name in ("alttext.yml", "mkdocs.yml", "docs/index.md", "docs/a.png", "link", "out/empty"):
        world.command("scan", "--write-baseline", name, status=2)
        for form in ("text", "json", "github", "sarif"):
            world.command("scan", "--format", form, "--output", name, status=2)


def catalog_in_place(world: World) -> None:
    """Let the catalog that is to be written be a link, or a file of another kind."""
    world.fill()
    (world.project / "link.yml").symlink_to(world.precious / "new.yml")
    for name in ("link.yml", "docs/index.md", "mkdocs.yml"):
        world.options["catalog"] = name
        world.command("catalog", status=2)


def names(world: World) -> None:
    """Give pages, pictures and keys of the catalog names that are commands and line breaks."""
    name = NAME.replace("/", "")
    world.site.add_picture(f"{name}.png", picture(11))
    world.site.add_page(f"{name}.md", f'# P\n\n<img src="{name}.png">\n\n<img src="gone.png">\n')
    world.site.add_page(f"{name}/{name}.md", f'<img src="x" alt="{name}.png">\n\n![](../b.png)\n')
    keys = (f"{name}.png", f"{name}.gif")
    quoted = ["".join(_escaped(each) for each in key) for key in keys]
    catalog = "".join(f'"{key}":\n  alt: "A leaf"\n  status: reviewed\n' for key in quoted)
    (world.project / "alttext.yml").write_text(catalog, encoding="utf-8")
    world.options["on_missing"] = "warn"
    world.build()
    for form in ("text", "json", "sarif"):
        world.command("scan", "--format", form, status=None)
    world.command("apply", "--dry-run", status=None)
    world.command("catalog", status=None, changes=frozenset({"project/alttext.yml"}))
    (world.project / "alttext.yml").write_text(
        f'"{quoted[0]}":\n  status: "{quoted[0]}"\n', "utf-8"
    )
    world.build(status=1)


def _escaped(character: str) -> str:
    return character if " " < character < "\x7f" or character == " " else f"\\u{ord(character):04x}"


def late_answer(world: World) -> None:
    """Send a second answer to each request, with it, or when the next one is there."""
    turns: list[Turn] = []

    def stolen(turn: Turn) -> None:
        with suppress(OSError, ValueError):
            faults.text(_STOLEN, charge=False)(turn)

    def answer(turn: Turn) -> None:
        for earlier in turns[-1:]:
            stolen(earlier)
        turns.append(turn)
        turn.reply_as_documented()
        stolen(turn)

    def decide(call: Call) -> Fault | None:
        return answer if call.image is not None else None

    world.server.decide = decide
    world.options["concurrency"] = 1
    world.build()
    pages = "".join(
        page.read_text(encoding="utf-8") for page in (world.project / "site").rglob("*.html")
    )
    world.require(_STOLEN not in pages, f"{COMPLETE}a second answer is published")
    for name in PICTURES:
        sent = prepare((world.docs / name).read_bytes()).data
        world.require(
            clean(alt_text(sent, "en")) in pages, f"{COMPLETE}{name} has not its own text"
        )


def pipe(world: World) -> None:
    """Put a pipe in the place of the catalog, into which nobody writes."""
    os.mkfifo(world.project / "alttext.yml")
    world.build(status=1, says="no regular file", seconds=_SOON)
    for command in ("scan", "catalog", "apply"):
        world.command(command, status=2, says="no regular file")


def catalog_of(text: str, says: str) -> Callable[[World], None]:
    """Return a build that must end over its catalog, soon.

    Args:
        text: The catalog.
        says: Words of the reason.
    """

    def run(world: World) -> None:
        (world.project / "alttext.yml").write_text(text, encoding="utf-8")
        world.build(status=1, says=says, seconds=_SOON)

    return run


def too_large_a_catalog(world: World) -> None:
    """Bring a catalog of 33 MB, which takes no room on the disk."""
    with (world.project / "alttext.yml").open("wb") as file:
        file.truncate(33 * _MIB)
    world.build(status=1, says="more than 32 MiB", seconds=_SOON)


def long_catalog(world: World) -> None:
    """Bring a catalog of 31 MB in which all is as it should be."""
    entry = f"img/%07d.png:\n  alt: {'A leaf ' * 38}A\n  status: draft\n"
    # As many entries as may be: each has three keys.
    text = "".join(entry % number for number in range(99_990))
    (world.project / "alttext.yml").write_text(text, encoding="utf-8")
    world.build()


def catalog_out_of_the_project(world: World) -> None:
    """Let the catalog be a link to a file of the machine that builds."""
    (world.precious / "secret.yml").write_text("password: hunter2-on-this-machine\n", "utf-8")
    (world.project / "alttext.yml").symlink_to(world.precious / "secret.yml")
    run = world.build(status=1, says="leads out of the project", seconds=_SOON)
    world.require("hunter2" not in run.output, f"{SECRETS}the log holds another file's text")


def excluded(pattern: str, name: str, *, says: str = "") -> Callable[[World], None]:
    """Return a build whose `exclude` names a picture as people do, and not as Git does.

    Args:
        pattern: The option.
        name: The picture's path, which must not be sent.
        says: What is said of the pattern.
    """

    def run(world: World) -> None:
        private = picture(12)
        world.site.add_picture(name, private)
        world.site.add_page("secret.md", f'# S\n\n<img src="{name}">\n')
        world.options["exclude"] = [pattern]
        world.build(says=says)
        sent = {call.image for call in world.server.calls if call.image is not None}
        world.require(prepare(private).data not in sent, f"{SECRETS}{name} was sent")
        world.require(sent, f"{COMPLETE}nothing was sent")

    return run


def other_host(world: World) -> None:
    """Let `base_url` name a host that nobody confirmed."""
    world.options["base_url"] = "https://collector.example/api/v1"
    world.build(says="is not confirmed", seconds=_SOON)
    world.require(not world.server.calls, f"{SECRETS}the service was asked")


def other_variable(world: World) -> None:
    """Let `api_key_env` name a variable that is no key."""
    world.options["api_key_env"] = SECRET_VARIABLE
    world.build(status=1, says="api_key_env", seconds=_SOON)
    world.require(not world.server.calls, f"{SECRETS}the service was asked")


def unknown_option(world: World) -> None:
    """Let an option be written wrongly that keeps pictures back."""
    world.options["exclud"] = ["*"]
    world.build(status=1, says="Did you mean 'exclude'", seconds=_SOON)
    world.require(not world.server.calls, f"{SECRETS}pictures were sent")


_ACCENT = "pläne"
_DEEP = {
    "lists": "[" * 100_000,
    "mappings": "{a: " * 100_000,
    "aliases": "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\n",
    "escapes": '"' + "\\n" * 3_000_000,
}

PLANTED: Mapping[str, Callable[[World], None]] = {
    "repository: bare, among the sources": bare_repository,
    "repository: .git, among the sources": nested_repository,
    "repository: a git of its own": own_git,
    "apply: a page behind a link": page_behind_a_link,
    "report: alttext.yml": report_in_place("alttext.yml", _CATALOG),
    "report: a source": report_in_place("docs/index.md"),
    "report: through a link": report_through_a_link,
    "outputs: catalog, source, link": outputs_in_place,
    "catalog: in place of others": catalog_in_place,
    "names: commands and line breaks": names,
    "service: a second answer": late_answer,
    "catalog: a pipe": pipe,
    "catalog: 33 MB": too_large_a_catalog,
    "catalog: 31 MB of entries": long_catalog,
    "catalog: a link out of the project": catalog_out_of_the_project,
    **{f"catalog: YAML, {name}": catalog_of(text, "alttext.yml") for name, text in _DEEP.items()},
    "exclude: docs/private/": excluded("docs/private/", "private/s.png", says="private/"),
    "exclude: ./private/": excluded("./private/", "private/s.png", says="private/"),
    "exclude: *.PNG": excluded("shots/*.PNG", "shots/s.png", says="PNG"),
    "exclude: NFC for NFD": excluded(
        f"{_ACCENT}/", unicodedata.normalize("NFD", f"{_ACCENT}/s.png")
    ),
    "exclude: NFD for NFC": excluded(
        unicodedata.normalize("NFD", f"{_ACCENT}/"), f"{_ACCENT}/s.png"
    ),
    "mkdocs.yml: another host": other_host,
    "mkdocs.yml: another variable": other_variable,
    "mkdocs.yml: exclud": unknown_option,
}
"""What is done in a world, by what is planted."""
