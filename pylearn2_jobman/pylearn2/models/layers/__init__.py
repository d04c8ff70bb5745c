"""The layers of a multi-layer perceptron; `pylearn2.models.mlp` has them all under one name."""
