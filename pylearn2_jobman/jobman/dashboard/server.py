"""Serving the page until Ctrl-C or SIGTERM."""

__all__ = ["serve"]

import errno
import logging
import signal
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import UsageError

if TYPE_CHECKING:
    import flask

_THREADS = 8


def serve(server: "flask.Flask", host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until the process is told to end.

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
    try:
        # Ours is the one hop; a proxy's headers are believed by nobody.
        http = waitress.create_server(
            server,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {port} of {host} is in use: give another --port, or 0 for any that is free"
            ) from None
        raise UsageError(f"cannot listen on port {port} of {host}: {error.strerror}") from None
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        # A name may stand for several addresses, each with a socket of its own.
        sockets = getattr(http, "effective_listen", [(host, getattr(http, "effective_port", port))])
        ready(sockets[0][1])
        http.run()  # ends quietly at KeyboardInterrupt, after the requests in progress
    finally:
        http.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
