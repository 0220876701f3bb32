"""What holds for every test: no network but loopback, no keys, and the same examples every run.

What many need, too: the service, on this machine.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from api_server import API_KEY, ApiServer
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

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
