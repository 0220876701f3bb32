"""Fill missing alt text while MkDocs builds a site.

The package has no names of its own to import: MkDocs finds the plugin through its entry point.
"""
