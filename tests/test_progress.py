"""What is shown while a build waits."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from built_site import TinySite, picture

from mkdocs_alttext.filling.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api_server import ApiServer


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize("knows_all", [True, False])
def test_elsewhere_a_line_says_once_how_far_it_is(*, knows_all: bool) -> None:
    """And nothing is said of a wait that is short, or over."""
    now = 100.0
    said: list[str] = []
    progress = Progress(said.append, stream=io.StringIO(), clock=lambda: now)
    progress.knows_all = knows_all
    progress.show(0, 3)
    now += 4
    progress.show(1, 3)
    assert said == []
    for done in (1, 2, 2, 3):
        now += 6
        progress.show(done, 3)
    progress.close()
    so_far = "" if knows_all else " so far, page by page, as a plugin reads the texts"
    assert said == [f"Waiting for alt text: 1 of 3 images{so_far}."]


def test_the_seconds_count_from_the_first_wait() -> None:
    """A site that takes long to render does not wait for alt text, and the next begins anew."""
    now = 100.0
    said: list[str] = []
    progress = Progress(said.append, stream=io.StringIO(), clock=lambda: now)
    for _ in range(2):
        now += 60
        progress.show(0, 3)
        progress.close()
    assert said == []


@pytest.mark.parametrize("answers", [(0, 3), (0, 3, 4)], ids=["", "more than there were"])
def test_on_a_terminal_a_bar_moves_until_it_is_closed(answers: tuple[int, ...]) -> None:
    """Its line ends once, so that what is written next begins one of its own."""
    said: list[str] = []
    terminal = Terminal()
    progress = Progress(said.append, stream=terminal)
    for done in answers:
        progress.show(done, 3)
    assert "Alt text" in terminal.getvalue()
    assert not terminal.getvalue().endswith("\n")
    progress.close()
    progress.close()
    assert terminal.getvalue().count("\n") == 1
    assert said == []


def test_without_a_stream_lines_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has no standard error where a shell closed it, or in a window without a console."""
    monkeypatch.setattr("sys.stderr", None)
    assert lines_said(Progress) == ["Waiting for alt text: 0 of 3 images."]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_stream_that_was_closed_is_no_terminal(*, is_terminal: bool) -> None:
    """And ends no build, whenever that happens."""
    closed = Terminal() if is_terminal else io.StringIO()
    closed.close()
    said = lines_said(lambda say, clock: Progress(say, stream=closed, clock=clock))
    assert said == ([] if is_terminal else ["Waiting for alt text: 0 of 3 images."])


def test_a_terminal_that_is_closed_meanwhile_ends_no_build() -> None:
    """Nor does the bar's end."""
    terminal = Terminal()
    progress = Progress(lambda _: None, stream=terminal)
    progress.show(0, 3)
    terminal.close()
    progress.show(1, 3)
    progress.close()
    progress.close()


def lines_said(make: Callable[..., Progress]) -> list[str]:
    """Return what is said in a long wait."""
    now = 100.0
    said: list[str] = []
    progress = make(said.append, clock=lambda: now)
    progress.knows_all = True
    progress.show(0, 3)
    now += 6
    progress.show(0, 3)
    progress.close()
    return said


def test_a_build_without_standard_error_fills_its_pages(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `mkdocs build 2>&-` runs it."""
    monkeypatch.setattr("sys.stderr", None)
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    built = TinySite(tmp_path, docs, {"base_url": server.base_url}).build()
    assert "/proj/a.png ask-service filled service None" in built.outcomes
