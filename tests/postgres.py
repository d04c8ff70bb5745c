"""A private PostgreSQL server for tests, from the programs of the system's package."""

__all__ = ["Server", "missing"]

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from waiting import until

_PASSWORD = "s3cret:@/?#"  # needs quoting in a URL, and must never be shown
_TRIES = 3


def _programs() -> Path | None:
    """Return the directory of the newest installed server's programs."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


def missing() -> str | None:
    """Return why no server can be started here, or None."""
    if _programs() is None:
        return "no PostgreSQL server is installed (Debian: apt install postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed"
    return None


class Server:
    """A PostgreSQL server on a free loopback port, its data in a directory of its own.

    It runs as the user ``postgres`` where the tests run as root, which the server refuses to do.

    Parameters
    ----------
    host
        The address that it listens on.
    within
        A command that executes the server and its programs somewhere else, as ``ip netns exec``.
    """

    def __init__(self, host: str = "127.0.0.1", within: tuple[str, ...] = ()) -> None:
        self._host = host
        self._within = within
        programs = _programs()
        assert programs is not None
        self._programs = programs
        self._directory = Path(tempfile.mkdtemp(prefix="jobman-postgres-"))
        self._data = self._directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        if os.geteuid() == 0:
            shutil.chown(self._directory, "postgres")
        password = self._directory / "password"
        password.write_text(_PASSWORD)
        password.chmod(0o644)
        self._run(
            *[str(programs / "initdb"), "--pgdata", str(self._data), "--no-sync"],
            *["--username=jobman", f"--pwfile={password}", "--auth=scram-sha-256"],
            *["--encoding=UTF8", "--locale=C"],
        )
        with (self._data / "pg_hba.conf").open("a") as access:
            access.write("host all all all scram-sha-256\n")

    def start(self) -> None:
        """Start the server, on the port it had before if it had one, and wait until it answers."""
        for _ in range(_TRIES):
            port = self.port or _free_port()
            log = (self._directory / "log").open("ab")
            options = {
                "port": port,
                "listen_addresses": self._host,
                "unix_socket_directories": "",
                "fsync": "off",
                "full_page_writes": "off",
                "max_connections": 100,
            }
            settings = [f"--{name}={value}" for name, value in options.items()]
            self._process = subprocess.Popen(
                self._command(str(self._programs / "postgres"), "-D", str(self._data), *settings),
                stdout=log,
                stderr=log,
                **self._as_server_user(),
            )
            log.close()
            if self._answers(port):
                self.port = port
                return
            self.stop()
        raise RuntimeError((self._directory / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: at once by default, cutting its clients off."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    @property
    def pid(self) -> int:
        """The process number of the running server."""
        assert self._process is not None
        return self._process.pid

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._directory)

    def url(self, database: str, *, password: bool = True) -> str:
        """Return the URL of a database, without a table."""
        from urllib.parse import quote

        secret = f":{quote(_PASSWORD, safe='')}" if password else ""
        return f"postgres://jobman{secret}@{self._host}:{self.port}/{database}"

    @property
    def password(self) -> str:
        """The password of the user ``jobman``."""
        return _PASSWORD

    def create_database(self, name: str) -> None:
        """Make an empty database."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"')

    def empty_database(self, name: str) -> None:
        """Remove all that is in a database: several times as fast as to make a new one."""
        with self.connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO public")

    def connect(self, database: str):  # type: ignore[no-untyped-def]
        """Return a plain psycopg connection that commits every statement."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="jobman",
            password=_PASSWORD,
            dbname=database,
            autocommit=True,
        )

    def _answers(self, port: int) -> bool:
        process = self._process
        assert process is not None
        ask = (str(self._programs / "pg_isready"), "-q", "-h", self._host, "-p", str(port))
        until(
            lambda: process.poll() is not None or self._run(*ask, check=False).returncode == 0,
            90,
            (self._directory / "log").read_text,
        )
        return process.poll() is None

    def _run(self, *command: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            self._command(*command), capture_output=True, check=check, **self._as_server_user()
        )

    def _command(self, *command: str) -> list[str]:
        if not self._within:
            return list(command)
        user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        return [*self._within, *user, *command]

    def _as_server_user(self) -> dict[str, object]:
        """Return what makes subprocess leave root, which PostgreSQL refuses to run as."""
        here = {"cwd": "/"}
        if self._within or os.geteuid() != 0:  # only root may go elsewhere; see _command
            return here
        return here | {"user": "postgres", "group": "postgres"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
