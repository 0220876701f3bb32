"""What a build says while it runs: lines in MkDocs' log, and progress while it waits.

Progress is a bar on a terminal, and a line every few seconds elsewhere.
"""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click
from mkdocs.plugins import get_plugin_logger

from mkdocs_alttext.site.messages import describe, doubt_line
from mkdocs_alttext.system.printable import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click._termui_impl import ProgressBar

    from mkdocs_alttext.models import Outcome

log = get_plugin_logger(__name__)


def _make_visible(record: logging.LogRecord) -> bool:
    """Have each message on one line, whatever is in the names that it holds."""
    record.msg, record.args = visible(record.getMessage()), None
    return True


log.logger.addFilter(_make_visible)


class SiteLog:
    """Logs for all builds of one site: what is as true in each translation is said once."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said: set[str] = set()

    def once(self, level: int, line: str) -> None:
        """Log a line, unless it was logged for this site before."""
        if line not in self._said:
            self._said.add(line)
            log.log(level, line)

    def outcomes(self, outcomes: Iterable[Outcome]) -> None:
        """Log what became of images: what an author wrote and nobody understands, and the rest."""
        for outcome in outcomes:
            if outcome.doubt:
                self.once(logging.WARNING, doubt_line(outcome))
            if log.isEnabledFor(logging.DEBUG):
                log.debug(describe(outcome))


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
