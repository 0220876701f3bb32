"""The decision table of docs/decisions.md, case by case: a file of `golden/` for each row.

A case is a mapping:

- `name`, unique in its file;
- `pairs`: rows that it tells apart, such as `8-9`;
- `html`, where `{mark}` stands for the attribute that the Markdown extension sets;
- `page`: `path`, `language`, `whole`, `opted_out`;
- `source`: the page's Markdown, where that matters;
- `options`: `empty_alt`, `replace_filenames`, `skip_classes`, `provenance`, `exclude`, `site_url`;
- `files`: path in the built site → `picture`, `spacer`, `truncated`, or `{text: …}`;
- `titles`: path in the built site → title of that page;
- `answers`: file name → a text from the service, `{stored: …}` or `{failure: …}`;
- `expect`, the HTML after the pass; left out when no byte but the mark changes;
- `outcomes`: one line an image, `decision outcome origin reason`, with `-` for none;
- `once`: why a second pass over the result may change it; the law holds for all other cases.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from fake_site import MARK, MARKED, PAGE, FakeSite, picture

from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.html.edits import Edit, apply_edits, remove_attribute
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE, OPT_OUT_ATTRIBUTE
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Decision, Failure, Origin, Reason, StoredAnswer
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.pages.image import PROVENANCE_ATTRIBUTE
from mkdocs_alttext.pages.include_exclude import Selection
from mkdocs_alttext.sources.images import names_emptied

if TYPE_CHECKING:
    from mkdocs_alttext.captioning.request import CaptionResult
    from mkdocs_alttext.html.scanner import ImageTag
    from mkdocs_alttext.models import Outcome

GOLDEN = Path(__file__).parent / "golden"
_FILES = {
    "picture": picture(),
    "spacer": picture((1, 1)),
    "truncated": picture((64, 64))[:60],
}
PAIRS: dict[str, str] = {
    "0-16": "what looks like an image, and an image in an odd container",
    "1-2": "an opt-out on an image with a text",
    "1-3": "an opt-out on a hidden image",
    "1-5": "two ways to say that an image is decorative",
    "1-13": "a picture that must not be described, and one that cannot be",
    "2-3": "a text on a hidden image",
    "2-4": "two names",
    "2-5": "a text, and none, where `alt` stands twice or looks odd",
    "2-16": "a text, and what counts as none",
    "3-4": "ARIA attributes that hide, and those that name",
    "3-5": "two ways to say that an image is decorative",
    "3-16": "what only seems to hide",
    "4-5": "a name beside an empty `alt`",
    "4-16": "what only seems to name",
    "5-6": "a spacer with an empty `alt`",
    "5-8": "an empty `alt` in a link with a text",
    "5-16": "an author's empty `alt`, and a forgotten one",
    "6-7": "a spacer with a map",
    "6-13": "a spacer whose file cannot be had",
    "7-8": "a map in a link with a text",
    "7-13": "a map whose file cannot be had",
    "8-9": "a link to a page, with a text and without",
    "8-10": "a lightbox, with a text and without",
    "8-11": "a link elsewhere, with a text and without",
    "8-12": "links and buttons",
    "9-10": "links to a page and to a picture",
    "9-11": "links to a page of this site and to another site's",
    "9-13": "a link to a page, around a picture that cannot be had",
    "10-11": "links elsewhere, to a picture and to a page",
    "11-12": "links and buttons around nothing but an image",
    "12-13": "a button around a picture that cannot be had",
    "12-16": "buttons with a text and without",
    "13-14": "SVGs that cannot be had, and those with a title",
    "13-15": "a stored text for a picture that cannot be had",
    "13-16": "pictures that can be sent, and those that cannot",
    "14-15": "an SVG's title and a stored text",
    "14-16": "an SVG's title and a question",
    "15-16": "a stored text and a question",
}
"""Rows that are easily taken for one another, and where: cases tell the two of each pair apart."""
_SILENT = {0, 10, 11}
"""Rows that never appear in a report: no image, or the rows below decide."""
_LEAST = 3
_OURS = ("alt", PROVENANCE_ATTRIBUTE, OPT_OUT_ATTRIBUTE, MARK_ATTRIBUTE)
_KEYS = {
    "name",
    "pairs",
    "html",
    "page",
    "source",
    "options",
    "files",
    "titles",
    "answers",
    "expect",
    "once",
    "outcomes",
}


@cache
def _read(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return cases


def _cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(GOLDEN.glob("*.yml"))
        for case in _read(path)
    ]


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    """The page comes out as written down, and the laws of every page hold."""
    assert set(case) <= _KEYS, "a misspelt key"
    html = case["html"].replace("{mark}", MARKED)
    original = MARK.remove(html)
    site, page = _site(case), _page(case)

    filled = fill_page(html, page, site.parts, wait=True)

    assert filled.html == case.get("expect", original)
    assert [_line(outcome) for outcome in filled.outcomes] == (case["outcomes"] or [])

    assert MARK.value not in filled.html
    again = fill_page(filled.html, page, site.parts, wait=True)
    assert (again.html == filled.html) is ("once" not in case)
    article = fill_page(html, page._replace(is_whole=False), site.parts, wait=True)
    assert fill_page(article.html, page, site.parts, wait=True).html == filled.html
    assert _undone(original, filled.html) == original


def test_every_row_has_cases() -> None:
    """A row without cases is not done."""
    expected = {f"row-{number:02}-{row.value}" for number, row in enumerate(Decision)}
    found = {path.stem for path in GOLDEN.glob("row-*.yml")}
    assert found >= expected
    for name in expected:
        cases = _read(GOLDEN / f"{name}.yml")
        assert len(cases) >= _LEAST, name


@pytest.mark.parametrize("pair", PAIRS)
def test_every_pair_of_rows_has_cases_that_tell_them_apart(pair: str) -> None:
    """Each case decides one of the two rows, and among them they decide both."""
    rows = {int(row) for row in pair.split("-")}
    cases = [case for case in _all_cases() if pair in case.get("pairs", [])]
    assert len(cases) >= _LEAST
    decided = [_rows_of(case) & rows for case in cases]
    assert all(decided) or rows <= _SILENT
    assert set().union(*decided) == rows - _SILENT


def test_the_cases_name_known_pairs_and_no_name_twice() -> None:
    """A pair that is misspelt would not be counted."""
    named = {pair for case in _all_cases() for pair in case.get("pairs", [])}
    assert named == PAIRS.keys()
    for path in GOLDEN.glob("*.yml"):
        names = [case["name"] for case in _read(path)]
        assert len(names) == len(set(names)), path.name


def _all_cases() -> list[dict[str, Any]]:
    return [case for path in sorted(GOLDEN.glob("*.yml")) for case in _read(path)]


def _rows_of(case: dict[str, Any]) -> set[int]:
    rows = list(Decision)
    return {rows.index(Decision(line.split()[0])) for line in case["outcomes"]}


def _site(case: dict[str, Any]) -> FakeSite:
    options = dict(case.get("options", {}))
    site = FakeSite(
        answers={name: _answer(each) for name, each in case.get("answers", {}).items()},
        titles=case.get("titles", {}),
        selection=Selection([], options.pop("exclude", [])),
        shows_provenance=options.pop("provenance", False),
        policy=Policy(
            EmptyAlt(options.pop("empty_alt", "markdown")),
            replace_filenames=options.pop("replace_filenames", False),
            skip_classes=frozenset(options.pop("skip_classes", [])),
        ),
    )
    site.site_url = options.pop("site_url", site.site_url)
    assert not options, "an unknown option"
    if "files" in case:
        site.files = {
            path: kind["text"].encode() if isinstance(kind, dict) else _FILES[kind]
            for path, kind in case["files"].items()
        }
    return site


def _page(case: dict[str, Any]) -> Any:  # noqa: ANN401 - the dataclass checks its own fields
    facts = dict(case.get("page", {}))
    if "whole" in facts:
        facts["is_whole"] = facts.pop("whole")
    if "source" in case:
        facts["emptied"] = partial(names_emptied, case["source"])
    return PAGE._replace(**facts)


def _answer(written: str | dict[str, str]) -> CaptionResult:
    if isinstance(written, str):
        return CaptionResponse(StoredAnswer(written), Origin.SERVICE)
    if "stored" in written:
        return CaptionResponse(StoredAnswer(written["stored"]), Origin.STORE)
    return Failure(Reason(written["failure"]))


def _line(outcome: Outcome) -> str:
    origin, reason = (each.value if each else "-" for each in (outcome.origin, outcome.reason))
    return f"{outcome.decision} {outcome.result.value} {origin} {reason}"


def _undone(original: str, filled: str) -> str:
    """Take out of the images what a pass wrote, and give them back what it replaced."""
    before, after = scan(original), scan(filled)
    edits: list[Edit] = []
    for old, new in zip(before, after, strict=True):
        written = original[old.start : old.end]
        if filled[new.start : new.end] == written:
            continue
        if any(name in old.attributes for name in _OURS):
            assert _others(original, old) == _others(filled, new)
            edits.append(Edit(new.start, new.end, written))
        else:
            for name in _OURS:
                edits += remove_attribute(filled, new, name)
    return apply_edits(filled, edits)


def _others(html: str, tag: ImageTag) -> list[str]:
    return [html[each.start : each.end] for each in tag.spans if each.name not in _OURS]
