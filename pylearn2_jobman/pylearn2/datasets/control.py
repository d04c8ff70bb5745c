"""Whether datasets read their files; people's datasets ask, and here they always do."""

__all__ = ["get_load_data", "pop_load_data", "push_load_data"]

_load_data = [True]


def get_load_data() -> bool:
    """Return the setting that was pushed last."""
    return _load_data[-1]


def push_load_data(setting: bool) -> None:
    """Put a setting on top of the others."""
    _load_data.append(setting)


def pop_load_data() -> None:
    """Take away the setting on top."""
    del _load_data[-1]
