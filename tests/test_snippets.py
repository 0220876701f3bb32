"""What the documents show works as it stands there.

The arguments of this package's commands are tried in `tests/test_cli.py`, and the code of a
service in `tests/test_third_party.py`. Pieces of HTML, of logs and of differences are no programs.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from importlib.util import find_spec
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


def commands() -> list[Any]:
    """Return the commands of the documents, without their comments: in blocks and in sentences."""
    found = {}
    for page in PAGES:
        text = page.read_text("utf-8")
        lines = [
            line.strip().removeprefix("$ ")
            for _, language, block in _FENCE.findall(text)
            for line in block.splitlines()
            if language in {"sh", "bash"} or line.strip().startswith("$ ")
        ]
        inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", _FENCE.sub("", text))
        lines += [code for code in inline if code.startswith(("make ", "python -m ", "pip "))]
        for line in lines:
            found[f"{page.name}: {line.partition('  #')[0].strip()}"] = line.partition(" #")[0]
    return [pytest.param(command, id=name) for name, command in found.items() if command]


TRIED_ELSEWHERE = {
    "mkdocs-alttext": "tests/test_cli.py, with the arguments of each example",
    "mkdocs": "tests/test_whole_sites.py",
    "hugo": "make generators",
    "jekyll": "make generators",
    "npx": "make generators",
    "sphinx-build": "make generators",
    "zensical": "make zensical",
}
NOT_RUN = {
    "export": "sets the reader's own key or address",
    "ollama": "fetches a model of gigabytes from elsewhere",
    "bash": "is what runs all tests",
}
"""Programs, each with the reason."""


@pytest.mark.parametrize("command", commands())
def test_commands(command: str) -> None:
    """What is named is there; a program that is neither tried nor excused is an error."""
    words = [each for each in command.split() if not re.match(r"[A-Z_]+=", each)]
    program, *words = words or ["export"]
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert words[0] in targets
    elif program == "pip":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        for extra in re.findall(r"mkdocs-alttext\[(.+?)\]", command):
            assert {*extra.split(",")} <= {*project["optional-dependencies"]}
    elif program == "python":
        assert words[0] == "-m"
        module = ROOT / words[1].replace(".", "/")
        assert module.with_suffix(".py").is_file() or find_spec(words[1])
    else:
        assert program in TRIED_ELSEWHERE | NOT_RUN


def test_no_block_is_forgotten() -> None:
    """A block in another language is to be tried, too."""
    tried = {"yaml", "yml", "json", "toml", "python", "sh", "bash"}
    found = {
        language for page in PAGES for _, language, _ in _FENCE.findall(page.read_text("utf-8"))
    }
    assert found <= _SHOWN | tried
