"""A decision about one language of an entry says nothing of the others."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import ANY_LANGUAGE, Entry, Status, draft_origin
from mkdocs_alttext.catalog.live import LiveCatalog
from mkdocs_alttext.review.editing import _ways_to_write, decided

if TYPE_CHECKING:
    from collections.abc import Mapping

TAGS = ("de", "en", "fr")
STATUSES = st.sampled_from(Status)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw an entry as a catalog may have it."""
    tags: list[str] = draw(st.lists(st.sampled_from(TAGS), unique=True))
    texts = {tag: f"Text in {tag}" for tag in tags}
    is_said_once: bool = draw(st.booleans())
    status: Mapping[str, Status] = {tag: draw(STATUSES) for tag in tags}
    if is_said_once or not tags:
        own = draw(STATUSES)
        status = {ANY_LANGUAGE: own if tags or own is not Status.REVIEWED else Status.DRAFT}
    notes = {}
    if draw(st.booleans()) and tags:
        where = draw(st.sampled_from([ANY_LANGUAGE, tags[0]]))
        notes = {"refused": {where: "answer-too-long"}}
    origin = draft_origin("alttextai", texts) if texts else None
    return Entry("a.png", status, texts, "0" * 64, origin, notes=notes)


def meaning(entry: Entry, tag: str) -> tuple[str | None, Status | None]:
    """Return the text and status that a language has, where it has a text."""
    text = entry.texts.get(tag)
    return text, entry.status(tag) if text else None


@given(
    entries(),
    st.lists(st.tuples(st.sampled_from(TAGS), STATUSES, st.booleans()), min_size=1, max_size=5),
)
def test_each_decision_is_written_and_taken_back(
    entry: Entry, decisions: list[tuple[str, Status, bool]]
) -> None:
    """In each form that an entry may have, and to the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "alttext.yml")
        text = CatalogText("b.png:\n  status: draft\n", "")
        text.add(entry)
        path.write_text(text.edited(""), encoding="utf-8")
        before = path.read_bytes()
        catalog = LiveCatalog(path, root=Path(folder))
        done = []
        for tag, status, is_new in decisions:
            own = catalog.entries["a.png"]
            is_lacking = status is not Status.DECORATIVE and tag not in own.texts
            written = f"New in {tag}" if is_new or is_lacking else None
            if status is Status.DECORATIVE:
                written = None
            new = decided(own, tag, status, written)
            others = {other: meaning(own, other) for other in TAGS if other != tag}
            if new != own:
                ways = _ways_to_write(new, own)
                done += catalog.change(
                    lambda own=own, ways=ways: [catalog.replace(own, *ways)]  # type: ignore[misc]
                )
            now = LiveCatalog(path, root=Path(folder)).entries["a.png"]
            assert now == catalog.entries["a.png"]
            assert now.status(tag) is status
            assert now.texts.get(tag) == (written or own.texts.get(tag))
            assert {other: meaning(now, other) for other in others} == others
            assert status is Status.DRAFT or now.note("refused", tag) is None
        catalog.change(lambda: [catalog.take_back(each) for each in reversed(done)])
        assert path.read_bytes() == before
