"""The server of the review: on this machine only, until a person ends it."""

from __future__ import annotations

import logging
from threading import Event, Lock
from typing import TYPE_CHECKING

from mkdocs_alttext.review.guard import LOOPBACK, Guard
from mkdocs_alttext.review.web import MOST_BYTES, Pages

if TYPE_CHECKING:
    from mkdocs_alttext.review.session import Session

_MOST_HEADER_BYTES = 32 * 1024
_THREADS = 4
_MOST_WAITING = 64
"""Connections that are not being answered: a browser keeps some, and any program can open more."""
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_OF_GRACE = 2.0
"""For the answer that says that the server has ended."""


class ReviewServer:
    """Serves one review."""

    def __init__(self, session: Session, port: int = 0) -> None:
        """Listen, and answer nothing yet.

        Args:
            session: The review.
            port: Which port; 0 for any that is free.

        Raises:
            ImportError: The extra `review` is not installed.
            OSError: The port is taken, or not to be had.
        """
        from waitress import wasyncore  # noqa: PLC0415 - an extra
        from waitress.server import create_server  # noqa: PLC0415 - an extra

        # Pictures that are asked for at once, or when the review ends, are no reason for a warning.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        self._ends = Event()
        self._lock = Lock()
        self._is_closed = False
        self._guard = Guard(Pages(session, self.end).application)
        self._sockets: dict[int, object] = {}
        try:
            self._server = create_server(
                self._guard,
                map=self._sockets,
                host=LOOPBACK,
                port=port,
                threads=_THREADS,
                connection_limit=2 * _MOST_WAITING,  # of those that are being answered, too
                max_request_body_size=MOST_BYTES,
                max_request_header_size=_MOST_HEADER_BYTES,
                ident=None,
            )
        except OSError:
            wasyncore.close_all(self._sockets, ignore_all=True)  # waitress leaves them open
            raise
        self.port = int(self._server.effective_port)
        self._guard.listen_on(self.port)

    @property
    def address(self) -> str:
        """What a person opens first, with the token."""
        return self._guard.address

    def address_for_once(self) -> str:
        """Return a first address that works once: others may see how a browser is started."""
        return self._guard.address_for_once()

    def run(self) -> None:
        """Answer until `end` is called, or the thread is interrupted."""
        from waitress import wasyncore  # noqa: PLC0415 - an extra

        try:
            while not self._ends.is_set():
                self._close_the_idlest()
                wasyncore.loop(timeout=_SECONDS_BETWEEN_LOOKS, map=self._sockets, count=1)
            # The answer to the request that ended it is on its way.
            for _ in range(int(_SECONDS_OF_GRACE / 0.05)):
                wasyncore.loop(timeout=0.05, map=self._sockets, count=1)
                if not any(map(_is_at_work, [*self._sockets.values()])):
                    break
        finally:
            self.close()

    def end(self) -> None:
        """Have `run` end; from any thread."""
        self._ends.set()
        with self._lock:
            if not self._is_closed:  # its descriptor may be another file's by then
                self._server.pull_trigger()

    def close(self) -> None:
        """Stop listening, and close what is open."""
        from waitress import wasyncore  # noqa: PLC0415 - an extra

        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _close_the_idlest(self) -> None:
        """Close connections beyond `_MOST_WAITING`, whose requests may never be complete.

        A time alone would not do, as who sends a byte now and then is never idle. A browser opens
        another one where it needs one.
        """
        channels = [each for each in self._server.active_channels.values() if not each.requests]
        if len(channels) > _MOST_WAITING:
            channels.sort(key=lambda each: each.last_activity)
            for channel in channels[:-_MOST_WAITING]:
                channel.handle_write()  # the end of an answer may be there
                if channel.connected:
                    channel.handle_close()


def _is_at_work(connection: object) -> bool:
    has_request = bool(getattr(connection, "requests", None))
    return has_request or bool(getattr(connection, "total_outbufs_len", 0))
