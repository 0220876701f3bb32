"""The models that a server lists, and whether each sees pictures, where the server says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_MODELS = 2000
_LONGEST_NAME = 200
_EYES = frozenset({"vision", "multimodal", "image", "image_input"})
"""What servers call it among a model's capabilities (Ollama, llama.cpp, Anthropic)."""


def models_in(body: object) -> dict[str, bool | None]:
    """Return the models of a `GET /models`, and whether each sees pictures, where that is said.

    Args:
        body: The parsed JSON. `data` lists them, and llama.cpp says in `models` what each can do.
    """
    found: dict[str, bool | None] = {}
    if isinstance(body, dict):
        for each in [*_objects(body.get("data")), *_objects(body.get("models"))]:
            name = _name(each)
            if name and found.get(name) is None:
                found[name] = _sees_pictures(each)
    return found


def seeing(listed: Mapping[str, bool | None]) -> list[str]:
    """Return the names of the models that may see pictures."""
    return [name for name, sees_pictures in listed.items() if sees_pictures is not False]


def shown_model(body: object) -> bool | None:
    """Tell whether a model sees pictures, as Ollama's `/api/show` has it.

    Args:
        body: The parsed JSON.
    """
    return _sees_pictures(body) if isinstance(body, dict) else None


_DATE = r"-(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4})"
"""What vendors put behind the name of a model in an answer: which issue of it wrote that."""


def is_model(recorded: str | None, name: str) -> bool:
    """Tell whether a text's model is the one that a name means.

    Args:
        recorded: As its service told.
        name: The same, or without the date that vendors add.
    """
    return (
        recorded is not None
        and re.fullmatch(f"{re.escape(name)}(?:{_DATE})?", recorded) is not None
    )


def _objects(value: object) -> list[Mapping[str, object]]:
    listed = value[:_MOST_MODELS] if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _name(entry: Mapping[str, object]) -> str:
    name = entry.get("id") or entry.get("model") or entry.get("name")
    return name if isinstance(name, str) and len(name) <= _LONGEST_NAME else ""


def _sees_pictures(entry: Mapping[str, object]) -> bool | None:
    """Read what an entry says of its model, in the ways that servers have for it."""
    architecture = entry.get("architecture")  # OpenRouter
    if isinstance(architecture, dict):
        taken = architecture.get("input_modalities")
        if isinstance(taken, list):
            return "image" in taken
    if entry.get("type") in {"vlm", "llm", "embeddings"}:  # LM Studio
        return entry["type"] == "vlm"
    can = entry.get("capabilities")
    if isinstance(can, list):
        return not _EYES.isdisjoint(each for each in can if isinstance(each, str))
    if isinstance(can, dict):
        said = [can[name] for name in _EYES if name in can]
        values = [each.get("supported") if isinstance(each, dict) else each for each in said]
        return True in values if values else None
    return None
