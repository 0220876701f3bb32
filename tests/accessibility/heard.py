"""What a screen reader would say of the images of built pages, as text.

Owns the reading of Chromium's accessibility tree. It must not know how a site is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from accessibility.chromium import Chromium

_AROUND = ("link", "button", "DisclosureTriangle")
"""Roles of what is announced with its name, when an image in it is reached."""


class _Image(NamedTuple):
    """An `<img>` of a document, with the nodes around it from the inside out."""

    attributes: Mapping[str, str]
    way: tuple[int, ...]
    """Numbers of the image and of the nodes around it."""


def heard(browser: Chromium, site: Path, texts: Mapping[str, str]) -> str:
    """Say what would be heard for each image of a site.

    Args:
        browser: Where the pages are opened.
        site: The built site.
        texts: What to say in place of a name, such as that of a picture in place of the text that
            a service made of its bytes.

    Returns:
        For each page with images its path, and a line for each image in the order of the document:
        its address, its role and name, and the names of the links and buttons that it is in.
    """
    lines = []
    for path in sorted(site.rglob("*.html")):
        browser.open(path)
        images = [*_images(browser.document(), ())]
        tree = {
            each["backendDOMNodeId"]: each
            for each in browser.accessibility_tree()
            if "backendDOMNodeId" in each
        }
        if images:
            lines += [path.relative_to(site).as_posix()]
            lines += [f"  {_line(image, tree, texts)}" for image in images]
    return "\n".join([*lines, ""])


def _images(node: Mapping[str, Any], around: tuple[int, ...]) -> Iterator[_Image]:
    way = (node["backendNodeId"], *around)
    if node["nodeName"] == "IMG":
        pairs = node["attributes"]
        yield _Image(dict(zip(pairs[::2], pairs[1::2], strict=True)), way)
    for child in node.get("children", ()):
        yield from _images(child, way)


def _line(image: _Image, tree: Mapping[int, Any], texts: Mapping[str, str]) -> str:
    own, *around = (tree.get(each, {"ignored": True}) for each in image.way)
    what = "ignored" if own["ignored"] else _announced(own, texts)
    places = [_announced(each, texts) for each in around if _role(each) in _AROUND]
    address = image.attributes.get("src", "").partition(",")[0]  # without what is in a data: URI
    return ", in ".join([f"{address}: {what}", *places])


def _announced(node: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    name = " ".join(node.get("name", {}).get("value", "").split())
    for text, short in texts.items():
        name = name.replace(text, short)
    return f'{_role(node)} "{name}"' if name else f"{_role(node)} without a name"


def _role(node: Mapping[str, Any]) -> str:
    return "" if node["ignored"] else str(node["role"]["value"])
