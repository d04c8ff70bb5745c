"""Workers on hosts that ssh reaches: tasks of a Dask cluster that is started there for them."""

__all__ = ["Ssh"]

from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.cluster import dask
from pylearn2_jobman.jobman.cluster.engine import Engine
from pylearn2_jobman.jobman.cluster.request import Request, Say


@dataclass(frozen=True)
class Ssh(Engine):
    """Workers on some hosts, named with commas between; Dask's scheduler is on the first."""

    hosts: str

    place: ClassVar = "the hosts"
    choice: ClassVar = {
        "metavar": "HOST,HOST", "help": "On these hosts, by ssh (Dask's SSHCluster).",
    }  # fmt: skip

    def launch(self, request: Request, say: Say) -> int:
        """Start a Dask cluster and run workers on it until all have left."""
        distributed = dask.distributed()
        if find_spec("asyncssh") is None:
            raise UsageError("--ssh needs asyncssh: pip install 'pylearn2_jobman[cluster]'")
        hosts = [host.strip() for host in self.hosts.split(",") if host.strip()]
        with distributed.SSHCluster(
            [hosts[0], *hosts],
            worker_options={"nthreads": -(-request.workers // len(hosts))},
            remote_python=request.command.python,
        ) as cluster:
            return dask.run_workers(request, cluster, say)
