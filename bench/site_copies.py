"""A copy of a MkDocs site whose configuration can be varied.

Owns copying the sources and writing variants of `mkdocs.yml` beside the original, with plugins
added and taken away. It must not know what is built or measured. The YAML is edited as a tree of
nodes and never constructed, so that `!ENV`, `!!python/name:` and every other tag stay as written.
"""

from __future__ import annotations

import re
import shutil
from argparse import ArgumentTypeError
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN = "alttext"
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".cache", ".hypothesis", ".*_cache", ".venv", "venv", "node_modules", "__pycache__"
)
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")
_MARKDOWN_ALT = re.compile(r"!\[[^\]\n]*\](?=[(\[])")
_MARKDOWN_SHORTCUT = re.compile(r"!\[([^\]\n]+)\](?![(\[:])")
_MARKDOWN_LABEL = re.compile(r"^ {0,3}\[([^\]\n]+)\]:", re.MULTILINE)
_HTML_ALT = re.compile(r"(<img\b[^>]*?)\s+alt=(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, slots=True)
class SiteSource:
    """Where a site's sources are."""

    name: str
    folder: Path
    config: str = "mkdocs.yml"
    """Path of the configuration below the folder."""

    @classmethod
    def parse(cls, text: str) -> SiteSource:
        """Read `NAME=FOLDER` or `NAME=FOLDER:CONFIG`.

        Raises:
            ArgumentTypeError: There is no such site.
        """
        name, _, place = text.partition("=")
        folder, _, config = place.partition(":")
        source = cls(name, Path(folder).resolve(), config or "mkdocs.yml")
        if not (name and folder and (source.folder / source.config).is_file()):
            raise ArgumentTypeError(f"expected NAME=FOLDER[:CONFIG] of a MkDocs site, not {text!r}")
        return source


@dataclass(frozen=True, slots=True)
class SiteCopy:
    """A copy that may be written to."""

    name: str
    folder: Path
    config: Path

    @classmethod
    def of(cls, source: SiteSource, folder: Path) -> SiteCopy:
        """Copy a site's sources, without version control and caches.

        Args:
            source: The site.
            folder: Where to; it must not exist.
        """
        shutil.copytree(source.folder, folder, ignore=_NOT_COPIED, symlinks=True)
        return cls(source.name, folder, folder / source.config)

    @property
    def cache(self) -> Path:
        """The folder that the plugin's cache is put in."""
        return self.config.parent / ".cache" / "bench"

    def variant(
        self, name: str, *, add: Mapping[str, Mapping[str, object]], remove: frozenset[str]
    ) -> Path:
        """Write a variant of the configuration.

        Args:
            name: What to call it.
            add: Plugins with options: added at the end, or, for one that is there, options set.
            remove: Plugins to take out.

        Returns:
            Its path, beside the original.
        """
        root = _root(self.config)
        plugins = [plugin for plugin in _plugins(self.config) if _plugin_name(plugin) not in remove]
        for plugin, options in add.items():
            _set_plugin(plugins, plugin, options)
        items = [pair for pair in root.value if pair[0].value != "plugins"]
        sequence = yaml.SequenceNode("tag:yaml.org,2002:seq", plugins, flow_style=False)
        root.value = [*items, (_text("plugins"), sequence)]
        path = self.config.with_name(f"{self.config.stem}.{name}.yml")
        path.write_text(yaml.serialize(root, allow_unicode=True, width=10_000), encoding="utf-8")
        return path

    def strip_alt(self) -> int:
        """Take the alt text out of the Markdown sources, outside code fences; roughly.

        Returns:
            How many images lost theirs.
        """
        stripped = 0
        for path in sorted(self.folder.rglob("*.md")):
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            changed, count = strip_alt(text)
            stripped += count
            if count:
                path.write_bytes(changed.encode("utf-8", "surrogateescape"))
        return stripped


def strip_alt(markdown: str) -> tuple[str, int]:
    """Take the alt text out of a Markdown source, outside code fences; roughly.

    Returns:
        The source, and how many images lost their text.
    """
    labels = {label.lower() for label in _MARKDOWN_LABEL.findall(markdown)}

    def spell_out(shortcut: re.Match[str]) -> str:
        return f"![x][{shortcut[1]}]" if shortcut[1].lower() in labels else shortcut[0]

    lines = []
    stripped = 0
    fence = ""
    for line in markdown.splitlines(keepends=True):
        found = _FENCE.match(line)
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        changed = line
        if not fence:
            changed, images = _MARKDOWN_ALT.subn("![]", _MARKDOWN_SHORTCUT.sub(spell_out, line))
            changed, tags = _HTML_ALT.subn(r"\1", changed)
            stripped += images + tags
        lines.append(changed)
    return "".join(lines), stripped


def _root(config: Path) -> yaml.MappingNode:
    root = yaml.compose(config.read_text(encoding="utf-8-sig"), yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise TypeError(f"{config} is no mapping")
    return root


def _plugins(config: Path) -> list[yaml.Node]:
    """Return a configuration's plugins as a list, whichever way they are written."""
    values = {key.value: value for key, value in _root(config).value}
    plugins = values.get("plugins")
    if isinstance(plugins, yaml.SequenceNode):
        return list(plugins.value)
    if isinstance(plugins, yaml.MappingNode):
        return [yaml.MappingNode("tag:yaml.org,2002:map", [pair]) for pair in plugins.value]
    if "INHERIT" in values:
        return _plugins(config.parent / values["INHERIT"].value)
    return [_text("search")]  # MkDocs' own default


def _set_plugin(plugins: list[yaml.Node], name: str, options: Mapping[str, object]) -> None:
    places = [at for at, node in enumerate(plugins) if _plugin_name(node) == name]
    if not places:
        plugins.append(_text(name))
        places = [len(plugins) - 1]
    old = plugins[places[0]]
    kept: list[tuple[yaml.Node, yaml.Node]] = []
    if isinstance(old, yaml.MappingNode) and isinstance(old.value[0][1], yaml.MappingNode):
        kept = [pair for pair in old.value[0][1].value if pair[0].value not in options]
    new = yaml.compose(yaml.safe_dump(dict(options)), yaml.SafeLoader)
    pairs = kept + (new.value if isinstance(new, yaml.MappingNode) else [])
    mapping = yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)
    plugins[places[0]] = yaml.MappingNode(
        "tag:yaml.org,2002:map", [(_key(old), mapping)], flow_style=False
    )


def _key(plugin: yaml.Node) -> yaml.Node:
    key: yaml.Node = plugin.value[0][0] if isinstance(plugin, yaml.MappingNode) else plugin
    return key


def _plugin_name(plugin: yaml.Node) -> str:
    return str(_key(plugin).value).rpartition("/")[2]


def _text(value: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", value)
