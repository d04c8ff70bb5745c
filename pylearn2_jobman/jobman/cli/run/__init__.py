"""The commands that run jobs: here and now, from a table, on a cluster."""

__all__: list[str] = []
