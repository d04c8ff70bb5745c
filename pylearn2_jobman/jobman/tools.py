"""The old import name of states, of building from them, and of reading experiment directories."""

__all__ = [
    "DD",
    "defaults_merge",
    "expand",
    "find_conf_files",
    "flatten",
    "make",
    "realize",
    "resolve",
]

from pylearn2_jobman.jobman.files.directories import find_conf_files
from pylearn2_jobman.jobman.parameters.building import defaults_merge, make, realize
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.naming.names import resolve
