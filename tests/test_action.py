"""The GitHub Action: its shell steps run here as GitHub's runner runs them; events are files."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from built_site import TinySite, picture

from tools.action_tables import ACTION, PAGE, filled
from tools.addresses import PLACEHOLDER, Addresses
from tools.options_table import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the steps need bash")

EVENTS = ROOT / "tests" / "events"
SAFE_EVENTS = ("pull_request", "pull_request_fork", "push", "workflow_dispatch")
DESCRIBED: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = DESCRIBED["runs"]["steps"]
RECIPE: dict[Any, Any] = yaml.safe_load(
    PAGE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
)
PAGES: dict[str, str | bytes] = {
    "index.md": "# Top\n\n![](a.png)\n\n![Words](b.png)\n",
    "a.png": picture(1),
    "b.png": picture(2),
}
PROGRAM = f'PYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -P -m mkdocs_alttext "$@"'
"""Of this checkout; with `-P`, no module of the current folder is taken."""
EXPRESSION = re.compile(r"\$\{\{(.+?)\}\}", re.DOTALL)


def evaluate(text: str, known: Mapping[str, Any]) -> str:
    """Return a text with its expressions evaluated, of the kinds that are used here."""

    def value(term: str) -> str:
        term = term.strip()
        if term.startswith("'"):
            return term.strip("'")
        if term == "!cancelled()":
            return "true"
        found: Any = known
        for name in term.split("."):
            found = (found or {}).get(name)
        return "" if found is None else str(found)

    def truth(part: str) -> bool:
        for sign, is_equal in (("==", True), ("!=", False)):
            if sign in part:
                left, right = part.split(sign)
                return (value(left) == value(right)) is is_equal
        return bool(value(part))

    def result(expression: re.Match[str]) -> str:
        inner = expression[1]
        if any(sign in inner for sign in ("==", "!=", "&&")):
            return str(all(map(truth, inner.split("&&")))).lower()
        return value(inner)

    return EXPRESSION.sub(result, text)


@dataclass
class Job:
    """What a run of the action left behind."""

    status: int = 0
    """Of the step that failed, or 0."""
    log: str = ""
    installed: list[str] = field(default_factory=list)
    """What pip was given."""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the step's id."""
    uploaded: dict[str, list[str]] = field(default_factory=dict)
    """The files of each artifact."""
    summary: str = ""

    @property
    def commands(self) -> list[str]:
        """The workflow commands that the runner obeys."""
        obeyed, stopped = [], None
        for line in self.log.splitlines():
            if stopped:
                stopped = None if line == f"::{stopped}::" else stopped
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif re.match(r"::[a-z-]+( [^:]*)?::", line.lstrip()) or "##[" in line:
                obeyed.append(line)
        assert stopped is None
        return obeyed

    @property
    def result(self) -> dict[str, str]:
        """The outputs of the action."""
        known = {"steps": {name: {"outputs": each} for name, each in self.outputs.items()}}
        named = DESCRIBED["outputs"].items()
        return {name: evaluate(each["value"], known) for name, each in named}


def run_action(
    folder: Path,
    event: str = "pull_request",
    *,
    python: str = sys.executable,
    program: str = PROGRAM,
    **inputs: str,
) -> Job:
    """Run the action in a folder.

    Args:
        folder: The checkout.
        event: Name of a file with the event's payload; `_fork` is no part of it.
        python: What `python` is; with `pip`, only its arguments are kept.
        program: What `mkdocs-alttext` is, in bash.
        inputs: Of the action, with `_` for `-`.
    """
    aside = folder.parent / "runner"
    programs = aside / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    write_program(
        programs / "python",
        f'case "$*" in "-P -m pip "*) printf "%s\\n" "$@" > {shlex.quote(f"{aside}/pip")} ;;\n'
        f'*) exec {shlex.quote(python)} "$@" ;; esac',
    )
    write_program(programs / "mkdocs-alttext", program)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_ACTION_PATH": "/home/runner/work/_actions/an action/v1",
        "GITHUB_EVENT_NAME": event.partition("_fork")[0],
        "GITHUB_EVENT_PATH": str(EVENTS / f"{event}.json"),
        "GITHUB_WORKSPACE": str(folder),
        "RUNNER_TEMP": str(aside),
    }
    given = {name: each["default"] for name, each in DESCRIBED["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() == DESCRIBED["inputs"].keys()
    job = Job()
    for number, step in enumerate(STEPS):
        steps = {name: {"outputs": each} for name, each in job.outputs.items()}
        known = {"inputs": given, "steps": steps}
        if evaluate(step.get("if", "${{ 'true' }}"), known) == "false":
            continue
        if "uses" in step:
            parts = {name: evaluate(value, known) for name, value in step["with"].items()}
            job.uploaded[parts["name"]] = sorted(
                each.name for each in Path(parts["path"]).iterdir()
            )
            continue
        files = {name: aside / f"{name}{number}" for name in ("GITHUB_OUTPUT", "script")}
        for file in files.values():
            file.touch()
        files["script"].write_text(step["run"], encoding="utf-8")
        own = {name: evaluate(value, known) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            # As the runner runs `shell: bash`.
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(files["script"])],  # noqa: S607
            cwd=folder,
            env={
                **environment,
                **own,
                "GITHUB_OUTPUT": str(files["GITHUB_OUTPUT"]),
                "GITHUB_STEP_SUMMARY": str(aside / "summary"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        job.log += done.stdout
        written = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        job.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in written)
        if done.returncode:
            job.status = done.returncode
            break
    if (aside / "pip").exists():
        job.installed = (aside / "pip").read_text(encoding="utf-8").splitlines()
    if (aside / "summary").exists():
        job.summary = (aside / "summary").read_text(encoding="utf-8")
    return job


def write_program(path: Path, text: str) -> None:
    """Write a program for the shell."""
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout with a site of which one image lacks text."""
    folder = tmp_path / "a checkout"
    (folder / ".git").mkdir(parents=True)
    tiny(folder, PAGES)
    return folder


def tiny(folder: Path, docs: Mapping[str, str | bytes], **config: Any) -> None:  # noqa: ANN401 - any
    """Write a site without the theme's own image."""
    theme = {"name": None, "custom_dir": "theme"}
    TinySite(folder, docs, config={"theme": theme, **config}).write(plugin=False)


@pytest.mark.parametrize("event", SAFE_EVENTS)
def test_an_image_without_text_is_annotated_and_fails_the_step(checkout: Path, event: str) -> None:
    """On each event the same, with all files written before."""
    before = {path for path in checkout.rglob("*") if "site" not in path.parts}
    job = run_action(checkout, event, review="false")
    assert job.status == 1
    (command,) = job.commands
    assert command.startswith(
        "::warning file=docs/index.md,line=3,col=1,title=Image without alt text::a.png"
    )
    assert (job.result["status"], job.result["missing"]) == ("1", "1")
    kept = ["alttext.json", "alttext.sarif", "annotations.txt", "comment.md"]
    assert job.uploaded == {"alttext": kept}
    names = ("sarif", "report", "comment")
    log, report, comment = (Path(job.result[each]).read_text(encoding="utf-8") for each in names)
    assert len(json.loads(log)["runs"][0]["results"]) == 1
    assert json.loads(report)["counts"]["missing"] == 1
    assert "`docs/index.md`\n  - line 3: `a.png`" in comment
    assert job.summary == comment
    assert {path for path in checkout.rglob("*") if "site" not in path.parts} == before


def test_a_site_that_lacks_nothing_passes(checkout: Path) -> None:
    """Without an annotation."""
    (checkout / "docs" / "index.md").write_text("# Top\n\n![Words](a.png)\n")
    job = run_action(checkout, review="false")
    assert (job.status, job.commands, job.result["status"]) == (0, [], "0")
    assert job.result["missing"] == "0"


def test_a_baseline_accepts_what_is_there(checkout: Path) -> None:
    """Then only what is new fails."""
    command = ["scan", "--write-baseline", "an old one.json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "mkdocs_alttext", *command],
        cwd=checkout,
        env=environment,
        check=True,
        capture_output=True,
    )
    job = run_action(checkout, baseline="an old one.json", review="false")
    assert (job.status, job.commands) == (0, [])
    (checkout / "docs" / "new.md").write_text("![](b.png)\n")
    job = run_action(checkout, baseline="an old one.json", review="false")
    assert job.status == 1
    assert ["docs/new.md" in each for each in job.commands] == [True]


@pytest.mark.parametrize(
    ("fail_on", "alt", "status"),
    [("never", "", 0), ("missing", "Image of a leaf", 0), ("remarks", "Image of a leaf", 1)],
)
def test_what_fails_is_chosen(checkout: Path, fail_on: str, alt: str, status: int) -> None:
    """The status of the scan is an output in any case."""
    (checkout / "docs" / "index.md").write_text(f"# Top\n\n![{alt}](a.png)\n")
    job = run_action(checkout, fail_on=fail_on, review="false")
    assert job.status == status
    assert len(job.commands) == 1
    assert job.result["status"] == str(int(fail_on != "missing"))


@pytest.mark.parametrize("config", ["other site/mk docs.yml", "-v.yml"])
def test_the_configuration_is_chosen(checkout: Path, config: str) -> None:
    """Whatever its name is."""
    (checkout / "other site").mkdir()
    text = (checkout / "mkdocs.yml").read_text(encoding="utf-8")
    (checkout / config).write_text(f"{text}\ndocs_dir: {checkout}/docs\n", encoding="utf-8")
    if "/" in config:
        (checkout / "theme").rename(checkout / "other site" / "theme")
    assert run_action(checkout, config_file=config, review="false").status == 1


def test_it_installs_from_its_own_files(checkout: Path) -> None:
    """With what the site needs, in one go, so that pip sees what does not fit together."""
    installed = run_action(checkout, program="exit 2", requirements="site needs.txt").installed
    assert installed[:4] == ["-P", "-m", "pip", "install"]
    assert installed[-2:] == [
        "/home/runner/work/_actions/an action/v1",
        "--requirement=site needs.txt",
    ]
    assert run_action(checkout, program="exit 2").installed == installed[:-1]


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
def test_events_with_secrets_are_refused(checkout: Path, event: str) -> None:
    """Before anything is installed or built."""
    job = run_action(checkout, event)
    assert job.status == 2
    assert not job.installed
    (command,) = job.commands
    assert command.startswith(f"::error::mkdocs-alttext does not run on {event}")


def test_every_event_is_tried() -> None:
    """A payload that comes is one of the safe or of the refused."""
    assert {path.stem for path in EVENTS.iterdir()} == {
        *SAFE_EVENTS,
        "pull_request_target",
        "workflow_run",
    }


def test_an_old_python_is_told(checkout: Path) -> None:
    """In a sentence that says what to do."""
    write_program(checkout / "old", "exit 1")
    job = run_action(checkout, python=str(checkout / "old"))
    assert (job.status, job.installed) == (2, [])
    assert "run actions/setup-python before it" in job.commands[0]


@pytest.mark.parametrize("name", ["fail-on", "config-file", "baseline"])
def test_what_cannot_be_done_ends_with_2(checkout: Path, name: str) -> None:
    """And nothing says that the site is in order."""
    job = run_action(checkout, review="false", **{name: "$(touch pwned)`touch pwned`"})
    assert job.status == 2
    assert job.result["status"] == job.result["comment"] == ""
    assert [each[:9] for each in job.commands] == ["::error::"]
    assert not (checkout / "pwned").exists()


def test_a_site_that_cannot_be_built_ends_with_2(checkout: Path) -> None:
    """Its error is in the log, and is no command."""
    (checkout / "mkdocs.yml").write_text('theme: "x\\n::error::y"\nplugins: ["::error::z"]\n')
    job = run_action(checkout, review="false")
    assert job.status == 2
    assert job.commands == ["::error::The site could not be scanned; the log above says why."]


def test_a_hostile_site_commands_nothing(checkout: Path) -> None:
    """Neither by its names nor by what a plugin prints; no module of it is taken for another."""
    name = "$(touch pwned);touch pwned;' ::error::x"
    page = "::error file=a::b ##[error]c"
    tiny(
        checkout,
        {f"{page}.md": f"# `touch pwned`\n\n![](<{name}.png>)\n", f"{name}.png": picture(1)},
        hooks=["hook.py"],
    )
    (checkout / "docs" / "index.md").unlink()
    (checkout / "hook.py").write_text(
        "import sys\n"
        "def on_config(config):\n"
        "    print('::error::printed', flush=True)\n"
        "    print('::warning::logged', file=sys.stderr, flush=True)\n"
        "    print('no line end', end='', flush=True)\n"
    )
    for module in ("json", "secrets", "pip", "mkdocs_alttext"):
        (checkout / f"{module}.py").write_text("open('pwned', 'w')\n")
    job = run_action(checkout)
    assert job.status == 1
    assert not (checkout / "pwned").exists()
    warnings = [each for each in job.commands if not each.startswith("::notice::The review")]
    (command,) = warnings
    assert re.fullmatch(r"::warning file=[^:,]+,line=3,col=1,title=[\w ]+::.+", command)
    assert "##[" not in job.log
    assert "(no text yet)" in command
    assert job.result["missing"] == "1"


def test_the_review_is_exported_and_kept(checkout: Path) -> None:
    """One page, in the artifact and as an output."""
    TinySite(checkout, PAGES, options={"report": None}).write()
    job = run_action(checkout)
    assert (job.status, job.result["status"]) == (1, "1")
    assert "review.html" in job.uploaded["alttext"]
    assert "a.png" in Path(job.result["review"]).read_text(encoding="utf-8")


def test_a_review_that_cannot_be_exported_changes_no_status(checkout: Path) -> None:
    """The scan is what counts; a notice says it."""
    (checkout / "docs" / "index.md").write_text("# Top\n\n![Words](a.png)\n")
    fails = 'if [[ $1 == review ]]; then echo "::error::no"; exit 2; fi'
    job = run_action(checkout, program=f"{fails}\n{PROGRAM}")
    assert job.status == 0
    assert job.commands == ["::notice::The review could not be exported; the log above says why."]
    assert job.result["review"] == ""


@pytest.mark.parametrize("artifact", ["", "texts"])
def test_the_artifact_is_named_or_left_out(checkout: Path, artifact: str) -> None:
    """Two jobs of one run need two names."""
    job = run_action(checkout, artifact=artifact, review="false")
    assert [*job.uploaded] == ([artifact] if artifact else [])


# What documents say


def test_the_tables_of_inputs_and_outputs_are_those_of_the_action() -> None:
    """Run `python -m tools.action_tables` after changing `action.yml`."""
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page, ACTION.read_text(encoding="utf-8")) == page


def test_no_expression_is_a_part_of_a_command() -> None:
    """What somebody chose is in the environment."""
    recipes = [step for job in RECIPE["jobs"].values() for step in job["steps"]]
    for step in [*STEPS, *recipes]:
        assert "${{" not in step.get("run", "")


def test_the_recipe_uses_what_there_is() -> None:
    """Its inputs and outputs are those of the action, and its artifact is the one that is kept."""
    scan = RECIPE["jobs"]["scan"]
    assert "pull_request_target" not in RECIPE[True]  # YAML 1.1 reads `on` so
    (step,) = [each for each in scan["steps"] if each.get("id") == "alttext"]
    repository = Addresses.of((ROOT / "pyproject.toml").read_text(encoding="utf-8")).name
    assert step["uses"].startswith(f"{repository or PLACEHOLDER}@v")
    assert step["with"].keys() <= DESCRIBED["inputs"].keys()
    text = PAGE.read_text(encoding="utf-8")
    used = re.findall(r"steps\.alttext\.outputs\.([\w-]+)", text)
    assert {*used} <= DESCRIBED["outputs"].keys()
    download = RECIPE["jobs"]["comment"]["steps"][0]
    assert download["with"]["name"] == DESCRIBED["inputs"]["artifact"]["default"]


def test_only_the_job_that_builds_nothing_may_write() -> None:
    """And nobody has more than needed."""
    assert RECIPE["permissions"] == {}
    assert RECIPE["jobs"]["scan"]["permissions"] == {"contents": "read"}
    comment = RECIPE["jobs"]["comment"]
    assert comment["permissions"] == {"pull-requests": "write"}
    assert not any("checkout" in step.get("uses", "") for step in comment["steps"])


@pytest.mark.parametrize("event", SAFE_EVENTS)
@pytest.mark.parametrize("status", ["0", "1", ""])
def test_the_comment_is_posted_where_it_may_be(event: str, status: str) -> None:
    """On pull requests of the repository itself, when the site was built."""
    payload = json.loads((EVENTS / f"{event}.json").read_text(encoding="utf-8"))
    known = {
        "github": {"event": payload, "repository": "us/docs"},
        "needs": {"scan": {"outputs": {"status": status}}},
    }
    posts = evaluate(RECIPE["jobs"]["comment"]["if"], known) == "true"
    assert posts == (event == "pull_request" and status != "")


@pytest.mark.parametrize("earlier", ["", "41\n42\n"])
def test_the_comment_is_posted_once_and_changed_then(tmp_path: Path, earlier: str) -> None:
    """By its first line, which no other comment of a job has."""
    (step,) = [each for each in RECIPE["jobs"]["comment"]["steps"] if "run" in each]
    calls = tmp_path / "calls"
    write_program(
        tmp_path / "gh",
        f'printf "%s " "$@" >> {calls}; echo >> {calls}\n'
        f'[[ $* != *--jq* ]] || printf "%s" {shlex.quote(earlier)}',
    )
    payload = json.loads((EVENTS / "pull_request.json").read_text(encoding="utf-8"))
    known = {"github": {"event": payload, "repository": "us/docs", "token": "t"}}
    own = {name: evaluate(value, known) for name, value in step["env"].items()}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],  # noqa: S607
        cwd=tmp_path,
        env={**os.environ, **own, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )
    asked, posted = calls.read_text(encoding="utf-8").splitlines()
    assert asked.startswith("api repos/us/docs/issues/7/comments --paginate --jq ")
    assert 'startswith("<!-- mkdocs-alttext scan -->")' in asked
    target = "comments/42 --method PATCH" if earlier else "7/comments --method POST"
    assert posted.startswith(f"api repos/us/docs/issues/{target} --field body=@comment.md")
