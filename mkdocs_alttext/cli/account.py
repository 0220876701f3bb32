"""`mkdocs-alttext account`: whether the key works, the credits that are left, and the models.

Messages name the key's variable and never show the key.
"""

from __future__ import annotations

import os
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.building import load_site
from mkdocs_alttext.cli.folder_site import options_without_mkdocs
from mkdocs_alttext.cli.output import CommandError, say
from mkdocs_alttext.cli.sites import CONFIG_FILES
from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import (
    BadAnswerError,
    KeyRejectedError,
    RequestTimedOutError,
    ServiceError,
    ServiceUnusableError,
    UnusableKeyError,
)
from mkdocs_alttext.filling.cache import shared_cache
from mkdocs_alttext.filling.report import usage_words
from mkdocs_alttext.filling.service import choose_service
from mkdocs_alttext.models import Picture, Request
from mkdocs_alttext.services.credentials import FILE_SUFFIX, BearerAuth, read_key
from mkdocs_alttext.services.registry import key_variable_of, service_kind
from mkdocs_alttext.system.environment import UserSettings
from mkdocs_alttext.system.printable import counted, plain, visible

if TYPE_CHECKING:
    from mkdocs_alttext.options import Options
    from mkdocs_alttext.services.base import AccountStatus, CaptionService


class KeyProblemError(CommandError):
    """The key is missing, or the service does not take it."""

    exit_code = 1


@click.command("account")
@click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    help="The site's configuration; by default mkdocs.yml, else mkdocs.yaml, else the file "
    "that `fill` reads, else the defaults.",
)
@click.option(
    "--try",
    "tries",
    is_flag=True,
    help="Ask for the text of a small test picture, too, and print what it cost.",
)
def command(config_file: str | None, *, tries: bool) -> None:
    """Check the key, and print the credits that are left. This costs nothing without --try.

    Where there is a shared cache, its state and size are shown, too.

    Exit status: 0 when the service takes the key, 1 when it is missing or wrong, 2 when that cannot
    be told.
    """
    options = _options(config_file)
    _say_shared_cache(options)
    service, holder = _chosen(options)
    in_holder = f" in {holder}" if holder else ""
    settings = UserSettings.of(os.environ)
    allowed = settings.ceiling(options.max_credits)
    if tries and allowed is not None and allowed < service.credits_per_image:
        raise CommandError(
            "The option max_credits or the environment variable ALTTEXT_MAX_CREDITS allows no test "
            "picture: leave --try out, or allow a credit."
        )
    try:
        status = _verified(service)
        tried = _tried(service) if tries else ""
    except KeyRejectedError as error:
        cause = f" ({error.detail})" if error.detail else ""
        raise KeyProblemError(
            f"The service rejected the key{in_holder}{cause}. Check that it is active and belongs "
            "to this service."
        ) from None
    except ServiceUnusableError as error:
        raise CommandError(f"The service {options.service}: {error.detail}.") from None
    except ServiceError as error:
        check = "Check base_url, or try" if options.base_url or settings.base_url else "Try"
        raise CommandError(
            f"The service {options.service} did not say ({error}). {check} again later."
        ) from None
    finally:
        service.close()
    if holder and status.valid is None:
        raise CommandError(
            f"The service {options.service} has no way to check the key{in_holder}: a build will "
            "tell whether it works."
        )
    said = f"takes the key{in_holder}." if holder else "needs no key and takes no credits."
    say(f"The service {options.service} {said}{_details(status)}")
    if tried:
        say(tried)


def _say_shared_cache(options: Options) -> None:
    """Say how the shared cache is, if there is one."""
    cache = shared_cache(options)
    if cache is None:
        return
    with closing(cache):
        for line in filter(None, (cache.state(), *cache.problems())):
            say(line)


def _chosen(options: Options) -> tuple[CaptionService, str | None]:
    """Make the service, and return which variable holds the key that is sent to it.

    Raises:
        CommandError: It is not asked, or has no key that it needs.
    """
    kind = service_kind(options.service)
    variable = key_variable_of(options.service, kind, options.api_key_env)
    holder = _key_holder(variable, is_needed=kind.needs_key) if variable else None
    options.generate = "always"  # otherwise, no key is read
    chosen = choose_service(options, is_serving=False)
    if chosen.refusal:
        raise CommandError(
            chosen.complaint or f"The service {options.service}: {chosen.refusal.detail}."
        )
    # What there is may be for another host.
    return chosen.service, holder if chosen.has_key else None


def _verified(service: CaptionService) -> AccountStatus:
    """Ask the service whether it takes the key, and for the credits that are left.

    Raises:
        KeyRejectedError: It does not take the key: it may say so in either way.
        ServiceError: It did not say.
    """
    status = service.verify()
    if status.valid is False:
        raise KeyRejectedError
    if status.valid and status.credits_remaining is None:
        status = status._replace(credits_remaining=service.credits_remaining())
    return status


def _options(config_file: str | None) -> Options:
    # A file that is there may name another host, which is the one that the key is meant for.
    if said := options_without_mkdocs(config_file):
        return said.options
    if config_file or any(map(os.path.lexists, CONFIG_FILES)):
        return load_site(config_file, adds_plugin=True).options
    options = AltTextConfig(config_file_path=str(Path(CONFIG_FILES[0]).resolve()))
    options.load_dict({})
    options.validate()
    return options


def _key_holder(variable: str, *, is_needed: bool) -> str | None:
    """Return the variable that holds the key or names its file; messages never say what it holds.

    Raises:
        KeyProblemError: There is no key, or it cannot be one.
        UnusableKeyError: Its file cannot be read.
    """
    key = read_key(variable, os.environ)
    file_variable = variable + FILE_SUFFIX
    holder = variable
    if not os.environ.get(variable, "").strip() and os.environ.get(file_variable, "").strip():
        holder = file_variable
        if key is None:
            raise KeyProblemError(
                f"The file that {holder} names is empty. Put the key into it, alone and on one "
                "line."
            )
    if key is None and not is_needed:
        return None
    if key is None:
        state = "is set, but empty" if variable in os.environ else "is not set"
        raise KeyProblemError(
            f"The environment variable {variable} {state}. Put the key of your account into it, or "
            f"the path of a file with the key into {file_variable}."
        )
    try:
        BearerAuth(key)
    except UnusableKeyError as error:
        raise KeyProblemError(f"{holder}: {error}") from None
    return holder


def _details(status: AccountStatus) -> str:
    """Say what is left, and which models there are."""
    count = status.credits_remaining
    said = "" if count is None else f" {counted(count, 'credit')} left."
    if status.model:
        said += f" {_about_model(status.model, status)}"
    return said + (f" Models: {', '.join(status.models)}." if status.models else "")


def _about_model(model: str, status: AccountStatus) -> str:
    """Say whether the chosen model is there and sees pictures, as far as the service tells."""
    name = visible(model)
    if status.models and model not in status.models and status.sees_pictures is None:
        return f"It lists no model {name}."
    said = {True: "sees pictures", False: "sees no pictures: choose another", None: "is chosen"}
    return f"The model {name} {said[status.sees_pictures]}."


_TEST_WORDS = "Save changes"


def _tried(service: CaptionService) -> str:
    """Ask for the text of a small picture, and say what came and what it cost.

    Raises:
        ServiceError: No text came, and nothing was charged.
        CommandError: No text came, and the picture may have been charged.
    """
    language = service.language_code("en") or "en"
    try:
        answer = service.describe(Request(_test_picture(), language))
    except (BadAnswerError, RequestTimedOutError) as error:
        if not service.credits_per_image:
            raise
        raise CommandError(
            f"The service {service.identity} was sent the test picture and did not describe it "
            f"({error}). It may have been charged."
        ) from None
    cost = [
        counted(service.credits_per_image, "credit") if service.credits_per_image else "",
        *usage_words(answer.usage),
    ]
    spent = ", ".join(filter(None, cost)) or "nothing"
    text = visible(plain(answer.text))
    return f"Of a picture with the words {_TEST_WORDS!r}, it says {text!r}. Cost: {spent}."


def _test_picture() -> Picture:
    """Draw words, which are also something to read for a service that describes nothing else."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - heavy

    image = Image.new("RGB", (192, 64), (200, 16, 16))
    font = ImageFont.load_default(24)
    ImageDraw.Draw(image).text((20, 18), _TEST_WORDS, "white", font)
    file = BytesIO()
    image.save(file, "PNG")
    return Picture(file.getvalue(), "image/png", *image.size)
