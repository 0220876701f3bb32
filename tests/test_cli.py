"""The command line as a whole; each command has tests of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

ROOT = Path(__file__).parent.parent
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
DOCUMENTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))
)
FENCE = re.compile(r"^ *```([a-z0-9]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SENTENCES = sorted({*re.findall(r"(?<!`)`mkdocs-alttext ([^`]+)`(?!`)", FENCE.sub("", DOCUMENTS))})
COMMANDS = main.list_commands(click.Context(main))


def test_the_help_names_every_command() -> None:
    """With a line about each."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name in COMMANDS:
        assert any(line.split()[:1] == [name] for line in result.output.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    """Its options, and where the configuration is."""
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert "--config-file" in result.output


@pytest.mark.parametrize("arguments", [["nothing"], ["catalog", "--nothing"], ["--nothing"]])
def test_what_is_not_understood_ends_with_2(arguments: list[str]) -> None:
    """As all usage errors."""
    assert CliRunner().invoke(main, arguments).exit_code == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_a_site_that_is_not_there_ends_with_2(name: str) -> None:
    """And names it."""
    result = CliRunner().invoke(main, [name, "-f", "nowhere/mkdocs.yml"])
    assert result.exit_code == 2
    assert "nowhere/mkdocs.yml" in result.output


@pytest.mark.parametrize("name", ["apply", "catalog", "scan"])
def test_the_configuration_has_the_name_that_mkdocs_finds(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mkdocs.yaml` does, too; without one, MkDocs says so."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [name])
    assert (result.exit_code, "does not exist" in result.output) == (2, True)
    (tmp_path / "mkdocs.yaml").write_text("site_name: S\ndocs_dir: gone\n", encoding="utf-8")
    result = CliRunner().invoke(main, [name])
    assert (result.exit_code, "gone" in result.output) == (2, True)


def test_the_documentation_names_every_command() -> None:
    """In a table, with what each does."""
    for name in COMMANDS:
        assert f"| `mkdocs-alttext {name}` |" in COMMANDS_PAGE


def recipes() -> list[str]:
    """Return the commands of this package that the documents' examples call."""
    blocks = [text for kind, text in FENCE.findall(DOCUMENTS) if kind in {"yaml", "console", "sh"}]
    lines = "\n".join(blocks).splitlines()
    calls = (re.search(r"(?<!<!-- )mkdocs-alttext( [a-z].*)", line) for line in lines)
    return [found[1] for found in calls if found]


@pytest.mark.parametrize("recipe", recipes())
def test_what_the_documents_call_is_understood(
    recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each option of each recipe; what follows `||` or `#` is the shell's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mkdocs.yml").touch()
    (tmp_path / "public").mkdir()
    name, *arguments = re.split(r"\|\||#", recipe)[0].split()
    command = main.get_command(click.Context(main), name)
    assert command is not None
    command.make_context(name, arguments)


@pytest.mark.parametrize("said", SENTENCES)
def test_what_sentences_call_is_there(said: str) -> None:
    """The command, and each option; values are often left out."""
    name, *words = said.split()
    command = main.get_command(click.Context(main), name)
    assert command is not None
    known = {option for each in command.params for option in each.opts} | {"--help"}
    assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known


def test_every_option_of_scan_is_documented() -> None:
    """And each of its forms."""
    command = main.get_command(click.Context(main), "scan")
    assert command is not None
    for option in command.params:
        assert f"`{option.opts[-1]}" in COMMANDS_PAGE or f"`{option.opts[0]} " in COMMANDS_PAGE
        if isinstance(option.type, click.Choice):
            assert all(f"`{choice}`" in COMMANDS_PAGE for choice in option.type.choices)


def test_the_hook_is_what_the_documentation_shows() -> None:
    """It runs the command on the whole site, whichever files are committed."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert f"- id: {hook['id']}" in DOCUMENTS
    assert hook["entry"] == "mkdocs-alttext scan"
    assert hook["pass_filenames"] is False


def test_it_is_installed_under_its_name() -> None:
    """As a script and as a module."""
    (script,) = entry_points(group="console_scripts", name="mkdocs-alttext")
    assert script.load() is main
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"mkdocs-alttext, version {version('mkdocs-alttext')}"
