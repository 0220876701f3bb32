"""Addresses of shared caches: what they may say, who may say it, and that they stay secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from built_site import TinySite
from mkdocs.exceptions import Abort

from mkdocs_alttext.cache.redis_server import ServerAddress

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "password-never-to-be-seen"  # noqa: S105 - of a test


@pytest.mark.parametrize(
    ("url", "place", "is_local"),
    [
        ("redis://cache.example", "cache.example:6379", False),
        ("rediss://cache.example:7000/2", "cache.example:7000 (database 2)", False),
        ("redis://localhost", "localhost:6379", True),
        ("redis://[::1]:1/0", "[::1]:1", True),
        ("redis://127.0.0.1.example", "127.0.0.1.example:6379", False),
        ("unix:///run/redis.sock?db=1", "/run/redis.sock (database 1)", True),
        ("unix://u:p@/run/redis.sock", "/run/redis.sock", True),
    ],
)
def test_an_address_names_a_place(url: str, place: str, is_local: bool) -> None:  # noqa: FBT001 - a table
    """For people, without user and password."""
    address = ServerAddress.of(url)
    assert (str(address), address.is_local) == (place, is_local)


def test_user_and_password_are_unquoted_and_never_shown() -> None:
    """Neither as a text nor in a traceback."""
    address = ServerAddress.of(f"rediss://us%40er:{PASSWORD}%2F@cache.example")
    assert (address.username, address.password) == ("us@er", f"{PASSWORD}/")
    assert address.is_encrypted
    for shown in (str(address), repr(address), f"{address}", repr([address])):
        assert PASSWORD not in shown
        assert "us@er" not in shown


@pytest.mark.parametrize(
    "url",
    [
        *("", "cache.example", "http://cache.example", "redis://", "redis:///0", "unix://"),
        *("unix://relative", "redis://cache.example/name", "redis://cache.example:port"),
        *("redis://cache.example/0?ssl_cert_reqs=none", "rediss://h/?ssl_check_hostname=false"),
        *("redis://a b", "redis://[::1", "redis://h/0#f", "unix:///a?db=x", "redis://h:99999"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """Nor is one that would switch the check of certificates off."""
    with pytest.raises(ValueError, match="address"):
        ServerAddress.of(url.replace("//", f"//:{PASSWORD}@") if "//h" in url else url)


@pytest.mark.parametrize(
    "options",
    [
        {"cache_url": f"redis://:{PASSWORD}@127.0.0.1"},
        {"cache_url": "redis://cache.example"},
        {"cache_url": f"nonsense {PASSWORD}"},
        {"cache_url": ["redis://127.0.0.1"]},
        {"cache_prefix": "a\r\nFLUSHALL"},
        {"cache_prefix": "a*"},
        {"cache_prefix": ""},
    ],
    ids=str,
)
def test_mkdocs_yml_names_this_machine_and_no_password(
    tmp_path: Path, options: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    """Others may have written it. What it says is not repeated."""
    site = TinySite(tmp_path, {"index.md": ""}, options)
    with pytest.raises(Abort) as raised:
        site.build()
    assert PASSWORD not in f"{raised.value}{caplog.text}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALTTEXT_CACHE_URL", f"nonsense://:{PASSWORD}@cache.example"),
        ("ALTTEXT_CACHE_SECRET", "too short here"),
    ],
)
def test_a_variable_that_cannot_be_used_ends_the_build(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    variable: str,
    value: str,
) -> None:
    """It is named, and what it holds is not."""
    monkeypatch.setenv("ALTTEXT_CACHE_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv(variable, value)
    with pytest.raises(Abort):
        TinySite(tmp_path, {"index.md": ""}).build()
    (said,) = (each.getMessage() for each in caplog.records if each.levelname == "ERROR")
    assert variable in said
    assert value not in caplog.text
