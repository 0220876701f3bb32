"""The catalog: what its file may say, and that a person's words stay through every writing."""

from __future__ import annotations

import hashlib
import stat
import textwrap
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.catalog.blocks import quoted, word
from mkdocs_alttext.catalog.drafting import PictureTexts, write_drafts
from mkdocs_alttext.catalog.editing import write_catalog
from mkdocs_alttext.catalog.entries import Entry, Status, draft_origin
from mkdocs_alttext.catalog.reading import (
    MOST_KEYS,
    decode,
    parse_catalog,
    read_bytes,
    read_catalog,
)
from mkdocs_alttext.exceptions import CatalogError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OLD, NEW, OTHER = "0a" * 32, "1b" * 32, "2c" * 32
NAME = "alttext.yml"
WRITTEN = f"""\
# Ours.

# The old logo, on purpose.
img/b.png:
    status: reviewed   # by Kim
    alt: 'It''s "B"'
    sha256: {OTHER}
    pages: {{guide.md: "On the guide", index.md: ""}}
    # Ask Kim before the relaunch.


"img/d.png": {{alt: {{de: Haus, en: House}}, status: draft}}
# The end.
"""


def parsed(text: str) -> Mapping[str, Entry]:
    """Read entries."""
    return parse_catalog(text, NAME)


def drafted(text: str, seen: Mapping[str, PictureTexts]) -> str:
    """Return a text with drafts; adding them again changes nothing."""
    changes = write_drafts(text, seen, service="alttextai", name=NAME)
    again = write_drafts(changes.text, seen, service="alttextai", name=NAME)
    assert again.text == changes.text
    assert [again.added, again.refreshed, again.completed] == [[], [], []]
    return changes.text


def seen(sha256: str = OLD, **texts: str) -> PictureTexts:
    """Return a picture with its texts by language."""
    return PictureTexts(sha256, texts)


def test_every_key_is_read() -> None:
    """In whatever style it is written."""
    entries = parsed(WRITTEN)
    assert list(entries) == ["img/b.png", "img/d.png"]
    assert entries["img/b.png"] == Entry(
        "img/b.png",
        {"": Status.REVIEWED},
        {"": 'It\'s "B"'},
        OTHER,
        None,
        {"guide.md": "On the guide", "index.md": ""},
        line=4,
    )
    assert entries["img/d.png"].texts == {"de": "Haus", "en": "House"}


@pytest.mark.parametrize("text", ["", "\n", "# Nothing yet.\n", "---\n", "{}\n", "---\n...\n"])
def test_a_file_without_entries_is_a_catalog(text: str) -> None:
    """So that one can be begun by hand."""
    assert parsed(text) == {}


BROKEN = {
    "a.png: {alt: [": (1, "alt is no text"),
    "a.png: {alt: x": (1, "not YAML"),
    "a.png:\n\talt: x\n": (2, "not YAML"),
    "<<<<<<< ours\na.png: {alt: x, status: draft}\n": (1, "A merge left a conflict"),
    "a.png: {alt: x, status: draft}\n=======\n": (2, "A merge left a conflict"),
    "a.png: {alt: x, status: draft}\nb.png: {alt: \x01}\n": (2, "not YAML"),
    "- a.png\n": (1, "a mapping from image paths"),
    "words\n": (1, "a mapping from image paths"),
    "a.png: {alt: x, status: draft}\n---\nb.png: {}\n": (2, "one document"),
    "a.png: x\n": (1, "An entry is a mapping"),
    "a.png:\n": (1, "An entry is a mapping"),
    "a.png:\n  - alt\n": (2, "An entry is a mapping"),
    "? [a]\n: {}\n": (1, "cannot be a key"),
    "a.png: {status: draft, alt: x}\n\na.png: {}\n": (3, "'a.png' is there already, in line 1"),
    "a.png:\n  alt: x\n  status: draft\n  alt: y\n": (4, "'alt' is there already, in line 2"),
    "a.png:\n  alt: {en: x, EN: y}\n  status: draft\n": (2, "The key 'EN' is there twice"),
    "a.png:\n  alt: {english please: x}\n  status: draft\n": (2, "is no language"),
    "a.png:\n  alt: x\n  state: draft\n": (3, "Unknown key 'state'. Known: alt, status"),
    "a.png:\n  alt: x\n": (1, "There is no status"),
    "a.png:\n  alt: x\n  status: aproved\n": (3, "Unknown status 'aproved'. Known: draft, rev"),
    "a.png:\n  alt: x\n  status: [draft]\n": (3, "status is no text"),
    "a.png:\n  status: reviewed\n": (1, "There is no alt"),
    "a.png:\n  status: {en: reviewed}\n": (1, "There is no alt for en"),
    "a.png:\n  status: {en: reviewed}\n  alt: x\n": (1, "give it one status"),
    "a.png:\n  status: {en: reviewed}\n  alt: {en: x, de: y}\n": (1, "no status for de"),
    "a.png:\n  status: {en: done}\n  alt: {en: x}\n": (2, "Unknown status 'done'"),
    "a.png:\n  status: {}\n": (2, "The value of status is empty"),
    "a.png:\n  status: draft\n  alt: {}\n": (3, "The value of alt is empty"),
    "a.png:\n  status: draft\n  suggestion: nice\n": (3, "The value of suggestion is no word"),
    "a.png:\n  status: draft\n  long: 404\n": (3, "in quotes"),
    "a.png:\n  status: draft\n  context: [guide.md]\n": (3, "context is no text"),
    "a.png:\n  status: draft\n  alt:\n": (3, "in quotes"),
    "a.png:\n  status: draft\n  alt: 404\n": (3, "in quotes"),
    "a.png:\n  status: draft\n  alt: yes\n": (3, "in quotes"),
    "a.png:\n  status: draft\n  alt: [x]\n": (3, "alt is no text"),
    "a.png:\n  status: draft\n  alt: ''\n": (3, "status: decorative"),
    'a.png:\n  status: draft\n  alt: "\\u200B "\n': (3, "status: decorative"),
    "a.png:\n  status: draft\n  alt: {en: {x: y}}\n": (3, "alt for en is no text"),
    "a.png:\n  status: decorative\n  sha256: 12\n": (3, "64 hexadecimal digits"),
    "a.png:\n  status: decorative\n  pages: guide.md\n": (3, "`pages` is a mapping"),
    "a.png:\n  status: decorative\n  pages: {guide.md: }\n": (3, "in quotes"),
    "a.png: &a {alt: x, status: draft}\n": (1, "Anchors and aliases"),
    "a.png: {alt: &x y, status: draft}\nb.png: {alt: *x, status: draft}\n": (1, "Anchors and"),
    "a.png: {alt: !!python/name:os.system x, status: draft}\n": (1, "Tags"),
}


@pytest.mark.parametrize(("text", "place"), BROKEN.items(), ids=list(BROKEN))
def test_what_is_wrong_is_named_with_its_line(text: str, place: tuple[int, str]) -> None:
    """One error, with file, line and reason; it counts as one of the settings."""
    with pytest.raises(CatalogError) as caught:
        parsed(text)
    line, reason = place
    assert caught.value.line == line
    assert reason in caught.value.reason
    assert str(caught.value).startswith(f"{NAME}, line {line}: ")
    assert isinstance(caught.value, ConfigurationError)


def test_aliases_are_refused_wherever_they_stand() -> None:
    """Also after anchors of keys."""
    with pytest.raises(CatalogError, match="aliases"):
        parsed("a.png: *x\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder, or another encoding; a file that is not there is an empty catalog."""
    assert read_catalog(tmp_path / NAME) == {}
    with pytest.raises(CatalogError, match="cannot be read"):
        read_catalog(tmp_path)
    path = tmp_path / NAME
    path.write_bytes("# Größe\na.png: {alt: größer, status: draft}\n".encode("latin-1"))
    with pytest.raises(CatalogError, match="line 1: This is not UTF-8"):
        read_catalog(path)


@given(st.text())
def test_nothing_but_its_own_error_comes_from_any_text(text: str) -> None:
    """Whatever stands in the file."""
    with suppress(CatalogError):
        parsed(text)


def test_without_the_c_parser_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may be built without it."""
    expected = parsed(WRITTEN)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert parsed(WRITTEN) == expected
    for text, (line, reason) in BROKEN.items():
        with pytest.raises(CatalogError) as caught:
            parsed(text)
        assert reason in caught.value.reason
        assert caught.value.line is not None
        assert abs(caught.value.line - line) <= 1  # where a document breaks off, they differ


@pytest.mark.parametrize(
    ("language", "code", "text"),
    [
        ("de", "de", "Haus"),
        ("de-AT", "de", "Haus"),
        ("DE_at", None, "Haus"),
        ("pt-BR", "pt", "Casa do Brasil"),
        ("pt", "pt", None),
        ("zh-Hant", "zh-tw", "Taiwan"),
        ("fr", "fr", None),
        ("cy", "und", "Any other"),
    ],
)
def test_a_page_gets_the_text_of_its_language(
    language: str, code: str | None, text: str | None
) -> None:
    """The nearest form of its tag, then the service's code; never another language."""
    texts = {"de": "Haus", "pt-br": "Casa do Brasil", "zh-tw": "Taiwan", "und": "Any other"}
    assert Entry("a.png", {"": Status.DRAFT}, texts).text(language, code) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_quoting(text: str) -> None:
    """On one line, alone, in braces and before a comment, for both parsers."""
    for scalar in (quoted(text), word(text)):
        assert scalar.splitlines() == [scalar]
        document = f"a: {scalar} # c\nb: [{scalar}, {{c: {scalar}}}]\n"
        for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            assert loader(document).get_single_data() == {"a": text, "b": [text, {"c": text}]}


PATHS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
CAPTIONS = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda text: any(each.isprintable() and each != " " for each in text)
)
LANGUAGES = st.sampled_from(["de", "en", "no", "pt-br", "zh"])


def each_its_own(path: str, picture: PictureTexts) -> PictureTexts:
    """Return what is known of a picture that no other path shows."""
    return replace(picture, sha256=hashlib.sha256((path + picture.sha256).encode()).hexdigest())


SEEN = st.dictionaries(
    PATHS,
    st.builds(PictureTexts, st.sampled_from([OLD, NEW]), st.dictionaries(LANGUAGES, CAPTIONS)),
    max_size=6,
).map(lambda pictures: {path: each_its_own(path, pictures[path]) for path in pictures})


@given(SEEN, SEEN)
def test_any_drafts_are_read_back_and_refreshed(
    first: dict[str, PictureTexts], second: dict[str, PictureTexts]
) -> None:
    """Whatever captions and paths hold; entries are sorted, and nothing is lost."""
    begun = drafted("", first)
    entries = parsed(begun)
    assert list(entries) == sorted(path for path in first if first[path].texts)
    for path, entry in entries.items():
        assert (entry.texts, entry.sha256) == (first[path].texts, first[path].sha256)
        assert entry.is_draft
        assert entry.is_untouched
    text = drafted(begun, second)
    after = parsed(text)
    assert list(after) == sorted({*entries, *(path for path in second if second[path].texts)})
    for path, now in second.items():
        if path in entries and entries[path].sha256 == now.sha256:
            assert after[path].texts == {**now.texts, **entries[path].texts}
        elif now.texts:
            assert (after[path].texts, after[path].sha256) == (now.texts, now.sha256)


@given(SEEN, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_a_person_wrote_stays(
    found: dict[str, PictureTexts],
    newline: str,
    ends: bool,  # noqa: FBT001 - a parameter of the property
) -> None:
    """Taking the new lines out again gives the old file: comments, quotes, order, line ends."""
    found = {path: each for path, each in found.items() if path not in parsed(WRITTEN)}
    text = WRITTEN.replace("\n", newline)
    text = text if ends else text.rstrip()
    after = drafted(text, found)
    lines = iter(after.splitlines(keepends=True))
    for line in text.splitlines():
        assert any(other.rstrip("\r\n") == line for other in lines)
    if newline == "\r\n":
        assert after.count("\n") == after.count("\r\n")
    assert parsed(after).keys() >= parsed(text).keys()


def test_an_entry_goes_to_its_place_above_the_next_ones_comments() -> None:
    """And keeps the distance that the others keep."""
    found = {path: seen(en="New") for path in ("img/a.png", "img/c.png", "img/e.png")}
    lines = drafted(WRITTEN, found).splitlines()
    assert lines[:3] == ["# Ours.", "", "img/a.png:"]
    assert lines[9:11] == ["# The old logo, on purpose.", "img/b.png:"]
    c = lines.index("img/c.png:")
    assert lines[c - 3 : c] == ["    # Ask Kim before the relaunch.", "", ""]
    assert lines[c + 6 : c + 8] == ["", '"img/d.png": {alt: {de: Haus, en: House}, status: draft}']
    assert lines[c + 8 : c + 10] == ["", "img/e.png:"]
    assert lines[-1] == "# The end."


@pytest.mark.parametrize(
    ("comment", "belongs_to"),
    [
        ("# The new logo.", "img/d.png"),
        ("  # Ask Kim.", "img/b.png"),
        ("    # Ask Kim.", "img/b.png"),
        ("  # Ask Kim.\n# The new logo.", "both"),
    ],
)
@pytest.mark.parametrize("indentation", ["", "  "])
def test_a_comment_stays_with_the_entry_that_it_is_indented_for(
    comment: str, belongs_to: str, indentation: str
) -> None:
    """Where no blank line tells: one of the keys' own indentation is about what follows it."""
    entry = "img/{}.png:\n  alt: A\n  status: reviewed\n  sha256: {}\n"
    before = f"{entry.format('b', OLD)}{comment}\n{entry.format('d', OLD)}  # The last.\n"
    before = textwrap.indent(before, indentation)
    lines = drafted(before, {f"img/{each}.png": seen(en="New") for each in "ce"}).splitlines()
    above, last = (lines.index(f"{indentation}img/{each}.png:") - 1 for each in "ce")
    below = lines.index(f"{indentation}img/d.png:") - 1
    first, *others = (f"{indentation}{line}" for line in comment.splitlines())
    assert lines[above] == (first if belongs_to != "img/d.png" else f"{indentation}  sha256: {OLD}")
    assert (lines[below] == [first, *others][-1]) == (belongs_to != "img/b.png")
    assert lines[last] == f"{indentation}  # The last."


def test_a_comment_below_the_languages_stays_below_them() -> None:
    """A language that comes last goes behind the comments that are indented more."""
    text = draft({"de": "Alt"}).replace('"Alt"', '"Alt"\n      # deeper\n    # of the next line')
    text = text.replace(OLD, NEW)
    added = text.replace("# deeper\n", '# deeper\n    en: "New"\n')
    origin = draft_origin("alttextai", {"de": "Alt"})
    added = added.replace(origin, draft_origin("alttextai", {"de": "Alt", "en": "New"}))
    assert drafted(text, {"a.png": seen(NEW, de="Alt", en="New")}) == added


def draft(texts: Mapping[str, str], *, sha256: str = OLD, status: str = "draft") -> str:
    """Write an entry for `a.png` as the command does, with a comment of a person."""
    lines = "".join(f"    {language}: {quoted(text)}\n" for language, text in texts.items())
    return (
        f"a.png:\n  alt:\n{lines}  status: {status} # hm\n  sha256: {sha256}\n"
        f"  origin: {draft_origin('alttextai', texts)}\n"
    )


def test_a_draft_that_nobody_changed_is_refreshed_in_its_values_alone() -> None:
    """When the picture changed and the cache has a text for the new one."""
    after = drafted(draft({"en": "Old"}), {"a.png": seen(NEW, en="New")})
    assert after == draft({"en": "New"}, sha256=NEW)


@pytest.mark.parametrize("sign", ["|-", ">-", ">2-"])
@pytest.mark.parametrize("behind", ["", "\n\n", "\n  # of a person"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_text_over_several_lines_is_refreshed(sign: str, behind: str, newline: str) -> None:
    """As editors fold long ones; what is behind it stays."""
    folded = f"{sign}\n      Old" + ("\n      #1" if "|" in sign else " #1")
    texts = {"de": "Alt", "en": "Old\n#1" if "|" in sign else "Old #1"}
    text = draft(texts).replace(quoted(texts["en"]), folded + behind).replace("\n", newline)
    after = draft({"en": "New"}, sha256=NEW).replace('"New"', f'"New"{behind}')
    assert drafted(text, {"a.png": seen(NEW, en="New")}) == after.replace("\n", newline)
    at_german = draft(texts).replace('"Alt"', f"{sign}\n      Alt").replace("\n", newline)
    refreshed = draft({"en": "New"}, sha256=NEW).replace("\n", newline)
    assert drafted(at_german, {"a.png": seen(NEW, en="New")}) == refreshed


def test_languages_come_and_go_with_the_picture() -> None:
    """A new page's language is added; one without a text for the new picture is taken out."""
    two = draft({"de": "Alt", "en": "Old"})
    assert drafted(draft({"en": "Old"}), {"a.png": seen(OLD, de="Alt")}) == two
    assert drafted(two, {"a.png": seen(NEW, en="New", fr="Neuf")}) == draft(
        {"en": "New", "fr": "Neuf"}, sha256=NEW
    )


BY_LINE, IN_BRACES = '\n    de: "Alt"\n    en: "Old"\n', ' {de: "Alt", en: "Old"}\n'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (draft({"en": "Old"}, status="reviewed"), "stale"),
        (draft({"en": "Old"}).replace('"Old"', "Older"), "stale"),
        (draft({"en": "Old"}, status="decorative"), "stale"),
        (draft({"en": "Old"}).replace('"Old"', "|- # why?\n      Old"), "stuck"),
        (draft({"de": "Alt", "en": "Old"}).replace('"Alt"', '"Alt" # why?'), "stuck"),
        (draft({"de": "Alt", "en": "Old"}).replace(BY_LINE, IN_BRACES), "stuck"),
        (draft({"de": "Alt", "en": "Old"}).replace('"Alt"', "|- # #\n      Alt"), "stuck"),
    ],
)
def test_words_of_a_person_stay_when_the_picture_changed(text: str, kind: str) -> None:
    """An approved text, a corrected draft, a comment that has nowhere to go."""
    changes = write_drafts(text, {"a.png": seen(NEW, en="New")}, service="alttextai", name=NAME)
    assert changes.text == text
    assert getattr(changes, kind) == ["a.png"]


def test_a_stale_draft_without_a_new_text_waits_for_one() -> None:
    """The old text is not put under the new digest."""
    text = draft({"en": "Old"})
    changes = write_drafts(text, {"a.png": seen(NEW)}, service="alttextai", name=NAME)
    assert (changes.text, changes.outdated) == (text, ["a.png"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a.png:\n  status: decorative", f"a.png:\n  status: decorative\n  sha256: {NEW}\n"),
        (
            "a.png:\n  status: reviewed # ok\n  alt: A\n",
            f"a.png:\n  status: reviewed # ok\n  sha256: {NEW}\n  alt: A\n",
        ),
        (
            "a.png: {status: reviewed, alt: A} # ok\n",
            f"a.png: {{status: reviewed, sha256: {NEW}, alt: A}} # ok\n",
        ),
    ],
)
def test_an_entry_without_a_digest_gets_it(before: str, after: str) -> None:
    """So that the next change of the picture is noticed; the text is approved for this one."""
    assert drafted(before, {"a.png": seen(NEW)}) == after


def test_entries_of_other_images_are_never_removed() -> None:
    """The picture may be on a branch, or on pages that are not built here."""
    assert drafted(WRITTEN, {}) == WRITTEN


@pytest.mark.parametrize("text", ["{b.png: {alt: x, status: draft}}\n", "{}\n"])
def test_what_cannot_be_added_to_is_refused(text: str) -> None:
    """With advice, instead of printing it anew."""
    with pytest.raises(CatalogError, match="lines of its own"):
        drafted(text, {"a.png": seen(en="A")})


def test_a_file_is_replaced_in_one_step_and_keeps_what_it_is(tmp_path: Path) -> None:
    """Byte order mark and permissions; nothing is left beside it."""
    path = tmp_path / NAME
    path.write_bytes(b"\xef\xbb\xbf" + WRITTEN.encode())
    path.chmod(0o640)
    before = read_bytes(path)
    assert before is not None
    text = drafted(decode(before, NAME), {"z.png": seen(en="Z")})
    write_catalog(path, text.encode(), before=before)
    assert path.read_bytes() == b"\xef\xbb\xbf" + text.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == [NAME]
    assert read_catalog(path).keys() == {"img/b.png", "img/d.png", "z.png"}


def test_a_file_that_somebody_else_wrote_meanwhile_is_left(tmp_path: Path) -> None:
    """An editor may save while the site is built."""
    path = tmp_path / NAME
    path.write_text("# theirs\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="changed just now"):
        write_catalog(path, b"", before=None)
    assert path.read_text(encoding="utf-8") == "# theirs\n"


def test_its_folder_is_made(tmp_path: Path) -> None:
    """As that of a report is."""
    path = tmp_path / "data" / "more" / NAME
    write_catalog(path, WRITTEN.encode(), before=None)
    assert path.read_text(encoding="utf-8") == WRITTEN


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """And nothing is left."""
    (tmp_path / "taken").touch()
    with pytest.raises(CatalogError, match="cannot be"):
        write_catalog(tmp_path / "taken" / NAME, b"", before=None)
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("target", ["real.yml", "none/real.yml"])
def test_a_catalog_is_not_written_through_a_link(tmp_path: Path, target: str) -> None:
    """Whoever commits a link could choose any file that is to change; the option can name one."""
    (tmp_path / "real.yml").write_text(WRITTEN, encoding="utf-8")
    path = tmp_path / NAME
    path.symlink_to(target)
    with pytest.raises(CatalogError, match="symbolic link"):
        write_catalog(path, b"", before=read_bytes(path))
    assert (tmp_path / "real.yml").read_text(encoding="utf-8") == WRITTEN
    assert not (tmp_path / "none").exists()


SECRETS = (
    "sk-live-4f9a8b7c6d5e4f3a",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xK9mPq2vLw8z",
    "a1b2c3d4",
    "correct horse battery",
    "p@ssw0rd",
    "123456",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text",
    [
        "api: {{status: '{}'}}\n",
        "api: {{'{}': x}}\n",
        "api: {{alt: {{'{}': x}}, status: draft}}\n",
        "api: {{alt: x, status: draft, refused: '{}'}}\n",
        "api: {{alt: x, status: draft, sha256: '{}'}}\n",
        "api: '{}'\n",
        "'{}'\n",
    ],
)
def test_a_foreign_file_s_values_are_not_repeated(text: str, secret: str) -> None:
    """A committed option may name any file of this machine, and logs are public."""
    with pytest.raises(CatalogError) as raised:
        parse_catalog(text.format(secret), "keys.yml")
    assert secret not in str(raised.value)
    assert "line 1" in str(raised.value)


@pytest.mark.parametrize("word", ["sha265", "Status", "ALT", "reveiwed", "de_facto"])
def test_a_slip_of_a_word_is_repeated(word: str) -> None:
    """It is what a person looks for."""
    with pytest.raises(CatalogError, match=f"'{word}'"):
        parse_catalog(f"a.png: {{{word}: x}}\n", "alttext.yml")
    with pytest.raises(CatalogError, match=f"'{word}'"):
        parse_catalog(f"a.png: {{status: {word}}}\n", "alttext.yml")


@pytest.mark.parametrize(
    ("head", "entry", "keys"),
    [("", "{:x}: {{status: decorative}}\n", 2), ("a: {{alt: x, pages: {{\n", "{:x}: x,\n", 1)],
)
def test_a_catalog_of_too_many_keys_is_refused(head: str, entry: str, keys: int) -> None:
    """They take far more memory than the file has bytes; the line says where they are too many."""
    count = 300_000 // keys
    text = head.format() + "".join(map(entry.format, range(count + 1)))
    with pytest.raises(CatalogError, match="more than 300000 keys") as raised:
        parse_catalog(text, "alttext.yml")
    first = 3 if head else 0
    assert raised.value.line == bool(head) + count + 1 - first


def test_a_catalog_of_as_many_keys_is_read() -> None:
    """They are counted wherever they stand."""
    pages = "".join(map("{:x}: x,\n".format, range(MOST_KEYS - 4)))
    text = "a: {{alt: x, status: draft, pages: {{\n{}}}}}\n"
    assert parse_catalog(text.format(pages), "alttext.yml").keys() == {"a"}
    with pytest.raises(CatalogError, match="more than 300000 keys"):
        parse_catalog(text.format(f"x: x,\n{pages}"), "alttext.yml")
