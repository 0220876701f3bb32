"""`python -m mkdocs_alttext` is `mkdocs-alttext`."""

from __future__ import annotations

from mkdocs_alttext.cli.main import main

if __name__ == "__main__":
    main(prog_name="mkdocs-alttext")
