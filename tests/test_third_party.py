"""A service that another package registers works as the documentation shows it."""

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
from click.testing import CliRunner
from mkdocs.exceptions import Abort

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.registry import service_kind

EARLIER_SERVICE = """
from mkdocs_alttext.captions import Answer, PreparedImage
from mkdocs_alttext.services.base import ServiceKind, ServiceSettings


class Describer:
    identity = "describer/1"  # whatever shapes the answers: name, model, prompt
    credits_per_image = 0

    def language_code(self, tag: str) -> str | None:
        return tag.partition("-")[0]

    def describe(self, image: PreparedImage, *, language: str) -> Answer:
        return Answer(f"A picture of {image.width} by {image.height} pixels")

    def credits_remaining(self) -> int | None:
        return None

    def close(self) -> None:
        pass


kind = ServiceKind(build=lambda settings: Describer())
"""
"""What the README of version 0.1 shows."""

PAGE = Path(__file__).parent.parent / "docs" / "your-service.md"


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


def documented_service() -> str:
    """Return the code that the documentation shows."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
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
        env={**os.environ, "PYTHONPATH": str(packages), "DESCRIBER_API_KEY": "any"},
        capture_output=True,
        check=True,
    )
    return (tmp_path / "site" / "site" / "index.html").read_text(encoding="utf-8")


def test_the_documented_service_describes_pictures(tmp_path: Path) -> None:
    """Its code is taken from the page, installed, and named in `mkdocs.yml`."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, documented_service())
    html = built_page(tmp_path, packages)
    # "A picture of" says nothing that a screen reader does not.
    assert '<img alt="25 by 18 pixels" src="a.png" />' in html


def test_a_service_of_version_0_1_describes_pictures(tmp_path: Path) -> None:
    """Unchanged: its imports, and the way it is asked."""
    packages = tmp_path / "packages"
    packages.mkdir()
    install(packages, EARLIER_SERVICE)
    html = built_page(tmp_path, packages)
    assert '<img alt="25 by 18 pixels" src="a.png" />' in html


def test_texts_are_kept_under_the_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build asks nobody; another identity is another service."""
    for name, identity in (("first", "kept"), ("second", "kept"), ("third", "changed")):
        source = documented_service().replace('"describer"', repr(identity))
        install(tmp_path, source.replace("A picture of", f"The {name} picture,"), name=name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DESCRIBER_API_KEY", "any")
    folder = tmp_path / "site"
    folder.mkdir()
    for service, text in (("first", "first"), ("second", "first"), ("third", "third")):
        site = TinySite(
            folder, {"index.md": "![](a.png)", "a.png": picture(1)}, {"service": service}
        )
        assert f"The {text} picture, 25 by 18 pixels" in site.build().page()


def test_what_a_service_needs_comes_without_heavy_libraries() -> None:
    """Importing a package's entry point must not slow every build down."""
    code = (
        "import sys; from mkdocs_alttext.services import ("
        "Answer, Context, Picture, Request, ServiceKind, ServiceSettings);"
        "import mkdocs_alttext.captions;"
        "print(sorted({'PIL', 'bs4', 'requests', 'urllib3', 'diskcache'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


ACCOUNTS = {
    "a key that is good": ("AccountStatus(True, 7)", 0, "takes the key in DESCRIBER_API_KEY. 7 cr"),
    "models to choose from": ("AccountStatus(True, None, ('a', 'b'))", 0, "KEY. Models: a, b."),
    "a key that is wrong": ("AccountStatus(False)", 1, "rejected the key in DESCRIBER_API_KEY"),
    "no way to tell": ("AccountStatus(None)", 2, "no way to check the key in DESCRIBER_API_KEY"),
}


@pytest.mark.parametrize(("status", "code", "said"), ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_account_asks_any_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, code: int, said: str
) -> None:
    """It says what the service says of the key."""
    source = documented_service().replace("AccountStatus(valid=self.api_key is not None)", status)
    assert said in account(tmp_path, monkeypatch, source, code=code)


@pytest.mark.parametrize(
    ("balance", "code", "said"),
    [("7", 0, "7 credits left"), ("None", 2, "no way to check the key")],
)
def test_account_says_that_a_service_of_version_0_1_cannot_check_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, balance: str, code: int, said: str
) -> None:
    """Unless it has a balance: only a key that is taken has one."""
    source = EARLIER_SERVICE.replace("return None", f"return {balance}")
    source = source.replace("Describer())", "Describer(), key_variable='DESCRIBER_API_KEY')")
    assert said in account(tmp_path, monkeypatch, source, code=code)


def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, *, code: int) -> str:
    """Run `mkdocs-alttext account` in a site that uses a service; return what it says."""
    name = f"described{abs(hash(source))}"
    install(tmp_path, source, name=name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("DESCRIBER_API_KEY", "any")
    monkeypatch.chdir(tmp_path)
    TinySite(tmp_path, {"index.md": ""}, {"service": name}).write()
    result = CliRunner().invoke(main, ["account"])
    assert result.exit_code == code, result.output
    return result.output


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
    source = documented_service().replace('identity = "describer"', f'identity = "d" * {length}')
    name = f"lengthy{length}"
    install(tmp_path, source, name=name)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "site"
    folder.mkdir()
    site = TinySite(folder, {"index.md": "Text"}, {"service": name})
    with pytest.raises(Abort) if length > 200 else nullcontext():
        site.build()
