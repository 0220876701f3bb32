"""The forms in which commands print what they found or would change, one in each module.

A form decides nothing: what is found comes from `cli.findings`, and what changes from `cli.apply`.
"""
