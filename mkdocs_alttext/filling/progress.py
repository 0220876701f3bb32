"""How far it is while answers are waited for: a bar on a terminal, and one line elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from mkdocs_alttext.filling.words import MKDOCS
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from click._termui_impl import ProgressBar

    from mkdocs_alttext.filling.words import Words

_SECONDS_BEFORE_LINE = 5.0


class Progress:
    """Shows how many of some answers are there."""

    def __init__(
        self,
        say: Callable[[str], object],
        *,
        words: Words = MKDOCS,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where to show.

        Args:
            say: Takes a line, where there is no terminal.
            words: Those of the site.
            stream: The terminal, if it is one; standard error by default.
            clock: Seconds of any origin.
        """
        self._say = say
        self._words = words
        self._stream: TextIO | None = stream or sys.stderr
        self._clock = clock
        self._began: float | None = None
        self._is_said = False
        self._bar: ProgressBar[int] | None = None
        self.knows_all = False
        """Whether all pages have asked for what they need."""

    def show(self, done: int, total: int) -> None:
        """Show how far it is.

        Args:
            done: Answers that are there.
            total: Answers that are waited for.
        """
        if self._is_terminal():
            # A terminal can go away, and no build ends with it.
            with suppress(OSError, ValueError):
                if self._bar is None:
                    self._bar = click.progressbar(length=total, label="Alt text", file=self._stream)
                    self._bar.render_progress()
                self._bar.length = total  # each page that is waited for alone has its own
                self._bar.update(done - self._bar.pos)
            return
        now = self._clock()
        if self._began is None:
            self._began = now
        if not self._is_said and done < total and now - self._began >= _SECONDS_BEFORE_LINE:
            self._is_said = True
            so_far = "" if self.knows_all else f" {self._words.so_far}"
            self._say(f"Waiting for alt text: {done} of {counted(total, 'image')}{so_far}.")

    def close(self) -> None:
        """End the bar's line, if one was begun: most waits are over at once."""
        if self._bar:
            with suppress(OSError, ValueError):
                self._bar.render_finish()
        self._bar = self._began = None
        self._is_said = self.knows_all = False

    def _is_terminal(self) -> bool:
        try:
            # There is none where a shell closed it, or a program runs without a console.
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False  # it was closed
