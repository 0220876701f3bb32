"""What the documents show works as it stands there.

Commands are tried in `tests/test_cli.py`, and the code of a service in `tests/test_third_party.py`.
Pieces of HTML, of logs and of differences are no programs.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from mkdocs_alttext.catalog.reading import read_catalog
from mkdocs_alttext.config import AltTextConfig

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
_FENCE = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SHOWN = {"console", "diff", "text", "html", "markdown", "json5", ""}
"""Languages of blocks that show something and run nothing, or are tried elsewhere."""


def blocks(*languages: str) -> list[Any]:
    """Return the blocks of the documents in some languages."""
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (_, language, text) in enumerate(_FENCE.findall(page.read_text("utf-8")))
        if language in languages
    ]


class _Loader(yaml.SafeLoader):
    """Takes the tags of MkDocs as their values."""


_Loader.add_multi_constructor("!", lambda loader, _, node: loader.construct_object(node))


@pytest.mark.parametrize("text", blocks("yaml", "yml"))
def test_yaml(text: str, tmp_path: Path) -> None:
    """It is YAML; options are those that there are, and a catalog is one."""
    content = yaml.load(text, _Loader)  # noqa: S506 - safe, with tags
    entries = content.get("plugins", []) if isinstance(content, dict) else []
    for entry in entries:
        if isinstance(entry, dict) and "alttext" in entry:
            config = AltTextConfig(config_file_path=str(tmp_path / "mkdocs.yml"))
            config.load_dict(entry["alttext"])
            assert config.validate() == ([], [])
    if isinstance(content, dict) and all("status" in str(each) for each in content.values()):
        path = tmp_path / "alttext.yml"
        path.write_text(text, encoding="utf-8")
        assert set(read_catalog(path)) == set(content)


@pytest.mark.parametrize("text", blocks("json"))
def test_json(text: str) -> None:
    """It can be read."""
    json.loads(text)


@pytest.mark.parametrize("text", blocks("toml"))
def test_toml(text: str) -> None:
    """It can be read."""
    tomllib.loads(text)


@pytest.mark.parametrize("text", blocks("python"))
def test_python(text: str) -> None:
    """It is Python."""
    ast.parse(text)


def test_no_block_is_forgotten() -> None:
    """A block in another language is to be tried, too."""
    tried = {"yaml", "yml", "json", "toml", "python", "sh", "bash"}
    found = {
        language for page in PAGES for _, language, _ in _FENCE.findall(page.read_text("utf-8"))
    }
    assert found <= _SHOWN | tried
