"""SQLite serves the processes of one machine: workers on several are refused where it shows."""

__all__ = ["network_file_system", "refuse_network_file", "refuse_other_hosts"]

from pathlib import Path
from typing import TYPE_CHECKING

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.database.address import Address
from pylearn2_jobman.jobman.table.presence import present

if TYPE_CHECKING:
    from pylearn2_jobman.jobman.table.job_table import JobTable

# As /proc/mounts names them. WAL keeps an index in memory that the processes of one kernel share;
# and the locks of some of these are known to be unreliable.
_NETWORK = {
    *("afs", "beegfs", "ceph", "cifs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs"),
    *("nfs4", "ocfs2", "panfs", "pvfs2", "smb3", "smbfs", "wekafs"),
    *("fuse.ceph", "fuse.glusterfs", "fuse.juicefs", "fuse.s3fs", "fuse.sshfs"),
}


def refuse_other_hosts(
    table: "JobTable", address: Address, host: str, lease_seconds: float
) -> None:
    """Raise if workers of another machine are alive in an SQLite table.

    Raises
    ------
    UsageError
        Naming the machines, and how to move to PostgreSQL.
    """
    if not address.is_sqlite:
        return
    others = {
        worker.host
        for worker in present(table)
        if worker.pid is not None and worker.host != host and worker.is_alive(lease_seconds)
    }
    if others:
        raise UsageError(
            f"workers on {', '.join(sorted(others))} use {address} too, and this is {host}: "
            f"{_advice(address)}"
        )


def refuse_network_file(address: Address) -> None:
    """Raise if workers on several machines are to share an SQLite file over a network.

    Raises
    ------
    UsageError
        Naming the file system, and how to move to PostgreSQL.
    """
    if address.file is None:
        return
    kind = network_file_system(address.file)
    if kind is not None:
        raise UsageError(
            f"{str(address.file)!r} is on a network file system ({kind}): {_advice(address)}"
        )


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Return the kind of network file system that a path is on, or None.

    None is also returned where the system does not list its mounts.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    target = path.absolute().parent.resolve()
    nearest, kind = -1, ""
    for line in lines:
        _device, point, found, *_ = line.split()
        # A space in a name is written \040.
        mount = Path(point.encode().decode("unicode_escape"))
        if target.is_relative_to(mount) and len(mount.parts) >= nearest:
            nearest, kind = len(mount.parts), found
    return kind if kind in _NETWORK else None


def _advice(address: Address) -> str:
    return (
        "SQLite serves one machine and can lose jobs when several write. Move the table: "
        f"jobman sqlcopy '{address}' 'postgres://user@host/database?table={address.table}'"
    )
