"""Serving the page."""

import socket

import flask
import pytest

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.dashboard.server import serve


def test_a_port_in_use_is_told_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 is in use.*--port"):
            serve(flask.Flask("page"), "127.0.0.1", port, ready=lambda _port: None)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(UsageError, match=r"cannot listen on port 0 of 192\.0\.2\.1"):
        serve(flask.Flask("page"), "192.0.2.1", 0, ready=lambda _port: None)
