"""A `zensical.toml`, as far as it says the same as a `mkdocs.yml`, and what it says beyond.

Commands build such a site with MkDocs: its pages, by the Markdown extensions that Zensical takes
for them. What Zensical does beside that is its own, and is named: its plugins, its extensions, and
the templates of themes.
"""

from __future__ import annotations

import importlib
import tomllib
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.exceptions import ConfigurationError
from mkdocs_alttext.system.files import read_regular
from mkdocs_alttext.zensical.project import ALWAYS, EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SAME = (
    *("site_name", "site_url", "docs_dir", "site_dir", "nav"),
    *("exclude_docs", "draft_docs", "not_in_nav"),
)
"""Options that are MkDocs' own."""
_WITHOUT_IMAGES = {"search", "offline", "minify", "privacy", "redirects", "tags", "meta", "social"}
"""Plugins that a page's images do not depend on."""
_OWN = "zensical."
"""How the names of Zensical's own Markdown extensions begin."""
_NESTED = ("pymdownx", "pymdownx.blocks", "zensical", "zensical.extensions")
"""Names before a dot that may be tables, as the names in TOML need no quotes then."""
_ICONS = "zensical.extensions.emoji"
_USUAL: Mapping[str, Any] = {
    name: {}
    for name in (
        *"abbr admonition attr_list def_list footnotes md_in_html".split(),
        *"pymdownx.betterem pymdownx.caret pymdownx.details pymdownx.inlinehilite".split(),
        *"pymdownx.keys pymdownx.magiclink pymdownx.mark pymdownx.smartsymbols".split(),
        "pymdownx.tilde",
    )
} | {
    "toc": {"permalink": True},
    "pymdownx.arithmatex": {"generic": True},
    "pymdownx.emoji": {"emoji_generator": f"{_ICONS}.to_svg", "emoji_index": f"{_ICONS}.twemoji"},
    "pymdownx.highlight": {
        "anchor_linenums": True,
        "line_spans": "__span",
        "pygments_lang_class": True,
    },
    "pymdownx.superfences": {"custom_fences": [{"name": "mermaid", "class": "mermaid"}]},
    "pymdownx.tabbed": {"alternate_style": True, "combine_header_slug": True},
    "pymdownx.tasklist": {"custom_checkbox": True},
}
"""Those that it has where a site lists none, as `zensical/config.py` of 0.0.73 has them."""
_PACKAGES = ("markdown", "material", "pymdownx", "zensical")
"""Whose functions are taken: a file that a pull request can change is to run no other program."""
_FUNCTIONS = ("emoji_generator", "emoji_index", "format", "validator")
"""Options of Markdown extensions that are functions, which TOML names."""


def translated(path: Path) -> tuple[dict[str, Any], list[str]]:
    """Read a `zensical.toml`.

    Args:
        path: The file.

    Returns:
        The site in MkDocs' words, as `mkdocs.config.load_config` takes them, and what MkDocs does
        not do for it, in words.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        read = tomllib.loads(read_regular(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path} cannot be read ({error}).") from None
    project = read.get("project", read)
    theme = project.get("theme", {}) if isinstance(project, dict) else None
    theme = {} if isinstance(theme, str) else theme  # its name
    if not isinstance(theme, dict):
        raise ConfigurationError(f"{path}: project and theme are tables. Correct them.")
    extensions = _by_name(project.get("markdown_extensions", deepcopy(_USUAL)), path)
    options = extensions.pop(EXTENSION, None)
    plugins = [*_names(project.get("plugins", []))]
    left_out = [f"the plugin {name}" for name in plugins if name not in _WITHOUT_IMAGES]
    for name in [name for name in extensions if name.startswith(_OWN)]:
        del extensions[name]
        left_out.append(f"the Markdown extension {name}")
    for name, configs in extensions.items():
        left_out += [f"the function {each} of {name}" for each in _resolve(configs)]
    if custom_dir := theme.get("custom_dir"):
        left_out.append(f"the templates in {custom_dir}")
    settings = {name: project[name] for name in _SAME if name in project}
    settings |= {
        "theme": {"name": "mkdocs", "language": str(theme.get("language") or "en")},
        "plugins": [] if options is None else [{"alttext": options}],
        "markdown_extensions": [{name: configs} for name, configs in extensions.items()],
        # Zensical's addresses of raw HTML are those of the source, beside which the page is so.
        "use_directory_urls": False,
    }
    return settings, left_out


def _by_name(given: object, path: Path) -> dict[str, dict[str, Any]]:
    """Return Markdown extensions and their options as Zensical takes them."""
    *first, last = ALWAYS
    pairs: list[tuple[str, Any]] = [(name, {}) for name in first]
    if isinstance(given, dict):
        pairs += _flat(given, "")
    else:
        for each in given if isinstance(given, list) else [None]:
            if not isinstance(each, str | dict):
                raise ConfigurationError(
                    f"{path}: markdown_extensions is a table, or a list of names and tables."
                )
            pairs += [(each, {})] if isinstance(each, str) else each.items()
    found: dict[str, dict[str, Any]] = {}
    for name, configs in pairs:
        if not isinstance(configs, dict | None):
            raise ConfigurationError(f"{path}: the options of {name} are a table. Correct them.")
        found[name] = configs or {}
    found.setdefault(last, {})
    return found


def _flat(given: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        name = f"{before}{key}"
        if name in _NESTED and isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value


def _names(plugins: object) -> Iterator[str]:
    for each in plugins if isinstance(plugins, list | dict) else ():
        yield from map(str, each if isinstance(each, dict) else [each])


def _resolve(configs: dict[str, Any]) -> Iterator[str]:
    """Put objects in place of the names of functions.

    Yields:
        Names of others than the usual packages', and of what cannot be imported; they are taken
        out.
    """
    for key, value in list(configs.items()):
        is_call = isinstance(value, dict) and isinstance(value.get("object"), str)
        name = value["object"] if is_call else value
        if is_call or (key in _FUNCTIONS and isinstance(value, str)):
            module, _, attribute = name.rpartition(".")
            try:
                if module.partition(".")[0] not in _PACKAGES:
                    raise ImportError(name=module)  # noqa: TRY301 - as one that is not there
                found = getattr(importlib.import_module(module), attribute)
                configs[key] = found(**value.get("kwds", {})) if is_call else found
            except Exception:  # noqa: BLE001 - a module can raise anything
                del configs[key]
                yield name
        elif isinstance(value, dict):
            yield from _resolve(value)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from _resolve(each)
