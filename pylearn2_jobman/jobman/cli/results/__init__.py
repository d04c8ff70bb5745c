"""The commands that show jobs and their results."""

__all__: list[str] = []
