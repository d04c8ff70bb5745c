"""The learning half: pylearn2's vocabulary on PyTorch, under pylearn2's own module names."""
