"""``monitor.csv``: the records of a training, a row a record, in a table that any program reads."""

__all__ = ["FILE", "POSITIONS"]

FILE = "monitor.csv"
POSITIONS = ("epoch", "batch", "example", "seconds")
"""The columns that say when a record was made; all others are channels."""
