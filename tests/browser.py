"""A real Chromium, and the web page served to it from this process."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import waitress
from playwright.sync_api import Browser, sync_playwright
from required import require
from waitress import wasyncore

from pylearn2_jobman.jobman.dashboard.app import make_app
from pylearn2_jobman.jobman.dashboard.page import Settings
from pylearn2_jobman.jobman.table import JobTable

_OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium with a fresh profile; without one the test is skipped, and in CI it fails."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    require("web page's", None if program else "Chromium is not installed (Debian: chromium)")
    assert program is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_OPTIONS.split())
        yield browser
        browser.close()


@contextlib.contextmanager
def served(table: JobTable, **settings: object) -> Iterator[str]:
    """Serve a table's page on a free port of this machine; give its address."""
    app = make_app(table, Settings(refresh_seconds=0.5, **settings))
    server = waitress.create_server(app.server, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/"
    finally:
        # In the server's own thread, whose loop ends when it has nothing left to listen to.
        server.trigger.pull_trigger(lambda: _hang_up(server))
        thread.join()
        server.task_dispatcher.shutdown()


def _hang_up(server: Any) -> None:
    for channel in list(server.active_channels.values()):
        channel.handle_close()  # with what it has not sent yet
    wasyncore.close_all(server._map, ignore_all=True)
