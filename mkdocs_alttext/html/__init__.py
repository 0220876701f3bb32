"""HTML as it is written: finding images, deciding about them, editing single attributes.

All of this takes HTML and returns values or HTML: it knows no files, caches or services.
"""
