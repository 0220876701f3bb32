"""Where the repository and the website are: one setting, and what is made from it.

The maintainers fill in `[tool.addresses]` in `pyproject.toml`, and

    python -m tools.addresses

writes it where it is needed: the package's links, the README's badges, the links of versions in the
changelog, the examples that name the repository, and the entry for the catalog of MkDocs projects.
What needs an address that is empty is left out. In SARIF, links come from the package's own.
"""

from __future__ import annotations

import re
import sys
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from tools.options_table import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PLACEHOLDER = "OWNER/mkdocs-alttext"
"""The repository in examples, while nobody has said which it is."""


class Addresses(NamedTuple):
    """What the maintainers said, each empty until they do."""

    repository: str = ""
    """As in `https://github.com/OWNER/NAME`."""
    website: str = ""
    """As in `https://OWNER.github.io/NAME/`."""

    @property
    def name(self) -> str:
        """The repository's owner and name."""
        return self.repository.removeprefix("https://github.com/")

    @classmethod
    def of(cls, project: str) -> Addresses:
        """Read them.

        Args:
            project: The text of `pyproject.toml`.

        Raises:
            SystemExit: One is not of the form that is expected.
        """
        found = cls(**tomllib.loads(project)["tool"]["addresses"])
        if not re.fullmatch(r"(https://github\.com/[\w.-]+/[\w.-]+)?", found.repository):
            raise SystemExit("The repository is https://github.com/OWNER/NAME, or empty.")
        if not re.fullmatch(r"(https://[\w./~-]+/)?", found.website):
            raise SystemExit("The website is an https address that ends with /, or empty.")
        return found


def _package(text: str, at: Addresses) -> str:
    """Write `project.urls`, which package indexes show."""
    urls = {"Homepage": at.website or at.repository, "Documentation": at.website}
    if at.repository:
        urls["Source"] = at.repository
        urls["Issues"] = f"{at.repository}/issues"
        urls["Changelog"] = f"{at.repository}/blob/main/CHANGELOG.md"
    lines = [f'{name} = "{url}"\n' for name, url in urls.items() if url]
    content = "".join(["[project.urls]\n", *lines]) if lines else ""
    return _between(text, "# addresses: begin\n", content, "# addresses: end\n")


def _readme(text: str, at: Addresses) -> str:
    """Write the badges: each shows what somebody else says."""
    badges = []
    if at.repository:
        checks = f"{at.repository}/actions/workflows/ci.yml"
        badges.append(f"[![Checks]({checks}/badge.svg?branch=main)]({checks})")
    if at.website:
        badges.append(f"[Documentation]({at.website})")
    content = "".join(f"\n{each}" for each in badges)
    return _marked(text, f"{content}\n" if badges else "")


def _changelog(text: str, at: Addresses) -> str:
    """Write where the headings of versions lead."""
    versions = re.findall(r"^## \[(\d[^]]*)\]", text, re.MULTILINE)
    lines = []
    if at.repository:
        lines = [f"[Unreleased]: {at.repository}/compare/v{versions[0]}...HEAD"]
        lines += [f"[{each}]: {at.repository}/releases/tag/v{each}" for each in versions]
    return _marked(text, "".join(f"\n{each}" for each in lines) + "\n")


def _releasing(text: str, at: Addresses) -> str:
    """Write the entry for the catalog of MkDocs projects.

    Source: `projects.yaml` and `check_projects.py` of mkdocs/catalog.
    """
    entry = {
        "name": "alttext",
        "mkdocs_plugin": "alttext",
        "github_id": at.name,
        "pypi_id": "mkdocs-alttext",
        "labels": "[plugin]",
        "category": "charts",
    }
    lines = [f"  {key}: {value}\n" for key, value in entry.items() if value]
    return _marked(text, f"\n```yaml\n-{''.join(lines)[1:]}```\n")


def _editors(text: str, at: Addresses) -> str:
    """Write where the schemas are, so that nobody needs a copy."""
    address = f"{at.website}schemas/alttext.schema.json"
    said = f"They are at `{address}` and beside it: name these addresses, and you need no copy.\n"
    return _marked(text, f"\n{said if at.website else ''}")


def _example(text: str, at: Addresses) -> str:
    """Name the repository in examples."""
    return text.replace(PLACEHOLDER, at.name) if at.repository else text


FILES: dict[str, Callable[[str, Addresses], str]] = {
    "pyproject.toml": _package,
    "README.md": _readme,
    "CHANGELOG.md": _changelog,
    "docs/releasing.md": _releasing,
    "docs/editors.md": _editors,
    "docs/action.md": _example,
    "docs/ci.md": _example,
}
"""What is made from the addresses: of each file, by its path, its text anew."""


def _marked(text: str, content: str) -> str:
    return _between(text, "<!-- addresses: begin -->", content, "<!-- addresses: end -->")


def _between(text: str, begin: str, content: str, end: str) -> str:
    """Return a text with what stands between its marks replaced.

    Raises:
        SystemExit: A mark is not there.
    """
    before, is_begun, rest = text.partition(begin)
    _, is_ended, after = rest.partition(end)
    if not (is_begun and is_ended):
        raise SystemExit(f"There is no place between {begin.strip()} and {end.strip()}.")
    return f"{before}{begin}{content}{end}{after}"


def main() -> int:
    """Write the addresses into each file."""
    at = Addresses.of((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, filled in FILES.items():
        path = ROOT / name
        path.write_text(filled(path.read_text(encoding="utf-8"), at), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
