"""What a page of `mkdocs serve` shows about its pictures' texts, for whoever writes it.

Each picture that waits for a person gets an attribute when its outcome is known, which other
plugins carry along, and is outlined by it. One box at the corner of the window lists them. Neither
takes any room of the page, and no text of the page is changed.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from mkdocs_alttext.html.edits import Edit, apply_edits
from mkdocs_alttext.models import Outcome, Reason, Result
from mkdocs_alttext.system.printable import shortened, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REVIEW_ATTRIBUTE = "data-alttext-review"

_STATES = {
    "missing": ("without text", "#c4262e", "solid"),
    "draft": ("draft", "#1668a8", "dashed"),
    "stale": ("stale", "#a05a00", "dotted"),
}
"""What waits for a person: the words for it, and its outline, which differs by more than colour."""
_MOST_LISTED = 50
_LONGEST = 80
"""Characters of a path that are shown."""
_ENDS = ("</main>", "</body>")
"""Where the box stands before. Themes that load pages with a script (Material) replace `main`."""
_STYLE = (
    "@media screen{"
    + "".join(
        f"img[{REVIEW_ATTRIBUTE}={state}]{{outline:3px {line} {colour};outline-offset:-3px}}"
        for state, (_, colour, line) in _STATES.items()
    )
    + """
#alttext-review,#alttext-review *{all:revert}
#alttext-review{position:fixed;inset:auto 12px 12px auto;z-index:99;box-sizing:border-box;
max-width:min(26rem,calc(100vw - 24px));max-height:60vh;overflow:auto;padding:6px 12px;
font:14px/1.5 system-ui,sans-serif;color:#1e2226;background:#fff;border:1px solid #80847d;
border-radius:8px}
#alttext-review a{color:#1b5e8c}
#alttext-review summary{cursor:pointer}
#alttext-review ul{margin:6px 0;padding:0;list-style:none;overflow-wrap:anywhere}
#alttext-review p{margin:6px 0}
#alttext-review b{display:inline-block;padding:0 5px;margin-right:6px;font-weight:600}
"""
    + "".join(
        f"#alttext-review b.{state}{{border:2px {line} {colour}}}"
        for state, (_, colour, line) in _STATES.items()
    )
    + "}@media print{#alttext-review{display:none}}"
)


def review_state(outcome: Outcome) -> str | None:
    """Return what a picture's text waits for: `missing`, `draft` or `stale`; `None` for nothing.

    Args:
        outcome: What became of the image.
    """
    if outcome.reason is Reason.STALE_CAPTION:
        return "stale"
    if outcome.result is Result.MISSING:
        return "draft" if outcome.reason is Reason.NOT_REVIEWED else "missing"
    return "draft" if outcome.is_draft and outcome.alt else None


def with_overlay(
    html: str, outcomes: Sequence[Outcome], address_of: Callable[[str], str] | None
) -> str:
    """Add the box and the outlines to a page.

    Args:
        html: The whole page, whose images have their attributes.
        outcomes: Of its images.
        address_of: Returns the address where a picture is reviewed, by its path inside the built
            site; `None` while no review runs.

    Returns:
        The page; as it was where nothing waits for a person.
    """
    waiting = [(state, each) for each in outcomes if (state := review_state(each))]
    if not waiting:
        return html
    places = (html.rfind(end) for end in _ENDS)
    place = next((place for place in places if place >= 0), len(html))
    return apply_edits(html, [Edit(place, place, _box(waiting, address_of))])


def _box(waiting: Sequence[tuple[str, Outcome]], address_of: Callable[[str], str] | None) -> str:
    counts = Counter(state for state, _ in waiting)
    summary = ", ".join(
        f"{counts[state]} {_STATES[state][0]}" for state in _STATES if counts[state]
    )
    lines = [_line(state, each, address_of) for state, each in waiting[:_MOST_LISTED]]
    if len(waiting) > _MOST_LISTED:
        lines.append(f"<li>and {len(waiting) - _MOST_LISTED} more</li>")
    hint = (
        ""
        if address_of
        else "<p>While <code>mkdocs-alttext review</code> runs, these are links.</p>"
    )
    return (
        f"<style>{_STYLE}</style>"
        '<section id="alttext-review" lang="en" dir="ltr" aria-label="Alt text review">'
        f"<details><summary>Alt text: {summary}</summary>"
        f"<ul>{''.join(lines)}</ul>{hint}</details></section>"
    )


def _line(state: str, outcome: Outcome, address_of: Callable[[str], str] | None) -> str:
    name = escape(shortened(visible(outcome.file or outcome.src), _LONGEST))
    if address_of and outcome.file:
        address = escape(address_of(outcome.file))
        name = f'<a href="{address}" target="_blank" rel="noopener noreferrer">{name}</a>'
    return f'<li><b class="{state}">{_STATES[state][0]}</b>{name}</li>'
