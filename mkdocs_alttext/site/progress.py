"""Progress while a build waits: a bar on a terminal, and a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from click._termui_impl import ProgressBar

_SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Shows how many of some answers are there."""

    def __init__(
        self,
        say: Callable[[str], object],
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where to show.

        Args:
            say: Takes a line, where there is no terminal.
            stream: The terminal, if it is one; standard error by default.
            clock: Seconds of any origin.
        """
        self._say = say
        self._stream: TextIO | None = stream or sys.stderr
        self._clock = clock
        self._last_line: float | None = None
        self._bar: ProgressBar[int] | None = None

    def show(self, done: int, total: int) -> None:
        """Show how far it is.

        Args:
            done: Answers that are there.
            total: Answers that are waited for.
        """
        if self._is_terminal():
            # A terminal can go away, and no build ends with it.
            with suppress(OSError, ValueError):
                self._draw(done, total)
            return
        now = self._clock()
        if self._last_line is None:
            self._last_line = now
        if done < total and now - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._say(f"Waiting for alt text: {done} of {counted(total, 'image')}.")

    def close(self) -> None:
        """End the bar's line, if one was begun: most waits are over at once."""
        if self._bar:
            with suppress(OSError, ValueError):
                self._bar.render_finish()
        self._bar = self._last_line = None

    def _is_terminal(self) -> bool:
        try:
            # There is none where a shell closed it, or a program runs without a console.
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False  # it was closed

    def _draw(self, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="Alt text", file=self._stream)
            self._bar.render_progress()
        self._bar.update(done - self._bar.pos)
