"""The old import name of the parameter parsers: ``from jobman import parse``."""

__all__ = ["filemerge", "raw", "raw_filemerge", "standard"]

from pylearn2_jobman.jobman.parameters.parsers import filemerge, raw, raw_filemerge, standard
