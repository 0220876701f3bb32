"""An option that there is not was meant to keep something back, and stops the build."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer  # noqa: TC002 - pytest's fixtures are looked up by name
from built_site import TinySite, picture
from click.testing import CliRunner
from mkdocs.config import config_options as c
from mkdocs.exceptions import Abort, PluginError

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.config import AltTextConfig

if TYPE_CHECKING:
    from pathlib import Path

DOCS: dict[str, str | bytes] = {"index.md": "![](a.png)\n", "a.png": picture()}
SLIPS = {
    "exclud": "exclude",
    "excludes": "exclude",
    "Exclude": "exclude",
    "servce": "service",
    "max_credit": "max_credits",
    "max-credits": "max_credits",
    "skip_class": "skip_classes",
    "apikey_env": "api_key_env",
}


@pytest.mark.parametrize("name", SLIPS)
def test_an_unknown_option_stops_the_build_and_names_the_nearest(
    tmp_path: Path, server: ApiServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Nothing is sent, though MkDocs itself would only warn."""
    options = {"base_url": server.base_url, name: "*.png"}
    with pytest.raises(Abort):
        TinySite(tmp_path, DOCS, options).build()
    assert f"option '{name}': There is no such option. Did you mean {SLIPS[name]!r}?" in caplog.text
    assert server.calls == []


def test_where_no_name_is_near_all_are_listed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """But for the one that is there to be refused."""
    with pytest.raises(Abort):
        TinySite(tmp_path, DOCS, {"whatever": 1}).build()
    assert "There is no such option. There are: api_key_env, base_url, cache_dir," in caplog.text
    assert "api_key," not in caplog.text


def test_a_plugin_that_is_not_enabled_is_forgiven(tmp_path: Path, server: ApiServer) -> None:
    """It sends nothing; MkDocs warns as it does of each plugin."""
    options = {"base_url": server.base_url, "enabled": False, "exclud": "*.png"}
    built = TinySite(tmp_path, DOCS, options).build()
    assert any("exclud" in text for level, text in built.log if level == "WARNING")
    assert server.calls == []


@pytest.mark.parametrize("command", ["account", "apply", "catalog", "scan"])
@pytest.mark.parametrize("group", [False, True])
def test_commands_refuse_it_too(
    tmp_path: Path,
    server: ApiServer,
    command: str,
    group: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Also where the plugin is in a group, which makes its plugins late."""
    options = {"base_url": server.base_url, "exclud": "*.png"}
    tiny = TinySite(tmp_path, DOCS, options)
    path = tiny.write()
    if group:
        tiny.plugins = [{"material/group": {"plugins": [{"alttext": options}]}}]
        path = tiny.write(plugin=False)
    result = CliRunner().invoke(main, [command, "-f", str(path)])
    assert result.exit_code == 2, result.output
    assert "Did you mean 'exclude'?" in result.output
    assert server.calls == []


def test_an_option_of_an_earlier_version_still_works(tmp_path: Path) -> None:
    """MkDocs moves its value and warns."""

    class Next(AltTextConfig):
        cap = c.Deprecated(moved_to="max_credits")

    config = Next(config_file_path=str(tmp_path / "mkdocs.yml"))
    config.load_dict({"cap": 3})
    errors, warnings = config.validate()
    assert errors == []
    assert [name for name, _ in warnings] == ["cap"]
    assert config.max_credits == 3


HOSTILE = "x\n::error::own words ##[error]\x1b[2J"


@pytest.mark.parametrize(
    "options",
    [
        {HOSTILE: 1},
        {HOSTILE: 1, "enabled": False},
        {"generate": HOSTILE},
        {"empty_alt": f"##vso[task.x]{HOSTILE}"},
        {"exclude": [f"[##[error]{HOSTILE}"]},
        {"exclude": {HOSTILE: 1}},
        {"cache_dir": {HOSTILE: 1}},
        {"skip_classes": [{HOSTILE: 1}]},
        {"api_key_env": HOSTILE},
        {"service": HOSTILE},
    ],
)
def test_names_and_values_of_options_are_visible_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, options: dict[str, object]
) -> None:
    """MkDocs logs what it is told, and a CI system takes lines for commands."""
    with suppress(Abort, PluginError):
        TinySite(tmp_path, DOCS, options).build()
    said = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    for line in "\n".join(said).split("\n"):
        assert not line.startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
        assert "\x1b" not in line


IMPOSSIBLE = ["a\0b", "a" * 5000, "/".join(["a" * 200] * 25), "x/\ud800"]


@pytest.mark.parametrize("option", ["cache_dir", "catalog"])
@pytest.mark.parametrize("value", IMPOSSIBLE, ids=["zero", "name", "path", "surrogate"])
def test_a_path_that_no_file_has_is_an_error_of_the_option(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, option: str, value: str
) -> None:
    """In a build and in each command, and never a traceback."""
    tiny = TinySite(tmp_path, DOCS, {option: value})
    with pytest.raises(Abort):
        tiny.build()
    assert f"option '{option}': This " in caplog.text
    for command in (["scan"], ["catalog"], ["apply"], ["forget", "--all"], ["account"]):
        ran = CliRunner().invoke(main, [*command, "-f", str(tiny.write())])
        assert ran.exit_code == 2
        assert f"option '{option}': This " in ran.output
        assert "Traceback" not in ran.output
        assert "Something went wrong" not in ran.output


@pytest.mark.parametrize("option", ["cache_dir", "catalog"])
def test_a_path_of_usual_names_may_be_long(tmp_path: Path, option: str) -> None:
    """As long as each part of it is a name."""
    folders = "/".join(["ä" * 100] * 5)
    TinySite(tmp_path, DOCS, {option: f"{folders}/x.yml", "generate": "never"}).build()


@pytest.mark.parametrize("language", ["german", "English", "d", "de de", "fr/ca", ""])
def test_what_can_be_no_code_of_a_language_stops_the_build(
    tmp_path: Path, server: ApiServer, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    """Once, at the start, and not for each image."""
    options = {"base_url": server.base_url, "language": language}
    with pytest.raises(Abort):
        TinySite(tmp_path, DOCS, options).build()
    assert server.calls == []
    assert caplog.text.count("is not the code of a language") == 1


@pytest.mark.parametrize("language", ["auto", "de", "pt-BR", "zh_CN", "zh-Hant-TW", "sv"])
def test_a_code_that_one_service_does_not_know_is_none_of_its_business(
    tmp_path: Path, language: str
) -> None:
    """The catalog may have texts in it."""
    TinySite(tmp_path, DOCS, {"language": language}).build(strict=True)
