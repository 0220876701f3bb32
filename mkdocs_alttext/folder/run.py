"""Filling the pages of a folder: each is read, asked for, and written when its answers are there.

Pages go through one by one, and those that wait for answers are read again then: no more is kept of
them than their paths. A page is replaced in one step, so that whatever ends this leaves each page
as it was or as it is to be.
"""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mkdocs_alttext.exceptions import PageError
from mkdocs_alttext.filling.assembly import catalog_entries, put_together
from mkdocs_alttext.filling.cache import open_cache
from mkdocs_alttext.filling.catalog_paths import find_unknown
from mkdocs_alttext.filling.messages import MOST_LINES, doubt_line
from mkdocs_alttext.filling.report import BuildReport
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.folder.files import FolderFiles, is_xml
from mkdocs_alttext.folder.filled_before import KnownCaptions, filled_before, without_texts
from mkdocs_alttext.html.prefilter import IMAGE, count_texts
from mkdocs_alttext.html.scanner import Document
from mkdocs_alttext.models import LANGUAGE_CODE, Decision, Failure, Outcome, Reason, Result
from mkdocs_alttext.pages.fill import fill_page
from mkdocs_alttext.pages.include_exclude import Selection
from mkdocs_alttext.pages.records import Page
from mkdocs_alttext.system.files import read_regular, swap_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.filling.option_files import SiteOptions
    from mkdocs_alttext.filling.report import Credits
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.folder.encoding import PageBytes

_MOST_WAITING = 64
"""Pages that wait for answers at a time: enough for all requests that are made at once."""
_MOST_FOLDERS = 5
"""Parts of an address that are taken for the path at which a site is published."""
FALLBACK_LANGUAGE = "en"
"""Of pages that do not say, as with MkDocs."""
_LANGUAGE = re.compile(
    rf"<(?:html|body)\b[^<>]*?\s(?:xml:)?lang\s*=\s*(?:[\"']\s*)?{LANGUAGE_CODE}[\s\"'/>]",
    re.IGNORECASE,
)
_BASE = re.compile(r"<base[\s/]", re.IGNORECASE)
_IMAGE_BYTES = re.compile(rb"[<:]\0?i\0?m\0?g|<\0?i\0?m\0?a\0?g\0?e", re.IGNORECASE)
_ANYONE_WRITES = 0o222
_COMPRESSED = (".gz", ".br", ".zst")
_READ_ONLY = Failure(Reason.PAGE_LEFT, "it is read-only")
_XML_FAULTS = {
    "its DOCTYPE has declarations of its own": re.compile(r"<!DOCTYPE[^<>\[]*\[", re.IGNORECASE),
    "the names of its elements have prefixes": re.compile(r"<[^<>\s/:]+:img[\s/>]"),
    "an element such as <script/> ends in itself": re.compile(
        r"<(?:script|style|textarea|title|iframe|xmp|noembed|noframes)\b[^<>]*/>", re.IGNORECASE
    ),
}
"""What XML reads otherwise than HTML, as which pages are read here."""


class _PictureFilter:
    """Which pictures may be described, as the options have it."""

    def __init__(self, files: FolderFiles, selection: Selection) -> None:
        self._files = files
        self._selection = selection

    def includes(self, path: str) -> bool:
        """Tell whether a picture passes `include` and `exclude`, by each of its names."""
        return all(self._selection.allows(*each) for each in self._files.called(path))

    def is_replaced(self, _: str) -> bool:
        """Tell that nothing comes after this that could replace an image."""
        return False


class FolderRun:
    """Fills the pages of one folder, and knows what became of their images."""

    def __init__(
        self,
        said: SiteOptions,
        folder: Path,
        *,
        words: Words,
        on_progress: Callable[[int, int], None],
        is_dry_run: bool = False,
        is_quick: bool = False,
        lists_all: bool = False,
        looks_behind: bool = False,
    ) -> None:
        """Put the parts together; no page is read and nothing asked yet.

        Args:
            said: The user's options.
            folder: The site's.
            words: What messages call its things.
            on_progress: As for `CaptionEngine`.
            is_dry_run: Whether no page is written.
            is_quick: Whether pictures are only inspected in a dry run.
            lists_all: Whether images that need nothing are reported one by one, and not counted.
            looks_behind: Whether texts that were filled in before are looked behind, for a dry run
                that lists all: such an image is reported as if it had none yet.

        Raises:
            ConfigurationError: The options cannot work.
            CatalogError: The catalog cannot be read.
        """
        options = said.options
        chosen = choose_service(options, is_serving=False)
        if is_dry_run:
            chosen = chosen._replace(refusal=Failure(Reason.NOT_ASKED, "dry run"))
        self.complaint = chosen.complaint
        """What the user should put right, though pages are filled."""
        self.key_variable = chosen.key_variable
        """Name of the environment variable for the key, when the service takes one."""
        self.files = FolderFiles(folder)
        self.catalog = catalog_entries(Path(options.catalog))
        """What people may correct and approve, by the path of an image."""
        self.cache = open_cache(options)
        self.report = BuildReport(options.service)
        self.folders = (str(folder), self.files.root.name)
        """By what people call the folder."""
        self.selection = Selection(
            options.include, options.exclude, folders=self.folders, root=words.docs_dir
        )
        if options.include or options.exclude:
            self.selection.note(self.files.media())
        self._parts = put_together(
            options,
            chosen,
            self.cache,
            files=self.files,
            filter_=_PictureFilter(self.files, self.selection),
            entries=self.catalog,
            site_url=said.site_url or self._canonical_url(),
            on_progress=on_progress,
            is_quick=is_quick,
        )
        self.engine, self.site = self._parts.engine, self._parts.site
        self.pages = 0
        """How many were looked at."""
        self.changed = 0
        """How many were changed, or would be."""
        self.compressed = 0
        """Changed pages that lie beside a compressed copy, which is not changed."""
        self.doubts: dict[str, None] = {}
        """What authors say of images and is not understood: the first lines about it."""
        self.without_language = 0
        """Pages with images to be filled that do not say their language."""
        self._language = options.language
        self._is_dry_run = is_dry_run
        self._lists_all = lists_all
        self._looks_behind = looks_behind
        self._words = words
        self.outdated = 0
        """Texts of ours that were looked behind, and are others in the catalog by now."""

    @property
    def credits(self) -> Credits:
        """What was spent so far."""
        return self._parts.credits

    def fill(self) -> None:
        """Fill all pages."""
        waiting: deque[str] = deque()
        for path in self.files.pages():
            self.pages += 1
            if not self._fill(path, wait=False):
                waiting.append(path)
            if len(waiting) > _MOST_WAITING:
                self._fill(waiting.popleft(), wait=True)
        while waiting:
            self._fill(waiting.popleft(), wait=True)
        for path, fault in self.files.faults:
            self._leave(path, PageError(Reason.PAGE_LEFT, fault))

    def unknown_paths(self) -> list[UnknownPath]:
        """Return the entries of the catalog that name no picture of the folder."""
        if all(map(self.files.has_form, self.catalog)):
            return []
        outcomes = self.report.outcomes
        return find_unknown(self.catalog, self.files.forms(), outcomes, docs_dir=self.folders)

    def likely_base(self) -> str:
        """Return the path at which the site seems to be published, where that is not known.

        That is what addresses of missing files begin with whose rest is a file of the folder.
        """
        found: Counter[str] = Counter()
        for outcome in self.report.missing():
            path = unquote(re.split("[?#]", outcome.src)[0])
            if outcome.reason is Reason.MISSING_FILE and re.match("/[^/]", path):
                ends = [match.end() for match in re.finditer("/", path)][1:_MOST_FOLDERS]
                found.update(path[:end] for end in ends if self.files.exists(path[end:]))
        return found.most_common(1)[0][0] if found else ""

    def close(self) -> None:
        """Close what is open."""
        self._parts.close()

    def _fill(self, path: str, *, wait: bool) -> bool:
        """Fill one page; without waiting, only where all that it needs is known.

        Returns:
            Whether the page is done.
        """
        page = None
        try:
            page = self.files.read_page(path)
            text = _checked_text(page, path)
        except PageError as error:
            if page is None or _IMAGE_BYTES.search(page.data):
                self._leave(path, error)
            return True
        names_may_lack = self.site.policy.replace_filenames
        texts = count_texts(text, names_may_lack=names_may_lack)
        if texts is not None and not (texts and self._lists_all):
            self.report.count_texts(texts)
            return True
        site = self.site
        if self._is_read_only(path):
            site = site._replace(captions=KnownCaptions(site.captions, _READ_ONLY))
        facts = self._facts(path, page, text)
        ours = filled_before(text, facts, site) if self._looks_behind else {}
        text = without_texts(text, ours.values()) if ours else text
        filled = fill_page(text, facts, site, wait=wait)
        if not filled.is_settled:
            return False
        self.outdated += sum(
            start in ours and outcome.alt not in {None, ours[start].attributes.get("alt")}
            for start, outcome in zip(filled.starts, filled.outcomes, strict=True)
        )
        outcomes = list(filled.outcomes)
        new = page.with_text(filled.html)
        if new != page.data:
            try:
                self._write(path, page.data, new)
            except PageError as error:
                outcomes = [_left(outcome, error) for outcome in outcomes]
        if self._language == "auto" and not _LANGUAGE.search(text):
            self.without_language += any(outcome.language for outcome in outcomes)
        self._note(path, outcomes)
        return True

    def _facts(self, path: str, page: PageBytes, text: str) -> Page:
        is_auto = self._language == "auto"
        return Page(
            path,
            None,
            FALLBACK_LANGUAGE if is_auto else self._language,
            is_whole=True,
            reads_lang=is_auto,
            is_changed_in_place=True,
            is_ascii=page.takes_ascii_only,
            base_href=_base_in(text),
        )

    def _is_read_only(self, path: str) -> bool:
        place = self.files.root / path
        try:
            is_closed = not place.lstat().st_mode & _ANYONE_WRITES
            return is_closed or not os.access(place.parent, os.W_OK)
        except OSError:
            return False  # writing it says what is wrong

    def _write(self, path: str, old: bytes, new: bytes) -> None:
        """Replace a page; raises a `PageError` where that cannot be done, and it is as it was."""
        place = self.files.root / path

        def check() -> None:
            if read_regular(place) not in {old, new}:  # another run may have filled it
                raise PageError(Reason.PAGE_LEFT, "it changed meanwhile")

        try:
            if self._is_read_only(path):
                raise PageError(*_READ_ONLY)
            if not self._is_dry_run:
                swap_file(place, new, outlasts_power=False, check=check)
        except OSError as error:
            raise PageError(Reason.PAGE_LEFT, error.strerror or type(error).__name__) from None
        self.changed += 1
        self.compressed += any(self.files.exists(path + end) for end in _COMPRESSED)

    def _note(self, path: str, outcomes: list[Outcome]) -> None:
        """Report what became of a page's images; what needs nothing is only counted."""
        for outcome in outcomes:
            if outcome.doubt and len(self.doubts) < MOST_LINES:
                self.doubts[doubt_line(outcome, self._words)] = None
        if not self._lists_all:
            empty = sum(outcome.counts_if_empty for outcome in outcomes)  # all of them are kept
            needed = [outcome for outcome in outcomes if outcome.result is not Result.KEPT]
            self.report.count_empty(empty)
            self.report.count_texts(len(outcomes) - len(needed) - empty)
            outcomes = needed
        if outcomes:
            self.report.add(path, outcomes, is_whole=False)

    def _leave(self, path: str, error: PageError) -> None:
        """Report that a page is left as it is."""
        left = Outcome(path, None, "", Decision.UNAVAILABLE, Result.MISSING)
        left = left._replace(reason=error.reason, detail=error.detail)
        self.report.add(path, [left], is_whole=False)

    def _canonical_url(self) -> str:
        """Return where the site is published, if its first page says so."""
        path = "index.html"
        try:
            text = self.files.read_page(path).text() if self.files.is_page(path) else ""
            page = Document(text, is_whole=True)
            if "canonical" not in text or page.nodes("meta[http-equiv='refresh' i]"):
                return ""
            links = page.nodes("link[rel~='canonical' i][href]")
        except PageError:
            return ""
        url = (links[0].attributes["href"] or "").strip() if links else ""
        url = url.removesuffix("index.html")
        return url if re.fullmatch(r"(?i)https?://[^?#\s]+/", url) else ""


def _checked_text(page: PageBytes, path: str) -> str:
    """Return a page's source; raises a `PageError` for XML that HTML reads otherwise."""
    text = page.text()
    if is_xml(path):
        sections = (part.partition("]]>")[0] for part in text.split("<![CDATA[")[1:])
        if any(IMAGE.search(section) for section in sections):
            raise PageError(Reason.PAGE_LEFT, "an image stands in a CDATA section")
        for fault, expression in _XML_FAULTS.items():
            if expression.search(text):
                raise PageError(Reason.PAGE_LEFT, fault)
    return text


def _base_in(text: str) -> str:
    """Return what a page's `<base>` says, if it has one."""
    if not _BASE.search(text):
        return ""
    try:
        found = Document(text, is_whole=True).nodes("base[href]")
    except PageError:  # filling the page says so
        return ""
    return (found[0].attributes["href"] or "").strip() if found else ""


def _left(outcome: Outcome, error: PageError) -> Outcome:
    """Return that an image lacks its text, as the page is left."""
    if outcome.result is not Result.FILLED:
        return outcome
    return outcome._replace(
        result=Result.MISSING, reason=error.reason, detail=error.detail, alt=None, origin=None
    )
