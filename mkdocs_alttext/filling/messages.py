"""What a build says: each sentence names the page, the image, the cause and the next step.

The summary at its end is in `filling.report`, what has to be told of earlier builds' credits in
`captioning.limits`.
"""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from mkdocs_alttext.filling.reasons import explanations, label
from mkdocs_alttext.filling.report import ORIGIN_WORDS
from mkdocs_alttext.filling.words import MKDOCS
from mkdocs_alttext.models import Decision, Origin, Reason, Result
from mkdocs_alttext.pages.records import NOT_SENT
from mkdocs_alttext.system.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mkdocs_alttext.captioning.engine import CaptionEngine
    from mkdocs_alttext.catalog.entries import Catalog
    from mkdocs_alttext.filling.catalog_paths import UnknownPath
    from mkdocs_alttext.filling.report import BuildReport
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.models import Outcome

_SAID_ALWAYS = {
    Reason.CACHE_UNUSABLE,
    Reason.OUT_OF_CREDITS,
    Reason.OUT_OF_RESOURCES,
    Reason.OVER_BUDGET,
}
"""Said of the images that they stopped, also where the service was asked for others."""
_PASSING = (
    *(Reason.BAD_ANSWER, Reason.NO_SERVICE, Reason.RATE_LIMITED),
    *(Reason.SERVICE_UNAVAILABLE, Reason.TIMED_OUT),
)
_ORIGIN_WORDS = {
    **ORIGIN_WORDS,
    Origin.LINK_TITLE: "from the page that its link leads to",
    Origin.SVG_TITLE: "from its own title",
}
_MOST_OF_DATA = 30
"""Characters of a `data:` address that are shown."""

MOST_LINES = 10
"""Images that are named one by one; the report has all."""


def describe(outcome: Outcome, words: Words = MKDOCS) -> str:
    """Say what became of one image.

    Args:
        outcome: The image.
        words: Those of its site.

    Returns:
        One sentence.
    """
    if outcome.result is Result.MISSING:
        what = "has no alt text"
    elif outcome.alt is None:
        what = "stays as it is written"
    else:
        what = "is marked as decoration"
        if outcome.alt and outcome.origin:
            what = f"has its alt text {_ORIGIN_WORDS[outcome.origin]}"
    return f"{_place(outcome)} {what}{_cause(outcome, words) or '.'}"


def _cause(outcome: Outcome, words: Words) -> str:
    """Return why an image lacks text, or is worth a look, with what is to be done."""
    if outcome.reason is None:
        return ""
    why = explanations(words)[outcome.reason]
    name = outcome.reason.value
    said = f" ({name})." if name == label(outcome.reason) else "."
    said += f" {why.meaning.rstrip('.')}"
    if outcome.detail.endswith("?"):  # which is what to do
        return f"{said}: {outcome.detail}"
    detail = f" ({outcome.detail})" if outcome.detail else ""
    action = why.action
    if outcome.detail.startswith(NOT_SENT):
        action = f"Correct that, or write the text {words.in_source} or in the catalog."
    return f"{said}{detail}. {action}".rstrip()


def _place(outcome: Outcome) -> str:
    """Return a page's source and the image as its author wrote it."""
    name = _written_address(outcome)
    image = f"image {name!r}" if name else "an image without an address"
    shown = ", which the theme or a plugin shows," if outcome.is_around else ""
    return f"{outcome.source or outcome.page}: {image}{shown}"


def _written_address(outcome: Outcome) -> str:
    if outcome.src[:5].lower() == "data:":
        return outcome.src[:_MOST_OF_DATA] + "…"
    source, file = outcome.source or "", outcome.file or ""
    # MkDocs has made another address of Markdown's. Translations may have files in other folders.
    is_in_place = outcome.page.startswith(source.removesuffix(".md").removesuffix("index"))
    if outcome.is_markdown and source and file and is_in_place:
        return posixpath.relpath(file, posixpath.dirname(source) or ".")
    return outcome.src


def doubt_line(outcome: Outcome, words: Words = MKDOCS) -> str:
    """Say that an author's word on an image is not understood.

    Args:
        outcome: The image, with its `doubt`.
        words: Those of its site.

    Returns:
        What is done about it, and what to write.
    """
    said = f"{_place(outcome)}: `{outcome.doubt}`"
    if outcome.doubt.startswith("{"):
        return (
            f"{said} behind it is shown as text, so that this picture is not sent. "
            f"{words.lacks_attr_list}"
        )
    return (
        f"{said} is not understood, so that this picture is not sent. Write `data-alttext=skip` to "
        "leave the image alone, or `data-alttext=decorative` to mark it as decoration."
    )


def front_matter_line(source: str, doubt: str) -> str:
    """Say that what an author says of a page is not understood, and what to write."""
    return (
        f"{source}: {doubt}, so that no picture of this page is sent. Write `alttext: false` to "
        "leave the page alone, or `alttext: { lang: fr }` to have its texts in French."
    )


def closing_lines(
    report: BuildReport,
    engine: CaptionEngine,
    *,
    key_variable: str | None,
    names_images: bool,
    words: Words = MKDOCS,
) -> list[str]:
    """Say what the user can do something about.

    Args:
        report: What happened.
        engine: Knows why the service was not asked, or not any more, and what that would cost.
        key_variable: Name of the environment variable for the key, when the service takes one.
        names_images: Whether images are named that stay without text.
        words: Those of the site.

    Returns:
        One line for each image whose file is missing, if they are named, one for pages that could
        not be read, and one for what stopped the service or, where nothing did, how it failed.
    """
    missing, stopped = report.missing(), engine.stopped
    lost = [each for each in missing if names_images and each.reason is Reason.MISSING_FILE]
    lines = [describe(outcome, words) for outcome in lost[:MOST_LINES]]
    lines += _page_lines(missing, words)
    if len(lost) > MOST_LINES:
        more = counted(len(lost) - MOST_LINES, "more image points", "more images point")
        lines.append(f"{more} to missing files: set the option report.")
    counts = Counter(outcome.reason for outcome in missing)
    reasons = {stopped.reason} if stopped else set()
    said = stopped.detail if stopped else ""
    if stopped and stopped.reason is Reason.NOT_ASKED:
        said = words.option(said)
    detail = f" ({said})" if said else ""
    for reason in sorted(reasons | _SAID_ALWAYS):
        if counts[reason]:
            left = _left(counts[reason])
            line = explanations(words)[reason].log
            if reason is Reason.NO_KEY and stopped and stopped.detail:
                line = "{variable}: {detail} {images}."
                detail = stopped.detail
            lines.append(
                words.told(line, reason=reason, images=left, variable=key_variable, detail=detail)
            )
    failed = [reason for reason in _PASSING if counts[reason]]
    if failed and not stopped:
        images = counted(sum(counts[reason] for reason in failed), "image")
        causes = ", ".join(f"{counts[reason]} {reason.value}" for reason in failed)
        remembered = (
            f", but for answers that are remembered: `{words.command('forget')} --refused` has "
            "those asked for anew"
        )
        lines.append(
            f"The service failed for {images}, left without text: {causes}. The next {words.build} "
            f"tries again{remembered * (Reason.BAD_ANSWER in failed)}."
        )
    if engine.would_spend:
        credits_ = counted(engine.would_spend, "credit")
        lines.append(f"A {words.build} that may ask would spend {credits_} on them.")
    return lines


def _page_lines(missing: Iterable[Outcome], words: Words) -> list[str]:
    """Return a line for each reason why pages are left as they are."""
    left: dict[tuple[Reason, str], set[str]] = defaultdict(set)
    for each in missing:
        if each.reason in {Reason.PAGE_TOO_COMPLEX, Reason.PAGE_LEFT}:
            left[each.reason, each.detail].add(each.source or each.page)
    return [
        f"{listed(sorted(pages))}: {reason.value}{f' ({detail})' if detail else ''}. "
        f"{explanations(words)[reason].text}"
        for (reason, detail), pages in left.items()
    ]


def catalog_lines(
    report: BuildReport,
    unknown: Sequence[UnknownPath],
    name: str,
    catalog: Catalog,
    *,
    publish: str = "reviewed",
    words: Words = MKDOCS,
) -> list[str]:
    """Say what the catalog needs from a person.

    Args:
        report: What happened.
        unknown: Entries that name no file of this site.
        name: The catalog's file name.
        catalog: What it holds.
        publish: The option.
        words: Those of the site.

    Returns:
        One line for each kind of work that there is.
    """
    outcomes, command = report.outcomes, words.command("catalog")
    stale = sorted(
        {each.file for each in outcomes if each.reason is Reason.STALE_CAPTION and each.file}
    )
    waiting = [each for each in outcomes if each.reason is Reason.NOT_REVIEWED]
    lines = []
    if stale:
        entries = counted(len(stale), "entry", "entries")
        lines.append(
            f"catalog: the pictures of {entries} changed after their texts were written: "
            f"{listed(stale)}. Check the texts in {name}, remove the sha256 of each that is "
            f"right, and run `{command}`."
        )
    moved = [f"{each.path} is {each.moved_to} now" for each in unknown if each.moved_to]
    if moved:
        names = counted(len(moved), "entry names", "entries name")
        lines.append(
            f"catalog: {names} a picture that was renamed or moved: {listed(moved)}. Its text is "
            f"used; `{command}` corrects the path."
        )
    lines += (f"catalog: {line}" for line in unknown_lines(unknown, name))
    left = (each for each in outcomes if each.result is Result.MISSING)
    lines += (f"catalog: {line}" for line in untranslated_lines(left, name, words))
    lines += (f"catalog: {line}" for line in nameless_lines(outcomes, name, words))
    if waiting and publish == "drafts":
        texts = counted(len(waiting), "image has a text that waits", "images have texts that wait")
        lines.append(
            f"catalog: {texts} for approval ({words.option('publish: drafts')}). "
            f"`{words.command('review')}` shows each beside its picture; or run `{command}` and "
            f"approve them in {name}. "
            f"`{words.option('publish: all')}` publishes them as they come."
        )
    elif waiting:
        option = words.option(f"publish: {publish}")
        left_ = f"catalog: {_left(len(waiting))}, without reviewed text ({option})."
        lines.append(" ".join([left_, *_unreviewed(waiting, name, catalog, words)]))
    if any(each.origin is Origin.SERVICE for each in outcomes):
        lines.append(
            "catalog: the new texts are drafts that nobody has read. "
            f"`{words.command('review')}` shows each beside its picture; `{command}` writes them "
            f"into {name}."
        )
    return lines


def _unreviewed(
    waiting: Iterable[Outcome], name: str, catalog: Catalog, words: Words
) -> Iterator[str]:
    """Say how many drafts wait for approval, and how many pictures have none."""
    has_draft = {}
    for each in waiting:
        entry = catalog.entry(each.file or "", each.sha256 or "")
        if not each.untranslated or (entry and entry.drafts):  # else `untranslated_lines` says it
            has_draft[each.file] = entry is not None and bool(entry.drafts)
    drafts = sum(has_draft.values())
    if drafts:
        wait, it = counted(drafts, "draft waits", "drafts wait"), "it" if drafts == 1 else "each"
        yield f"{wait} in {name}: approve {it} there or in `{words.command('review')}`."
    if none := len(has_draft) - drafts:
        have, its = counted(none, "picture has", "pictures have"), "its" if none == 1 else "each"
        yield (
            f"{have} no draft: write {its} `alt` in {name}. `{words.command('catalog')} --all` "
            "adds the entry where there is none, with the text that the cache holds."
        )


def nameless_lines(outcomes: Iterable[Outcome], name: str, words: Words = MKDOCS) -> list[str]:
    """Say which decorations by the catalog are all there is in the link of a lightbox.

    Args:
        outcomes: What became of the images.
        name: The catalog's file name.
        words: Those of the site.
    """
    files: dict[str, set[str]] = defaultdict(set)
    for each in outcomes:
        if each.decision is Decision.USE_STORED and each.reason is Reason.EMPTY_LINK and each.file:
            files[each.detail].add(each.file)
    return [
        f"{listed(sorted(paths))}, decoration by {name}: {label(Reason.EMPTY_LINK)} ({detail}). "
        f"{explanations(words)[Reason.EMPTY_LINK].text}"
        for detail, paths in files.items()
    ]


def unknown_lines(unknown: Sequence[UnknownPath], name: str) -> list[str]:
    """Say which entries name no image of the site, where they have to be corrected by a person.

    Args:
        unknown: Entries that name no file of this site.
        name: The catalog's file name.
    """
    lines = []
    for is_taken, advice in (
        (False, f"Correct the path in {name}, or remove the entry."),
        # A path that is there twice would be an error.
        (True, f"Keep the better text there, and remove the other entry from {name}."),
    ):
        left = [each for each in unknown if not each.moved_to and each.is_taken is is_taken]
        if left:
            names_no = counted(len(left), "entry names", "entries name")
            lines.append(
                f"{names_no} no image of this site: {listed([str(each) for each in left])}. "
                f"{advice}"
            )
    return lines


def untranslated_lines(outcomes: Iterable[Outcome], name: str, words: Words = MKDOCS) -> list[str]:
    """Say for each language which entries are approved in others only.

    Args:
        outcomes: Images that need a text.
        name: The catalog's file name.
        words: Those of the site.
    """
    lacking: dict[str, set[str]] = defaultdict(set)
    for each in outcomes:
        if each.untranslated and each.file:
            lacking[each.untranslated].add(each.file)
    return [
        f"{counted(len(files), 'reviewed entry has', 'reviewed entries have')} no approved text in "
        f"{language}: {listed(sorted(files))}. Write one in {name}, or approve the draft there "
        f"that `{words.command('catalog')}` writes of a generated text."
        for language, files in sorted(lacking.items())
    ]


def filling_hint(
    outcomes: Iterable[Outcome],
    key_variable: str | None,
    words: Words = MKDOCS,
    asks_nothing: str = "",
) -> str:
    """Say how pictures get their texts that have none: by a key only where one helps.

    Args:
        outcomes: Of a build that asked for nothing.
        key_variable: Name of the environment variable for the key, when the service takes one.
        words: Those of the site.
        asks_nothing: The option for which no build asks, if there is one.
    """
    asked = {
        each.file
        for each in outcomes
        if each.reason is Reason.NOT_ASKED and not each.detail.startswith(NOT_SENT)
    }
    if not asked:
        return f"A {words.build} does not change that: `{words.command('scan')}` says why."
    if asks_nothing:
        said = f"Nobody is asked for them (`{words.option(asks_nothing)}`)"
    else:
        key = f" with a key in {key_variable}" if key_variable else ""
        said = f"`{words.asking}`{key} asks for {counted(len(asked), 'picture')}"
    return f"{said}; `{words.command('scan')}` lists all images."


def listed(paths: Sequence[str]) -> str:
    """Return the first of some paths, and how many more there are."""
    more = len(paths) - MOST_LINES
    return ", ".join(paths[:MOST_LINES]) + (f" and {more} more" if more > 0 else "")


def _left(count: int) -> str:
    return f"{counted(count, 'image')} left as written"
