"""The old import name of what names working directories: ``-g jobman.workdirgen.date``."""

__all__ = ["date", "numbered"]

from pylearn2_jobman.jobman.files.workdir_names import date, numbered
