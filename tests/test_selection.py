"""`include` and `exclude` on whole sites: what is left out is never sent."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Literal

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import Built, TinySite, picture
from mkdocs.structure.files import File, Files

from mkdocs_alttext.pages.include_exclude import Selection, docs_dir_names
from mkdocs_alttext.pages.patterns import Pattern, parse
from mkdocs_alttext.site.files import SiteFiles

if TYPE_CHECKING:
    from pathlib import Path

ACCENTED = "img/\u00e9.png"


def nfd(text: str) -> str:
    """Return the other spelling."""
    return unicodedata.normalize("NFD", text)


def site(folder: Path, server: ApiServer, *pictures: str, **options: Any) -> TinySite:  # noqa: ANN401 - any option
    """Make a site of one page that shows pictures, each another."""
    docs: dict[str, str | bytes] = {name: picture(n) for n, name in enumerate(pictures)}
    docs["index.md"] = "".join(f"![](<{name}>)\n" for name in pictures)
    return TinySite(folder, docs, {"base_url": server.base_url, **options})


def outcomes(built: Built) -> list[str]:
    """Return what became of the pictures of the page."""
    assert built.report is not None
    page = [each for each in built.report["images"] if each["page"] == "index.html"]
    return [f"{each['decision']} {each['reason']}" for each in page]


def said(built: Built, level: str) -> list[str]:
    """Return what is said of patterns."""
    return [text for text in built.messages(level) if "the pattern" in text]


def sent(built: Built) -> list[str]:
    """Return the pictures that were sent."""
    assert built.report is not None
    page = [each for each in built.report["images"] if each["page"] == "index.html"]
    return [each["file"] for each in page if each["origin"] == "service"]


@pytest.mark.parametrize("written", [ACCENTED, nfd(ACCENTED), f"/{ACCENTED}", "*\u00e9*", "img/"])
@pytest.mark.parametrize("on_disk", [ACCENTED, nfd(ACCENTED)])
def test_a_name_is_excluded_in_either_spelling(
    tmp_path: Path, server: ApiServer, written: str, on_disk: str
) -> None:
    """Editors and disks differ in how they write an accented letter."""
    built = site(tmp_path, server, on_disk, exclude=[written]).build(strict=True)
    assert server.calls == []
    assert outcomes(built) == ["skip excluded"]
    assert said(built, "INFO") == said(built, "WARNING") == []


@pytest.mark.parametrize("written", [ACCENTED, nfd(ACCENTED)])
@pytest.mark.parametrize("on_disk", [ACCENTED, nfd(ACCENTED)])
def test_a_name_is_included_in_either_spelling(
    tmp_path: Path, server: ApiServer, written: str, on_disk: str
) -> None:
    """What is not chosen stays."""
    built = site(tmp_path, server, on_disk, "a.png", include=[written]).build(strict=True)
    assert [unicodedata.normalize("NFC", name) for name in sent(built)] == [ACCENTED]


def test_nothing_below_an_excluded_folder_is_sent(tmp_path: Path, server: ApiServer) -> None:
    """Whatever exception follows, as in `.gitignore`; where nothing is excluded above, it holds."""
    tiny = site(tmp_path, server, "private/ok.png", "private/a.png", "b.gif", "ok.gif")
    tiny.options["exclude"] = ["private/", "!private/ok.png", "*.gif", "!ok.gif"]
    assert sent(tiny.build(strict=True)) == ["ok.gif"]


def test_an_exception_to_include_keeps_a_picture_back(tmp_path: Path, server: ApiServer) -> None:
    """It can be there for nothing else."""
    tiny = site(tmp_path, server, "img/a.png", "img/private/a.png", "b.png")
    tiny.options["include"] = ["img/", "!img/private/"]
    assert sent(tiny.build(strict=True)) == ["img/a.png"]


SLIPS = {
    "./private/": "'/private/' would match 'private'",
    "././private/": "'/private/' would match",
    "../private/*.png": "'/private/*.png' would match",
    "docs/private/": "'/private/' would match 'private'",
    "/docs/private": "'/private' would match",
    "docs\\private": "'/private' would match",
    "private\\*.png": "'private/*.png' would match",
    "private//secret%20one.png": "'/private/secret one.png' would match",
    "gone.png, private/": "'gone.png' and 'private/' would match 'private'",
    "private/,*.jpg": "'private/' and '*.jpg' would match 'private'",
    "s*one.png docs/private": "'s*one.png' and '/private' would match 'private'",
    "private/secret one.png/": "'private/secret one.png' would match",
    "private/*/": "'private/*' would match",
    "private/**/": "'private/**' would match",
    "private/./secret one.png": "'/private/secret one.png' would match",
    "img/../private/": "'/private/' would match",
    "docs/./img/../private/": "'/private/' would match",
    '"private/"': "'private/' would match",
    "'./private/'": "'/private/' would match",
    '"gone.png", "private/"': "'gone.png' and 'private/' would match",
    "\ufeffprivate/": "'private/' would match",
    "priv\u200bate/": "'private/' would match",
    "^private/": "'/private/' would match",
    "^docs/private/.*$": "'/private/**/*' would match",
    "private/.*": "'private/**/*' would match",
    r"private/.*\.png": "'private/**/*.png' would match",
    r"secret one\..*": "'secret one.*' would match",
    r".*/.*one\.png": "'**/**/*one.png' would match",
    r"^.*one\.png$": "'/**/*one.png' would match",
    r"^private/secret.*\.(png|jpg)$": "'/private/secret*.png' and",
    "private/*.(png|jpg)": "'private/*.png' and 'private/*.jpg' would match",
    "*.PNG": "'*.PNG' would match",
    "Private/": "'Private/' would match 'private' if case did not count",
    "private/*.{png,jpg}": "'private/*.png' and 'private/*.jpg' would match 'private/",
    "docs/private/{a,secret one}.{jpg, png}": "'/private/secret one.png' would match",
    "{foo,{private,bar}}/": "'foo/' and 'private/' and 'bar/' would match 'private'",
    "{x,y}.jpg, {private,foo}/": "'x.jpg' and 'private/' and 'foo/' and 'y.jpg' would match",
    "{Private,foo}/": "'Private/' and 'foo/' would match 'private' if case did not count",
    "./Docs/PRIVATE/": "'/PRIVATE/' would match 'private' if case did not count",
}


@pytest.mark.parametrize("pattern", SLIPS)
def test_what_a_pattern_must_mean_is_not_sent(
    tmp_path: Path, server: ApiServer, pattern: str
) -> None:
    """It matches nothing as git reads it; a warning says how to write it."""
    tiny = site(tmp_path, server, "private/secret one.png", "other.gif", exclude=[pattern])
    built = tiny.build()
    assert sent(built) == ["other.gif"]
    (warning,) = said(built, "WARNING")
    assert f"exclude: the pattern {pattern!r} matches no picture of this site, but" in warning
    assert SLIPS[pattern] in warning
    assert "nothing that it would match is sent" in warning
    assert said(built, "INFO") == []


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("[secret]/a.png", "[secret]/"),
        ("a/shot [1].png", "shot [1].png"),
        ("[a]/b.png", "docs/[a]"),
    ],
)
def test_a_name_with_brackets_is_not_sent(
    tmp_path: Path, server: ApiServer, name: str, pattern: str
) -> None:
    """They mean one of several characters, and there is no such file."""
    built = site(tmp_path, server, name, "other.gif", exclude=[pattern]).build()
    assert sent(built) == ["other.gif"]
    assert len(said(built, "WARNING")) == 1


def test_a_name_that_looks_like_a_comment_is_not_sent(tmp_path: Path, server: ApiServer) -> None:
    """Where there is such a file; comments that name none are not told."""
    lines = ["#secret/", "#private/", "# *.png", "#", "#[", "# a.png"]
    tiny = site(tmp_path, server, "#secret/a.png", "private/a.png", exclude=lines)
    tiny.docs = {**tiny.docs, "index.md": "![](%23secret/a.png)\n\n![](private/a.png)\n"}
    built = tiny.build()
    assert sent(built) == ["private/a.png"]
    (warning,) = said(built, "WARNING")
    assert r"'#secret/' matches no picture of this site, but '\\#secret/' would match" in warning
    assert said(built, "INFO") == []


def test_an_included_name_that_looks_like_a_comment_is_told(
    tmp_path: Path, server: ApiServer
) -> None:
    """Nothing is sent that was not before."""
    tiny = site(tmp_path, server, "a.png", include=["#b/", "a.png"])
    tiny.docs = {**tiny.docs, "#b/c.png": picture(5)}
    built = tiny.build()
    assert sent(built) == ["a.png"]
    assert len(said(built, "WARNING")) == 1
    assert "nothing that it would match" not in said(built, "WARNING")[0]


@pytest.mark.parametrize(("option", "is_sent"), [("exclude", True), ("include", False)])
def test_a_list_of_exceptions_only_is_told(
    tmp_path: Path, server: ApiServer, option: str, *, is_sent: bool
) -> None:
    """Each may be meant as what it is not."""
    tiny = site(tmp_path, server, "private/a.png", "b.png", **{option: ["# these", "!private/"]})
    built = tiny.build()
    assert bool(sent(built)) is is_sent
    (warning,) = (text for text in built.messages("WARNING") if "exceptions" in text)
    assert f"{option}: the list has only exceptions, which begin with `!`" in warning
    tiny.options[option] = ["b.png", "!private/"]
    assert not [text for text in tiny.build(strict=True).messages() if "exceptions" in text]


TO_COME = ["Screenshot *.png", "* copy.png", "a *", "my docs", "gone/ a.png", ".*", ".*/", ".*.png"]
TO_COME += ["**/.*", "a.*.old", "lo.*", "*/", "**/", "gone.png/", "(draft)"]


@pytest.mark.parametrize("pattern", TO_COME)
def test_what_keeps_back_files_to_come_stops_no_others(
    tmp_path: Path, server: ApiServer, pattern: str
) -> None:
    """Names have spaces, and what means something else means it surely."""
    built = site(tmp_path, server, "a.png", "logo.png", exclude=[pattern]).build(strict=True)
    assert sent(built) == ["a.png", "logo.png"]
    assert len(said(built, "INFO")) == 1


def test_a_plain_pattern_is_read_in_few_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs a look at all names."""
    read = []

    def counted(line: str, *, ignores_case: bool = False) -> Pattern | None:
        read.append(line)
        return parse(line, ignores_case=ignores_case)

    monkeypatch.setattr("mkdocs_alttext.pages.include_exclude.parse", counted)
    selection = Selection([], ["gone.png"])
    selection.note(["a.png"])
    assert len(selection.complaints()) == 1
    assert read == ["gone.png"] * 2


@pytest.mark.parametrize("pattern", ["docs/", "docs", "./", ".", "./docs/", "DOCS/"])
def test_the_name_of_the_whole_folder_means_all(
    tmp_path: Path, server: ApiServer, pattern: str
) -> None:
    """There is no such folder in `docs_dir`."""
    built = site(tmp_path, server, "a.png", "img/b.png", exclude=[pattern]).build()
    assert sent(built) == []
    assert len(said(built, "WARNING")) == 1


def test_a_pattern_that_matches_as_it_is_written_means_no_more(
    tmp_path: Path, server: ApiServer
) -> None:
    """As git reads it: case counts, and a folder of the name of `docs_dir` may be in it."""
    tiny = site(tmp_path, server, "a.PNG", "b.png", "docs/c.gif", "private/d.gif")
    tiny.options["exclude"] = ["*.PNG", "docs/", "docs/c.gif"]
    built = tiny.build(strict=True)
    assert sorted(sent(built)) == ["b.png", "private/d.gif"]
    assert said(built, "INFO") == []


def test_a_pattern_without_any_file_is_told(tmp_path: Path, server: ApiServer) -> None:
    """In a line that does not fail `--strict`; comments are fine, and so are other media files."""
    patterns = ["gone/*.jpg", "*.md", "index.md", "guide/", "*.css", "*.js", "!gone.png"]
    tiny = site(tmp_path, server, "a.png", exclude=["# old", "", "*.pdf", *patterns])
    others = ("guide/page.md", "a.css", "a.js", "a.pdf")
    tiny.docs = {**tiny.docs, **dict.fromkeys(others, "x")}
    built = tiny.build(strict=True)
    assert sent(built) == ["a.png"]
    assert [text.partition("exclude: ")[2] for text in said(built, "INFO")] == [
        f"the pattern {each!r} matches no picture of this site. Correct it, or remove it."
        for each in patterns
    ]


def test_braces_are_read_in_bounded_time(tmp_path: Path, server: ApiServer) -> None:
    """What means thousands of patterns is named, as any other that matches nothing."""
    built = site(tmp_path, server, "a.png", exclude=["{a,b}" * 40, "{" * 9999]).build(strict=True)
    assert len(said(built, "INFO")) == 2


def test_a_slip_never_sends_more(tmp_path: Path, server: ApiServer) -> None:
    """Neither in what takes an exclusion back, nor in what includes."""
    tiny = site(tmp_path, server, "img/a.png", "img/b.png")
    tiny.options["exclude"] = ["*.png", "!./img/a.png"]
    built = tiny.build()
    assert sent(built) == []
    assert "'!/img/a.png' would match 'img/a.png'" in said(built, "WARNING")[0]
    tiny.options = {"base_url": server.base_url, "include": ["docs/img/a.png"]}
    built = tiny.build()
    assert server.calls == []
    assert "'/img/a.png' would match 'img/a.png'" in said(built, "WARNING")[0]
    tiny.options["include"] = ["*.png", "!docs/img/a.png"]
    assert sent(tiny.build()) == ["img/b.png"]


def test_a_list_may_hold_several_lines_in_one_item(tmp_path: Path, server: ApiServer) -> None:
    """As people write who mix both forms."""
    tiny = site(tmp_path, server, "a.png", "b.png", "c.png", exclude=["a.png\nb.png\r\n"])
    assert sent(tiny.build(strict=True)) == ["c.png"]


def test_patterns_are_for_names_in_docs_dir_wherever_files_go() -> None:
    """A plugin may put a translation's files elsewhere; excluded there is excluded, too."""
    selection = Selection([], ["/img/a.png", "/de/b.png", "/*", "!/open/"])
    selection.note(["img/a.png", "de/b.png", "open/c.png"])
    assert not selection.allows("img/a.png", "de/img/a.png")
    assert not selection.allows("c.png", "de/b.png")
    assert selection.allows("open/c.png", "de/open/c.png")
    selection = Selection(["/img/"], [])
    selection.note(["img/a.png", "secret/b.png"])
    assert selection.allows("img/a.png", "de/img/a.png")
    assert not selection.allows("secret/b.png", "img/b.png")


def test_a_file_that_comes_later_gives_a_pattern_its_own_meaning() -> None:
    """Plugins add files while a site is built, and translations are builds of their own."""
    selection = Selection([], ["*.PNG"])
    selection.note(["a.png"])
    assert not selection.allows("a.png", "a.png")
    assert [each.is_warning for each in selection.complaints()] == [True]
    selection.note(["de/B.PNG"])
    assert selection.complaints() == []
    assert selection.allows("a.png", "a.png")


@pytest.mark.parametrize("pattern", ["./gen/", "docs/gen/", "Gen/"])
def test_a_meant_pattern_holds_for_files_that_come_while_pages_are_filled(
    tmp_path: Path, server: ApiServer, pattern: str
) -> None:
    """A warning promises so when all is done."""
    (tmp_path / "x.png").write_bytes(picture(1))
    (tmp_path / "hook.py").write_text(
        "from pathlib import Path\n"
        "from mkdocs.structure.files import File\n"
        "def on_page_content(html, page, config, files):\n"
        "    if page.file.src_uri == 'index.md':\n"
        "        data = (Path(config.config_file_path).parent / 'x.png').read_bytes()\n"
        "        files.append(File.generated(config, 'gen/x.png', content=data))\n",
        encoding="utf-8",
    )
    tiny = site(tmp_path, server, "a.png", exclude=[pattern])
    tiny.docs = {**tiny.docs, "second.md": "![](gen/x.png)\n"}
    tiny.config = {"hooks": ["hook.py"], "use_directory_urls": False}
    built = tiny.build()
    assert built.report is not None
    second = [each for each in built.report["images"] if each["page"] == "second.html"]
    assert [each["reason"] for each in second] == ["excluded"]
    assert server.ledger.total() == 1
    assert "nothing that it would match is sent" in said(built, "WARNING")[0]


def test_docs_dir_is_known_by_each_of_its_names(tmp_path: Path) -> None:
    """From the disk's root, from `mkdocs.yml` and by itself."""
    docs = tmp_path / "web" / "handbook"
    names = docs_dir_names(str(docs), str(tmp_path / "mkdocs.yml"))
    for pattern in ("handbook/a.png", "web/handbook/a.png", f"{docs.as_posix()}/a.png"):
        selection = Selection([], [pattern], folders=names)
        selection.note(["a.png", "b.png"])
        assert not selection.allows("a.png", "a.png"), pattern
        assert selection.allows("b.png", "b.png")


class Translated(File):
    """A file as static-i18n leaves it."""

    def __init__(self, name: str, place: str, locale: str) -> None:
        """Take what is known of it."""
        super().__init__(name, "docs", "site", use_directory_urls=True, dest_uri=place)
        self.locale = locale


TRANSLATED = [
    ("fr/private/a.png", "fr/private/a.png", "fr"),
    ("private/a.fr.png", "fr/private/a.png", "fr"),
    ("fr/private/a.fr.png", "fr/private/a.png", "fr"),
    ("en/private/a.png", "fr/private/a.png", "en"),
    ("private/a.pt-BR.png", "pt-BR/private/a.png", "pt-BR"),
]


@pytest.mark.parametrize("pattern", ["private/a.png", "/private/", "a.png", "./private/*.png"])
@pytest.mark.parametrize(("name", "place", "locale"), TRANSLATED)
def test_a_pattern_means_the_picture_of_each_language(
    name: str, place: str, locale: str, pattern: str
) -> None:
    """Whether a language has a folder or a suffix; what else is there stays."""
    files = SiteFiles()
    other = ("open/b.png", "open/b.png", locale)
    files.follow(Files([Translated(name, place, locale), Translated(*other)]))
    selection = Selection([], [pattern])
    selection.note(files.names())
    assert not selection.allows(*files.called(place)[0])
    assert selection.allows(*files.called("open/b.png")[0])
    is_slip = pattern.startswith(".")
    assert [each.is_warning for each in selection.complaints()] == [True] * is_slip
    selection = Selection(["open/", "private/", f"!{pattern.removeprefix('.')}"], [])
    selection.note(files.names())
    assert not selection.allows(*files.called(place)[0])
    assert selection.allows(*files.called("open/b.png")[0])
    selection = Selection([pattern.removeprefix(".")], [])
    assert selection.allows(*files.called(place)[0])
    assert not selection.allows(*files.called("open/b.png")[0])


# What MkDocs itself leaves out


HIDDEN = {
    "exclude_docs": ("build", "/hidden/\n*.secret.png\n"),
    "draft_docs": ("serve", "/hidden/\n*.secret.png\n"),
}


@pytest.mark.parametrize("option", HIDDEN)
def test_a_picture_that_is_not_published_is_never_sent(
    tmp_path: Path, server: ApiServer, option: str
) -> None:
    """`mkdocs serve` shows drafts, which are not published either."""
    command: Literal["build", "serve"] = "serve" if option == "draft_docs" else "build"
    _, patterns = HIDDEN[option]
    tiny = site(tmp_path, server, "hidden/a.png", "b.secret.png", ".dot/c.png", "d.png")
    tiny.options |= {"empty_alt": "fill", "generate": "always"}
    tiny.config = {option: patterns}
    built = tiny.build(command=command)
    assert sent(built) == ["d.png"]
    assert outcomes(built).count("unavailable missing-file") == 3
    assert server.ledger.total() == 1


def test_a_picture_outside_the_navigation_is_one_of_the_site(
    tmp_path: Path, server: ApiServer
) -> None:
    """`not_in_nav` is about pages that no menu lists."""
    tiny = site(tmp_path, server, "hidden/a.png")
    tiny.config = {"not_in_nav": "/hidden/\n"}
    assert sent(tiny.build()) == ["hidden/a.png"]


def test_a_picture_of_the_theme_can_be_excluded(tmp_path: Path, server: ApiServer) -> None:
    """By the place that it has in the site."""
    docs: dict[str, str | bytes] = {"index.md": "![](img/logo.png) ![](img/open.png)\n"}
    tiny = TinySite(tmp_path, docs, {"base_url": server.base_url, "exclude": ["/img/logo.png"]})
    for number, name in enumerate(("logo.png", "open.png")):
        (tmp_path / "theme" / "img").mkdir(parents=True, exist_ok=True)
        (tmp_path / "theme" / "img" / name).write_bytes(picture(number))
    built = tiny.build(strict=True)
    assert sent(built) == ["img/open.png"]
    assert server.ledger.total() == 1
