"""The command line as a whole; each command has tests of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points, version

import pytest
from click.testing import CliRunner

from mkdocs_alttext.cli import COMMANDS, main


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


def test_it_is_installed_under_its_name() -> None:
    """As a script and as a module."""
    (script,) = entry_points(group="console_scripts", name="mkdocs-alttext")
    assert script.load() is main
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"mkdocs-alttext, version {version('mkdocs-alttext')}"
