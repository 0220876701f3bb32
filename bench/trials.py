"""One site, built with the plugin and without, against a loopback service.

Owns the pair of configurations, where the two sites are written, and the promise that a warm build
sends nothing. It must not know what is made of the figures.
"""

from __future__ import annotations

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import CommandError, Run, run, run_together
from bench.site_copies import PLUGIN, SiteCopy

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # the server lives there
from api_server import API_KEY, ApiServer, Call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CONCURRENCY", "ApiServer", "MeasuredBuild", "Trial", "api_server"]

CONCURRENCY = 8
_MEASURED_BUILD = Path(__file__).parent / "measured_build.py"
_VARIABLES = {"ALTTEXTAI_API_KEY": API_KEY}


def api_server() -> ApiServer:
    """Return a server that is not started, with credits for any site.

    It forgets the pictures that it was sent: this program has to stay small, as the peak memory of
    a process is never reported below that of the one that started it.
    """

    def forget_picture(call: Call) -> None:
        server.calls[call.number] = replace(call, body=None, image=None)

    server = ApiServer(credits_left=10**9, decide=forget_picture)
    return server


@dataclass(frozen=True, slots=True)
class MeasuredBuild:
    """What `measured_build` printed."""

    build: float
    """Seconds from reading the configuration to the end."""
    plugin: float
    """Seconds of it inside the plugin."""
    processor_build: float
    """The main thread's processor time, in seconds."""
    processor_plugin: float
    seconds: Mapping[str, float] = field(repr=False)
    """The same by method."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One site and its two ways to be built."""

    site: SiteCopy
    server: ApiServer
    plain: Path
    """Configuration without the plugin."""
    filled: Path
    """Configuration with it."""
    plain_site: Path
    filled_site: Path

    @classmethod
    def prepare(
        cls,
        site: SiteCopy,
        server: ApiServer,
        output: Path,
        *,
        add: Mapping[str, Mapping[str, object]] | None = None,
        remove: frozenset[str] = frozenset(),
        reports: bool = False,
    ) -> Trial:
        """Write the two configurations.

        Args:
            site: The copy.
            server: The service; it has to be started before a build with the plugin.
            output: Folder for the built sites; made when it is not there.
            add: Other plugins that both have.
            remove: Other plugins that neither has.
            reports: Whether the plugin writes its report, which takes time.
        """
        others = dict(add or {})
        options: dict[str, object] = {
            "enabled": True,
            "service": "alttextai",
            "base_url": server.base_url,
            "generate": "build",
            "concurrency": CONCURRENCY,
            "cache_dir": str(site.cache),
            "report": str(output / "report.json") if reports else None,
        }
        output.mkdir(parents=True, exist_ok=True)
        without = frozenset({*remove, PLUGIN})
        return cls(
            site,
            server,
            plain=site.variant("plain", add=others, remove=without),
            filled=site.variant("filled", add={**others, PLUGIN: options}, remove=remove),
            plain_site=output / "plain",
            filled_site=output / "filled",
        )

    def build_plain(self, into: Path | None = None) -> Run:
        """Build without the plugin, in a process of its own."""
        return self._mkdocs(self.plain, into or self.plain_site)

    def build_filled(self) -> Run:
        """Build with the plugin, in a process of its own."""
        return self._mkdocs(self.filled, self.filled_site)

    def build_warm(self) -> Run:
        """Build with the plugin, which must send nothing.

        Raises:
            CommandError: It sent something.
        """
        before = len(self.server.calls)
        result = self.build_filled()
        self._check_nothing_sent(before)
        return result

    def build_together(self, *, swapped: bool) -> tuple[Run, Run]:
        """Build without the plugin and with it, at the same time on one core.

        Args:
            swapped: Whether each is started in the other's place and writes into its folder.

        Raises:
            CommandError: The build with the plugin sent something.
        """
        before = len(self.server.calls)
        configs = (self.filled, self.plain) if swapped else (self.plain, self.filled)
        one, other = map(self._command, configs, (self.plain_site, self.filled_site))
        runs = run_together(one, other, folder=self.site.config.parent, variables=_VARIABLES)
        self._check_nothing_sent(before)
        return runs[::-1] if swapped else runs

    def build_under(self, tool: Sequence[str]) -> tuple[Run, Run]:
        """Build without the plugin and with it, at the same time, both run by a tool.

        Args:
            tool: The tool and its arguments. It takes the command to run as its last ones.

        Raises:
            CommandError: The build with the plugin sent something.
        """
        before = len(self.server.calls)
        with ThreadPoolExecutor(2) as both:
            plain = both.submit(self._mkdocs, self.plain, self.plain_site, tool)
            filled = both.submit(self._mkdocs, self.filled, self.filled_site, tool)
        self._check_nothing_sent(before)
        return plain.result(), filled.result()

    def measure_warm(self, profile: Path | None = None) -> MeasuredBuild:
        """Build with the plugin and a clock around it; it must send nothing.

        Args:
            profile: Where to write a profile of the plugin to, when one is wanted.

        Raises:
            CommandError: It sent something.
        """
        before = len(self.server.calls)
        command = [sys.executable, "-P", str(_MEASURED_BUILD), str(self.filled)]
        command += [str(self.filled_site), *(["--profile", str(profile)] if profile else [])]
        output = run(command, folder=self.site.config.parent, variables=_VARIABLES).output
        self._check_nothing_sent(before)
        result = json.loads(output.strip().splitlines()[-1])
        return MeasuredBuild(**{name: result[name] for name in MeasuredBuild.__slots__})

    def forget(self) -> None:
        """Delete the plugin's cache, and what the server remembers."""
        shutil.rmtree(self.site.cache, ignore_errors=True)
        self.server.ledger.clear()

    def page_count(self) -> int:
        """Count the pages of the site that was built last with the plugin."""
        return sum(1 for _ in self.filled_site.rglob("*.html"))

    def report(self) -> dict[str, object]:
        """Return the plugin's report of its last build, when it writes one."""
        path = self.filled_site.parent / "report.json"
        report: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return report

    def _mkdocs(self, config: Path, site: Path, tool: Sequence[str] = ()) -> Run:
        command = [*tool, *self._command(config, site)]
        return run(command, folder=self.site.config.parent, variables=_VARIABLES)

    def _command(self, config: Path, site: Path) -> list[str]:
        # `-P`: the checkout of MkDocs' documentation has a package `mkdocs` of its own.
        command = [sys.executable, "-P", "-m", "mkdocs", "build", "--quiet"]
        return [*command, "--config-file", str(config), "--site-dir", str(site)]

    def _check_nothing_sent(self, before: int) -> None:
        sent = len(self.server.calls) - before
        if sent:
            raise CommandError(f"{self.site.name}: a warm build sent {sent} requests")
