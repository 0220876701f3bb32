"""What messages call the things of a site: MkDocs' words, or those for any folder of pages."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Words(NamedTuple):
    """How one kind of site is spoken of; a template names each of them in braces."""

    build: str
    """What fills pages when it is called."""
    filler: str
    """Who asks for texts, in a sentence."""
    asking: str
    """The command that asks for texts."""
    what_is_said: str
    """Where to find all that it says."""
    docs_dir: str
    """The folder that patterns begin in, and that pictures belong into."""
    in_source: str
    """Where an author writes a text."""
    lacks_attr_list: str
    """What to do about braces that are shown as text."""
    so_far: str
    """Why there may be more to wait for."""
    when_approved: str
    """What holds when the whole catalog is approved."""
    after_review: str
    """What to do with what was approved in the catalog, which is `{file}`."""
    site: str = ""
    """What commands are told of the site."""
    is_toml: bool = False
    """Whether the file with the options is TOML."""

    def command(self, name: str) -> str:
        """Return how one of the commands is called for this site.

        Args:
            name: Of those that look at a site, such as `catalog`.
        """
        return f"mkdocs-alttext {name}{self.site}"

    def option(self, said: str) -> str:
        """Return an option with its value as the site's file has it.

        Args:
            said: As in YAML: `name: value`. Anything else is returned as it is.
        """
        return re.sub(r"\A([a-z_]+): ([\w.-]+)\Z", r'\1 = "\2"', said) if self.is_toml else said

    def told(self, template: str, **facts: object) -> str:
        """Return a template with facts and the words of this site in their places.

        Args:
            template: Text of this package; `{build}` and the like are attributes, and `{catalog}`,
                `{forget}`, `{review}` and `{scan}` commands.
            facts: By the names that the template has for them.
        """

        def said(place: re.Match[str]) -> str:
            name = place[1]
            if name in facts:
                return str(facts[name])
            return self.command(name) if name in _COMMANDS else str(getattr(self, name))

        return re.sub(r"\{([a-z_]+)\}", said, template)


_COMMANDS = ("catalog", "forget", "review", "scan")

MKDOCS = Words(
    build="build",
    filler="a build",
    asking="mkdocs build",
    what_is_said="the log of `mkdocs build -v`",
    docs_dir="docs_dir",
    in_source="in the Markdown",
    lacks_attr_list="Add `attr_list` to `markdown_extensions`, which reads it.",
    so_far="so far, page by page, as a plugin reads the texts",
    when_approved=(
        "Builds use it without a key, and `mkdocs-alttext apply` writes it into the Markdown."
    ),
    after_review="commit {file}, and build.",
)


def words_for(folder: Path, config_file: str | None = None, **flags: str | None) -> Words:
    """Return the words for people whose site another generator builds.

    Args:
        folder: The site's.
        config_file: As on the command line.
        flags: What else `fill` is told there, by the names of its options; `None` for nothing.
    """
    name = shlex.quote(str(folder))
    if config_file:
        name += f" -f {shlex.quote(config_file)}"
    said = (
        f" --{flag.replace('_', '-')} {shlex.quote(value)}"
        for flag, value in flags.items()
        if value
    )
    asking = f"mkdocs-alttext fill {name}{''.join(said)}"
    return Words(
        build="run",
        filler=f"`{asking}`",
        asking=asking,
        what_is_said=f"what `{asking}` says",
        docs_dir="the site's folder",
        in_source="in the page's source",
        lacks_attr_list="Your generator does not read it.",
        so_far="so far",
        when_approved="It needs no key.",
        after_review=(
            "commit {file}, have your generator write all pages anew, and fill them: a page that "
            "is filled keeps its texts."
        ),
        site=f" --site {name}",
        is_toml=config_file is None or config_file.endswith(".toml"),
    )
