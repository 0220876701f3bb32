"""What the catalog says of an image.

Owns the entry, which of its texts suits a language, and how a draft is told from one that somebody
changed. It must not know YAML, pages or files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from enum import IntEnum, StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.models import SUGGESTIONS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ANY_LANGUAGE = ""
"""The language of what is given without one: it serves every page."""

AUTHOR = "author"
"""Who wrote a draft that the site's author wrote for the same picture elsewhere: its `origin`."""

_CHECK_LENGTH = 8
_MOST_SAME = 20
"""Entries that are looked at for the bytes of one picture."""
_OWN_ORIGIN = re.compile(rf".* [0-9a-f]{{{_CHECK_LENGTH}}}")


class Status(StrEnum):
    """How far a text has come."""

    DRAFT = "draft"
    """Generated, and not approved."""
    REVIEWED = "reviewed"
    """Approved by a person."""
    DECORATIVE = "decorative"
    """The image is decoration: `alt=""`."""


class Standing(IntEnum):
    """What was done for a text, the most first."""

    APPROVED = 0
    """A person approved it, or called the image decoration."""
    CORRECTED = 1
    """A person changed a draft."""
    DRAFTED = 2
    """Nobody changed it since it was generated."""
    NONE = 3
    """There is none."""


class Entry(NamedTuple):
    """One image of the catalog."""

    path: str
    """Inside the built site, as the report's `file`."""
    statuses: Mapping[str, Status]
    """By language, in the form of `language_tag`; or one, for `ANY_LANGUAGE`."""
    texts: Mapping[str, str] = MappingProxyType({})
    """By language, or one for `ANY_LANGUAGE`. A draft may have none yet."""
    sha256: str | None = None
    """Digest of the picture that the text is about."""
    origin: str | None = None
    """Who wrote the drafts; for those of this program with a check of their texts."""
    pages: Mapping[str, str] = MappingProxyType({})
    """Texts for the occurrences on single pages, by the page's source."""
    notes: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    """What is noted of drafts, by its key and by language, as in `texts`: `refused` and
    `suggestion` (why one is not published), `long` (a description that is kept) and `context` (the
    page that was sent with the picture)."""
    line: int = 0
    """Where it begins in the file, from 1."""

    def tag(self, language: str, code: str | None = None) -> str | None:
        """Return which of the entry's languages serves a page.

        Args:
            language: The page's language, as a BCP 47 tag.
            code: What the captioning service calls that language, when it speaks it.

        Returns:
            `ANY_LANGUAGE` where one text serves all; else the tag, a shorter form of it (`pt` for
            `pt-BR`), or the service's code; `None` when there is none of these.
        """
        if ANY_LANGUAGE in self.texts:
            return ANY_LANGUAGE
        tags = _tags(language, code)
        return next((tag for tag in tags if tag in self.texts or self.is_decoration(tag)), None)

    def text(self, language: str, code: str | None = None) -> str | None:
        """Return the text for a page, by the arguments of `tag`."""
        tag = self.tag(language, code)
        return None if tag is None else self.texts.get(tag)

    def status(self, tag: str | None) -> Status | None:
        """Return the status of a language that `tag` returned."""
        own = self.statuses.get(tag) if tag else None
        return own or self.statuses.get(ANY_LANGUAGE)

    def is_decoration(self, tag: str) -> bool:
        """Tell whether the image is decoration on pages of one language of `statuses`."""
        return self.statuses.get(tag) is Status.DECORATIVE

    def note(self, key: str, tag: str | None) -> str | None:
        """Return what is noted under a key for one of the languages."""
        notes = self.notes.get(key, {})
        return notes.get(tag or ANY_LANGUAGE, notes.get(ANY_LANGUAGE))

    def refusal(self, language: str, code: str | None = None) -> Reason | None:
        """Return why a draft's text for a page is not published, when that is so.

        Args:
            language: The page's language, as a BCP 47 tag.
            code: What the captioning service calls that language, when it speaks it.
        """
        tag = self.tag(language, code)
        if self.status(tag) is not Status.DRAFT:
            return None
        if refused := self.note("refused", tag):
            return Reason(refused)
        return SUGGESTIONS.get(self.note("suggestion", tag) or "")

    def is_stale(self, sha256: str) -> bool:
        """Tell whether the picture is another by now."""
        return self.sha256 is not None and self.sha256 != sha256

    @property
    def is_draft(self) -> bool:
        """Whether nothing of it is approved; this goes for the texts of single pages, too."""
        return all(status is Status.DRAFT for status in self.statuses.values())

    @property
    def drafts(self) -> Mapping[str, str]:
        """The texts that nobody has approved."""
        return self._with_status(Status.DRAFT)

    @property
    def reviewed(self) -> Mapping[str, str]:
        """The texts that a person approved."""
        return self._with_status(Status.REVIEWED)

    def _with_status(self, status: Status) -> Mapping[str, str]:
        return {tag: text for tag, text in self.texts.items() if self.status(tag) is status}

    @property
    def writer(self) -> str:
        """Who wrote the drafts, where this program wrote the origin."""
        return (self.origin or "").rpartition(" ")[0] if is_own_origin(self.origin) else ""

    @property
    def is_by_machine(self) -> bool:
        """Whether a service wrote the drafts, be it that a person changed them since."""
        return self.writer not in {"", AUTHOR}

    @property
    def is_replaceable(self) -> bool:
        """Whether nobody wrote or approved anything of it."""
        return self.is_draft and self.is_untouched and not self.pages

    def standing(self, language: str | None = None, code: str | None = None) -> Standing:
        """Return what was done for a text.

        Args:
            language: Of the page that is to have it, as for `tag`; `None` for the best of all.
            code: What the captioning service calls that language, when it speaks it.
        """
        if language is None:
            has_text, is_approved = bool(self.texts), not self.is_draft
        else:
            tag = self.tag(language, code)
            has_text, is_approved = tag is not None, self.status(tag) is not Status.DRAFT
            is_approved = is_approved and (has_text or self.status(tag) is Status.DECORATIVE)
        if is_approved:
            return Standing.APPROVED
        if not has_text:
            return Standing.NONE
        return Standing.DRAFTED if self.is_untouched else Standing.CORRECTED

    @property
    def is_untouched(self) -> bool:
        """Whether nobody changed its drafts since this program wrote them."""
        if Status.DRAFT not in self.statuses.values():
            return False
        drafts, check = self.drafts, (self.origin or "").rpartition(" ")[2]
        # A text that was approved since was written together with them.
        return not drafts or check in (check_of(drafts), check_of(self.texts))


class Catalog:
    """The entries of a site, found by the path of a picture or by its bytes."""

    def __init__(
        self, entries: Mapping[str, Entry], shows: Callable[[str, str], bool] = lambda *_: True
    ) -> None:
        """Take what the file says.

        Args:
            entries: By path; either spelling of one is found.
            shows: Tells whether a path of the site has a picture of a digest.
        """
        self.entries = entries
        self.shows = shows
        self._elsewhere: dict[str, bool] = {}
        """What `_is_elsewhere` said, by path: it may look at every picture of the catalog."""

    @cached_property
    def _by_digest(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            if entry.sha256 and len(found[entry.sha256]) < _MOST_SAME:
                found[entry.sha256].append(entry)
        return found

    def entry(
        self, path: str, sha256: str, language: str | None = None, code: str | None = None
    ) -> Entry | None:
        """Return what is said of a picture.

        Args:
            path: Its path inside the built site.
            sha256: Its digest.
            language: Of the text that is looked for, as for `Entry.tag`; `None` for any.
            code: What the captioning service calls that language, when it speaks it.

        Returns:
            The entry of its path; else one of the same bytes, best of a path that has them no more,
            as the picture was renamed or moved. That comes before a mere draft, too, if it is
            approved, and before any word on another picture: a draft only if that picture has
            another path by now, as what is approved may still be right for one that was changed.
        """
        own = self.entries.get(path)
        others = [each for each in self._by_digest.get(sha256, ()) if each is not own]
        if not others:
            return own

        def standing(each: Entry) -> Standing:
            return each.standing(language, code)

        best = min(others, key=lambda each: (standing(each), self.shows(each.path, sha256)))
        if own is None:
            return best
        mine, its = standing(own), standing(best)
        if its is Standing.NONE:
            return own
        is_stale, is_approved = own.is_stale(sha256), its is Standing.APPROVED
        if own.pages and not (is_stale and is_approved):
            return own  # its words for single pages, too
        if is_stale:
            # A draft of another picture is not shown.
            stays = mine is Standing.APPROVED and not (is_approved or self._is_elsewhere(own))
        elif mine is Standing.DRAFTED:
            stays = not is_approved or self.shows(best.path, sha256)
        else:
            stays = mine is not Standing.NONE
        return own if stays else best

    def _is_elsewhere(self, entry: Entry) -> bool:
        """Tell whether another path of the catalog shows the picture of an entry."""
        if entry.path not in self._elsewhere:
            digest = entry.sha256 or ""
            paths = (path for path in self.entries if self.entries[path] is not entry)
            self._elsewhere[entry.path] = any(self.shows(path, digest) for path in paths)
        return self._elsewhere[entry.path]


def _tags(language: str, code: str | None) -> list[str]:
    """Return what a page's texts may be given for, the best first."""
    parts = language_tag(language).split("-")
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return [*tags, language_tag(code)] if code else tags


def language_tag(language: str) -> str:
    """Return the form in which languages are compared: `pt_BR` and `pt-BR` are one."""
    return language.strip().replace("_", "-").lower()


def draft_origin(service: str, texts: Mapping[str, str]) -> str:
    """Return the origin of a draft: the service's name, and a check of what it wrote."""
    return f"{service} {check_of(texts)}"


def is_own_origin(origin: str | None) -> bool:
    """Tell whether this program wrote an origin, or nobody did."""
    return origin is None or _OWN_ORIGIN.fullmatch(origin) is not None


def check_of(texts: Mapping[str, str]) -> str:
    """Return a short digest of texts by language."""
    by_tag = {language_tag(language): text for language, text in texts.items()}
    written = json.dumps(by_tag, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:_CHECK_LENGTH]
