"""What is written replaces nothing but itself, in one step, and never through a link."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.cli.formats import is_output
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.filling.report import is_report
from mkdocs_alttext.system.files import remove_leftovers, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer
    from click.testing import Result as Run

only_posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and signals of POSIX")

PAGES: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png)\n\n![a.png](a.png)\n",
    "a.png": picture(1),
}
CATALOG = "a.png:\n  alt: A leaf\n  status: reviewed\n"
LEFT = ".alttext-new-0123456789abcdef"
OTHER_FILES = {
    "alttext.yml": CATALOG,
    "docs/index.md": str(PAGES["index.md"]),
    "mkdocs.yml": None,
    "notes.json": '{"version": 1, "pages": []}\n',
    "list.json": "[]\n",
    "space.txt": f"{' ' * 70_000}end\n",
    "quoted.md": "# How\n\nAlt text: 2 images found: 1 filled, 1 kept as written.\n",
}
"""None of them is ever an output."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project, beside which there is a folder that is none of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(folder)
    return folder


def tiny(folder: Path, **options: Any) -> TinySite:  # noqa: ANN401 - the plugin's
    """Write a site of which one image lacks a text, and another is worth a look."""
    config = {"theme": {"name": None, "custom_dir": "theme"}}
    site = TinySite(folder, PAGES, config=config, options={"generate": "never", **options})
    site.write()
    return site


def scan(*arguments: str, status: int = 1) -> Run:
    """Run the command in the current folder."""
    result = CliRunner().invoke(main, ["scan", *arguments])
    assert result.exit_code == status, result.output
    return result


def warnings(site: TinySite) -> list[str]:
    """Build a site, and return what it warns of."""
    return [text for level, text in site.build().log if level == "WARNING"]


def tree(folder: Path) -> dict[str, bytes | str]:
    """Return what a folder holds, without the cache."""
    found = [each for each in folder.rglob("*") if ".cache" not in each.parts]
    links = {str(each): str(each.readlink()) for each in found if each.is_symlink()}
    return {**{str(each): each.read_bytes() for each in found if each.is_file()}, **links}


ARGUMENTS = {
    "--write-baseline": ["--write-baseline"],
    **{f"--output {form}": ["--format", form, "--output"] for form in ("text", "json")},
    **{f"--output {form}": ["--format", form, "--output"] for form in ("github", "sarif")},
    **{f"--write {form}": ["--write", form] for form in ("markdown", "sarif")},
}
STATUS = {"--write-baseline": 0}


# Own kinds


@pytest.mark.parametrize("name", OTHER_FILES)
def test_a_report_replaces_no_other_file(here: Path, name: str) -> None:
    """The build goes on, and says what is in the way; `report` can be committed."""
    site = tiny(here, report=name)
    if content := OTHER_FILES[name]:
        (here / name).write_text(content, encoding="utf-8")
    before = (here / name).read_bytes() if name != "mkdocs.yml" else site.write().read_bytes()
    (said,) = warnings(site)
    assert f"{name} is in the way" in said
    assert "name another file" in said
    assert (here / name).read_bytes() == before


@pytest.mark.parametrize("name", OTHER_FILES)
@pytest.mark.parametrize("option", ARGUMENTS)
def test_an_output_replaces_no_other_file(here: Path, option: str, name: str) -> None:
    """Exit status 2, which no job takes for a finding."""
    tiny(here)
    if content := OTHER_FILES[name]:
        (here / name).write_text(content, encoding="utf-8")
    before = tree(here)
    assert f"{name} is in the way" in scan(*ARGUMENTS[option], name, status=2).output
    assert tree(here) == before


@pytest.mark.parametrize("option", ARGUMENTS)
def test_an_output_replaces_an_earlier_one_and_an_empty_file(here: Path, option: str) -> None:
    """Whatever it held; what is there keeps its permissions."""
    tiny(here)
    for content in ("", "\n"):
        (here / "out").write_text(content)
        (here / "out").chmod(0o640)
        scan(*ARGUMENTS[option], "out", status=STATUS.get(option, 1))
        first = (here / "out").read_bytes()
        assert first.strip()
        assert (here / "out").stat().st_mode & 0o777 == 0o640
    (here / "docs" / "index.md").write_text("# Top\n\n![](a.png)\n\n![](a.png)\n")
    scan(*ARGUMENTS[option], "out", status=STATUS.get(option, 1))
    second = (here / "out").read_bytes()
    assert second != first
    (here / "docs" / "index.md").write_text("# Top\n")
    scan(*ARGUMENTS[option], "out", status=0)
    assert (here / "out").read_bytes() not in {first, second}


def test_an_output_may_change_its_form(here: Path) -> None:
    """All are what a scan wrote; a baseline is not one of them, and a report is no baseline."""
    tiny(here)
    forms = ("text", "markdown", "json", "github", "sarif")
    for form in (*forms, *forms[::-1]):
        scan("--format", form, "--output", "out")
        assert is_output((here / "out").read_bytes())
    scan("--write-baseline", "base", status=0)
    for arguments in (["--output", "base"], ["--format", "json", "--output", "base"]):
        assert "base is in the way" in scan(*arguments, status=2).output
    scan("--format", "json", "--output", "out")
    assert "out is in the way" in scan("--write-baseline", "out", status=2).output


def test_a_report_replaces_a_report(here: Path) -> None:
    """Also one that was cut off, one of another service, and what was formatted anew."""
    site = tiny(here, report="report.json")
    site.build()
    report = json.loads((here / "report.json").read_text(encoding="utf-8"))
    whole = json.dumps({**report, "service": "ocr"}, separators=(",", ":"))
    for text in (whole, whole[:40], json.dumps(report, indent=7), ""):
        (here / "report.json").write_text(text)
        assert warnings(site) == []
        assert json.loads((here / "report.json").read_text()) == report


def test_a_report_that_stays_the_same_is_not_written(here: Path) -> None:
    """Where files are watched, writing one is a change; what a killed build left goes, though."""
    site = tiny(here, report="report.json")
    site.build()
    os.utime(here / "report.json", (1, 1))
    (here / LEFT).write_text("left")
    site.build()
    assert (here / "report.json").stat().st_mtime == 1
    assert not (here / LEFT).exists()


# Links


@only_posix
@pytest.mark.parametrize("target", ["../outside/x", "../outside/empty", "docs/empty", "gone"])
@pytest.mark.parametrize("option", ARGUMENTS)
def test_an_output_is_not_written_through_a_link(here: Path, option: str, target: str) -> None:
    """Whoever commits a link could choose the file."""
    tiny(here)
    (here.parent / "outside" / "empty").touch()
    (here / "docs" / "empty").touch()
    (here / "out").symlink_to(target)
    before = tree(here.parent)
    assert "out is a symbolic link" in scan(*ARGUMENTS[option], "out", status=2).output
    assert tree(here.parent) == before


@only_posix
@pytest.mark.parametrize("target", ["../outside/x", "docs/empty"])
def test_a_report_is_not_written_through_a_link(here: Path, target: str) -> None:
    """The build goes on."""
    site = tiny(here, report="report.json")
    (here / "docs" / "empty").write_text("[]")
    (here / "report.json").symlink_to(target)
    assert ["report.json is a symbolic link" in said for said in warnings(site)] == [True]
    assert not (here.parent / "outside" / "x").exists()
    assert (here / "docs" / "empty").read_text() == "[]"


@only_posix
def test_no_folder_on_the_way_leads_out_of_the_project(here: Path) -> None:
    """Nor into `.git`; a link that stays inside is one's own."""
    site = tiny(here, report="out/deep/report.json")
    (here / ".git" / "hooks").mkdir(parents=True)
    (here / "inside").mkdir()
    for target in ("../outside", ".git/hooks"):
        (here / "out").symlink_to(target)
        before = tree(here.parent / "outside"), tree(here / ".git")
        assert ["leads out of the project" in said for said in warnings(site)] == [True]
        for option, arguments in ARGUMENTS.items():
            assert "leads out" in scan(*arguments, "out/x", status=2).output, option
        assert (tree(here.parent / "outside"), tree(here / ".git")) == before
        assert not (here.parent / "outside" / "deep").exists()
        (here / "out").unlink()
    (here / "out").symlink_to("inside")
    assert warnings(site) == []
    assert is_report((here / "inside" / "deep" / "report.json").read_bytes())
    scan("--output", "../elsewhere/scan.txt")  # no link of the project's
    assert (here.parent / "elsewhere" / "scan.txt").is_file()


@only_posix
@pytest.mark.parametrize(
    ("link", "name", "said"),
    [
        ("alttext.yml", "alttext.yml", "This is a link that leads out of the project"),
        ("data", "data/alttext.yml", "leads out of the project"),
    ],
)
def test_a_catalog_is_not_made_behind_a_link(
    here: Path, server: ApiServer, link: str, name: str, said: str
) -> None:
    """There may be no file yet where it leads."""
    site = tiny(here, generate="build", base_url=server.base_url, catalog=name)
    site.build()
    (here / link).symlink_to("../outside" if link == "data" else "../outside/new.yml")
    result = CliRunner().invoke(main, ["catalog"])
    assert result.exit_code == 2
    assert said in result.output
    assert tree(here.parent / "outside") == {}


@only_posix
def test_another_name_of_a_file_keeps_what_it_holds(here: Path) -> None:
    """A hard link of an earlier output is not written to."""
    tiny(here)
    scan("--output", "out")
    os.link(here / "out", here.parent / "outside" / "kept")
    kept = (here / "out").read_bytes()
    scan("--format", "json", "--output", "out")
    assert (here.parent / "outside" / "kept").read_bytes() == kept


@only_posix
def test_apply_leaves_what_lies_behind_a_link_out_of_the_project(here: Path) -> None:
    """A file, or a folder on its way; the list says why, and other pages are written."""
    tiny(here)
    page = "# Page\n\n![](/a.png)\n"
    for place in (here.parent / "outside" / "page.md", here / ".git" / "page.md"):
        place.parent.mkdir(exist_ok=True)
        place.write_text(page)
    (here / "docs" / "file.md").symlink_to("../../outside/page.md")
    (here / "docs" / "folder").symlink_to("../../outside")
    (here / "docs" / "inner.md").symlink_to("../.git/page.md")
    (here / "alttext.yml").write_text(CATALOG)
    config = yaml.safe_load((here / "mkdocs.yml").read_text())
    config["validation"] = {"links": {"absolute_links": "relative_to_docs"}}
    (here / "mkdocs.yml").write_text(yaml.safe_dump(config))
    result = CliRunner().invoke(main, ["apply", "--allow-dirty"])
    assert result.exit_code == 1, result.output
    for name in ("file.md", "folder/page.md", "inner.md"):
        assert f"Not written: {name}, a.png: a symbolic link makes" in result.output
    assert "![A leaf](a.png)" in (here / "docs" / "index.md").read_text()
    assert (here.parent / "outside" / "page.md").read_text() == page
    assert (here / ".git" / "page.md").read_text() == page


# What is no file


@only_posix
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_has_a_name(here: Path, name: str) -> None:
    """It may be a pipe or a file, of which nothing is lost."""
    if name.startswith("/proc") and not os.path.exists(name):  # noqa: PTH110 - a link
        pytest.skip("not on this system")
    tiny(here)
    command = [sys.executable, "-P", "-m", "mkdocs_alttext", "scan", "--format", "json"]
    run = subprocess.run([*command, "--output", name], capture_output=True, check=False)
    assert run.returncode == 1
    assert is_report(run.stdout)
    with (here / "all").open("wb") as file:
        file.write(b"before\n")
        file.flush()
        subprocess.run([*command, "--output", name], stdout=file, check=False)
    assert (here / "all").read_bytes() == b"before\n" + run.stdout


@only_posix
def test_a_pipe_and_the_null_device_take_an_output(here: Path) -> None:
    """Where the one who runs the command names them."""
    tiny(here)
    scan("--output", os.devnull)
    scan("--write-baseline", os.devnull, status=0)
    os.mkfifo(here.parent / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((here.parent / "pipe").read_bytes()))
    reader.start()
    scan("--format", "sarif", "--output", "../pipe")
    reader.join()
    assert is_output(read[0])


@only_posix
def test_a_build_waits_for_no_reader(here: Path) -> None:
    """`report` may name the null device and standard output, and no pipe or socket."""
    assert warnings(tiny(here, report=os.devnull)) == []
    os.mkfifo(here / "pipe")
    assert ["is no file" in said for said in warnings(tiny(here, report="pipe"))] == [True]
    assert ["is a folder" in said for said in warnings(tiny(here, report="docs"))] == [True]


def test_a_name_that_no_file_has_ends_no_build(here: Path) -> None:
    """YAML can write it."""
    site = tiny(here, report="a\0b")
    assert ["zero byte" in said for said in warnings(site)] == [True]


# In one step


@pytest.mark.parametrize("option", ARGUMENTS)
def test_a_full_disk_destroys_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """The earlier output is as it was, and nothing lies beside it."""
    tiny(here)
    scan(*ARGUMENTS[option], "out", status=STATUS.get(option, 1))
    (here / "docs" / "index.md").write_text("# Top\n\n![](a.png)\n\n![](a.png)\n")
    before = tree(here)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", handle)

    monkeypatch.setattr("mkdocs_alttext.system.files.os.fsync", full)
    assert (
        "out cannot be written (No space left" in scan(*ARGUMENTS[option], "out", status=2).output
    )
    assert tree(here) == before


KILLED = """
import os, signal, sys
def die(handle):
    os.kill(os.getpid(), signal.SIGKILL)
os.fsync = die
from mkdocs_alttext.cli.main import main
main(sys.argv[1:])
"""


@only_posix
@pytest.mark.parametrize(
    "arguments",
    [["apply"], ["scan", "--output", "docs/out"], ["scan", "--write-baseline", "docs/out"]],
)
def test_the_next_run_removes_what_a_killed_one_left(here: Path, arguments: list[str]) -> None:
    """Each was killed between writing and renaming."""
    tiny(here)
    (here / "alttext.yml").write_text(CATALOG if arguments == ["apply"] else "")
    before = {path.name for path in (here / "docs").iterdir()}
    for _ in range(2):
        run = subprocess.run([sys.executable, "-P", "-c", KILLED, *arguments], check=False)
        assert run.returncode == -signal.SIGKILL
        (name,) = {path.name for path in (here / "docs").iterdir()} - before
        assert name.startswith(".alttext-new-")
    CliRunner().invoke(main, arguments)
    assert {path.name for path in (here / "docs").iterdir()} - before <= {"out"}


@only_posix
def test_only_what_is_certainly_ours_is_removed(tmp_path: Path) -> None:
    """A name that differs, a folder, a link, and what is being written stay."""
    writing = textwrap.dedent("""
        import os, pathlib, sys
        from mkdocs_alttext.system import files
        def wait(handle):
            print("written", flush=True)
            sys.stdin.readline()
        os.fsync = wait
        files.replace_file(pathlib.Path("new"), b"theirs")
    """)
    others = [".alttext-new-0123456789ABCDEF", f"{LEFT}0", ".alttext-new-", f"x{LEFT}", ".new.a1b2"]
    for name in others:
        (tmp_path / name).write_text("")
    (tmp_path / LEFT.replace("0", "1")).mkdir()
    (tmp_path / LEFT.replace("0", "2")).symlink_to(others[0])
    with subprocess.Popen(
        [sys.executable, "-P", "-c", writing],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"written\n"
        (tmp_path / LEFT).write_text("")
        held = {path.name for path in tmp_path.iterdir()}
        remove_leftovers(tmp_path)
        assert held - {path.name for path in tmp_path.iterdir()} == {LEFT}
        other.stdin.write(b"\n")
    assert other.returncode == 0
    assert (tmp_path / "new").read_bytes() == b"theirs"


def test_where_no_lock_tells_age_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows and on some network disks."""
    monkeypatch.setattr("mkdocs_alttext.system.files.lock", lambda _, **__: None)
    old, new = tmp_path / LEFT, tmp_path / LEFT.replace("0", "1")
    for path in (old, new):
        path.write_text("")
    os.utime(old, (1, 1))
    replace_file(tmp_path / "file", b"x")
    assert {path.name for path in tmp_path.iterdir()} == {new.name, "file"}


@only_posix
def test_writers_beside_each_other_do_not_take_their_files_away(tmp_path: Path) -> None:
    """Each cleans up before it writes."""
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(50):
                replace_file(tmp_path / f"file{number % 2}", b"%d" % number)
        except BaseException as error:  # noqa: BLE001 - the thread's end
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file0", "file1"]


@only_posix
def test_a_long_name_is_written(tmp_path: Path) -> None:
    """As long as the disk takes it."""
    path = tmp_path / ("n" * 255)
    replace_file(path, b"x")
    assert path.read_bytes() == b"x"
