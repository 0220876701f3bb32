"""Asking the service for another text of one picture, on purpose and with its price named before.

It is bought as builds buy texts: within `max_credits`, with a lease and a note in the cache, once.
Only the answer that the cache has counts as none. The new one takes its place there; the catalog
and the page keep the old text until a person takes the new one.
"""

from __future__ import annotations

import copy
from collections import Counter
from html import unescape
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from mkdocs_alttext.captioning.engine import CaptionEngine
from mkdocs_alttext.captioning.judging import published
from mkdocs_alttext.captioning.request import CaptionRequest, ContextSource
from mkdocs_alttext.exceptions import AnswerError
from mkdocs_alttext.filling.assembly import purchaser
from mkdocs_alttext.filling.reasons import explanations
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.models import CaptionKey, Failure, Origin, Reason
from mkdocs_alttext.review.items import Another, Message, Note
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.system.printable import counted, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs_alttext.cache.base import AnswerCache
    from mkdocs_alttext.filling.reasons import Explanation
    from mkdocs_alttext.filling.service import ChosenService
    from mkdocs_alttext.filling.words import Words
    from mkdocs_alttext.models import Context, StoredAnswer
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.review.pictures import Pictures

LONGEST_HINT = 300
"""Characters."""
_HINT = "About this picture, the person who reviews its text says: {hint}"
_LEAVES_TO_PERSON = "Write the text"
"""How the action for a reason begins that leaves a picture to a person."""
_HERE = "Write it here, or mark the picture as decorative."
_NO_TEXTS_OF = frozenset({Reason.IMAGE_REJECTED, Reason.NO_TEXT_FOUND})
"""Why a service has no text of a picture, and where it is deterministic never will."""
_GENERATES_NOTHING = "The option `{}` has no text generated."
_KEPT_BACK = "The page's author may not want the picture to be sent: see its front matter or mark."


class Question(NamedTuple):
    """What another text is asked for."""

    sha256: str
    path: str
    language: str
    """A BCP 47 tag of a page that shows it."""
    page: str
    """The page whose words may be sent."""
    context: Context
    page_text: str
    """The page's HTML: what may be secret is published only where the page shows it anyway."""
    may_be_sent: bool


class _Answer(NamedTuple):
    text: str
    notes: tuple[Note, ...] = ()


class _Replaced:
    """A cache in which the answer that a key has counts as none."""

    def __init__(self, cache: AnswerCache, key: CaptionKey) -> None:
        self._cache = cache
        self._old = key, cache.get(key)

    def get(self, key: CaptionKey) -> StoredAnswer | None:
        """Return the answer of a key, unless it is the old one."""
        answer = self._cache.get(key)
        return None if (key, answer) == self._old else answer

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the cache has
        """Do all else as the cache does."""
        return getattr(self._cache, name)


class Asking:
    """Asks for texts, one at a time. Safe for threads."""

    def __init__(
        self,
        options: Options,
        pictures: Pictures,
        open_cache: Callable[[Options], AnswerCache],
        *,
        refusal: str,
        words: Words,
    ) -> None:
        """Take what a text is asked with; nothing is opened or asked yet.

        Args:
            options: As the user wrote them: `generate: never` forbids it here, too.
            pictures: The site's.
            open_cache: Opens the cache for one request.
            refusal: Why nothing can be asked, in a sentence; empty where it can.
            words: What messages call the things of the site.

        Raises:
            ConfigurationError: The options cannot work.
        """
        self._options = options
        self._pictures = pictures
        self._open_cache = open_cache
        chosen = choose_service(options, is_serving=False)
        chosen.service.close()
        kind = service_kind(options.service)
        self._takes_hint = kind.takes_model
        self.is_repeated = kind.is_deterministic
        """Whether a text that is there comes again."""
        self._vain: set[str] = set()
        """Digests of pictures of which the service said in this review that it has no text."""
        self._price = chosen.service.credits_per_image
        self._limit = chosen.max_credits
        self._words = words
        self._refusal = refusal or _refusal(options, chosen, words)
        self._charged = 0
        self._answers: dict[str, _Answer] = {}
        self._asked = Counter[str]()
        """How often each item was asked for."""
        self._turn = Lock()

    def another(self, item: str) -> Another:
        """Return what an item's page shows of asking.

        Args:
            item: The item's id.
        """
        left = None if self._limit is None else max(0, self._limit - self._charged)
        refusal = self._refusal
        if not refusal and left is not None and left < self._price:
            refusal = "`max_credits` or ALTTEXT_MAX_CREDITS allows no more in this review."
        return Another(
            self._options.service,
            self._price,
            self._price_words(left),
            self._takes_hint,
            refusal,
            *self._answers.get(item, _Answer("")),
            self._asked[item],
        )

    def is_vain(self, sha256: str, reasons: Iterable[Reason]) -> bool:
        """Tell whether the service has no text of a picture, and would say so again.

        Args:
            sha256: The picture's digest.
            reasons: Why the build left it without a text.
        """
        return self.is_repeated and (sha256 in self._vain or not _NO_TEXTS_OF.isdisjoint(reasons))

    def forget(self, item: str) -> None:
        """Forget what was answered for an item: a person decided."""
        self._answers.pop(item, None)

    def ask(self, item: str, question: Question, *, hint: str, price: int, asked: int) -> Message:
        """Ask for another text, and keep it for the item's page.

        Args:
            item: The item's id.
            question: What is asked for.
            hint: What the person says of the picture; goes with this request only.
            price: What the page said that it costs; nothing is asked for another one.
            asked: How often the item had been asked for when the page was made: who presses a
                button twice, or goes back to an old page, pays once.

        Returns:
            What happened, in words.
        """
        with self._turn:
            another = self.another(item)
            if why := another.refusal or ("" if question.may_be_sent else _KEPT_BACK):
                return Message("error", f"Nothing was asked. {why}")
            if price != self._price:
                return Message("error", "Nothing was asked, as the price is another now.")
            if asked != another.asked:
                return Message("info", "Asked once. To ask once more, do so from this page.")
            self._asked[item] += 1
            return self._ask(item, question, plain(hint)[:LONGEST_HINT])

    def _ask(self, item: str, question: Question, hint: str) -> Message:
        options = self._options
        if hint and self._takes_hint:
            options = copy.copy(options)
            said = _HINT.format(hint=hint)
            options.instructions = "\n".join(filter(None, (options.instructions, said)))
        chosen = choose_service(options, is_serving=False)
        language = chosen.service.language_code(question.language)
        if language is None:
            return self._failed(Failure(Reason.UNSUPPORTED_LANGUAGE))
        key = CaptionKey(question.sha256, language, chosen.service.identity)
        cache = self._open_cache(options)
        cache.fetch([key])
        buyer = purchaser(
            options, chosen, cast("AnswerCache", _Replaced(cache, key)), self._charged
        )
        engine = CaptionEngine(
            buyer, concurrency=1, refusal=chosen.refusal, on_progress=lambda *_: None
        )
        source = ContextSource(question.page, lambda: question.context)
        context = source if chosen.takes_context else None
        request = CaptionRequest(key, question.path, self._pictures, context=context)
        try:
            result = engine.wait_for(engine.ask(request))
            engine.note_told()
        finally:
            engine.close()
            self._charged += engine.budget.charged
        uncertain = engine.budget.uncertain
        doubt = f" {counted(uncertain, 'credit')} may have been charged." if uncertain else ""
        if isinstance(result, Failure):
            if result.reason in _NO_TEXTS_OF:
                self._vain.add(question.sha256)
            return self._failed(result, doubt)
        answer, origin = result
        if not (answer.text or answer.role):
            return self._failed(Failure(answer.failed or Reason.ANSWER_EMPTY, answer.detail), doubt)
        self._answers[item] = _judged(answer, question, key, options.max_length, self._words)
        where = "came from the cache" if origin is Origin.STORE else "is there"
        spent = counted(engine.budget.spent, "credit")
        return Message("done", f"Another text {where}. It took {spent}.{doubt}")

    def _failed(self, why: Failure, more: str = "") -> Message:
        said = explanations(self._words)[why.reason]
        if said.action.startswith(_LEAVES_TO_PERSON):
            said = said._replace(action=_HERE)
        return Message("error", f"There is no other text. {_sentence(why, said)}{more}")

    def _price_words(self, left: int | None) -> str:
        if not self._price:
            return "Asking takes no credits."
        words = f"Asking takes {counted(self._price, 'credit')}"
        if self._takes_hint:
            words = f"Asking counts as {counted(self._price, 'credit')}, and the provider charges"
        if left is not None:
            words += f"; the limit of this review leaves {left}"
        return f"{words}."


def _judged(
    answer: StoredAnswer, question: Question, key: CaptionKey, max_length: int, words: Words
) -> _Answer:
    """Return what a person is shown of an answer, with what the rules say against it."""
    try:
        text = published(
            answer,
            language=key.language,
            file_name=question.path.rpartition("/")[2],
            max_length=max_length,
            page_text=lambda: unescape(question.page_text),
        )
    except AnswerError as error:
        said = explanations(words)[error.reason]
        note = Note("refused", error.reason.value, said.meaning, said.action, error.detail)
        return _Answer(plain(answer.text), (note,))
    return _Answer(text)


def _refusal(options: Options, chosen: ChosenService, words: Words) -> str:
    """Say why the service cannot be asked, if that is so."""
    if options.publishing == "reviewed":
        return _GENERATES_NOTHING.format(words.option("publish: reviewed"))
    why = chosen.refusal
    if why is None:
        return ""
    if why.reason is Reason.NO_KEY and chosen.key_variable and not why.detail:
        why = why._replace(detail=f"the variable {chosen.key_variable} is not set")
    return _sentence(why, explanations(words)[why.reason])


def _sentence(why: Failure, explanation: Explanation) -> str:
    detail = f" ({why.detail})" if why.detail else ""
    return f"{explanation.text}{detail}"
