"""What filling a site needs, whoever built it: its parts, and what is said and reported of it.

Nothing here knows MkDocs, or where pages come from.
"""
