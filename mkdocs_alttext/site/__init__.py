"""The build of a site: its files and pages, when they are filled, what is said and reported.

This layer and those above it know MkDocs; nothing below does.
"""
