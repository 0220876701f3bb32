"""The services that the stress table meets: how each is configured, served and made to speak."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

# isort: split - stress_site tells where they live
from api_server import ApiServer, faults
from vision_server import (
    ANTHROPIC,
    MODEL,
    OPENAI,
    VisionServer,
    charged,
    completion,
    message,
    structured,
)

from bench.stress_builds import KEY
from bench.stress_site import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api_server import Fault


class Party(NamedTuple):
    """One service."""

    name: str
    """The value of the option `service`, and the service's name in the cache."""
    key_variable: str
    serve: Callable[[int], ApiServer]
    """Makes its stand-in with so many credits."""
    says: Callable[[str], Fault]
    """Makes an answer with this text, which is charged."""
    language: str = LANGUAGE
    """What the stand-in calls the language of the texts."""
    options: Mapping[str, object] = MappingProxyType({})
    """What the plugin needs to be told beside its name."""


def _openai_says(text: str) -> Fault:
    return charged(completion(json.dumps(structured(text))))


def _anthropic_says(text: str) -> Fault:
    return charged(message(structured(text)))


ALTTEXTAI = Party(
    "alttextai",
    "ALTTEXTAI_API_KEY",
    lambda credits_left: ApiServer(api_key=KEY, credits_left=credits_left),
    faults.text,
)
OPENAI_PARTY = Party(
    "openai",
    "OPENAI_API_KEY",
    lambda credits_left: VisionServer(OPENAI, key=KEY, credits_left=credits_left),
    _openai_says,
    "English",
    {"model": MODEL},
)
ANTHROPIC_PARTY = Party(
    "anthropic",
    "ANTHROPIC_API_KEY",
    lambda credits_left: VisionServer(ANTHROPIC, key=KEY, credits_left=credits_left),
    _anthropic_says,
    "English",
    {"model": MODEL},
)
PARTIES = {party.name: party for party in (ALTTEXTAI, OPENAI_PARTY, ANTHROPIC_PARTY)}
"""By the name that `--service` takes."""
