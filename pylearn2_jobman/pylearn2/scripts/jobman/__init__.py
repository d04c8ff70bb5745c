"""Where pylearn2 kept its bridge to jobman: ``experiment``, too, which `naming.former` serves."""
