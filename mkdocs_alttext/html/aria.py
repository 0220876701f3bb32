"""Whether assistive technology meets an element: what hides it or makes it presentational."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_alttext.html.attributes import Attributes

_CSS_COMMENT = r"/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"
_HIDING = {"display": "none", "visibility": "hidden"}
_DECLARATION = rf"(?ai)\s*+({'|'.join(_HIDING)})\s*+:([^!]*+)(!\s*+important\s*+)?"

_GLOBAL_ARIA = frozenset(
    "aria-atomic aria-braillelabel aria-brailleroledescription aria-busy aria-controls "
    "aria-current aria-describedby aria-description aria-details aria-disabled aria-dropeffect "
    "aria-errormessage aria-flowto aria-grabbed aria-haspopup aria-hidden aria-invalid "
    "aria-keyshortcuts aria-label aria-labelledby aria-live aria-owns aria-relevant "
    "aria-roledescription".split()
)
"""WAI-ARIA 1.2, 6.4 Global States and Properties, and the `aria-braille…` ones of 1.3: any of them
makes browsers ignore `role=presentation` (7.1 Presentational Roles Conflict Resolution)."""


def is_presentational(attributes: Attributes) -> bool:
    """Tell whether a tag takes itself out of the accessibility tree by its role."""
    return (
        "role" in attributes
        and attributes.get("role").lower().split()[:1] in (["none"], ["presentation"])
        and "tabindex" not in attributes
        and _GLOBAL_ARIA.isdisjoint(attributes.values)
    )


def hides(attributes: Attributes) -> bool:
    """Tell whether an element hides itself and its content."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden").strip().lower() == "true"
        or ("style" in attributes and _hides(attributes.get("style")))
    )


def _hides(style: str) -> bool:
    """Tell whether a style hides: of several declarations, the last counts, or the last important.

    Texts and addresses that hold a semicolon are not told from declarations.
    """
    important: dict[str, str] = {}
    others: dict[str, str] = {}
    for written in re.sub(_CSS_COMMENT, " ", style).split(";"):
        if declaration := re.fullmatch(_DECLARATION, written):
            name, value, weight = declaration.groups()
            (important if weight else others)[name.lower()] = value.strip().lower()
    counting = others | important
    return any(counting.get(name) == value for name, value in _HIDING.items())
