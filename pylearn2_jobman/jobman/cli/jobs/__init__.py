"""The commands that put jobs into tables and look after them there."""

__all__: list[str] = []
