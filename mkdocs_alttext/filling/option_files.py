"""The options of a site that MkDocs does not build, from the first file that has some.

That is the file named by `-f`, else `alttext.toml`, else the table `[tool.mkdocs-alttext]` of
`pyproject.toml`, both in the current folder. A `mkdocs.yml` is read without MkDocs: what it says to
other programs is neither understood nor run.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from mkdocs_alttext.exceptions import ConfigurationError, OptionError
from mkdocs_alttext.options import OPTIONS, Options, no_such_option
from mkdocs_alttext.system.files import absolute, project_root, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOML = "alttext.toml"
_PYPROJECT = "pyproject.toml"
_TABLE = "mkdocs-alttext"
_PLUGIN = "alttext"
_MOST_BYTES = 4 * 1024 * 1024
_MOST_PARENTS = 10
_MOST_GROUPS = 100
_MOST_NODES = 200_000
"""Values in a `mkdocs.yml`, those that aliases repeat counted each time."""
_SITE_URL = re.compile(r"(?:https?://[^/?#\s@]+)?(?:/[^?#\s]*)?", re.IGNORECASE)
EXPECTED_URL = "Expected an address, such as https://example.org/docs/."
"""What is said of a value that is not `is_site_url`."""


class SiteOptions(NamedTuple):
    """What a user says of a site that is filled in its folder."""

    options: Options
    site_url: str
    """Where the site is published, or nothing."""
    file: Path | None
    """The file that says so, if one does."""
    root: Path
    """The project's folder."""


def read_options(config_file: str | None, flags: Mapping[str, object]) -> SiteOptions:
    """Read the options.

    Args:
        config_file: The file named on the command line, if one is.
        flags: What the command line says, by the names of options; `None` for nothing.

    Raises:
        ConfigurationError: A file cannot be read, or an option cannot be used.
    """
    file, written = _found(config_file)
    is_for_mkdocs = file is not None and file.suffix != ".toml"
    folder = file.parent if file else Path.cwd()
    site_url = written.pop("site_url", None) or ""
    if not is_site_url(site_url):
        raise _error(file, "site_url", EXPECTED_URL)
    values: dict[str, Any] = {}
    said = {name: value for name, value in flags.items() if value is not None}
    for name in written:
        if name not in OPTIONS:
            raise _error(file, name, no_such_option(name))
        if name == "enabled" and not is_for_mkdocs:
            called = "The command is enabled by being called. Remove the option."
            raise _error(file, name, f"This means nothing here. {called}")
    if written.get("empty_alt") == "markdown" and not is_for_mkdocs:
        raise _error(
            file,
            "empty_alt",
            "`markdown` means nothing here, as no mark tells which empty alt an author wrote. "
            "Write keep or fill.",
        )
    if written.get("empty_alt", "markdown") == "markdown":
        written["empty_alt"] = "keep"
    for name, option in OPTIONS.items():
        is_flag = name in said
        value = said[name] if is_flag else written.get(name, option.default)
        try:
            values[name] = option.read(value, "" if is_flag else str(folder))
        except OptionError as error:
            raise _error(None if is_flag else file, name, str(error)) from None
    return SiteOptions(Options(values), site_url, file, project_root(file))


def is_site_url(value: object) -> bool:
    """Tell whether a value can say where a site is published: an address, or its path alone."""
    if not isinstance(value, str) or not _SITE_URL.fullmatch(value):
        return False
    try:
        urlsplit(value).port  # noqa: B018 - which is checked when it is read
    except ValueError:
        return False
    return True


def _error(file: Path | None, name: object, why: str) -> ConfigurationError:
    place = f"{os.path.relpath(file)}: " if file else ""
    return ConfigurationError(f"{place}option {str(name)!r}: {why}")


def _found(config_file: str | None) -> tuple[Path | None, dict[str, Any]]:
    """Return the first file with options, and what it says."""
    if config_file:
        file = absolute(config_file)
        if file.suffix != ".toml":
            return file, _from_mkdocs(file)
        return file, _table(file) if file.name == _PYPROJECT else _toml(file)
    if os.path.lexists(_TOML):
        return absolute(_TOML), _toml(absolute(_TOML))
    if os.path.lexists(_PYPROJECT) and (table := _table(absolute(_PYPROJECT))):
        return absolute(_PYPROJECT), table
    return None, {}


def _table(file: Path) -> dict[str, Any]:
    tools = _toml(file).get("tool")
    table = tools.get(_TABLE, {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError(f"{os.path.relpath(file)}: [tool.{_TABLE}] is no table.")
    return table


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(file))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{os.path.relpath(file)} is not TOML ({error}).") from None


def _text(file: Path) -> str:
    try:
        return read_regular(file, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(
            f"{os.path.relpath(file)} cannot be read ({error.strerror})."
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{os.path.relpath(file)} is not UTF-8.") from None


class _Loader(yaml.SafeLoader):
    """Reads what MkDocs reads; tags of other programs stand for nothing, and nothing is run."""


def _environment(loader: yaml.SafeLoader, node: yaml.Node) -> object:
    """Return the first variable of `!ENV` that is set, else the default behind them."""
    if isinstance(node, yaml.ScalarNode):
        names, default = [node.value], None
    elif isinstance(node, yaml.SequenceNode):
        *names, default = loader.construct_sequence(node) or [None]
        names = names or [default]
    else:
        return None
    found = next((os.environ[name] for name in names if name in os.environ), None)
    if found is None:
        return default
    # As pyyaml_env_tag does, so that `true` and `3` are what they look like.
    tag = loader.resolve(yaml.ScalarNode, found, (True, False))  # type: ignore[no-untyped-call]
    return loader.construct_object(yaml.ScalarNode(tag, found))


_Loader.add_constructor("!ENV", _environment)
_Loader.add_multi_constructor("", lambda *_: None)


def _from_mkdocs(file: Path) -> dict[str, Any]:
    """Return what a `mkdocs.yml` says to the plugin, and its `site_url`.

    Raises:
        ConfigurationError: It cannot be read.
    """
    content = _inherited(file)
    found = next(_plugin_options(content.get("plugins"), [_MOST_GROUPS]), {})
    return {"site_url": content.get("site_url"), **found}


def _inherited(file: Path) -> dict[str, Any]:
    """Return a configuration, over those that it inherits from."""
    contents: list[dict[str, Any]] = []
    while True:
        try:
            content = _loaded(_text(file))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            place = getattr(error, "problem_mark", None)
            line = f", line {place.line + 1}" if place else ""
            what = getattr(error, "problem", None) or type(error).__name__
            name = os.path.relpath(file)
            raise ConfigurationError(f"{name}{line}: it is not YAML ({what}).") from None
        if not isinstance(content, dict):
            raise ConfigurationError(f"{os.path.relpath(file)} holds no options.")
        contents.append(content)
        parent = content.get("INHERIT")
        if not isinstance(parent, str) or len(contents) > _MOST_PARENTS:
            break
        file = file.parent / parent
    merged: dict[str, Any] = {}
    for content in reversed(contents):
        merged = _over(merged, content)
    return merged


def _loaded(text: str) -> object:
    """Return what YAML says; aliases must not make more of it than can be worked on.

    Raises:
        yaml.YAMLError: It is no YAML, or aliases make too much of it.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _count(node, {}) > _MOST_NODES:
            raise yaml.MarkedYAMLError(problem="its aliases repeat too much")
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _count(node: yaml.Node, known: dict[yaml.Node, float]) -> float:
    """Return how many values a node has; endless where it is inside of itself."""
    if node not in known:
        known[node] = math.inf
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        parts = node.value if isinstance(node, yaml.SequenceNode) else chain.from_iterable(pairs)
        known[node] = 1 + sum(_count(part, known) for part in parts)
    return known[node]


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return two mappings as one, as MkDocs does: mappings are merged, and all else replaced."""
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _over(old, value)  # noqa: PLW2901 - the same one, over that below
        merged[name] = value
    return merged


def _plugin_options(plugins: object, left: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the plugin's options, once for each time that it is listed, in groups too."""
    members = plugins if isinstance(plugins, list) else [plugins]
    for member in members:
        pairs = member.items() if isinstance(member, dict) else [(member, {})]
        for name, options in pairs:
            if name == _PLUGIN:
                yield dict(options) if isinstance(options, Mapping) else {}
            elif "group" in str(name) and isinstance(options, Mapping) and left[0]:
                left[0] -= 1
                yield from _plugin_options(options.get("plugins"), left)
