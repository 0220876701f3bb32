"""The commands of `mkdocs-alttext`, one in each module as `command`."""
