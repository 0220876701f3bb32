"""A folder of built pages, whichever generator made it: its files and pages, and filling them.

Nothing here knows MkDocs. Pages are read and written one by one, and none is kept.
"""
