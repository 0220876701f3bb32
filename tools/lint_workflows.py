"""Check what GitHub runs: workflows, the action, their shell, and the examples in docs/.

    python -m tools.lint_workflows

asks zizmor (security), check-jsonschema (GitHub's formats, which it brings) and, where it is
installed, shellcheck. None of them needs the network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tools.addresses import PLACEHOLDER
from tools.options_table import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

GITHUB = ROOT / ".github"
ACTION = ROOT / "action.yml"
_CONFIGURATION = {
    "rules": {
        # Of GitHub itself, and not known to its older servers.
        "self-repository": {"disable": True},
        # A reader takes this project's action by its version, or by a hash as the text says.
        "unpinned-uses": {"config": {"policies": {"*": "hash-pin", PLACEHOLDER: "ref-pin"}}},
    }
}


def examples() -> dict[str, str]:
    """Return the whole workflows among the examples in `docs/`, by a name."""
    found: dict[str, str] = {}
    for page in sorted((ROOT / "docs").glob("*.md")):
        blocks = re.findall(r"```yaml\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        whole = re.compile(r"^on:(?s:.+)^jobs:", re.MULTILINE)
        workflows = filter(whole.search, blocks)
        found |= {f"{page.stem}-{number}.yml": text for number, text in enumerate(workflows)}
    return found


def scripts(described: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    """Yield what a workflow or an action gives a shell, wherever it stands."""
    children = described if isinstance(described, list) else []
    if isinstance(described, dict):
        children = [*described.values()]
        if isinstance(described.get("run"), str):
            yield described["run"]
    for child in children:
        yield from scripts(child)


def main() -> int:
    """Check all, and return the exit status."""
    own = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / ".github" / "workflows"
        folder.mkdir(parents=True)
        for name, text in examples().items():
            (folder / name).write_text(text, encoding="utf-8")
        configuration = Path(place) / "zizmor.yml"
        configuration.write_text(yaml.safe_dump(_CONFIGURATION), encoding="utf-8")
        workflows = [*sorted((GITHUB / "workflows").iterdir()), *sorted(folder.iterdir())]
        templates = sorted((GITHUB / "ISSUE_TEMPLATE").iterdir())
        kinds = {
            "github-workflows": workflows,
            "github-actions": [ACTION],
            "github-issue-forms": [each for each in templates if each.stem != "config"],
            "github-issue-config": [each for each in templates if each.stem == "config"],
        }
        zizmor = [str(own / "zizmor"), "--offline", "--quiet", "--persona=pedantic"]
        zizmor += ["--config", str(configuration)]
        passed = [_passes([*zizmor, *map(str, [*workflows, ACTION])])]
        for kind, files in kinds.items():
            check = [str(own / "check-jsonschema"), "--quiet", "--builtin-schema", f"vendor.{kind}"]
            passed.append(_passes([*check, *map(str, files)]))
        passed.append(_check_shell([*workflows, ACTION], Path(place)))
    return 0 if all(passed) else 1


def _check_shell(files: list[Path], folder: Path) -> bool:
    shellcheck = shutil.which("shellcheck")
    if not shellcheck:
        print("NOT CHECKED: the shell of workflows, as shellcheck is not installed.")
        return True
    written = [ROOT / ".ci" / "run"]
    for file in files:
        for number, text in enumerate(scripts(yaml.safe_load(file.read_text(encoding="utf-8")))):
            written.append(folder / f"{file.stem}-{number}.sh")
            written[-1].write_text(f"# shellcheck shell=bash\n{text}", encoding="utf-8")
    return _passes([shellcheck, "--severity=style", *map(str, written)])


def _passes(command: list[str]) -> bool:
    return subprocess.run(command, check=False, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
