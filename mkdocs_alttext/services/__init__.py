"""The services that describe pictures: one protocol, and what follows it.

A service gets a prepared picture and returns a text. Nothing here knows pages, caches, budgets or
retries. What other packages need for a service of their own is imported from here.

A new service follows the protocol in `base` and sends by the client in `http`, as `alttextai` does;
a model behind a known wire format is a row of `providers`. `registry` has their names.
"""

from __future__ import annotations

from mkdocs_alttext.models import Answer, Context, Picture, Request, Usage
from mkdocs_alttext.services.base import AccountStatus, CaptionService, ServiceKind, ServiceSettings

__all__ = [
    "AccountStatus",
    "Answer",
    "CaptionService",
    "Context",
    "Picture",
    "Request",
    "ServiceKind",
    "ServiceSettings",
    "Usage",
]
