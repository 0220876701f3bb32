"""Laws that hold for any input: agreement with a browser's parser, identity, locality, round trip.

A browser-grade parser (lexbor) says what a source means; nothing of this package does.
"""

from __future__ import annotations

from random import Random

import pytest
from bs4 import BeautifulSoup
from fake_site import PAGE, FakeSite, picture
from html_documents import document
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.html.attributes import is_file_name, is_placeholder
from mkdocs_alttext.html.decisions import EmptyAlt, Policy
from mkdocs_alttext.html.edits import Edit, apply_edits, remove_attribute, set_attribute
from mkdocs_alttext.html.prefilter import count_texts, may_lack_text
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.models import Origin, StoredAnswer
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.system.printable import is_blank

DOCUMENTS = 3000

documents = st.integers(0, 2**32).map(lambda seed: document(Random(seed)))  # noqa: S311 - documents
# Line ends and NUL cannot stand in HTML source as they are; cleaned texts have neither.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=60)
raw_values = st.lists(
    st.one_of(
        st.sampled_from(
            "& &amp &amp; &notit; &not= &copy=3 &ampx; &#0; &#x80; &#128 &#xD800; &#1114112; "
            "&#99999999999999999999; &#x &#; &NotEqualTilde; &nGt; &Acy &lt &lt; = ; x 9".split()
        ),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"'), max_size=4),
    ),
    max_size=6,
).map("".join)


def browser_images(html: str) -> list[dict[str, str]]:
    """Return the attributes of each image that lexbor's tree has."""
    return [
        {name: value or "" for name, value in node.attributes.items()}
        for node in LexborHTMLParser(html).css("img")
    ]


def outside(html: str) -> list[str]:
    """Return the pieces of a source between its images."""
    places = [0, *(place for tag in scan(html) for place in (tag.start, tag.end)), len(html)]
    return [html[start:end] for start, end in zip(places[::2], places[1::2], strict=True)]


def site_with_everything(text: str = "CAP") -> FakeSite:
    """Return a site where every address that documents hold leads to a picture."""
    names = ("x.png", "a b", "a>b", "日本.png", "odd")
    files = {name: picture() for name in names}
    answers = {name: CaptionResponse(StoredAnswer(text), Origin.SERVICE) for name in names}
    return FakeSite(files=files, answers=dict(answers), policy=Policy(EmptyAlt.FILL))


# scanning


def test_the_scanner_finds_what_a_browser_finds() -> None:
    """The same images with the same attributes, over some thousand odd documents."""
    random = Random(20)  # noqa: S311 - documents, not secrets
    images = 0
    for _ in range(DOCUMENTS):
        html = document(random)
        theirs = sorted(sorted(image.items()) for image in browser_images(html))
        ours = sorted(sorted(tag.attributes.values.items()) for tag in scan(html))
        assert ours == theirs, html
        images += len(theirs)
    assert images > DOCUMENTS


@given(html=documents)
def test_spans_are_those_of_the_source(html: str) -> None:
    """Each tag, name and attribute stands where the scanner says."""
    position = 0
    for tag in scan(html):
        assert position <= tag.start < tag.name_end < tag.end <= len(html)
        assert html[tag.start : tag.name_end].lower() in {"<img", "<image"}
        assert html[tag.end - 1] == ">"
        position = tag.name_end
        for attribute in tag.spans:
            assert position <= attribute.start < attribute.end < tag.end
            assert html[attribute.start : attribute.end].startswith(attribute.name[:1]) or (
                html[attribute.start : attribute.end].lower().startswith(attribute.name[:1])
            )
            position = attribute.end
        position = tag.end


@given(html=documents)
def test_a_quick_look_never_overlooks_an_image(html: str) -> None:
    """`count_texts` may only err on the careful side."""
    assert count_texts(html) != 0 or not browser_images(html)


attributes = st.sampled_from(
    [
        *('src="x.png"', "src=x.png", "hidden", 'class="a b"', "data-alttext=skip", "/"),
        *('data-alttext="decorative"', 'data-x="alt=>"', 'title="alt=&quot;"', 'alt-x="y"'),
        *(
            "alt",
            'alt=""',
            'alt=" "',
            'alt="&nbsp;"',
            'alt="\u200b"',
            'alt="_"',
            "alt=A",
            "alt='A'",
        ),
        *('ALT="B"', 'alt = "C"', 'alt="A red bicycle"', 'alt="7"', 'alt="No way"', 'alt="x.png"'),
        *('alt="x&period;png"', "alt='x.p&#110g  '", 'alt="x.png&nbsp;&Tab; "', 'alt="B &amp; c"'),
        'alt="N&#111; description has been provided for this image"',
        *('alt="x.png "', 'alt="No description has been provided for this image"'),
        'alt="No\n description has been provided for this image."',
    ]
)
tags = st.tuples(
    st.sampled_from(["<img", "<IMG", "<image", "<imgs", "<p"]),
    st.lists(st.tuples(st.sampled_from([" ", "\n", "  ", "/", ""]), attributes), max_size=4),
    st.sampled_from([">", "/>", " />", "\n>", ""]),
).map(lambda parts: parts[0] + "".join(" ".join(each) for each in parts[1]) + parts[2])


@given(html=st.lists(tags, min_size=1, max_size=3).map("".join))
@example(html='<img alt="A red bicycle" src="x.png" />')
def test_a_quick_look_never_overlooks_a_missing_text(html: str) -> None:
    """`may_lack_text` may only err on the careful side, and `count_texts` says the same."""
    assert may_lack_text(html) == (count_texts(html) is None)
    if may_lack_text(html):
        return
    for tag in scan(html):
        alt = tag.attributes.get("alt")
        assert not any(lacks(alt) for lacks in (is_blank, is_placeholder, is_file_name))
        assert "data-alttext" not in tag.attributes


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="A red bicycle" src="x.png" />',
        '<img src="x.png" alt="A red bicycle">',
        '<p>a</p><img alt="1 &amp; 2" class="big" hidden src="x.png?v=1" width="3"/><IMG ALT="b">',
        '<img loading="lazy" alt="Nowhere" src="x.png">',
        '<img alt="Terms &amp; conditions, &quot;new&quot; ones" src="x.png">',
        "<p>no images</p>",
    ],
)
def test_a_quick_look_is_enough_for_what_markdown_writes(html: str) -> None:
    """The usual page ends at the first stage, wherever `alt` stands in the tag."""
    assert not may_lack_text(html)


# entities


@given(raw=raw_values)
def test_values_are_decoded_as_a_browser_does(raw: str) -> None:
    """Over references in every state of repair."""
    (image,) = browser_images(f'<img alt="{raw}">')
    (tag,) = scan(f'<img alt="{raw}">')
    assert tag.attributes.get("alt") == image["alt"]


# edits


@given(html=documents)
def test_no_edits_give_back_the_same_object(html: str) -> None:
    """Nothing is printed anew where nothing changes."""
    assert apply_edits(html, []) is html


@given(
    html=st.text(max_size=30),
    cuts=st.lists(st.integers(0, 30), min_size=2, max_size=8),
    written=st.text(max_size=5),
    random=st.randoms(use_true_random=False),
)
def test_edits_are_local(html: str, cuts: list[int], written: str, random: Random) -> None:
    """What no edit covers stays, in whatever order the edits come."""
    places = sorted({min(cut, len(html)) for cut in cuts})
    pairs = list(zip(places[::2], places[1::2], strict=False))
    edits = [Edit(start, end, written) for start, end in pairs]
    expected, position = "", 0
    for start, end in pairs:
        expected += html[position:start] + written
        position = end
    random.shuffle(edits)
    assert apply_edits(html, edits) == expected + html[position:]


@given(text=texts, html=tags.filter(lambda html: bool(scan(html))))
def test_any_text_survives_quoting(text: str, html: str) -> None:
    """Three parsers read back what was set, and nothing else of the tag changes."""
    (tag,) = scan(html)
    changed = apply_edits(html, set_attribute(tag, "alt", text))
    (again,) = scan(changed)
    assert again.attributes.get("alt") == text
    assert browser_images(changed) == [tag.attributes.values | {"alt": text}]
    plain = apply_edits('<img src="x">', set_attribute(scan('<img src="x">')[0], "alt", text))
    found = BeautifulSoup(plain, "html.parser").img
    assert found is not None
    assert found["alt"] == text


@given(html=tags.filter(lambda html: bool(scan(html))), text=texts)
def test_removing_what_was_inserted_gives_the_original(html: str, text: str) -> None:
    """For a tag that had no such attribute."""
    (tag,) = scan(html)
    changed = apply_edits(html, set_attribute(tag, "data-new", text))
    assert apply_edits(changed, remove_attribute(changed, scan(changed)[0], "data-new")) == html


@given(html=tags.filter(lambda html: bool(scan(html))), name=st.sampled_from(["alt", "class"]))
def test_removing_an_attribute_leaves_the_others(html: str, name: str) -> None:
    """Even where no white space keeps them apart."""
    (tag,) = scan(html)
    (left,) = scan(apply_edits(html, remove_attribute(html, tag, name)))
    expected = {key: value for key, value in tag.attributes.values.items() if key != name}
    assert left.attributes.values == expected


# pages


@given(html=documents, text=texts.filter(lambda text: not is_blank(text)))
def test_a_page_changes_only_inside_its_image_tags(html: str, text: str) -> None:
    """And there only `alt` changes, to the text."""
    filled = fill_page(html, PAGE, site_with_everything(text).parts, wait=True)
    assert outside(filled.html) == outside(html)
    before, after = browser_images(html), browser_images(filled.html)
    for image in (*before, *after):
        image.pop("alt", None)
    assert before == after
    for tag, outcome in zip(scan(filled.html), filled.outcomes, strict=True):
        assert outcome.alt is None or tag.attributes.get("alt") == outcome.alt


@given(html=documents)
def test_a_second_pass_changes_nothing(html: str) -> None:
    """Whatever the page looks like."""
    parts = site_with_everything().parts
    once = fill_page(html, PAGE, parts, wait=True).html
    assert fill_page(once, PAGE, parts, wait=True).html == once


@given(html=documents)
def test_a_page_without_pictures_gets_no_text(html: str) -> None:
    """What needs no picture is filled all the same: spacers and images that repeat their link."""
    filled = fill_page(html, PAGE, FakeSite(files={}).parts, wait=True)
    assert {outcome.alt for outcome in filled.outcomes} <= {None, ""}
    if not any(outcome.alt == "" for outcome in filled.outcomes):
        assert filled.html == html
