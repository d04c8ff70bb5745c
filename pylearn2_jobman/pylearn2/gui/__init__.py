"""Pictures of weights and examples."""

__all__: list[str] = []
