"""What is said of a site that MkDocs does not build, in place of MkDocs' words."""

from __future__ import annotations

import re

_WORDS = (
    (r"\b([Tt]he next|[Tt]his|[Ee]ach|[Aa]) build\b", r"\1 run"),
    (r" here \(generate: never\)", ""),
    (r"\bA run that may ask would spend\b", "Asking would cost"),
    (r"\bBuild again\b", "Run it again"),
    (r"`mkdocs build( -v)?`", r"`mkdocs-alttext fill\1`"),
    (r"\bin the Markdown( or the notebook)?\b", "in the page's source"),
    (r"; in raw HTML it is relative to the built page", ""),
    (r"\binto mkdocs\.yml\b", "into this file"),
    (r"\bmkdocs\.yml may name\b", "this file may name"),
    (r"\bdocs_dir\b", "the site's folder"),
    (r"\bof this site\b", "of your site"),
)


def for_any_site(text: str) -> str:
    """Return a message for people whose site another generator builds.

    Args:
        text: A message of a build.
    """
    for expression, words in _WORDS:
        text = re.sub(expression, words, text)
    return text
