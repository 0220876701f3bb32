"""One planted thing's world: a project, what lies beside it, and the rules for all that runs there.

Owns the judgement: no code ran, the key is nowhere, nothing changed that must not, the build is
complete and took little. It must not know what is planted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.comparison import changed, compare
from bench.hostile_site import KEY, KEY_VARIABLE, SECRET, SECRET_VARIABLE, write_project
from bench.processes import QUIET

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

_MIB = 1024 * 1024
MOST_MIB, MOST_CHILD_MIB = 300, 1024
"""Peak memory of a command's own process, and of one that it starts."""
MOST_SECONDS = 60.0
"""On the clock, on a busy machine; what hangs takes longer."""
_MOST_CACHE_FILE = 1024 * _MIB
"""What is larger was made so by what was planted."""
_MOST_SEARCHED = 200 * _MIB
_ALLOWED = re.compile(r"(?:site|\.cache)(?:/.*)?|report\.json", re.DOTALL)
"""What a build writes in a project."""
_NOTHING = re.compile(r"(?!)")
_MAIN = "ALTTEXT_HOSTILE_MAIN"

_BETWEEN = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
"""A process's peak is never reported below that of who started it: this one is small."""

_SPY = """
import atexit, json, os, resource, sys
def note(names={names!r}, folder={folder!r}):
    who = [resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN]
    peaks = [resource.getrusage(each).ru_maxrss for each in who]
    known = any(name in value for name in names for value in os.environ.values())
    facts = {{"knows": known, "is_main": {main!r} in os.environ, "peaks": peaks,
             "command": sys.orig_argv[1:4]}}
    with open(os.path.join(folder, str(os.getpid()) + ".json"), "w", encoding="utf-8") as file:
        json.dump(facts, file)
note()
atexit.register(note)
"""
"""Each Python process that is started tells, as its module `sitecustomize`, what it knows and took.
What ends without a word has told that it began."""

_GIT = """#!/bin/sh
env > {folder}/git-$$.env
exec {git} "$@"
"""

_COMMANDS = re.compile(r"(?m)^\s*::|##\[|##vso\[")
"""What a CI system takes for a command."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What no line of a log may hold."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command that has ended."""

    status: int
    seconds: float
    output: str
    own_mib: int
    """Peak memory of its process; 0 where it did not tell."""
    child_mib: int
    """The most that a process took which it started."""
    changed: frozenset[str]
    """Files of the project and beside it that are new, gone or different, but for what a build
    writes."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one planted thing."""

    planted: str
    runs: tuple[Run, ...]
    broken: tuple[str, ...]
    """Rules that did not hold."""

    def cells(self) -> list[str]:
        """Return the row below `HEADINGS`."""
        own = max(run.own_mib for run in self.runs)
        child = max(run.child_mib for run in self.runs)
        seconds = max(run.seconds for run in self.runs)
        words = map(self._word, RULES)
        return [
            self.planted,
            str(len(self.runs)),
            *words,
            f"{seconds:.1f}",
            str(own),
            str(child or "-"),
        ]

    def _word(self, rule: str) -> str:
        return "BROKEN" if any(each.startswith(rule) for each in self.broken) else "holds"


CODE, SECRETS, FILES, COMPLETE = "code: ", "key: ", "files: ", "build: "
"""How the sentence of a broken rule begins."""
RULES = (CODE, SECRETS, FILES, COMPLETE)
HEADINGS = (
    *("planted", "commands", "no code", "no key", "no file", "complete"),
    *("seconds", "MiB", "child"),
)


@dataclass
class World:
    """A project in which something is planted, and precious files beside it."""

    folder: Path
    server: ApiServer
    options: dict[str, object] = field(default_factory=dict)
    """The plugin's, beside the usual ones."""

    def __post_init__(self) -> None:
        """Write the project and what lies beside it."""
        for place in (self.precious, self.markers, self._spies, self._bin, self.home):
            place.mkdir(parents=True)
        for name in ("one", "two.txt", "three.md"):
            (self.precious / name).write_text(f"precious {name}\n", encoding="utf-8")
        self.variables: dict[str, str] = {}
        """Of the environment, beside the usual ones."""
        self.runs: list[Run] = []
        self._broken: list[str] = []
        self._built_plain: dict[str, str] = {}
        names = (KEY, SECRET)
        spy = _SPY.format(names=names, folder=str(self._spies), main=_MAIN)
        (self._bin / "sitecustomize.py").write_text(spy, encoding="utf-8")
        if git := shutil.which("git"):
            text = _GIT.format(folder=self._spies, git=git)
            (self._bin / "git").write_text(text, encoding="utf-8")
            (self._bin / "git").chmod(0o755)
        self.site = write_project(self.project, self.server.base_url)

    @property
    def project(self) -> Path:
        """The project, in which a pull request can commit anything."""
        return self.folder / "project"

    @property
    def docs(self) -> Path:
        """The sources."""
        return self.project / "docs"

    @property
    def cache(self) -> Path:
        """The cache's folder."""
        return self.project / ".cache" / "plugin" / "alttext"

    @property
    def precious(self) -> Path:
        """Files that nothing may touch."""
        return self.folder / "precious"

    @property
    def markers(self) -> Path:
        """Where planted programs leave a file when they run."""
        return self.folder / "markers"

    @property
    def home(self) -> Path:
        """The user's own folder, empty."""
        return self.folder / "home"

    @property
    def _spies(self) -> Path:
        return self.folder / "spies"

    @property
    def _bin(self) -> Path:
        return self.folder / "bin"

    def require(self, holds: object, rule: str) -> None:
        """Note a rule that does not hold; it begins as one of `RULES`."""
        if not holds:
            self._broken.append(rule)

    def write_config(self) -> None:
        """Write `mkdocs.yml` with the options as they are now."""
        self.site.write_config(self.options)

    def fill(self) -> None:
        """Fill the cache, before anything is planted there."""
        self.build()
        shutil.rmtree(self.project / "site")

    def build(
        self,
        *,
        status: int = 0,
        says: str = "",
        seconds: float = MOST_SECONDS,
        makes: frozenset[str] = frozenset(),
    ) -> Run:
        """Build with the plugin, and hold the build against all rules.

        Args:
            status: As it must be; only a build that ends with 0 has to be complete.
            says: Words that the output must hold.
            seconds: Most that it may take.
            makes: Files that it is there to write, beside the usual ones.
        """
        self.write_config()
        config = str(self.project / "mkdocs.yml")
        run = self._run(["mkdocs", "build", "-f", config], {status}, says, makes, within=seconds)
        if status == 0:
            self._require_complete()
        return run

    def command(
        self,
        *arguments: str,
        status: int | None = 0,
        says: str = "",
        changes: frozenset[str] = frozenset(),
    ) -> Run:
        """Run `mkdocs-alttext`, and hold it against the rules that are no build's.

        Args:
            arguments: Its arguments.
            status: As it must be; `None` where each is right.
            says: Words that the output must hold.
            changes: Files that it is there to write.
        """
        self.write_config()
        statuses = {0, 1, 2} if status is None else {status}
        return self._run(["mkdocs_alttext", *arguments], statuses, says, changes)

    def row(self, planted: str) -> Row:
        """Return the table's row."""
        return Row(planted, tuple(self.runs), tuple(dict.fromkeys(self._broken)))

    def _run(
        self,
        module: list[str],
        statuses: set[int],
        says: str,
        changes: frozenset[str] = frozenset(),
        *,
        within: float = MOST_SECONDS,
    ) -> Run:
        before = self._tree()
        for path in self._spies.iterdir():
            path.unlink()
        began = time.perf_counter()
        status, output = self._ended([sys.executable, "-P", "-m", *module], 2 * within)
        seconds = time.perf_counter() - began
        own, child = self._told()
        after = self._tree()
        found = changed(before, after)
        run = Run(status, seconds, output, own, child, frozenset(found))
        self.runs.append(run)
        what = " ".join(module[:2])
        for each in sorted(found - changes):
            self.require(holds=False, rule=f"{FILES}{what} changed {each!r}")
        self.require(status in statuses, f"{COMPLETE}{what} ended with {status}:\n{output[-1500:]}")
        self.require(says in output, f"{COMPLETE}{what} does not say {says!r}:\n{output[-1500:]}")
        self.require("Traceback" not in output, f"{COMPLETE}{what} printed a traceback")
        self.require(seconds <= within, f"{COMPLETE}{what} took {seconds:.0f} s")
        self.require(own <= MOST_MIB, f"{COMPLETE}{what} took {own} MiB")
        self.require(child <= MOST_CHILD_MIB, f"{COMPLETE}{what}: a process took {child} MiB")
        self._require_harmless(output, what)
        self._require_no_code(what)
        self._require_no_key(output, what)
        return run

    def _ended(self, command: list[str], most_seconds: float) -> tuple[int, str]:
        """Run a command to its end; it is killed, with all that it started, when it hangs."""
        variables = {
            **{name: value for name, value in os.environ.items() if "ALTTEXT" not in name},
            **QUIET,
            "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self._bin),
            "PYTHONIOENCODING": "utf-8",
            "HOME": str(self.home),
            KEY_VARIABLE: KEY,
            SECRET_VARIABLE: SECRET,
            _MAIN: "yes",
            **self.variables,
        }
        path = self.folder / "output.txt"
        with path.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", _BETWEEN, *command],
                cwd=self.project,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = process.wait(most_seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                status = process.wait()
        return status, path.read_text(encoding="utf-8", errors="surrogateescape")

    def _told(self) -> tuple[int, int]:
        """Return the peaks of a command's own process and of those that it started, in MiB."""
        unit = 1 if sys.platform == "darwin" else 1024
        facts = [json.loads(path.read_text("utf-8")) for path in self._spies.glob("*.json")]
        peaks = [each["peaks"] for each in facts if each["is_main"]]
        own, child = (max((each[at] for each in peaks), default=0) for at in (0, 1))
        return own * unit // _MIB, child * unit // _MIB

    def _require_no_code(self, what: str) -> None:
        for path in sorted(self.markers.iterdir()):
            self.require(holds=False, rule=f"{CODE}{what} ran what was planted ({path.name})")

    def _require_no_key(self, output: str, what: str) -> None:
        for path in self._spies.glob("*.json"):
            facts = json.loads(path.read_text(encoding="utf-8"))
            self.require(
                facts["is_main"] or not facts["knows"], f"{SECRETS}{what} told {facts['command']}"
            )
        mains = sum(
            json.loads(path.read_text(encoding="utf-8"))["is_main"]
            for path in self._spies.glob("*.json")
        )
        self.require(mains == 1, f"{SECRETS}{what} passed its environment on")
        places = {"the output": output.encode("utf-8", "surrogateescape")}
        for folder in (self.project, self.precious, self.markers, self.home):
            places |= _contents(folder)
        places |= {str(path): path.read_bytes() for path in self._spies.glob("*.env")}
        for place, content in places.items():
            leaked = KEY.encode() in content or SECRET.encode() in content
            self.require(not leaked, f"{SECRETS}{what} left it in {place}")

    def _require_harmless(self, output: str, what: str) -> None:
        for pattern in (_COMMANDS, _UNSEEN):
            if found := pattern.search(output):
                rule = f"{COMPLETE}{what} printed {output[found.start() - 20 : found.end() + 20]!r}"
                self.require(holds=False, rule=rule)

    def _require_complete(self) -> None:
        """Compare with a build without the plugin: only alt text may differ."""
        plain = self.folder / "plain"
        sources = _digests(self.docs)
        if sources != self._built_plain:
            self.site.write_config(None)
            command = [sys.executable, "-P", "-m", "mkdocs", "build", "-q", "-d", str(plain)]
            status, output = self._ended(command, MOST_SECONDS)
            self.write_config()
            self.require(status == 0, f"{COMPLETE}without the plugin: status {status}:\n{output}")
            self._built_plain = sources
        comparison = compare(plain, self.project / "site", excluded=set())
        for each in comparison.unexplained:
            self.require(holds=False, rule=f"{COMPLETE}{each}")
        self.require(comparison.pages, f"{COMPLETE}there are no pages")

    def _tree(self) -> dict[str, str]:
        """Digest the project and all beside it, but for what a build writes."""
        found = _digests(self.project, besides=_ALLOWED)
        found |= {**_digests(self.precious), **_digests(self.home)}
        for path in self.cache.glob("*"):
            if path.lstat().st_size > _MOST_CACHE_FILE:
                found[f"{path.name}, {path.lstat().st_size} bytes"] = "huge"
        return found


def _digests(folder: Path, *, besides: re.Pattern[str] = _NOTHING) -> dict[str, str]:
    """Digest what is in a folder: files by their content, links by what they say.

    Args:
        folder: Where.
        besides: What is left out, by its path in there.
    """
    found = {f"{folder.name}/": "a folder" if folder.is_dir() else "gone"}
    for path in sorted(folder.rglob("*")):
        if besides.fullmatch(str(path.relative_to(folder))):
            continue
        name = f"{folder.name}/{path.relative_to(folder)}"
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "a folder" if path.is_dir() else "special"
    return found


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_size < _MOST_SEARCHED
    }
