"""A fill that is interrupted, terminated or killed leaves pages old or new, and loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer, hang_after
from built_folder import BuiltFolder, page
from built_site import picture

if TYPE_CHECKING:
    from pathlib import Path


PICTURES = 6
ANSWERED = 3
SECONDS = 30
only_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@only_posix
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 2), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["Ctrl-C", "SIGTERM", "kill"],
)
def test_what_was_answered_is_kept(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: ApiServer,
    number: int,
    status: int,
) -> None:
    """The next run pays for the rest only, and finishes all pages."""
    monkeypatch.chdir(tmp_path)
    hangs = hang_after(server, ANSWERED)
    pages = {f"{at}.html": page(f'<img src="{at}.png">\r\n') for at in range(PICTURES)}
    files = {**pages, **{f"{at}.png": picture(at) for at in range(PICTURES)}}
    options = {"base_url": server.base_url, "concurrency": 1, "max_retries": 0}
    folder = BuiltFolder(tmp_path, files, options)
    run = subprocess.Popen(
        [sys.executable, "-P", "-m", "mkdocs_alttext", "fill", "public"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert hangs.wait(SECONDS)
    run.send_signal(number)
    output, _ = run.communicate(timeout=SECONDS)
    assert run.returncode == status, output
    assert "Traceback" not in output
    ended = folder.tree()
    server.release()
    assert server.wait_for_disconnects()
    server.decide = None
    result = folder.fill("--strict")
    assert result.exit_code == 0, result.output
    done = folder.tree()
    for name, content in pages.items():
        assert ended[name] in (content, done[name])
        assert done[name] != content
    assert sorted(done) == sorted(files)
    assert server.credits_spent == PICTURES
    assert server.double_charges == 0
