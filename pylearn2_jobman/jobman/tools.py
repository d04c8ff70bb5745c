"""The old import name of states and of dotted names: ``from jobman.tools import DD, flatten``."""

__all__ = ["DD", "expand", "flatten", "resolve"]

from pylearn2_jobman.jobman.state import DD, expand, flatten
from pylearn2_jobman.names import resolve
