"""One request under way, seen from both of its threads.

Owns the one moment that decides between "sent" and "never sent", and cutting a request off. It must
not know what is asked or answered.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from mkdocs_alttext.exceptions import RequestTimedOutError, ServiceError, ServiceUnavailableError
from mkdocs_alttext.services.errors import failure_from
from mkdocs_alttext.services.reply import Reply

if TYPE_CHECKING:
    from mkdocs_alttext.models import Reason


class AbandonedError(Exception):
    """The caller no longer waits, so nothing may be sent."""


class Exchange:
    """One request under way: whether it was sent, how it ended, and the way to cut it off."""

    def __init__(self) -> None:
        """Begin unsent and without an outcome."""
        self._lock = threading.Lock()
        # One caller waits, and a lock that is let go wakes it with the least to do.
        self._awaited = threading.Lock()
        self._awaited.acquire()
        self._outcome: Reply | ServiceError | None = None
        self._socket: socket.socket | None = None
        self.sent = False
        self.is_abandoned = False

    def sending(self, file_descriptor: int) -> None:
        """Note that the request leaves now, unless its caller has left before.

        A duplicate of the socket is kept to cut it off with. It can be shut down from another
        thread while the original is being closed; and to shut down a TLS socket itself would, for
        a moment, let the other thread write in the clear.
        """
        with self._lock:
            if self.is_abandoned:
                raise AbandonedError
            # May fail, and then nothing leaves.
            self._socket = socket.fromfd(file_descriptor, socket.AF_INET, socket.SOCK_STREAM)
            self.sent = True

    def release(self) -> None:
        """Let go of the socket: there is nothing left to cut off."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def failure(self, error: Exception, *, host: str) -> ServiceError:
        """Say in this package's words what it failed with.

        Here, because whoever has an exchange has imported the words for its failures: when these
        are needed, there may be no file descriptor left to import them with.
        """
        return failure_from(error, host=host, sent=self.sent)

    def settle(self, outcome: Reply | ServiceError) -> bool:
        """Keep how it ended, unless its caller has left.

        An error is kept without what led to it: those frames and errors hold the key.

        Returns:
            Whether the outcome is kept; then its caller waits until `announce`.
        """
        if isinstance(outcome, ServiceError):
            outcome.__traceback__ = outcome.__context__ = outcome.__cause__ = None
        with self._lock:
            if self.is_abandoned:
                return False
            self._outcome = outcome
        return True

    def announce(self) -> None:
        """Let its caller have what was settled."""
        self._awaited.release()

    def abandon(self, detail: str, *, reason: Reason | None = None) -> None:
        """End it from outside, if it has not ended.

        Args:
            detail: Why, for a person.
            reason: What the report names, when it is not for time or for the service.
        """
        with self._lock:
            if self._outcome is not None:
                return
            self.is_abandoned = True
            kind = RequestTimedOutError if self.sent else ServiceUnavailableError
            self._outcome = kind(detail, reason=reason)
            if self._socket is not None:
                with suppress(OSError):  # the server may have closed it first
                    self._socket.shutdown(socket.SHUT_RDWR)
        self._awaited.release()

    def wait(self, seconds: float) -> bool:
        """Wait until it ends, but no longer; say whether it has."""
        return self._awaited.acquire(timeout=seconds)

    def result(self) -> Reply:
        """Return the answer, or raise what it ended with."""
        if not isinstance(self._outcome, Reply):
            raise self._outcome or ServiceUnavailableError
        return self._outcome
