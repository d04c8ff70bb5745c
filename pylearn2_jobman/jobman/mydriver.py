"""The old import name of scripts that are commands: ``from jobman.mydriver import main``."""

__all__ = ["main", "mydriver_cmd", "mydriver_cmd_desc"]

from pylearn2_jobman.jobman.legacy.driver import main, mydriver_cmd, mydriver_cmd_desc
