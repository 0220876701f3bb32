"""Where pictures and keys may go, and what `mkdocs.yml` cannot decide alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from api_server import API_KEY, ApiServer
from built_site import TinySite, picture
from click.testing import CliRunner
from mkdocs.exceptions import Abort
from scripted_service import ScriptedService

from mkdocs_alttext.cli.main import main
from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.base import ServiceKind
from mkdocs_alttext.services.credentials import endpoint
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.system.environment import UserSettings

if TYPE_CHECKING:
    from pathlib import Path

DOCS: dict[str, str | bytes] = {
    "index.md": "![](a.png) ![](b.png) ![](c.png)\n",
    "a.png": picture(1),
    "b.png": picture(2),
    "c.png": picture(3),
}
OTHER = "https://captions.example/api"
SECRET = "word-of-another-account"  # noqa: S105 - of a test


def asked(
    base_url: str | None, *, own: str | None = None, has_key: bool = True, **variables: str
) -> str | None:
    """Return the host that is refused, or `None`."""
    kind = ServiceKind(lambda _: ScriptedService(), base_url=own)
    user = UserSettings.of({f"ALTTEXT_{name}": value for name, value in variables.items()})
    found = endpoint(kind, base_url, user, has_key=has_key)
    assert bool(found.refusal) == bool(found.host)
    if found.refusal:
        assert found.base_url is None
        return found.host
    assert found.base_url == (base_url or variables.get("BASE_URL"))
    return None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/v1",
        "http://localhost:11434",
        "https://[::1]:9/api",
        "https://autoalt.app/api/v1",
        "https://AutoAlt.app/other",
    ],
)
def test_this_machine_and_the_service_itself_need_no_leave(address: str) -> None:
    """A key that is meant for the host goes there anyway."""
    assert asked(address, own="https://autoalt.app/api/v1") is None


@pytest.mark.parametrize(
    "address",
    [
        "https://captions.example/v1",
        "https://autoalt.app.captions.example/api/v1",
        "https://notautoalt.app/api/v1",
        "https://autoalt.app:443.captions.example",
        "https://localhost.captions.example",
        "https://127.0.0.1.captions.example",
        "https://0x7f.1/",
        "https://0.0.0.0/",
        "https://127.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/",
    ],
)
def test_any_other_host_is_not_asked(address: str) -> None:
    """However much it looks like one of these."""
    try:
        refused = asked(address, own="https://autoalt.app/api/v1")
    except ConfigurationError:
        return
    assert refused is not None


@pytest.mark.parametrize(
    ("listed", "address", "is_allowed"),
    [
        ("captions.example", "https://captions.example/v1", True),
        ("captions.example", "https://Captions.Example:8443/v1", True),
        (" other.example ,captions.EXAMPLE, ", "https://captions.example", True),
        ("captions.example:8443", "https://captions.example:8443", True),
        ("captions.example:443", "https://captions.example", True),
        ("captions.example:8443", "https://captions.example", False),
        ("example", "https://captions.example", False),
        ("captions.example", "https://evil.captions.example", False),
        ("10.0.0.7", "https://10.0.0.7", True),
        ("fd00::7", "https://[fd00::7]:8443", True),
        ("[fd00::7]:8443", "https://[fd00::7]:8443", True),
        ("[fd00::7]:8443", "https://[fd00::7]", False),
        ("", "https://captions.example", False),
    ],
)
def test_hosts_are_allowed_by_their_exact_names(
    listed: str, address: str, *, is_allowed: bool
) -> None:
    """With any port, or with the one that is named."""
    assert (asked(address, ALLOWED_HOSTS=listed) is None) is is_allowed


@pytest.mark.parametrize(
    "listed",
    ["https://captions.example", "*.example", "*", "captions.example/v1", "me@x.example", "a b:x"],
)
def test_a_list_that_can_match_nothing_is_refused(listed: str) -> None:
    """Whoever wrote it believes that it does."""
    with pytest.raises(ConfigurationError, match="ALTTEXT_ALLOWED_HOSTS"):
        UserSettings.of({"ALTTEXT_ALLOWED_HOSTS": listed})


def test_the_environments_address_is_the_users_own_word() -> None:
    """`mkdocs.yml` comes before it, and may only repeat it."""
    assert asked(None, BASE_URL=OTHER) is None
    assert asked(OTHER, BASE_URL=OTHER) is None
    assert asked("https://evil.example/", BASE_URL=OTHER) == "evil.example"
    assert asked("https://captions.example/elsewhere", BASE_URL=OTHER) == "captions.example"


def test_without_encryption_goes_no_key_and_nothing_to_a_host_that_is_not_listed() -> None:
    """Not even by the user's own address."""
    lan = "http://captions.example:11434"
    for listed in ("", "captions.example"):
        with pytest.raises(ConfigurationError, match="unencrypted"):
            asked(lan, ALLOWED_HOSTS=listed)
    assert asked(lan, has_key=False) == "captions.example:11434"
    assert asked(None, has_key=False, BASE_URL=lan) == "captions.example:11434"
    assert asked(lan, has_key=False, ALLOWED_HOSTS="captions.example") is None


def test_what_runs_in_this_process_is_asked_nowhere() -> None:
    """An address changes nothing about it."""
    found = endpoint(service_kind("ocr"), OTHER, UserSettings(), has_key=False)
    assert found.base_url is None
    assert not found.refusal


def test_the_default_address_is_the_services_own_host() -> None:
    """Else its own users would need leave."""
    kind = service_kind("alttextai")
    assert not endpoint(kind, kind.base_url, UserSettings(), has_key=True).refusal


# Whole sites


def test_a_host_that_nobody_confirmed_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One warning has the words to confirm it; the site is built as without the plugin."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    tiny = TinySite(tmp_path, DOCS, {"base_url": OTHER})
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.files() == plain.files()
    (warning,) = built.messages("WARNING")
    assert "set the environment variable ALTTEXT_ALLOWED_HOSTS to captions.example." in warning
    assert built.report is not None
    reasons = [each["reason"] for each in built.report["images"] if each["page"] == "index.html"]
    assert reasons == ["host-not-allowed"] * 3
    assert not any(API_KEY in text for _, text in built.log)
    with pytest.raises(Abort):
        tiny.build(strict=True)


def test_what_is_known_is_used_without_asking_anybody(tmp_path: Path, server: ApiServer) -> None:
    """The cache and the catalog are the user's own."""
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url})
    expected = tiny.build().files()
    tiny.options["base_url"] = OTHER
    assert tiny.build().files() == expected


def test_a_fork_without_a_key_is_not_warned(tmp_path: Path) -> None:
    """There is nothing to send; `--strict` passes."""
    built = TinySite(tmp_path, DOCS, {"base_url": OTHER}).build(strict=True)
    assert any("No key" in text for text in built.messages())


def test_a_build_that_asks_nobody_is_not_warned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `mkdocs serve` and `scan`."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    options = {"base_url": OTHER, "generate": "never"}
    assert TinySite(tmp_path, DOCS, options).build(strict=True).messages("WARNING") == []


def test_the_environments_address_is_asked(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `mkdocs.yml` has none."""
    monkeypatch.setenv("ALTTEXT_BASE_URL", server.base_url)
    TinySite(tmp_path, DOCS).build(strict=True)
    assert server.ledger.total() == 3


@pytest.mark.parametrize(("option", "ceiling", "spent"), [(3, "1", 1), (1, "2", 1), (None, "2", 2)])
def test_the_environments_ceiling_cannot_be_raised(
    tmp_path: Path,
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    option: int | None,
    ceiling: str,
    spent: int,
) -> None:
    """The lower of the two counts."""
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", ceiling)
    options: dict[str, Any] = {"base_url": server.base_url, "max_credits": option}
    built = TinySite(tmp_path, DOCS, options).build(strict=True)
    assert server.ledger.total() == spent
    assert any("ALTTEXT_MAX_CREDITS is reached" in text for text in built.messages())


def test_translations_share_a_ceiling(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are builds of their own, of one site and one command."""
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", "2")
    hook = """
def on_post_build(config):
    from mkdocs.commands.build import build
    if config.theme["language"] == "en":
        config.theme["language"] = "fr"
        build(config)
"""
    (tmp_path / "hook.py").write_text(hook, encoding="utf-8")
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url})
    tiny.config |= {"hooks": ["hook.py"], "theme": {"name": "mkdocs", "language": "en"}}
    tiny.build()
    assert server.ledger.total() == 2


@pytest.mark.parametrize("command", ["build", "scan"])
def test_listed_twice_it_is_an_error(tmp_path: Path, server: ApiServer, command: str) -> None:
    """Each would spend up to the ceiling. One that is switched off does nothing."""
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url, "enabled": False})
    tiny.plugins = [{"alttext": {"base_url": server.base_url}}]
    assert tiny.build().page().count('alt=""') == 0
    tiny.plugins.append({"alttext": {}})
    if command == "build":
        with pytest.raises(Abort):
            tiny.build()
    else:
        result = CliRunner().invoke(main, ["scan", "-f", str(tiny.write())])
        assert "lists the plugin twice" in result.output
        assert result.exit_code == 2


def test_what_a_command_has_built_elsewhere_spends_nothing(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Material's `projects` builds other sites in processes of their own."""
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", "9")
    hook = """
import subprocess, sys
def on_post_build(config):
    run = "from mkdocs.__main__ import cli; cli()"
    subprocess.run([sys.executable, "-c", run, "build", "-f", "other/mkdocs.yml"], check=True)
"""
    TinySite(tmp_path / "other", DOCS, {"base_url": server.base_url}).write()
    (tmp_path / "hook.py").write_text(hook, encoding="utf-8")
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url})
    tiny.config["hooks"] = ["hook.py"]
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["scan", "-f", str(tiny.write())])
    assert result.exit_code == 1, result.output
    assert (tmp_path / "other" / "site" / "index.html").exists()
    assert server.ledger.total() == 0
    assert os.environ["ALTTEXT_MAX_CREDITS"] == "9"


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "\u0663", "1e3", "9" * 5000])
def test_a_ceiling_that_is_none_stops_the_build(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """Else it would be no ceiling."""
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", value)
    with pytest.raises(Abort):
        TinySite(tmp_path, DOCS, {"base_url": server.base_url}).build()
    assert server.calls == []


# Keys


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "PATH",
        "DOCS_KEY",
        "ALTTEXT_CACHE_SECRET",
        "ALTTEXT_CACHE_URL",
        "ALTTEXT_ALLOWED_HOSTS",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
@pytest.mark.parametrize("command", ["build", "account"])
def test_a_variable_that_holds_no_services_key_is_not_read(
    tmp_path: Path,
    server: ApiServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    name: str,
    command: str,
) -> None:
    """Its value goes nowhere, and its name, which may be a key, is not repeated."""
    monkeypatch.setenv(name, SECRET)
    tiny = TinySite(tmp_path, DOCS, {"base_url": server.base_url, "api_key_env": name})
    if command == "account":
        said = CliRunner().invoke(main, ["account", "-f", str(tiny.write())])
        assert said.exit_code == 2
        text = said.output
    else:
        with pytest.raises(Abort):
            tiny.build()
        text = "".join(each.getMessage() for each in caplog.records if each.levelname == "ERROR")
    assert "must end in _API_KEY or begin with ALTTEXT" in text
    assert name not in text.replace("such as DOCS_API_KEY", "")
    assert SECRET not in text
    assert server.calls == []


@pytest.mark.parametrize("name", ["DOCS_API_KEY", "ALTTEXT_KEY", "ALTTEXTAI_TOKEN"])
def test_a_variable_for_a_key_is_read(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever the service."""
    monkeypatch.setenv(name, API_KEY)
    options = {"base_url": server.base_url, "api_key_env": name}
    TinySite(tmp_path, DOCS, options).build(strict=True)
    assert server.ledger.total() == 3


def test_the_command_account_sends_no_key_to_such_a_host(
    tmp_path: Path, server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what a build says, and where it is asked instead."""
    path = TinySite(tmp_path, DOCS, {"base_url": OTHER}).write()
    said = CliRunner().invoke(main, ["account", "-f", str(path)])
    assert said.exit_code == 2
    assert "ALTTEXT_ALLOWED_HOSTS to captions.example" in said.output
    monkeypatch.setenv("ALTTEXT_BASE_URL", server.base_url)
    path = TinySite(tmp_path, DOCS).write()
    assert CliRunner().invoke(main, ["account", "-f", str(path)]).exit_code == 0
    assert [call.path for call in server.calls] == ["/verify-api-key"]
    monkeypatch.setenv("ALTTEXT_MAX_CREDITS", "many")
    assert CliRunner().invoke(main, ["account", "-f", str(path)]).exit_code == 2
