"""The commands of `mkdocs-alttext`, one in each module as `command`, and what they share.

A command returns its exit status, and `main` turns what it raises into a message. `building` builds
a site for its report, `output` prints and writes, `findings` and `locating` say what a scan found
and where it is written, `formats` has the forms of a scan, and `version_control` asks Git.
Everything that people read is printed with `output.say` or `output.put`, which make it visible.
"""
