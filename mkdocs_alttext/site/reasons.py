"""The sentences on each reason: in the log, in `scan`, in SARIF rules and in the README's table."""

from __future__ import annotations

from typing import NamedTuple

from mkdocs_alttext.models import Reason

_FAILED_LOG = (
    "The service was left alone for the rest of this build, as it kept failing: {reason}{detail}; "
    "{images}. The next build tries again."
)


class Explanation(NamedTuple):
    """What people read about a reason."""

    meaning: str
    """One sentence: what is wrong, or what happened."""
    action: str
    """One sentence: what a person can do about it."""
    more: str = ""
    """What only the README tells."""
    log: str = _FAILED_LOG
    """What a build logs when this is why it did not ask the service. Takes `reason`, `images` (how
    many were left as written), `variable` (the key's environment variable) and `detail` (in
    parentheses, or empty)."""

    @property
    def text(self) -> str:
        """The meaning and the action."""
        return f"{self.meaning} {self.action}"


_WRITE = "Write the text in the Markdown."
_REPLACE = "Replace the file, or write the text in the Markdown."
_AGAIN = "The next build tries again."


def _bad_answer(meaning: str) -> Explanation:
    """Return what to read about an answer that is no alt text, and was paid for."""
    return Explanation(
        meaning,
        "Write the text in the Markdown or the catalog; what was paid for is not published.",
        more="It costs nothing again: `mkdocs-alttext catalog` offers what text there is as a "
        "draft, and `mkdocs-alttext forget --refused` has it asked for anew.",
    )


EXPLANATIONS = {
    Reason.PAGE_TOO_COMPLEX: Explanation(
        "The page's HTML would take minutes to read: thousands of tags that are never closed, or "
        "of attributes in one tag.",
        "Correct the HTML; nothing on the page was changed.",
    ),
    Reason.FILENAME_ALT: Explanation(
        "The alt text is only a file name.", "Write a text, or set replace_filenames."
    ),
    Reason.EMPTY_LINK: Explanation(
        "A link or button has no name, as all it holds is an image without text.",
        "Give the image a text that says what the link or button does.",
    ),
    Reason.IMAGE_MAP: Explanation(
        "The image is a map of links.", "Give the image and each of its areas a text."
    ),
    Reason.LINK_PURPOSE: Explanation(
        "The image is all there is in a link to elsewhere.",
        "Check that the text says where the link leads.",
    ),
    Reason.CONTROL: Explanation(
        "The image is alone in a button, which has no name.",
        "Write what the button does; no picture shows that.",
    ),
    Reason.NO_SOURCE: Explanation("The image has no address.", "Write its src, or remove it."),
    Reason.BAD_URL: Explanation("The image's address is not one.", "Correct the address."),
    Reason.REMOTE: Explanation(
        "The picture lies on another host, and only files of the site are described.",
        "Write the text in the Markdown, or bring the picture into docs_dir.",
    ),
    Reason.DATA_URI: Explanation(
        "The picture is a data: address, and only files of the site are described.", _WRITE
    ),
    Reason.OUTSIDE_SITE: Explanation(
        "The address leads out of the site.",
        "Correct the address, or bring the picture into docs_dir.",
        more="A symbolic link that leads out of the repository is no way to bring it there.",
    ),
    Reason.MISSING_FILE: Explanation(
        "There is no such file in the site.",
        "Correct the path; in raw HTML it is relative to the built page.",
        more="The message says which path may be meant.",
    ),
    Reason.EXCLUDED: Explanation(
        "The picture matches exclude, or does not match include.",
        "Write the text yourself.",
        more="The same holds for a link to such a picture, or to one that `exclude_docs` leaves "
        "out, maybe through other links.",
    ),
    Reason.UNREADABLE: Explanation("The file cannot be read.", "Check it and its permissions."),
    Reason.EMPTY_FILE: Explanation("The file is empty.", _REPLACE),
    Reason.FILE_TOO_LARGE: Explanation("The file has more than 64 MiB.", "Reduce it."),
    Reason.NOT_AN_IMAGE: Explanation(
        "The file is no picture of a kind that is read.",
        _REPLACE,
        more="For HEIC, install `mkdocs-alttext[heif]`.",
    ),
    Reason.UNDECODABLE: Explanation(
        "The picture is damaged, or too complex to be read.",
        _REPLACE,
        more="Reading it may take 10 seconds and 1 GiB; the log says which was not enough.",
    ),
    Reason.TOO_MANY_PIXELS: Explanation(
        "The picture has more than 50 million pixels.", "Reduce it."
    ),
    Reason.ZERO_SIZE: Explanation(
        "The picture is one pixel wide or high, and is marked as decoration.", "Nothing."
    ),
    Reason.SVG_WITHOUT_TITLE: Explanation(
        "The SVG has no title.",
        "Give it a <title>, or install mkdocs-alttext[svg] to have it drawn and described.",
        more="One whose text is HTML (`foreignObject`), or in which nothing shows, needs its "
        "`<title>`.",
    ),
    Reason.OUT_OF_RESOURCES: Explanation(
        "This machine had too few file descriptors, processes, threads or too little memory.",
        "The next build tries again; raise the limit (`ulimit -n`), or set a lower concurrency.",
        more="The picture may be sound.",
        log="This machine has too few file descriptors, processes or threads, or too little "
        "memory{detail}: {images}. The next build tries again; raise the limit (`ulimit -n`), or "
        "set a lower concurrency.",
    ),
    Reason.NOT_ASKED: Explanation(
        "There is no text yet.",
        "Write it in the Markdown or the catalog, or let a build with a key write it.",
        more="`generate` does not let this build ask; `mkdocs serve` spends nothing by default.",
        log="The service is not asked here{detail}: {images}.",
    ),
    Reason.NO_KEY: Explanation(
        "There is no text yet, and no key to ask for one.",
        "Set the environment variable; `mkdocs-alttext account` says which.",
        log="No key: set the environment variable {variable} to have alt text written; {images}.",
    ),
    Reason.NO_SERVICE: Explanation(
        "The service cannot be used.", "See the log of `mkdocs build -v`."
    ),
    Reason.HOST_NOT_ALLOWED: Explanation(
        "The host in base_url is not confirmed, and was not asked.",
        "If you trust it, name it in the environment variable ALTTEXT_ALLOWED_HOSTS.",
        log="The host{detail} in base_url is not confirmed, and was not asked: {images}.",
    ),
    Reason.CACHE_UNUSABLE: Explanation(
        "The cache cannot keep a text, so each build would pay again.",
        "Make cache_dir writable; the log says what is wrong with it.",
        log="The service was not asked for what the cache could not keep, as each build would pay "
        "for it again: {images}.",
    ),
    Reason.UNSUPPORTED_LANGUAGE: Explanation(
        "The service does not speak the page's language.",
        "Write the text in the Markdown.",
        more="Nothing is filled in English instead.",
    ),
    Reason.OVER_BUDGET: Explanation(
        "max_credits or ALTTEXT_MAX_CREDITS is reached.",
        "The next build goes on.",
        log="max_credits or ALTTEXT_MAX_CREDITS is reached: {images}. The next build goes on from "
        "here.",
    ),
    Reason.OUT_OF_CREDITS: Explanation(
        "The account has no credits left.",
        "The next build goes on.",
        log="Not enough credits: {images}. The next build fills them once there are credits again.",
    ),
    Reason.KEY_REJECTED: Explanation(
        "The service rejected the key.",
        "Check it with `mkdocs-alttext account`.",
        log="The service rejected the key in {variable}: check that it is active and belongs to "
        "this service; {images}.",
    ),
    Reason.IMAGE_REJECTED: Explanation(
        "The service does not take this picture.",
        _WRITE,
        more="Where it may have been charged, that is remembered; `mkdocs-alttext forget` has it "
        "tried again.",
    ),
    Reason.RATE_LIMITED: Explanation("The service was asked too often.", _AGAIN),
    Reason.SERVICE_UNAVAILABLE: Explanation("The service could not be reached.", _AGAIN),
    Reason.TIMED_OUT: Explanation("The service did not answer in time.", _AGAIN),
    Reason.BAD_ANSWER: Explanation(
        "The service's answer could not be understood.",
        _AGAIN,
        more="It may have been charged. After five in a row, the service is left alone. An answer "
        "that cannot become another is remembered: `mkdocs-alttext forget --refused` has it asked "
        "for anew.",
    ),
    Reason.CANCELLED: Explanation("The build ended before there was an answer.", _AGAIN),
    Reason.INTERNAL_ERROR: Explanation(
        "Something went wrong in mkdocs-alttext.", "Tell us, with the log of `mkdocs build -v`."
    ),
    Reason.NOT_REVIEWED: Explanation(
        "Nobody approved a text, and `publish` asks for that: `reviewed`, or `drafts`, as with "
        "`service: ocr`.",
        "Run `mkdocs-alttext catalog`, and approve its text there.",
    ),
    Reason.STALE_CAPTION: Explanation(
        "The picture changed after its text in the catalog was written.",
        "Check the text, remove its sha256, and run `mkdocs-alttext catalog`.",
    ),
    Reason.NO_TEXT_FOUND: Explanation(
        "The picture holds no text to read.", _WRITE, more="Only `service: ocr` says so."
    ),
    Reason.ANSWER_EMPTY: _bad_answer("The service answered with an empty text."),
    Reason.ANSWER_FILENAME: _bad_answer("The service answered with a file name."),
    Reason.ANSWER_DIGITS: _bad_answer("The service answered with digits only."),
    Reason.ANSWER_PLACEHOLDER: _bad_answer("The service answered with a placeholder."),
    Reason.ANSWER_REFUSAL: _bad_answer("The service refused to describe the picture."),
    Reason.ANSWER_NOT_PROSE: _bad_answer("The service's answer is no prose."),
    Reason.ANSWER_TOO_LONG: _bad_answer("The service's answer is longer than max_length."),
    Reason.ANSWER_SENSITIVE: Explanation(
        "The service's answer holds what may be secret or personal: a key, an e-mail address or an "
        "address of the web that the page does not have.",
        "Check what the picture shows; write the text in the Markdown or the catalog.",
        more="The answer is neither published nor written to the catalog. Each page that shows the "
        "picture is judged by itself.",
    ),
    Reason.LONG_TEXT: Explanation(
        "The text is longer than 150 characters.", "Consider a shorter text and a caption."
    ),
    Reason.REDUNDANT_TEXT: Explanation(
        "The text repeats its figure's caption or the image beside it.",
        "Let it say what the caption does not.",
        more="A screen reader reads both.",
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
