"""What holds for this group: a browser, and axe-core."""

from __future__ import annotations

from accessibility.browser import axe, browser

__all__ = ["axe", "browser"]
