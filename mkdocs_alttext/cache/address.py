"""The address of a shared cache: `redis://`, `rediss://` (with TLS) or `unix://`."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mkdocs_alttext.system.environment import is_loopback

_PORT = 6379


class ServerAddress(NamedTuple):
    """Where the server is, and who asks. Neither its text nor its `repr` holds the password."""

    host: str
    """Empty where there is a path."""
    port: int
    path: str
    """Of a unix socket; empty where there is a host."""
    database: int
    username: str | None
    password: str | None
    is_encrypted: bool

    @classmethod
    def of(cls, url: str) -> ServerAddress:
        """Read an address.

        Args:
            url: `redis://[user[:password]@]host[:port][/database]`, the same with `rediss`, or
                `unix://[user[:password]@]/path[?db=database]`. The client's other parameters, such
                as those that switch the check of certificates off, are not taken.

        Raises:
            ValueError: It is none; the message does not repeat it.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORT
            query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            raise ValueError("this is no address") from None
        is_socket = parts.scheme == "unix"
        if parts.scheme not in {"redis", "rediss", "unix"} or parts.fragment:
            raise ValueError("an address begins with redis://, rediss:// or unix://")
        if is_socket:
            is_place = not host and parts.path.startswith("/") and "\0" not in unquote(parts.path)
            database = query.pop("db", ["0"])[-1]
        else:
            is_place = bool(re.fullmatch(r"[A-Za-z0-9._:%-]+", host))
            database = parts.path.strip("/") or "0"
        if not is_place or query or not re.fullmatch("[0-9]{1,4}", database):
            raise ValueError(
                "an address is redis://host:port/database or unix:///path?db=database, without "
                "other parameters"
            )
        return cls(
            host,
            port,
            unquote(parts.path) if is_socket else "",
            int(database),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parts.scheme == "rediss",
        )

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return bool(self.path) or is_loopback(self.host)

    def __str__(self) -> str:
        """Return the place, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = self.path or f"{host}:{self.port}"
        return f"{place} (database {self.database})" if self.database else place

    def __repr__(self) -> str:
        """Return the place."""
        return f"<{type(self).__name__} {self}>"
