"""`mkdocs-alttext account`: whether the key works, the credits that are left, and the models.

Messages name the key's variable and never show the key.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from mkdocs_alttext.cli.building import load_site
from mkdocs_alttext.cli.output import CommandError, say
from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import KeyRejectedError, ServiceError, UnusableKeyError
from mkdocs_alttext.services.credentials import FILE_SUFFIX, BearerAuth, read_key
from mkdocs_alttext.services.registry import service_kind
from mkdocs_alttext.site.service import choose_service
from mkdocs_alttext.system.environment import UserSettings
from mkdocs_alttext.system.printable import counted

_CONFIG_FILES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
"""What MkDocs or ProperDocs finds in the current folder."""


class KeyProblemError(CommandError):
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
def command(config_file: str | None) -> None:
    """Check the key, and print the credits that are left. This costs nothing.

    Exit status: 0 when the service takes the key, 1 when it is missing or wrong, 2 when that cannot
    be told.
    """
    options = _options(config_file)
    variable = options.api_key_env or service_kind(options.service).key_variable
    holder = _key_holder(variable) if variable else None
    options.generate = "always"  # otherwise, no key is read
    chosen = choose_service(options, is_serving=False)
    if chosen.refusal:
        raise CommandError(chosen.complaint or chosen.refusal.detail)
    in_holder = f" in {holder}" if holder else ""
    try:
        status = chosen.service.verify()
        if status.valid is False:
            raise KeyRejectedError  # noqa: TRY301 - a service may say so in either way
        if status.valid and status.credits_remaining is None:
            status = status._replace(credits_remaining=chosen.service.credits_remaining())
    except KeyRejectedError as error:
        cause = f" ({error.detail})" if error.detail else ""
        raise KeyProblemError(
            f"The service rejected the key{in_holder}{cause}. Check that it is active and belongs "
            "to this service."
        ) from None
    except ServiceError as error:
        check = (
            "Check base_url, or try"
            if options.base_url or UserSettings.of(os.environ).base_url
            else "Try"
        )
        raise CommandError(
            f"The service {options.service} did not say ({error}). {check} again later."
        ) from None
    finally:
        chosen.service.close()
    if holder and status.valid is None:
        raise CommandError(
            f"The service {options.service} has no way to check the key{in_holder}: a build will "
            "tell whether it works."
        )
    said = f"takes the key{in_holder}." if holder else "needs no key and takes no credits."
    if holder and status.credits_remaining is not None:
        said += f" {counted(status.credits_remaining, 'credit')} left."
    if status.models:
        said += f" Models: {', '.join(status.models)}."
    say(f"The service {options.service} {said}")


def _options(config_file: str | None) -> AltTextConfig:
    # A file that is there may name another host, which is the one that the key is meant for.
    if config_file or any(map(os.path.lexists, _CONFIG_FILES)):
        return load_site(config_file, adds_plugin=True).options
    options = AltTextConfig(config_file_path=str(Path(_CONFIG_FILES[0]).resolve()))
    options.load_dict({})
    options.validate()
    return options


def _key_holder(variable: str) -> str:
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
