"""The tables of inputs and outputs in docs/action.md, made from `action.yml`."""

from __future__ import annotations

import sys

import yaml

from tools.options_table import ROOT, between_marks

ACTION = ROOT / "action.yml"
PAGE = ROOT / "docs" / "action.md"


def filled(page: str, action: str) -> str:
    """Return the page with the tables in their places.

    Args:
        page: All of it.
        action: The text of `action.yml`.
    """
    described = yaml.safe_load(action)
    inputs = ["| input | default | meaning |", "| --- | --- | --- |"]
    for name, each in described["inputs"].items():
        default = f"`{each['default']}`" if each["default"] else "none"
        inputs.append(f"| `{name}` | {default} | {each['description']} |")
    outputs = ["| output | meaning |", "| --- | --- |"]
    outputs += [
        f"| `{name}` | {each['description']} |" for name, each in described["outputs"].items()
    ]
    page = between_marks(page, "inputs", "\n".join(inputs))
    return between_marks(page, "outputs", "\n".join(outputs))


def main() -> int:
    """Write the tables into their page."""
    action = ACTION.read_text(encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), action), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
