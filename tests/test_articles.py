"""When articles are filled, and when the answers for them are waited for."""

from __future__ import annotations

import sys
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from api_server import alt_text
from built_site import TinySite, picture

from mkdocs_alttext.captioning.judging import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api_server import ApiServer, Call

DOCS: dict[str, str | bytes] = {
    "index.md": "![](a.png)",
    "later.md": "![](b.png)",
    "a.png": picture(1),
    "b.png": picture(2),
}
TEXTS = [clean(alt_text(picture(number), "en")) for number in (1, 2)]


def site(
    folder: Path, server: ApiServer, config: dict[str, Any], docs: dict[str, str | bytes] = DOCS
) -> TinySite:
    """Make a site of two pages that asks the server for one picture at a time."""
    options = {"base_url": server.base_url, "max_retries": 0, "concurrency": 1}
    return TinySite(folder, docs, options, config=config)


WRITING = """
from threading import Event

is_written = Event()


def on_post_page(output, *, page, config):
    if page.file.src_uri == "index.md":
        is_written.set()
"""


def test_a_page_is_written_while_a_later_one_waits(tmp_path: Path, server: ApiServer) -> None:
    """So that the time of writing is none that is added to the time of waiting."""
    (tmp_path / "writing.py").write_text(WRITING, encoding="utf-8")
    seen = []

    def decide(call: Call) -> None:
        if call.image == DOCS["b.png"]:
            seen.append(sys.modules["writing.py"].is_written.wait(20))

    server.decide = decide
    built = site(tmp_path, server, {"hooks": ["writing.py"]}).build()
    assert seen == [True]
    assert f'alt="{TEXTS[0]}"' in built.page()
    assert f'alt="{TEXTS[1]}"' in built.page("later/index.html")


READING = """
from pathlib import Path


def on_env(env, *, config, files):
    text = "".join(file.page.content for file in files.documentation_pages())
    Path(config.config_file_path).with_name("read.txt").write_text(text, encoding="utf-8")
"""


def test_a_plugin_that_reads_all_articles_before_any_is_written_gets_the_texts(
    tmp_path: Path, server: ApiServer
) -> None:
    """In `on_env`, where all of them are rendered."""
    (tmp_path / "reading.py").write_text(READING, encoding="utf-8")
    site(tmp_path, server, {"hooks": ["reading.py"]}).build()
    text = (tmp_path / "read.txt").read_text(encoding="utf-8")
    assert [text.count(f'alt="{each}"') for each in TEXTS] == [1, 1]
    assert "data-alttext" not in text


def test_a_template_that_shows_all_articles_gets_the_texts(
    tmp_path: Path, server: ApiServer
) -> None:
    """A feed is made before the pages are."""
    feed = "<feed>{% for file in pages %}{{ file.page.content }}{% endfor %}</feed>"
    docs = {**DOCS, "feed.xml": feed}
    built = site(tmp_path, server, {"extra_templates": ["feed.xml"]}, docs).build()
    text = built.page("feed.xml")
    assert [text.count(f'alt="{each}"') for each in TEXTS] == [1, 1]
    assert "data-alttext" not in text


WATCHING = """
from pathlib import Path


def on_page_markdown(markdown, *, page, config, files):
    if page.file.src_uri == "z.md":
        others = (file.page.content or "" for file in files.documentation_pages())
        Path(config.config_file_path).with_name("seen.txt").write_text("".join(others), "utf-8")
"""
"""Nobody else does so: it looks at other pages' articles while pages are rendered."""


def warm_site(folder: Path, server: ApiServer, *hooks: str) -> TinySite:
    """Make a site of three pages with images, and build it once."""
    (folder / "watching.py").write_text(WATCHING, encoding="utf-8")
    docs = {**DOCS, "z.md": "![](a.png) ![Text](c.png)", "c.png": picture(9)}
    warm = site(folder, server, {"hooks": ["watching.py", *hooks]}, docs)
    warm.build()
    return warm


def seen(folder: Path) -> list[int]:
    """Return how often each text stood in the articles before the last page was rendered."""
    text = (folder / "seen.txt").read_text(encoding="utf-8")
    return [text.count(f'alt="{each}"') for each in TEXTS]


TAKING = """
from pathlib import Path


def on_page_content(html, *, page, config, files):
    with Path(config.config_file_path).with_name("taken.txt").open("a", encoding="utf-8") as file:
        file.write(html)
"""

FIRST = "from mkdocs.plugins import event_priority\n" + READING.replace(
    "def on_env", "@event_priority(50)\ndef on_env"
)


@pytest.mark.parametrize(
    ("hook", "file"),
    [(TAKING, "taken.txt"), (FIRST, "read.txt"), (READING, "read.txt")],
    ids=["on_page_content", "on_env, early", "on_env"],
)
def test_who_sees_articles_of_a_warm_build_sees_the_texts(
    tmp_path: Path, server: ApiServer, hook: str, file: str
) -> None:
    """Whenever that is: known texts are filled in as soon as an article is rendered."""
    (tmp_path / "other.py").write_text(hook, encoding="utf-8")
    warm = warm_site(tmp_path, server, "other.py")
    (tmp_path / file).unlink()
    again = warm.build()
    assert seen(tmp_path) == [1, 1]
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert [text.count(f'alt="{each}"') for each in TEXTS] == [2, 1]
    assert "data-alttext" not in text
    assert again.report is not None
    assert again.report["counts"] == {
        "images": 5,
        "filled": 4,
        "missing": 0,
        "kept": 1,
        "remarks": 0,
        "empty_alt": 0,
    }
    assert server.ledger.total() == 2


LIGHTBOX: dict[str, Any] = {"glightbox": {"auto_caption": True}}


def test_a_copy_has_no_mark_of_an_image_that_waits_for_its_whole_page(
    tmp_path: Path, server: ApiServer
) -> None:
    """The link's name may be anywhere on the page, so that nothing is decided in the article."""
    (tmp_path / "taking.py").write_text(TAKING, encoding="utf-8")
    link = '<a href="https://ex.org/" aria-labelledby="name" markdown="span">![](a.png)</a>'
    docs: dict[str, str | bytes] = {**DOCS, "index.md": link}
    tiny = site(tmp_path, server, {"hooks": ["taking.py"]}, docs)
    tiny.plugins = [LIGHTBOX]
    built = tiny.build()
    taken = (tmp_path / "taken.txt").read_text(encoding="utf-8")
    assert 'aria-labelledby="name"' in taken
    assert "data-alttext" not in taken
    assert "data-alttext" not in built.page()


@pytest.mark.parametrize("plugins", [[], [LIGHTBOX]], ids=["", "glightbox"])
def test_all_pictures_of_a_page_are_asked_for_at_once(
    tmp_path: Path, server: ApiServer, plugins: list[Any]
) -> None:
    """Whether their answers are waited for when the article is rendered, or later."""
    count = 8
    all_in_flight = Barrier(count, timeout=20)

    def decide(call: Call) -> None:
        if call.image:
            all_in_flight.wait()

    server.decide = decide
    docs: dict[str, str | bytes] = {f"{number}.png": picture(number) for number in range(count)}
    docs["index.md"] = "\n".join(f"![]({name})" for name in docs)
    options = {"base_url": server.base_url, "max_retries": 0, "concurrency": count}
    theme = {"name": None, "custom_dir": "theme"}
    built = TinySite(tmp_path, docs, options, plugins, {"theme": theme}).build()
    assert not all_in_flight.broken
    assert built.report is not None
    assert built.report["counts"]["filled"] == count


SWAPPING = """
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File


def on_page_markdown(markdown, *, page, config, files):
    if page.file.src_uri == "later.md":
        old = files.get_file_from_path("old.png")
        files.remove(old)
        files.append(File.generated(config, "a.png", content=old.content_bytes))


@event_priority(0)
def on_env(env, *, config, files):
    files.remove(files.get_file_from_path("a.png"))
"""


def test_a_file_that_took_the_place_of_another_and_is_taken_out_later_is_found(
    tmp_path: Path, server: ApiServer
) -> None:
    """As many files are not the same files; `404.html` shows the one that was there last."""
    (tmp_path / "swapping.py").write_text(SWAPPING, encoding="utf-8")
    docs: dict[str, str | bytes] = {
        "index.md": "![](old.png)",
        "later.md": "Text",
        "old.png": picture(1),
    }
    built = site(tmp_path, server, {"hooks": ["swapping.py"]}, docs).build()
    assert "/proj/a.png ask-service filled service None" in built.outcomes


RENDERING = """
from pathlib import Path


def on_env(env, *, config, files):
    html = '<img src="/proj/a.png">'
    hand_over = config.plugins.on_page_content
    texts = [
        hand_over(html, page=file.page, config=config, files=files)
        for file in files.documentation_pages()
    ]
    Path(config.config_file_path).with_name("rendered.txt").write_text("".join(texts), "utf-8")
"""


def test_what_is_rendered_after_all_pages_is_filled_at_once(
    tmp_path: Path, server: ApiServer
) -> None:
    """There is no time after it when all could be filled together."""
    (tmp_path / "rendering.py").write_text(RENDERING, encoding="utf-8")
    warm = warm_site(tmp_path, server, "rendering.py")
    warm.build()
    text = (tmp_path / "rendered.txt").read_text(encoding="utf-8")
    assert text.count(f'alt="{TEXTS[0]}"') == 3


ASKING = """
from threading import Event

asked = Event()
seen = []


def on_page_markdown(markdown, *, page, config, files):
    if page.file.src_uri == "z.md":
        seen.append(asked.wait(20))
"""


def lose_texts(warm: TinySite) -> None:
    """Delete the texts, and keep what is remembered of the files."""
    for path in (warm.folder / ".cache/plugin/alttext").glob("cache.db*"):
        path.unlink()


def add_picture(warm: TinySite) -> None:
    """Show a new picture on the second page."""
    warm.docs = {**warm.docs, "later.md": "![](new.png)", "new.png": picture(3)}


@pytest.mark.parametrize("change", [add_picture, lose_texts])
def test_what_is_not_known_is_asked_for_while_pages_are_rendered(
    tmp_path: Path, server: ApiServer, change: Callable[[TinySite], None]
) -> None:
    """An answer is not to be waited for after all else is done."""
    (tmp_path / "asking.py").write_text(ASKING, encoding="utf-8")
    warm = warm_site(tmp_path, server)
    change(warm)
    warm.config = {"hooks": ["asking.py"]}

    def decide(call: Call) -> None:
        if call.image not in {None, DOCS["a.png"]}:
            sys.modules["asking.py"].asked.set()

    server.decide = decide
    warm.build()
    assert sys.modules["asking.py"].seen == [True]


ADDING = """
def on_post_page(output, *, page, config):
    return output.replace(page.content, {replacement})
"""


@pytest.mark.parametrize(
    "replacement",
    ["'<img src=/proj/b.png>' + page.content", "page.content + '<img src=/proj/b.png>'"],
    ids=["before it", "behind it"],
)
def test_what_stands_beside_a_filled_article_is_filled(
    tmp_path: Path, server: ApiServer, replacement: str
) -> None:
    """The article itself is not looked at again."""
    hook = ADDING.format(replacement=replacement)
    (tmp_path / "adding.py").write_text(hook, encoding="utf-8")
    tiny = site(tmp_path, server, {"hooks": ["adding.py"]})
    tiny.build()
    built = tiny.build()  # with all texts at hand, so that each article is filled at once
    for name, text in (("index.html", TEXTS[0]), ("later/index.html", TEXTS[1])):
        assert f'<img alt="{TEXTS[1]}" src=/proj/b.png>' in built.page(name)
        assert f'<img alt="{text}" src="' in built.page(name)


def test_an_author_s_word_is_taken_out_of_the_page(tmp_path: Path, server: ApiServer) -> None:
    """Though all is decided when its article is."""
    docs: dict[str, str | bytes] = {**DOCS, "index.md": "![](a.png){ data-alttext=skip }"}
    built = site(tmp_path, server, {}, docs).build()
    assert '<img alt="" src="a.png" />' in built.page()
    assert "data-alttext" not in built.page()
