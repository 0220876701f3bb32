"""HTML as it is written: finding images, deciding about them, editing single attributes.

It changes HTML and nothing else: it knows no files, caches or services.
"""
