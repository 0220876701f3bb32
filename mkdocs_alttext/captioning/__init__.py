"""One text for each distinct picture: asked for once, within limits, cleaned and judged.

Nothing here knows pages, or where pictures lie: a request names its picture, and has what reads it.
Whatever goes wrong with a picture is a value, never an exception.
"""
