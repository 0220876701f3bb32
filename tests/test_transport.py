"""The HTTP client keeps the key, the deadline, the size limit and the tree of errors."""

from __future__ import annotations

import errno
import gc
import gzip
import http.client
import inspect
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
import traceback
import tracemalloc
import weakref
import zlib
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3.connection
import urllib3.exceptions
from api_server import API_KEY, ApiServer, Fault, Turn, alt_text, faults

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ConfigurationError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
)
from mkdocs_alttext.models import Reason
from mkdocs_alttext.services.connection import THREAD_NAME
from mkdocs_alttext.services.errors import failure_from
from mkdocs_alttext.services.http import HttpClient, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SHORT = 0.3
"""Seconds: a deadline that a test waits for."""
LONG = 30.0
"""Seconds: a deadline that no test reaches."""


@contextmanager
def served(
    *script: Fault | None, timeout: float = LONG, max_answer_bytes: int = 1 << 20
) -> Iterator[tuple[ApiServer, HttpClient]]:
    """A server with a script, and a client to it."""
    with ApiServer() as server:
        server.script(*script)
        client = HttpClient(
            server.base_url, api_key=API_KEY, timeout=timeout, max_answer_bytes=max_answer_bytes
        )
        try:
            yield server, client
        finally:
            client.close()
            server.release()


def ask(client: HttpClient) -> Reply:
    """Send the smallest real request."""
    return client.request_json("POST", "/generate", b'{"image": "YQ==", "language": "en"}')


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def request_threads() -> list[threading.Thread]:
    """Threads of requests that are still running."""
    return [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    for thread in request_threads():
        thread.join(2)
    assert request_threads() == []


# The settings


@pytest.mark.parametrize(
    "base_url",
    [
        "https://autoalt.app/api/v1",
        "https://autoalt.app/api/v1/",
        "https://autoalt.app:8443",
        "https://203.0.113.7/api",
        "https://[2001:db8::1]:8443/api",
        "HTTPS://AutoAlt.App/api",
        "http://127.0.0.1:8000/api",
        "http://127.9.8.7/api",
        "http://[::1]:8000",
        "http://localhost:8000",
        "http://LOCALHOST",
    ],
)
def test_https_and_loopback_http_are_accepted(base_url: str) -> None:
    """An encrypted address anywhere and a plain one on this machine are fine."""
    HttpClient(base_url, api_key=API_KEY, timeout=1).close()


@pytest.mark.parametrize(
    "base_url",
    [
        # plain http to another machine, or to what only looks like this one
        "http://autoalt.app/api/v1",
        "http://128.0.0.1/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[2001:db8::1]/",
        "http://192.168.0.1/",
        # other schemes, or none
        "",
        "autoalt.app/api",
        "//autoalt.app",
        "ftp://autoalt.app",
        "file:///etc/passwd",
        "https://",
        "https:///api",
        "https:autoalt.app",
        # credentials, query, fragment
        "https://user:s3cret-word@autoalt.app/",
        "https://s3cret-word@autoalt.app/",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:80\\@evil.example/",
        "https://autoalt.app/?key=s3cret-word",
        "https://autoalt.app/?",
        "https://autoalt.app/#s3cret-word",
        # not an address
        "https://autoalt.app:port/",
        "https://autoalt.app:99999/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://auto alt.app/",
        " https://autoalt.app/",
        "https://autoalt.app/\n",
        "https://autoalt.app/\r\nX-Header: 1",
        "https://äutoalt.app/",
        "https://autoalt.app\uff0fapi",
        "https://-/",
        "https://*/",
    ],
)
def test_an_unsafe_base_url_is_refused_with_an_example(base_url: str) -> None:
    """The message names the option and what to write, and repeats no secret."""
    with pytest.raises(ConfigurationError, match="`base_url`") as caught:
        HttpClient(base_url, api_key=API_KEY, timeout=1)
    assert "https://" in str(caught.value)
    assert "s3cret-word" not in chain_of(caught.value)


# The key


@pytest.mark.parametrize(
    "key", ["s3cret\nX-Header: 1", "s3cret\rword", "s3cret\x00", "s3cret\x7f", "s3cret-\u2603"]
)
def test_a_key_that_cannot_be_a_header_is_refused_unseen(key: str) -> None:
    """The message does not repeat the key, nor does anything behind it."""
    with pytest.raises(ConfigurationError) as caught:
        HttpClient("https://autoalt.app", api_key=key, timeout=1)
    assert "s3cret" not in chain_of(caught.value)


@pytest.mark.parametrize("key", ["", " ", "\n", "\t \r\n"])
def test_an_empty_key_is_refused(key: str) -> None:
    """White space is no key."""
    with pytest.raises(ConfigurationError, match="empty"):
        HttpClient("https://autoalt.app", api_key=key, timeout=1)


def test_white_space_around_the_key_is_removed() -> None:
    """A key that was read from a file ends with a line break."""
    with ApiServer() as server:
        client = HttpClient(server.base_url, api_key=f" {API_KEY}\r\n", timeout=LONG)
        assert client.request_json("GET", "/credits").status == 200
        client.close()
        assert server.calls[0].headers["Authorization"] == f"Bearer {API_KEY}"


def test_the_key_is_not_in_the_repr_or_in_what_vars_prints() -> None:
    """Neither a log of the object nor of its attributes shows the key."""
    client = HttpClient("https://autoalt.app", api_key=API_KEY, timeout=1)
    shown = repr(client) + repr(vars(client))
    shown += "".join(repr(vars(value)) for value in vars(client).values() if has_dict(value))
    assert API_KEY not in shown
    assert "autoalt.app" in repr(client)


LEAKY: Mapping[str, Fault] = {
    "redirect": faults.redirect(f"https://{API_KEY}.example/{API_KEY}"),
    "closed": faults.close_connection(),
    "not-http": faults.not_http(),
    "status-line": lambda turn: turn.send(f"HTTP/{API_KEY} 200 {API_KEY}\r\n\r\n".encode()),
    "hang": faults.hang(),
    "drip-headers": faults.drip_headers(0.02),
    "chunks": faults.raw_body(
        b"zz" + API_KEY.encode(), headers={"Transfer-Encoding": "chunked", "Connection": "close"}
    ),
    "encoding": faults.raw_body(b"x", headers={"Content-Encoding": API_KEY}),
    "bomb": faults.gzip_bomb(),
}


@pytest.mark.parametrize("fault", LEAKY.values(), ids=LEAKY.keys())
def test_the_key_is_in_no_part_of_an_error(fault: Fault) -> None:
    """Not in the message, the chain, the whole traceback, or the locals of its frames."""
    with served(fault, timeout=SHORT) as (_, client):
        with pytest.raises(ServiceError) as caught:
            ask(client)
        error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert API_KEY not in chain_of(error)
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in frames.stack if "services" in frame.filename]
    assert ours
    assert API_KEY not in repr([frame.locals for frame in ours])


def test_a_reply_keeps_what_a_server_may_echo_out_of_its_repr() -> None:
    """Headers and body are not shown."""
    body = {"error": f"Bad key {API_KEY}"}
    with served(lambda turn: turn.reply(401, body, headers={"X": API_KEY})) as (_, client):
        reply = ask(client)
    assert reply.body == body
    assert API_KEY not in repr(reply)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", f"Authorization Bearer {API_KEY}"),
        ("Content-Length: 2", f": {API_KEY}"),
        (f" {API_KEY}", "Content-Length: 2"),
    ],
    ids=["no colon", "no name", "goes on without a start"],
)
def test_a_key_echoed_in_broken_headers_is_not_logged(
    lines: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The answer counts nevertheless, for it may have been paid for; its connection is done."""

    def echo(turn: Turn) -> None:
        turn.send("\r\n".join(["HTTP/1.1 200 OK", *lines, "", "{}"]).encode())

    caplog.set_level(logging.DEBUG)
    with served(echo) as (server, client):
        assert ask(client).body == {}
        assert ask(client).status == 200
        assert server.connections == 2
    assert API_KEY not in caplog.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Bearer {API_KEY}!", "Bearer ***!"),
        (API_KEY.upper() + API_KEY, "******"),
        ("nothing", "nothing"),
        ("a &amp; b\u200b &#45;", "a &amp; b\u200b &#45;"),
        # as web pages, and what breaks lines in them, write it
        (API_KEY.replace("-", "&#45;") + " &amp;", "*** &"),
        (API_KEY.replace("-", "&#x2D;"), "***"),
        (API_KEY.replace("-", "&hyphen;"), API_KEY.replace("-", "&hyphen;")),
        (API_KEY.replace("a", "&#97;").replace("-", "&amp;#45;"), "***"),
        (API_KEY.replace("-", "-\u00ad"), "***"),
        ("\u200b".join(API_KEY), "***"),
        ("\u200d".join(API_KEY), "***"),
        (API_KEY.replace("-", "-&shy;"), "***"),
        (API_KEY.replace("-", "&\u200b#45;"), "***"),
        (API_KEY.replace("-", "&ZeroWidthSpace;-"), "***"),
        (f"{API_KEY} or {API_KEY.replace('-', '&#45;')}", "*** or ***"),
        # not worth finding out: escaped over and over, or a number that Python refuses to read
        ("a &" + "amp;" * 50 + " b", "***"),
        ("&#" + "9" * 5000, "***"),
    ],
)
def test_the_key_is_redacted_from_texts(text: str, expected: str) -> None:
    """Wherever it stands, in whatever case, and however it is escaped."""
    client = HttpClient("https://autoalt.app", api_key=API_KEY, timeout=1)
    assert client.redact(text) == expected


# What is sent and what comes back


def test_a_request_carries_json_the_key_and_little_else() -> None:
    """The server sees the documented request and no trace of the machine."""
    with served() as (server, client):
        reply = ask(client)
        call = server.calls[0]
    assert (call.method, call.path, call.authorised) == ("POST", "/generate", True)
    assert call.body == {"image": "YQ==", "language": "en"}
    assert reply.status == 200
    assert {name.lower() for name in call.headers} == set(
        "host user-agent accept accept-encoding connection authorization content-type "
        "content-length".split()
    )
    assert call.headers["User-Agent"] == "mkdocs-alttext"


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"a": [1, "\xc3\xa4"]}', {"a": [1, "ä"]}),
        (b"7", 7),
        (b"null", None),
        (b"", None),
        (b"<html>", None),
        (b'{"a": 1', None),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
        (b"Infinity", None),
        (b"\xff\xfe\xfa", None),
        (b"[" * 100_000, None),
        (b"9" * 100_000, None),
    ],
)
def test_a_body_is_json_or_nothing(content: bytes, body: object) -> None:
    """Whatever is not JSON, nothing raises."""
    with served(faults.raw_body(content)) as (_, client):
        assert ask(client).body == body


@pytest.mark.parametrize(
    "status", [200, 201, 204, 400, 401, 403, 404, 413, 418, 429, 500, 503, 599]
)
def test_every_status_but_redirects_is_a_reply(status: int) -> None:
    """What a status means is the service's affair."""
    with served(faults.status(status)) as (_, client):
        assert ask(client).status == status


def test_each_request_has_a_connection_of_its_own() -> None:
    """So that no answer can be taken for that to another request, whoever asks."""
    with served() as (server, client):
        for _ in range(5):
            ask(client)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(ask, client).result()
        assert (len(server.calls), server.connections) == (10, 10)
        assert {call.headers["Connection"] for call in server.calls} == {"close"}


LATE = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"late": true}'


def _later(first: Turn) -> None:
    """Send a second answer to a request that has been answered, if that can still be done."""
    with suppress(OSError, ValueError):
        first.send(LATE)


def with_the_first(_: threading.Event) -> tuple[Fault, ...]:
    """Send two answers at once."""

    def twice(turn: Turn) -> None:
        turn.reply_as_documented()
        turn.send(LATE)

    return (twice,)


def before_the_next_request(answered: threading.Event) -> tuple[Fault, ...]:
    """Send the second answer when the first one was read."""

    def later(turn: Turn) -> None:
        turn.reply_as_documented()
        assert answered.wait(5)
        _later(turn)
        turn.server.arrived.release()

    return (later,)


def when_the_next_request_is_there(_: threading.Event) -> tuple[Fault, ...]:
    """Send the second answer when nobody can look for it any more."""
    turns: list[Turn] = []

    def first(turn: Turn) -> None:
        turns.append(turn)
        turn.reply_as_documented()

    def second(turn: Turn) -> None:
        _later(turns[0])
        turn.reply_as_documented()

    return first, second


@pytest.mark.parametrize(
    "late", [with_the_first, before_the_next_request, when_the_next_request_is_there]
)
def test_a_second_answer_is_not_that_to_the_next_request(
    late: Callable[[threading.Event], tuple[Fault, ...]],
) -> None:
    """Whenever it comes: it would be another picture's text."""
    answered = threading.Event()
    with served(*late(answered)) as (server, client):
        assert ask(client).status == 200
        assert server.arrived.acquire(timeout=5)
        answered.set()
        if late is before_the_next_request:
            assert server.arrived.acquire(timeout=5)
        reply = client.request_json("POST", "/generate", b'{"image": "Yg=="}')
        assert alt_text(b"b", "en") in str(reply.body)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_fails_is_not_sent_again(method: str) -> None:
    """Whoever asks decides that: each time may be charged."""
    with served(faults.close_connection()) as (server, client):
        with pytest.raises(ServiceError):
            client.request_json(method, "/generate", b"{}")
        assert len(server.calls) == 1


def test_cookies_are_not_sent_back() -> None:
    """They would tie requests together that have nothing to do with one another."""

    def setting(turn: Turn) -> None:
        turn.reply(200, {}, headers={"Set-Cookie": "name=value; Path=/"})

    with served(setting) as (server, client):
        ask(client)
        ask(client)
        assert "Cookie" not in server.calls[1].headers


def test_many_threads_at_once_each_get_their_own_answer() -> None:
    """Answers do not cross, and as many requests run at once as there are callers."""
    barrier = threading.Barrier(8)

    def meet(turn: Turn) -> None:
        barrier.wait(5)
        turn.reply_as_documented()

    with served(*[meet] * 24) as (server, client), ThreadPoolExecutor(8) as pool:
        languages = ["en", "fr", "de"] * 8

        def one(language: str) -> str:
            body = json.dumps({"image": "YQ==", "language": language}).encode()
            return str(client.request_json("POST", "/generate", body).body)

        answers = list(pool.map(one, languages))
        assert server.max_in_flight == 8
    for language, answer in zip(languages, answers, strict=True):
        assert f"shown in {language}" in answer


# Interim answers


def after(*interim: bytes) -> Fault:
    """Send interim answers at once, then the documented one a moment later."""

    def fault(turn: Turn) -> None:
        for line in interim:
            turn.send(b"HTTP/1.1 " + line + b"\r\nLink: </style.css>\r\n\r\n")
        turn.server.released.wait(SHORT / 3)
        turn.reply_as_documented()

    return fault


INTERIM: Mapping[str, tuple[bytes, ...]] = {
    "100": (b"100 Continue",),
    "102": (b"102 Processing",),
    "103": (b"103 Early Hints",),
    "unknown": (b"199 Odd",),
    "many": (b"103 Early Hints", b"100 Continue", b"102 Processing") * 3,
}


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM.keys())
def test_each_request_gets_its_own_answer_after_interim_ones(interim: tuple[bytes, ...]) -> None:
    """However many come before: no answer is left for the next request to take for its own."""
    images = ("YQ==", "Yg==", "Yw==")
    with served(*[after(*interim)] * len(images)) as (server, client):
        for image in images:
            reply = client.request_json("POST", "/generate", json.dumps({"image": image}).encode())
            assert reply.status == 200
            assert alt_text(b64decode(image), "en") in str(reply.body)
        assert len(server.calls) == len(images)


@pytest.mark.parametrize("line", [b"103 Early Hints", b"100 Continue"])
def test_interim_answers_without_end_end(line: bytes) -> None:
    """By their number or at the deadline; and the next request gets a clean connection."""

    def endless(turn: Turn) -> None:
        while not turn.server.released.is_set():
            turn.send(b"HTTP/1.1 " + line + b"\r\n\r\n")

    with served(endless, timeout=2 * SHORT) as (_, client):
        with pytest.raises((BadAnswerError, RequestTimedOutError)):
            ask(client)
        assert ask(client).status == 200


def test_a_switch_to_another_protocol_is_bad() -> None:
    """Nobody asked for one, and nothing that follows is HTTP."""

    def switch(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")
        turn.server.released.wait()
        turn.disconnect()

    with served(switch) as (server, client):
        with pytest.raises(BadAnswerError, match="101") as caught:
            ask(client)
        assert caught.value.status == 101
        assert ask(client).status == 200
        assert server.connections == 2


def test_a_body_where_none_may_be_is_not_the_next_answer() -> None:
    """What stands behind a 204 is never read, and a late one would answer the next request."""

    def late(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        turn.server.released.wait(SHORT / 3)
        turn.reply(200, {"late": True})

    with served(late) as (_, client):
        assert ask(client).status == 204
        assert "late" not in str(ask(client).body)


# Redirects


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 300, 304])
def test_a_redirect_is_not_followed(code: int) -> None:
    """The other host sees nothing: neither the key nor the picture."""
    with ApiServer() as other:
        location = f"{other.base_url}/secret-path?token=1"
        with (
            served(faults.redirect(location, code)) as (_, client),
            pytest.raises(BadAnswerError) as caught,
        ):
            ask(client)
        assert (other.calls, other.connections) == ([], 0)
    assert caught.value.status == code
    assert "127.0.0.1" in caught.value.detail
    assert "secret-path" not in chain_of(caught.value)


@pytest.mark.parametrize("location", ["", "/other", "//[", "https://\x01bad host/", "::::"])
def test_an_odd_redirect_is_an_error_like_any_other(location: str) -> None:
    """A missing, relative or broken address does not confuse the error."""
    with served(faults.redirect(location)) as (_, client), pytest.raises(BadAnswerError):
        ask(client)


def test_the_page_around_a_redirect_is_not_read() -> None:
    """Its body may be endless; its status is enough."""

    def endless(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\n\r\n")
        turn.server.released.wait()
        turn.disconnect()

    with served(endless) as (_, client), pytest.raises(BadAnswerError, match="elsewhere"):
        ask(client)


def test_the_bomb_around_a_redirect_is_not_unpacked() -> None:
    """A session of `requests` would read and unpack it, whatever it was told."""
    bomb = gzip.compress(b" " * 50_000_000)

    def redirect(turn: Turn) -> None:
        head = {"Location": "https://elsewhere.example/", "Content-Encoding": "gzip"}
        turn.reply(302, raw=bomb, headers=head)

    with served(redirect) as (_, client):
        tracemalloc.start()
        try:
            with pytest.raises(BadAnswerError, match="elsewhere"):
                ask(client)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


# Limits


PACKED: Mapping[str, Mapping[str, str]] = {
    "gzip": {"Content-Encoding": "gzip"},
    "x-gzip": {"Content-Encoding": "X-GZIP"},
}


@pytest.mark.parametrize("headers", PACKED.values(), ids=PACKED.keys())
def test_a_packed_answer_is_unpacked(headers: Mapping[str, str]) -> None:
    """A gateway may pack what nobody asked it to."""
    content = gzip.compress(b'{"a": 1}', mtime=0)
    with served(faults.raw_body(content, headers=headers)) as (_, client):
        assert ask(client).body == {"a": 1}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (gzip.compress(b'{"a": 1}', mtime=0)[:-9], "gzip"),
        (b"not packed", "gzip"),
        (zlib.compress(b"{}", wbits=-15), "deflate"),
        (b"x", "br"),
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "gzip, gzip"),
    ],
    ids=["cut off", "not packed", "raw deflate", "unknown", "packed twice"],
)
def test_an_answer_that_cannot_be_unpacked_is_bad(content: bytes, encoding: str) -> None:
    """Damaged, cut off, or packed in a way that nobody asked for."""
    fault = faults.raw_body(content, headers={"Content-Encoding": encoding})
    with served(fault) as (_, client), pytest.raises(BadAnswerError):
        ask(client)


LARGE: Mapping[str, Fault] = {
    "with-length": faults.raw_body(b" " * 2000),
    "without-length": faults.huge_body(200_000),
    "50-MB": faults.huge_body(),
    "gzip-bomb": faults.gzip_bomb(),
    "chunked": faults.raw_body(
        b"7d0\r\n" + b" " * 2000 + b"\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"}
    ),
}


@pytest.mark.parametrize("fault", LARGE.values(), ids=LARGE.keys())
def test_an_answer_beyond_the_limit_is_bad(fault: Fault) -> None:
    """However it is sent; and the next request gets a clean connection."""
    with served(fault, max_answer_bytes=1000) as (_, client):
        with pytest.raises(BadAnswerError, match="1000 bytes"):
            ask(client)
        assert ask(client).status == 200


def test_an_answer_of_exactly_the_limit_is_read() -> None:
    """The limit itself is allowed, packed or not."""
    content = b'"' + b"a" * 998 + b'"'
    packed = faults.raw_body(gzip.compress(content), headers={"Content-Encoding": "gzip"})
    with served(faults.raw_body(content), packed, max_answer_bytes=1000) as (_, client):
        assert ask(client).body == ask(client).body == "a" * 998


def test_a_bomb_is_not_unpacked_beyond_the_limit() -> None:
    """Fifty megabytes in fifty kilobytes take no fifty megabytes of memory."""
    with served(faults.gzip_bomb()) as (_, client):
        tracemalloc.start()
        try:
            with pytest.raises(BadAnswerError):
                ask(client)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


def test_an_error_status_counts_more_than_the_page_around_it() -> None:
    """A 503 with a page beyond the limit is still a 503."""
    with served(faults.huge_body(200_000, code=503), max_answer_bytes=1000) as (_, client):
        reply = ask(client)
    assert (reply.status, reply.body) == (503, None)


# The deadline


SLOW: Mapping[str, Fault] = {
    "silent": faults.hang(),
    "drip-in-headers": faults.drip_headers(0.02),
    "drip-in-body": faults.drip_body(0.02),
}


@pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW.keys())
def test_a_request_ends_at_its_deadline(fault: Fault) -> None:
    """Silence or single bytes: the whole request has `timeout` seconds, and was perhaps paid."""
    with served(fault, timeout=SHORT) as (server, client):
        start = time.monotonic()
        with pytest.raises(RequestTimedOutError, match=r"within 0\.3 s"):
            ask(client)
        assert SHORT <= time.monotonic() - start < SHORT + 1.0
        assert server.credits_spent == 1


def test_a_dripping_server_is_cut_off_at_the_deadline() -> None:
    """The connection ends with its request: nothing goes on reading."""
    gone = threading.Event()

    def drip(turn: Turn) -> None:
        try:
            faults.drip_body(0.01)(turn)
        finally:
            gone.set()

    with served(drip, timeout=SHORT) as (_, client):
        with pytest.raises(RequestTimedOutError):
            ask(client)
        assert gone.wait(2)


def test_a_server_that_does_not_read_is_left_at_the_deadline() -> None:
    """Sending counts as well: a large picture into a full buffer ends in time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = HttpClient(url, api_key=API_KEY, timeout=SHORT)
        start = time.monotonic()
        with pytest.raises(RequestTimedOutError):
            client.request_json("POST", "/generate", b'{"image": "%b"}' % (b"a" * 20_000_000))
        assert time.monotonic() - start < SHORT + 2.0
        client.close()


TRICKLES: Mapping[str, tuple[bytes, bytes]] = {
    "chunk-size": (b"Transfer-Encoding: chunked\r\n\r\n", b"1"),
    "chunk-extension": (b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "trailers": (b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n"),
}


@pytest.mark.parametrize(("begin", "go_on"), TRICKLES.values(), ids=TRICKLES.keys())
def test_the_frame_of_a_body_without_end_ends(begin: bytes, go_on: bytes) -> None:
    """By its length or at the deadline, and without filling the memory."""

    def endless(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 200 OK\r\n" + begin)
        with suppress(OSError, ValueError):
            while not turn.server.released.is_set():
                turn.send(go_on * 1000)

    with served(endless, timeout=SHORT) as (_, client):
        start = time.monotonic()
        with pytest.raises((BadAnswerError, RequestTimedOutError)):
            ask(client)
        assert time.monotonic() - start < SHORT + 1.0
        assert ask(client).status == 200


@pytest.mark.parametrize("end", [b"", b"Content-Type: application/json\r\n"])
def test_a_head_that_was_cut_off_is_no_empty_answer(end: bytes) -> None:
    """To `http.client`, the end of the connection ends the head, and leaves an empty body."""

    def head_only(turn: Turn) -> None:
        turn.send(b"HTTP/1.1 200 OK\r\n" + end)
        turn.server.released.wait()
        turn.disconnect()

    with served(head_only, timeout=SHORT) as (_, client), pytest.raises(RequestTimedOutError):
        ask(client)


def test_a_tls_handshake_that_never_ends_is_left_at_the_deadline() -> None:
    """Nothing was sent, so nothing was charged."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        client = HttpClient(url, api_key=API_KEY, timeout=SHORT)
        start = time.monotonic()
        with pytest.raises(ServiceUnavailableError):
            ask(client)
        assert time.monotonic() - start < SHORT + 1.0
        client.close()


def test_name_resolution_that_hangs_is_left_and_nothing_is_sent_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was reported as not sent stays unsent, even when the name is found in the end."""
    found, real = threading.Event(), socket.getaddrinfo

    def slow(host: str, *args: int) -> object:
        found.wait(10)
        return real(host, *args)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with served(timeout=SHORT) as (server, client):
        start = time.monotonic()
        with pytest.raises(ServiceUnavailableError):
            ask(client)
        assert time.monotonic() - start < SHORT + 1.0
        found.set()
        for thread in request_threads():
            thread.join(5)
        assert server.wait_for_disconnects()
        assert server.calls == []


def test_the_transport_works_on_after_a_timeout() -> None:
    """The connection that hung is not used again."""
    with served(faults.hang(), timeout=SHORT) as (_, client):
        with pytest.raises(RequestTimedOutError):
            ask(client)
        assert ask(client).status == 200


# Failures


def test_a_refused_connection_was_not_charged() -> None:
    """The service is down, and the message says that the connection was refused."""
    client = HttpClient(f"http://127.0.0.1:{free_port()}", api_key=API_KEY, timeout=LONG)
    with pytest.raises(ServiceUnavailableError, match="refused"):
        ask(client)
    client.close()


def test_a_host_without_tls_was_not_charged() -> None:
    """The key is not sent to a host that cannot prove who it is."""
    with ApiServer() as server:
        client = HttpClient(
            server.base_url.replace("http:", "https:"), api_key=API_KEY, timeout=LONG
        )
        with pytest.raises(ServiceUnavailableError, match="TLS"):
            ask(client)
        client.close()
        assert server.calls == []


BROKEN: Mapping[str, tuple[Fault, type[ServiceError]]] = {
    "closed before the charge": (faults.close_connection(), RequestTimedOutError),
    "closed after the charge": (faults.close_connection(charge=True), RequestTimedOutError),
    "closed in the body": (faults.cut_off(), RequestTimedOutError),
    "closed in a chunk": (
        faults.raw_body(
            b"ff\r\nabc", headers={"Transfer-Encoding": "chunked", "Connection": "close"}
        ),
        RequestTimedOutError,
    ),
    "not HTTP": (faults.not_http(), BadAnswerError),
    "a thousand headers": (
        lambda turn: turn.send(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 1000 + b"\r\n"),
        BadAnswerError,
    ),
    "an endless header": (
        lambda turn: turn.send(b"HTTP/1.1 200 OK\r\nX: " + b"1" * 100_000 + b"\r\n\r\n"),
        BadAnswerError,
    ),
}


@pytest.mark.parametrize(("fault", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_request_that_was_sent_may_have_been_charged(
    fault: Fault, expected: type[ServiceError]
) -> None:
    """A connection that breaks after sending is never taken for a free attempt."""

    def broken(turn: Turn) -> None:
        fault(turn)
        turn.disconnect()

    with served(broken) as (_, client):
        with pytest.raises(expected) as caught:
            ask(client)
        assert type(caught.value) is expected
        assert caught.value.detail
        assert ask(client).status == 200


def test_a_request_that_no_file_is_left_for_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was not charged, and to say so takes no file either."""

    def full(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with served() as (server, client):
        ask(client)
        with monkeypatch.context() as patch:
            patch.setattr(socket, "fromfd", full)
            with pytest.raises(ServiceUnavailableError, match="Too many open files"):
                ask(client)
        assert ask(client).status == 200
        assert len(server.calls) == 2


def test_a_request_is_sent_once() -> None:
    """Whether to try again is for others to decide."""
    with served(*[faults.close_connection()] * 3) as (server, client):
        with pytest.raises(RequestTimedOutError):
            ask(client)
        assert len(server.calls) == 1


def all_library_errors() -> Iterator[type[BaseException]]:
    """Every exception class of requests, urllib3 and http.client."""
    for module in (requests.exceptions, urllib3.exceptions, http.client):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, Exception) and not issubclass(kind, Warning):
                yield kind


# What counts after the request began to leave; every class that is not named was a cut connection.
TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
GARBLED = (http.client.HTTPException, urllib3.exceptions.InvalidHeader)
CUT_OFF = (http.client.IncompleteRead, http.client.RemoteDisconnected)


@pytest.mark.parametrize("kind", sorted(set(all_library_errors()), key=str), ids=str)
def test_every_error_of_the_libraries_becomes_one_of_ours(kind: type[BaseException]) -> None:
    """Not sent: unavailable. Sent: timed out, or not HTTP. The message comes from no library."""
    error = kind.__new__(kind)
    error.args = (f"https://host/?{API_KEY}", {"Authorization": API_KEY})
    unsent = failure_from(error, host="service.example", sent=False)
    sent = failure_from(error, host="service.example", sent=True)
    assert type(unsent) is ServiceUnavailableError
    is_garbled = issubclass(kind, GARBLED) and not issubclass(kind, (*CUT_OFF, *TIMEOUTS))
    assert type(sent) is (BadAnswerError if is_garbled else RequestTimedOutError)
    assert "service.example" in unsent.detail
    assert "service.example" in sent.detail
    assert API_KEY not in str(unsent) + str(sent)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (socket.gaierror(-2, "Name or service not known"), "resolved"),
        (TimeoutError("timed out"), "in time"),
        (urllib3.exceptions.SSLError("certificate"), "TLS"),
        (urllib3.exceptions.ProxyError("proxy", OSError()), "proxy"),
        (OSError(101, "Network is unreachable"), "no connection"),
        (ValueError("odd"), "no connection"),
    ],
)
def test_the_cause_of_a_missing_connection_is_found_however_it_is_wrapped(
    error: BaseException, words: str
) -> None:
    """As an argument, as a reason, as a cause or as a context."""
    reasoned = Exception("outer")
    reasoned.reason = error  # type: ignore[attr-defined]
    caused, followed = Exception("outer"), Exception("outer")
    caused.__cause__, followed.__context__ = error, error
    circular = Exception(error)
    error.__context__ = circular
    for outer in (error, Exception("outer", error), reasoned, caused, followed, circular):
        assert words in failure_from(outer, host="service.example", sent=False).detail


# Threads


def test_a_thread_that_hangs_in_name_resolution_delays_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the next request nor `close`, and it ends as soon as the name is found."""
    found, real = threading.Event(), socket.getaddrinfo

    def slow_once(host: str, *args: int) -> object:
        monkeypatch.setattr(socket, "getaddrinfo", real)
        found.wait(10)
        return real(host, *args)

    monkeypatch.setattr(socket, "getaddrinfo", slow_once)
    with served(timeout=SHORT) as (server, client):
        with pytest.raises(ServiceUnavailableError):
            ask(client)
        (hanging,) = (each for each in request_threads() if type(each) is threading.Thread)
        assert ask(client).status == 200
        start = time.monotonic()
        client.close()
        assert time.monotonic() - start < 1.0
        assert hanging.is_alive()
        found.set()
        hanging.join(5)
        assert not hanging.is_alive()
        assert len(server.calls) == 1


def test_where_no_thread_can_be_started_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a deadline a request could hang; it was not charged, and the next one may work."""
    real = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name == THREAD_NAME:
            raise RuntimeError("can't start new thread")
        real(self)

    with served() as (server, client):
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(ServiceUnavailableError, match="another thread") as caught:
                ask(client)
        assert caught.value.reason is Reason.OUT_OF_RESOURCES
        assert server.calls == []
        assert ask(client).status == 200


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="sends a signal to a thread")
def test_an_interrupted_request_is_cut_off() -> None:
    """Ctrl-C reaches the caller at once, and the connection ends."""
    with served(faults.hang()) as (server, client), ThreadPoolExecutor(1) as pool:

        def interrupt() -> None:
            assert server.arrived.acquire(timeout=5)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            ask(client)
        assert ask(client).status == 200
        assert server.connections == 2


def test_a_request_leaves_nothing_of_its_picture() -> None:
    """Though an error leads to the frames that had it."""

    class Picture:
        """One that can be seen to be gone."""

    def fail(client: HttpClient) -> weakref.ref[Picture]:
        picture = Picture()
        with pytest.raises(BadAnswerError):
            client.request_json("POST", "/generate", body)
        return weakref.ref(picture)

    body = json.dumps({"image": "YQ==", "language": "en"}).encode()
    references = sys.getrefcount(body)
    with served(faults.redirect("/elsewhere")) as (_, client):
        kept = fail(client)
        gc.collect()
        assert kept() is None
        assert sys.getrefcount(body) == references


class SeamError(Exception):
    """What the seam of a test raises."""


@pytest.mark.parametrize(
    "kind", [urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection]
)
def test_connections_of_urllib3_are_opened_by_one_method(
    kind: type[urllib3.connection.HTTPConnection],
) -> None:
    """The one private name that is overridden: a version without it must not pass unseen."""

    class Opened(kind):  # type: ignore[valid-type,misc]
        def _new_conn(self) -> socket.socket:
            raise SeamError

    with pytest.raises(SeamError):
        Opened("service.invalid", 443).connect()


# Closing


@pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW.keys())
def test_close_ends_requests_under_way_at_once(fault: Fault) -> None:
    """Within a fraction of a second, whatever the server does, as perhaps paid for."""
    with served(*[fault] * 4) as (server, client), ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(ask, client) for _ in range(4)]
        for _ in futures:
            assert server.arrived.acquire(timeout=5)
        start = time.monotonic()
        client.close()
        for future in futures:
            with pytest.raises(RequestTimedOutError):
                future.result()
        assert time.monotonic() - start < 0.9


def test_close_may_be_called_again_and_ends_the_transport() -> None:
    """Later calls reach nobody."""
    with served() as (server, client):
        ask(client)
        client.close()
        client.close()
        with pytest.raises(ServiceUnavailableError, match="closed"):
            ask(client)
        assert len(server.calls) == 1


@pytest.mark.parametrize("status", [200, 204, 500])
def test_no_connection_stays_open_while_there_is_nothing_to_ask(status: int) -> None:
    """The server sees it end with the answer."""
    with served(faults.status(status)) as (server, client):
        ask(client)
        assert server.wait_for_disconnects()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts files as Linux lists them")  # noqa: PTH112
def test_no_file_descriptor_or_thread_is_left() -> None:
    """After every kind of ending, as many files are open as before."""

    def files() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted at once

    before = files()
    script = (None, faults.hang(), faults.cut_off(), faults.redirect("/x"), faults.huge_body())
    with served(*script, timeout=SHORT) as (server, client):
        for _ in script:
            try:
                ask(client)
            except ServiceError:
                continue
        server.release()
    for thread in request_threads():
        thread.join(2)
    assert files() == before


# Retry-After


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # seconds
        ("0", 0.0),
        ("5", 5.0),
        (" 61 ", 61.0),
        ("1.5", 1.5),
        ("99999999999", 99999999999.0),
        ("-1", None),
        ("1e999", None),
        ("nan", None),
        ("-inf", None),
        # dates, at 00:01:00
        ("Thu, 01 Jan 1970 00:02:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 0.0),
        ("Thursday, 01-Jan-70 00:02:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:02:00 -0000", 60.0),
        ("Thu, 01 Jan 1970 01:02:00 +0100", 60.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799.0 - 60.0),
        # neither
        ("", None),
        ("soon", None),
        ("Thu, 99 Jan 1970 00:02:00 GMT", None),
        ("Thu, 01 Jan 99999 00:02:00 GMT", None),
        ("5 seconds", None),
        ("1" * 5000, None),
    ],
)
def test_retry_after_is_read_or_ignored(value: str, expected: float | None) -> None:
    """Seconds or a date, 0 or more; anything else is as if it were missing."""
    assert Reply(429, {"Retry-After": value}, None).retry_after(now=60) == expected


def test_a_missing_retry_after_is_none() -> None:
    """Most answers have none."""
    assert Reply(429, {}, None).retry_after(now=0) is None


# Helpers


def chain_of(error: BaseException) -> str:
    """All that printing an error could show."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


def has_dict(value: object) -> bool:
    """Whether `vars` has something to show."""
    return hasattr(value, "__dict__")
