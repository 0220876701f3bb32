"""Patterns are read as git reads them: compared with git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mkdocs_alttext.pages.patterns import Pattern, parse, verdicts
from mkdocs_alttext.system.printable import same_form

if TYPE_CHECKING:
    from pathlib import Path

GIT = shutil.which("git")
FOLDERS = ("", "a/", "a/b/", "a/b/c/", "private/", "a/private/", "Ab/", "x-y/", "a b/")
NAMES = ("a", "b", "c.png", "a.png", "B.PNG", "ab", "[a]", "a b", "!a", "#a", "a\\b", "-", "]")
PIECES = (
    r"a b c x - # ! ? * ** *** / / / // [ab] [!a] [^b] [a-c] [c-a] []a] [a-] [\]] [a [[a] [[:x] "
    r"[[:alpha:]] [![:punct:]b] [[:none:]] \ \a \* \/ .png *.png private private/ /private a**b"
).split()
LINES = st.builds(
    lambda sign, pieces: sign + "".join(pieces),
    st.sampled_from(["", "", "!"]),
    st.lists(st.sampled_from([*PIECES, " "]), min_size=1, max_size=5),
)


def patterns(*lines: str) -> list[Pattern]:
    """Read lines; what git never matches is left out."""
    found = []
    for line in lines:
        try:
            found.append(parse(line))
        except ValueError:
            continue
    return [each for each in found if each]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with many files."""
    folder = tmp_path_factory.mktemp("git")
    run_git(folder, "init", "--quiet")
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    for path in paths():
        (folder / path).touch()
    return folder


def paths() -> list[str]:
    """Return the files of the repository."""
    found = [folder + name for folder in FOLDERS for name in NAMES]
    return [path for path in found if f"{path}/" not in FOLDERS]


def run_git(folder: Path, *arguments: str, given: str = "") -> str:
    """Run git without anybody's settings."""
    assert GIT is not None
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = [GIT, "-c", "core.ignorecase=false", "-C", str(folder), *arguments]
    run = subprocess.run(
        command, input=given, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert run.returncode in {0, 1}, run.stderr
    return run.stdout


@pytest.mark.skipif(GIT is None or os.name == "nt", reason="needs git, and a system with its names")
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=6))
def test_a_list_excludes_what_git_ignores(repository: Path, lines: list[str]) -> None:
    """Whatever the patterns and whatever their order."""
    (repository / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ignored = run_git(
        repository, "check-ignore", "--no-index", "--stdin", "-z", given="\0".join(paths())
    )
    read = patterns(*lines)
    ours = [path for path in paths() if True in verdicts(read, path)]
    assert ours == [path for path in ignored.split("\0") if path]


def test_nothing_is_taken_out_of_a_folder_that_is_excluded() -> None:
    """Git does not enter it; in a list that includes, an exception is there to keep back."""
    lines = patterns("private/", "!private/a.png", "*.gif", "!/public/*.gif")
    assert verdicts(lines, "private/a.png") == [True, False]
    assert verdicts(lines, "private/b.png") == [True]
    assert verdicts(lines, "public/a.gif") == [False]
    assert verdicts(lines, "other/a.gif") == [True]
    assert verdicts(lines, "a.png") == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("*a*a*a*a*a*a*a*b", "a" * 250),
        ("*[ab]?*[ab]?*[ab]?*[ab]?*c", "ab" * 125),
        ("**/a/**/a/**/a/**/a/**/b", "a/" * 500 + "c"),
        ("**/*a*/**/*a*/**/*a*/**/*b*", "a/" * 500 + "c"),
        ("[[:" * 20_000, "a"),
        ("[a" * 20_000 + "]", "b"),
        ("\\ " * 20_000 + " " * 20_000, "a"),
    ],
)
def test_no_name_takes_long(line: str, path: str) -> None:
    """Each star at every place would take years."""
    assert verdicts(patterns(line), path) == []


@pytest.mark.parametrize("line", ["!", "/", "!/", "[a", "a\\", "[[:none:]]", "[a-", "[\\"])
def test_what_can_never_match_is_no_pattern(line: str) -> None:
    """It was meant to exclude something."""
    with pytest.raises(ValueError, match=r".*"):
        parse(line)


@pytest.mark.parametrize("line", ["", "   ", "# *.png", "#"])
def test_blank_lines_and_comments_are_none(line: str) -> None:
    """As in `.gitignore`."""
    assert parse(line) is None


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("line", ["é?.png", "*/[é]ü.png", "/é/é?.*", "é*", "é/"])
def test_a_pattern_means_characters_in_either_spelling(
    form: Literal["NFC", "NFD"], line: str
) -> None:
    """Git compares bytes, of which `é` has two or three."""
    path = "é/éü.png"
    found = patterns(unicodedata.normalize(form, line))
    assert True in verdicts(found, same_form(unicodedata.normalize("NFD", path)))
