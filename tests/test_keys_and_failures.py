"""The service and the cache at their worst: keys, failures, interruptions, damage."""

from __future__ import annotations

import _thread
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from api_server import API_KEY, ApiServer, Call, Fault, alt_text, faults
from built_site import Built, TinySite, picture

from mkdocs_alttext.captioning.judging import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

A, B = picture(1), picture(2)
DOCS: dict[str, str | bytes] = {
    "index.md": '![](a.png) ![](b.png) <img src="a.png"> <img alt=" " src="b.png">',
    "a.png": A,
    "b.png": B,
}
AT_ONCE = {"Retry-After": "0"}


def site(folder: Path, server: ApiServer, **options: Any) -> TinySite:  # noqa: ANN401 - of any type
    """Make a site with four images of two pictures, asked for one after the other."""
    asking = {"base_url": server.base_url, "concurrency": 1, "max_retries": 0}
    return TinySite(folder, DOCS, {**asking, **options})


def answering(server: ApiServer, *script: Fault | None, then: Fault | None = None) -> None:
    """Script the requests for texts, and leave those for the balance alone."""
    left = list(script)

    def decide(call: Call) -> Fault | None:
        if call.path != "/generate":
            return None
        return left.pop(0) if left else then

    server.decide = decide


def generated(server: ApiServer) -> list[Call]:
    """Return the requests for texts."""
    return [call for call in server.calls if call.path == "/generate"]


def reasons(built: Built) -> Counter[str]:
    """Count the reasons on the first page."""
    assert built.report is not None
    images = [image for image in built.report["images"] if image["source"] == "index.md"]
    return Counter(image["reason"] or image["outcome"] for image in images)


def test_a_text_that_is_too_long_is_refused(tmp_path: Path, server: ApiServer) -> None:
    """It is neither cut nor stored."""
    answering(server, then=faults.text("A long story. " * 30))
    tiny = site(tmp_path, server)
    plain = tiny.build(plugin=False)
    built = tiny.build()
    assert built.page() == plain.page()
    assert reasons(built) == {"answer-too-long": 4}


def test_without_a_key_pages_stay_and_strict_passes(tmp_path: Path) -> None:
    """One message names the variable."""
    tiny = TinySite(tmp_path, DOCS)
    plain = tiny.build(plugin=False)
    built = tiny.build(strict=True)
    assert built.files() == plain.files()
    assert sum("ALTTEXTAI_API_KEY" in text for text in built.messages()) == 1
    assert built.messages("WARNING") == []
    assert reasons(built) == {"no-key": 4}


@pytest.mark.parametrize(
    "fault",
    [
        None,
        faults.status(401, f"Invalid API key {API_KEY}"),
        faults.status(500, f"Cannot serve Bearer {API_KEY}"),
        faults.text(f"A picture of {API_KEY}"),
    ],
)
def test_the_key_is_nowhere(tmp_path: Path, server: ApiServer, fault: Fault | None) -> None:
    """Not in the verbose log, the report, the cache or a page, whatever a server echoes."""
    answering(server, then=fault)
    built = site(tmp_path, server).build()
    assert generated(server)[0].authorised
    assert not [text for _, text in built.log if API_KEY in text]
    leavings = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / ".cache" / "plugin" / "alttext" / "cache.db" in leavings or fault is not None
    assert [path for path in leavings if API_KEY.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (faults.key_rejected(), "key-rejected"),
        (faults.no_credits(), "out-of-credits"),
    ],
)
def test_a_refused_account_is_asked_once(
    tmp_path: Path, server: ApiServer, fault: Fault, reason: str
) -> None:
    """The rest of the build does without, and one message says why."""
    answering(server, then=fault)
    built = site(tmp_path, server, max_retries=3).build()
    assert len(generated(server)) == 1
    assert reasons(built) == {reason: 4}
    words = {"key-rejected": "rejected the key", "out-of-credits": "Not enough credits"}
    assert sum(words[reason] in text for text in built.messages()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(403, "Rate limit exceeded. Please slow down.", headers=AT_ONCE),
        faults.too_many_requests("0"),
        faults.status(503, headers=AT_ONCE),
    ],
)
def test_a_passing_failure_is_tried_again_so_often(
    tmp_path: Path, server: ApiServer, fault: Fault
) -> None:
    """The service says when; a failure that stays ends after the retries that are allowed."""
    answering(server, fault, fault)
    built = site(tmp_path / "passing", server, max_retries=2).build()
    assert reasons(built) == {"filled": 4}
    assert len(generated(server)) == 4
    server.calls.clear()
    answering(server, then=fault)
    built = site(tmp_path / "staying", server, max_retries=2).build()
    assert len(generated(server)) == 6
    assert "filled" not in reasons(built)


@pytest.mark.parametrize("status", [400, 413, 415])
def test_a_refused_picture_is_that_picture_s_matter(
    tmp_path: Path, server: ApiServer, status: int
) -> None:
    """It is not sent again, and the others are filled."""
    answering(server, faults.status(status))
    built = site(tmp_path, server, max_retries=3).build()
    assert len(generated(server)) == 2
    assert reasons(built) == {"image-rejected": 2, "filled": 2}


def test_a_silent_service_is_left_at_the_timeout(tmp_path: Path, server: ApiServer) -> None:
    """The build goes on."""
    answering(server, faults.hang(charge=False))
    built = site(tmp_path, server, timeout=0.3).build()
    assert reasons(built) == {"timed-out": 2, "filled": 2}


@pytest.fixture
def _ctrl_c_is_heard() -> Iterator[None]:
    """Hear it also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


WAITING = """
from threading import Event

comes_to_wait = Event()


def on_post_template(output, *, template_name, config):
    if template_name == "404.html":  # which shows an image, and is the first that needs a text
        comes_to_wait.set()
"""


@pytest.mark.usefixtures("_ctrl_c_is_heard")
def test_ctrl_c_ends_a_build_that_waits(tmp_path: Path, server: ApiServer) -> None:
    """Long before the request would time out, and nothing is asked for after it."""
    hanging = faults.hang(charge=False)

    def interrupt(turn: Any) -> None:  # noqa: ANN401 - the server's own type
        # Not while MkDocs writes a file, which it would leave open.
        assert sys.modules["waiting.py"].comes_to_wait.wait(60)
        _thread.interrupt_main()
        hanging(turn)

    answering(server, then=interrupt)
    (tmp_path / "waiting.py").write_text(WAITING, encoding="utf-8")
    tiny = site(tmp_path, server, timeout=300)
    tiny.config = {"hooks": ["waiting.py"]}
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tiny.build()
    assert time.monotonic() - began < 100
    assert len(generated(server)) == 1
    workers = [thread for thread in threading.enumerate() if thread.name == "alttext"]
    for worker in workers:
        worker.join(timeout=10)
    assert not [worker for worker in workers if worker.is_alive()]
    assert not server.released.is_set()


@pytest.mark.parametrize(
    "fault", [faults.status(400), faults.html(), faults.text("a.png"), faults.text("image")]
)
def test_a_failure_leaves_the_page_as_it_was(
    tmp_path: Path, server: ApiServer, fault: Fault
) -> None:
    """Neither a file's name nor the word "image" becomes a text."""
    answering(server, then=fault)
    tiny = site(tmp_path, server)
    tiny.docs = {"index.md": "![](a.png) <img src=a.png>", "a.png": A}
    plain = tiny.build(plugin=False)
    assert tiny.build().files() == plain.files()
    assert len(generated(server)) == 1


def test_two_processes_share_one_cache(tmp_path: Path, server: ApiServer) -> None:
    """Each picture is paid for once, and neither build complains."""
    together = threading.Barrier(2, timeout=30)

    def meet(call: Call) -> None:
        if call.path == "/credits":
            together.wait()

    server.decide = meet
    builds = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        site(folder, server, cache_dir=str(tmp_path / "cache")).write()
        command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
        builds.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
            )
        )
    for build in builds:
        said, _ = build.communicate(timeout=60)
        assert build.returncode == 0, said
        assert "locked" not in said
        assert "WARNING" not in said
    assert set(server.ledger.values()) == {1}
    one, two = ((tmp_path / name / "site" / "index.html").read_text() for name in ("one", "two"))
    assert one == two
    assert clean(alt_text(generated(server)[0].image or b"", "en")) in one


class CreatesFile:
    """Creates a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        """Remember which file."""
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        """Make a pickle that opens the file for writing."""
        return open, (self.path, "w")


def _plant_pickles(database: Path) -> None:
    evil = pickle.dumps(CreatesFile(str(database.with_name("created"))))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE Cache SET mode = 4, value = ?", (evil,))


def _overwrite(database: Path) -> None:
    for path in database.parent.glob("cache.db-*"):
        path.unlink()
    database.write_bytes(b"\x8a\x01 no database" * 999)


def _make_newer(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE Cache SET value = replace(value, '\"v\":2', '\"v\":3')")


@pytest.mark.parametrize("damage", [_plant_pickles, _overwrite, _make_newer])
def test_a_cache_that_was_tampered_with_is_a_miss(
    tmp_path: Path, server: ApiServer, damage: Callable[[Path], None]
) -> None:
    """The pictures are asked for anew, nothing in it runs, and the build after finds them."""
    tiny = site(tmp_path, server)
    before = tiny.build().files()
    cache = tmp_path / ".cache" / "plugin" / "alttext"
    damage(cache / "cache.db")
    assert tiny.build(strict=True).files() == before
    assert len(generated(server)) == 4
    assert not (cache / "created").exists()
    assert tiny.build().files() == before
    assert len(generated(server)) == 4
