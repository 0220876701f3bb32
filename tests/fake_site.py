"""A site in memory, for tests of `fill_page`: files by path, and answers by a script.

Owns drawing the few pictures that tests need and the `Site` around them. It knows no YAML and
judges nothing.
"""

from __future__ import annotations

import io
import posixpath
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from scripted_service import ScriptedService

from mkdocs_alttext.captioning.request import CaptionResponse
from mkdocs_alttext.catalog.entries import Catalog
from mkdocs_alttext.exceptions import ImageError
from mkdocs_alttext.html.decisions import Policy
from mkdocs_alttext.html.marks import MARK_ATTRIBUTE, Mark
from mkdocs_alttext.images.collection import ImageCollection
from mkdocs_alttext.images.resolver import Resolver
from mkdocs_alttext.models import Failure, Origin, StoredAnswer
from mkdocs_alttext.pages.include_exclude import Selection
from mkdocs_alttext.pages.records import Page, PublishRules, Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_alttext.captioning.request import CaptionRequest, CaptionResult
    from mkdocs_alttext.models import CaptionKey

MARK = Mark("markdown-0123456789abcdef")
MARKED = f'{MARK_ATTRIBUTE}="{MARK.value}"'
"""What the Markdown extension sets."""
CAPTION = CaptionResponse(StoredAnswer("CAP"), Origin.SERVICE)
PAGE = Page("index.html", "index.md", "en", is_whole=True)
_LANGUAGES = {"en": "en", "de": "de", "fr": "fr"}


def picture(size: tuple[int, int] = (8, 6), *, form: str = "PNG", colour: str = "teal") -> bytes:
    """Draw a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, form)
    return buffer.getvalue()


class Pictures(NamedTuple):
    """Files in memory, by path."""

    files: Mapping[str, bytes]

    def read(self, path: str) -> bytes:
        """Return a file."""
        return self.files[path]


@dataclass
class FakeSite:
    """A site's files and a service that answers at once."""

    files: dict[str, bytes] = field(default_factory=lambda: {"x.png": picture()})
    answers: dict[str, CaptionResult] = field(default_factory=dict)
    """By the picture's file name; any other picture gets `CAPTION`."""
    policy: Policy = field(default_factory=Policy)
    site_url: str = "https://ex.org/proj/"
    selection: Selection = field(default_factory=lambda: Selection([], []))
    """Which pictures may be sent."""
    replaced: frozenset[str] = frozenset()
    """Addresses of images that another plugin replaces."""
    shows_provenance: bool = False
    titles: dict[str, str] = field(default_factory=dict)
    """Of the site's pages, by path; links find them when `files` has them too."""
    requests: list[CaptionRequest] = field(default_factory=list)
    """What was asked so far."""
    _prepared: dict[CaptionKey, Failure | None] = field(default_factory=dict)
    """Why a picture cannot be sent, or `None`."""

    @property
    def parts(self) -> Site:
        """What `fill_page` takes."""
        return Site(
            policy=self.policy,
            rules=PublishRules(300, shows_provenance=self.shows_provenance),
            mark=MARK,
            pages=self,
            filter=self,
            resolver=Resolver(self.site_url, self),
            images=ImageCollection(self),
            catalog=Catalog({}),
            service=_Service(),
            captions=self,
        )

    def exists(self, path: str) -> bool:
        """Tell whether a path is a file of the site."""
        return path in self.files or path in self.titles

    def similar(self, guesses: Sequence[str], *, in_docs: bool) -> str | None:
        """Find a file by a guess."""
        del in_docs  # paths in the site are those of its sources
        paths = {path.casefold(): path for path in self.files}
        return next((paths[each.casefold()] for each in guesses if each.casefold() in paths), None)

    def read(self, path: str) -> bytes:
        """Read a file."""
        return self.files[path]

    def includes(self, path: str) -> bool:
        """Tell whether a picture may be sent."""
        return self.selection.allows(path, path)

    def is_replaced(self, address: str) -> bool:
        """Tell whether another plugin replaces an image."""
        return address in self.replaced

    def is_page(self, path: str) -> bool:
        """Tell whether a path is one of the pages."""
        return path in self.titles

    def title(self, path: str, *, now: bool) -> str | None:
        """Return a page's title; here all pages are rendered."""
        del now
        return self.titles[path]

    def heading(self, path: str, part: str, *, now: bool) -> str | None:
        """Return the title that is given for a part of a page."""
        del now
        return self.titles.get(f"{path}#{part}", "")

    def ask(self, request: CaptionRequest) -> Future[CaptionResult]:
        """Answer as the engine does: from the store at once, else once the picture is prepared."""
        self.requests.append(request)
        answer = self.answers.get(posixpath.basename(request.path), CAPTION)
        if not (isinstance(answer, CaptionResponse) and answer.origin is Origin.STORE):
            answer = self._failure(request) or request.refusal or answer
        future: Future[CaptionResult] = Future()
        future.set_result(answer)
        return future

    def _failure(self, request: CaptionRequest) -> Failure | None:
        """Prepare a picture, once for its key, and return why it cannot be sent."""
        if request.key not in self._prepared:
            self._prepared[request.key] = None
            try:
                request.load()
            except ImageError as error:
                self._prepared[request.key] = Failure(error.reason, error.detail)
        return self._prepared[request.key]

    def look_up(self) -> bool:
        """Find nothing: every answer is there."""
        return False

    def wait_for(self, future: Future[CaptionResult]) -> CaptionResult:
        """Return the answer, which is there."""
        return future.result(0)


class _Service(ScriptedService):
    """Names itself and the languages."""

    identity = "scripted"

    def language_code(self, tag: str) -> str | None:
        """Speak three languages."""
        return _LANGUAGES.get(tag)
