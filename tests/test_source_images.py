"""Images in Markdown sources: which there are, on which line, and with which address."""

from __future__ import annotations

import textwrap

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_alttext.html.attributes import image_address
from mkdocs_alttext.html.scanner import scan
from mkdocs_alttext.sources.images import find_images

IMAGES: dict[str, list[tuple[int, str, str | None]]] = {
    "![](a.png)": [(1, "a.png", "")],
    "![Words](a.png 'Title')": [(1, "a.png", "Words")],
    '![A \\] b & &amp; [c]](<a b.png> "T")': [(1, "a b.png", "A ] b & & [c]")],
    "![](a_(1).png)": [(1, "a_(1).png", "")],
    "![](a\\_b.png)": [(1, "a_b.png", "")],
    "\n\n[![](a.png)](b.md) ![](c.png)": [(3, "a.png", ""), (3, "c.png", "")],
    "![two\nlines](a.png)\n![](b.png)": [(1, "a.png", "two\nlines"), (3, "b.png", "")],
    "![](a.png){ .wide }": [(1, "a.png", "")],
    '![](a.png){ .x alt="Words" }': [(1, "a.png", "Words")],
    "![](a.png){: alt='' }": [(1, "a.png", "")],
    # References
    "![][r]\n\n[r]: a.png": [(1, "a.png", "")],
    "![Words][R  s]\n\n  [r s]: <a.png> 'T'": [(1, "a.png", "Words")],
    "![r][]\n\n[r]: a.png": [(1, "a.png", "r")],
    "![r]\n\n[r]: a.png": [(1, "a.png", "r")],
    "![][of another file]": [(1, "", "")],
    "![no reference]": [],
    # HTML
    "<img src='a.png'>": [(1, "a.png", None)],
    'x <IMG\n  alt="Words"\n  src="a.png"\n/> ![](b.png)': [
        (1, "a.png", "Words"),
        (4, "b.png", ""),
    ],
    '<p><img alt="![](b.png)" src="a.png"></p>': [(1, "a.png", "![](b.png)")],
    "<img src='data:image/gif;base64,R0lGODlh' data-src='a.png'>": [(1, "a.png", None)],
    "<imgs src='a.png'>": [],
    # What is no image
    "`![](a.png)` ``<img> ` ``": [],
    "\\![](a.png)": [],
    "\\\\![](a.png)": [(1, "a.png", "")],
    "![](a.png": [],
    "![not\n\nclosed](a.png)": [],
    "```\n![](a.png)\n```\n![](b.png)": [(4, "b.png", "")],
    "~~~ md\n![](a.png)\n```\n~~~\n![](b.png)": [(5, "b.png", "")],
    "```\nnever closed\n\n![](a.png)": [(4, "a.png", "")],
    "> ```\n> ![](a.png)\n> ```\n> ![](b.png)": [(4, "b.png", "")],
    "<!-- ![](a.png)\n<img src='b.png'> -->": [],
    "<script>'<img src=a.png>'</script>": [],
    "---\nimage: ![](a.png)\n---\n\n![](b.png)": [(5, "b.png", "")],
    "\ufeff---\r\nimage: ![](a.png)\r\n---\r\n![](b.png)\r\n": [(4, "b.png", "")],
    # Four spaces make code, but not in what has content
    "Text\n\n    ![](a.png)\n\n![](b.png)": [(5, "b.png", "")],
    "* Item\n\n    ![](a.png)": [(3, "a.png", "")],
    "1. Item\n   more\n\n    ![](a.png)": [(4, "a.png", "")],
    "!!! note\n\n    ![](a.png)\n\n    ![](b.png)": [(3, "a.png", ""), (5, "b.png", "")],
    '=== "Tab"\n\n    ```\n    x\n    ```\n\n    ![](a.png)': [(7, "a.png", "")],
    "Word\n:   Meaning\n\n    ![](a.png)": [(4, "a.png", "")],
    "Text\n    ![](a.png)": [(2, "a.png", "")],
}


@pytest.mark.parametrize("text", IMAGES)
def test_images_have_line_address_and_text(text: str) -> None:
    """As an author wrote them."""
    assert [(image.line, image.src, image.alt) for image in find_images(text)] == IMAGES[text]


@pytest.mark.parametrize("text", [text for text in IMAGES if "another" not in text])
def test_python_markdown_sees_the_same_images(text: str) -> None:
    """With the extensions that half of all sites use."""
    extensions = ["tables", "fenced_code", "attr_list", "admonition", "def_list"]
    extensions += ["pymdownx.superfences", "pymdownx.tabbed"]
    body = textwrap.dedent(text).removeprefix("\ufeff").replace("\r\n", "\n")
    if body.startswith("---"):
        body = body.partition("\n---\n")[2]
    tags = scan(markdown.markdown(body, extensions=extensions))
    found = [(image.src, image.alt) for image in find_images(text)]
    seen = [(image_address(tag.attributes), tag.attributes.values.get("alt")) for tag in tags]
    assert seen == found


@given(st.text(alphabet="![]()<img src='a'>`~\\\n\r :\"{}-#*x>\t", max_size=80))
def test_nothing_breaks_the_search(text: str) -> None:
    """Spans lie in the text, in order; lines are those of an editor."""
    position = 0
    for image in find_images(text):
        assert position <= image.start <= image.end <= len(text)
        assert 1 <= image.line <= text.count("\n") + 1
        position = image.start
