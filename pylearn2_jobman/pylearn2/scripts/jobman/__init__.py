"""Where pylearn2 kept its bridge to jobman; ``experiment`` is `pylearn2_jobman.experiment`."""
