"""A real Chromium, and the web pages of tables served to it from this process."""

import contextlib
import shutil
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import waitress
from playwright.sync_api import Browser, sync_playwright
from required import require
from waitress import wasyncore

from pylearn2_jobman.jobman.dashboard.app import make_app
from pylearn2_jobman.jobman.dashboard.context import Settings
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


def axe() -> Any:
    """Return axe-core, which finds what hinders who uses a keyboard or a screen reader."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ModuleNotFoundError:
        require("web page's", "axe-playwright-python is not installed (extra: test)")
    return Axe()


class PageServer:
    """Serves the page of one table after another, all on one address of this machine.

    A browser then keeps the page's scripts, which are most of what it loads.
    """

    def __init__(self) -> None:
        self._page: Any = None
        self._active = 0
        self._changed = threading.Condition()
        self._http = waitress.create_server(self._answer, host="127.0.0.1", port=0, threads=4)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._http.effective_port}/"

    @contextlib.contextmanager
    def show(self, table: JobTable, **settings: Any) -> Iterator[str]:
        """Serve a table's page; give its address. At the end every request has been answered."""
        self._page = make_app(table, Settings(refresh_seconds=0.5, **settings)).server
        try:
            yield self.address
        finally:
            with self._changed:
                self._page = None
                self._changed.wait_for(lambda: not self._active)

    def _answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._changed:
            page = self._page
            self._active += page is not None
        if page is None:  # of a tab that has been closed
            start_response("503 Service Unavailable", [])
            return []
        try:
            with contextlib.closing(page(environ, start_response)) as body:
                return list(body)
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def running(self) -> Iterator["PageServer"]:
        """Run in a thread of its own."""
        thread = threading.Thread(target=self._http.run)
        thread.start()
        try:
            yield self
        finally:
            # In the server's own thread, whose loop ends when it has nothing left to listen to.
            self._http.trigger.pull_trigger(self._hang_up)
            thread.join()
            self._http.task_dispatcher.shutdown()

    def _hang_up(self) -> None:
        for channel in list(self._http.active_channels.values()):
            channel.handle_close()  # with what it has not sent yet
        wasyncore.close_all(self._http._map, ignore_all=True)
