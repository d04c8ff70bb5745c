"""Imported by a script."""

VALUE = 7
