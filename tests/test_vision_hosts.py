"""Where vision models are asked, with which key, and what decides it."""

from __future__ import annotations

from typing import Any

import pytest

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.services.credentials import Endpoint, endpoint, extra_headers
from mkdocs_alttext.services.providers import ollama_address, token_field_at
from mkdocs_alttext.services.registry import BUILT_IN, MODEL_SERVICES, key_variable_of, service_kind
from mkdocs_alttext.services.wire_formats import TokenField
from mkdocs_alttext.system.environment import UserSettings

LAN = "http://nas.example:11434"
GOOGLE = "https://generativelanguage.googleapis.com"
PROXY = "https://proxy.example/v1"


def found(
    name: str, base_url: str | None = None, *, has_key: bool = True, **environment: str
) -> Endpoint:
    """Return where a service is asked."""
    user = UserSettings.of(environment)
    kind = service_kind(name)
    return endpoint(kind, base_url, user, has_key=has_key, environment=environment)


@pytest.mark.parametrize("name", MODEL_SERVICES)
def test_every_service_is_found_by_its_name(name: str) -> None:
    """A model takes what surrounds a picture, and tells with its first answer how it is asked."""
    kind = service_kind(name)
    assert kind.takes_context
    assert kind.takes_model
    assert kind.begins_alone


@pytest.mark.parametrize(
    ("name", "base_url", "key_variable", "needs_key"),
    [
        ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", True),
        ("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", True),
        ("gemini", f"{GOOGLE}/v1beta/openai", "GEMINI_API_KEY", True),
        ("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", True),
        ("ollama", "http://127.0.0.1:11434", "OLLAMA_API_KEY", False),
        ("lmstudio", "http://127.0.0.1:1234", None, False),
        ("vision", None, "ALTTEXT_API_KEY", False),
    ],
)  # fmt: skip
def test_addresses_and_variables(
    name: str, base_url: str | None, key_variable: str | None, *, needs_key: bool
) -> None:
    """As the vendors document them."""
    kind = service_kind(name)
    assert (kind.base_url, kind.key_variable) == (base_url, key_variable)
    assert kind.needs_key is needs_key


@pytest.mark.parametrize("name", MODEL_SERVICES)
def test_how_many_and_how_long(name: str) -> None:
    """8 and 60 of a vendor; on this machine 2 and 300."""
    kind = service_kind(name)
    assert kind.pace_at(is_local=False) == (8, 60)
    assert kind.pace_at(is_local=True) == (2, 300)
    assert service_kind("alttextai").pace_at(is_local=True) == (8, 60)
    assert service_kind("ocr").pace_at(is_local=False).concurrency == 1


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("nas.example", "http://nas.example:11434"),
        ("nas.example:8080", "http://nas.example:8080"),
        ("192.168.1.7", "http://192.168.1.7:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - nothing is bound
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080/", "http://127.0.0.1:8080"),
        ("127.0.0.1:11434/", "http://127.0.0.1:11434"),
        ("localhost", "http://localhost:11434"),
        ("http://nas.example", "http://nas.example:80"),
        ("http://nas.example:11434/", "http://nas.example:11434"),
        ("https://nas.example", "https://nas.example:443"),
        ("https://nas.example/ollama/", "https://nas.example:443/ollama"),
        ("https://nas.example:8443/v1", "https://nas.example:8443/v1"),
        ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("::", "http://[::1]:11434"),
        ("[fd00::7]:8080", "http://[fd00::7]:8080"),
        ("http://[fd00::7]", "http://[fd00::7]:80"),
        ("ollama.com", "https://ollama.com:443"),
        (" 'nas.example' ", "http://nas.example:11434"),
    ],
)
def test_ollama_host_in_all_its_forms(value: str, address: str) -> None:
    """As Ollama's own client reads it, but for what stands for every address of a machine."""
    assert ollama_address(value) == address


@pytest.mark.parametrize(
    "value",
    ["http://me:secret@nas.example", "nas.example:port", "me@nas.example", "ftp://x", "a b"],
)
def test_an_ollama_host_that_is_none_is_refused_without_repeating_it(value: str) -> None:
    """It may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        found("ollama", OLLAMA_HOST=value, ALTTEXT_ALLOWED_HOSTS="nas.example")
    assert "The environment variable OLLAMA_HOST" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "base_url", "environment", "address"),
    [
        ("openai", None, {}, None),
        ("openai", None, {"ALTTEXT_BASE_URL": "https://a.example"}, "https://a.example"),
        (
            "openai",
            None,
            {"ALTTEXT_BASE_URL": "https://a.example", "OPENAI_BASE_URL": "https://b.example"},
            "https://b.example",
        ),
        (
            "openai",
            "http://127.0.0.1:9/v1",
            {"ALTTEXT_BASE_URL": "https://a.example", "OPENAI_BASE_URL": "https://b.example"},
            "http://127.0.0.1:9/v1",
        ),
        ("openai", None, {"OPENAI_BASE_URL": "  "}, None),
        ("openai", None, {"OLLAMA_HOST": "127.0.0.1:9"}, None),
        ("anthropic", None, {"OPENAI_BASE_URL": "https://b.example"}, None),
        ("ollama", None, {"OLLAMA_HOST": "0.0.0.0:9"}, "http://127.0.0.1:9"),
        ("ollama", None, {"OPENAI_BASE_URL": "https://b.example"}, None),
        ("vision", None, {"ALTTEXT_BASE_URL": "https://a.example/v1"}, "https://a.example/v1"),
        ("vision", None, {}, None),
    ],
)
def test_the_option_comes_before_the_service_s_variable_before_everybody_s(
    name: str, base_url: str | None, environment: dict[str, Any], address: str | None
) -> None:
    """And a variable that is empty counts as none."""
    where = found(name, base_url, **environment)
    assert (where.base_url, where.refusal) == (address, "")


@pytest.mark.parametrize(
    ("name", "base_url", "environment", "refused"),
    [
        # what mkdocs.yml names
        ("openai", PROXY, {}, "proxy.example"),
        ("openai", "https://api.openai.com/v1", {}, ""),
        ("openai", "https://api.openai.com.proxy.example/v1", {}, "api.openai.com.proxy.example"),
        ("openai", PROXY, {"ALTTEXT_ALLOWED_HOSTS": "proxy.example"}, ""),
        ("openai", PROXY, {"ALTTEXT_ALLOWED_HOSTS": "proxy.example:8443"}, "proxy.example"),
        ("openai", PROXY, {"OPENAI_BASE_URL": PROXY}, ""),
        ("openai", PROXY + "/x", {"OPENAI_BASE_URL": PROXY}, "proxy.example"),
        ("openai", PROXY, {"OLLAMA_HOST": PROXY}, "proxy.example"),
        ("vision", "https://api.openai.com/v1", {}, "api.openai.com"),
        ("vision", "http://localhost:8000/v1", {}, ""),
        # what the environment names, which is the user's own word where it is encrypted
        ("openai", None, {"OPENAI_BASE_URL": PROXY}, ""),
        ("ollama", None, {"OLLAMA_HOST": "https://nas.example"}, ""),
        ("ollama", None, {"OLLAMA_HOST": "nas.example"}, "nas.example:11434"),
        (
            "ollama",
            None,
            {"OLLAMA_HOST": "nas.example", "ALTTEXT_ALLOWED_HOSTS": "nas.example"},
            "",
        ),
        (
            "ollama",
            None,
            {"OLLAMA_HOST": "nas.example", "ALTTEXT_ALLOWED_HOSTS": "nas.example:11434"},
            "",
        ),
        (
            "ollama",
            None,
            {"OLLAMA_HOST": "nas.example:9", "ALTTEXT_ALLOWED_HOSTS": "nas.example:11434"},
            "nas.example:9",
        ),
        ("lmstudio", LAN, {}, "nas.example:11434"),
        ("lmstudio", LAN, {"ALTTEXT_ALLOWED_HOSTS": "nas.example"}, ""),
    ],
)
def test_who_is_asked(
    name: str, base_url: str | None, environment: dict[str, Any], refused: str
) -> None:
    """Only hosts that the user named get pictures."""
    where = found(name, base_url, has_key=name == "openai", **environment)
    assert where.host == refused
    if refused:
        assert "ALTTEXT_ALLOWED_HOSTS" in where.refusal


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("openai", {"base_url": LAN}),
        ("openai", {"base_url": LAN, "ALTTEXT_ALLOWED_HOSTS": "nas.example"}),
        ("openai", {"OPENAI_BASE_URL": LAN}),
        ("vision", {"base_url": LAN, "ALTTEXT_ALLOWED_HOSTS": "nas.example"}),
    ],
)
def test_a_key_goes_nowhere_without_encryption(name: str, options: dict[str, Any]) -> None:
    """Not even to a host that is allowed."""
    with pytest.raises(ConfigurationError, match="unencrypted"):
        found(name, **options)


@pytest.mark.parametrize(
    ("options", "sends_key"),
    [
        ({}, False),
        ({"base_url": "http://127.0.0.1:11434/v1"}, False),
        ({"OLLAMA_HOST": "nas.example", "ALTTEXT_ALLOWED_HOSTS": "nas.example"}, False),
        ({"OLLAMA_HOST": "https://nas.example"}, False),
        ({"base_url": "https://ollama.com/v1"}, True),
        ({"OLLAMA_HOST": "ollama.com"}, True),
    ],
)
def test_ollama_s_key_is_for_ollama_com(options: dict[str, Any], *, sends_key: bool) -> None:
    """Whatever else is asked under this name does not get it."""
    where = found("ollama", **options)
    assert (where.sends_key, where.refusal) == (sends_key, "")


def test_ollama_com_is_asked_only_by_who_has_a_key_for_it() -> None:
    """`mkdocs.yml` alone does not send pictures there."""
    assert found("ollama", "https://ollama.com/v1", has_key=False).host == "ollama.com"


@pytest.mark.parametrize(
    ("name", "options", "is_local"),
    [
        ("ollama", {}, True),
        ("lmstudio", {}, True),
        ("openai", {}, False),
        ("openai", {"base_url": "http://127.0.0.1:4000/v1"}, True),
        ("vision", {"base_url": "http://[::1]:8000/v1"}, True),
        ("vision", {"ALTTEXT_BASE_URL": PROXY}, False),
        ("ollama", {"OLLAMA_HOST": "https://nas.example"}, False),
    ],
)
def test_what_is_on_this_machine(name: str, options: dict[str, Any], *, is_local: bool) -> None:
    """It decides the price, the pace and what is said when nobody answers."""
    assert found(name, **options).is_local is is_local


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("https://api.openai.com/v1", TokenField.COMPLETION),
        ("https://api.openai.com:443/v1", TokenField.COMPLETION),
        (PROXY, TokenField.PLAIN),
        ("http://127.0.0.1:11434", TokenField.PLAIN),
        ("https://openrouter.ai/api/v1", TokenField.PLAIN),
        (None, TokenField.PLAIN),
    ],
)
def test_rule_2_the_field_for_the_limit_of_tokens(address: str | None, field: TokenField) -> None:
    """By the host, whatever the service's name."""
    assert token_field_at(address) is field


def test_openai_s_headers_come_from_the_environment() -> None:
    """What no header can hold is left out."""
    kind = service_kind("openai")
    assert extra_headers(kind, {"OPENAI_ORG_ID": " org-1 ", "OPENAI_PROJECT_ID": "a\nb"}) == (
        ("OpenAI-Organization", "org-1"),
    )
    assert extra_headers(service_kind("gemini"), {"OPENAI_ORG_ID": "org-1"}) == ()


@pytest.mark.parametrize(
    ("name", "chosen", "variable"),
    [
        ("openai", None, "OPENAI_API_KEY"),
        ("openai", "OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("openai", "DOCS_API_KEY", "DOCS_API_KEY"),
        ("lmstudio", None, None),
        ("lmstudio", "DOCS_API_KEY", "DOCS_API_KEY"),
        ("alttextai", None, "ALTTEXTAI_API_KEY"),
        ("vision", None, "ALTTEXT_API_KEY"),
    ],
)
def test_the_variable_of_a_key(name: str, chosen: str | None, variable: str | None) -> None:
    """The service's own, or one that is no other service's."""
    assert key_variable_of(name, service_kind(name), chosen) == variable


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_variable_of_each_service_is_its_own(name: str) -> None:
    """No other service is sent what it holds."""
    other = "gemini" if name == "openai" else "openai"
    if variable := service_kind(name).key_variable:
        with pytest.raises(ConfigurationError, match=f"holds the key of the service {name}"):
            key_variable_of(other, service_kind(other), variable)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("openrouter", "OPENAI_API_KEY"),
        ("alttextai", "OPENAI_API_KEY"),
        ("openai", "ALTTEXTAI_API_KEY"),
        ("vision", "ANTHROPIC_API_KEY"),
        ("lmstudio", "GEMINI_API_KEY"),
        ("openai", "OLLAMA_API_KEY"),
        ("gemini", "ALTTEXT_API_KEY"),
    ],
)
def test_a_key_of_another_service_is_not_sent(name: str, chosen: str) -> None:
    """Whoever can change `mkdocs.yml` chooses both."""
    with pytest.raises(ConfigurationError, match=f"names {chosen}, which holds the key of"):
        key_variable_of(name, service_kind(name), chosen)


@pytest.mark.parametrize("name", MODEL_SERVICES)
def test_every_variable_of_a_key_has_its_service(name: str) -> None:
    """None is left out of what is checked."""
    if variable := service_kind(name).key_variable:
        with pytest.raises(ConfigurationError):
            key_variable_of("ocr", service_kind("ocr"), variable)
