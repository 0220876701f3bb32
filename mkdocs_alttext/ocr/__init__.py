"""The embedded service: the text in a picture, read on this machine.

It uses nothing but the service protocol and what `services` offers to any service.
"""

GOOD_LENGTH = 100
"""Characters of a text; a phrase that would go beyond is left out."""
LANGUAGES = frozenset("de en es fr it ja ko nl pl pt ru zh".split())
"""Languages that have a word for each kind of picture."""
