"""The transport takes proxies and certificates from the environment, and nothing else.

What is seen here is sent to another machine than this one, as far as the transport can tell: its
name leads to a server of the test's.
"""

from __future__ import annotations

import socket
import threading
import traceback
from typing import TYPE_CHECKING

import pytest
import trustme
from api_server import API_KEY, ApiServer

from mkdocs_alttext.exceptions import ServiceUnavailableError
from mkdocs_alttext.services.http import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "service.invalid"
LONG = 30.0
"""Seconds: a deadline that no test reaches."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the service's certificate; no machine trusts it."""
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    """Return the path of a file that holds the authority's own certificate."""
    path = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def remote(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiServer]:
    """The service over TLS, where the host's name leads to."""
    look_up = socket.getaddrinfo

    def found(host: str, *rest: int) -> object:
        return look_up("127.0.0.1" if host == HOST else host, *rest)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    certificate = tmp_path / "service.pem"
    issued = authority.issue_cert(HOST, "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with ApiServer(certificate=certificate) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that notes what it is told and lets nothing through."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    heard.append(connection.recv(4096))
                    if not heard[-1]:
                        return
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        yield f"http://user:proxy-word@127.0.0.1:{port}", heard
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()


def transport_to(server: ApiServer, host: str = HOST) -> HttpClient:
    """Return a transport to a server by one of its names."""
    return HttpClient(server.base_url.replace("127.0.0.1", host), api_key=API_KEY, timeout=LONG)


# Certificates


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_that_the_environment_trusts_is_trusted(
    remote: ApiServer, bundle: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Requests arrive over TLS."""
    monkeypatch.setenv(variable, bundle)
    transport = transport_to(remote)
    for path in ("/credits", "/credits", "/elsewhere"):
        transport.request_json("GET", path)
    transport.close()
    assert [call.path for call in remote.calls] == ["/credits", "/credits", "/elsewhere"]
    assert all(call.authorised for call in remote.calls)
    assert remote.wait_for_disconnects()


def test_the_bundle_of_requests_counts_more_than_that_of_curl(
    remote: ApiServer, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for everyone else who uses requests."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere.pem")
    transport = transport_to(remote)
    assert transport.request_json("GET", "/credits").status == 200
    transport.close()


def test_another_certificate_is_not_trusted(remote: ApiServer) -> None:
    """The key is not sent to whoever answers to the name."""
    transport = transport_to(remote)
    with pytest.raises(ServiceUnavailableError, match="TLS"):
        transport.request_json("GET", "/credits")
    transport.close()
    assert remote.calls == []


def test_a_bundle_that_is_missing_is_not_passed_over(
    remote: ApiServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever names one does not want another."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    transport = transport_to(remote)
    with pytest.raises(ServiceUnavailableError):
        transport.request_json("GET", "/credits")
    transport.close()
    assert remote.connections == 0


def test_this_machine_needs_a_certificate_whatever_the_environment_trusts(
    remote: ApiServer, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a loopback address the environment does not count."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    transport = transport_to(remote, "localhost")
    with pytest.raises(ServiceUnavailableError, match="TLS"):
        transport.request_json("GET", "/credits")
    transport.close()
    assert remote.calls == []


# Passwords


def test_netrc_does_not_replace_the_key(
    remote: ApiServer, bundle: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A password that the user keeps for the host is not sent, and the key is."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {HOST} login me password netrc-word\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    transport = transport_to(remote)
    transport.request_json("GET", "/credits")
    transport.close()
    assert remote.calls[0].headers["Authorization"] == f"Bearer {API_KEY}"


# Proxies


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environments_proxy_is_used_and_does_not_see_the_key(
    proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The request goes through a tunnel, and a proxy that fails was not a charge."""
    url, heard = proxy
    monkeypatch.setenv(variable, url)
    transport = HttpClient(f"https://{HOST}/api", api_key=API_KEY, timeout=LONG)
    with pytest.raises(ServiceUnavailableError, match="proxy") as caught:
        transport.request_json("GET", "/credits")
    transport.close()
    assert heard[0].startswith(f"CONNECT {HOST}:443 ".encode())
    assert API_KEY.encode() not in b"".join(heard)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert "proxy-word" not in shown


@pytest.mark.parametrize("exceptions", [HOST, ".invalid", "*", f"elsewhere.example, {HOST}"])
def test_a_host_that_the_environment_excepts_is_asked_without_the_proxy(
    remote: ApiServer,
    bundle: str,
    proxy: tuple[str, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    exceptions: str,
) -> None:
    """`NO_PROXY` names hosts, or ends of their names."""
    url, heard = proxy
    monkeypatch.setenv("HTTPS_PROXY", url)
    monkeypatch.setenv("NO_PROXY", exceptions)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    transport = transport_to(remote)
    assert transport.request_json("GET", "/credits").status == 200
    transport.close()
    assert heard == []


def test_the_environments_proxy_is_not_used_on_this_machine(
    proxy: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loopback address is meant for this machine, not for a proxy's."""
    url, heard = proxy
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, url)
    with ApiServer() as server:
        transport = HttpClient(server.base_url, api_key=API_KEY, timeout=LONG)
        assert transport.request_json("GET", "/credits").status == 200
        transport.close()
    assert heard == []
