"""Whether an answer is published: judged at each use, whoever stored it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from api_server import faults
from built_site import TinySite, picture

from mkdocs_alttext.cache.base import MOST_CHARACTERS
from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.models import Reason, StoredAnswer

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

DOCS: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
WITH_KEY = "Sign-in form with the key ghp_a1B2c3D4e5F6g7H8i9J0"


def judged(answer: StoredAnswer, page: str = "") -> str:
    """Return what is published, or the reason why nothing is."""
    try:
        return published(
            answer, language="en", file_name="a.png", max_length=300, page_text=page.__str__
        )
    except AnswerError as error:
        return error.reason.value


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (StoredAnswer('Alt text: "A red <b>bicycle</b>"'), "A red bicycle"),
        (StoredAnswer("A red bicycle\u202e\x00"), "A red bicycle"),
        (StoredAnswer(""), "answer-empty"),
        (StoredAnswer("a.png"), "answer-filename"),
        (StoredAnswer("x" * 301), "answer-too-long"),
        (StoredAnswer(("<b> </b>" * MOST_CHARACTERS)[:MOST_CHARACTERS]), "answer-too-long"),
        (StoredAnswer(failed=Reason.NO_TEXT_FOUND), "no-text-found"),
        (StoredAnswer("A bicycle", failed=Reason.IMAGE_REJECTED), "image-rejected"),
        (StoredAnswer(WITH_KEY), "answer-sensitive"),
        (StoredAnswer("Log in as user&#64;firm.dev"), "answer-sensitive"),
        (StoredAnswer("See https&colon;//firm.dev/x"), "answer-sensitive"),
        (StoredAnswer("See https:<b></b>//firm.dev/x"), "answer-sensitive"),
        (StoredAnswer("Key \uff21\uff2b\uff29\uff21IOSFODNN7EXAMPLQ"), "answer-sensitive"),
        (StoredAnswer("At https\uff1a//firm.dev/x"), "answer-sensitive"),
        (StoredAnswer("At evil-site.com/login"), "answer-sensitive"),
        (StoredAnswer("At https://firm.dev$/x"), "answer-sensitive"),
        (StoredAnswer("At postgres://user:s3cret@localhost/db"), "answer-sensitive"),
        (StoredAnswer("Mail jo@xn--80ak6aa92e.xn--p1ai"), "answer-sensitive"),
        (StoredAnswer("Open https://{host}/x"), "Open https://{host}/x"),
    ],
)
def test_an_answer_is_judged_by_what_it_says(answer: StoredAnswer, result: str) -> None:
    """As it is published: unescaped, without tags, and in whatever width its letters are."""
    assert judged(answer) == result


def test_what_the_page_shows_anyway_is_no_secret() -> None:
    """In its text or its source, whatever the case."""
    assert judged(StoredAnswer(WITH_KEY), f"<a href='#'>{WITH_KEY.upper()}</a>") == WITH_KEY


@pytest.mark.parametrize("service", ["A key: {}", "See {}"])
@pytest.mark.parametrize("what", ["kim@firm.dev", "https://firm.dev/x", "AKIAIOSFODNN7EXAMPLE"])
def test_a_text_with_a_secret_is_not_published(
    tmp_path: Path, server: ApiServer, service: str, what: str
) -> None:
    """It was paid for, and is not asked for again; a page that has it may have it."""
    text = service.format(what)
    server.decide = lambda call: faults.text(text) if call.path == "/generate" else None
    options = {"base_url": server.base_url}
    tiny = TinySite(tmp_path, DOCS, options)
    for _ in range(2):
        built = tiny.build()
        assert what not in built.page()
        assert built.outcomes[-1].endswith("missing None answer-sensitive")
    assert len([call for call in server.calls if call.path == "/generate"]) == 1
    other = TinySite(tmp_path / "other", {**DOCS, "index.md": f"`{what}`\n\n![](a.png)"}, options)
    other.folder.mkdir()
    assert text in other.build().page()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A lamp\u202e\x1b[31m", None),
        ("a.png", "answer-filename"),
        ("x" * 3000, "answer-too-long"),
        ("A lamp on a very long table", "answer-too-long"),
        ("To kim@firm.dev", "answer-sensitive"),
        ("<script>alert(1)</script>", None),
    ],
)
def test_a_planted_text_is_judged_like_a_new_one(
    tmp_path: Path, server: ApiServer, text: str, reason: str | None
) -> None:
    """A pull request can bring a cache."""
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url, "max_length": 20})
    server.decide = lambda call: faults.text("A lamp") if call.path == "/generate" else None
    tiny.build()
    with closing(sqlite3.connect(next(tmp_path.rglob("cache.db")))) as connection, connection:
        query = "SELECT key, value FROM Cache WHERE key LIKE 'answer/%'"
        name, entry = connection.execute(query).fetchone()
        fields = json.loads(entry) | {"text": text}
        key = name.partition("/")[2]
        written = f"{key}\x00{text}".encode()
        fields["check"] = hashlib.sha256(written).hexdigest()[:16]
        change = "UPDATE Cache SET value = ? WHERE key = ?"
        connection.execute(change, (json.dumps(fields), name))
    built = tiny.build()
    outcome = built.outcomes[-1]
    assert outcome.endswith(f"missing None {reason}" if reason else "filled store None")
    assert "\x1b" not in built.page()
    assert "\u202e" not in built.page()
    assert "<script" not in built.page()
    assert len([call for call in server.calls if call.path == "/generate"]) == 1
