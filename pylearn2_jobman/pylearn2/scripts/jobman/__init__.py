"""Where pylearn2 kept its bridge to jobman."""
