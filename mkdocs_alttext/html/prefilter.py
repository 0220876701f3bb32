"""The first look at a page: an expression that tells whether an image of it may lack a text.

It ends the matter for most pages in microseconds, and may only err on the careful side.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs_alttext.html.marks import Mark

# With ASCII's cases only, `<im` is looked for as fast as a text; names of tags know no others.
IMAGE = re.compile(r"<im(?:g|age)[\t\n\f\r />]", re.IGNORECASE | re.ASCII)

# A tag of this shape needs nothing: plain quoted attributes, and one `alt`, in the double quotes
# that nearly all writers use, whose text begins with a letter or digit and neither is nbconvert's
# placeholder nor ends like a file's name, as it does too where a character reference stands for a
# part of that: `x&period;png`, `x.png&nbsp;`.
# No group captures here: CPython 3.11 loses track of one inside a possessive repetition.
_PLAIN = (
    r"(?:[\t\n\f\r ]++(?!alt[\t\n\f\r />=]|data-alttext)[a-zA-Z][-a-zA-Z0-9]*+"
    r"(?:=(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r \"'=<>`]++)|(?=[\t\n\f\r />])))*+"
)
_TEXT = (
    r"[\t\n\f\r ]++alt=(?:"
    r"\"(?!N(?:o[^\w\"]|&))(?![^\"]*\.[A-Za-z]{3,4}[^\w\"]*\")"
    r"(?![^&\"]*+&(?:[^\"]*&)?[#;A-Za-z0-9]*+[^\w\"]*+\")[^\W_][^\"]*+\""
    r"|[A-Za-z0-9]++(?=[\t\n\f\r />]))"  # minified: one word without quotes
)
_MAY_LACK_TEXT = re.compile(
    rf"<im(?:g|age)(?=[\t\n\f\r />])(?!{_PLAIN}{_TEXT}{_PLAIN}[\t\n\f\r ]*+/?>)",
    re.IGNORECASE | re.ASCII,
)


def count_texts(html: str, *, names_may_lack: bool = False) -> int | None:
    """Count the images of a source where each has a text, without reading it.

    Args:
        html: The source.
        names_may_lack: As for `may_lack_text`.

    Returns:
        How many tags look like images; those in comments and scripts are among them. `None` when
        `may_lack_text` says that one may need a decision; 0 only when the source has none.
    """
    return None if may_lack_text(html, names_may_lack=names_may_lack) else len(IMAGE.findall(html))


def may_lack_text(html: str, *, names_may_lack: bool = False) -> bool:
    """Tell quickly whether an image in a source may need a decision.

    Args:
        html: The source.
        names_may_lack: Whether the name of a file counts as missing, which only its image tells.

    Returns:
        `False` only when each image of the source has a text of its own and no attribute of ours.
    """
    return (IMAGE if names_may_lack else _MAY_LACK_TEXT).search(html) is not None


def needs_work(
    html: str, mark: Mark, *, decided: str | None = None, names_may_lack: bool = False
) -> bool:
    """Tell, quickly, whether a page may hold what is to be filled or cleaned up.

    Args:
        html: The page.
        mark: What tells Markdown's images.
        decided: The page's article, where all is decided and nothing is left to be done.
        names_may_lack: As for `may_lack_text`.
    """
    if mark.is_in(html):
        return True
    before, _, behind = html.partition(decided) if decided else ("", "", html)
    return any(may_lack_text(part, names_may_lack=names_may_lack) for part in (before, behind))
