"""The forms in which `mkdocs-alttext scan` says what it found, one in each module."""
