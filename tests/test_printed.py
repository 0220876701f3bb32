"""What hooks and commands say is harmless, whatever a pull request calls its files."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml
from built_site import TinySite, picture
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mkdocs.exceptions import Abort
from test_printable import assert_harmless

from mkdocs_alttext.cli.changes import as_diff
from mkdocs_alttext.cli.findings import Identity, read_baseline, write_baseline
from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

posix_names = pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed")

HOSTILE = "::error::a\n::error file=x::b\r##[error]c ##vso[d]e\x1b[31m\u202e\x9b\u2028f"
OURS = "mkdocs_alttext: "
BARE = {"theme": {"name": None, "custom_dir": "theme"}}
SECOND = "# Second\n\n![](b.png)\n"
pytestmark = posix_names


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hostile(folder: Path, name: str = HOSTILE, **options: object) -> TinySite:
    """Write a site in which everything that has a name has this one."""
    page = f'# P\n\n<img src="/proj/{name}.png">\n\n<img src="{name}">\n\n![](b.png)\n'
    docs: dict[str, str | bytes] = {
        f"{name}.md": page,
        f"{name}/{name}.md": f'<img src="x" alt="{name}.png">\n\n![](../b.png)\n',
        "index.md": page,
        "second.md": SECOND,
        f"{name}.png": picture(1),
        "b.png": picture(2),
    }
    # The theme shows an image on a page that no Markdown holds.
    site = TinySite(folder, docs, options={"generate": "never", **options})
    site.write()
    catalog = {
        f"{name}.png": {"alt": name, "status": "reviewed"},
        f"{name}.gif": {"alt": "Gone", "status": "reviewed"},
        "b.png": {"alt": "A leaf", "status": "reviewed", "pages": {name: name}},
    }
    (folder / "alttext.yml").write_text(yaml.safe_dump(catalog), encoding="utf-8")
    return site


def run(*arguments: str) -> tuple[int, str, str]:
    """Run a command in the current folder."""
    result = CliRunner().invoke(main, arguments)
    assert not isinstance(result.exception, Exception)
    return result.exit_code, result.stdout, result.stderr


def git(*arguments: str) -> None:
    """Run Git in the current folder."""
    command = ["git", *arguments]
    subprocess.run(command, check=True)


def assert_all_harmless(text: str) -> None:
    """Check each line, as a terminal or a CI system takes it."""
    for line in text.split("\n"):
        assert_harmless(line)


def test_a_build_s_messages_are_harmless(here: Path) -> None:
    """Each is one line; the names can be read."""
    site = hostile(here, report=f"{HOSTILE}/mkdocs.yml/x", on_missing="warn")
    (here / HOSTILE).mkdir(exist_ok=True)
    (here / HOSTILE / "mkdocs.yml").touch()
    said = [text for _, text in site.build().log if text.startswith(OURS)]
    assert any("The report cannot be written" in text for text in said)
    assert any("no image of this site" in text for text in said)
    assert any(r"\x1b[31m\u202e" in text for text in said)
    for text in said:
        assert_harmless(text)


def test_a_build_that_is_refused_says_so_on_one_line(here: Path) -> None:
    """The catalog's error names what is wrong in it, which MkDocs prints as it is."""
    site = hostile(here)
    (here / "alttext.yml").write_text(yaml.safe_dump({HOSTILE: {"status": HOSTILE}}))
    records: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mkdocs").addHandler(handler)
    with pytest.raises(Abort):
        site.build()
    logging.getLogger("mkdocs").removeHandler(handler)
    (said,) = records
    assert "alttext.yml, line" in said
    assert_harmless(said)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github", "sarif"])
def test_a_scan_is_harmless_in_each_form(here: Path, form: str) -> None:
    """On the terminal and in a file; what programs read is valid."""
    hostile(here)
    (here / "alttext.yml").unlink()
    status, printed, said = run("scan", "--format", form)
    assert status == 1
    run("scan", "--format", form, "--output", "out")
    written = (here / "out").read_text(encoding="utf-8")
    for text in (printed, written):
        commands = [
            line for line in text.split("\n") if line.startswith(("::warning ", "::notice "))
        ]
        assert bool(commands) == (form == "github")
        assert_all_harmless("\n".join(line for line in text.split("\n") if line not in commands))
        assert_all_harmless("\n".join(line[1:] for line in commands))
        if form in {"json", "sarif"}:
            json.loads(text)
    assert_all_harmless(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["apply"],
        ["apply", "--drafts", "--allow-dirty"],
        ["catalog"],
        ["account"],
        ["scan", "--baseline", HOSTILE],
        ["scan", "--write-baseline", HOSTILE],
        ["scan", "--output", f"{HOSTILE}.md"],
        ["scan", "--format", HOSTILE],
        ["scan", "-f", HOSTILE],
        ["scan", HOSTILE],
        ["-v", "scan", "--baseline", "mkdocs.yml"],
        [HOSTILE],
    ],
)
def test_what_commands_say_is_harmless(here: Path, arguments: Sequence[str]) -> None:
    """Whether it is a result or an error."""
    hostile(here)
    for text in run(*arguments)[1:]:
        assert_all_harmless(text)


@pytest.mark.parametrize("command", ["scan", "apply", "catalog", "account"])
@pytest.mark.parametrize(
    "option", ["service", "base_url", "api_key_env", "language", "exclude", "catalog", "unknown"]
)
def test_what_commands_say_of_options_is_harmless(here: Path, command: str, option: str) -> None:
    """A pull request writes them; MkDocs' own messages are shown as safely."""
    hostile(here, **{option: f"{HOSTILE}!["})
    for text in run(command)[1:]:
        assert_all_harmless(text)


def test_what_another_plugin_raises_is_harmless(here: Path) -> None:
    """And warns of."""
    (here / "hook.py").write_text(
        "import logging\n"
        f"NAME = {HOSTILE!r}\n"
        "def on_files(files, config):\n"
        "    logging.getLogger('mkdocs.plugins.x').warning(NAME)\n"
        "    raise ValueError(NAME)\n"
    )
    site = hostile(here)
    site.config = {"hooks": ["hook.py"]}
    site.write()
    for arguments in (["scan"], ["scan", "-v"]):
        status, _, said = run(*arguments)
        assert status == 2
        assert r"ValueError: \x3a:error::a" in said
        assert ("hook.py" in said) == ("-v" in arguments)
        assert_all_harmless(said)


@given(name=st.text(st.characters(exclude_characters="/\0", codec="utf-8"), min_size=1, max_size=8))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_is_harmless(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """In a report of what lacks text, and of what was written."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.chdir(folder)
    hostile(folder, f"{name}x")
    for arguments in (["scan"], ["apply"], ["catalog"]):
        for text in run(*arguments)[1:]:
            assert_all_harmless(text)


# Diffs


def test_a_diff_of_hostile_names_can_be_applied(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its headers are harmless; its other lines are those of the sources, which Git compares."""
    hostile(here)
    git("init", "--quiet")
    before = (here / "docs" / f"{HOSTILE}.md").read_bytes()
    diff = CliRunner().invoke(main, ["apply", "--dry-run"]).stdout_bytes
    headers = [
        line for line in diff.decode().split("\n") if line.startswith(("diff", "---", "+++"))
    ]
    assert len(headers) >= 3
    assert_all_harmless("\n".join(headers).replace("\t", ""))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    fenced = CliRunner().invoke(main, ["apply", "--dry-run"]).stdout_bytes
    first, *middle, last, _ = fenced.decode().split("\n")
    assert "\n".join([*middle, ""]) == diff.decode()
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.removeprefix('::stop-commands::')}::"
    for text in (diff, fenced):
        (here / "change.diff").write_bytes(text)
        git("apply", "change.diff")
        assert b"![A leaf](b.png)" in (here / "docs" / "second.md").read_bytes()
        assert (here / "docs" / f"{HOSTILE}.md").read_bytes() != before
        git("apply", "--reverse", "change.diff")


@given(name=st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))
def test_a_diff_s_headers_are_harmless(name: str) -> None:
    """Whatever a file is called, bytes that are no text among it."""
    lines = as_diff(name, "a\n", "b\n").split("\n")
    assert_all_harmless("\n".join(lines[:3]).replace("\t", ""))


# Encodings


FAR: dict[str, str | bytes] = {
    "index.md": "# H\n",
    "ガイド.md": "# Gé\n\n![](画像/図é\U0001f600.png)\n",
    "画像/図é\U0001f600.png": picture(1),
}
"""Names that many encodings lack."""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "utf-16"])
@pytest.mark.parametrize("form", ["text", "markdown", "json", "github", "sarif"])
def test_what_an_encoding_lacks_is_printed_all_the_same(
    here: Path, encoding: str, form: str
) -> None:
    """As where Windows redirects the output; the exit status is that of the result."""
    TinySite(here, FAR, config=BARE).write()
    done = CliRunner(charset=encoding).invoke(main, ["scan", "--format", form])
    assert (done.exit_code, done.stderr_bytes) == (1, b"")
    if form in {"json", "sarif"}:
        assert "図é\U0001f600.png" in str(json.loads(done.stdout_bytes)) or encoding == "utf-16"
    elif form in {"text", "markdown"}:
        text = done.stdout_bytes.decode(encoding)
        name = "図é\U0001f600.png"
        assert name.encode(encoding, "backslashreplace").decode(encoding) in text
    else:
        assert b"\xe3\x82\xac" in done.stdout_bytes  # GitHub reads UTF-8
    done = CliRunner(charset=encoding).invoke(main, ["scan", "--format", form, "--output", "out"])
    assert done.exit_code == 1
    assert ("ガイド" if form != "sarif" else "図é\U0001f600") in (here / "out").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_process_prints_in_the_encoding_of_its_output(here: Path, form: str) -> None:
    """The real streams are as those in which the other tests print."""
    TinySite(here, FAR, config=BARE).write()
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "scan", "--format", form]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    shown = CliRunner(charset="cp1252").invoke(main, ["scan", "--format", form])
    assert done.stdout.replace(b"\r\n", b"\n") == shown.stdout_bytes


def test_a_baseline_holds_names_that_are_no_text(here: Path) -> None:
    """Their bytes are escaped, and come back; the file is UTF-8."""
    accepted = frozenset({Identity("p\udcff.md", f"{HOSTILE}.png", 1)})
    write_baseline(here / "base", accepted, root=here)
    assert read_baseline(here / "base") == accepted
    assert_all_harmless((here / "base").read_text(encoding="utf-8"))
