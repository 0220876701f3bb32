"""SIGTERM ends a build as Ctrl-C does, and nothing of that is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from api_server import ApiServer, hang_after
from built_site import TinySite, picture

from mkdocs_alttext.system.processes import STATUS, Termination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="no signals to send there"),
    pytest.mark.skipif(
        threading.current_thread() is not threading.main_thread(), reason="gets no signals"
    ),
]
PICTURES = 6
ANSWERED = 2
SECONDS = 30.0

HOOK = """
import json, signal
from pathlib import Path

PLACE = Path(__file__).parent / "handlers.json"

def note(when):
    seen = json.loads(PLACE.read_text()) if PLACE.exists() else []
    handler = signal.getsignal(signal.SIGTERM)
    seen.append([when, handler is signal.SIG_DFL])
    PLACE.write_text(json.dumps(seen))

def on_page_content(html, **_):
    note("page")

def on_post_build(**_):
    note("post_build")

def on_shutdown(**_):
    note("shutdown")
"""


@pytest.fixture(autouse=True)
def _default_handler() -> Iterator[None]:
    """Begin and end with the system's own."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    signal.signal(signal.SIGTERM, before)


def site(folder: Path, server: ApiServer, **options: object) -> TinySite:
    """Make a site of some pictures."""
    names = [f"{number}.png" for number in range(PICTURES)]
    docs: dict[str, str | bytes] = {name: picture(int(name[0])) for name in names}
    docs["index.md"] = "\n\n".join(f"![]({name})" for name in names)
    return TinySite(
        folder,
        docs,
        {"base_url": server.base_url, "concurrency": 2, "max_retries": 0, **options},
        config={"theme": {"name": None, "custom_dir": "theme"}},
    )


@pytest.mark.parametrize(
    ("command", "count"),
    [(["build"], 1), (["build"], 2), (["serve", "-a", "127.0.0.1:0"], 1)],
    ids=["once", "as timeout does", "serve"],
)
def test_a_build_that_is_terminated_keeps_what_was_answered(
    tmp_path: Path, server: ApiServer, command: list[str], count: int
) -> None:
    """It ends soon, with the status that shells give, and the next build pays for the rest."""
    hangs = hang_after(server, ANSWERED)
    config = site(tmp_path, server, generate="always").write()
    build = subprocess.Popen(
        [sys.executable, "-P", "-m", "mkdocs", *command, "-f", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert hangs.wait(SECONDS)
    for _ in range(count):
        build.send_signal(signal.SIGTERM)
    output, _ = build.communicate(timeout=SECONDS)  # far less than the request's own 60 s
    assert build.returncode == STATUS == 143
    assert "Traceback" not in output
    server.release()
    assert server.wait_for_disconnects()
    server.decide = None
    assert server.credits_spent == ANSWERED
    built = site(tmp_path, server).build()
    assert [outcome.split()[3] for outcome in built.outcomes].count("store") == ANSWERED
    assert server.credits_spent == PICTURES
    assert server.double_charges == 0


def test_a_command_that_is_terminated_leaves_no_folder_behind(
    tmp_path: Path, server: ApiServer
) -> None:
    """Commands build, too: into a temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    reached, go_on = tmp_path / "reached", tmp_path / "go-on"
    os.mkfifo(reached)
    os.mkfifo(go_on)
    hook = f"open({str(reached)!r}, 'w').close()\n    open({str(go_on)!r}).read()\n"
    (tmp_path / "hook.py").write_text(f"def on_env(env, **_):\n    {hook}", encoding="utf-8")
    tiny = site(tmp_path, server)
    tiny.config["hooks"] = ["hook.py"]
    scan = subprocess.Popen(
        [sys.executable, "-P", "-m", "mkdocs_alttext", "scan", "-f", str(tiny.write())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    reached.read_text(encoding="utf-8")  # waits until the build is there
    scan.send_signal(signal.SIGTERM)
    assert scan.wait(SECONDS) == STATUS
    assert list(folder.iterdir()) == []


def test_a_handler_is_there_for_the_length_of_a_build(tmp_path: Path, server: ApiServer) -> None:
    """While pages are rendered, and not when they are written: `serve` waits then for changes."""
    (tmp_path / "hook.py").write_text(HOOK, encoding="utf-8")
    tiny = site(tmp_path, server)
    tiny.config["hooks"] = ["hook.py"]
    tiny.build()
    seen = json.loads((tmp_path / "handlers.json").read_text(encoding="utf-8"))
    assert seen[0] == ["page", False]
    assert seen[-1] == ["shutdown", True]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_builds_inside_the_end_of_a_build_are_builds(tmp_path: Path, server: ApiServer) -> None:
    """As translations are: each has the handler, and none is left."""
    nested = """
def on_post_build(config, **_):
    note("post_build")
    from mkdocs.commands.build import build
    if not config.extra.get("nested"):
        config.extra["nested"] = True
        build(config)
"""
    (tmp_path / "hook.py").write_text(HOOK + nested, encoding="utf-8")
    tiny = site(tmp_path, server)
    tiny.config["hooks"] = ["hook.py"]
    tiny.build()
    seen = json.loads((tmp_path / "handlers.json").read_text(encoding="utf-8"))
    assert [each for each in seen if each[0] == "page"] == [["page", False]] * 2
    assert seen[-1] == ["shutdown", True]


@pytest.mark.parametrize("command", ["build", "serve"])
def test_none_is_left_after_builds_of_any_end(
    tmp_path: Path, server: ApiServer, command: str
) -> None:
    """Twice in one process, and where the last word is an error."""
    from mkdocs.exceptions import Abort  # noqa: PLC0415

    tiny = site(tmp_path, server)
    for _ in range(2):
        tiny.build(command=command)  # type: ignore[arg-type]  # a parameter of the test
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    failing = site(tmp_path, server, on_missing="error", max_credits=0, cache_dir="elsewhere")
    with pytest.raises(Abort):
        failing.build()


def test_a_handler_of_somebody_else_s_is_left_alone(tmp_path: Path, server: ApiServer) -> None:
    """A server that builds sites has its own way to end."""
    heard: list[int] = []

    def theirs(number: int, _: object) -> None:
        heard.append(number)

    signal.signal(signal.SIGTERM, theirs)
    try:
        site(tmp_path, server).build()
        assert signal.getsignal(signal.SIGTERM) is theirs
        termination = Termination()
        termination.begin()
        os.kill(os.getpid(), signal.SIGTERM)
        termination.end()
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is theirs
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        termination.begin()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_a_handler_that_came_meanwhile_stays() -> None:
    """Whoever set it did not know of ours."""

    def theirs(_: int, __: object) -> None:
        raise AssertionError

    termination = Termination()
    termination.begin()
    signal.signal(signal.SIGTERM, theirs)
    termination.end()
    assert signal.getsignal(signal.SIGTERM) is theirs
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def in_a_thread(call: Callable[[], object]) -> None:
    """Call something in another thread."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_other_threads_change_nothing() -> None:
    """They may not, and they get no signals."""
    termination = Termination()
    in_a_thread(termination.begin)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    termination.begin()
    in_a_thread(termination.end)
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    termination.end()


def test_a_second_signal_does_not_cut_off_the_end() -> None:
    """But the handler serves the next build again."""
    termination = Termination()
    for _ in range(2):
        termination.begin()
        with pytest.raises(SystemExit) as raised:
            os.kill(os.getpid(), signal.SIGTERM)
        assert raised.value.code == STATUS
        os.kill(os.getpid(), signal.SIGTERM)
        termination.end()
