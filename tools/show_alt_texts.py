"""Print the alt texts of a build, from its report.

Owns one table for a person who has just built a site. It must not know how the texts came about.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Print name and text of each picture that was filled with words, once.

    Args:
        arguments: The path of the report.

    Returns:
        The exit status: 1 when nothing was filled.
    """
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    filled = [image for image in report["images"] if image["outcome"] == "filled" and image["alt"]]
    shown = set[str]()
    for image in filled:
        name = Path(image["file"] or image["src"]).name
        line = f"{name:<20} {image['alt']}"
        if line not in shown:
            print(line)
        shown.add(line)
    return 0 if filled else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
