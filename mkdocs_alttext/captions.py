"""The names that services of other packages imported from here in version 0.1.

They are in `mkdocs_alttext.services` now.
"""

from __future__ import annotations

from mkdocs_alttext.models import Answer, PreparedImage

__all__ = ["Answer", "PreparedImage"]
