"""Workers in one network namespace, PostgreSQL in another, and the link between them cut."""

import os
import shutil
import subprocess

import pytest
from postgres import Server
from postgres import missing as postgres_missing
from required import require
from waiting import until

from tests.integration.conftest import Lab

# The namespaces have no other network, so that the addresses clash with nothing.
DATABASE_HOST, WORKER_HOST = "10.11.12.1", "10.11.12.2"
LONG = 60


def ip(*arguments, check=True):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=check)


class Network:
    """Two namespaces joined by a pair of virtual cards."""

    def __init__(self):
        self.database = f"jobman-db-{os.getpid()}"
        self.workers = f"jobman-w-{os.getpid()}"
        self.cards = {self.database: "jm-db", self.workers: "jm-w"}

    def start(self):
        """Make both; return why they cannot be made, or None."""
        if shutil.which("ip") is None:
            return "iproute2 is not installed (Debian: apt install iproute2)"
        for name in self.cards:
            made = ip("netns", "add", name, check=False)
            if made.returncode != 0:
                return f"network namespaces cannot be made here: {made.stderr.strip()}"
        ip(
            *("link", "add", self.cards[self.database], "netns", self.database, "type", "veth"),
            *("peer", "name", self.cards[self.workers], "netns", self.workers),
        )
        hosts = {self.database: DATABASE_HOST, self.workers: WORKER_HOST}
        for name, card in self.cards.items():
            ip("-n", name, "addr", "add", f"{hosts[name]}/24", "dev", card)
            ip("-n", name, "link", "set", card, "up")
            ip("-n", name, "link", "set", "lo", "up")
        return None

    def set_link(self, state):
        """Cut the link, or restore it."""
        ip("-n", self.database, "link", "set", self.cards[self.database], state)

    def remove(self):
        for name in self.cards:
            ip("netns", "del", name, check=False)


@pytest.fixture
def network():
    network = Network()
    try:
        require("network", postgres_missing() or network.start())
        yield network
    finally:
        network.remove()


class DividedLab(Lab):
    """A laboratory whose workers reach the table only through the link."""

    def __init__(self, path, url, network):
        super().__init__(path, url)
        self.network = network

    def command(self, *arguments):
        side = self.network.workers if arguments[0] == "sql" else self.network.database
        return ["ip", "netns", "exec", side, *super().command(*arguments)]

    def printed(self, *keys):
        """Return what sqlstatus prints of all jobs, on the table's side of the link."""
        return self.jobman("sqlstatus", "--all", *(f"--print={key}" for key in keys), self.url)


@pytest.fixture
def divided_lab(tmp_path, network):
    server = Server(DATABASE_HOST, within=("ip", "netns", "exec", network.database))
    server.start()
    # Give up on an answer sooner than after half a minute.
    lab = DividedLab(tmp_path, f"{server.url('postgres')}?table=t&tcp_user_timeout=1500", network)
    try:
        yield lab
    finally:
        lab.close()
        server.remove()


def test_jobs_that_end_while_the_link_is_cut_are_stored_when_it_is_back(divided_lab, network):
    lab = divided_lab
    lab.jobman("sqlschedules", lab.url, "lab.steps", "n={{30,31,2,3}}")
    workers = [lab.start_worker("-n0", "--lease", "2") for _ in range(2)]
    until(lambda: lab.printed().count("status=1 ") == 2, LONG)
    network.set_link("down")
    # They end, and longer than the lease nobody hears of them.
    finished = lab.path / "workdirs"
    until(
        lambda: sum("y = " in path.read_text() for path in finished.glob("*/current.conf")) == 2,
        LONG,
    )
    assert lab.printed().count("status=1 ") == 2
    network.set_link("up")
    for worker in workers:
        worker.communicate(timeout=LONG)
    assert [worker.returncode for worker in workers] == [0, 0]
    lines = lab.printed("results.y", "jobman.sql.attempts").splitlines()
    assert [line.partition(" results.y=")[2] for line in lines] == [
        f"{n} jobman.sql.attempts=1" for n in (30, 31, 2, 3)
    ]
    assert lab.leftovers() == []
