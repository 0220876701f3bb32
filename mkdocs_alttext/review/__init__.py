"""Reviewing texts in a browser: what is shown, what is saved, and the server on this machine.

It is given what a build said (`site.py`), and must not know MkDocs or the command line.
"""
