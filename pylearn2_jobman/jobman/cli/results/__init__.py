"""The commands that show what came of jobs."""

__all__: list[str] = []
