"""What changes a layer's parameters after every update: limits of norms, and one's own."""

__all__: list[str] = []
