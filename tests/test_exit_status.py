"""Exit status 1 is a finding, and nothing else is: what goes wrong ends with 2, in one line."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

only_posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
SCAN = [sys.executable, "-P", "-m", "mkdocs_alttext", "scan"]
COMMANDS = main.list_commands(click.Context(main))
ARGUMENTS = {"fill": ["docs"]}
"""What a command needs to be called."""
NEXT_STEP = "Run it with -v to see where"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a site with an image that lacks a text."""
    monkeypatch.chdir(tmp_path)
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture()}
    TinySite(tmp_path, docs, options={"generate": "never"}).write()
    (tmp_path / "alttext.yml").write_text("a.png: { alt: A leaf, status: reviewed }\n")
    return tmp_path


def broken(name: str, error: BaseException, patch: pytest.MonkeyPatch) -> None:
    """Have a command meet an error that nobody foresaw."""

    def raising(*_: object, **__: object) -> None:
        raise error

    patch.setattr(main.get_command(click.Context(main), name), "callback", raising)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("it is broken\n::error::here"),
        OSError(errno.EIO, "Input/output error"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        ModuleNotFoundError("No module named 'PIL'"),
        RecursionError(),
        MemoryError(),
        EOFError(),
        SystemExit(1),
        SystemExit(0),
        AssertionError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_nobody_foresaw_ends_with_2(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException
) -> None:
    """With its name on one line, and how to see more."""
    del here
    broken(name, error, monkeypatch)
    result = CliRunner().invoke(main, [name, *ARGUMENTS.get(name, [])])
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert type(error).__name__ in line
    assert NEXT_STEP in line
    assert "Traceback" not in line


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_the_traceback_is_shown_on_request(
    here: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    """Before the command's name or behind it."""
    del here
    broken(name, RuntimeError("it is broken"), monkeypatch)
    arguments = ["-v", name] if place == "before" else [name, "--verbose"]
    result = CliRunner().invoke(main, [*arguments, *ARGUMENTS.get(name, [])])
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "in raising" in result.stderr
    assert NEXT_STEP not in result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupt_ends_with_2(here: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It told nothing of the images."""
    del here
    broken(name, KeyboardInterrupt(), monkeypatch)
    result = CliRunner().invoke(main, [name, *ARGUMENTS.get(name, [])])
    assert (result.exit_code, result.stderr) == (2, "Error: Interrupted.\n")


@pytest.mark.parametrize("name", ["scan", "apply", "catalog"])
@pytest.mark.parametrize("error", ["SystemExit(1)", "SystemExit(0)", "KeyError('x')", "OSError()"])
def test_a_hook_that_ends_the_program_is_no_finding(here: Path, name: str, error: str) -> None:
    """Some plugins do so where something is wrong."""
    (here / "hook.py").write_text(f"def on_files(files, config):\n    raise {error}\n")
    config = (here / "mkdocs.yml").read_text(encoding="utf-8")
    (here / "mkdocs.yml").write_text(f"{config}hooks: [hook.py]\n", encoding="utf-8")
    result = CliRunner().invoke(main, [name])
    assert result.exit_code == 2
    assert "The site cannot be built" in result.stderr
    assert error.partition("(")[0] in result.stderr


@only_posix
@pytest.mark.parametrize("form", ["text", "markdown", "json", "github", "sarif"])
def test_a_reader_that_goes_away_is_no_traceback(here: Path, form: str) -> None:
    """As with `| head`; it is no finding either."""
    (here / "alttext.yml").unlink()
    with subprocess.Popen(
        [*SCAN, "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 2


@only_posix
def test_nobody_listens_at_all(here: Path) -> None:
    """Neither to the results nor to the errors, or the streams are closed."""
    (here / "alttext.yml").unlink()
    (here / "docs" / "more.md").write_text("[nowhere](nowhere.md)\n")  # a warning
    reader, writer = os.pipe()
    os.close(reader)
    for arguments in ([], ["--baseline", "gone"]):
        run = subprocess.run([*SCAN, *arguments], stdout=writer, stderr=writer, check=False)
        assert run.returncode == 2
    os.close(writer)
    command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *SCAN]
    assert subprocess.run(command, check=False).returncode in {1, 2}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device")
@pytest.mark.parametrize("form", ["text", "markdown", "json", "github", "sarif"])
def test_results_that_cannot_be_written_end_with_2(here: Path, form: str) -> None:
    """The disk is full where standard output goes."""
    (here / "alttext.yml").unlink()
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [*SCAN, "--format", form], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 2
    (line,) = run.stderr.decode().splitlines()
    assert "No space left" in line


def test_findings_and_their_absence_keep_their_status(here: Path) -> None:
    """The rest of the contract."""
    assert CliRunner().invoke(main, ["scan"]).exit_code == 0
    (here / "alttext.yml").unlink()
    assert CliRunner().invoke(main, ["scan"]).exit_code == 1
    assert CliRunner().invoke(main, ["apply"]).exit_code == 2
    assert CliRunner().invoke(main, ["catalog"]).exit_code == 0
    assert CliRunner().invoke(main, ["account"]).exit_code == 1
    assert CliRunner().invoke(main, ["scan", "--nothing"]).exit_code == 2
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0
    assert CliRunner().invoke(main, ["scan", "--help"]).exit_code == 0
