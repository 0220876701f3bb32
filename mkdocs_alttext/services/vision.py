"""A service whose model sees pictures: how one is asked, and what is learned about its server.

The wire format is another object's: `ChatCompletions` or `Messages`. A server that refuses the form
of a request (an answer by a schema, the name of a field, the length of the context) is asked again
at once without it, as a refused request costs nothing, and what was learned holds for the rest of
the build.
"""

from __future__ import annotations

import json
import re
import time
from difflib import get_close_matches
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_alttext.exceptions import (
    BadAnswerError,
    ImageRejectedError,
    KeyRejectedError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnavailableError,
    ServiceUnusableError,
)
from mkdocs_alttext.models import Answer, Reason
from mkdocs_alttext.services import prompt
from mkdocs_alttext.services.answer import repeats
from mkdocs_alttext.services.base import AccountStatus
from mkdocs_alttext.services.errors import REFUSED
from mkdocs_alttext.services.model_list import models_in, seeing, shown_model
from mkdocs_alttext.services.server_errors import (
    ErrorBody,
    Remedy,
    error_in,
    failure_for,
    has_begun,
    is_cut_off,
    remedy_for,
    retry_delay,
)
from mkdocs_alttext.services.wire_formats import Learned, Question
from mkdocs_alttext.system.printable import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_alttext.models import Context, Picture, Request
    from mkdocs_alttext.services.base import ServiceSettings
    from mkdocs_alttext.services.http import HttpClient, Reply
    from mkdocs_alttext.services.wire_formats import TokenField, Wire

QUOTE_LENGTH = 200
"""Characters of a server's text that may stand in a message."""
_MOST_NAMED = 10
"""Models that a message names."""
_MOST_MODEL = 80
"""Characters of a model's name in a message."""
_LEAST_SECONDS = 0.5
"""In which a request that is made again can still be answered."""


class Provider(NamedTuple):
    """What differs between the servers of models that see pictures."""

    name: str
    """The value of the option `service`, and the service's name in the cache."""
    base_url: str | None = None
    """`None` where only the user can say it."""
    needs_key: bool = True
    """Whether it is asked only with a key."""
    prefix: str = ""
    """What stands between the address and the paths of the API, and may stand in the address."""
    longest_side: int | None = None
    """Pixels of a picture's longer side at most; `None` where nothing is documented that a
    reduced picture could pass."""
    most_encoded_bytes: int | None = None
    """Of a picture in base64 at most; `None` as for `longest_side`."""
    key_path: str = "/models"
    """What is asked to find out whether a key is good."""
    show_path: str | None = None
    """Where one model is asked for what it can do, from the address without the prefix."""
    is_free_here: bool = False
    """Whether a picture costs nothing on this machine: what answers there may pass it on to a
    vendor, where the name is a vendor's."""


_MASKED_KEY = re.compile(r"[A-Za-z0-9_-]{0,80}[*•]{3,}[A-Za-z0-9_-]{0,80}")
"""How vendors quote a key: its ends are a secret as well."""


class VisionService:
    """A `CaptionService` over a server of models that see pictures; safe for threads."""

    def __init__(
        self,
        provider: Provider,
        wire: Wire,
        client: HttpClient | None,
        *,
        settings: ServiceSettings,
        token_field: TokenField,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts; nothing is sent.

        Args:
            provider: The service.
            wire: Its wire format.
            client: Sends requests to the address without the prefix; `close` closes it. `None`
                where nothing may be sent.
            settings: What the user says. Without a model, the only one of a server is asked, and
                the seconds are for one picture, in however many forms it is asked for.
            token_field: Bounds an answer's tokens, to begin with.
            timer: Seconds of any origin.
        """
        self._provider = provider
        self._wire = wire
        self._client = client
        self._settings = settings._replace(api_key=None)
        self._timer = timer
        # Replaced as a whole: threads that learn at the same time learn the same.
        self._learned = Learned(token_field)
        self._only_model: str | None = None

    def __repr__(self) -> str:
        """Name the service and the client, which keeps the key to itself."""
        return f"{type(self).__name__}({self._provider.name!r}, {self._client!r})"

    @property
    def identity(self) -> str:
        """The service's name, whatever the model, the prompt and the host."""
        return self._provider.name

    @property
    def credits_per_image(self) -> int:
        """One for each picture asked for, none on this machine."""
        return 0 if self._provider.is_free_here and self._settings.is_local else 1

    def language_code(self, tag: str) -> str | None:
        """Map a BCP 47 tag, or a locale name, to the code of its language."""
        return prompt.language_code(tag)

    def describe(self, request: Request) -> Answer:
        """Ask for one picture's text.

        Args:
            request: The picture as it may be sent, a code of `language_code`, and what surrounds
                the picture where that is sent, too.

        Returns:
            The text as it came, with its role and what was consumed.

        Raises:
            ServiceError: There is no text; the class says what may be done about it.
        """
        picture = request.picture
        self._check_picture(picture)
        end = self._timer() + self._settings.timeout
        model = self._settings.model or self._find_only_model(end)
        context = request.context
        while True:
            learned = self._learned
            said = prompt.prompt_for(
                request.language,
                instructions=self._settings.instructions,
                context=context,
                has_schema=learned.has_schema,
            )
            body = self._wire.body(Question(model, said, picture, learned))
            reply = self._sent("POST", self._wire.path, body, end=end)
            status, error = _failure_in(reply)
            if error is None:
                if not isinstance(reply.body, dict):
                    raise BadAnswerError("the answer is not a JSON object", status=reply.status)
                return self._answer_of(self._wire.read(reply.body), request.context)
            if is_cut_off(error):
                return self._answer_of(Answer("", fault=Reason.ANSWER_TRUNCATED), context)
            if has_begun(reply.body):
                # It may have been charged, whatever is said: OpenRouter sends a 200 where a
                # provider fails after it has begun to write.
                raise RequestTimedOutError(
                    f"the server failed while it answered: {self._quoted(error.message)}",
                    status=reply.status,
                    reason=Reason.SERVICE_UNAVAILABLE,
                )
            remedy = remedy_for(status, error)
            if remedy is Remedy.NO_CONTEXT and context:
                context = None
            elif remedy is Remedy.NO_SCHEMA and learned.has_schema:
                self._learned = learned._replace(has_schema=False)
            elif remedy is Remedy.OTHER_TOKEN_FIELD and not learned.has_swapped:
                other = learned.token_field.other
                self._learned = learned._replace(token_field=other, has_swapped=True)
            else:
                raise self._failure(reply, status, error, model=model)
            if end - self._timer() < _LEAST_SECONDS:
                raise ServiceUnavailableError("no time was left to ask in another form")

    def credits_remaining(self) -> None:
        """Return nothing: these services have no balance that could be asked for."""
        return

    def verify(self) -> AccountStatus:
        """Ask whether the key is good, and what models there are, which costs nothing.

        Raises:
            KeyRejectedError: The service refused the key.
            ServiceError: The service did not say.
        """
        if self._provider.key_path.partition("?")[0] != "/models":
            self._checked(self._sent("GET", self._provider.key_path))
        listed = self._models()
        # A server may write anything into its list, and repeat what was sent to it.
        names = tuple(map(self._redact, seeing(listed)))
        model = self._settings.model
        return AccountStatus(
            valid=True, models=names, model=model, sees_pictures=self._sees_pictures(listed)
        )

    def close(self) -> None:
        """Close the client; requests under way end with a `ServiceError`."""
        if self._client is not None:
            self._client.close()

    def _check_picture(self, picture: Picture) -> None:
        """Refuse what the service is documented to refuse."""
        provider = self._provider
        most, longest = provider.most_encoded_bytes, provider.longest_side
        if most is not None and -(-len(picture.data) // 3) * 4 > most:
            raise ImageRejectedError(f"it has more bytes than {provider.name} takes")
        if longest is not None and max(picture.width, picture.height) > longest:
            raise ImageRejectedError(f"it is larger than {provider.name} takes")

    def _sent(
        self, method: str, path: str, body: bytes | None = None, *, end: float | None = None
    ) -> Reply:
        """Send one request.

        Raises:
            KeyRejectedError: No key was given.
            ServiceError: No answer came.
        """
        if self._client is None:
            raise KeyRejectedError("no key was given", reason=Reason.NO_KEY)
        left = None if end is None else end - self._timer()
        if left is not None and left <= 0:
            raise ServiceUnavailableError("no time was left to ask")
        if path != self._provider.show_path:
            path = self._provider.prefix + path
        try:
            return self._client.request_json(method, path, body, timeout=left)
        except ServiceUnavailableError as error:
            if not (self._settings.is_local and error.detail.endswith(REFUSED)):
                raise
            raise ServiceUnusableError(
                f"{error.detail}; start the server there, or set base_url to where it runs"
            ) from None

    def _answer_of(self, answer: Answer, context: Context | None) -> Answer:
        """Return an answer with what is known here of it."""
        text, more = answer.text, answer.long_description
        if self._redact(text) != text or self._redact(more) != more:
            # It would be stored and published.
            raise BadAnswerError(
                "the text may hold the API key", status=HTTPStatus.OK, is_final=True
            )
        is_redundant = context is not None and repeats(text, context)
        return answer._replace(
            model=self._quoted(answer.model or "") or self._settings.model or self._only_model,
            role="redundant" if is_redundant else answer.role,
            prompt=prompt.PROMPT_VERSION,
        )

    def _failure(
        self, reply: Reply, status: int, error: ErrorBody, *, model: str | None = None
    ) -> ServiceError:
        """Return the error that an answer means."""
        kind, reason, wait = failure_for(status, error, is_about_picture=model is not None)
        message = self._quoted(error.message)
        detail = f"status {status}: {message}" if message else f"status {status}"
        if kind is ServiceUnusableError and model is not None:
            detail = self._about_model(detail, model, is_blind=reason is Reason.MODEL_MISSING)
        asked = (reply.retry_after(now=time.time()), retry_delay(reply.body), wait)
        return kind(
            detail,
            status=status,
            retry_after=next((each for each in asked if each is not None), None),
            reason=reason,
        )

    def _about_model(self, detail: str, model: str, *, is_blind: bool) -> str:
        """Say which model it is about, and which others there are."""
        named, detail = printable(model)[:_MOST_MODEL], detail.rstrip(".")
        try:
            listed = self._models()
        except ServiceError:
            return f"model {named}: {detail}"
        if is_blind:
            listed.pop(model, None)
        return f"model {named}: {detail}; {self._offered(listed, near=model)}"

    def _offered(self, listed: Mapping[str, bool | None], *, near: str = "") -> str:
        """Name the models to choose from, those with the nearest names first."""
        names = seeing(listed)
        if not names:
            return "the server has no model"
        first = get_close_matches(near, names, n=_MOST_NAMED, cutoff=0.5) if near else []
        chosen = [*first, *(name for name in names if name not in first)]
        shown = ", ".join(self._quoted(name)[:_MOST_MODEL] for name in chosen[:_MOST_NAMED])
        more = len(chosen) - _MOST_NAMED
        return f"the server has {shown}" + (f" and {more} more" if more > 0 else "")

    def _find_only_model(self, end: float) -> str:
        """Return the model of a server that has one.

        Args:
            end: When it must be known, by the timer.

        Raises:
            ServiceUnusableError: It has several, or none.
        """
        if self._only_model is None:
            listed = self._models(end)
            names = seeing(listed)
            if len(names) != 1:
                raise ServiceUnusableError(
                    f"no model is chosen; set `model`: {self._offered(listed)}",
                    reason=Reason.MODEL_MISSING,
                )
            self._only_model = names[0]
        return self._only_model

    def _models(self, end: float | None = None) -> dict[str, bool | None]:
        path = self._provider.key_path
        path = path if path.partition("?")[0] == "/models" else "/models"
        return models_in(self._checked(self._sent("GET", path, end=end)))

    def _sees_pictures(self, listed: Mapping[str, bool | None]) -> bool | None:
        """Tell whether the chosen model sees pictures, where the server says so."""
        model = self._settings.model
        if model is None:
            return None
        for name in (model, f"models/{model}"):
            if listed.get(name) is not None:
                return listed[name]
        if self._provider.show_path is None:
            return None
        try:
            reply = self._sent(
                "POST", self._provider.show_path, json.dumps({"model": model}).encode()
            )
        except ServiceError:
            return None
        return shown_model(reply.body) if reply.status == HTTPStatus.OK else None

    def _checked(self, reply: Reply) -> object:
        """Return the body of a 200, or raise what the answer means."""
        status, error = _failure_in(reply)
        if error is not None:
            raise self._failure(reply, status, error)
        return reply.body

    def _quoted(self, text: str) -> str:
        """Make a server's words fit for one of ours: one line, without the key, short."""
        # Redacted before it is cut: half a key is a secret as well.
        spaced = " ".join(printable(text).split())
        clean = " ".join(_MASKED_KEY.sub("***", self._redact(spaced)).split())
        return shortened(clean, QUOTE_LENGTH)

    def _redact(self, text: str) -> str:
        return text if self._client is None else self._client.redact(text)


def _failure_in(reply: Reply) -> tuple[int, ErrorBody | None]:
    """Return the status that counts, and what went wrong, if anything did.

    An error may stand in a 200, with its own status or without one.
    """
    error = error_in(reply.body)
    if not reply.is_success:
        return reply.status, error or ErrorBody()
    return (reply.status if error is None else error.status or reply.status), error
