"""The import contract: each layer imports only from those below."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mkdocs_alttext"
LAYERS = (
    {"__main__"},
    {"cli"},
    {"plugin", "markdown_extension", "review"},
    {"zensical"},
    {"site", "folder", "markdown_mark", "config"},
    {"filling"},
    {"options"},
    {"option_kinds"},
    {"pages"},
    {"captioning", "catalog", "sources"},
    {"ocr"},
    {"html", "images", "services", "cache"},
    {"system"},
    {"exceptions", "captions"},
    {"models"},
)
"""From the top. What stands in one layer never imports from its neighbours."""

HOST_MODULES = {"config", "markdown_extension", "plugin", "site", "zensical"}
"""The only parts that know MkDocs, beside some commands."""
HOST_COMMANDS = {"building", "locating", "plans", "rendering", "review_input", "scan"}
"""Modules of `cli/` that know it."""

HEAVY = {
    *(
        "PIL",
        "bottle",
        "bs4",
        "ctypes",
        "diskcache",
        "http",
        "numpy",
        "pillow_heif",
        "rapidocr",
        "redis",
        "requests",
        "resvg_py",
    ),
    *("selectolax", "sqlite3", "urllib3", "waitress"),
}
"""Libraries that are imported where they are first needed; `http.client` brings `ssl`."""

SYSTEM_DEPENDENT = {"fcntl", "resource"}
"""What not every system has."""


def modules() -> list[Path]:
    """Return the modules of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """Return the name under which a module stands in the contract."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    """Return a module's tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Return all modules that a module imports, wherever in it and for whatever."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def level(name: str) -> int:
    """Return a unit's place from the top."""
    return next(place for place, layer in enumerate(LAYERS) if name in layer)


def test_every_module_has_its_place() -> None:
    """A module that comes takes a place in the contract."""
    units = {unit(path) for path in modules()} - {"__init__"}
    assert units == set().union(*LAYERS)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_only(path: Path) -> None:
    """No module imports from its own layer's neighbours or from above."""
    own = unit(path)
    if own == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "mkdocs_alttext" or len(parts) < 2:
            continue
        other = parts[1]
        if other != own:
            assert level(other) > level(own), f"{own} imports {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_top_knows_the_host(path: Path) -> None:
    """Everything below the hooks runs without MkDocs."""
    is_host = path.stem in HOST_COMMANDS if unit(path) == "cli" else unit(path) in HOST_MODULES
    if not is_host:
        assert not any(name.split(".")[0] == "mkdocs" for name in imports(path))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_say_what_they_hold(path: Path) -> None:
    """A module opens with a sentence, and is not a drawer."""
    assert ast.get_docstring(parsed(path))
    assert "util" not in path.name


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_heavy_libraries_are_imported_inside_functions(path: Path) -> None:
    """Whoever opens a module sees at its top what it needs."""
    for function in ast.walk(parsed(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            late = {name.split(".")[0] for name in names}
            assert late <= HEAVY | SYSTEM_DEPENDENT, f"{function.name}: {late}"


def test_no_module_imports_itself_in_a_circle() -> None:
    """Neither when it runs nor for its types."""
    places = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in modules()
    }
    places |= {name.removesuffix(".__init__") for name in places}
    arrows = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): imports(path) & places
        for path in modules()
    }
    sorter = TopologicalSorter(arrows)
    sorter.prepare()  # raises CycleError, which names the circle


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    """What only some builds need is imported by those."""
    code = (
        "import sys, mkdocs.__main__, mkdocs.commands.build; before = set(sys.modules);"
        "import mkdocs_alttext.plugin;"
        f"print(sorted(set({HEAVY!r}) & (set(sys.modules) - before)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_nothing_below_the_hooks_needs_mkdocs() -> None:
    """Nor does the command line, for commands that build nothing with it."""
    names = ["mkdocs_alttext.cli.main"]
    names += [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in modules()
        if unit(path) not in HOST_MODULES | {"__main__", "cli"} and path.stem != "isolated"
    ]
    code = (
        "import importlib, sys; sys.modules['mkdocs'] = None;"
        f"[importlib.import_module(name) for name in {names!r}]"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_the_package_is_typed() -> None:
    """Type checkers of users read our types."""
    assert (PACKAGE / "py.typed").exists()
