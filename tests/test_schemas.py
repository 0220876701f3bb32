"""The JSON schemas that editors read allow what is read, and refuse what they can tell."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.utils.yaml import yaml_load
from referencing import Registry, Resource

from mkdocs_alttext.catalog.editing import CatalogText
from mkdocs_alttext.catalog.entries import Entry, Status
from mkdocs_alttext.catalog.reading import KEYS, parse_catalog
from mkdocs_alttext.config import AltTextConfig
from mkdocs_alttext.exceptions import CatalogError
from mkdocs_alttext.models import SUGGESTIONS, Reason
from mkdocs_alttext.options import OPTIONS
from tools.options_table import ROOT
from tools.schemas import FOLDER, SCHEMAS, written

DIGEST = "0c5530f102691a68ba1a8c320677ba077f4aa246becd8028787cda0d48091dc8"
OF_MATERIAL = [
    f"https://squidfunk.github.io/mkdocs-material/schema/{name}.json"
    for name in ("theme", "extensions")
]
BEYOND_SCHEMAS = re.compile(
    "There is no status for|There is no alt for|is there twice"  # keys that are compared
    "|is there already|no text to YAML|The value of .* is empty"
)
"""What the catalog's reader refuses and no schema can tell."""


class _Plain(yaml.SafeLoader):
    """Reads YAML as editors do: a key is a text, and so is a date."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


_Plain.yaml_implicit_resolvers = {
    first: [each for each in rules if not each[0].endswith(":timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def validator(name: str) -> Any:  # noqa: ANN401 - of jsonschema
    """Return what validates by one of the committed schemas."""
    return validator_of(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def validator_of(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - of jsonschema
    """Return what validates by a schema that may refer to the committed ones."""
    contents = {each: json.loads((FOLDER / each).read_text(encoding="utf-8")) for each in SCHEMAS}
    contents |= {each: {"$schema": schema["$schema"]} for each in OF_MATERIAL}
    resources = [(each, Resource.from_contents(content)) for each, content in contents.items()]
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema, registry=Registry().with_resources(resources))


def is_catalog(text: str) -> bool:
    """Tell whether the schema allows a catalog."""
    return bool(validator("alttext.schema.json").is_valid(yaml.load(text, _Plain)))  # noqa: S506


def is_options(options: object) -> bool:
    """Tell whether the schemas allow the plugin's options, in each place where these may stand."""
    plugins = [["search", {"alttext": options}], {"alttext": options}]
    verdicts = {validator("mkdocs.schema.json").is_valid({"plugins": each}) for each in plugins}
    verdicts.add(validator("plugin.schema.json").is_valid({"alttext": options}))
    (verdict,) = verdicts
    return bool(verdict)


def refusal(text: str) -> str | None:
    """Return why the reader refuses a catalog."""
    try:
        parse_catalog(text, "alttext.yml")
    except CatalogError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_those_of_the_code(name: str) -> None:
    """Run `python -m tools.schemas` after changing an option or the catalog's rules."""
    assert written(SCHEMAS[name]()) == (FOLDER / name).read_text(encoding="utf-8")


# The catalog


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "a.png:\n  status: decorative\n",
        "a.png:\n  status: draft # no text yet\n",
        'a.png:\n  alt: "Words"\n  status: reviewed\n',
        'a.png:\n  alt: { en: "Words", pt_BR: "Texto" }\n  status: { en: draft, pt-BR: draft }\n',
        'a.png:\n  alt: { no: "Ord" }\n  status: { no: reviewed }\n',
        'a.png:\n  status: reviewed\n  pages:\n    b.md: ""\n',
        f'a.png:\n  alt: "W"\n  status: draft\n  sha256: {DIGEST}\n  origin: 2024\n',
        'a.png:\n  alt: "W"\n  status: draft\n  refused: answer-too-long\n  long: "Words"\n',
        'a.png:\n  alt: "W"\n  status: draft\n  suggestion: { en: decorative }\n  context: "P"\n',
        '"2024":\n  status: draft\n',
    ],
)
def test_catalogs_that_are_read_are_allowed(text: str) -> None:
    """Each key, with one value and with one for each language."""
    assert refusal(text) is None
    assert is_catalog(text)


@pytest.mark.parametrize(
    "text",
    [
        "- a.png\n",
        "a.png: Words\n",
        "a.png:\n",
        'a.png:\n  alt: "Words"\n',
        "a.png:\n  status: approved\n",
        "a.png:\n  status: reviewed\n",
        "a.png:\n  status: reviewed\n  pages: {}\n",
        "a.png:\n  status: { en: reviewed }\n",
        'a.png:\n  alt: "Words"\n  status: { en: reviewed }\n',
        "a.png:\n  status: {}\n",
        "a.png:\n  status: draft\n  alt: 12\n",
        "a.png:\n  status: draft\n  alt: yes\n",
        "a.png:\n  status: draft\n  alt: ''\n",
        'a.png:\n  status: draft\n  alt: { english: "W", "e": "W" }\n',
        "a.png:\n  status: draft\n  sha256: 12ab\n",
        "a.png:\n  status: draft\n  origin: [me]\n",
        "a.png:\n  status: draft\n  refused: too-long\n",
        "a.png:\n  status: draft\n  suggestion: remove\n",
        "a.png:\n  status: draft\n  pages: [b.md]\n",
        "a.png:\n  status: draft\n  pages: { b.md: 1 }\n",
        "a.png:\n  status: draft\n  tilte: Words\n",
    ],
)
def test_catalogs_that_are_refused_are_not_allowed(text: str) -> None:
    """An editor says so before a build does."""
    assert refusal(text)
    assert not is_catalog(text)


LANGUAGES = st.sampled_from(["en", "pt-BR", "pt_br", "no", "DE", " fr ", "english", "e", "", "x1"])
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6),
    st.sampled_from(["Words", "yes", "12", "~", "2024-01-01", " ", "\u200b"]),
    st.sampled_from([12, True, None]),
)
WORDS = st.sampled_from(
    [*(each.value for each in Status), *SUGGESTIONS, Reason.ANSWER_TOO_LONG.value, "approved"]
)


def by_language(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a value, or one for each of some languages."""
    return st.one_of(values, st.dictionaries(LANGUAGES, values, max_size=3))


ENTRIES = st.fixed_dictionaries(
    {"status": by_language(WORDS)},
    optional={
        "alt": by_language(TEXTS),
        "sha256": st.sampled_from([DIGEST, DIGEST[1:], 12]),
        "origin": st.one_of(TEXTS, st.just([])),
        "context": by_language(TEXTS),
        "refused": by_language(WORDS),
        "suggestion": by_language(WORDS),
        "long": by_language(TEXTS),
        "pages": st.one_of(st.dictionaries(st.sampled_from(["a.md", "b"]), TEXTS), TEXTS),
        "other": TEXTS,
    },
)


@given(st.dictionaries(st.sampled_from(["a.png", "b.png"]), ENTRIES, min_size=1))
def test_the_schema_and_the_reader_agree(entries: dict[str, Any]) -> None:
    """But for what only the reader can tell."""
    text = yaml.safe_dump(entries, allow_unicode=True)
    why = refusal(text)
    if why is None:
        assert is_catalog(text)
    elif not BEYOND_SCHEMAS.search(why):
        assert not is_catalog(text), why


def test_each_key_of_the_catalog_is_drawn() -> None:
    """A key that comes is compared, too."""
    schema = validator("alttext.schema.json").schema["additionalProperties"]
    assert [*schema["properties"]] == [*KEYS]
    assert all("description" in each for each in schema["properties"].values())


def test_the_comment_for_editors_stays_on_top() -> None:
    """A new entry that comes first is written behind it."""
    comment = "# yaml-language-server: $schema=schemas/alttext.schema.json\n\n"
    text = CatalogText(f"{comment}b.png:\n  status: draft\n", "alttext.yml")
    text.add(Entry("a.png", {"": Status.DRAFT}, sha256=DIGEST))
    assert text.edited("").startswith(f"{comment}a.png:\n")


def test_the_examples_for_editors_are_right() -> None:
    """The catalog is one, and a schema that brings in others is understood."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    (example,) = re.findall("```yaml\n(.+?)```", page, re.DOTALL)
    assert refusal(example) is None
    settings, own = map(json.loads, re.findall("```json\n(.+?)```", page, re.DOTALL))
    assert {"./schemas/mkdocs.schema.json", "./schemas/alttext.schema.json"} == {
        *settings["yaml.schemas"]
    }
    both = validator_of(own)
    assert both.is_valid({"theme": "material", "plugins": ["alttext"]})
    assert not both.is_valid({"plugins": [{"alttext": {"exclud": "a"}}]})


# The options


def is_accepted(options: dict[str, Any]) -> bool:
    """Tell whether the plugin takes options."""
    config = AltTextConfig(config_file_path=str(ROOT / "mkdocs.yml"))
    config.load_dict(options)
    return config.validate()[0] == []


def test_the_example_site_s_configuration_is_allowed() -> None:
    """As MkDocs reads it: what `!ENV` names is a value then."""
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        content = yaml_load(file)
    assert validator("mkdocs.schema.json").is_valid(content)
    content["plugins"][1]["alttext"]["publish"] = "everything"
    assert not validator("mkdocs.schema.json").is_valid(content)


def test_what_the_environment_holds_is_allowed_in_an_editor() -> None:
    """It sees a list of `!ENV [NAME, default]`; nobody is led to put a key there."""
    for name in OPTIONS:
        for value in (["NAME"], ["A", "B", False]):
            assert is_options({name: value}) == (name != "api_key")


@pytest.mark.parametrize("plugins", [["alttext"], ["search", {"alttext": None}], None, [], {}])
def test_the_plugin_needs_no_options(plugins: object) -> None:
    """And `mkdocs.yml` needs not list it."""
    assert validator("mkdocs.schema.json").is_valid({"site_name": "S", "plugins": plugins})


DEFAULTS: dict[str, Any] = {
    name: option.default for name, option in OPTIONS.items() if option.default is not None
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 1100),
    st.floats(-1, 700, allow_nan=False).filter(lambda each: not each.is_integer()),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8),
    st.lists(st.text("ab*/!", max_size=4), max_size=3),
    st.lists(st.integers(), min_size=1, max_size=2),
    st.sampled_from([*DEFAULTS.values(), *[DEFAULTS["skip_classes"].split()]]),
    st.sampled_from(["Yes", " off ", "maybe", "auto", "pt-BR", "german", "drafts", "never"]),
    st.sampled_from(["DOCS_API_KEY", "ALTTEXT_X", "ALTTEXT_CACHE_SECRET", "HOME", "sk-123"]),
    st.sampled_from(["gpt-4o-mini", "two words", "redis://127.0.0.1", "redis://x:y", "http://x"]),
)
BEYOND = {"cache_url", "exclude", "include", "instructions"}
"""Options of which the schemas allow more than the plugin takes."""


@pytest.mark.parametrize("name", OPTIONS)
@given(value=VALUES)
def test_the_schema_and_the_option_agree(name: str, value: Any) -> None:  # noqa: ANN401 - any
    """But for addresses, patterns that Git would not take, and lengths without white space."""
    accepted, allowed = is_accepted({name: value}), is_options({name: value})
    if accepted:
        assert allowed
    elif name not in BEYOND:
        assert not allowed


@pytest.mark.parametrize("name", ["exclud", "Enabled", "cache-dir"])
def test_an_unknown_option_is_not_allowed(name: str) -> None:
    """As the plugin makes it an error."""
    assert not is_accepted({name: True})
    assert not is_options({name: True})


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_of_the_code(name: str) -> None:
    """An editor offers them."""
    options = validator("plugin.schema.json").schema["definitions"]["options"]
    assert options["properties"][name]["default"] == DEFAULTS[name]
    assert is_options({name: DEFAULTS[name]})
