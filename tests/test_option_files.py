"""Where `fill` finds its options: in one file, and in no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.filling.option_files import SiteOptions, read_options

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(config_file: str | None = None, **flags: object) -> SiteOptions:
    """Read the options."""
    return read_options(config_file, flags)


def test_without_a_file_the_defaults_hold(here: Path) -> None:
    """Paths are from the current folder."""
    said = read()
    assert (said.file, said.site_url, said.options.service) == (None, "", "alttextai")
    assert said.options.catalog == str(here / "alttext.yml")
    assert said.options.empty_alt == "keep"


def test_the_first_file_counts_and_none_are_merged(here: Path) -> None:
    """`-f`, then `alttext.toml`, then `pyproject.toml`."""
    (here / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.mkdocs-alttext]\nservice = "ocr"\nmax_credits = 3\n'
    )
    assert (read().options.service, read().options.max_credits) == ("ocr", 3)
    (here / "alttext.toml").write_text('service = "ollama"\nexclude = ["a/", "b/"]\n')
    options = read().options
    assert (options.service, options.max_credits) == ("ollama", None)
    assert options.exclude == ["a/", "b/"]
    (here / "docs").mkdir()
    (here / "docs" / "mkdocs.yml").write_text(
        "site_name: x\nsite_url: https://ex.org/\nplugins:\n  - search\n"
        "  - alttext:\n      model: m\n      cache_dir: kept\n"
    )
    said = read("docs/mkdocs.yml")
    assert (said.options.service, said.options.model) == ("alttextai", "m")
    assert said.options.cache_dir == str(here / "docs" / "kept")
    assert said.site_url == "https://ex.org/"


def test_a_pyproject_without_our_table_says_nothing(here: Path) -> None:
    """It is some other project's."""
    (here / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert read().file is None


def test_flags_come_before_the_file(here: Path) -> None:
    """And their paths are from the current folder."""
    (here / "sub").mkdir()
    (here / "sub" / "site.toml").write_text('service = "ollama"\nreport = "of-file.json"\n')
    options = read("sub/site.toml", service="ocr", report="of-flag.json", empty_alt=None).options
    assert (options.service, options.report) == ("ocr", str(here / "of-flag.json"))
    assert read("sub/site.toml").options.report == str(here / "sub" / "of-file.json")


MKDOCS = """
site_name: !ENV [NAME, x]
theme:
  name: material
  features: !!python/name:nowhere.at_all
markdown_extensions:
  - toc:
      slugify: !!python/object/apply:os.abort {}
nav: !anything [1, 2]
"""


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins: [search, {alttext: {max_credits: !ENV LIMIT, enabled: !ENV [CI, false]}}]",
        "plugins: {alttext: {max_credits: !ENV [NONE, LIMIT, 3], empty_alt: markdown}}",
        "plugins: [{material/group: {plugins: [{alttext: {max_credits: 12}}]}}]",
    ],
)
def test_a_mkdocs_yml_is_read_without_mkdocs(
    here: Path, monkeypatch: pytest.MonkeyPatch, plugins: str
) -> None:
    """What its other lines say is neither understood nor run."""
    monkeypatch.setenv("LIMIT", "12")
    (here / "mkdocs.yml").write_text(MKDOCS + plugins)
    options = read("mkdocs.yml").options
    assert (options.max_credits, options.empty_alt) == (12, "keep")


def test_a_mkdocs_yml_may_inherit(here: Path) -> None:
    """As MkDocs has it: mappings are merged."""
    (here / "base.yml").write_text(
        "site_url: https://ex.org/\nplugins: {alttext: {service: ocr}}\n"
    )
    (here / "mkdocs.yml").write_text(
        "INHERIT: base.yml\nplugins: {search: {}, alttext: {max_credits: 1}}\n"
    )
    said = read("mkdocs.yml")
    assert (said.options.service, said.options.max_credits) == ("ocr", 1)
    assert said.site_url == "https://ex.org/"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("alttext.toml", "exclud = 'a'", "alttext.toml: option 'exclud': There is no such option"),
        ("alttext.toml", "enabled = true", "'enabled': This means nothing here"),
        ("alttext.toml", 'empty_alt = "markdown"', "`markdown` means nothing here"),
        ("alttext.toml", "max_credits = -1", "'max_credits': Expected a number from 0"),
        ("alttext.toml", 'api_key = "sk-secret"', "'api_key': A key does not belong"),
        ("alttext.toml", "site_url = 3", "'site_url': Expected an address"),
        ("alttext.toml", "site_url = 'ex.org/docs'", "'site_url': Expected an address"),
        ("alttext.toml", "site_url = 'https://ex.org:port/'", "'site_url': Expected an address"),
        ("alttext.toml", "site_url = 'https://['", "'site_url': Expected an address"),
        ("alttext.toml", "x = [", "alttext.toml is not TOML"),
        ("alttext.toml", "x = '\udcff'", "alttext.toml is not UTF-8"),
        ("pyproject.toml", "[tool]\nmkdocs-alttext = 3", "[tool.mkdocs-alttext] is no table"),
        ("mkdocs.yml", "plugins: [alttext: {x: 1}]", "'x': There is no such option"),
        ("mkdocs.yml", "a: [", "mkdocs.yml, line 1: it is not YAML"),
        ("mkdocs.yml", "- a", "mkdocs.yml holds no options"),
        ("mkdocs.yml", "INHERIT: gone.yml", "gone.yml cannot be read"),
        ("mkdocs.yml", "INHERIT: mkdocs.yml\nplugins: [alttext: {x: 1}]", "no such option"),
    ],
)
def test_what_cannot_be_used_is_named(here: Path, name: str, content: str, message: str) -> None:
    """With its file and option; a key is never repeated."""
    (here / name).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ConfigurationError) as raised:
        read("mkdocs.yml" if name == "mkdocs.yml" else None)
    assert message in str(raised.value)
    assert "sk-secret" not in str(raised.value)


LISTS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
MERGED = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 12))
PAIRS = "".join(f"p{n}: &p{n} {{a: *p{n - 1}, b: *p{n - 1}}}\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "content",
    [
        f"l0: &l0 [a]\n{LISTS}plugins: *l11\n",
        f"m0: &m0 {{a: 1}}\n{MERGED}plugins: [alttext]\n",
        f"INHERIT: mkdocs.yml\np0: &p0 {{a: 1}}\n{PAIRS}plugins: [alttext]\n",
        "INHERIT: mkdocs.yml\nx: &x {y: *x}\nplugins: [alttext]\n",
        "plugins: &p\n  - group: {plugins: *p}\n",
    ],
)
def test_aliases_that_make_too_much_are_refused(here: Path, content: str) -> None:
    """Before anything is made of them."""
    (here / "mkdocs.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"mkdocs\.yml: it is not YAML \(its aliases"):
        read_options("mkdocs.yml", {})
