"""Measurements and comparisons that are too long for the tests."""
