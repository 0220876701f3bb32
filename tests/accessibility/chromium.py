"""A page in Chromium, through the pipe that its DevTools protocol speaks.

Owns the process and its messages. It must not know what is looked for on a page. Nothing is
downloaded: the browser is the system's, and it resolves no name.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run"
    " --disable-background-networking --disable-component-update --disable-extensions"
    " --allow-file-access-from-files --remote-debugging-pipe"
).split()
_NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_PATIENCE = 60
"""Seconds."""
_FREE = 10
"""The first descriptor that cannot be one of those that Chromium reads (3) and writes (4)."""

_CODES = {
    "Backspace": 8,
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    "End": 35,
    "ArrowLeft": 37,
    "ArrowRight": 39,
}
"""Windows' numbers of keys that have more than one letter."""


def find_chromium() -> str | None:
    """Return the path of the system's browser, or `None`."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Chromium:
    """One browser with one page; a context manager."""

    scale = 1
    """Pixels of a CSS pixel's side, once `look` was called."""

    def __init__(self, program: str, folder: Path) -> None:
        """Start the browser.

        Args:
            program: Its path.
            folder: An empty one for its profile.
        """
        reads, self._commands = map(_moved_up, os.pipe())
        self._answers, writes = map(_moved_up, os.pipe())

        def place() -> None:
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self._process = subprocess.Popen(
            [program, *_FLAGS, _NO_NAMES, f"--user-data-dir={folder}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=place,  # noqa: PLW1509 - the numbers of the descriptors are the protocol's
            pass_fds=(3, 4),
        )
        os.close(reads)
        os.close(writes)
        self._buffer = b""
        self._number = 0
        self._session = ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")

    def __enter__(self) -> Self:
        """Use the browser."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        with suppress(OSError):
            os.close(self._commands)
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._answers)

    def open(self, page: Path) -> None:
        """Open a page from the disk, and wait until it has loaded.

        Args:
            page: The HTML file.
        """
        self.visit(page.resolve().as_uri())

    def visit(self, address: str) -> None:
        """Open an address, and wait until it has loaded.

        Args:
            address: Its whole URL.
        """
        self._call("Page.navigate", url=address)
        while self._receive().get("method") != "Page.loadEventFired":
            pass

    def look(self, width: int, height: int, **media: str) -> None:
        """Show pages from now on as a window of some size and a person's wishes have them.

        Args:
            width: Of the window, in CSS pixels.
            height: Of the window, in CSS pixels.
            media: Features of media by name, `_` for `-`: `prefers_color_scheme="dark"`.
        """
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=self.scale,
            mobile=False,
        )
        features = [
            {"name": name.replace("_", "-"), "value": value} for name, value in media.items()
        ]
        self._call("Emulation.setEmulatedMedia", features=features)

    def script(self, *, runs: bool) -> None:
        """Have the scripts of pages run from now on, or not; `evaluate` works all the same."""
        self._call("Emulation.setScriptExecutionDisabled", value=not runs)

    def press(self, key: str, *, control: bool = False, shift: bool = False) -> None:
        """Press and release a key, as a keyboard does.

        Args:
            key: As `KeyboardEvent.key` has it.
            control: Whether with Control.
            shift: Whether with Shift, where that is no part of the key.
        """
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        parameters = {
            "key": key,
            "modifiers": 2 * control + 8 * shift,
            "windowsVirtualKeyCode": _CODES.get(key, ord(key.upper()) if len(key) == 1 else 0),
        }
        if text and not control:
            parameters["text"] = text
        self._call("Input.dispatchKeyEvent", type="keyDown", **parameters)
        parameters.pop("text", None)
        self._call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def type(self, text: str) -> None:
        """Put a text where the focus is, as an input method does."""
        self._call("Input.insertText", text=text)

    def picture(self) -> bytes:
        """Return what the window shows, as a PNG."""
        shown = self._call("Page.captureScreenshot", format="png")
        return base64.b64decode(shown["data"])

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - whatever JSON the script returns
        """Run a script in the page, and wait for its promise.

        Args:
            script: An expression.

        Returns:
            Its value.
        """
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def document(self) -> dict[str, Any]:
        """Return the page's document node, with all nodes in it, as the DOM domain has them."""
        root: dict[str, Any] = self._call("DOM.getDocument", depth=-1)["root"]
        return root

    def accessibility_tree(self) -> list[dict[str, Any]]:
        """Return the nodes that assistive technology is told of, and the ignored ones."""
        self._call("Accessibility.enable")
        nodes: list[dict[str, Any]] = self._call("Accessibility.getFullAXTree")["nodes"]
        return nodes

    def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        content = json.dumps(message).encode() + b"\0"
        while content:
            content = content[os.write(self._commands, content) :]
        while True:
            received = self._receive()
            if received.get("id") == self._number:
                if "error" in received:
                    raise RuntimeError(f"{method}: {received['error']}")
                result: dict[str, Any] = received["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._answers], [], [], _PATIENCE)[0]:
                raise RuntimeError(f"the browser has not answered for {_PATIENCE} s")
            part = os.read(self._answers, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


def _moved_up(descriptor: int) -> int:
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FREE)
    os.close(descriptor)
    return moved
