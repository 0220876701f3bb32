"""A text that the author wrote for the same picture elsewhere: free, and before what is paid."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest
from api_server import alt_text
from built_site import picture
from test_catalog import parsed
from test_catalog_builds import alts, asked, catalog, run, site

from mkdocs_alttext.captioning.judging import clean

if TYPE_CHECKING:
    from pathlib import Path

    from api_server import ApiServer

ELSEWHERE = "A red door"


def build(folder: Path, server: ApiServer, elsewhere: str, **docs: str | bytes) -> list[str | None]:
    """Build a site that shows a picture without a text first, and return its texts there."""
    pages = {"index.md": "![](img/a.png)\n", "z/other.md": elsewhere, "img/a.png": picture(1)}
    tiny = site(folder, server, docs={**pages, **docs})
    return alts(tiny.build().page())


@pytest.mark.parametrize(
    "elsewhere",
    [
        "![A red door](../img/a.png)",
        "![A red door](../img/a.png){ .wide }",
        '![](../img/a.png){ alt="A red door" }',
        "![A red door][door]\n\n[door]: ../img/a.png",
        '<img src="../../img/a.png" alt="A red door">',
        "![a.png](../img/a.png) ![image](../img/a.png) ![A red door](../img/a.png)",
        "![Once](../img/a.png) ![A red door](../img/a.png) ![A red door](../img/a.png)",
        "Words before the ![A red door](../img/a.png)",
        "![A `red` door](../img/a.png)",
        "![A red door][]\n\n[a red door]: ../img/a.png",
        '<a href="https://example.org">Shop</a> ![A red door](../img/a.png)',
        "[![Shop](../img/b.png)](https://example.org) ![A red door](../img/a.png)",
        "- [x] ![A red door](../img/a.png)",
        "[![A red door](../img/a.png)](../img/a.png)",
        '[![A red door](../img/a.png){ width="9" }](../img/b.png "Larger")',
        '<a class="x" href="../../img/a.png"><img src="../../img/a.png" alt="A red door"></a>',
        "{% set a = 1 %}\n\n![A red door](../img/a.png) {% if a %}![Blue](../img/a.png){% endif %}",
        "{% raw %}\n{# {% if #}\n![A red door](../img/a.png)\n{% endraw %}",
        "![A red door](../img/a.png) {% endif %}",
    ],
)
def test_a_text_elsewhere_is_taken(tmp_path: Path, server: ApiServer, elsewhere: str) -> None:
    """However it is written, though its page is rendered later, and nothing is sent."""
    assert build(tmp_path, server, elsewhere) == [ELSEWHERE]
    assert server.calls == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "![](../img/a.png)",
        "![a.png](../img/a.png)",
        "![screenshot](../img/a.png)",
        "![img/a.png](../img/a.png)",
        "![IMG_1234](../img/a.png)",
        "![TODO](../img/a.png)",
        "[![To the shop](../img/a.png)](https://example.org)",
        '<a href="https://example.org"><img src="../../img/a.png" alt="To the shop"></a>',
        '<button> <img src="../../img/a.png" alt="Send"></button>',
        "[![To the shop](../img/b.png) ![A red door](../img/a.png)](https://example.org)",
        "[![Home](../img/b.png#only-light){ .x }![Home](../img/a.png#only-dark)](../index.md)",
        "[![Shop](../img/a.png)](https://example.org/x.php?y=z.png)",
        "[![Two](../img/a.png) ![Doors](../img/b.png)](https://example.org)",
        "[<b>![To the shop](../img/a.png)</b>](https://example.org)",
        '<a href="/"><picture><source><img src="../../img/a.png" alt="Shop"></picture></a>',
        '<div role="button"><img src="../../img/a.png" alt="Play"></div>',
        "![The [shop](https://example.org)](../img/a.png)",
        "![The [shop][there]](../img/a.png)\n\n[there]: https://example.org",
        "![A door[^1]](../img/a.png)\n\n[^1]: Red",
        "![The {{ product }} window](../img/a.png)",
        '<img src="../../img/a.png" alt="The {{ product }} window">',
        "![A {++red++} door](../img/a.png)",
        "`![A red door](../img/a.png)`",
        "<template><img src='../../img/a.png' alt='A red door'></template>",
        "<!-- ![A red door](../img/a.png) -->",
        "{% if false %}\n\n![A red door](../img/a.png)\n\n{% endif %}",
        "{%- if a %}x{% else -%}![A red door](../img/a.png){%endif%}",
        "{% if a %}{% for b in a %}x{% endfor %}![A red door](../img/a.png){% endif %}",
        "{% macro a() %}{% set b = 1 %}![A red door](../img/a.png){% endmacro %}",
        "{#\n![A red door](../img/a.png)\n#}",
        "{% raw %}{% if %}{% endraw %}{% if a %}![A red door](../img/a.png){% endif %}",
        "<pre>\n![A red door](../img/a.png)\n</pre>",
        "<pre><code class='x'><img alt='A red door' src='../../img/a.png'></code></pre>",
        "<iframe><img alt='A red door' src='../../img/a.png'></iframe>",
        "![A red door](../img/b.png)",
        "---\nalttext: {lang: de}\n---\n![Eine rote Tür](../img/a.png)",
        "![A red door](../../../img/a.png)",
        f"![{'long ' * 200}](../img/a.png)",
    ],
)
def test_what_is_none_or_says_something_else_is_not_taken(
    tmp_path: Path, server: ApiServer, elsewhere: str
) -> None:
    """A placeholder, where a link leads, code, another picture, another language, a template."""
    (text,) = build(tmp_path, server, elsewhere, **{"img/b.png": picture(2)})
    assert text == clean(alt_text(server.calls[-1].image or b"", "en"))
    assert asked(server) == 1


def test_the_same_bytes_are_the_same_picture(tmp_path: Path, server: ApiServer) -> None:
    """Under whatever name."""
    copy = {"z/copy.png": picture(1), "z/b.png": picture(2)}
    texts = build(tmp_path, server, "![Other](b.png) ![A red door](copy.png)", **copy)
    assert texts == [ELSEWHERE]
    assert server.calls == []


def test_it_has_an_origin_of_its_own(tmp_path: Path, server: ApiServer) -> None:
    """In the report, the summary and the catalog; it is no machine's, and not approved."""
    pages = {"index.md": "![](a.png)\n", "z.md": "![A red door](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=pages, options={"provenance": True})
    built = tiny.build()
    assert built.outcomes[-2:] == [
        "a.png use-stored filled author None",
        "../a.png keep-text kept None None",
    ]
    assert "data-alt-source" not in built.page()
    assert any(
        "from the author's text for the same picture elsewhere" in text for text in built.messages()
    )
    run(tiny)
    text = (tmp_path / "alttext.yml").read_text(encoding="utf-8")
    (entry,) = parsed(text).values()
    assert (entry.drafts, (entry.origin or "").partition(" ")[0]) == ({"en": ELSEWHERE}, "author")
    assert tiny.build().outcomes[-2] == "a.png use-stored filled author None"
    (tmp_path / "alttext.yml").unlink()
    tiny.options["publish"] = "reviewed"
    assert tiny.build().outcomes[-2] == "a.png ask-service missing None not-reviewed"
    assert server.calls == []


def test_the_catalog_comes_before_it(tmp_path: Path, server: ApiServer) -> None:
    """And it before the cache, so that every machine builds the same."""
    pages: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=pages)
    tiny.build()
    tiny.docs = {**pages, "z.md": "![A red door](a.png)"}
    assert alts(tiny.build().page()) == [ELSEWHERE]
    catalog(tiny, {"a.png": {"status": "reviewed", "alt": "By Kim"}})
    assert alts(tiny.build().page()) == ["By Kim"]
    assert asked(server) == 1


@pytest.mark.parametrize("first", ["", "![A red dor](a.png)"])
def test_it_comes_before_a_draft_that_nobody_changed(
    tmp_path: Path, server: ApiServer, first: str
) -> None:
    """Of a machine or of what the author wrote before, and the catalog has it then."""
    pages: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture(1), "z.md": first}
    tiny = site(tmp_path, server, docs=pages)
    tiny.build()
    run(tiny)
    tiny.docs = {**pages, "z.md": "![A red door](a.png)"}
    assert alts(tiny.build().page()) == [ELSEWHERE]
    assert "0 added, 1 refreshed" in run(tiny)
    path = tmp_path / "alttext.yml"
    text = path.read_text()
    assert parsed(text)["a.png"].texts == {"en": ELSEWHERE}
    assert "origin: author " in text
    assert "0 added, 0 refreshed" in run(tiny)
    # What was written elsewhere is not lost with its page; a person's draft comes before it.
    tiny.docs = {**pages, "z.md": ""}
    assert alts(tiny.build().page()) == [ELSEWHERE]
    path.write_text(text.replace(ELSEWHERE, "A door"))
    tiny.docs = {**pages, "z.md": "![A red door](a.png)"}
    assert alts(tiny.build().page()) == ["A door"]
    assert asked(server) == (not first)


def test_a_draft_is_the_author_s_where_one_of_its_texts_is(
    tmp_path: Path, server: ApiServer
) -> None:
    """A picture that is shown alone, too, and beside one in other colours that has a text."""
    pages = {"index.md": "![](a.png#only-light)![](b.png#only-dark)\n\n![](b.png)\n"}
    pages["z.md"] = "![A red door](a.png)"
    tiny = site(tmp_path, server, docs={**pages, "a.png": picture(1), "b.png": picture(2)})
    first, second, alone = alts(tiny.build().page())
    assert first == second == ELSEWHERE != alone
    run(tiny)
    text = (tmp_path / "alttext.yml").read_text()
    assert parsed(text)["b.png"].texts == {"en": ELSEWHERE}
    assert "origin: author " in text
    assert "0 added, 0 refreshed" in run(tiny)


def test_only_what_a_machine_wrote_is_marked_as_such(tmp_path: Path, server: ApiServer) -> None:
    """A draft that a person wrote into the catalog is not, nor one that the author wrote."""
    pages = {"index.md": "![](a.png) ![](b.png) ![](c.png)\n", "z.md": "![A red door](a.png)"}
    pictures = {f"{name}.png": picture(number) for number, name in enumerate("abc", 1)}
    options = {"provenance": True, "exclude": ["c.png"]}
    tiny = site(tmp_path, server, docs={**pages, **pictures}, options=options)
    tiny.build()
    run(tiny)
    with (tmp_path / "alttext.yml").open("a", encoding="utf-8") as file:
        file.write("c.png:\n  alt: By Kim\n  status: draft\n")
    tiny.docs = {**pages, **pictures, "z.md": ""}
    del tiny.options["exclude"]
    html = tiny.build().page()
    assert [each and each != ELSEWHERE for each in alts(html)] == [False, True, True]
    assert [each[0] for each in re.finditer("data-alt-source|By Kim", html)] == [
        "data-alt-source",
        "By Kim",
    ]


def test_a_page_made_to_take_long_is_left_out(tmp_path: Path, server: ApiServer) -> None:
    """Nobody's build is held up by a source with thousands of brackets in one block."""
    (tmp_path / "docs").mkdir()
    hostile = "![x](a.png " * 20_000
    pages = {"index.md": "![](a.png)\n", "a.png": picture(1), "z.txt": hostile}
    tiny = site(tmp_path, server, docs=pages)
    hook = (
        "from mkdocs.structure.files import File\n\n\n"
        "def on_files(files, *, config):\n"
        "    hostile = files.get_file_from_path('z.txt').content_string\n"
        "    files.append(File.generated(config, 'z.md', content=hostile))\n\n\n"
        "def on_page_markdown(markdown, **_):\n"
        "    return markdown if len(markdown) < 999 else ''\n"
    )
    (tmp_path / "hook.py").write_text(hook, encoding="utf-8")
    tiny.config = {"hooks": ["hook.py"]}
    begun = time.monotonic()
    tiny.build()
    assert time.monotonic() - begun < 10
    assert asked(server) == 1
    assert json.loads((tmp_path / "report.json").read_text())["counts"]["missing"] == 0
