"""A private Slurm for tests: one controller and four nodes on this host, from Debian's packages."""

__all__ = ["NODES", "Slurm", "missing"]

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from waiting import until

NODES = ("n1", "n2", "n3", "n4")
_CONFIGURATION = Path(__file__).parent / "data" / "slurm.conf"
_PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel", "squeue")
_TRIES = 3
_PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def missing() -> str | None:
    """Return why no Slurm can be started here, or None."""
    absent = [program for program in _PROGRAMS if shutil.which(program, path=_PATH) is None]
    if absent:
        return f"Slurm is not installed (Debian: apt install slurm-wlm munge): no {absent[0]}"
    if os.geteuid() != 0:
        return "Slurm's daemons have to be started by root"
    return None


class Slurm:
    """Munge, slurmctld and four slurmd, in the foreground, their files in a directory."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="jobman-slurm-"))
        self.directory.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": _PATH,
            "SLURM_CONF": str(self.directory / "slurm.conf"),
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start everything on free ports, and wait until the nodes are idle."""
        munge = self.directory / "munge"
        munge.mkdir()
        munge.chmod(0o711)
        (munge / "key").write_bytes(secrets.token_bytes(1024))
        (munge / "key").chmod(0o400)
        for name in ("state", *(f"spool.{node}" for node in NODES)):
            (self.directory / name).mkdir()
        (self.directory / "plugstack.conf").touch()
        # The plugin is loaded, and touches nothing with ProctrackType=linuxproc.
        (self.directory / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        # It insists on owners and permissions that a temporary directory does not have: --force.
        files = [f"--{name}-file={munge / name}" for name in ("key", "pid", "log", "seed")]
        self._start("munged", "--foreground", "--force", f"--socket={munge / 'socket'}", *files)
        for attempt in range(_TRIES):
            if self._start_daemons():
                return
            self._stop([name for name in self._processes if name != "munged"])
            assert attempt < _TRIES - 1, self.log()

    def _start_daemons(self) -> bool:
        port = _free_ports(1 + len(NODES))
        configuration = _CONFIGURATION.read_text().format(
            host=socket.gethostname().partition(".")[0],
            user=getpass.getuser(),
            directory=self.directory,
            port=port,
            ports=f"{port + 1}-{port + len(NODES)}",
        )
        (self.directory / "slurm.conf").write_text(configuration)
        self._start("slurmctld", "-D", "-c")
        for node in NODES:
            self.start_node(node)
        until(lambda: self.idle_nodes() == len(NODES) or self._has_lost_one(), 90, self.log)
        return not self._has_lost_one()

    def _has_lost_one(self) -> bool:
        """Return whether a daemon has ended, as where a port was taken in the meantime."""
        return any(process.poll() is not None for process in self._processes.values())

    def start_node(self, node: str) -> None:
        """Start one node."""
        self._start(node, "-D", "-N", node, program="slurmd")

    def kill_node(self, node: str) -> None:
        """Kill a node's slurmd; what runs there goes on, unseen."""
        process = self._processes.pop(node)
        process.kill()
        process.wait()

    def idle_nodes(self) -> int:
        """Return how many nodes have nothing to do."""
        done = self.run("sinfo", "-h", "-N", "-p", "low", "-t", "idle", check=False)
        return len(done.splitlines())

    def run(self, *command: str, check: bool = True) -> str:
        """Run one of Slurm's commands; return what it printed."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 or not check, (command, done.stdout, done.stderr)
        return done.stdout

    def tasks(self, array: str) -> dict[str, str]:
        """Return the tasks of an array that are in the queue: their states, by their number."""
        listed = self.run("squeue", "-h", "--array", "--jobs", array, "--format=%K %T", check=False)
        return dict(line.split() for line in listed.splitlines())

    def log(self) -> str:
        """Return the last lines of the controller's log."""
        log = self.directory / "slurmctld.log"
        return log.read_text()[-3000:] if log.exists() else "slurmctld wrote no log"

    def cancel(self, *jobs: str) -> None:
        """Cancel jobs and arrays, and wait until they are gone."""
        if not jobs:
            return
        self.run("scancel", *jobs, check=False)
        left = ("squeue", "-h", "--jobs", ",".join(jobs))
        until(lambda: not self.run(*left, check=False), 60, self.log)

    def remove(self) -> None:
        """Stop everything and delete its files."""
        self._stop(list(reversed(self._processes)))
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, name: str, *options: str, program: str | None = None) -> None:
        with (self.directory / f"{name}.out").open("ab") as output:
            self._processes[name] = subprocess.Popen(
                [program or name, *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _stop(self, names: list[str]) -> None:
        for name in names:
            process = self._processes.pop(name)
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports(count: int) -> int:
    """Return the first of several consecutive ports that are free now."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        if first + count < 65536 and all(_is_free(first + n) for n in range(count)):
            return first
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
