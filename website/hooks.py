"""What Material for MkDocs leaves out of its pages."""  # noqa: INP001 - MkDocs loads it by path

from __future__ import annotations

_SEARCH = '<div class="md-search" data-md-component="search" role="dialog"'


def on_post_page(output: str, **_: object) -> str:
    """Give the search a name, which a dialog needs (WCAG 4.1.2).

    Args:
        output: The page.

    Returns:
        The page with it.
    """
    return output.replace(f"{_SEARCH}>", f'{_SEARCH} aria-label="Search">')


def on_post_template(output_content: str, **_: object) -> str:
    """Do the same on pages that are made without Markdown, such as `404.html`.

    Args:
        output_content: The page.
    """
    return on_post_page(output_content)
