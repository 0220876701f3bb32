"""A built site on loopback, at the place where it is to be published, and a browser that looks."""

from __future__ import annotations

import posixpath
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

    from accessibility.chromium import Chromium


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder below a path."""

    def __init__(self, *rest: Any, base: str, **named: Any) -> None:  # noqa: ANN401 - as it has it
        self._base = base
        super().__init__(*rest, **named)

    def translate_path(self, path: str) -> str:
        """Return the file of an address."""
        return super().translate_path("/" + path.removeprefix(self._base))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Served:
    """A site on loopback; a context manager, and a browser for what opens files of it."""

    def __init__(self, site: Path, browser: Chromium, base: str = "/") -> None:
        """Take the site, and the path at which it is published."""
        self._site, self._browser, self._base = site, browser, base
        handler = partial(_Handler, base=base, directory=str(site))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def open(self, page: Path) -> None:
        """Open a page of the site as a visitor gets it."""
        name = page.relative_to(self._site).as_posix()
        if posixpath.basename(name) == "index.html":
            name = name.removesuffix("index.html")
        self._browser.visit(f"http://127.0.0.1:{self._server.server_port}{self._base}{name}")

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - whatever JSON the script returns
        """Run a script in the page."""
        return self._browser.evaluate(script)
