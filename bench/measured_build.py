"""One build of a MkDocs site, with the time that it spends in this project's plugin.

    python -P bench/measured_build.py CONFIG SITE_DIR [--profile FILE]

Owns the clock around each method of the plugin that MkDocs calls, and around its Markdown
extension. The plugin does not know that it is measured, and nothing else of the build is touched.
It prints one JSON object. With `--profile`, what runs inside those methods is profiled into a file
that `pstats` reads; the times are then longer than they are. It is a program of its own, and
imports nothing of this folder.
"""

from __future__ import annotations

import argparse
import cProfile
import json
from time import perf_counter, thread_time
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig


class Clock:
    """Adds up the time inside the calls it is put around."""

    def __init__(self, profile: cProfile.Profile | None) -> None:
        """Begin at zero.

        Args:
            profile: Runs along inside the calls, when given.
        """
        self.seconds: dict[str, float] = {}
        self.processor_seconds = 0.0
        """Of this thread: what other programs take of a busy machine is not in it."""
        self.calls: dict[str, int] = {}
        self._profile = profile
        self._is_inside = False

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with the clock around it."""
        self.seconds[name] = 0.0
        self.calls[name] = 0

        def measured(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever `call` takes
            if self._is_inside:
                return call(*args, **kwargs)
            self._is_inside = True
            if self._profile:
                self._profile.enable()
            # Asking for processor time takes longer than the shortest calls: it stays outside.
            processor_began, began = thread_time(), perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds[name] += perf_counter() - began
                self.processor_seconds += thread_time() - processor_began
                if self._profile:
                    self._profile.disable()
                self.calls[name] += 1
                self._is_inside = False

        return measured


def measure(config_file: str, site_dir: str, profile: cProfile.Profile | None) -> dict[str, object]:
    """Build a site as `mkdocs build --quiet` does.

    Args:
        config_file: Path of `mkdocs.yml`.
        site_dir: Where the site is written to.
        profile: Runs along inside the plugin, when given.

    Returns:
        `build`, the seconds from reading the configuration to the end; `plugin`, those inside the
        plugin; the same of this thread's processor time; and both seconds and calls of each of the
        plugin's methods.
    """
    from mkdocs.commands.build import build  # noqa: PLC0415 - imports are not part of the build
    from mkdocs.config import load_config  # noqa: PLC0415

    clock = Clock(profile)
    _put_around_extension(clock)
    began, processor_began = perf_counter(), thread_time()
    config = load_config(config_file, site_dir=site_dir)
    _put_around_hooks(clock, config)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()
    return {
        "build": perf_counter() - began,
        "plugin": sum(clock.seconds.values()),
        "processor_build": thread_time() - processor_began,
        "processor_plugin": clock.processor_seconds,
        "seconds": clock.seconds,
        "calls": clock.calls,
    }


def _put_around_hooks(clock: Clock, config: MkDocsConfig) -> None:
    plugin = config.plugins.get("alttext")
    for event, methods in config.plugins.events.items():
        for place, method in enumerate(methods):
            if isinstance(method, MethodType) and method.__self__ is plugin:
                # Still a method of it: plugins look at whose hooks there are.
                measured = clock.around(f"on_{event}", method.__func__)
                methods[place] = MethodType(measured, plugin)


def _put_around_extension(clock: Clock) -> None:
    from mkdocs_alttext.markdown_mark import (  # noqa: PLC0415 - not part of the build
        AltTextExtension,
        MarkingTreeprocessor,
    )

    for owner, name in ((AltTextExtension, "extendMarkdown"), (MarkingTreeprocessor, "run")):
        setattr(owner, name, clock.around(f"{owner.__name__}.{name}", getattr(owner, name)))


def main() -> None:
    """Build and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config")
    parser.add_argument("site_dir")
    parser.add_argument("--profile", metavar="FILE")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    result = measure(arguments.config, arguments.site_dir, profile)
    if profile:
        profile.dump_stats(arguments.profile)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
