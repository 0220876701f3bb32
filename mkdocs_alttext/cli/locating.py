"""Where images of built pages stand in the Markdown: in a page's source, or in what it includes."""

from __future__ import annotations

import html
import posixpath
import re
from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mkdocs_alttext.cli.sites import Place
from mkdocs_alttext.models import Decision
from mkdocs_alttext.sources.images import find_images
from mkdocs_alttext.system.files import absolute, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_alttext.models import Outcome
    from mkdocs_alttext.sources.images import SourceImage

_SNIPPETS = "pymdownx.snippets"
_MOST_BYTES = 4 * 1024 * 1024
_MOST_FILES = 50
_INCLUSION = re.compile(
    r"""
    ^[ \t]*-+8<-+[ \t]+["'](?P<snippet>[^"'\n]+)["']    # pymdownx.snippets, one line
    | \{%-?\s*include[\w-]*\s+["'](?P<include>[^"'\n]+) # include-markdown, macros
    | ^[ \t]*-+8<-+[ \t]*\n(?P<block>.*?)\n[ \t]*-+8<-+ # pymdownx.snippets, a block of names
    """,
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_PART_OF_FILE = re.compile(r"(?::\d*(?::\d*)?|:[A-Za-z][\w-]*)$")


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds images in the sources of a site."""

    folders: Sequence[Path]
    """In which files that a page includes are looked for, beside the page's own."""
    appended: Sequence[str] = ()
    """Files that every page includes."""

    @classmethod
    def of(cls, site: MkDocsConfig) -> Locator:
        """Make one for a site.

        Args:
            site: Its configuration.
        """
        snippets = site.mdx_configs.get(_SNIPPETS) or {}
        bases = snippets.get("base_path", ["."])
        names = [bases] if isinstance(bases, str | Path) else bases
        config_folder = Path(site.config_file_path or ".").parent
        folders = [*(Path(str(name)) for name in names), Path(site.docs_dir), config_folder]
        return cls(folders, [str(name) for name in snippets.get("auto_append") or ()])

    def places(self, outcomes: Sequence[Outcome], file: Path) -> dict[int, Place]:
        """Find the images of one page.

        Args:
            outcomes: All outcomes of the page, in its order.
            file: The page's source on the disk.

        Returns:
            By their place in `outcomes`, the places of those that were found, in the page's source
            or in a file that it includes.
        """
        return self._places(dict(enumerate(outcomes)), file, is_included=False)

    def included(self, outcomes: Mapping[int, Outcome], file: Path) -> dict[int, Place]:
        """Find images of one page that its own source does not write.

        Args:
            outcomes: Those that it does not write, by any number that rises in the page's order.
            file: The page's source on the disk.

        Returns:
            By the same numbers, the places in files that the page includes, maybe several times.
        """
        return self._places(outcomes, file, is_included=True)

    def _places(
        self, outcomes: Mapping[int, Outcome], file: Path, *, is_included: bool
    ) -> dict[int, Place]:
        found: dict[int, Place] = {}
        for source, text in self._texts(file):
            images = [] if is_included and source == file else find_images(text)
            while matches := _matched(
                {at: each for at, each in outcomes.items() if at not in found}, images
            ):
                found |= {at: Place(source, each.line, each.src) for at, each in matches.items()}
                if not is_included:  # each of what a source writes is shown once
                    break
            if len(found) == len(outcomes):
                break
        return found

    def _texts(self, file: Path) -> Iterator[tuple[Path, str]]:
        """Yield a page's source and what it includes, each file once, outer before inner."""
        waiting, seen = deque([file, *self._existing(self.appended, file)]), set[Path]()
        while waiting and len(seen) < _MOST_FILES:
            source = waiting.popleft()
            text = None if source in seen else _text(source)
            seen.add(source)
            if text is not None:
                yield source, text
                waiting += self._existing(_included(text), source)

    def _existing(self, names: Sequence[str], beside: Path) -> list[Path]:
        folders = (beside.parent, *self.folders)
        found = (
            next((place for each in folders if (place := each / name.lstrip("/")).is_file()), None)
            for name in names
            if "://" not in name
        )
        return [absolute(place) for place in found if place]


def _matched(
    outcomes: Mapping[int, Outcome], images: Sequence[SourceImage]
) -> dict[int, SourceImage]:
    """Pair outcomes of a page with images of a source.

    Args:
        outcomes: Outcomes by any number that rises in the order of the page.
        images: Images in the order of the source.

    Returns:
        By the same numbers, the images. Images of one address are paired in their order: those that
        lack text with those that lack text, and what remains with what remains.
    """
    found: dict[int, SourceImage] = {}
    free = dict(enumerate(images))
    for by_name, by_text in product((False, True), (True, False)):
        waiting: dict[tuple[str, bool], deque[int]] = defaultdict(deque)
        for place, image in free.items():
            address = _plain(image.src)
            has_text = by_text and bool((image.alt or "").strip())
            waiting[posixpath.basename(address) if by_name else address, has_text].append(place)
        for at, outcome in outcomes.items():
            if at in found:
                continue
            has_text = by_text and outcome.decision is Decision.KEEP_TEXT
            own = _plain(outcome.src)
            names = [posixpath.basename(own)] if by_name else _addresses(own, outcome)
            same = next((each for name in names if (each := waiting[name, has_text])), None)
            if same:
                found[at] = free.pop(same.popleft())
    return found


def _addresses(own: str, outcome: Outcome) -> list[str]:
    """Return how a source may write an address that MkDocs rewrote, the most likely one first."""
    if outcome.file is None:
        return [own]
    folder = posixpath.dirname(outcome.source or "") or "."
    return [posixpath.relpath(outcome.file, folder), own, f"/{outcome.file}"]


def _plain(address: str) -> str:
    """Return an address as it is compared: decoded, without query, fragment and `./`."""
    plain = unquote(html.unescape(address).strip())
    if re.match(r"data:", plain, re.IGNORECASE):
        return plain
    path = re.split(r"[?#]", plain)[0] or plain
    return path if "://" in path else posixpath.normpath(path)


def _included(text: str) -> list[str]:
    names: list[str] = []
    for match in _INCLUSION.finditer(text):
        written = match["block"] or match["snippet"] or match["include"] or ""
        names += [line.strip() for line in written.splitlines() if line.strip()]
    return [_PART_OF_FILE.sub("", name) for name in names if not name.startswith(";")]


def _text(file: Path) -> str | None:
    try:
        text = read_regular(file, _MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
