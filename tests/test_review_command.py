"""The command `review`: its first line, its end, and what it needs."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from review_site import Browser, catalog_text, write_site

from mkdocs_alttext.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
KEY = "key-0123456789-abcdef"


@contextmanager
def running(
    folder: Path, *arguments: str, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command; yield the process and the first line of its output."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs_alttext", "review", *arguments],
        cwd=folder,
        env={**os.environ, "ALTTEXTAI_API_KEY": KEY, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield process, process.stdout.readline().removesuffix("\n")
    finally:
        process.kill()
        process.communicate()


def approve(browser: Browser) -> None:
    """Approve the first text of the queue."""
    page = browser.open().get("/")
    fields = dict(re.findall(r'name="(id|revision)" value="([0-9a-f]+)"', page))
    status, _, _ = browser.post("/save", action="approve", text="A form", query="", **fields)
    assert status == 303


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The usual site."""
    return write_site(tmp_path / "site").parent


@pytest.mark.parametrize("how", [signal.SIGINT, "button", signal.SIGTERM, signal.SIGKILL])
def test_what_was_approved_is_there_however_it_ends(site: Path, how: signal.Signals | str) -> None:
    """The first line is the address alone, which answers at once."""
    with running(site, "--no-browser") as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", address)
        browser = Browser(address)
        approve(browser)
        if isinstance(how, str):
            assert browser.post("/end")[0] == 200
        else:
            process.send_signal(how)
        out, err = process.communicate(timeout=20)
        ends = {signal.SIGINT: 0, "button": 0, signal.SIGTERM: 143, signal.SIGKILL: -9}
        assert process.returncode == ends[how]
        assert out == ""
        assert KEY not in err
        assert "Traceback" not in err
        says_next = "1 reviewed. Next: commit alttext.yml, and build.\n" in err
        assert says_next is (process.returncode == 0)
    text = (site / "alttext.yml").read_text(encoding="utf-8")
    assert text == catalog_text().replace(
        "two fields\n  status: draft", "two fields\n  status: reviewed"
    )


def test_what_could_not_be_saved_makes_the_status_2(site: Path) -> None:
    """And is named."""
    with running(site, "--no-browser") as (process, address):
        browser = Browser(address).open()
        page = browser.get("/")
        fields = dict(re.findall(r'name="(id|revision)" value="([0-9a-f]+)"', page))
        catalog = site / "alttext.yml"
        catalog.rename(site / "other.yml")
        catalog.symlink_to("other.yml")
        status, _, shown = browser.post("/save", action="approve", text="Mine", query="", **fields)
        assert status == 507
        assert ">\nMine</textarea>" in shown
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "Not saved" in err
        assert "img/draft.png" in err


def test_a_port_that_is_taken_is_said(site: Path) -> None:
    """With what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = str(site / "mkdocs.yml")
        result = CliRunner().invoke(
            main, ["review", "-f", config, "--no-browser", "--port", str(port)]
        )
    assert result.exit_code == 2
    assert f"The port {port} cannot be listened on" in result.stderr
    assert result.stdout == ""


def test_the_port_can_be_chosen(site: Path) -> None:
    """For those who reach this machine through a tunnel."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running(site, "--no-browser", "--port", str(port)) as (_, address):
        assert address.startswith(f"http://127.0.0.1:{port}/")


def test_without_the_extra_it_says_what_to_install(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is built."""
    monkeypatch.setitem(sys.modules, "bottle", None)
    result = CliRunner().invoke(main, ["review", "-f", str(site / "mkdocs.yml")])
    assert result.exit_code == 2
    assert 'pip install "mkdocs-alttext[review]"' in result.stderr


@pytest.mark.parametrize("text", ["a.png: [\n", "a.png: {}\n"])
def test_a_broken_catalog_is_said_with_its_line(site: Path, text: str) -> None:
    """No page is opened on it."""
    (site / "alttext.yml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["review", "-f", str(site / "mkdocs.yml"), "--no-browser"])
    assert result.exit_code == 2
    assert "alttext.yml, line 1" in result.stderr


def test_a_browser_is_opened_without_keys(site: Path, tmp_path: Path) -> None:
    """Its address works once, and no program of the project is started for it."""
    said = tmp_path / "said"
    program = tmp_path / "bin" / "browser"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{{ echo "$1"; env; }} > {said}.new\nmv {said}.new {said}\n')
    program.chmod(0o755)
    planted = site / "bin" / "browser"
    planted.parent.mkdir()
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    planted.chmod(0o755)
    path = os.pathsep.join([str(planted.parent), "bin", str(program.parent), os.environ["PATH"]])
    with running(site, BROWSER="browser %s", PATH=path) as (_, address):
        end = time.monotonic() + 20
        while not said.exists() and time.monotonic() < end:
            time.sleep(0.05)
        lines = said.read_text(encoding="utf-8").splitlines()
        assert not (tmp_path / "ran").exists()
        assert KEY not in "".join(lines)
        once = Browser(lines[0])
        assert lines[0] != address
        assert once.open().cookie
        assert Browser(lines[0]).ask("GET", once.first)[0] == 403
        assert Browser(address).open().cookie


def test_nothing_is_written_by_looking(site: Path) -> None:
    """Neither a cache nor a report nor the site."""
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    with running(site, "--no-browser") as (process, address):
        Browser(address).open().get("/list?show=all")
        process.send_signal(signal.SIGINT)
        assert "Next" not in process.communicate(timeout=20)[1]
    after = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    new = {path.relative_to(site).as_posix() for path in after.keys() - before.keys()}
    assert {path: data for path, data in after.items() if path in before} == before
    assert new <= {".cache/plugin/alttext/review.port"}
