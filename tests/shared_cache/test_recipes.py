"""The recipes of `docs/shared-cache.md`, run with Debian's `redis-server`."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis_server
import yaml
from api_server import API_KEY, ApiServer
from built_site import TinySite, picture
from redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (Path(__file__).parents[2] / "docs" / "shared-cache.md").read_text(encoding="utf-8")
DOCS: dict[str, str | bytes] = {"index.md": "![](a.png) ![](b.png)\n", "a.png": picture(1)}
FIRST = DOCS | {"b.png": DOCS["a.png"]}
"""One picture, twice."""
BOTH = DOCS | {"b.png": picture(2)}


def blocks(language: str) -> list[str]:
    """Return the blocks of the document in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def users() -> list[str]:
    """Return the lines of the ACL file."""
    (block,) = blocks("text")
    return block.splitlines()


@pytest.fixture
def compose() -> Iterator[RedisServer]:
    """Run the server of the recipe for Docker Compose, with its command line and its users."""
    redis_server.require()
    (recipe,) = (each for each in blocks("yaml") if "compose.yml" in each)
    service = yaml.safe_load(recipe)["services"]["alttext-cache"]
    program, *options = shlex.split(service["command"])
    assert program == "valkey-server"
    with tempfile.TemporaryDirectory() as folder:
        acl = Path(folder, "users.acl")
        acl.write_text("".join(f"{line}\n" for line in users()), encoding="utf-8")
        options[options.index("--aclfile") + 1] = str(acl)
        with RedisServer(Path(folder), *options, on_port=True) as server:
            yield server


def url(server: RedisServer, user: str) -> str:
    """Return the address for a user of the ACL file."""
    (line,) = (each for each in users() if each.startswith(f"user {user} "))
    match = re.search(r">(\S+)", line)
    assert match
    return f"redis://{user}:{match[1]}@127.0.0.1:{server.port}"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Serve the API, with its key in the environment."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    with ApiServer() as running:
        yield running


def test_compose_with_its_two_users(
    compose: RedisServer, service: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pays and stores; the other reads, and neither pays nor writes."""
    monkeypatch.setenv("ALTTEXT_CACHE_SECRET", "0" * 32)
    monkeypatch.setenv("ALTTEXT_CACHE_URL", url(compose, "alttext"))
    options = {"base_url": service.base_url}
    built = TinySite(tmp_path / "writer", FIRST, options).build(strict=True)
    assert not any("shared cache" in text for _, text in built.log)
    assert service.credits_spent == 1
    monkeypatch.setenv("ALTTEXT_CACHE_URL", url(compose, "alttext-reader"))
    built = TinySite(tmp_path / "reader", BOTH, options).build(strict=True)
    assert built.report is not None
    outcomes = {each["file"]: each["outcome"] for each in built.report["images"]}
    assert outcomes == {"a.png": "filled", "b.png": "missing"}
    assert service.credits_spent == 1
    (said,) = (text for _, text in built.log if "shared cache" in text)
    assert "may only be read" in said


def test_the_commands_of_the_workflow(
    compose: RedisServer, service: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps that call this package, in their order, in two runs with a server each."""
    (workflow,) = (each for each in blocks("yaml") if "workflows" in each)
    steps = yaml.safe_load(workflow)["jobs"]["docs"]["steps"]
    commands = [each["run"] for each in steps if "mkdocs-alttext cache" in each.get("run", "")]
    assert len(commands) == 2
    monkeypatch.setenv("ALTTEXT_CACHE_URL", url(compose, "alttext"))
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    site = TinySite(tmp_path, BOTH, {"base_url": service.base_url})
    for number in (1, 2):
        with compose.client() as client:
            client.execute_command("AUTH", "alttext", "a-long-password")
            for name in client.scan_iter("alttext:*"):
                client.delete(name)
        site.options["cache_dir"] = f"cache-{number}"
        site.write()
        before, after = (
            each.replace("mkdocs-alttext", f"{sys.executable} -m mkdocs_alttext")
            for each in commands
        )
        subprocess.run(["sh", "-ec", before], cwd=tmp_path, check=True)  # noqa: S607 - sh
        site.build()
        subprocess.run(["sh", "-ec", after], cwd=tmp_path, check=True)  # noqa: S607 - sh
    assert service.credits_spent == 2
