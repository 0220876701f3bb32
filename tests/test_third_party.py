"""A service that another package registers works as the README shows it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import mkdocs
import pytest
from built_site import TinySite, picture
from mkdocs.exceptions import Abort

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.registry import service_kind

README = Path(__file__).parent.parent / "README.md"


def install(folder: Path, source: str, *, name: str = "describer") -> None:
    """Lay out a package as pip would, with its entry point."""
    (folder / f"{name}.py").write_text(source, encoding="utf-8")
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        f"[mkdocs_alttext.services]\n{name} = {name}:kind\n", encoding="utf-8"
    )


def readme_service() -> str:
    """Return the README's code."""
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    return code[1]


def built_page(tmp_path: Path, packages: Path) -> str:
    """Return a page of one picture, built with the service that is installed there."""
    site = TinySite(
        tmp_path / "site",
        {"index.md": "![](a.png)", "a.png": picture(1)},
        {"service": "describer"},
    )
    (tmp_path / "site").mkdir()
    path = site.write()
    subprocess.run(
        [sys.executable, "-m", mkdocs.__name__, "build", "--strict", "--config-file", str(path)],
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        check=True,
    )
    return (tmp_path / "site" / "site" / "index.html").read_text(encoding="utf-8")


def test_the_readme_s_service_describes_pictures(tmp_path: Path) -> None:
    """Its code is taken from the README, installed, and named in `mkdocs.yml`."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, readme_service())
    html = built_page(tmp_path, packages)
    # "A picture of" says nothing that a screen reader does not.
    assert '<img alt="25 by 18 pixels" src="a.png" />' in html


@pytest.mark.parametrize(
    ("source", "message"),
    [("import nowhere_to_be_found", "cannot be imported"), ("kind = 1", "not as a ServiceKind")],
)
def test_a_broken_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, message: str
) -> None:
    """The message says whose fault it is."""
    install(tmp_path, source, name=f"broken{len(source)}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=message):
        service_kind(f"broken{len(source)}")


@pytest.mark.parametrize("length", [200, 201])
def test_an_identity_that_the_cache_cannot_keep_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Its texts would be asked for, and paid for, in each build."""
    source = readme_service().replace('identity = "describer/1"', f'identity = "d" * {length}')
    name = f"lengthy{length}"
    install(tmp_path, source, name=name)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "site"
    folder.mkdir()
    site = TinySite(folder, {"index.md": "Text"}, {"service": name})
    with pytest.raises(Abort) if length > 200 else nullcontext():
        site.build()
