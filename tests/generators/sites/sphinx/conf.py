"""The configuration of a small site."""

project = "Greenhouse"
language = "en"
html_theme = "alabaster"
html_permalinks = True
