"""The sentences on each reason: in the log, in `scan`, in SARIF rules and in docs/reasons.md.

They stand in `reasons.yml`, and are read when the first of them is shown.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import metadata
from importlib.resources import files
from typing import NamedTuple

import yaml

from mkdocs_alttext.filling.words import MKDOCS, Words
from mkdocs_alttext.models import Reason


class Explanation(NamedTuple):
    """What people read about a reason."""

    meaning: str
    """One sentence: what is wrong, or what happened."""
    action: str = ""
    """One sentence: what a person can do about it; empty where there is nothing to do."""
    more: str = ""
    """What only docs/reasons.md tells."""
    log: str = (
        "The service was left alone for the rest of this {build}, as it kept failing: "
        "{reason}{detail}; {images}. The next {build} tries again."
    )
    """What a build logs when this is why it did not ask the service: a template of `Words`, with
    the facts `reason`, `images` (how many were left as written), `variable` (the key's environment
    variable) and `detail` (in parentheses, or empty)."""
    worth_a_look: bool = False
    """Whether the reason is worth a look where an image has text, or is rightly without."""

    @property
    def text(self) -> str:
        """The meaning and the action."""
        return f"{self.meaning} {self.action}".rstrip()


@cache
def explanations(words: Words = MKDOCS) -> dict[Reason, Explanation]:
    """Return what people read about each reason, in the order of the reasons.

    Args:
        words: Those of their site.
    """
    return {
        reason: each._replace(meaning=words.told(each.meaning), action=words.told(each.action))
        for reason, each in _templates().items()
    }


@cache
def _templates() -> dict[Reason, Explanation]:
    text = files(__package__).joinpath("reasons.yml").read_text(encoding="utf-8")
    # libyaml is five times as fast, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries = yaml.load(text, loader).items()  # noqa: S506 - both are safe
    return {Reason(name): Explanation(**fields) for name, fields in entries}


@cache
def project_url(label: str) -> str | None:
    """Return one of the addresses that the installed package names, if it names that.

    Args:
        label: As in `project.urls`, such as `Documentation`.
    """
    named = (each.split(", ", 1) for each in metadata("mkdocs-alttext").get_all("Project-URL", []))
    return next((url for own, url in named if own == label), None)


def page_of(reason: Reason) -> str | None:
    """Return the address of what the website says on a reason, where there is a website."""
    website = project_url("Documentation")
    return website and f"{website}reasons/#{reason.value}"


def label(reason: Reason) -> str:
    """Return what people read in place of a reason's name: nobody is asked in a scan."""
    return "no text yet" if reason is Reason.NOT_ASKED else reason.value


def is_worth_a_look(reason: Reason | None) -> bool:
    """Tell whether a reason is worth a look where an image has text, or is rightly without."""
    return reason is not None and explanations()[reason].worth_a_look
