"""The old import name of states, names, and of what experiment directories hold."""

__all__ = ["DD", "expand", "find_conf_files", "flatten", "resolve"]

from pylearn2_jobman.jobman.directories import find_conf_files
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.names import resolve
