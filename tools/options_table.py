"""The table of options in docs/options.md, made from the options themselves.

Owns reading names, defaults and docstrings out of the source of `options`, and putting the table
between its markers. It must not import the plugin: the source is the single place of truth.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "options.md"
_REFUSED = frozenset({"api_key"})


def table(source: str) -> str:
    """Make the table.

    Args:
        source: The source of `options.py`.

    Returns:
        A Markdown table with one row an option.
    """
    rows = ["| option | default | meaning |", "| --- | --- | --- |"]
    for name, default, meaning in documented_options(source):
        rows.append(f"| `{name}` | {default} | {meaning} |")
    return "\n".join(rows)


def documented_options(source: str) -> list[tuple[str, str, str]]:
    """Return the name, the default and the meaning of each option, as Markdown.

    Args:
        source: The source of `options.py`.
    """
    config = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == "Options"
    )
    options = []
    for node, following in zip(config.body, config.body[1:], strict=False):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if name in _REFUSED:
            continue
        if not isinstance(following, ast.Expr) or not isinstance(following.value, ast.Constant):
            raise SystemExit(f"The option {name} has no docstring.")
        options.append((name, _default(node.value), " ".join(str(following.value.value).split())))
    return options


def _default(value: ast.expr) -> str:
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                default = keyword.value.value
                shown = str(default)
                return f"`{shown.lower() if isinstance(default, bool) else shown}`"
    return "none"


def filled(page: str, source: str) -> str:
    """Return the page with the table in its place."""
    return between_marks(page, "options", table(source))


def between_marks(page: str, name: str, content: str) -> str:
    """Return a page with what stands between two comments replaced.

    Args:
        page: All of it.
        name: What the comments name: `<!-- name: begin -->`.
        content: What goes between them.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{content}\n{end}{after}"


def main() -> int:
    """Write the table into its page."""
    source = (ROOT / "mkdocs_alttext" / "options.py").read_text(encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), source), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
