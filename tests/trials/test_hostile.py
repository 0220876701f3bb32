"""The judge of what is planted notices each broken rule; `make hostile` has the rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bench.hostile import main, run_row, summary
from bench.hostile_site import KEY, KEY_VARIABLE
from bench.hostile_trial import CODE, COMPLETE, FILES, HEADINGS, SECRETS

if TYPE_CHECKING:
    from pathlib import Path

    from bench.hostile_trial import World

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="plants what POSIX systems have"
)


HOOK = """
import os, subprocess, sys
from pathlib import Path

WORLD = Path(__file__).parent.parent

def on_post_build(config, **_):
    {evil}
"""
"""A hook is a program that a build is meant to run: here it does what nothing planted may do."""

EVIL = {
    "a program runs": (CODE, "(WORLD / 'markers' / 'ran').touch()"),
    "a file goes": (FILES, "(WORLD / 'precious' / 'one').unlink()"),
    "a file comes": (FILES, "(WORLD / 'precious' / 'new').touch()"),
    "a source changes": (FILES, "(WORLD / 'project' / 'docs' / 'a.png').write_bytes(b'')"),
    "the key is printed": (SECRETS, f"print(os.environ['{KEY_VARIABLE}'], file=sys.stderr)"),
    "the key is in the site": (
        SECRETS,
        f"Path(config.site_dir, 'x.txt').write_text(os.environ['{KEY_VARIABLE}'])",
    ),
    "the key is in the cache": (
        SECRETS,
        f"Path(WORLD, 'project/.cache/x').write_text(os.environ['{KEY_VARIABLE}'])",
    ),
    "a child knows the key": (SECRETS, "subprocess.run([sys.executable, '-c', ''])"),
    "git knows the key": (SECRETS, "subprocess.run(['git', '--version'])"),
    "a page changes": (COMPLETE, "Path(config.site_dir, 'index.html').write_text('<p>x')"),
    "a page is missing": (COMPLETE, "Path(config.site_dir, 'index.html').unlink()"),
    "a build fails": (COMPLETE, "raise SystemExit(3)"),
    "memory is taken": (COMPLETE, "bytearray(b'x') * (400 * 1024 * 1024)"),
    "a child takes memory": (
        COMPLETE,
        "subprocess.run([sys.executable, '-c', 'bytearray(b\"x\") * (1100 * 1024 * 1024)'])",
    ),
    "a command is printed": (COMPLETE, "print('::error::x', file=sys.stderr)"),
    "an escape is printed": (COMPLETE, "print('\\x1b[31m', file=sys.stderr)"),
}


@pytest.mark.parametrize("what", EVIL)
def test_the_judge_notices(tmp_path: Path, what: str) -> None:
    """Each rule that is broken is named, in its column and below the table."""
    rule, statement = EVIL[what]

    def plant(world: World) -> None:
        (world.project / "hook.py").write_text(HOOK.format(evil=statement), encoding="utf-8")
        world.site.hooks.append("hook.py")
        world.build()

    row = run_row(what, tmp_path / "world", plant)
    assert [each for each in row.broken if each.startswith(rule)]
    assert not [each for each in row.broken if KEY in each]
    columns = {CODE: "no code", SECRETS: "no key", FILES: "no file", COMPLETE: "complete"}
    assert row.cells()[HEADINGS.index(columns[rule])] == "BROKEN"
    assert f"FAILS  {what}: {rule}" in summary([row])


def test_a_world_in_which_nothing_is_planted_holds(tmp_path: Path) -> None:
    """So that what the judge notices comes from what was planted; and its figures are there."""

    def plant(world: World) -> None:
        world.build()
        world.command("scan", status=0)

    row = run_row("nothing", tmp_path / "world", plant)
    assert row.broken == ()
    (build, _) = row.runs
    assert 20 < build.own_mib < 200
    assert summary([row]).endswith("Every rule holds in every row.")


def test_a_build_that_hangs_is_ended(tmp_path: Path) -> None:
    """And is told."""

    def plant(world: World) -> None:
        hang = HOOK.format(evil="__import__('time').sleep(600)")
        (world.project / "hook.py").write_text(hang, encoding="utf-8")
        world.site.hooks.append("hook.py")
        world.build(seconds=2.0)

    row = run_row("hangs", tmp_path / "world", plant)
    assert [each for each in row.broken if "took" in each]


def test_rows_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """So that one that fails can be run alone."""
    with pytest.raises(SystemExit):
        main(["--only", "no such thing"])
    assert "no row's name holds" in capsys.readouterr().err
    assert main(["--short", "--only", "mkdocs.yml: exclud"]) == 0
    assert "mkdocs.yml: exclud" in capsys.readouterr().out
