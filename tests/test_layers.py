"""The import contract: each layer imports only from those below."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from api_server import API_KEY, ApiServer
from built_site import picture

PACKAGE = Path(__file__).parent.parent / "mkdocs_alttext"
LAYERS = (
    {"__main__"},
    {"cli"},
    {"commands"},
    {"plugin", "markdown_extension"},
    {"articles"},
    {"build"},
    {"assembly"},
    {"asking"},
    {
        "pages",
        "config",
        "site_files",
        "site_pages",
        "sources",
        "progress",
        "neighbours",
        "cache_place",
    },
    {"pictures"},
    {"occurrence"},
    {"site", "messages", "front_matter", "selection"},
    {"captioning", "catalog", "report"},
    {"markup", "images", "passes", "patterns", "services", "stores"},
    {"environment"},
    {"atomic_file", "captions", "exceptions"},
    {"names", "reasons"},
)
"""From the top. Modules of one layer never import each other."""

LONG_MODULES = {
    "build.py": "what a build begins with is one list of facts",
    "config.py": "all options stand in one class",
    "patterns.py": "what a pattern matches is one grammar",
    "plugin.py": "MkDocs takes all hooks from one class",
}
"""Modules that may be longer than 250 lines, each with its reason."""

HOST_MODULES = {
    "articles",
    "cache_place",
    "commands",
    "config",
    "neighbours",
    "plugin",
    "site_files",
    "site_pages",
}
"""The only modules that know MkDocs."""


def modules() -> list[Path]:
    """Return the modules of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """Return the name under which a module stands in the contract."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return all modules that a module imports, wherever in it and for whatever."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


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
    if unit(path) not in HOST_MODULES:
        assert not any(name.split(".")[0] == "mkdocs" for name in imports(path))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_small_and_say_what_they_own(path: Path) -> None:
    """A module opens with a paragraph, has a noun for a name, and holds one thing."""
    source = path.read_text(encoding="utf-8")
    name = str(path.relative_to(PACKAGE))
    assert ast.get_docstring(ast.parse(source)), f"{name} does not say what it is"
    assert "util" not in name
    assert name in LONG_MODULES or len(source.splitlines()) <= 250


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    """What only some builds need is imported by those."""
    heavy = ("PIL", "bs4", "diskcache", "requests", "rapidocr", "numpy", "sqlite3")
    code = (
        "import sys, mkdocs.__main__, mkdocs.commands.build; before = set(sys.modules);"
        "import mkdocs_alttext.plugin;"
        f"print(sorted(set({heavy!r}) & (set(sys.modules) - before)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(("page", "is_imported"), [("![Text](a.png)", False), ("![](a.png)", True)])
def test_a_site_whose_images_have_text_imports_little(
    tmp_path: Path,
    page: str,
    is_imported: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """What fills pages is imported for the first page that needs it."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(page, encoding="utf-8")
    (tmp_path / "docs" / "a.png").write_bytes(picture())
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins: [alttext]\n", encoding="utf-8")
    code = (
        "import sys; from mkdocs.__main__ import cli;"
        "cli(['build', '-q'], standalone_mode=False);"
        "print('mkdocs_alttext.pages' in sys.modules, 'mkdocs_alttext.assembly' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [str(is_imported)] * 2


@pytest.mark.parametrize(
    ("is_damaged", "name"),
    [
        (False, "mkdocs_alttext.captioning.engine"),
        (False, "mkdocs_alttext.stores.lease"),
        (False, "mkdocs_alttext.images.svg"),
        (False, "diskcache"),
        # It is tried in every build, and most of these have nothing else to ask for.
        (True, "requests"),
        (True, "diskcache"),
    ],
)
def test_a_second_build_imports_nothing_to_ask_with(
    tmp_path: Path,
    server: ApiServer,
    name: str,
    is_damaged: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """All texts are in the cache, or one picture cannot be sent."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("![](a.png) ![](b.png)", encoding="utf-8")
    (tmp_path / "docs" / "a.png").write_bytes(picture())
    (tmp_path / "docs" / "b.png").write_bytes(picture()[: -30 if is_damaged else None])
    for name_of_file in ("a.png", "b.png"):  # a digest is kept of what did not change just now
        os.utime(tmp_path / "docs" / name_of_file, (0, 0))
    (tmp_path / "mkdocs.yml").write_text(
        f"site_name: x\nplugins: [alttext: {{base_url: '{server.base_url}'}}]\n", encoding="utf-8"
    )
    code = (
        "import sys; from mkdocs.__main__ import cli;"
        "cli(['build', '-q'], standalone_mode=False);"
        f"print({name!r} in sys.modules)"
    )
    imported = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "ALTTEXTAI_API_KEY": API_KEY},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert imported == ["True", "False"]
    assert server.ledger.total() == 1


def test_the_package_is_typed() -> None:
    """Type checkers of users read our types."""
    assert (PACKAGE / "py.typed").exists()
