"""The tests on every host that can be had here: MkDocs, ProperDocs, Python, lowest dependencies.

    python -m tools.hosts [--folder FOLDER] [--only NAME] [--wheel FILE]

It makes an environment for each host, installs the package and runs the tests that meet the host.
Ends with status 1 when one fails. A Python that is not on this machine is named and left out.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
MEETING_THE_HOST = "builds marks resolver serve third_party whole_sites".split()
"""Tests of what MkDocs and Python-Markdown hand over, by the name of their module."""
MEETING_LIBRARIES = "disk_cache engine formats golden preparation ready_pngs transport".split()
"""Tests of what Python and the other dependencies do."""
_AT_ONCE = 2
"""Hosts: one is installed, mostly, while another is tested."""
REPLACEMENT = "properdocs.replacement"
"""Puts ProperDocs in the place of `mkdocs`; its own command imports it, too."""


@dataclass(frozen=True, slots=True)
class Host:
    """What the package is installed beside."""

    name: str
    python: str
    """Version, as in `3.12`."""
    pins: tuple[str, ...] = ()
    """Exact versions, as pip takes them."""
    also: tuple[str, ...] = ()
    """What is installed beside the package, as pip takes it."""
    preload: str | None = None
    """A module to import before anything imports `mkdocs`."""
    has_own_libraries: bool = False
    """Whether the tests of the other libraries say more here than in `make test`."""

    @property
    def tests(self) -> list[str]:
        """The files of its tests."""
        names = MEETING_THE_HOST + (MEETING_LIBRARIES if self.has_own_libraries else [])
        return [str(PROJECT / "tests" / f"test_{name}.py") for name in names]


def lowest_pins() -> tuple[str, ...]:
    """Pin each dependency of the package to the lowest version that `pyproject.toml` allows."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = (re.match(r"([\w.-]+)>=([\w.]+)", each) for each in project["dependencies"])
    return tuple(f"{match[1]}=={match[2]}" for match in found if match)


def hosts() -> list[Host]:
    """Return all hosts, whether or not this machine has them; MkDocs 1.6.0 is the lowest."""
    return [
        Host("MkDocs 1.6.0, lowest", "3.11", lowest_pins(), has_own_libraries=True),
        Host("MkDocs 1.6.1", "3.13", ("mkdocs==1.6.1",), has_own_libraries=True),
        Host("MkDocs 1.6.1", "3.14", ("mkdocs==1.6.1",), has_own_libraries=True),
        Host("MkDocs 1.6.1", "3.12", ("mkdocs==1.6.1",)),
        Host("ProperDocs 1.6.7", "3.12", also=("properdocs==1.6.7",), preload=REPLACEMENT),
    ]


def find_python(version: str) -> str | None:
    """Return an interpreter of a version: this one, one on the path, or one of pyenv's."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [*sorted(pyenv.glob(f"{version}.*/bin/python")), f"python{version}"]
    for candidate in candidates:
        program = shutil.which(str(candidate))
        # A shim of pyenv is there for versions that are not chosen, too.
        if program and _succeeds([program, "-c", "import sys, venv"]):
            return program
    return None


def try_host(host: Host, python: str, wheel: Path, folder: Path) -> bool:
    """Install and test.

    Args:
        host: What to install beside.
        python: The interpreter.
        wheel: The package.
        folder: Where the environment is made anew.

    Returns:
        Whether all tests passed; what failed is printed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    own = folder / ("Scripts" if sys.platform == "win32" else "bin")
    constraints = folder / "pins.txt"
    constraints.write_text("\n".join(host.pins), encoding="utf-8")
    # This environment's pip, which knows groups; a few modules of each package are ever compiled.
    pip = [sys.executable, "-m", "pip", "--python", str(own / "python"), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-compile", "-c", str(constraints)]
    installed = _succeeds([*pip, str(wheel), "--group", "test", *host.also])
    options = ["-q", "-n", "2", "-p", "no:cacheprovider"]
    options += ["-p", host.preload] if host.preload else []
    # pytest stumbles over the clean-up of another run in the same folder.
    with tempfile.TemporaryDirectory(prefix="h") as place:
        return installed and _succeeds([str(own / "pytest"), *options, *host.tests], place)


def _succeeds(command: list[str], place: str = "") -> bool:
    # Without the first variable, a process would import the source beside the tests, not the wheel;
    # with the second, each would compile anew what was installed without being compiled.
    own = {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "", "PYTEST_DEBUG_TEMPROOT": place}
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, **own},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout[-6000:])
    return done.returncode == 0


def main() -> int:
    """Try each host, print a table, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "hosts")
    parser.add_argument("--only", metavar="NAME", help="hosts whose name or Python holds this")
    parser.add_argument("--wheel", type=Path, help="what to install; by default it is built")
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), "."]
    if not (arguments.wheel or _succeeds(build)):
        return 1
    wheel = arguments.wheel.resolve() if arguments.wheel else next(folder.glob("*.whl"))
    wanted = [
        (host, folder / str(number))
        for number, host in enumerate(hosts())
        if not arguments.only or arguments.only in f"{host.name} {host.python}"
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        verdicts = [pool.submit(_verdict, host, wheel, place) for host, place in wanted]
        for verdict in verdicts:
            print(verdict.result(), flush=True)
    return int(any("FAILS" in verdict.result() for verdict in verdicts))


def _verdict(host: Host, wheel: Path, folder: Path) -> str:
    """Try a host, and return its line of the table."""
    python = find_python(host.python)
    began = time.perf_counter()
    word = "not on this machine"
    if python is not None:
        word = "passes" if try_host(host, python, wheel, folder) else "FAILS"
    return f"{host.name:32} Python {host.python}  {word}  {time.perf_counter() - began:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
