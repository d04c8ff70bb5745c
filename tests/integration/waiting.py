"""Waiting for things to happen, and finding processes."""

import time
from pathlib import Path


def wait_for(what, timeout=20):
    """Wait until a function returns something true."""
    deadline = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def descendants(pid):
    """Return a process and all that descend from it, parents first."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, []))
    return found
