"""The protocol that every service follows, and what a package registers."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from mkdocs_alttext.models import Answer, Request


class AccountStatus(NamedTuple):
    """What a service says about the key it was given."""

    valid: bool | None
    """Whether the service takes the key; `None` when the service cannot tell."""
    credits_remaining: int | None = None
    """The account's balance; `None` when the service has none, or does not tell."""
    models: tuple[str, ...] = ()
    """Names of the models that can be chosen; empty when there is no choice."""
    model: str | None = None
    """The one that is chosen, when there is a choice."""
    sees_pictures: bool | None = None
    """Whether that one sees pictures; `None` when the service does not tell."""


class CaptionService(Protocol):
    """One way to turn a picture into a text.

    `describe` is called from several threads at once.
    """

    @property
    def identity(self) -> str:
        """The service's name in the cache: stored texts are used as long as it stays the same.

        A service whose answers cost something keeps it when its model or prompt changes, so that
        nothing is paid for twice.
        """

    @property
    def credits_per_image(self) -> int:
        """What one answer costs; 0 for a service that is free."""

    def language_code(self, tag: str) -> str | None:
        """Map a BCP 47 tag to the code that the service takes.

        Args:
            tag: A language tag such as `en`, `pt-BR` or `zh_Hant`.

        Returns:
            The service's code, or `None` when it does not speak that language.
        """

    def describe(self, request: Request) -> Answer:
        """Describe one picture, in one attempt.

        Args:
            request: The picture as it may be sent, the language, and what surrounds the picture.

        Returns:
            The text as it came, with the balance when the service tells it.

        Raises:
            ServiceError: The service gave no text; the class says what may be done about it.
        """

    def credits_remaining(self) -> int | None:
        """Ask for the account's balance.

        Returns:
            Credits left, or `None` for a service that has none.

        Raises:
            ServiceError: The service did not say.
        """

    def verify(self) -> AccountStatus:
        """Ask whether the service takes the key. Costs nothing.

        Raises:
            KeyRejectedError: The service refused the key.
            ServiceError: The service did not say.
        """

    def close(self) -> None:
        """Close what is open; requests under way end with a `ServiceError` soon after."""


class ServiceSettings(NamedTuple):
    """What the user says about a service."""

    api_key: str | None
    """`None` when the service takes none, or the user has none."""
    base_url: str | None
    """`None` for the service's own."""
    timeout: float
    """Seconds for one request."""
    max_length: int
    """Longest acceptable text in characters."""
    model: str | None = None
    """Which of the service's models is asked; `None` when the user names none."""
    instructions: str = ""
    """The site's own words for each request: names of products, spelling, tone."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names and values of headers that go with each request, from the user's environment."""
    is_local: bool = False
    """Whether the service is asked on this machine."""

    def __repr__(self) -> str:
        """Show everything but the key."""
        return f"{type(self).__name__}(base_url={self.base_url!r}, timeout={self.timeout!r}, …)"


class Pace(NamedTuple):
    """How a service is asked, where the user does not say."""

    concurrency: int = 8
    """Requests in flight."""
    timeout: float = 60.0
    """Seconds for one request."""


class ServiceKind(NamedTuple):
    """A service that users can name: what a third party registers.

    An object of this class under the entry point group `mkdocs_alttext.services` makes its entry
    point's name a value of the option `service`.
    """

    build: Callable[[ServiceSettings], CaptionService]
    """Makes the service, without connecting anywhere. Without a key it must still know its identity
    and languages, so that stored texts can be used. Raises `ConfigurationError`."""
    key_variable: str | None = None
    """The environment variable that holds the key by default; `None` when there is no key."""
    base_url: str | None = None
    """The address of the service's API, whose host may be asked without anybody's leave."""
    takes_base_url: bool = True
    """Whether it can be asked elsewhere; one that runs inside this process cannot."""
    needs_base_url: bool = False
    """Whether only the user can say where it is."""
    needs_key: bool = True
    """Whether it is not asked without a key, where it has a variable for one."""
    key_host: str | None = None
    """The only host that gets the key, where that is not wherever the service is asked."""
    base_url_variable: str | None = None
    """The service's own environment variable for its address."""
    base_url_from: Callable[[str], str] | None = None
    """Makes an address of that variable's value, where it need not be one."""
    header_variables: tuple[tuple[str, str], ...] = ()
    """Headers that go with each request where the environment has the variable beside them."""
    takes_context: bool = False
    """Whether it is sent what surrounds a picture."""
    takes_model: bool = False
    """Whether the options `model` and `instructions` mean anything to it."""
    begins_alone: bool = False
    """Whether the first request goes alone, as its answer tells how to make the others."""
    pace: Pace = Pace()
    local_pace: Pace | None = None
    """How it is asked on this machine, when that is another way."""
    takes_strips: bool = False
    """Whether it reads a picture more than four times as long as wide in pieces: such a one comes
    whole then, at least half as large as it is, with at most 12.5 million pixels."""
    is_deterministic: bool = False
    """Whether a picture that is asked for again gets the same text: no other one is offered."""

    def pace_at(self, *, is_local: bool) -> Pace:
        """Return how it is asked.

        Args:
            is_local: Whether it is asked on this machine.
        """
        return self.local_pace if is_local and self.local_pace else self.pace
