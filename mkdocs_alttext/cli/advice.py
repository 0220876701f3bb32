"""What a person can do about each reason.

Owns two sentences for each: what it means, and what to do next. It must not know where they are
shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from mkdocs_alttext.models import Reason


@dataclass(frozen=True, slots=True)
class Advice:
    """Two sentences on a reason."""

    meaning: str
    action: str


_WRITE = "Write the text in the Markdown."
_REPLACE = "Replace the file, or write the text in the Markdown."
_AGAIN = "The next build tries again."
_BAD_TEXT = "Write the text in the Markdown or the catalog; what was paid for is not published."

ADVICE = {
    Reason.PAGE_TOO_COMPLEX: Advice(
        "The page's HTML is so odd that reading it would take minutes: thousands of tags that are "
        "never closed, or of attributes in one tag.",
        "Correct the HTML; nothing on the page was changed.",
    ),
    Reason.FILENAME_ALT: Advice(
        "The alt text is only a file name.", "Write a text, or set replace_filenames."
    ),
    Reason.EMPTY_LINK: Advice(
        "A link or button has no name, as all it holds is an image without text.",
        "Give the image a text that says what the link or button does.",
    ),
    Reason.IMAGE_MAP: Advice(
        "The image is a map of links.", "Give the image and each of its areas a text."
    ),
    Reason.LINK_PURPOSE: Advice(
        "The image is all there is in a link to elsewhere.",
        "Check that the text says where the link leads.",
    ),
    Reason.CONTROL: Advice(
        "The image is alone in a button, which has no name.",
        "Write what the button does; no picture shows that.",
    ),
    Reason.NO_SOURCE: Advice("The image has no address.", "Write its src, or remove it."),
    Reason.BAD_URL: Advice("The image's address is not one.", "Correct the address."),
    Reason.REMOTE: Advice(
        "The picture lies on another host, and only files of the site are described.",
        "Write the text in the Markdown, or bring the picture into docs_dir.",
    ),
    Reason.DATA_URI: Advice(
        "The picture is a data: address, and only files of the site are described.", _WRITE
    ),
    Reason.OUTSIDE_SITE: Advice(
        "The address leads out of the site.",
        "Correct the address, or bring the picture into docs_dir.",
    ),
    Reason.MISSING_FILE: Advice(
        "There is no such file in the site.",
        "Correct the path; in raw HTML it is relative to the built page.",
    ),
    Reason.EXCLUDED: Advice(
        "The picture matches exclude, or does not match include.", "Write the text yourself."
    ),
    Reason.UNREADABLE: Advice("The file cannot be read.", "Check it and its permissions."),
    Reason.EMPTY_FILE: Advice("The file is empty.", _REPLACE),
    Reason.FILE_TOO_LARGE: Advice("The file has more than 64 MiB.", "Reduce it."),
    Reason.NOT_AN_IMAGE: Advice("The file is no picture of a kind that is read.", _REPLACE),
    Reason.UNDECODABLE: Advice("The picture is damaged, or too complex to be read.", _REPLACE),
    Reason.TOO_MANY_PIXELS: Advice("The picture has more than 50 million pixels.", "Reduce it."),
    Reason.ZERO_SIZE: Advice(
        "The picture is one pixel wide or high, and is marked as decoration.", "Nothing."
    ),
    Reason.SVG_WITHOUT_TITLE: Advice(
        "The SVG has no title.",
        "Give it a <title>, or install mkdocs-alttext[svg] to have it drawn and described.",
    ),
    Reason.OUT_OF_RESOURCES: Advice(
        "This machine had too few file descriptors, processes, threads or too little memory.",
        "The next build tries again; raise the limit (`ulimit -n`), or set a lower concurrency.",
    ),
    Reason.NOT_ASKED: Advice(
        "There is no text yet.",
        "Write it in the Markdown or the catalog, or let a build with a key write it.",
    ),
    Reason.NO_KEY: Advice(
        "There is no text yet, and no key to ask for one.",
        "Set the environment variable; `mkdocs-alttext account` says which.",
    ),
    Reason.NO_SERVICE: Advice("The service cannot be used.", "See the log of `mkdocs build -v`."),
    Reason.HOST_NOT_ALLOWED: Advice(
        "The host in base_url is not confirmed, and was not asked.",
        "If you trust it, name it in the environment variable ALTTEXT_ALLOWED_HOSTS.",
    ),
    Reason.CACHE_UNUSABLE: Advice(
        "The cache cannot keep a text, so each build would pay again.",
        "Make cache_dir writable; the log says what is wrong with it.",
    ),
    Reason.UNSUPPORTED_LANGUAGE: Advice(
        "The service does not speak the page's language.", "Write the text in the Markdown."
    ),
    Reason.OVER_BUDGET: Advice(
        "max_credits or ALTTEXT_MAX_CREDITS is reached.", "The next build goes on."
    ),
    Reason.OUT_OF_CREDITS: Advice("The account has no credits left.", "The next build goes on."),
    Reason.KEY_REJECTED: Advice(
        "The service rejected the key.", "Check it with `mkdocs-alttext account`."
    ),
    Reason.IMAGE_REJECTED: Advice("The service does not take this picture.", _WRITE),
    Reason.RATE_LIMITED: Advice("The service was asked too often.", _AGAIN),
    Reason.SERVICE_UNAVAILABLE: Advice("The service could not be reached.", _AGAIN),
    Reason.TIMED_OUT: Advice("The service did not answer in time.", _AGAIN),
    Reason.BAD_ANSWER: Advice("The service's answer could not be understood.", _AGAIN),
    Reason.CANCELLED: Advice("The build ended before there was an answer.", _AGAIN),
    Reason.INTERNAL_ERROR: Advice(
        "Something went wrong in mkdocs-alttext.", "Tell us, with the log of `mkdocs build -v`."
    ),
    Reason.NOT_REVIEWED: Advice(
        "Nobody approved a text, and publish: reviewed asks for that.",
        "Run `mkdocs-alttext catalog`, and approve its text there.",
    ),
    Reason.STALE_CAPTION: Advice(
        "The picture changed after its text in the catalog was written.",
        "Check the text, remove its sha256, and run `mkdocs-alttext catalog`.",
    ),
    Reason.NO_TEXT_FOUND: Advice("The picture holds no text to read.", _WRITE),
    Reason.ANSWER_EMPTY: Advice("The service answered with an empty text.", _BAD_TEXT),
    Reason.ANSWER_FILENAME: Advice("The service answered with a file name.", _BAD_TEXT),
    Reason.ANSWER_DIGITS: Advice("The service answered with digits only.", _BAD_TEXT),
    Reason.ANSWER_PLACEHOLDER: Advice("The service answered with a placeholder.", _BAD_TEXT),
    Reason.ANSWER_REFUSAL: Advice("The service refused to describe the picture.", _BAD_TEXT),
    Reason.ANSWER_NOT_PROSE: Advice("The service's answer is no prose.", _BAD_TEXT),
    Reason.ANSWER_TOO_LONG: Advice("The service's answer is longer than max_length.", _BAD_TEXT),
    Reason.ANSWER_SENSITIVE: Advice(
        "The service's answer holds what may be secret or personal: a key, an e-mail address or an "
        "address of the web that the page does not have.",
        "Check what the picture shows; write the text in the Markdown or the catalog.",
    ),
    Reason.LONG_TEXT: Advice(
        "The text is longer than 150 characters.", "Consider a shorter text and a caption."
    ),
    Reason.REDUNDANT_TEXT: Advice(
        "The text repeats its figure's caption or the image beside it.",
        "Let it say what the caption does not.",
    ),
}

WORTH_A_LOOK = frozenset(
    {
        Reason.CONTROL,
        Reason.EMPTY_LINK,
        Reason.FILENAME_ALT,
        Reason.IMAGE_MAP,
        Reason.LINK_PURPOSE,
        Reason.LONG_TEXT,
        Reason.REDUNDANT_TEXT,
        Reason.STALE_CAPTION,
    }
)
"""Reasons that are worth a look where an image has text, or is rightly without."""
