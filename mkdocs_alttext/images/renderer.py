"""Whether SVG can be drawn here.

Owns the look for the optional renderer, and the advice where it is missing. It must not import it.
"""

from __future__ import annotations

from importlib.util import find_spec

LACKS_RENDERER = (
    'it has no title of its own; pip install "mkdocs-alttext[svg]" has it drawn and described'
)


def can_draw() -> bool:
    """Tell whether the renderer is installed."""
    return find_spec("resvg_py") is not None
