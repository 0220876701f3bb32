"""The main job, on whole sites and over a real socket."""

from __future__ import annotations

import io
import re
import sqlite3
import struct
import threading
import zlib
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import pytest
from api_server import API_KEY, ApiServer, alt_text, faults
from built_site import Built, TinySite, picture
from click.testing import CliRunner
from mkdocs.exceptions import Abort
from PIL import Image

from mkdocs_alttext.cache.disk import DiskCache
from mkdocs_alttext.captioning.judging import clean
from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {
    "index.md": "# Top ![](a.png)\n\n![](a.png) and ![](b.png){ .wide } `<img>`\n\n"
    '<img src=b.png> <img src="a.png" alt=""> ![Words](d.png)\n',
    "sub/page.md": "# Sub\n\n![](../a.png) ![](c.png) ![](nope.png)\n",
    "text.md": "# Text\n\nNo picture.\n",
    "a.png": picture(1),
    "b.png": picture(2),
    "sub/c.png": picture(3),
    "d.png": picture(4),
}


def site(folder: Path, server: ApiServer | None = None, **named: Any) -> TinySite:  # noqa: ANN401 - fields
    """Make the usual site, asking a server."""
    docs = named.pop("docs", PAGES)
    options = named.pop("options", {})
    if server is not None:
        options = {"base_url": server.base_url, "max_retries": 0, **options}
    return TinySite(folder, docs, options, **named)


def generated(server: ApiServer) -> list[Any]:
    """Return the requests for texts."""
    return [call for call in server.calls if call.path.endswith("/generate")]


def caption_of(call: Any) -> str:  # noqa: ANN401 - the server's own type
    """Return what a request's answer becomes on a page."""
    return clean(alt_text(call.image, call.language))


def without_alt(html: str) -> str:
    """Take every alt attribute out of the tags of images."""
    return re.sub(r'(<img\b[^>]*?) alt(?:="[^"]*"|(?=[\s>/]))', r"\1", html)


def only_alt_differs(built: Built, plain: Built) -> None:
    """Assert that two builds are equal but for alt attributes of images."""
    ours, theirs = built.files(), plain.files()
    assert ours.keys() == theirs.keys()
    for name, content in ours.items():
        if name.endswith(".html"):
            assert without_alt(content.decode()) == without_alt(theirs[name].decode()), name
        else:
            assert content == theirs[name], name


def test_the_first_build_pays_once_for_each_picture_and_the_second_nothing(
    tmp_path: Path, server: ApiServer
) -> None:
    """One request for each distinct picture, with the documented header, body and language."""
    tiny = site(tmp_path, server)
    first = tiny.build()
    calls = generated(server)
    assert len(calls) == len({call.sha256 for call in calls}) == 3
    for call in calls:
        assert call.method == "POST"
        assert call.authorised
        assert call.headers["Content-Type"] == "application/json"
        assert set(call.body) == {"image", "language"}
        assert call.language == "en"
    seen = first.files()
    server.calls.clear()
    second = tiny.build()
    assert server.calls == []
    assert second.files() == seen
    assert first.report is not None
    assert first.report["credits"] == {"spent": 3, "remaining": 997, "uncertain": 0}
    assert first.report["counts"] == {
        "images": 10,
        "filled": 7,
        "kept": 2,
        "missing": 1,
        "remarks": 0,
        "empty_alt": 0,
    }
    assert second.report is not None
    assert second.report["counts"] == first.report["counts"]


def test_only_alt_text_changes(tmp_path: Path, server: ApiServer) -> None:
    """Every byte but alt text is that of the build without the plugin."""
    tiny = site(tmp_path, server)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    only_alt_differs(built, plain)
    html = built.page()
    top = re.search(r'<h1 id="top">Top <img alt="([^"]+)" src="a.png" /></h1>', html)
    assert top is not None
    assert top[1] in {caption_of(call) for call in generated(server)}
    assert '<img src="a.png" alt="">' in html
    assert '<img alt="Words" src="d.png" />' in html
    assert re.search(r'<img alt="[^"]+" src=b\.png>', html)
    assert "<title>Top</title>" in html
    assert re.search(r'<img alt="[^"]+" src="/proj/a.png">', built.page("404.html"))


@pytest.mark.parametrize("minified", [False, True])
@pytest.mark.parametrize("lightbox", [False, True])
def test_nothing_else_changes_beside_plugins_that_rewrite_html(
    tmp_path: Path,
    server: ApiServer,
    minified: bool,  # noqa: FBT001 - a parameter of the test
    lightbox: bool,  # noqa: FBT001 - the same
) -> None:
    """Minified and re-serialised pages differ in alt text alone, and no mark is left."""
    plugins: list[Any] = [{"glightbox": {"auto_caption": False}}] if lightbox else []
    plugins += [{"minify": {"minify_html": True}}] if minified else []
    tiny = site(tmp_path, server, plugins=plugins)
    plain = tiny.build(plugin=False)
    built = tiny.build()

    def bare(text: bytes) -> str:
        return re.sub(r"""\s+alt(?:=(?:"[^"]*"|'[^']*'|[^\s>]+))?(?=[\s/>])""", "", text.decode())

    ours, theirs = built.files(), plain.files()
    assert ours.keys() == theirs.keys()
    for name in ours:
        if name.endswith(".html"):
            assert bare(ours[name]) == bare(theirs[name]), name
        else:
            assert ours[name] == theirs[name], name
    assert built.report is not None
    assert built.report["counts"]["filled"] == 7
    assert not any(b"data-alttext" in content for content in ours.values())


def test_captions_reach_the_lightbox_on_a_cold_cache(tmp_path: Path, server: ApiServer) -> None:
    """A plugin that copies alt text while a page renders gets it."""
    docs = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs, plugins=[{"glightbox": {"auto_caption": True}}])
    html = tiny.build().page()
    caption = caption_of(generated(server)[0])
    assert f'data-title="{caption}"' in html
    assert f'alt="{caption}"' in html


@pytest.mark.parametrize("generate", ["build", "never"])
def test_no_mark_is_left_when_nothing_is_filled(tmp_path: Path, generate: str) -> None:
    """Without a key or without leave to ask, the site is that of a build without the plugin."""
    tiny = site(tmp_path, options={"generate": generate}, plugins=["search"])
    plain = tiny.build(plugin=False, strict=False)
    assert tiny.build().files() == plain.files()


def test_without_a_key_one_message_says_so_and_strict_passes(tmp_path: Path) -> None:
    """The message names the variable; nothing is a warning."""
    docs = {"index.md": "![](a.png) ![](b.png)\n", "a.png": picture(1), "b.png": picture(2)}
    built = site(tmp_path, docs=docs).build(strict=True)
    said = [text for text in built.messages() if "ALTTEXTAI_API_KEY" in text]
    assert len(said) == 1
    assert built.messages("WARNING") == []


def test_a_wrong_key_is_said_once_and_changes_nothing(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """401 stops the asking for this build."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", "another-key-altogether")
    tiny = site(tmp_path, server)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.files() == plain.files()
    assert sum("rejected the key" in text for text in built.messages()) == 1
    assert server.credits_spent == 0
    leavings = [text for _, text in built.log]
    leavings += [
        path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*.*") if path.is_file()
    ]
    assert not any("another-key-altogether" in text for text in leavings)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"api_key": "sk-secret-1234567"}, "environment variable ALTTEXTAI_API_KEY"),
        ({"api_key_env": "sk-secret-1234567"}, "name of an environment variable"),
    ],
)
def test_a_key_in_the_configuration_is_refused_without_repeating_it(
    tmp_path: Path, options: dict[str, str], advice: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The advice says where a key belongs."""
    tiny = site(tmp_path, options=options)
    with pytest.raises(Abort):
        tiny.build()
    assert advice in caplog.text
    assert "sk-secret" not in "".join(
        record.getMessage() for record in caplog.records if record.levelname == "ERROR"
    )


def test_the_key_may_come_from_a_file(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`NAME_FILE` names a file, as secrets are mounted in containers."""
    monkeypatch.delenv("ALTTEXTAI_API_KEY")
    (tmp_path / "secret").write_text(f"{API_KEY}\n", encoding="utf-8")
    monkeypatch.setenv("ALTTEXTAI_API_KEY_FILE", str(tmp_path / "secret"))
    assert site(tmp_path, server).build().report["credits"]["spent"] == 3  # type: ignore[index]


def test_a_byte_order_mark_is_no_part_of_the_key(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows' Notepad begins each file with one."""
    monkeypatch.delenv("ALTTEXTAI_API_KEY")
    (tmp_path / "secret").write_text(f"{API_KEY}\r\n", encoding="utf-8-sig")
    monkeypatch.setenv("ALTTEXTAI_API_KEY_FILE", str(tmp_path / "secret"))
    assert site(tmp_path, server).build().report["credits"]["spent"] == 3  # type: ignore[index]


def test_a_picture_of_the_theme_and_of_an_article_is_two_images(tmp_path: Path) -> None:
    """What becomes of one says nothing of the other."""
    docs = {"index.md": "![](a.png)\n", "a.png": picture(1)}
    tiny = site(tmp_path, docs=docs, config={"theme": {"name": None, "custom_dir": "theirs"}})
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "main.html").write_text('<img src="a.png">{{ page.content }}<hr>')
    assert tiny.build().outcomes == ["a.png ask-service missing None no-key"] * 2


UNUSABLE_KEYS = [
    ({"ALTTEXTAI_API_KEY": "two-s3cret\nlines"}, "holds characters that no key has"),
    ({"ALTTEXTAI_API_KEY": "s3cret-\u2603"}, "holds characters that no key has"),
    ({"ALTTEXTAI_API_KEY": '"s3cret-key"'}, "is in quotes"),
    ({"ALTTEXTAI_API_KEY": "'s3cret-key"}, "is in quotes"),
    ({"ALTTEXTAI_API_KEY_FILE": "nowhere"}, "ALTTEXTAI_API_KEY_FILE names cannot be read"),
    ({"ALTTEXTAI_API_KEY_FILE": "docs"}, "ALTTEXTAI_API_KEY_FILE names cannot be read"),
    ({"ALTTEXTAI_API_KEY_FILE": "docs/a.png"}, "ALTTEXTAI_API_KEY_FILE names cannot be read"),
]


@pytest.mark.parametrize(("variables", "said"), UNUSABLE_KEYS)
def test_a_key_that_cannot_be_used_is_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    """The site is built, and one message says what is wrong, without the key."""
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    docs = {"index.md": "![](a.png) ![](b.png)\n", "a.png": picture(1), "b.png": picture(2)}
    tiny = site(tmp_path, docs=docs)
    plain = tiny.build(plugin=False)
    built = tiny.build(strict=True)
    assert built.files() == plain.files()
    (message,) = (text for text in built.messages() if "ALTTEXTAI_API_KEY" in text)
    assert said in message
    assert "3 images left as written" in message
    assert "s3cret" not in "".join(text for _, text in built.log)


@pytest.mark.parametrize(
    ("generate", "command"), [("never", "build"), ("never", "serve"), ("build", "serve")]
)
def test_a_key_that_is_not_needed_is_not_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generate: str,
    command: Literal["build", "serve"],
) -> None:
    """Whether it could be used is nobody's business then."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY_FILE", str(tmp_path / "nowhere"))
    built = site(tmp_path, options={"generate": generate}).build(command=command)
    assert not any("ALTTEXTAI_API_KEY" in text for text in built.messages())
    assert any("not asked here" in text for text in built.messages())


def test_requests_run_side_by_side_across_pages(tmp_path: Path, server: ApiServer) -> None:
    """Four pictures on four pages are asked for at once: none is answered before all are there."""
    docs: dict[str, str | bytes] = {f"p{n}.md": f"![]({n}.png)\n" for n in range(4)}
    docs |= {f"{n}.png": picture(n) for n in range(4)}
    gate = threading.Barrier(4, timeout=20)

    def decide(call: Any) -> Any:  # noqa: ANN401 - the server's own types
        if call.path.endswith("/generate"):
            gate.wait()

    server.decide = decide
    built = site(tmp_path, server, docs=docs, options={"concurrency": 4}).build()
    assert built.report is not None
    assert built.report["counts"]["filled"] == 4


BAD_INPUTS = {
    "![](nope.png)": "missing-file",
    "![](empty.png)": "empty-file",
    "![](text.png)": "not-an-image",
    "![](cut.png)": "undecodable",
    "![](zero.png)": "zero-size",
    "![](bomb.png)": "too-many-pixels",
    "![](folder.png)": "missing-file",
    '<img src="../../x.png">': "outside-site",
    '<img src="..%2f..%2fetc/passwd">': "outside-site",
    '<img src="file:///etc/passwd">': "outside-site",
    '<img src="C:\\x.png">': "outside-site",
    '<img src="http://[bad">': "bad-url",
    '<img src="https://other.example/x.png">': "remote",
    '<img src="/x.png">': "outside-site",
    "<img>": "no-source",
    '<img src="d.drawio">': "not-an-image",
}


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that says its size and holds no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        length, checksum = len(data), zlib.crc32(kind + data)
        return struct.pack(">I", length) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def test_bad_input_is_named_and_the_build_goes_on(tmp_path: Path, server: ApiServer) -> None:
    """Each has its reason in the report, and its page stays byte for byte."""
    whole = picture(9)
    docs: dict[str, str | bytes] = {
        f"p{number}.md": f"{text}\n" for number, text in enumerate(BAD_INPUTS)
    }
    docs |= {
        "empty.png": b"",
        "text.png": b"no picture",
        "cut.png": whole[: len(whole) // 2],
        "zero.png": png_header(0, 0),
        "bomb.png": png_header(50_000, 50_000),
        "folder.png/x.txt": b"",
    }
    tiny = site(tmp_path, server, docs=docs)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.report is not None
    reasons = {image["source"]: image["reason"] for image in built.report["images"]}
    expected = {f"p{number}.md": reason for number, reason in enumerate(BAD_INPUTS.values())}
    # The theme's 404.html has no source; its picture is not on this site.
    assert {source: reasons[source] for source in expected} == expected
    assert built.files() == plain.files()
    assert generated(server) == []


@pytest.mark.parametrize(
    ("options", "page", "outcomes"),
    [
        ({"empty_alt": "fill"}, '<img alt="" src="a.png">', ["ask-service filled service"]),
        ({"empty_alt": "keep"}, "![](a.png)", ["keep-empty kept None"]),
        ({"skip_classes": "x"}, "![](a.png){ .x }", ["skip kept None"]),
        ({"skip_classes": ["x"]}, "![](a.png){ .x }", ["skip kept None"]),
        ({"exclude": ["a.*"]}, "![](a.png)", ["skip kept None"]),
        ({"exclude": "*.gif\na.png"}, "![](a.png)", ["skip kept None"]),
        (
            {"include": ["b.png"]},
            "![](a.png) ![](b.png)",
            ["skip kept None", "ask-service filled service"],
        ),
        ({"include": ["# none yet", ""]}, "![](a.png)", ["ask-service filled service"]),
        ({"include": "# none yet\n\n"}, "![](a.png)", ["ask-service filled service"]),
        ({"include": "# one\nb.png"}, "![](a.png)", ["skip kept None"]),
        ({"replace_filenames": True}, "![a.png](a.png)", ["ask-service filled service"]),
        ({}, "![a.png](a.png)", ["keep-text kept None"]),
        (
            {"max_credits": 1},
            "![](a.png) ![](b.png)",
            ["ask-service filled service", "ask-service missing None"],
        ),
        ({"max_length": 20}, "![](a.png)", ["ask-service missing None"]),
        ({"enabled": "0"}, "![](a.png)", None),
        ({}, "---\nalttext: false\n---\n![](a.png)", ["skip kept None"]),
    ],
)
def test_each_option_does_what_it_says(
    tmp_path: Path,
    server: ApiServer,
    options: dict[str, Any],
    page: str,
    outcomes: list[str] | None,
) -> None:
    """One tiny site for each option."""
    docs = {"index.md": page, "a.png": picture(1), "b.png": picture(2)}
    built = site(tmp_path, server, docs=docs, options=options).build()
    if outcomes is None:
        assert built.report is None
        assert server.calls == []
        return
    assert built.report is not None
    keys = ("decision", "outcome", "origin")
    shown = [
        " ".join(str(image[key]) for key in keys)
        for image in built.report["images"]
        if image["page"] == "index.html"
    ]
    assert shown == outcomes


def test_provenance_is_shown_on_request(tmp_path: Path, server: ApiServer) -> None:
    """Generated text is marked, and only that."""
    html = site(tmp_path, server, options={"provenance": True}).build().page()
    assert html.count('data-alt-source="ai"') == 4


def test_the_language_of_a_page_is_asked_for(tmp_path: Path, server: ApiServer) -> None:
    """Front matter, then the option; one the service does not speak is left alone."""
    docs = {
        "fr.md": "---\nalttext:\n  lang: fr\n---\n![](a.png)",
        "de.md": "![](a.png)",
        "cy.md": "---\nalttext:\n  lang: cy\n---\n![](a.png)",
        "a.png": picture(1),
    }
    built = site(tmp_path, server, docs=docs, options={"language": "de-AT"}).build()
    assert {call.language for call in generated(server)} == {"fr", "de"}
    assert "a.png ask-service missing None unsupported-language" in [
        outcome.removeprefix("../") for outcome in built.outcomes
    ]


@pytest.mark.parametrize(("on_missing", "level"), [("info", None), ("warn", "WARNING")])
def test_on_missing_decides_how_loud_a_gap_is(
    tmp_path: Path, on_missing: str, level: str | None
) -> None:
    """A warning fails `--strict`."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, docs=docs, options={"on_missing": on_missing})
    assert bool(tiny.build().messages("WARNING")) == (level is not None)
    if level:
        with pytest.raises(Abort):
            tiny.build(strict=True)


@pytest.mark.parametrize(("on_missing", "named"), [("ignore", 0), ("info", 1)])
def test_on_missing_decides_whether_images_are_named(
    tmp_path: Path, on_missing: str, named: int
) -> None:
    """They are counted all the same, and a key that is missing is still told."""
    docs = {"index.md": "![](a.png) ![](nope.png)\n", "a.png": picture(1)}
    built = site(tmp_path, docs=docs, options={"on_missing": on_missing}).build()
    messages = built.messages()
    assert sum("'nope.png'" in text for text in messages) == named
    assert sum("1 missing-file" in text for text in messages) == 1
    assert sum("No key" in text for text in messages) == 1


def test_on_missing_error_fails_the_build(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """For those who ask for it."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    with pytest.raises(Abort):
        site(tmp_path, docs=docs, options={"on_missing": "error"}).build()
    assert "2 images without alt text" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": "http://service.example/api"}, "unencrypted"),
        ({"service": "nobody"}, "no service 'nobody'"),
        ({"exclude": "*.png\n!"}, "option 'exclude': '!' is not a pattern"),
    ],
)
def test_what_cannot_work_is_refused_with_advice(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    options: dict[str, str],
    message: str,
) -> None:
    """The message names the option and what to write instead."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", "a-key-for-nobody")
    with pytest.raises(Abort):
        site(tmp_path, options=options).build()
    assert message in caplog.text


@pytest.mark.parametrize(
    ("cache", "around"),
    [
        ("docs/cache", "docs_dir"),
        ("site/cache", "site_dir"),
        ("site/.cache", "site_dir"),
        ("site", "site_dir"),
    ],
)
def test_a_cache_that_would_be_published_is_not_used(
    tmp_path: Path, server: ApiServer, cache: str, around: str
) -> None:
    """The build goes on, and spends nothing that it could not remember."""
    tiny = site(tmp_path, server, options={"cache_dir": cache})
    built = tiny.build()
    (message,) = built.messages("WARNING")
    assert f"inside {around}" in message
    assert server.ledger.total() == 0
    assert not list(tmp_path.rglob("cache.db"))
    reasons = Counter(outcome.split()[-1] for outcome in built.outcomes)
    assert reasons == {"cache-unusable": 7, "missing-file": 1, "None": 2}


def test_serve_spends_nothing_by_default(tmp_path: Path, server: ApiServer) -> None:
    """Unless `generate: always` says so."""
    tiny = site(tmp_path, server)
    tiny.build(command="serve")
    assert server.calls == []
    tiny.options["generate"] = "always"
    tiny.build(command="serve")
    assert len(generated(server)) == 3


def test_a_dry_run_speaks_of_one_credit_as_of_one(tmp_path: Path, server: ApiServer) -> None:
    """And not of `1 credits`."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs, options={"generate": "never"})
    assert any("would spend 1 credit on" in text for text in tiny.build().messages())


def test_a_dry_run_says_what_a_build_then_spends(tmp_path: Path, server: ApiServer) -> None:
    """`generate: never` counts what is really sendable."""
    docs = {**PAGES, "more.md": "![](cut.png)", "cut.png": picture(5)[:40]}
    tiny = site(tmp_path, server, docs=docs, options={"generate": "never"})
    assert any("would spend 3 credits" in text for text in tiny.build().messages())
    assert server.calls == []
    tiny.options["generate"] = "build"
    tiny.build()
    assert server.credits_spent == 3


def test_credits_go_to_the_first_images_of_the_pages(tmp_path: Path, server: ApiServer) -> None:
    """With fewer credits than pictures, what there is is spent in page order, and said once."""
    server.top_up(7 - server.credits_left)
    docs: dict[str, str | bytes] = {f"p{n:02}.md": f"![]({n}.png)\n" for n in range(20)}
    docs |= {f"{n}.png": picture(n) for n in range(20)}
    tiny = site(tmp_path, server, docs=docs)
    built = tiny.build()
    filled = [line.split()[0] for line in built.outcomes if " filled " in line]
    assert filled == [f"../{n}.png" for n in range(7)]
    assert sum("out-of-credits" in line for line in built.outcomes) == 13
    assert sum("Not enough credits: 13 images" in text for text in built.messages()) == 1
    server.top_up(20)
    tiny.build()
    assert server.credits_spent == 20
    assert server.double_charges == 0


@pytest.mark.parametrize(
    "fault", [faults.success_false(), faults.status(504)], ids=["failed", "gateway timeout"]
)
def test_an_answer_without_a_text_may_cost_a_credit(
    tmp_path: Path,
    server: ApiServer,
    fault: Any,  # noqa: ANN401 - the server's own type
) -> None:
    """So no build spends more than it was allowed, even if each of them does."""

    def charged(turn: Any) -> None:  # noqa: ANN401 - the server's own type
        turn.charge()
        fault(turn)

    server.decide = lambda call: charged if call.path.endswith("/generate") else None
    docs: dict[str, str | bytes] = {f"{n}.png": picture(n) for n in range(6)}
    docs["index.md"] = " ".join(f"![]({n}.png)" for n in range(6))
    options = {"max_credits": 2, "max_retries": 3}
    built = site(tmp_path, server, docs=docs, options=options).build()
    assert server.credits_spent == 2
    assert built.report
    assert (built.report["credits"]["spent"], built.report["credits"]["uncertain"]) == (0, 2)


@pytest.mark.parametrize(
    "fault",
    [
        faults.html(),
        faults.broken_json(),
        faults.wrong_types(),
        faults.redirect("http://other.example/"),
    ],
)
def test_what_is_no_answer_leaves_the_page_as_it_was(
    tmp_path: Path,
    server: ApiServer,
    fault: Any,  # noqa: ANN401 - the server's own type
) -> None:
    """Something between here and the service spoke in its place: the next build asks again."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    plain = tiny.build(plugin=False)
    server.script(None, fault)
    assert tiny.build().files() == plain.files()
    assert "filled" in tiny.build().outcomes[-1]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.success_false(), "image-rejected"),
        (faults.empty_text(), "answer-empty"),
        (faults.text(7), "bad-answer"),
        (faults.text("image"), "answer-placeholder"),
        (faults.text("404"), "answer-digits"),
        (faults.text('{"alt": "A red kite"}'), "answer-not-prose"),
        (faults.text("I'm sorry, I cannot help with that."), "answer-refusal"),
        (faults.text("a.png"), "answer-filename"),
        (faults.text("A kite. " * 300), "answer-too-long"),
    ],
)
def test_an_unfit_answer_is_paid_for_once(
    tmp_path: Path,
    server: ApiServer,
    fault: Any,  # noqa: ANN401 - the server's own type
    reason: str,
) -> None:
    """It is not published, and no later build asks again."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs)
    plain = tiny.build(plugin=False)
    server.decide = lambda call: fault if call.path.endswith("/generate") else None
    for _ in range(3):
        built = tiny.build()
        assert built.files() == plain.files()
        assert built.outcomes[-1] == f"a.png ask-service missing None {reason}"
    assert len(generated(server)) == 1


def test_what_was_paid_for_is_judged_by_the_options_of_each_build(
    tmp_path: Path, server: ApiServer
) -> None:
    """Allowing longer texts publishes one without a request, and back."""
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    text = "A red kite over a green hill"
    server.script(None, faults.text(text))
    found = [
        site(tmp_path, server, docs=docs, options={"max_length": most}).build().page()
        for most in (20, 300, 20)
    ]
    assert [text in page for page in found] == [False, True, False]
    assert len(generated(server)) == 1


@pytest.mark.parametrize("page", ["# Top\n", "# Top\n\n![](a.png) <img src='a.png' alt=''>\n"])
def test_what_another_plugin_adds_to_an_article_is_filled(
    tmp_path: Path, server: ApiServer, page: str
) -> None:
    """Though the article was looked at before it came."""
    (tmp_path / "hook.py").write_text(
        "def on_page_content(html, **_):\n    return html + '<img src=\"b.png\">'\n"
    )
    site = TinySite(
        tmp_path,
        {"index.md": page, "a.png": picture(1), "b.png": picture(2)},
        options={"base_url": server.base_url},
        config={"hooks": [str(tmp_path / "hook.py")]},
    )
    for _ in range(2):
        assert '<img src="b.png">' not in site.build().page()


def test_a_failure_that_stops_nothing_is_told_with_what_happens_next(
    tmp_path: Path, server: ApiServer
) -> None:
    """A single picture is too little to leave the service alone for, and must not be silent."""
    server.decide = lambda _: faults.status(503)
    docs = {"index.md": "![](a.png)", "a.png": picture(1)}
    told = "\n".join(site(tmp_path, server, docs=docs).build().messages())
    assert "failed for 2 images, left without text: 2 service-unavailable" in told
    assert "next build tries again" in told


def test_a_name_is_replaced_without_a_report_too(tmp_path: Path, server: ApiServer) -> None:
    """Where images that seem to have a text are otherwise not looked at."""
    docs = {"index.md": "![IMG_1234](IMG_1234.png)\n", "IMG_1234.png": picture(1)}
    tiny = site(tmp_path, server, docs=docs, options={"replace_filenames": True, "report": None})
    assert 'alt="IMG_1234"' not in tiny.build().page()
    assert server.ledger.total() == 1


def test_animations_that_are_sent_as_the_same_bytes_cost_one(
    tmp_path: Path, server: ApiServer
) -> None:
    """Their later frames differ, and the service would never know."""
    docs: dict[str, str | bytes] = {"index.md": "![](1.gif) ![](2.gif) ![](3.gif)\n"}
    for number, colour in enumerate(("red", "lime", "blue"), 1):
        first, later = (Image.linear_gradient("L").resize((40, 30)) for _ in range(2))
        later.paste(number * 50, (0, 0, 20, 20))
        buffer = io.BytesIO()
        first.save(buffer, "GIF", save_all=True, append_images=[later], comment=colour.encode())
        docs[f"{number}.gif"] = buffer.getvalue()
    tiny = site(tmp_path, server, docs=docs)
    texts = set(re.findall(r'alt="([^"]+)"', tiny.build().page()))
    assert len(texts) == server.ledger.total() == 1
    assert tiny.build().report["credits"]["spent"] == 0  # type: ignore[index]
    assert server.ledger.total() == 1


def animation(colour: str) -> bytes:
    """Make an animation whose first frame is the same for each colour."""
    first = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    later = Image.new("RGB", (40, 30), colour)
    buffer = io.BytesIO()
    first.save(buffer, "PNG", save_all=True, append_images=[later])
    return buffer.getvalue()


def test_bytes_that_were_paid_for_cost_nothing_in_later_builds(
    tmp_path: Path, server: ApiServer
) -> None:
    """An animation that is new to the site, sent as an old one was; also beside each other."""
    docs: dict[str, str | bytes] = {"index.md": "![](1.png)\n", "1.png": animation("red")}
    first = site(tmp_path, server, docs=docs).build().page()
    docs |= {"index.md": "![](1.png) ![](2.png)\n", "2.png": animation("lime")}
    second = site(tmp_path, server, docs=docs).build()
    texts = re.findall(r'alt="([^"]+)"', second.page())
    assert texts == 2 * re.findall(r'alt="([^"]+)"', first)
    assert second.report["credits"]["spent"] == 0  # type: ignore[index]
    assert server.ledger.total() == 1
    docs |= {"index.md": "![](2.png)\n"}  # it has a text of its own by now
    assert f'alt="{texts[0]}"' in site(tmp_path, server, docs=docs).build().page()
    assert server.ledger.total() == 1


def test_a_text_from_before_is_found_by_its_file(tmp_path: Path, server: ApiServer) -> None:
    """An earlier version kept nothing under the digest of what was sent."""
    docs: dict[str, str | bytes] = {"index.md": "![](1.png)\n", "1.png": animation("red")}
    first = site(tmp_path, server, docs=docs).build().page()
    with closing(DiskCache(tmp_path / ".cache/plugin/alttext")) as cache:
        kept = dict(cache.entries())
        of_part = [key for key, answer in kept.items() if key.sha256 == answer.sent]
        assert len(of_part) == 1
        cache.forget(of_part)
        for key in kept.keys() - {*of_part}:
            cache.put(key, kept[key]._replace(sent=""))
    assert site(tmp_path, server, docs=docs).build().page() == first
    assert server.ledger.total() == 1


def test_what_is_said_of_a_part_in_vain_is_final_for_all(tmp_path: Path, server: ApiServer) -> None:
    """A picture that the service refuses for good is not sent again as another file."""
    docs: dict[str, str | bytes] = {"index.md": "![](1.png)\n", "1.png": animation("red")}
    server.decide = lambda _: faults.text(5)
    site(tmp_path, server, docs=docs).build()
    docs |= {"index.md": "![](1.png) ![](2.png)\n", "2.png": animation("lime")}
    asked = len(generated(server))
    assert asked == 1
    site(tmp_path, server, docs=docs).build()
    assert len(generated(server)) == asked


def test_the_cache_knows_that_a_part_was_sent(tmp_path: Path, server: ApiServer) -> None:
    """The upper one of a strip, at legible size."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((300, 5000)).save(buffer, "PNG")
    docs = {"index.md": "![](a.png)\n", "a.png": buffer.getvalue()}
    tiny = site(tmp_path, server, docs=docs)
    tiny.build()
    (call,) = generated(server)
    assert Image.open(io.BytesIO(call.image)).size == (300, 2048)
    with closing(sqlite3.connect(tmp_path / ".cache/plugin/alttext/cache.db")) as database:
        values = [str(value) for (value,) in database.execute("SELECT value FROM Cache")]
    # The answer is kept for the file and for what was sent of it.
    assert sum('"part":"upper"' in value for value in values) == 2


@pytest.mark.parametrize(
    "page",
    [
        "![](a.png#only-light)![](b.png#only-dark)\n",
        "![](a.png#gh-dark-mode-only)\n\n![](b.png#gh-light-mode-only)\n",
        "[![](a.png#only-dark) ![](b.png#only-light)](https://elsewhere.example/)\n",
    ],
)
def test_a_picture_in_two_colours_costs_one(tmp_path: Path, server: ApiServer, page: str) -> None:
    """In a cold build, where its answer is waited for, and in a warm one."""
    docs: dict[str, str | bytes] = {"index.md": page, "a.png": picture(1), "b.png": picture(2)}
    tiny = site(tmp_path, server, docs=docs)
    cold = tiny.build(strict=True)
    texts = re.findall(r'<img alt="([^"]+)"', cold.page())
    assert len(texts) == 2
    assert len(set(texts)) == server.ledger.total() == 1
    assert tiny.build(strict=True).page() == cold.page()
    assert server.ledger.total() == 1


@pytest.mark.parametrize("said", ["![](d.png)", "![A dark door](d.png)", "", "c.png", "d.png"])
def test_a_picture_in_two_colours_has_one_text_whatever_is_known_of_each(
    tmp_path: Path, server: ApiServer, said: str
) -> None:
    """A draft of one does not part them, and what a person wrote of one costs nothing."""
    docs: dict[str, str | bytes] = {"index.md": "![](c.png#only-light)![](d.png#only-dark)\n"}
    docs |= {"c.png": picture(1), "d.png": picture(2), "other.md": f"# Other\n\n{said}\n"}
    tiny = site(tmp_path, server, docs=docs)
    if said.endswith(".png"):
        entry = f"{said}:\n  alt: A door\n  status: reviewed\n"
        (tmp_path / "alttext.yml").write_text(entry, encoding="utf-8")
    before = tiny.build(strict=True).page()
    texts = re.findall(r'<img alt="([^"]+)"', before)
    assert len(set(texts)) == 1
    assert len(texts) == 2
    is_written = "door" in before
    assert server.ledger.total() == (0 if is_written else 1 + bool(said))
    result = CliRunner().invoke(main, ["catalog", "-f", str(tmp_path / "mkdocs.yml")])
    assert result.exit_code == 0
    assert tiny.build(strict=True).page() == before
