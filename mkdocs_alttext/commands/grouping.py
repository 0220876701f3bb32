"""The plugin inside a group of plugins, which Material for MkDocs has.

Owns taking its options out of the groups of a configuration. It must not know what they mean. A
group makes its plugins when a build begins, which is too late for a command that replaces some of
their options, or that builds nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.plugins import PluginCollection

_PARTS_OF_NAME = re.compile(r"[/ ]")
"""`material/group #2` is a group, too."""


def take_from_groups(plugins: PluginCollection, wanted: str) -> dict[str, Any] | None:
    """Take a plugin out of the groups, whether they are enabled or not.

    Args:
        plugins: Those of the configuration; none of their groups makes the plugin any more.
        wanted: Its name.

    Returns:
        Its options; `None` when no group holds it.
    """
    groups = (plugin.config for name, plugin in plugins.items() if _is_group(name))
    found = [options for group in groups for options in _taken(group.get("plugins"), wanted)]
    return found[0] if found else None


def _taken(members: object, wanted: str) -> list[dict[str, Any]]:
    """Return the options of each, after taking it out of a group's members, and theirs."""
    found: list[dict[str, Any]] = []
    # As MkDocs itself, a group takes a list of names and of mappings, or one mapping.
    lists = members if isinstance(members, list) else [members]
    for entry in [*lists]:
        if entry == wanted:
            lists.remove(entry)
            found.append({})
        elif isinstance(entry, dict):
            if wanted in entry:
                found.append(entry.pop(wanted) or {})
            for name, options in entry.items():
                if _is_group(name) and isinstance(options, dict):
                    found += _taken(options.get("plugins"), wanted)
            if not entry and lists is members:
                lists.remove(entry)
    return found


def _is_group(name: object) -> bool:
    return isinstance(name, str) and "group" in _PARTS_OF_NAME.split(name)
