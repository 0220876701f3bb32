"""The records that layers hand to each other, and the names of reasons and results.

This module imports nothing of the package, so that errors and all layers can use its names.
Its annotations are evaluated: a `NamedTuple` compiles each that is a text, which takes longer than
all else here.
"""

import hashlib
from enum import StrEnum
from typing import NamedTuple, Self


class Reason(StrEnum):
    """Why an image was left as it was, or is worth a look: the report's `reason`."""

    # what the page says
    PAGE_TOO_COMPLEX = "page-too-complex"
    PAGE_LEFT = "page-left"
    FILENAME_ALT = "filename-alt"
    PLACEHOLDER_ALT = "placeholder-alt"
    EMPTY_ALT_UNEXPLAINED = "empty-alt-unexplained"
    OPENING_ALT = "opening-alt"
    SAME_ALT = "same-alt"
    EMPTY_LINK = "empty-link"
    IMAGE_MAP = "image-map"
    LINK_PURPOSE = "link-purpose"
    SAME_LINK_NAME = "same-link-name"
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
    GIT_LFS_POINTER = "git-lfs-pointer"
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
    MODEL_MISSING = "model-missing"
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
    ANSWER_CHATTER = "answer-chatter"
    ANSWER_TRUNCATED = "answer-truncated"
    ANSWER_LANGUAGE = "answer-language"
    ANSWER_SENSITIVE = "answer-sensitive"
    SUGGESTED_DECORATIVE = "suggested-decorative"
    SUGGESTED_REDUNDANT = "suggested-redundant"
    LONG_TEXT = "long-text"
    REDUNDANT_TEXT = "redundant-text"


FUNCTIONAL = "functional"
"""The role of a picture whose text says where its link leads, or what its button does."""
SUGGESTIONS = {
    "decorative": Reason.SUGGESTED_DECORATIVE,
    "redundant": Reason.SUGGESTED_REDUNDANT,
}
"""What a model may think that a picture is, of which a person decides: by its role, the reason why
its text is not published."""


PICTURE_FAULTS = frozenset(
    {
        Reason.EMPTY_FILE,
        Reason.FILE_TOO_LARGE,
        Reason.GIT_LFS_POINTER,
        Reason.NOT_AN_IMAGE,
        Reason.SVG_WITHOUT_TITLE,
        Reason.TOO_MANY_PIXELS,
        Reason.UNDECODABLE,
        Reason.UNREADABLE,
    }
)
"""Reasons that lie in the file: no service was asked, and none could help."""


REMARKS = frozenset(
    {
        Reason.EMPTY_ALT_UNEXPLAINED,
        Reason.FILENAME_ALT,
        Reason.LONG_TEXT,
        Reason.OPENING_ALT,
        Reason.PLACEHOLDER_ALT,
        Reason.REDUNDANT_TEXT,
        Reason.SAME_ALT,
        Reason.SAME_LINK_NAME,
    }
)
"""Reasons to look at what people wrote: the image lacks no text, and no exit status changes."""


PICTURE_ENDINGS = "apng|avif|bmp|gif|heic|heif|ico|jfif|jpe?g|png|svg|tiff?|webp"
"""How names of picture files end: an expression, without the dot and in small letters."""


LANGUAGE_CODE = "[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*"
"""What may be a language (BCP 47, whose codes have two or three letters) or a locale: an
expression."""


YES = frozenset({"1", "on", "true", "y", "yes"})
NO = frozenset({"0", "false", "n", "no", "none", "off"})
"""Words that people and environment variables say yes and no with, in small letters. What else is
one, such as `skip` or nothing at all, depends on the place."""


class Origin(StrEnum):
    """Where a filled image's text came from: the report's `origin`."""

    CATALOG = "catalog"
    AUTHOR = "author"
    STORE = "store"
    SERVICE = "service"
    LINK_TITLE = "link-title"
    SVG_TITLE = "svg-title"
    DECORATIVE = "decorative"


class Decision(StrEnum):
    """The rows of the decision table: the report's `decision`."""

    NOT_AN_IMAGE = "not-an-image"
    SKIP = "skip"
    KEEP_TEXT = "keep-text"
    KEEP_HIDDEN = "keep-hidden"
    KEEP_NAMED = "keep-named"
    KEEP_EMPTY = "keep-empty"
    SPACER = "spacer"
    IMAGE_MAP = "image-map"
    REDUNDANT_IN_LINK = "redundant-in-link"
    LINK_TITLE = "link-title"
    LIGHTBOX = "lightbox"
    LINK_ELSEWHERE = "link-elsewhere"
    CONTROL = "control"
    UNAVAILABLE = "unavailable"
    SVG_TITLE = "svg-title"
    USE_STORED = "use-stored"
    ASK_SERVICE = "ask-service"
    ICON = "icon"


GENERATED = frozenset({Origin.SERVICE, Origin.STORE})
"""Where texts come from that a machine wrote and nobody approved."""


class Result(StrEnum):
    """What became of an image: the report's `outcome`."""

    FILLED = "filled"
    KEPT = "kept"
    MISSING = "missing"


SCHEMA_VERSION = "1"
"""Part of every key: a change makes each stored text a miss."""


class CaptionKey(NamedTuple):
    """What a text was paid for: these bytes, in this language, by this service."""

    sha256: str
    """Hexadecimal digest of the original file's bytes."""
    language: str
    """The service's own language code."""
    service: str
    """The service's identity: its name and whatever else shapes its answers."""

    def __str__(self) -> str:
        """Return one short text that is equal only for equal keys."""
        parts = (SCHEMA_VERSION, self.sha256, self.language, self.service)
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


class Failure(NamedTuple):
    """Why there is no text."""

    reason: Reason
    detail: str = ""


LONGEST_SIDE = 2048
"""Pixels of the longest side of whatever is sent."""


class Picture(NamedTuple):
    """A picture as it is sent: upright, reduced, without metadata or name; its sides in pixels."""

    data: bytes
    media_type: str
    """`image/png` or `image/jpeg`."""
    width: int
    height: int
    part: str = ""
    """Which part of the file it shows: a `frame` of an animation, or the `upper` or `left` part of
    a picture that is too long to be legible as a whole; empty where it shows all."""


PreparedImage = Picture
"""The name in version 0.1."""


class Context(NamedTuple):
    """What surrounds a picture on its page. It is data, and never an instruction to a model."""

    title: str = ""
    """The page's title."""
    heading: str = ""
    """The nearest heading before the picture."""
    before: str = ""
    """The text of the same paragraph, list item or cell that precedes the picture."""
    after: str = ""
    """The text of the same paragraph, list item or cell that follows the picture."""
    caption: str = ""
    """The caption of the figure."""
    link: str = ""
    """Where the link around the picture leads: a page's title, or a host."""
    is_in_button: bool = False
    """Whether the picture stands in a button, whose name it is to be."""


class Request(NamedTuple):
    """What a service is asked."""

    picture: Picture
    language: str
    """A code that the service's `language_code` returned."""
    context: Context | None = None
    """`None` where nothing but the picture is sent."""


class Usage(NamedTuple):
    """What a model consumed for one answer; `None` for what the service does not tell."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None

    def plus(self, other: Self) -> Self:
        """Return the sum of two; what neither tells stays unknown."""
        sums = (
            one if two is None else two if one is None else one + two
            for one, two in zip(self, other, strict=True)
        )
        return type(self)(*sums)  # type: ignore[arg-type]  # each field with its like


class Answer(NamedTuple):
    """What a service said, before cleaning and judging."""

    text: str
    credits_remaining: int | None = None
    """The account's balance after this answer, when the service tells."""
    model: str | None = None
    """Which model wrote it, when the service tells."""
    role: str | None = None
    """What the model thinks the picture is for on its page, when the service tells: `informative`,
    `functional`, `complex`, `decorative` or `redundant`."""
    long_description: str = ""
    """More than an alternative text can hold, when the service gives it."""
    usage: Usage = Usage()
    """What was consumed for it."""
    fault: Reason | None = None
    """What keeps the text from being published, as the service tells: it is cut off or withheld."""
    prompt: str = ""
    """The version of the prompt that asked for it, of a service that has one."""


class StoredAnswer(NamedTuple):
    """What is kept of an answer: what was paid for, fit to publish or not."""

    text: str = ""
    """As it came, bounded, and without what cannot be printed."""
    failed: Reason | None = None
    """Why the service gave no text, where asking again could only end the same way."""
    detail: str = ""
    """More on `failed`, for a person."""
    model: str | None = None
    """Which of the service's models wrote it, when the service tells."""
    role: str = ""
    """What the model thinks the picture is for on its page, as in `Answer`."""
    long_description: str = ""
    """As in `Answer`, bounded as the text is."""
    prompt: str = ""
    """As in `Answer`."""
    context_page: str = ""
    """The page whose words were sent with the picture, by its source; empty where none were."""
    part: str = ""
    """Which part of the picture was sent, as in `Picture`."""
    sent: str = ""
    """Hexadecimal digest of the bytes that were sent of such a picture. The answer is kept under
    this digest, too: other files may be sent as the same bytes."""


class Outcome(NamedTuple):
    """One image of one page, and what became of it: an entry of the report's `images`."""

    page: str
    """Path of the page inside the built site."""
    source: str | None
    """Path of the page's source inside `docs_dir`, when it has one."""
    src: str
    """The image's address as the page writes it."""
    decision: Decision
    result: Result
    file: str | None = None
    """Path of the image inside the built site, when it was found there."""
    line: int | None = None
    """Line of the image in its page's source, from 1, when it was found there."""
    origin: Origin | None = None
    """Where its text came from, when it was filled."""
    reason: Reason | None = None
    """Why it has no text, or is worth a look."""
    alt: str | None = None
    """The text that it was filled with; empty for a decoration."""
    language: str | None = None
    """The language of its text, when the image was looked up."""
    sha256: str | None = None
    """Hexadecimal digest of the picture's file, when it was read."""
    detail: str = ""
    """More for a person to read; not part of the report."""
    is_generated: bool = False
    """Whether a machine wrote the text and nobody approved it; not part of the report."""
    is_draft: bool = False
    """Whether nobody approved the text, of whoever wrote it for the catalog or a service; not part
    of the report."""
    refused: str | None = None
    """What was paid for and is not published, for the reason given; not part of the report."""
    doubt: str = ""
    """What its author says of it and is not understood; not part of the report."""
    model: str | None = None
    """Which model wrote the answer that was looked at, where its service told."""
    context_page: str | None = None
    """The page whose words were sent with the picture, by its source, where some were."""
    long_description: str = ""
    """What the model said beside the text; not part of the report."""
    untranslated: str = ""
    """The language of which its entry in the catalog, which is reviewed in another one, has no
    text; not part of the report."""

    written: str | None = None
    """The value of its `alt` before, if it had one; not part of the report."""
    is_markdown: bool = False
    """Whether it is written as Markdown's `![]()`, without a text; not part of the report."""
    counts_if_empty: bool = False
    """Whether its empty text, which is kept, would count as missing with `empty_alt: fill`; not
    part of the report."""
    is_around: bool = False
    """Whether the theme or a plugin shows it, around the page's article; not part of the report."""

    @property
    def suggestion(self) -> str | None:
        """What the model takes the picture for, where a person has to decide about that."""
        return next((role for role, why in SUGGESTIONS.items() if why is self.reason), None)

    @property
    def is_remark(self) -> bool:
        """Whether its text is worth a look, which a person wrote, or which is free.

        What a machine wrote is not: another machine, without the cache, has no such text.
        """
        is_generated = self.is_generated or self.origin in GENERATED
        return self.result is not Result.MISSING and self.reason in REMARKS and not is_generated
