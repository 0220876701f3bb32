"""What an author says of a page: no is no, and what nobody understands sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import Built, TinySite, picture
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.exceptions import Abort
from mkdocs.utils.meta import get_data

from mkdocs_alttext.site.pages import PageWish, wish_of

if TYPE_CHECKING:
    from pathlib import Path

NO = [
    *("false", "no", '"no"', "No", "off", "0", '"0"', "none", "skip", '" FALSE "', "n"),
    *("{enabled: false}", "{skip: true}", '{enabled: "no"}', "{enabled: false, lang: fr}"),
    "{enabled: false, skip: true}",
]
YES = [
    *("true", "yes", "on", "1", "", "~", '""', "{}", "{enabled: true}", "{skip: false}"),
    "{enabled: true, skip: no}",
]
FRENCH = [
    "{lang: fr}",
    "{language: fr}",
    "{lang: fr, language: fr}",
    "{enabled: yes, lang: ' fr '}",
]
DOUBTFUL = [
    *(
        "nope",
        "skipped",
        "2",
        "-1",
        "1.5",
        "[]",
        "[false]",
        "[no]",
        "fr",
        "decorative",
        "2026-01-01",
    ),
    *(
        "{lang: no}",
        "{lang: }",
        "{lang: [fr]}",
        "{lang: 'f r'}",
        "{lang: fr, language: de}",
        "{lang: german}",
    ),
    *("{lang: fr, color: red}", "{enable: false}", "{enabled: maybe}", "{enabled: [false]}"),
    *("{skip: true, enabled: true}", "{false: false}", "{0: 1}", "'no\\x1b[0m\\nmore'"),
]

CONTAINING = [
    *("alttexts", "alttext_enabled", "no_alttext", "mkdocs-alttext", "AltTexts", "enable alt text"),
]
BLOCKS = [
    *((" ---", " ---"), ("----", "----"), ("+++", "+++"), ("<!--", "-->"), ("\n ---", "---")),
    *(("----", ""), ("-----\r", "...")),
]


def page(value: str, text: str = "![](a.png)\n") -> str:
    """Return a page's source."""
    return f"---\nalttext: {value}\n---\n{text}"


def wish(source: str) -> PageWish:
    """Read a page as MkDocs does."""
    markdown, meta = get_data(source)
    return wish_of(meta, markdown)


def site(folder: Path, server: ApiServer, source: str, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site of one page."""
    docs: dict[str, str | bytes] = {"index.md": source, "b.png": picture(1)}
    theme = {"theme": {"name": None, "custom_dir": "theme"}}  # without another page
    return TinySite(folder, docs, {"base_url": server.base_url, **options}, config=theme)


def of_page(built: Built, key: str) -> list[Any]:
    """Return a fact of each image of the page."""
    assert built.report is not None
    return [each[key] for each in built.report["images"] if each["page"] == "index.html"]


@pytest.mark.parametrize("value", NO)
def test_what_means_no_leaves_the_page_alone(value: str) -> None:
    """In each of the words that options take, too."""
    assert wish(page(value))[::2] == (True, "")


@pytest.mark.parametrize("value", YES)
def test_what_means_yes_is_as_usual(value: str) -> None:
    """And so is a page that says nothing."""
    assert wish(page(value)) == wish("# Top\n") == PageWish()


@pytest.mark.parametrize("value", FRENCH)
def test_a_language_is_taken(value: str) -> None:
    """By either name."""
    assert wish(page(value)) == PageWish(language="fr")


@pytest.mark.parametrize("value", DOUBTFUL)
def test_anything_else_is_in_doubt(value: str) -> None:
    """With the value, on one line."""
    doubt = wish(page(value)).doubt
    assert doubt.startswith("`alttext: ")
    assert doubt.isprintable()
    assert len(doubt) < 100


@pytest.mark.parametrize(
    "source",
    [
        "---\nAlttext: false\n---\n",
        "---\nalt-text: false\n---\n",
        "---\nalt_text: 'no'\n---\n",
        "---\ntitle: Foo: bar\nalttext: false\n---\n",
        "---\nalttext: [\n---\n",
        "---\n- alttext: false\n---\n",
        "---\r\ntitle: Foo: bar\r\nalttext: false\r\n---\r\n",
        "Alt-text: false\n\n# Top\n",
        "---\ntitle: Foo: bar\nalt-text: false\n---\n",
        "---\ntitle: x\n\talttext: false\n---\n",
        "---\ntitle: Foo: bar\nskip_alttext: 'yes' # all of it\n---\n",
        "---\ntitle: Foo: bar\nmkdocs-alttext: {enabled: false}\n---\n",
        *(f"---\n{key}: false\n---\n" for key in CONTAINING),
        "---\nskip_alttext: true\n---\n",
        "---\nmkdocs-alttext: {enabled: false}\n---\n",
        *(f"{begin}\nalttext: false\n{end}\n" for begin, end in BLOCKS),
        *(f"{begin}\ntitle: x\nno_alttext: true\n{end}\n" for begin, end in BLOCKS),
        "+++\nalttext = false\n+++\n",
        "---\ntitle: x\n---\n---\nalttext: false\n---\n",
        "---\ntitle: x\n---\n\n----\nalt-text: 'no'\n----\n",
        "---\ntitle: x\n\n# Ours\nalttext_x: 1\n---\n----\nalttext: false\n\n# Top\n",
        "---\ntitle: x\n\nalttext: false\n",
        "---\n# Ours\nalttext: false\n# Top\n",
        "----\nalttext: false\n\n# Top\n",
        "+++\ntitle = 'x'\n\n# Ours\nalttext = false\n+++\n",
        "----\n\n<!-- alttext: false -->\n",
        "<!-- alttext: false -->\n",
        "<!--\n    title: x\n    alttext: false\n-->\n",
        "<!-- Licence: MIT -->\n---\nalttext: false\n---\n",
    ],
)
def test_front_matter_that_nobody_reads_is_in_doubt(source: str) -> None:
    """MkDocs takes what is not YAML for text, and other keys for other programs' own."""
    assert not wish(source).opts_out
    assert "alt" in wish(source).doubt.lower()


@pytest.mark.parametrize(
    "source",
    [
        "---\nalt_text: A cat\n---\n",
        "---\nalt_text:\n---\n",
        "---\nsocial: {alttext: false}\n---\n",
        "---\ntitle: Foo: bar\n---\nalttext: false\n",
        "Text\n\n---\nalttext: false\n---\n",
        "# Top\n\nalttext: false\n",
        "---\nimage_alttext: A cat\n---\n",
        "---\nalt_texts: {a.png: A cat}\n---\n",
        "---\nalttext_version: 5\n---\n",
        "---\ntitle: Foo: bar\nalt_text: A cat\nimage-alttext:\n---\n",
        "```yaml\n---\nalttext: false\n---\n```\n",
        "    ---\n    alttext: false\n    ---\n",
        "---\ntitle: x\n---\n\n```yaml\nalttext: false\n```\n",
        "---\ntitle: x\n---\n\n---\n\nWrite this:\n\n```yaml\n---\nalttext: false\n---\n```\n",
        "---\ntitle: Audit\n---\n\n---\n\n# Audit\n\nAlt text: none\n\n![](b.png)\n",
        "---\ntitle: Audit\n---\n\n---\n# Audit\nAlt text: none\n",
        "---\ntitle: Audit\n---\n\n+++\n#Audit\nAlt text: none\n",
        "---\ntitle: Audit\n---\n\n---\nText\n\nAlt text: none\n",
        "---\r\n\r\n# Audit of\r\n\r\n- Alt text: no\r\n",
        "---\n\n# Audit of\n\n- Alt text: no\n",
        "----\n\nWrite this:\n\n    alttext: false\n",
        "<!-- Licence: MIT -->\n# Top\n\n```yaml\nalttext: false\n```\n",
        "<!-- This page shows what alttext: false does -->\n",
        "<!-- markdownlint-disable no-alt-text -->\n",
    ],
)
def test_other_words_are_none_of_ours(source: str) -> None:
    """Other programs have keys for the text of one picture."""
    assert wish(source) == PageWish()


@pytest.mark.parametrize(
    ("source", "language"),
    [
        ("---\nalttext: {lang: fr}\nskip_alttext: true\n---\n", "fr"),
        ("---\nskip_alttext: true\nalttext:\n---\n", None),
        ("---\nalttext: true\nalt-text: false\n---\n", None),
        ("---\nalttext: {lang: fr}\nAlttext: false\n---\n", "fr"),
        ("---\nalttext: {lang: fr}\n---\n---\nalttext: false\n---\n", "fr"),
        ("---\nalttext: true\n---\n<!-- alttext: false -->\n", None),
    ],
)
def test_a_second_wish_beside_the_key_is_in_doubt(source: str, language: str | None) -> None:
    """The key says which language, and the other most likely that nothing is to be sent."""
    found = wish(source)
    assert found.doubt
    assert found[:2] == (False, language)


def test_a_page_that_opts_out_needs_no_second_wish() -> None:
    """Nothing of it is sent anyway; other programs' keys are no wish beside the key either."""
    assert wish("---\nalttext: false\nskip_alttext: true\n---\n") == PageWish(opts_out=True)
    assert wish("---\nalttext: {lang: fr}\nalt_text: A cat\n---\n") == PageWish(language="fr")


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["lang", "language", "enabled", "skip"]) | st.text(max_size=4),
                inner,
                max_size=3,
            )
        ),
        max_leaves=5,
    )
)
def test_any_value_is_one_of_the_three(value: object) -> None:
    """Whatever YAML can say; what is in doubt says so on one line."""
    found = wish_of({"alttext": value}, None)
    assert found.doubt.isprintable()
    assert found.language is None or found.language.isascii()
    if yaml.safe_dump(value).strip() in {"false", "{enabled: false}"}:
        assert found.opts_out


@pytest.mark.parametrize("key", ["alttext", "alt_text", "other"])
def test_a_value_is_never_written_out_in_full(key: str) -> None:
    """Aliases make a few lines as large as anybody likes."""
    value: object = "text"
    for _ in range(40):
        value = [value, value, {"lang": value}]
    assert len(wish_of({key: value}, None).doubt) < 100


@pytest.mark.parametrize(
    "value",
    [16**9999, [16**9999], {16**9999: "x"}, {"lang": 16**9999}],
    ids=["alone", "in a list", "as a key", "as a language"],
)
def test_a_number_may_be_of_any_length(value: object) -> None:
    """YAML reads it, and Python refuses to write it."""
    assert wish_of({"alttext": value}, None).doubt


# Whole sites


def test_a_line_above_the_text_is_no_front_matter(tmp_path: Path, server: ApiServer) -> None:
    """Words of the text are no wish: they are not warned of, and the picture is sent."""
    source = "---\ntitle: Audit\n---\n\n---\n\n# Audit\n\nAlt text: none\n\n![](b.png)\n"
    assert site(tmp_path, server, source).build(strict=True).messages("WARNING") == []
    assert server.ledger.total() == 1


@pytest.mark.parametrize("value", ["nope", "{lang: no}", "{lang: fr, color: red}"])
def test_nothing_of_a_page_in_doubt_is_sent(tmp_path: Path, server: ApiServer, value: str) -> None:
    """A warning names page and value, once; `--strict` fails."""
    tiny = site(tmp_path, server, page(value, "![](b.png) ![](b.png)\n"))
    built = tiny.build()
    assert server.calls == []
    (warning,) = built.messages("WARNING")
    assert "index.md: `alttext: " in warning
    assert "is not understood, so that no picture of this page is sent" in warning
    assert of_page(built, "reason") == ["not-asked"] * 2
    with pytest.raises(Abort):
        tiny.build(strict=True)


def test_a_page_in_doubt_gets_what_catalog_and_cache_hold(
    tmp_path: Path, server: ApiServer
) -> None:
    """In the language that it names, if it names one."""
    tiny = site(tmp_path, server, page("{lang: fr}", "![](b.png)\n"))
    expected = tiny.build().page()
    assert server.ledger.total() == 1
    tiny.docs = {**tiny.docs, "index.md": page("{lang: fr, color: red}", "![](b.png)\n")}
    assert tiny.build().page() == expected
    entry = "b.png: {alt: {fr: Un chat}, status: reviewed}\n"
    (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    assert 'alt="Un chat"' in tiny.build().page()
    assert server.ledger.total() == 1


def test_a_picture_that_another_page_shows_is_sent_for_that_one(
    tmp_path: Path, server: ApiServer
) -> None:
    """The doubt is about the page."""
    tiny = site(tmp_path, server, page("nope", "![](b.png)\n"))
    tiny.docs = {**tiny.docs, "other.md": "![](b.png)\n"}
    built = tiny.build()
    assert server.ledger.total() == 1
    assert 'alt="" src="../b.png"' not in built.page("other/index.html")


def test_a_page_without_images_is_named_too(tmp_path: Path, server: ApiServer) -> None:
    """What is written wrongly is better known before there is one."""
    built = site(tmp_path, server, page("nope", "# Top\n")).build()
    assert len(built.messages("WARNING")) == 1


@pytest.mark.parametrize("value", ["off", "skip", "{enabled: false}"])
def test_a_page_that_opts_out_stays_as_it_is(tmp_path: Path, server: ApiServer, value: str) -> None:
    """Without a warning, and whatever the cache holds."""
    tiny = site(tmp_path, server, "![](b.png)\n")
    tiny.build()
    tiny.docs = {**tiny.docs, "index.md": page(value, "![](b.png)\n")}
    built = tiny.build(strict=True)
    assert built.messages("WARNING") == []
    assert 'alt="" src="b.png"' in built.page()


@pytest.mark.parametrize(("value", "sent"), [("false", 0), ("nope", 0), ("true", 1)])
def test_an_excerpt_is_a_part_of_its_post(
    tmp_path: Path, server: ApiServer, value: str, sent: int
) -> None:
    """A blog's list of posts shows the picture of a post that opts out."""
    post = "---\ndate: 2024-01-01\nalttext: {}\n---\n# Post\n\n![]({})\n\n<!-- more -->\n\nMore\n"
    docs: dict[str, str | bytes] = {
        "index.md": "# Home\n",
        "blog/index.md": "# Blog\n",
        "blog/posts/one.md": post.format(value, "a.png"),
        "blog/posts/two.md": post.format("true", "b.png").replace("Post", "Two"),
        "blog/posts/a.png": picture(1),
        "blog/posts/b.png": picture(2),
    }
    theme = {"theme": {"name": "material", "font": False}}
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url}, ["blog"], theme)
    tiny.build()
    assert server.ledger.total() == sent + 1
    html = tiny.build().page("blog/index.html")
    assert html.count('alt="" src="a.png"') == 1 - sent
    assert html.count('alt="" src="b.png"') == 0
    assert server.ledger.total() == sent + 1
