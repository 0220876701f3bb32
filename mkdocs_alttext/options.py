"""The options that users can write: their names and defaults, and what each means.

`docs/options.md` is made from the docstrings of `Options`. Which values an option takes is said in
`mkdocs_alttext.option_kinds`, and MkDocs' own form of them in `mkdocs_alttext.config`.
"""

from __future__ import annotations

from collections import UserDict
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from mkdocs_alttext.option_kinds import (
    AnyPath,
    BoundedNumber,
    Choice,
    Instructions,
    KeyPrefix,
    LanguageCode,
    LocalServer,
    ModelName,
    Option,
    Optional,
    Output,
    Patterns,
    Removed,
    Text,
    TolerantBool,
    VariableName,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Collection


class Options(UserDict[str, Any]):
    """All options, by name; what is asked for as an attribute has the type of its option."""

    @property
    def publishing(self) -> str:
        """Which texts are published, where the user does not say, too."""
        return self.publish or ("drafts" if self.service == "ocr" else "all")

    @property
    def asks_nothing(self) -> str:
        """The option for which nobody is asked for a text, as `name: value`, if there is one."""
        if self.publish == "reviewed":
            return "publish: reviewed"
        return "generate: never" if self.generate == "never" else ""

    enabled = TolerantBool(default=True)
    """Whether the plugin does anything. `!ENV [CI, false]` works with `CI=1` too."""

    service = Text(default="alttextai")
    """Who describes pictures: `alttextai`, `ocr` (reads the text in them; needs no key and no
    network), a vision model (`openai`, `anthropic`, `gemini`, `openrouter`; on this machine
    `ollama`, `lmstudio`; `vision` for any other server that speaks OpenAI's Chat Completions at
    `base_url`), or the name of a service that another package registers."""

    model = Optional(ModelName())
    """Which model is asked, of services that have several: `mkdocs-alttext account` lists them. A
    server that has only one needs none. Another model buys no text anew."""

    instructions = Instructions()
    """The site's own words to a vision model: names of products, spelling, tone; up to 1,000
    characters. Changing them buys no text anew."""

    context = TolerantBool(default=True)
    """Whether a vision model is told what surrounds a picture: the page's title, the heading and
    the text beside it, its caption, and where its link leads."""

    api_key = Removed(
        message="A key does not belong into this file, where others can read it. Take it out, "
        "revoke it, and put a new one into the environment variable ALTTEXTAI_API_KEY.",
    )

    api_key_env = Optional(VariableName())
    """*Name* of the environment variable that holds the key, when it is not the service's own
    (`ALTTEXTAI_API_KEY`, `OPENAI_API_KEY` and so on; `ALTTEXT_API_KEY` with `vision`): one that
    ends in `_API_KEY` or begins with `ALTTEXT`. The same name with `_FILE` may hold the path of a
    file with the key."""

    base_url = Optional(Text())
    """Address of the service's API, when it is not the service's own. A host other than the
    service's or this machine's must be in the environment variable `ALTTEXT_ALLOWED_HOSTS`; a key
    goes over plain `http` to this machine only. Without it, the service's own variable counts
    (`OPENAI_BASE_URL`, `OLLAMA_HOST`), then `ALTTEXT_BASE_URL`."""

    language = LanguageCode(default="auto")
    """Language of the texts: `auto` takes the page's, then the theme's; or a code such as `de`."""

    empty_alt = Choice(("markdown", "fill", "keep"), default="markdown")
    """Which empty `alt` counts as missing: `markdown` (only that of `![]()`), `fill` (all),
    `keep` (none)."""

    replace_filenames = TolerantBool(default=False)
    """Whether alt text that is only a file's name counts as missing."""

    include = Patterns()
    """Patterns of the pictures that may be described, as in a `.gitignore` in `docs_dir`; all when
    there is none. Exceptions (`!`) hold in folders, too."""

    exclude = Patterns()
    """Patterns of the pictures that must not be described, and so never leave this machine, as in
    a `.gitignore` in `docs_dir`: nothing below an excluded folder is taken back."""

    skip_classes = Words(default="decorative no-alt twemoji emojione gemoji")
    """Classes that leave images alone, also around them: a list, or one string with spaces."""

    generate = Choice(("build", "always", "never"), default="build")
    """When the service may be asked: `build` (not in `mkdocs serve`), `always` or `never`."""

    max_credits = Optional(BoundedNumber(int, 0, 10_000_000))
    """Most credits that one build may spend; never more than the environment variable
    `ALTTEXT_MAX_CREDITS` says."""

    max_length = BoundedNumber(int, 20, 1_000, default=300)
    """Longest acceptable text in characters; longer ones are refused, never cut."""

    concurrency = Optional(BoundedNumber(int, 1, 64))
    """Requests in flight: 8 unless you say otherwise, 2 where a vision model is on this machine,
    1 with `ocr`."""

    timeout = Optional(BoundedNumber(float, 0.1, 600))
    """Seconds for one request: 60 unless you say otherwise, 300 where a vision model is on this
    machine."""

    max_retries = BoundedNumber(int, 0, 10, default=3)
    """How often a request is made again that failed for a passing reason."""

    on_missing = Choice(("ignore", "info", "warn", "error"), default="info")
    """What to do when images stay without text: `ignore` (only count them), `info` (name those
    whose file is missing), `warn` (fails `--strict`) or `error` (fails the build)."""

    cache_dir = AnyPath(default=".cache/plugin/alttext")
    """Folder of the texts that were paid for, outside `site_dir`; inside `docs_dir` only where
    nothing is published, as in folders whose names begin with a dot. Keep it between builds."""

    cache_url = Optional(LocalServer())
    """Address of a [shared cache](shared-cache.md) on this machine, without a password:
    `redis://127.0.0.1` or `unix:///run/redis.sock`. Any other is put into the environment variable
    `ALTTEXT_CACHE_URL`, which comes before this option."""

    cache_required = TolerantBool(default=True)
    """Whether nothing is paid for while the shared cache cannot be used: another machine may be
    paying for the same pictures."""

    cache_prefix = KeyPrefix(default="alttext")
    """How the names of all keys in the shared cache begin."""

    catalog = AnyPath(default="alttext.yml")
    """File of texts that people correct, approve and commit; read when it exists, and before
    anything else."""

    publish = Optional(Choice(("all", "drafts", "reviewed")))
    """Which texts are published: `all`; with `drafts` what is reviewed in the catalog, while others
    are generated, kept and offered to it; with `reviewed` the same, and nothing is generated or
    paid for. What costs nothing, such as link titles, always is. Without it, `drafts` with
    `service: ocr`, else `all`."""

    provenance = TolerantBool(default=False)
    """Whether generated text is marked with `data-alt-source="ai"`."""

    review_overlay = TolerantBool(default=False)
    """Whether pages of `mkdocs serve` mark pictures without text, drafts and stale texts, with
    links to their place in `mkdocs-alttext review` while it runs. Never in a build."""

    report = Optional(Output())
    """Path of a report in JSON."""


OPTIONS: dict[str, Option[Any]] = {
    name: each for name, each in vars(Options).items() if isinstance(each, Option)
}
"""Each by its name, in the order of the documentation."""


def no_such_option(name: object, known: Collection[str] = OPTIONS.keys()) -> str:
    """Say what may be meant by an option that there is not.

    Args:
        name: As it was written.
        known: Those that there are.
    """
    offered = sorted({*known} - {"api_key"})
    near = get_close_matches(str(name).lower().replace("-", "_"), offered, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(offered)}."
    return f"There is no such option. {hint}"
