"""A loopback server that speaks the documented AltTextAI API, and every fault.

Owns the wire side of the service for tests, benchmarks and trials by hand: what is answered, what
is charged, and what was asked. It must not import the package under test: it is the other party.

    with ApiServer(credits_left=7) as server:
        server.script(faults.status(500), None, faults.hang())
        ...  # talk to server.base_url
        assert server.double_charges == 0

A fault is a function of a `Turn`; `None` stands for an ordinary answer. The queue of `script` goes
first, then the callable `decide`, then the API as documented.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import gzip
import hashlib
import json
import socket
import socketserver
import ssl
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

API_KEY = "alttext-loopback-key"
PREFIX = "/api/v1"
LANGUAGES = frozenset("en es fr de it pt nl pl ru ja ko zh".split())
_WORDS = (
    "amber birch cedar delta ember fjord grove heron indigo jade kestrel lotus maple north ochre "
    "pearl"
).split()


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in."""

    number: int
    """Counted from 0, over all endpoints."""
    method: str
    path: str
    authorised: bool
    headers: Mapping[str, str]
    body: object
    """The parsed JSON, or `None`."""
    image: bytes | None
    """The decoded picture of a `/generate`, when there is one."""
    language: str

    @property
    def sha256(self) -> str | None:
        """Hexadecimal digest of the picture's bytes."""
        return None if self.image is None else hashlib.sha256(self.image).hexdigest()


class Turn:
    """One request and the ways to answer it: what a fault is given."""

    def __init__(self, server: ApiServer, call: Call, handler: BaseHTTPRequestHandler) -> None:
        """Take the server, the request, and the connection to answer it on."""
        self.server = server
        self.call = call
        self._handler = handler

    def reply(
        self,
        status: int,
        payload: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send a whole answer: JSON, or raw bytes with headers of one's own."""
        content = json.dumps(payload).encode() if raw is None else raw
        fields = {"Content-Type": "application/json", "Content-Length": str(len(content))}
        self.send(_head(status, fields | dict(headers or {})))
        self.send(content)

    def reply_as_documented(self) -> None:
        """Answer as the API would if all were well, charging for it."""
        self.reply(*self.server.answer(self.call))

    def send(self, content: bytes) -> None:
        """Send bytes as they are."""
        self._handler.wfile.write(content)

    def charge(self) -> bool:
        """Take one credit for this call's picture, if one is left."""
        return self.server.charge(self.call)

    def disconnect(self) -> None:
        """Let the connection end after this turn."""
        self._handler.close_connection = True


Fault = Callable[[Turn], None]


class ApiServer:
    """The service on a free port of this machine, in threads of its own; a context manager."""

    def __init__(
        self,
        *,
        api_key: str = API_KEY,
        credits_left: int = 1000,
        latency: float = 0.0,
        decide: Callable[[Call], Fault | None] | None = None,
        port: int = 0,
        certificate: Path | None = None,
    ) -> None:
        """Bind the port, so that `base_url` is known; serving begins with `start`.

        Args:
            api_key: The one key that is accepted.
            credits_left: The account's balance.
            latency: Seconds that each `/generate` takes after it was charged.
            decide: Chooses a fault for each call that the script does not cover.
            port: TCP port; 0 for any free one.
            certificate: A file with a key and its certificate; `None` to speak without TLS.
        """
        self.api_key = api_key
        self.latency = latency
        self.decide = decide
        self.calls: list[Call] = []
        self.ledger: Counter[tuple[str, str]] = Counter()
        """Credits taken, by the picture's digest and language."""
        self.connections = 0
        self.in_flight = 0
        self.max_in_flight = 0
        self.errors: list[BaseException] = []
        """What went wrong in the server itself; raised when the context ends well."""
        self.arrived = threading.Semaphore(0)
        """Released once for each request that came in whole: what a test waits for."""
        self.released = threading.Event()
        """Set by `release` and `close`: every hanging or dripping answer ends."""
        self._credits = credits_left
        self._script: deque[Fault | None] = deque()
        self._lock = threading.RLock()
        self._disconnected = threading.Condition(self._lock)
        self._sockets: set[socket.socket] = set()
        self._http = _HttpServer(self, port)
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,))

    @property
    def base_url(self) -> str:
        """The address that stands for `https://autoalt.app/api/v1`."""
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}{PREFIX}"

    @property
    def credits_left(self) -> int:
        """The account's balance."""
        with self._lock:
            return self._credits

    @property
    def credits_spent(self) -> int:
        """Credits taken so far."""
        with self._lock:
            return self.ledger.total()

    @property
    def double_charges(self) -> int:
        """Credits taken for pictures that had been paid for."""
        with self._lock:
            return sum(count - 1 for count in self.ledger.values())

    def top_up(self, amount: int) -> None:
        """Add credits to the account."""
        with self._lock:
            self._credits += amount

    def script(self, *faults: Fault | None) -> None:
        """Queue what the next calls get; `None` is an ordinary answer."""
        with self._lock:
            self._script.extend(faults)

    def release(self) -> None:
        """End every hanging or dripping answer, now and later."""
        self.released.set()

    def start(self) -> Self:
        """Serve in a thread."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving and end all threads."""
        self.released.set()
        if self._thread.ident is not None:
            self._http.shutdown()
            self._thread.join()
        with self._lock:
            for connection in self._sockets:
                _cut(connection)  # else idle connections keep their threads
        self._http.server_close()

    def __enter__(self) -> Self:
        """Serve until the context ends."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving; raise what went wrong in the server, if nothing else did."""
        self.close()
        if error is None and self.errors:
            raise self.errors[0]

    def charge(self, call: Call) -> bool:
        """Take one credit for a call's picture; whether one was left."""
        with self._lock:
            if call.sha256 is None or self._credits < 1:
                return False
            self._credits -= 1
            self.ledger[call.sha256, call.language] += 1
            return True

    def answer(self, call: Call) -> tuple[int, object]:
        """Return status and body as documented, charging for a picture that gets a text."""
        if not call.authorised:
            return 401, {"error": _key_error(call.headers)}
        account = {"user_id": "user-1", "credits_remaining": self.credits_left}
        match call.method, call.path:
            case "GET", "/credits":
                return 200, {"credits": self.credits_left, "user_id": "user-1"}
            case "POST", "/verify-api-key":
                return 200, {"valid": True, **account}
            case "POST", "/generate":
                return self._generate(call)
        return 404, {"error": "Not found"}

    def _generate(self, call: Call) -> tuple[int, object]:
        if not isinstance(call.body, dict) or not call.body.get("image"):
            return 400, {"error": "No images provided. Send images, image or urls."}
        if not call.image or call.language not in LANGUAGES:
            return 400, {"error": "Invalid image format"}
        # Charged first, as a client must fear: whoever leaves now has paid.
        if not self.charge(call):
            return 403, {"error": "No credits remaining"}
        self.released.wait(self.latency)
        result = {"filename": "image", "alt_text": alt_text(call.image, call.language)}
        return 200, {
            "success": True,
            "results": [result | {"success": True}],
            "credits_remaining": self.credits_left,
            "processed_count": 1,
        }

    def handle(self, handler: BaseHTTPRequestHandler, content: bytes) -> None:
        """Answer one request that has come in whole."""
        with self._lock:
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)
            call = self._recorded(handler, content)
            fault = self._script.popleft() if self._script else _undecided
        self.arrived.release()
        try:
            if fault is _undecided:
                fault = self.decide(call) if self.decide else None
            turn = Turn(self, call, handler)
            (fault or Turn.reply_as_documented)(turn)
        except ConnectionError:
            handler.close_connection = True  # the client left, which is its right
        finally:
            with self._lock:
                self.in_flight -= 1

    def _recorded(self, handler: BaseHTTPRequestHandler, content: bytes) -> Call:
        headers = dict(handler.headers.items())
        body = _json(content)
        fields = body if isinstance(body, dict) else {}
        call = Call(
            number=len(self.calls),
            method=handler.command,
            path=handler.path.removeprefix(PREFIX),
            authorised=headers.get("Authorization") == f"Bearer {self.api_key}",
            headers=headers,
            body=body,
            image=_decoded(fields.get("image")),
            language=str(fields.get("language", "en")),
        )
        self.calls.append(call)
        return call

    def connected(self, connection: socket.socket) -> None:
        """Count a connection and remember it until it ends."""
        with self._lock:
            self.connections += 1
            self._sockets.add(connection)

    def disconnected(self, connection: socket.socket) -> None:
        """Forget a connection that ended."""
        with self._lock:
            self._sockets.discard(connection)
            self._disconnected.notify_all()

    def wait_for_disconnects(self, timeout: float = 5.0) -> bool:
        """Wait, at most so many seconds, until no client is connected; whether it came to that."""
        with self._disconnected:
            return self._disconnected.wait_for(lambda: not self._sockets, timeout)


def hang_after(server: ApiServer, answers: int) -> threading.Event:
    """Have a server answer for so many pictures, and charge and answer for none from then on.

    Args:
        server: The server.
        answers: How many.

    Returns:
        What is set once a request hangs.
    """
    hangs = threading.Event()
    answered: list[Call] = []

    def decide(call: Call) -> Fault | None:
        if call.image is None:
            return None
        if len(answered) < answers:
            answered.append(call)
            return None
        hangs.set()
        return faults.hang(charge=False)

    server.decide = decide
    return hangs


def alt_text(image: bytes, language: str) -> str:
    """Return the text that the server gives these bytes: eight words out of their digest."""
    digest = hashlib.sha256(image).hexdigest()[:8]
    words = " ".join(_WORDS[int(digit, 16)] for digit in digest)
    return f"Picture of {words} shown in {language}"


class faults:  # noqa: N801 - a namespace, so that a script reads as what it does
    """Every way the service can misbehave."""

    @staticmethod
    def status(
        code: int, error: str = "Something failed", *, headers: Mapping[str, str] | None = None
    ) -> Fault:
        """Answer with a status and the documented error body; nothing is charged."""
        return lambda turn: turn.reply(code, {"error": error}, headers=headers)

    @staticmethod
    def key_rejected() -> Fault:
        """Answer as for a wrong key."""
        return faults.status(401, "Invalid or inactive API key")

    @staticmethod
    def no_credits(error: str = "No credits remaining") -> Fault:
        """Answer as for an empty account."""
        return faults.status(403, error)

    @staticmethod
    def rate_limited() -> Fault:
        """Answer with the 403 that means rate."""
        return faults.status(403, "Rate limit exceeded. Please slow down.")

    @staticmethod
    def too_many_requests(retry_after: str | None = None) -> Fault:
        """Answer with a 429, as a gateway does."""
        headers = None if retry_after is None else {"Retry-After": retry_after}
        return faults.status(429, "Too many requests", headers=headers)

    @staticmethod
    def json_body(payload: object, *, charge: bool = True) -> Fault:
        """Answer 200 with any JSON at all."""
        return faults.raw_body(json.dumps(payload).encode(), charge=charge)

    @staticmethod
    def raw_body(
        content: bytes, *, headers: Mapping[str, str] | None = None, charge: bool = True
    ) -> Fault:
        """Answer 200 with any bytes at all."""

        def fault(turn: Turn) -> None:
            if charge:
                turn.charge()
            turn.reply(200, raw=content, headers=headers)

        return fault

    @staticmethod
    def html() -> Fault:
        """Answer 200 with a web page."""
        return faults.raw_body(
            b"<!doctype html><title>Welcome</title>", headers={"Content-Type": "text/html"}
        )

    @staticmethod
    def broken_json() -> Fault:
        """Answer 200 with JSON that stops in the middle."""
        return faults.raw_body(b'{"success": true, "results": [{"alt_te')

    @staticmethod
    def success_false(error: str | None = "The model could not process the image") -> Fault:
        """Answer 200 with a result that failed."""
        result = {"filename": "image", "success": False} | ({"error": error} if error else {})
        return faults.json_body({"success": True, "results": [result]}, charge=False)

    @staticmethod
    def text(alt: object, *, charge: bool = True) -> Fault:
        """Answer as documented, with this in the place of the text."""
        result = {"filename": "image", "alt_text": alt, "success": True}
        body = {"success": True, "results": [result], "credits_remaining": 1}
        return faults.json_body(body, charge=charge)

    @staticmethod
    def empty_text() -> Fault:
        """Answer as documented, with no text."""
        return faults.text("")

    @staticmethod
    def wrong_types() -> Fault:
        """Answer with the documented fields and the wrong types."""
        return faults.json_body({"success": "yes", "results": {"alt_text": 7}})

    @staticmethod
    def redirect(location: str, code: int = 302) -> Fault:
        """Point to another address."""
        return lambda turn: turn.reply(code, headers={"Location": location})

    @staticmethod
    def close_connection(*, charge: bool = False) -> Fault:
        """Close without a word, before or after charging."""

        def fault(turn: Turn) -> None:
            if charge:
                turn.charge()
            turn.disconnect()

        return fault

    @staticmethod
    def hang(*, charge: bool = True) -> Fault:
        """Say nothing until released, then give the text."""

        def fault(turn: Turn) -> None:
            if charge:
                turn.charge()
            turn.server.released.wait()
            faults.text(alt_text(turn.call.image or b"", turn.call.language), charge=False)(turn)

        return fault

    @staticmethod
    def drip_headers(interval: float = 0.5) -> Fault:
        """Charge, then send headers without end, one byte each interval (seconds)."""

        def fault(turn: Turn) -> None:
            turn.charge()
            turn.send(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            _drip(turn, interval)

        return fault

    @staticmethod
    def drip_body(interval: float = 0.5) -> Fault:
        """Charge, then send a body without end, one byte each interval (seconds)."""

        def fault(turn: Turn) -> None:
            turn.charge()
            turn.send(_head(200, {"Content-Type": "application/json", "Content-Length": "99999"}))
            _drip(turn, interval)

        return fault

    @staticmethod
    def huge_body(size: int = 50_000_000, *, code: int = 200) -> Fault:
        """Charge, then send this many bytes."""

        def fault(turn: Turn) -> None:
            turn.charge()
            turn.send(_head(code, {"Content-Type": "application/json"}))
            turn.disconnect()
            for _ in range(size // 100_000):
                turn.send(b" " * 100_000)

        return fault

    @staticmethod
    def gzip_bomb(size: int = 50_000_000) -> Fault:
        """Send a short body that unpacks to this many bytes."""
        bomb = gzip.compress(b" " * size)
        return faults.raw_body(bomb, headers={"Content-Encoding": "gzip"})

    @staticmethod
    def cut_off() -> Fault:
        """Charge, promise a long body, send a little of it, and close."""

        def fault(turn: Turn) -> None:
            turn.charge()
            turn.send(_head(200, {"Content-Length": "99999"}) + b'{"success"')
            turn.disconnect()

        return fault

    @staticmethod
    def not_http() -> Fault:
        """Send something that is no HTTP."""

        def fault(turn: Turn) -> None:
            turn.send(b"220 mail.example ESMTP\r\n")
            turn.disconnect()

        return fault


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for each thread, so none outlives its test
    request_queue_size = 128

    def __init__(self, api: ApiServer, port: int) -> None:
        self.api = api
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service for this machine's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def shutdown_request(self, request: object) -> None:
        """Close a connection, then let the API know: whoever waits shall find it closed."""
        if isinstance(request, socket.socket):
            super().shutdown_request(request)
            self.api.disconnected(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep an error for the test; a client that leaves is none."""
        del request, client_address
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.api.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.api.connected(self.connection)

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        if len(content) == length:
            self.server.api.handle(self, content)

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class
        """Say nothing: the history is in `ApiServer.calls`."""


def _undecided(turn: Turn) -> None:
    """Stand for a call that the script does not cover; never run."""
    raise AssertionError(turn)


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Odd"


def _drip(turn: Turn, interval: float) -> None:
    turn.disconnect()
    while not turn.server.released.wait(interval):
        turn.send(b"x")


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed by the client


def _json(content: bytes) -> object:
    try:
        parsed: object = json.loads(content)
    except ValueError:
        return None
    return parsed


def _decoded(image: object) -> bytes | None:
    try:
        return base64.b64decode(image, validate=True) if isinstance(image, str) else None
    except binascii.Error:
        return None


def _key_error(headers: Mapping[str, str]) -> str:
    if "Authorization" not in headers:
        return "No Authorization header found. Send a bearer token."
    return "Invalid or inactive API key"


def main() -> None:
    """Serve until killed, for trials by hand."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any free port")
    parser.add_argument("--credits", type=int, default=1000, help="the account's balance")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds for each image")
    parser.add_argument("--api-key", default=API_KEY, help="the key that is accepted")
    options = parser.parse_args()
    server = ApiServer(
        api_key=options.api_key,
        credits_left=options.credits,
        latency=options.latency,
        port=options.port,
    ).start()
    sys.stdout.write(f"{server.base_url}\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()
