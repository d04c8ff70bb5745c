"""Linear transformations as objects, for people's layers."""

__all__: list[str] = []
