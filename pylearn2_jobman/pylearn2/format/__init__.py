"""Forms that targets come in."""

__all__: list[str] = []
