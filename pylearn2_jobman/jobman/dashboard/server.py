"""Serving the page until Ctrl-C or SIGTERM."""

__all__ = ["serve"]

import contextlib
import errno
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import UsageError

if TYPE_CHECKING:
    import flask

_THREADS = 8


def serve(server: "flask.Flask", host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until the process is interrupted or terminated.

    Parameters
    ----------
    server
        The WSGI application.
    host, port
        Where to listen; port 0: a free one.
    ready
        Called with the port once browsers can connect.

    Raises
    ------
    UsageError
        If the address cannot be bound.
    """
    import waitress

    # A page asks for more at once than there are threads, which is as it should be.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with _listen(host, port) as listener:
        signal.signal(signal.SIGTERM, _interrupt)
        http = waitress.create_server(
            server,
            sockets=[listener],
            threads=_THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        # Ctrl-C ends `run` quietly, after the requests in progress; it may come just before, too.
        with contextlib.closing(http), contextlib.suppress(KeyboardInterrupt):
            ready(listener.getsockname()[1])
            http.run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is in use: give another --port, or 0 for any that is free"
            ) from None
        raise UsageError(f"cannot listen on port {port} of {host}: {error.strerror}") from None


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
