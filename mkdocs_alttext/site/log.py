"""What a build writes into MkDocs' log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mkdocs.plugins import get_plugin_logger

from mkdocs_alttext.site.messages import describe, doubt_line
from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

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
