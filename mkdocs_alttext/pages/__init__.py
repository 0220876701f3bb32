"""One page: HTML in; new HTML and one outcome for each image out.

Nothing here knows MkDocs.
"""
