"""Check what is inside a built wheel.

Owns the list of what users must and must not get. It must not install anything.
"""

from __future__ import annotations

import sys
from zipfile import ZipFile

_NEEDED = tuple(
    f"mkdocs_alttext/{name}"
    for name in (
        *("py.typed", "plugin.py", "ocr/service.py", "filling/reasons.yml"),
        *("review/templates/item.html", "review/static/review.css", "review/static/review.js"),
    )
)


def problems(names: list[str]) -> list[str]:
    """Say what is wrong with a wheel's list of files.

    Args:
        names: The paths inside the wheel.

    Returns:
        One sentence for each problem.
    """
    found = [f"{needed} is missing" for needed in _NEEDED if needed not in names]
    if not any(name.endswith("licenses/LICENSE") for name in names):
        found.append("the licence is missing")
    inside = ("mkdocs_alttext/", "mkdocs_alttext-")
    found += [f"{name} does not belong there" for name in names if not name.startswith(inside)]
    return found


def main(arguments: list[str]) -> int:
    """Check one wheel, print what is wrong, and return the exit status.

    Args:
        arguments: The wheel's path.
    """
    with ZipFile(arguments[0]) as wheel:
        found = problems(wheel.namelist())
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
