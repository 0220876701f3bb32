"""The names of everything that can keep an image from getting text.

Owns one enum, the vocabulary of the report's `reason`. It imports nothing of this package, so that
errors and records can both speak it.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why an image was left as it was, or is worth a look: the report's `reason`."""

    # what the page says
    FILENAME_ALT = "filename-alt"
    EMPTY_LINK = "empty-link"
    IMAGE_MAP = "image-map"
    LINK_PURPOSE = "link-purpose"
    CONTROL = "control"
    # where the picture is
    NO_SOURCE = "no-source"
    BAD_URL = "bad-url"
    REMOTE = "remote"
    DATA_URI = "data-uri"
    OUTSIDE_SITE = "outside-site"
    MISSING_FILE = "missing-file"
    EXCLUDED = "excluded"
    # what the picture is
    UNREADABLE = "unreadable"
    EMPTY_FILE = "empty-file"
    FILE_TOO_LARGE = "file-too-large"
    NOT_AN_IMAGE = "not-an-image"
    UNDECODABLE = "undecodable"
    TOO_MANY_PIXELS = "too-many-pixels"
    ZERO_SIZE = "zero-size"
    SVG_WITHOUT_TITLE = "svg-without-title"
    # what this machine is
    OUT_OF_RESOURCES = "out-of-resources"
    # what the service said
    NOT_ASKED = "not-asked"
    NO_KEY = "no-key"
    NO_SERVICE = "no-service"
    HOST_NOT_ALLOWED = "host-not-allowed"
    CACHE_UNUSABLE = "cache-unusable"
    UNSUPPORTED_LANGUAGE = "unsupported-language"
    OVER_BUDGET = "over-budget"
    OUT_OF_CREDITS = "out-of-credits"
    KEY_REJECTED = "key-rejected"
    IMAGE_REJECTED = "image-rejected"
    RATE_LIMITED = "rate-limited"
    SERVICE_UNAVAILABLE = "service-unavailable"
    TIMED_OUT = "timed-out"
    BAD_ANSWER = "bad-answer"
    CANCELLED = "cancelled"
    INTERNAL_ERROR = "internal-error"
    # what the catalog says
    NOT_REVIEWED = "not-reviewed"
    STALE_CAPTION = "stale-caption"
    # what the text is
    NO_TEXT_FOUND = "no-text-found"
    ANSWER_EMPTY = "answer-empty"
    ANSWER_FILENAME = "answer-filename"
    ANSWER_DIGITS = "answer-digits"
    ANSWER_PLACEHOLDER = "answer-placeholder"
    ANSWER_REFUSAL = "answer-refusal"
    ANSWER_NOT_PROSE = "answer-not-prose"
    ANSWER_TOO_LONG = "answer-too-long"
    ANSWER_SENSITIVE = "answer-sensitive"
    LONG_TEXT = "long-text"
    REDUNDANT_TEXT = "redundant-text"


PICTURE_FAULTS = frozenset(
    {
        Reason.EMPTY_FILE,
        Reason.FILE_TOO_LARGE,
        Reason.NOT_AN_IMAGE,
        Reason.SVG_WITHOUT_TITLE,
        Reason.TOO_MANY_PIXELS,
        Reason.UNDECODABLE,
        Reason.UNREADABLE,
    }
)
"""Reasons that lie in the file: no service was asked, and none could help."""
