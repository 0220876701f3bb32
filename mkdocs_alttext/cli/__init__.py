"""The commands of `mkdocs-alttext`, one in each module as `command`, and what they share.

A command returns its exit status, and `main` turns what it raises into a message. `sites` has what
commands know of a site, `building` builds one for its report, `folder_site` looks at a folder,
`output` prints and writes, `findings` and `locating` say what a scan found and where it is written,
`formats` has the forms of a scan, and `changes` writes sources, after asking Git.
Everything that people read is printed with `output.say` or `output.put`, which make it visible.
"""
