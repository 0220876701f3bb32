"""Markdown sources: where images are written in them, and how a text is written there.

A source is text. What it means, Python-Markdown says: a module here looks for what may be an image,
and `writing` renders the page to see which of it is one.
"""
