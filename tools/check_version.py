"""Check that a tag may become a release: it is the package's version, which the changelog has.

python -m tools.check_version v0.2.0
"""

from __future__ import annotations

import re
import sys
import tomllib

from tools.options_table import ROOT


def problems(tag: str, project: str, changelog: str) -> list[str]:
    """Say what is wrong with a tag.

    Args:
        tag: Its name.
        project: The text of `pyproject.toml`.
        changelog: The text of the changelog.

    Returns:
        One sentence for each problem.
    """
    version = tomllib.loads(project)["project"]["version"]
    found = []
    if tag != f"v{version}":
        found.append(f"The tag is {tag!r}, and the version of the package is {version}.")
    newest = re.search(r"^## \[(\d[^]]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    if newest is None or newest[1] != version:
        found.append(f"The newest version of the changelog is not {version} with its date.")
    unreleased = re.search(r"^## \[Unreleased\]\n(.*?)^## \[", changelog, re.MULTILINE | re.DOTALL)
    if unreleased and unreleased[1].strip():
        found.append("The changelog has unreleased changes above that version.")
    return found


def main(arguments: list[str]) -> int:
    """Check a tag, print what is wrong, and return the exit status.

    Args:
        arguments: The tag.
    """
    project, changelog = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "CHANGELOG.md")
    )
    found = problems(arguments[0], project, changelog)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
