"""Beside other plugins: translations, late content, copies, changed pictures.

Hooks stand in for the neighbours and do what they do; `neighbours/` runs the real ones.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest
from api_server import ApiServer, alt_text
from built_site import TinySite, picture

from mkdocs_alttext.captioning.judging import clean

if TYPE_CHECKING:
    from pathlib import Path

A, B = picture(1), picture(2)


def site_beside(
    folder: Path,
    server: ApiServer,
    hook: str,
    docs: dict[str, str | bytes],
    plugins: list[Any] | None = None,
) -> TinySite:
    """Make a site that asks the server, with a hook that does what a neighbour does."""
    (folder / "neighbour.py").write_text(hook, encoding="utf-8")
    options = {"base_url": server.base_url, "max_retries": 0, "concurrency": 1}
    config = {"hooks": ["neighbour.py"]}
    return TinySite(folder, docs, options, plugins=plugins or [], config=config)


def captions(server: ApiServer) -> dict[tuple[bytes | None, str], str]:
    """Return what the answers become on a page, by picture and language."""
    calls = [call for call in server.calls if call.path == "/generate"]
    found = {
        (call.image, call.language): clean(alt_text(call.image or b"", call.language))
        for call in calls
    }
    assert len(found) == len(calls)
    return found


TRANSLATIONS = """
from mkdocs.commands.build import build
from mkdocs.plugins import event_priority

languages = ["en", "fr"]


@event_priority(-100)
def on_files(files, *, config):
    names = set(files.src_uris)
    for file in list(files.documentation_pages()):
        name, dot, _ = file.src_uri.removesuffix(".md").partition(".")
        is_replaced = languages[0] == "fr" and not dot and f"{name}.fr.md" in names
        if is_replaced or (dot and languages[0] == "en"):
            files.remove(file)
        file.locale = "fr" if dot else "en"
        path = "index.html" if name == "index" else f"{name}/index.html"
        file.dest_uri = path if languages[0] == "en" else f"fr/{path}"
    return files


@event_priority(-100)
def on_post_build(*, config):
    if languages.pop(0) == "en":
        config.theme["language"] = "fr"
        build(config, dirty=True)
"""


def test_a_translation_that_builds_inside_a_build_gets_its_own_language(
    tmp_path: Path, server: ApiServer
) -> None:
    """A page that is not translated keeps its language; each build says what it did."""
    sources = ("index.md", "index.fr.md", "only.md")
    docs: dict[str, str | bytes] = {"a.png": A, **dict.fromkeys(sources, "![](/proj/a.png)")}
    result = site_beside(tmp_path, server, TRANSLATIONS, docs).build()
    texts = {language: text for (_, language), text in captions(server).items()}
    assert texts.keys() == {"en", "fr"}
    pages = {"index.html": "en", "fr/index.html": "fr", "fr/only/index.html": "en"}
    for name, language in pages.items():
        assert re.findall(r'<img alt="([^"]*)"', result.page(name)) == [texts[language]], name
    assert sum(" found: " in text for text in result.messages()) == 2


EXCERPTS = """
from markdown import Markdown
from mkdocs.plugins import event_priority


@event_priority(-100)
def on_page_context(context, *, page, config, nav):
    if page.file.src_uri == "index.md":
        reader = Markdown(
            extensions=config.markdown_extensions, extension_configs=config.mdx_configs
        )
        page.content += reader.convert("![](b.png)")
"""


def test_an_excerpt_that_joins_a_page_late_is_filled(tmp_path: Path, server: ApiServer) -> None:
    """A blog renders its views with a Markdown of its own when all articles are done."""
    docs: dict[str, str | bytes] = {"index.md": "# Blog", "b.png": B}
    html = site_beside(tmp_path, server, EXCERPTS, docs).build().page()
    (caption,) = captions(server).values()
    assert f'<p><img alt="{caption}" src="b.png" /></p>' in html


COPIES = """
from pathlib import Path

from mkdocs.plugins import event_priority

copies = []


def on_config(config):
    copies.clear()


@event_priority(-75)
def on_page_content(html, *, page, config, files):
    copies.extend((html, page.content))


def on_post_build(*, config):
    Path(config.site_dir, "copies.txt").write_text("\\n".join(copies), encoding="utf-8")
"""


@pytest.mark.parametrize("is_warm", [False, True])
def test_copies_of_an_article_carry_the_caption(
    tmp_path: Path, server: ApiServer, *, is_warm: bool
) -> None:
    """Beside a plugin that is known to copy, at once; beside any other, with a warm cache."""
    plugins: list[Any] = [] if is_warm else [{"glightbox": {"auto_caption": True}}]
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)", "a.png": A}
    tiny = site_beside(tmp_path, server, COPIES, docs, plugins)
    if is_warm:
        tiny.build()
    copies = tiny.build().page("copies.txt")
    (caption,) = captions(server).values()
    assert copies.count(f'alt="{caption}"') == 2
    assert "data-alttext" not in copies


SHRINKING = """
from pathlib import Path


def on_env(env, *, config, files):
    for file in list(files.media_files()):
        if file.src_uri.endswith(".png"):
            files.remove(file)
            smaller = Path(config.config_file_path).with_name("smaller.png")
            file.abs_src_path = str(smaller)


def on_page_context(context, *, page, config, nav):
    page.content += '<img src="a.png">'
"""


def test_a_picture_that_a_plugin_rewrites_is_known_by_its_original_bytes(
    tmp_path: Path, server: ApiServer
) -> None:
    """It is out of MkDocs' collection by then, and a later pass still finds it.

    The same holds for one whose turn comes only after that.
    """
    server.latency = 0.1
    (tmp_path / "smaller.png").write_bytes(picture(3))
    docs: dict[str, str | bytes] = {"index.md": "![](b.png) ![](a.png)", "a.png": A, "b.png": B}
    result = site_beside(tmp_path, server, SHRINKING, docs).build()
    html = result.page()
    assert sorted(html.count(f'alt="{caption}"') for caption in captions(server).values()) == [1, 2]
    assert result.report is not None
    digests = {image["sha256"] for image in result.report["images"] if image["file"]}
    assert digests == {hashlib.sha256(data).hexdigest() for data in (A, B)}


CAPTIONS = """
import re


def {event}({argument}, **_):
    return re.sub(
        r'<img alt="([^"]+)"[^>]*>', r"\\g<0><figcaption>\\1</figcaption>", {argument}
    )
"""


@pytest.mark.parametrize(
    ("event", "argument"), [("on_page_content", "html"), ("on_post_page", "output")]
)
def test_no_hook_makes_a_caption_of_a_text_of_ours(
    tmp_path: Path, server: ApiServer, event: str, argument: str
) -> None:
    """Such hooks show alt text, which is only what its author wants to have shown."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)\n\n![Words](b.png)",
        "more.md": "![Words](b.png)",
        "a.png": A,
        "b.png": B,
    }
    tiny = site_beside(tmp_path, server, CAPTIONS.format(event=event, argument=argument), docs)
    cold, again = tiny.build(), tiny.build()
    (text,) = captions(server).values()
    assert re.findall("<figcaption>(.*?)</figcaption>", cold.page()) == ["Words"]
    assert f'<img alt="{text}"' in cold.page()
    assert again.files() == cold.files()
    assert cold.report is not None
    assert cold.report["counts"] == {
        "images": 4,
        "filled": 2,
        "missing": 0,
        "kept": 2,
        "remarks": 0,
        "empty_alt": 0,
    }


LIGHTBOX = """
import re


def on_post_page(output, *, page, config):
    images = r'(<img (?![^>]*off-glb)[^>]*src="([^"]*)"[^>]*>)'
    return re.sub(images, r'<a class="glightbox" href="\\2">\\1</a>', output)
"""


def test_a_lightbox_that_leaves_a_link_without_a_name_is_said(
    tmp_path: Path, server: ApiServer
) -> None:
    """With the cure for a decoration. What a missing text does to its own link needs no words."""
    images = '<img src="a.png" alt=""> ![](gone.png) <img class="off-glb" src="b.png" alt="">'
    images += " [![](none.png){ .off-glb }](https://ex.org/)"
    docs: dict[str, str | bytes] = {"index.md": images, "a.png": A, "b.png": B}
    tiny = site_beside(tmp_path, server, LIGHTBOX, docs)
    tiny.options["on_missing"] = "info"
    built = tiny.build()
    assert built.outcomes[-4:] == [
        "a.png keep-empty kept None empty-link",
        "gone.png unavailable missing None missing-file",
        "b.png keep-empty kept None None",
        "none.png unavailable missing None missing-file",
    ]
    nameless = [line for line in built.messages() if "its link has no name" in line]
    assert len(nameless) == 1
    assert "none.png" in nameless[0]


DOCSTRINGS = """
def on_page_markdown(markdown, *, page, config, files):
    markdown = markdown.replace("::: package", '<div><img alt="" src="a.png"></div>')
    return markdown.replace("![fig]()", '<figure><img alt="" src="b.png"></figure>')
"""


def test_an_empty_alt_that_no_author_wrote_is_a_remark(tmp_path: Path, server: ApiServer) -> None:
    """What a plugin makes of `![]()` cannot be told from a decision, and is named."""
    source = "::: package\n\n![fig]()\n\n<img src='c.png' alt=''>\n"
    docs: dict[str, str | bytes] = {"index.md": source, "a.png": A, "b.png": B, "c.png": B}
    built = site_beside(tmp_path, server, DOCSTRINGS, docs).build(strict=True)
    reasons = [each.split()[-1] for each in built.outcomes if "keep-empty" in each]
    assert reasons == ["empty-alt-unexplained", "empty-alt-unexplained", "None"]
    assert built.report is not None
    assert built.report["counts"]["remarks"] == 2


REWRITING = """
def on_post_page(output, *, page, config):
    return output.replace("kvm window.png", "kvm%20window.png")
"""


def test_an_address_that_is_written_anew_is_one_image(tmp_path: Path, server: ApiServer) -> None:
    """Of one that has its text by then, and of one that lacks it."""
    images = "<img src='kvm window.png'>\n\n<img src='gone/kvm window.png'>\n"
    docs: dict[str, str | bytes] = {"index.md": images, "kvm window.png": A}
    built = site_beside(tmp_path, server, REWRITING, docs).build()
    assert [each for each in built.outcomes if not each.startswith("/")] == [
        "kvm window.png ask-service filled service None",
        "gone/kvm window.png unavailable missing None missing-file",
    ]
