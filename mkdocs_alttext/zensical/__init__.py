"""Sites of Zensical: their configuration in MkDocs' words, and filling while pages are rendered.

Zensical has no plugins of others. What is here runs inside its Markdown, page by page, and only
reads: it must not ask a service, need a key, or write a file.
"""
