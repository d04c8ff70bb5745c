"""What an experiment logs without configuring logging reaches its standard output.

Python shows such a record only from WARNING on, and on standard error. Nothing is configured for
that: `logging.basicConfig` and handlers of the experiment's own do what they do in a script.
"""

__all__ = ["unconfigured_to_stdout"]

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import Any, TextIO


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to what standard output is at that time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)  # which leaves the stream to the property

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


@contextlib.contextmanager
def unconfigured_to_stdout() -> Iterator[None]:
    """Let records from INFO on that no handler and no level is for go to standard output."""
    is_enabled, configure, last_resort = (
        logging.Logger.isEnabledFor, logging.basicConfig, logging.lastResort,
    )  # fmt: skip

    def is_enabled_for(logger: logging.Logger, level: int) -> bool:
        return is_enabled(logger, level) or (
            level >= logging.INFO
            and level > logger.manager.disable
            and not logger.disabled
            and not _is_configured(logger)
        )

    def basic_config(**settings: Any) -> None:
        # logging.info() calls it, too, when there is no handler.
        if settings or sys._getframe(1).f_globals is not vars(logging):
            configure(**settings)

    logging.Logger.isEnabledFor = is_enabled_for  # type: ignore[assignment, method-assign]
    logging.basicConfig = basic_config
    logging.lastResort = _Stdout()
    try:
        yield
    finally:
        logging.Logger.isEnabledFor = is_enabled  # type: ignore[method-assign]
        logging.basicConfig = configure
        logging.lastResort = last_resort


def _is_configured(logger: logging.Logger) -> bool:
    """Return whether somebody has given a logger, or one above it, a handler or a level."""
    while logger.parent is not None and logger.propagate:
        if logger.handlers or logger.level:
            return True
        logger = logger.parent
    return bool(logger.handlers) or logger.level not in (logging.NOTSET, logging.WARNING)
