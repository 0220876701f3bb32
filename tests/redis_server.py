"""A real `redis-server` of a test's own, in a temporary folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    import signal
    from pathlib import Path

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")
Client = Any
"""The client's own class, which is typed for synchronous and asynchronous use at once."""
MOST_SECONDS = 20.0
"""For a server to start on a busy machine; it takes a twentieth of a second."""


def require() -> None:
    """Skip a test where there is no server, or no client."""
    if PROGRAM is None:
        pytest.skip("redis-server is not installed")
    pytest.importorskip("redis")


class RedisServer:
    """A server on a unix socket, or on a port of loopback, whose data outlives a kill."""

    def __init__(self, folder: Path, *options: str, on_port: bool = False) -> None:
        """Start it.

        Args:
            folder: Where its socket and its data are; a short path, as the system bounds it.
            options: More of its command line.
            on_port: Whether it listens on a port.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "redis.sock"
        self.port = free_port() if on_port else 0
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.path}"

    def start(self) -> None:
        """Start it again, with the data that it has on its disk."""
        assert PROGRAM is not None
        self.path.unlink(missing_ok=True)
        place = (
            *("--port", str(self.port), "--bind", "127.0.0.1"),
            *("--unixsocket", str(self.path), "--dir", str(self.folder)),
        )
        persistence = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, *place, *persistence, *self._options], stdout=log, stderr=log
            )
        give_up = time.monotonic() + MOST_SECONDS
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.path))
                    probe.settimeout(MOST_SECONDS)
                    probe.sendall(b"PING\r\n")
                    if not probe.recv(100).startswith(b"-LOADING"):
                        return
            except OSError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < give_up, (self.folder / "log").read_text()

    def client(self, **options: object) -> Client:
        """Return a client, which its user closes."""
        from redis import Redis  # noqa: PLC0415 - optional

        return Redis(unix_socket_path=str(self.path), protocol=2, **options)

    def send(self, signal_: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(signal_)

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.kill()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
