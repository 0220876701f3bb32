"""What was paid for and is not published: offered in the catalog, and never paid for again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from api_server import faults
from built_site import TinySite, picture
from click.testing import CliRunner

from mkdocs_alttext.catalog.drafting import PictureTexts, write_drafts
from mkdocs_alttext.catalog.reading import parse_catalog
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.models import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

SHA256 = "0a" * 32
LONG = "A red kite over a green hill, "
DOCS: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}


def drafted(text: str, seen: PictureTexts) -> str:
    """Return a text with drafts; adding them again changes nothing."""
    changes = write_drafts(text, {"a.png": seen}, service="alttextai", name="alttext.yml")
    again = write_drafts(changes.text, {"a.png": seen}, service="alttextai", name="alttext.yml")
    assert again.text == changes.text
    return changes.text


def test_a_refused_text_is_a_draft_with_its_reason() -> None:
    """So that a person can use what was paid for."""
    text = drafted(
        "", PictureTexts(SHA256, {"en": LONG}, {"refused": {"en": Reason.ANSWER_TOO_LONG}})
    )
    assert text.endswith("  refused: answer-too-long\n")
    (entry,) = parse_catalog(text, "").values()
    assert entry.texts == {"en": LONG}
    assert entry.refusal("en-GB") is Reason.ANSWER_TOO_LONG


def test_only_some_languages_may_be_refused() -> None:
    """Then the reason stands beside its language."""
    seen = PictureTexts(
        SHA256, {"en": "A kite", "de": LONG}, {"refused": {"de": "answer-too-long"}}
    )
    text = drafted("", seen)
    assert text.endswith("  refused: {de: answer-too-long}\n")
    (entry,) = parse_catalog(text, "").values()
    assert (entry.refusal("en"), entry.refusal("de-AT")) == (None, Reason.ANSWER_TOO_LONG)


@pytest.mark.parametrize(
    ("before", "after", "ending"),
    [
        ({"en": "answer-too-long"}, {}, "sha256"),
        ({}, {"en": "answer-too-long"}, "refused: answer-too-long\n"),
        ({"en": "answer-too-long"}, {"en": "answer-refusal"}, "refused: answer-refusal\n"),
        ({"en": "answer-too-long", "de": "answer-too-long"}, {"de": "answer-too-long"}, "{de: ans"),
        ({"de": "answer-too-long"}, {}, "sha256"),
    ],
)
def test_a_draft_that_nobody_changed_follows_the_rules(
    before: dict[str, str], after: dict[str, str], ending: str
) -> None:
    """The text stays, and a comment of a person beside it."""
    texts = {"en": LONG, "de": LONG} if "de" in before else {"en": LONG}
    first, then = (PictureTexts(SHA256, texts, {"refused": each}) for each in (before, after))
    text = drafted("", first).replace("  status: draft\n", "  status: draft # Kim looks\n")
    new = drafted(text, then)
    assert "# Kim looks" in new
    assert ending in new
    (entry,) = parse_catalog(new, "").values()
    assert entry.texts == texts
    assert ("refused" in entry.notes) is bool(after)


def test_a_draft_that_somebody_changed_is_left_as_it_is() -> None:
    """Whatever the rules say of the text in the cache."""
    seen = PictureTexts(SHA256, {"en": LONG}, {"refused": {"en": Reason.ANSWER_TOO_LONG}})
    text = drafted("", seen).replace(LONG, "My words")
    assert drafted(text, PictureTexts(SHA256, {"en": LONG})) == text


@pytest.mark.parametrize("refused", ["soon", "[answer-empty]", "{en: soon}", "{en: [x]}"])
def test_only_reasons_are_understood(refused: str) -> None:
    """A slip is told with its line."""
    text = f"a.png:\n  alt: x\n  status: draft\n  refused: {refused}\n"
    with pytest.raises(CatalogError, match=r"line 4: The value of refused( for en)? is no reason"):
        parse_catalog(text, "alttext.yml")


def site(folder: Path, server: ApiServer, **options: Any) -> TinySite:  # noqa: ANN401 - options
    """Make the site."""
    folder.mkdir(exist_ok=True)
    return TinySite(folder, DOCS, {"base_url": server.base_url, **options})


def run_catalog(tiny: TinySite) -> str:
    """Run `mkdocs-alttext catalog`, and return the file's text."""
    tiny.write()
    result = CliRunner().invoke(main, ["catalog", "-f", str(tiny.folder / "mkdocs.yml")])
    assert result.exit_code == 0, result.output
    return (tiny.folder / "alttext.yml").read_text(encoding="utf-8")


def test_the_life_of_a_refused_answer(tmp_path: Path, server: ApiServer) -> None:
    """One credit in all: refused, drafted, published by another option, or by a person."""
    server.script(None, faults.text(LONG * 3))
    short = site(tmp_path / "main", server, max_length=40)
    assert short.build().outcomes[-1].endswith("missing None answer-too-long")
    written = run_catalog(short)
    assert "refused: answer-too-long" in written
    assert short.build().outcomes[-1].endswith("missing None answer-too-long")
    # Another machine has the catalog and no cache: it knows that the answer was paid for.
    fork = site(tmp_path / "fork", server, max_length=40)
    shutil.copy(short.folder / "alttext.yml", fork.folder)
    assert fork.build().outcomes[-1].endswith("missing None answer-too-long")
    # A larger limit publishes it, and the command takes the reason away.
    long = site(tmp_path / "main", server, max_length=300)
    assert LONG.strip() in long.build().page()
    assert "refused" not in run_catalog(long)
    assert LONG.strip() in long.build().page()
    # A person approves another text.
    approved = written.replace("status: draft", "status: reviewed").replace(LONG * 2, "")
    (fork.folder / "alttext.yml").write_text(approved, encoding="utf-8")
    assert fork.build().outcomes[-1] == "a.png use-stored filled catalog None"
    assert sum(call.path.endswith("/generate") for call in server.calls) == 1


@pytest.mark.parametrize("alt", ["a.png", "404", "image", "I'm sorry, I cannot help.", "x" * 301])
def test_a_draft_is_judged_like_any_other_text(tmp_path: Path, server: ApiServer, alt: str) -> None:
    """Nobody has approved it; and it is not asked for again."""
    tiny = site(tmp_path, server)
    (tmp_path / "alttext.yml").write_text(
        f'a.png:\n  alt: "{alt}"\n  status: draft\n', encoding="utf-8"
    )
    built = tiny.build()
    assert built.page() == tiny.build(plugin=False).page()
    assert " missing None answer-" in built.outcomes[-1]
    assert not [call for call in server.calls if call.path.endswith("/generate")]


def test_what_the_rules_dislike_of_a_persons_text_is_published(
    tmp_path: Path, server: ApiServer
) -> None:
    """Whoever approved it had a reason; only what cannot be printed goes."""
    tiny = site(tmp_path, server)
    (tmp_path / "alttext.yml").write_text(
        'a.png:\n  alt: "Image\\u202e of 404"\n  status: reviewed\n'
        "  refused: answer-digits\n  pages: {index.md: image}\n",
        encoding="utf-8",
    )
    assert 'alt="image"' in tiny.build().page()
    (tmp_path / "alttext.yml").write_text(
        'a.png:\n  alt: "Image\\u202e of 404"\n  status: reviewed\n  refused: answer-digits\n',
        encoding="utf-8",
    )
    assert 'alt="Image of 404"' in tiny.build().page()
