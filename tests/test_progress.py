"""What is shown while a build waits."""

from __future__ import annotations

import io

import pytest

from mkdocs_alttext.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_elsewhere_a_line_says_every_few_seconds_how_far_it_is() -> None:
    """And nothing is said of a wait that is short, or over."""
    now = 100.0
    said: list[str] = []
    progress = Progress(said.append, stream=io.StringIO(), clock=lambda: now)
    progress.show(0, 3)
    now += 4
    progress.show(1, 3)
    assert said == []
    now += 2
    progress.show(1, 3)
    progress.show(2, 3)
    now += 6
    progress.show(3, 3)
    progress.close()
    assert said == ["Waiting for alt text: 1 of 3 images."]


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
