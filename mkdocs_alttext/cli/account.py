"""`mkdocs-alttext account`: whether the key works, the credits that are left, and the models.

Messages name the key's variable and never show the key.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mkdocs_alttext.cli.building import load_site
from mkdocs_alttext.cli.output import CONFIG_FILES, CommandError, say, verbose_option
from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import (
    ConfigurationError,
    KeyRejectedError,
    ServiceError,
    ServiceUnusableError,
)
from mkdocs_alttext.models import Picture, Request
from mkdocs_alttext.services.credentials import FILE_SUFFIX, BearerAuth, endpoint, read_key
from mkdocs_alttext.services.registry import key_variable_of, service_kind
from mkdocs_alttext.site.service import LACKS_ADDRESS, service_settings
from mkdocs_alttext.system.environment import UserSettings
from mkdocs_alttext.system.printable import counted, plain, visible

if TYPE_CHECKING:
    from mkdocs_alttext.services.base import AccountStatus, CaptionService


class KeyProblemError(click.ClickException):
    """The key is missing, or the service does not take it."""

    exit_code = 1


@click.command("account")
@click.option(
    "-f",
    "--config-file",
    type=click.Path(exists=True, dir_okay=False),
    help="The site's configuration; by default mkdocs.yml, else mkdocs.yaml, else the plugin's "
    "defaults.",
)
@click.option(
    "--try",
    "tries",
    is_flag=True,
    help="Ask for the text of a small test picture, too, and print what it cost.",
)
@verbose_option
def command(config_file: str | None, *, tries: bool) -> None:
    """Check the key, and print the credits that are left. This costs nothing without --try.

    Exit status: 0 when the service takes the key, 1 when it is missing or wrong, 2 when that cannot
    be told.
    """
    config = _config(config_file)
    try:
        kind = service_kind(config.service)
        variable = key_variable_of(config.service, kind, config.api_key_env)
        user = UserSettings.of(os.environ)
        key = _key(variable, is_needed=kind.needs_key) if variable else None
        found = endpoint(
            kind, config.base_url, user, has_key=key is not None, environment=os.environ
        )
        if found.refusal:
            raise CommandError(found.refusal)
        if found.base_url is None and kind.needs_base_url:
            raise CommandError(f"The service {config.service} has no address: {LACKS_ADDRESS}.")
        settings = service_settings(kind, config, found=found, key=key, environment=os.environ)
        # What has no key, or whose key is for another host, has none to check.
        variable = variable if settings.api_key else None
        service = kind.build(settings)
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
    try:
        status = _checked(service, variable)
        tried = _tried(service) if tries else ""
    except ServiceError as error:
        check = "Check base_url, or try" if found.base_url else "Try"
        if isinstance(error, ServiceUnusableError):
            raise CommandError(f"The service {config.service}: {error.detail}.") from None
        raise CommandError(
            f"The service {config.service} did not say ({error}). {check} again later."
        ) from None
    finally:
        service.close()
    if variable and status.valid is None:
        raise CommandError(
            f"The service {config.service} has no way to check the key in "
            f"{_variable_in_use(variable)}: a build will tell whether it works."
        )
    say(_said(config.service, variable, status))
    if tried:
        say(tried)


def _config(config_file: str | None) -> AltTextConfig:
    # A file that is there may name another host, which is the one that the key is meant for.
    if config_file is None and not any(map(os.path.lexists, CONFIG_FILES)):
        config = AltTextConfig(config_file_path=str(Path(CONFIG_FILES[0]).resolve()))
        config.load_dict({})
        config.validate()
        return config
    _, plugin = load_site(config_file, adds_plugin=True)
    return plugin.config


def _key(variable: str, *, is_needed: bool) -> str | None:
    """Return the key, or say which variable should hold it, and never what it holds."""
    name = _variable_in_use(variable)
    key = read_key(variable, os.environ)
    if key is None and not is_needed:
        return None
    if key is None:
        raise KeyProblemError(_missing(variable, name))
    try:
        BearerAuth(key)
    except ConfigurationError as error:
        raise KeyProblemError(f"{name}: {error}") from None
    return key


def _variable_in_use(variable: str) -> str:
    has_file = bool(os.environ.get(variable + FILE_SUFFIX, "").strip())
    return (
        variable + FILE_SUFFIX
        if has_file and not os.environ.get(variable, "").strip()
        else variable
    )


def _missing(variable: str, name: str) -> str:
    if name != variable:
        return f"The file that {name} names is empty. Put the key into it, alone and on one line."
    state = "is set, but empty" if variable in os.environ else "is not set"
    return (
        f"The environment variable {variable} {state}. Put the key of your account into it, or the "
        f"path of a file with the key into {variable}{FILE_SUFFIX}."
    )


def _checked(service: CaptionService, variable: str | None) -> AccountStatus:
    """Ask the service whether it takes the key, and for the credits that are left.

    Raises:
        KeyProblemError: The service does not take the key.
        ServiceError: It did not say.
    """
    try:
        status = service.verify()
        if status.valid and status.credits_remaining is None:
            status = status._replace(credits_remaining=service.credits_remaining())
    except KeyRejectedError as error:
        raise _rejected(variable, error.detail) from None
    if status.valid is False:
        raise _rejected(variable, "")
    return status


def _rejected(variable: str | None, detail: str) -> KeyProblemError:
    holder = f" in {_variable_in_use(variable)}" if variable else ""
    cause = f" ({detail})" if detail else ""
    return KeyProblemError(
        f"The service rejected the key{holder}{cause}. Check that it is active and belongs to this "
        "service."
    )


def _said(service: str, variable: str | None, status: AccountStatus) -> str:
    models = f" Models: {', '.join(status.models)}." if status.models else ""
    if status.model:
        models = f" {_about_model(status.model, status)}{models}"
    if variable is None:
        return f"The service {service} needs no key and takes no credits.{models}"
    count = status.credits_remaining
    left = "" if count is None else f" {counted(count, 'credit')} left."
    return f"The service {service} takes the key in {_variable_in_use(variable)}.{left}{models}"


def _about_model(model: str, status: AccountStatus) -> str:
    """Say whether the chosen model is there and sees pictures, as far as the service tells."""
    name = visible(model)
    if status.models and model not in status.models and status.sees_pictures is None:
        return f"It lists no model {name}."
    said = {True: "sees pictures", False: "sees no pictures: choose another", None: "is chosen"}
    return f"The model {name} {said[status.sees_pictures]}."


_TEST_SIDE = 64
"""Pixels."""


def _tried(service: CaptionService) -> str:
    """Ask for the text of a small picture, and say what came and what it cost.

    Raises:
        ServiceError: No text came.
    """
    picture = Picture(_red_square(), "image/png", _TEST_SIDE, _TEST_SIDE)
    language = service.language_code("en") or "en"
    answer = service.describe(Request(picture, language))
    usage = answer.usage
    cost = [
        counted(service.credits_per_image, "credit") if service.credits_per_image else "",
        "" if usage.input_tokens is None else f"{usage.input_tokens} tokens in",
        "" if usage.output_tokens is None else f"{usage.output_tokens} tokens out",
        "" if usage.cost_usd is None else f"${usage.cost_usd:.4f}",
    ]
    spent = ", ".join(filter(None, cost)) or "nothing"
    return f"A red square of {_TEST_SIDE} pixels is {visible(plain(answer.text))!r}. Cost: {spent}."


def _red_square() -> bytes:
    """Write a PNG."""
    rows = (b"\0" + b"\xc8\x10\x10" * _TEST_SIDE) * _TEST_SIDE

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", _TEST_SIDE, _TEST_SIDE, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
