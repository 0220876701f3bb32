"""What the catalog says of an image.

Owns the entry, which of its texts suits a language, and how a draft is told from one that somebody
changed. It must not know YAML, pages or files.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mkdocs_alttext.models import Reason

ANY_LANGUAGE = ""
"""The language of a text that is given without one: it serves every page."""

_CHECK_LENGTH = 8


class Status(StrEnum):
    """How far an entry has come."""

    DRAFT = "draft"
    """Generated, and not approved."""
    REVIEWED = "reviewed"
    """Approved by a person."""
    DECORATIVE = "decorative"
    """The image is decoration: `alt=""`."""


class Entry(NamedTuple):
    """One image of the catalog."""

    path: str
    """Inside the built site, as the report's `file`."""
    status: Status
    texts: Mapping[str, str] = MappingProxyType({})
    """By language, in the form of `language_tag`; or one, for `ANY_LANGUAGE`."""
    sha256: str | None = None
    """Digest of the picture that the text is about."""
    origin: str | None = None
    """Where the text came from; for drafts of this program with a check of their text."""
    pages: Mapping[str, str] = MappingProxyType({})
    """Texts for the occurrences on single pages, by the page's source."""
    refused: Mapping[str, Reason] = MappingProxyType({})
    """Why texts of a draft are not published, by language as in `texts`; or one reason for all, for
    `ANY_LANGUAGE`."""
    line: int = 0
    """Where it begins in the file, from 1."""

    def text(self, language: str, code: str | None = None) -> str | None:
        """Return the text for a page.

        Args:
            language: The page's language, as a BCP 47 tag.
            code: What the captioning service calls that language, when it speaks it.

        Returns:
            The text for the tag, else for a shorter form of it (`pt` for `pt-BR`), else for the
            service's code, else the one for any language; `None` when there is none of these.
        """
        if text := self.texts.get(ANY_LANGUAGE):
            return text
        return next((self.texts[tag] for tag in _tags(language, code) if self.texts.get(tag)), None)

    def refusal(self, language: str, code: str | None = None) -> Reason | None:
        """Return why a draft's text for a page is not published, when that is so.

        Args:
            language: The page's language, as a BCP 47 tag.
            code: What the captioning service calls that language, when it speaks it.
        """
        if self.status is not Status.DRAFT:
            return None
        found = [self.refused.get(tag) for tag in _tags(language, code) if tag in self.refused]
        return found[0] if found else self.refused.get(ANY_LANGUAGE)

    def is_stale(self, sha256: str) -> bool:
        """Tell whether the picture is another by now."""
        return self.sha256 is not None and self.sha256 != sha256

    @property
    def is_untouched(self) -> bool:
        """Whether this is a draft that nobody changed since this program wrote it."""
        check = (self.origin or "").rpartition(" ")[2]
        return self.status is Status.DRAFT and check == check_of(self.texts)


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


def check_of(texts: Mapping[str, str]) -> str:
    """Return a short digest of texts by language."""
    ordered = {language_tag(language): texts[language] for language in sorted(texts)}
    written = json.dumps(ordered, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:_CHECK_LENGTH]
