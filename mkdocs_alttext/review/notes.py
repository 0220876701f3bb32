"""What is worth a look in a text, and why a text is not published, as notes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs_alttext.captioning.judging import LONG_TEXT, has_redundant_opening
from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.html.attributes import Attributes, fault_of_text, is_description
from mkdocs_alttext.models import Reason
from mkdocs_alttext.review.items import Note

if TYPE_CHECKING:
    from collections.abc import Iterator


def remarks(text: str, path: str, *, is_approved: bool = False) -> Iterator[Note]:
    """Yield what is worth a look in a text, whoever wrote it.

    Args:
        text: The text.
        path: The picture's, whose name is none.
        is_approved: Whether a person approved it: plain words are a text then, though the file is
            called so.
    """
    if not text:
        return
    image = Attributes({"alt": text, "src": path})
    fault = fault_of_text(text, image)
    is_meant = is_approved and is_description(text, image, replaces_file_names=True)
    if fault and not (fault is Reason.FILENAME_ALT and is_meant):
        yield note_of("remark", fault)
    if has_redundant_opening(text):
        yield note_of("remark", Reason.OPENING_ALT)
    if len(text) > LONG_TEXT:
        yield note_of("remark", Reason.LONG_TEXT)


def note_of(kind: str, reason: Reason, detail: str = "") -> Note:
    """Return a note of some kind with the words of a reason."""
    explanation = explanations()[reason]
    return Note(kind, reason.value, explanation.meaning, explanation.action, detail)
