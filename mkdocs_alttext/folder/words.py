"""What is said of a site that MkDocs does not build, in place of MkDocs' words."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = (
    (r" here \(generate: never\)", ""),
    (r"\bA build that may ask would spend\b", "Asking would cost"),
    (r", page by page, as a plugin reads the texts", ""),
    (r"Add `attr_list` to `[^`]*`, which reads it", "Your generator does not read it"),
    (r"\bBuild again\b", "Run it again"),
    (r"\b([Tt]he next|[Tt]his|[Ee]ach|[Aa]) build\b", r"\1 run"),
    (r"\bBuilds use it without a key, and `[^`]*` writes it into the Markdown", "It needs no key"),
    (r"\bBuilds go on using them\b", "They are used as before"),
    # A page that is filled has its texts already.
    (
        r"(`mkdocs-alttext review` shows each beside its picture; `mkdocs-alttext catalog`)",
        r"When your site is made anew, and before it is filled again, \1",
    ),
    (r"`mkdocs build(?= -v|`)", "`mkdocs-alttext fill"),
    (r"\blet a run write it\b", "let `mkdocs-alttext fill` write it"),
    (r"\bin the Markdown( or the notebook)?\b", "in the page's source"),
    (r"; in raw HTML it is relative to the built page", ""),
    (r"\binto mkdocs\.yml\b", "into this file"),
    (r"\bmkdocs\.yml may name\b", "this file may name"),
    (r"\bdocs_dir\b(?![./])", "the site's folder"),
    (r"\bof this site\b", "of your site"),
)


def for_any_site(text: str, folder: Path) -> str:
    """Return a message for people whose site another generator builds.

    Args:
        text: A message of a build.
        folder: The site's, which commands are told.
    """
    for expression, words in _WORDS:
        text = re.sub(expression, words, text)
    name = shlex.quote(str(folder))
    text = re.sub(r"`mkdocs-alttext fill(?=[ `])", lambda said: f"{said[0]} {name}", text)
    return re.sub(
        r"`mkdocs-alttext (?:catalog|forget|review|scan)(?=[ `])",
        lambda said: f"{said[0]} --site {name}",
        text,
    )
