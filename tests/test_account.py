"""`mkdocs-alttext account`: whether the key works, and never what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mkdocs
import pytest
from api_server import API_KEY, ApiServer, faults
from built_site import TinySite
from click.testing import CliRunner

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api_server import Fault

SECRET = "secret-of-the-wrong-account"  # noqa: S105 - of a test


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Serve the API, and stand in a site that asks it."""
    monkeypatch.chdir(tmp_path)
    with ApiServer(credits_left=41) as running:
        options = {"base_url": running.base_url, "timeout": 1}
        TinySite(tmp_path, {"index.md": ""}, options).write()
        yield running


def account(*arguments: str, status: int) -> str:
    """Run the command; return what it says."""
    result = CliRunner().invoke(main, ["account", *arguments])
    assert result.exit_code == status, result.output
    assert API_KEY not in result.output
    assert SECRET not in result.output
    return result.output


def test_a_good_key_shows_the_credits(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the variable that holds it; asking costs nothing."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    assert account(status=0) == (
        "The service alttextai takes the key in ALTTEXTAI_API_KEY. 41 credits left.\n"
    )
    assert [call.path for call in server.calls] == ["/verify-api-key"]
    assert server.credits_spent == 0


def test_the_balance_is_asked_for_where_the_check_does_not_tell(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two endpoints know it."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    server.script(faults.json_body({"valid": True}))
    assert "41 credits left" in account(status=0)
    assert [call.path for call in server.calls] == ["/verify-api-key", "/credits"]


def test_a_key_in_a_file_is_named_by_its_variable(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As secrets are mounted."""
    (tmp_path / "key").write_text(f"{API_KEY}\n")
    monkeypatch.setenv("ALTTEXTAI_API_KEY_FILE", str(tmp_path / "key"))
    assert "ALTTEXTAI_API_KEY_FILE. 41 credits" in account(status=0)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "ALTTEXTAI_API_KEY is not set"),
        ({"ALTTEXTAI_API_KEY": " "}, "ALTTEXTAI_API_KEY is set, but empty"),
        ({"ALTTEXTAI_API_KEY_FILE": "empty"}, "ALTTEXTAI_API_KEY_FILE names is empty"),
        ({"ALTTEXTAI_API_KEY": f"{SECRET}\nx"}, "ALTTEXTAI_API_KEY: The API key holds characters"),
        ({"ALTTEXTAI_API_KEY": SECRET}, "rejected the key in ALTTEXTAI_API_KEY"),
    ],
)
def test_a_missing_or_wrong_key_names_its_variable(
    server: ApiServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    said: str,
) -> None:
    """Exit status 1; only the last can be told by the service."""
    (tmp_path / "empty").write_text("\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert said in account(status=1)
    assert len(server.calls) == (environment.get("ALTTEXTAI_API_KEY") == SECRET)


def test_a_key_that_the_service_calls_invalid_is_wrong(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the status is 200."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    server.script(faults.json_body({"valid": False}))
    assert "rejected the key in ALTTEXTAI_API_KEY" in account(status=1)


@pytest.mark.parametrize(
    "fault", [faults.status(500), faults.html(), faults.json_body({}), faults.hang()]
)
def test_a_service_that_does_not_say_leaves_it_open(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """Exit status 2: nothing is known of the key."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    server.script(fault)
    assert "did not say" in account(status=2)


def test_the_options_of_the_site_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: ApiServer
) -> None:
    """Its variable, its service, and what is wrong with them."""
    path = TinySite(
        tmp_path, {}, {"base_url": server.base_url, "api_key_env": "DOCS_API_KEY"}
    ).write()
    assert "DOCS_API_KEY is not set" in account("-f", str(path), status=1)
    monkeypatch.setenv("DOCS_API_KEY", API_KEY)
    assert "41 credits" in account("-f", str(path), status=0)
    TinySite(tmp_path, {}, {"service": "ocr"}).write()
    assert account(status=0) == "The service ocr needs no key and takes no credits.\n"
    TinySite(tmp_path, {}, {"service": "nobody"}).write()
    assert "There is no service 'nobody'" in account(status=2)
    TinySite(tmp_path, {}, {"base_url": "http://ex.org", "api_key_env": "DOCS_API_KEY"}).write()
    assert "base_url" in account(status=2)
    TinySite(tmp_path, {}, {"api_key": SECRET}).write()
    assert "does not belong into this file" in account(status=2)


@pytest.mark.parametrize("name", ["mkdocs.yaml", "properdocs.yml"])
def test_a_configuration_of_another_name_is_never_passed_over(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The key may be meant for its host only; MkDocs knows one of the names, ProperDocs both."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    (tmp_path / "mkdocs.yml").rename(tmp_path / name)
    is_known = "properdocs" in mkdocs.__name__ or name.startswith("mkdocs")
    said = account(status=0 if is_known else 2)
    assert ("41 credits left" if is_known else "does not exist") in said
    assert len(server.calls) == is_known


def test_it_works_where_there_is_no_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the plugin's defaults: before one has a site, or outside of it."""
    monkeypatch.chdir(tmp_path)
    assert "ALTTEXTAI_API_KEY is not set" in account(status=1)
