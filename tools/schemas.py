"""JSON schemas of the catalog and of the options, for editors that complete and check YAML.

    python -m tools.schemas

writes them into `docs/schemas`. They are made from `mkdocs_alttext.options` and from the rules of
`mkdocs_alttext.catalog.reading`: what these read, the schemas allow. They refuse less, as no schema
knows what a pattern of `.gitignore` is, or compares the languages of two keys.

Source: JSON Schema, draft 7, which the YAML language server and Material for MkDocs' schema use.
"""

from __future__ import annotations

import json
import re
import sys
from functools import singledispatch
from typing import Any

from mkdocs_alttext.catalog.entries import Status
from mkdocs_alttext.catalog.reading import DIGEST, KEYS, LANGUAGE
from mkdocs_alttext.models import LANGUAGE_CODE, NO, SUGGESTIONS, YES, Reason
from mkdocs_alttext.option_kinds import (
    BoundedNumber,
    Choice,
    Instructions,
    KeyPrefix,
    LanguageCode,
    LocalServer,
    ModelName,
    Option,
    Optional,
    Removed,
    Text,
    TolerantBool,
    VariableName,
    Words,
)
from mkdocs_alttext.options import OPTIONS
from mkdocs_alttext.services.registry import BUILT_IN
from mkdocs_alttext.system.environment import NO_KEYS
from tools.options_table import ROOT, documented_options

Schema = dict[str, Any]

FOLDER = ROOT / "docs" / "schemas"
_DRAFT = "http://json-schema.org/draft-07/schema#"
_PLUGIN = "plugin.schema.json"
_TEXTS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def plugin_schema() -> Schema:
    """Return the schema of the plugin's item in `plugins`: its name, or its name with options."""
    source = (ROOT / "mkdocs_alttext" / "options.py").read_text(encoding="utf-8")
    meanings = {name: meaning for name, _, meaning in documented_options(source)}
    properties = {}
    for name, option in OPTIONS.items():
        schema = _schema_of(option)
        if name in meanings:
            schema = {"anyOf": [schema, {"$ref": "#/definitions/environment"}]}
            # Editors do not know what a link is relative to.
            schema["markdownDescription"] = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", meanings[name])
        if option.default is not None:
            schema["default"] = option.default
        if name == "service":
            schema["examples"] = list(BUILT_IN)
        properties[name] = schema
    options = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return {
        "$schema": _DRAFT,
        "title": "MkDocs plugin alttext",
        "anyOf": [
            {"const": "alttext"},
            {
                "type": "object",
                "properties": {"alttext": {"$ref": "#/definitions/options"}},
                "required": ["alttext"],
                "additionalProperties": False,
            },
        ],
        "definitions": {
            "options": options,
            "environment": {
                "description": "What `!ENV [NAME, default]` is to an editor.",
                "type": "array",
                "items": [{"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"}],
                "minItems": 1,
            },
        },
    }


def configuration_schema() -> Schema:
    """Return a schema of `mkdocs.yml` that knows this plugin and leaves all else open."""
    own, others = {"$ref": _PLUGIN}, {"type": "object", "not": {"required": ["alttext"]}}
    options = {"$ref": f"{_PLUGIN}#/definitions/options"}
    return {
        "$schema": _DRAFT,
        "title": "mkdocs.yml with the plugin alttext",
        "type": "object",
        "properties": {
            "plugins": {
                "anyOf": [
                    {"type": "array", "items": {"anyOf": [own, {"type": "string"}, others]}},
                    {"type": "object", "properties": {"alttext": options}},
                    {"type": "null"},
                ]
            }
        },
    }


@singledispatch
def _schema_of(option: Option[Any]) -> Schema:
    """Return which values an option takes.

    Raises:
        TypeError: Options of its class have no schema yet.
    """
    raise TypeError(f"{type(option).__name__} needs a schema here.")


@_schema_of.register(Optional)
def _(option: Optional[Any]) -> Schema:
    return {"anyOf": [_schema_of(option.option), {"type": "null"}]}


@_schema_of.register
def _(option: Text) -> Schema:
    del option
    return {"type": ["string", "null"]}


@_schema_of.register
def _(option: Choice) -> Schema:
    return {"enum": [*option.choices, None]}


@_schema_of.register
def _(option: Removed) -> Schema:
    return {"type": "null", "description": option.message, "deprecationMessage": option.message}


@_schema_of.register
def _(option: TolerantBool) -> Schema:
    del option
    words = "|".join(sorted(map(_in_any_case, YES | NO)))
    return {
        "anyOf": [
            {"type": "boolean"},
            {"enum": [0, 1, None]},
            {"type": "string", "pattern": rf"^\s*({words})?\s*$"},
        ]
    }


@_schema_of.register
def _(option: BoundedNumber) -> Schema:
    kind = "integer" if option.kind is int else "number"
    return {"type": kind, "minimum": option.least, "maximum": option.most}


@_schema_of.register
def _(option: VariableName) -> Schema:
    others = "|".join(NO_KEYS)
    return {
        "type": "string",
        "pattern": rf"^(?!{others})(?=ALTTEXT|[A-Z0-9_]*_API_KEY$){option.pattern}$",
    }


@_schema_of.register
def _(option: ModelName) -> Schema:
    return {"type": "string", "pattern": rf"^\s*{option.pattern}\s*$"}


@_schema_of.register
def _(option: KeyPrefix) -> Schema:
    return {"type": "string", "pattern": f"^{option.pattern}$"}


@_schema_of.register
def _(option: LanguageCode) -> Schema:
    del option
    return {"anyOf": [{"const": "auto"}, {"type": "string", "pattern": f"^{LANGUAGE_CODE}$"}]}


@_schema_of.register(Instructions)
@_schema_of.register(Words)
def _(option: Option[Any]) -> Schema:
    del option
    return {**_TEXTS}


@_schema_of.register
def _(option: LocalServer) -> Schema:
    del option
    return {"type": "string", "pattern": r"^$|^(rediss?|unix):"}


def catalog_schema() -> Schema:
    """Return the schema of `alttext.yml`."""
    # A text needs a character that can be seen; so much of that can be told here.
    text = {"type": "string", "pattern": r"\S"}
    word = {"enum": [status.value for status in Status]}
    values: dict[str, Schema] = {
        "alt": {
            "description": "The text, or one for each language.",
            **_by_language(text),
        },
        "status": {
            "description": "draft: generated; reviewed: you approved it; decorative: the image is "
            'decoration (alt=""). One word for all texts, or one for each language.',
            **_by_language(word),
        },
        "sha256": {
            "description": "Digest of the picture that the text is about. When the picture has "
            "changed, check the text and remove this.",
            "type": "string",
            "pattern": f"^{DIGEST}$",
        },
        "origin": {
            "description": "Who wrote the drafts, with a check of their texts.",
            "type": ["string", "number", "boolean", "null"],
        },
        "context": {
            "description": "The page that was sent with the picture.",
            **_by_language(text),
        },
        "refused": {
            "description": "Why the draft is not published: correct and approve it.",
            **_by_language({"enum": [reason.value for reason in Reason]}),
        },
        "suggestion": {
            "description": "What a model thinks of the picture; such a draft is not published.",
            **_by_language({"enum": sorted(SUGGESTIONS)}),
        },
        "long": {
            "description": "A longer description, which is kept and never published.",
            **_by_language(text),
        },
        "pages": {
            "description": "Texts for single pages, by the page's source; an empty one marks the "
            "image as decoration there.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
    }
    reviewed = {"const": Status.REVIEWED.value}
    has_pages = {"required": ["pages"], "properties": {"pages": {"minProperties": 1}}}
    entry = {
        "type": "object",
        "properties": {key: values[key] for key in KEYS},
        "required": ["status"],
        "additionalProperties": False,
        "allOf": [
            _where(reviewed, {"anyOf": [{"required": ["alt"]}, has_pages]}),
            _where({"type": "object"}, {"properties": {"alt": {"type": "object"}}}),
            _where(
                {"type": "object", "not": {"additionalProperties": {"not": reviewed}}},
                {"required": ["alt"]},
            ),
        ],
    }
    return {
        "$schema": _DRAFT,
        "title": "Catalog of alt texts (alttext.yml)",
        "description": "Entries by the path of the image in the built site.",
        "type": ["object", "null"],
        "additionalProperties": entry,
    }


def _where(status: Schema, then: Schema) -> Schema:
    """Return what an entry has to have, given its status."""
    return {"if": {"required": ["status"], "properties": {"status": status}}, "then": then}


def _by_language(value: Schema) -> Schema:
    """Return the schema of a value for all languages, or of one for each."""
    # As `language_tag` reads them.
    language = LANGUAGE.replace("a-z", "A-Za-z").replace(":-", ":[-_]")
    languages = {
        "type": "object",
        "patternProperties": {rf"^\s*{language}\s*$": value},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [value, languages]}


def _in_any_case(word: str) -> str:
    """Return an expression for a word; those of JSON Schema have no flags."""
    return "".join(f"[{each}{each.upper()}]" if each.isalpha() else each for each in word)


SCHEMAS = {
    "alttext.schema.json": catalog_schema,
    "mkdocs.schema.json": configuration_schema,
    _PLUGIN: plugin_schema,
}
"""By the name of the file, what makes each."""


def written(schema: Schema) -> str:
    """Return the text of a schema's file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main() -> int:
    """Write the schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in SCHEMAS.items():
        (FOLDER / name).write_text(written(make()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
