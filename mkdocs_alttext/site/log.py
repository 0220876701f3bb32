"""The lines of MkDocs' log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.plugins import get_plugin_logger

from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    import logging

log = get_plugin_logger(__name__)


def _make_visible(record: logging.LogRecord) -> bool:
    """Have each message on one line, whatever is in the names that it holds."""
    record.msg, record.args = visible(record.getMessage()), None
    return True


log.logger.addFilter(_make_visible)
