"""The old import name of states, of building from them, and of reading experiment directories."""

__all__ = [
    "DD",
    "UsageError",
    "defaults_merge",
    "expand",
    "find_conf_files",
    "flatten",
    "format_d",
    "format_help",
    "make",
    "realize",
    "rebuild_DB_from_FS",
    "resolve",
]

from pylearn2_jobman.errors import UsageError
from pylearn2_jobman.jobman.files.directories import find_conf_files
from pylearn2_jobman.jobman.legacy.tools import format_d, format_help, rebuild_DB_from_FS
from pylearn2_jobman.jobman.parameters.building import defaults_merge, make, realize
from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.naming.names import resolve
