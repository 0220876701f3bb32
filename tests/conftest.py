"""What holds for every test: no network but loopback, no keys, and the same examples every run.

What many need, too: the service, on this machine.
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pytest
from api_server import API_KEY, ApiServer
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from jinja2.bccache import Bucket

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "", None})
_KEYS = (
    *("ALTTEXTAI_API_KEY", "ALTTEXT_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"),
    *("OLLAMA_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY"),
)
_SETTINGS = (
    *("ALTTEXT_ALLOWED_HOSTS", "ALTTEXT_BASE_URL", "ALTTEXT_MAX_CREDITS", "OPENAI_BASE_URL"),
    *(
        "ALTTEXT_CACHE_SECRET",
        "ALTTEXT_CACHE_URL",
        "OLLAMA_HOST",
        "OPENAI_ORG_ID",
        "OPENAI_PROJECT_ID",
    ),
)
# A proxy would stand between a test and its own server.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# The one hides what is left in buffers; with the other, each process compiles all that it imports.
_PYTHON = ("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")

settings.register_profile(
    "tests", derandomize=True, deadline=None, max_examples=50, database=None, print_blob=False
)
settings.load_profile("tests")


_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM = 4 << 30
"""Bytes."""
_PREFIX = "alttext-tests-"
"""And the number of the process."""
_OWN_FOLDER = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put the folders of tests into memory, if nobody chose a place: a disk syncs each cache."""
    is_chosen = config.option.basetemp or "PYTEST_DEBUG_TEMPROOT" in os.environ
    if is_chosen or hasattr(config, "workerinput") or not _has_room():
        return
    for other in _IN_MEMORY.glob(f"{_PREFIX}*"):  # of runs that were killed, or in which one failed
        if not Path("/proc", other.name.removeprefix(_PREFIX)).exists():
            shutil.rmtree(other, ignore_errors=True)
    folder = _IN_MEMORY / f"{_PREFIX}{os.getpid()}"
    with suppress(FileExistsError):
        folder.mkdir(0o711)  # some tests obey file modes as another user
        config.stash[_OWN_FOLDER] = os.environ["TMPDIR"] = str(folder)
        config.option.basetemp = str(folder / "tests")


def _has_room() -> bool:
    """Tell whether there is enough memory, in which programs may lie, too."""
    try:
        status = os.statvfs(_IN_MEMORY)
    except (AttributeError, OSError):
        return False
    is_usable = os.access(_IN_MEMORY, os.W_OK) and not status.f_flag & os.ST_NOEXEC
    return is_usable and status.f_bavail * status.f_frsize > _ROOM


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the folders of tests where one failed, until the next run."""
    if session.testsfailed:
        session.config.stash[_OWN_FOLDER] = ""


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the memory back."""
    if folder := config.stash.get(_OWN_FOLDER, ""):
        shutil.rmtree(folder, ignore_errors=True)


class _Compiled(jinja2.BytecodeCache):
    """Keeps what each template was compiled to, wherever it lies: each build compiles all anew."""

    def __init__(self) -> None:
        self._codes: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code
        self._codes[self._key(bucket)] = bucket.code

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        del filename
        return name

    @staticmethod
    def _key(bucket: Bucket) -> tuple[object, ...]:
        made_for = bucket.environment
        extensions = tuple(sorted(made_for.extensions))
        return type(made_for), made_for.autoescape, extensions, bucket.key, bucket.checksum


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> Iterator[None]:
    """Compile each template once in a process."""
    make, compiled = jinja2.Environment.__init__, _Compiled()

    def make_with_cache(self: jinja2.Environment, *args: Any, **named: Any) -> None:  # noqa: ANN401 - any
        make(self, *args, **named)
        self.bytecode_cache = self.bytecode_cache or compiled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "__init__", make_with_cache)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Have the garbage collector look seldom, and not through the thousands of tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> Iterator[None]:
    """Remove what a developer's shell may hold."""
    names = [*_SETTINGS, *_KEYS, *(f"{key}_FILE" for key in _KEYS)]
    names += [*_PROXIES, *map(str.lower, _PROXIES), *_BUNDLES, *_PYTHON]
    with pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Fail whatever looks up or connects to another machine.

    For the whole session, so that a thread that outlives its test is held back, too. The failure is
    no `Exception`: code under test that turns errors into values must not hide it.
    """
    look_up, connect, connect_ex = (
        socket.getaddrinfo,
        socket.socket.connect,
        socket.socket.connect_ex,
    )

    def allow(host: object) -> None:
        text = host.decode() if isinstance(host, bytes) else host
        if text not in _LOOPBACK:
            pytest.fail(f"a test tried to reach {text!r}; only loopback is allowed")

    def local_look_up(host: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - any call
        allow(host)
        return look_up(host, *rest, **named)

    def local_connect(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - any family's
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            allow(address[0])
        connect(self, address)

    def local_connect_ex(self: socket.socket, address: Any) -> int:  # noqa: ANN401 - the same
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            allow(address[0])
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", local_look_up)
        patch.setattr(socket.socket, "connect", local_connect)
        patch.setattr(socket.socket, "connect_ex", local_connect_ex)
        yield


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """Serve the API, with its key in the environment."""
    monkeypatch.setenv("ALTTEXTAI_API_KEY", API_KEY)
    with ApiServer() as running:
        yield running


@pytest.fixture
def threads_left(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Have a system that starts as many threads of ours as this list is long: none at first."""
    left: list[None] = []
    start = threading.Thread.start

    def start_limited(self: threading.Thread) -> None:
        if self.name.startswith("alttext"):
            if not left:
                raise RuntimeError("can't start new thread")
            left.pop()
        start(self)

    monkeypatch.setattr(threading.Thread, "start", start_limited)
    return left
